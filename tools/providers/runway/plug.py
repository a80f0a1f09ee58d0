"""What the studio holds of Runway."""

from functools import partial

from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.base import Capabilities, RenderRequest
from tools.providers.offered import offered
from tools.providers.plug import OpenLine, Plug
from tools.providers.runway.bodies import NAME, objection, takes


class Runway(Plug):
    """It works on two tasks of a model at a time for a new account, and wants to be asked no more often."""

    name = NAME
    capabilities = Capabilities(cancel=True, bills_moderated=True, concurrent=2, poll_seconds=5.0)

    def __init__(self, account: Account, book: PriceBook) -> None:
        super().__init__()
        self._account = account
        self.models = offered(book, NAME, takes)

    def objection(self, request: RenderRequest) -> str | None:
        return objection(request) or super().objection(request)

    def load(self) -> OpenLine:
        from tools.providers.runway.adapter import open_line

        return partial(open_line, self._account, self.capabilities)

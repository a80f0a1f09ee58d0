"""What the studio holds of fal."""

from functools import partial

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.base import Capabilities, RenderRequest
from tools.providers.fal.endpoints import NAME, objection, takes
from tools.providers.offered import offered
from tools.providers.plug import OpenLine, Plug


class Fal(Plug):
    """Its queue takes whatever comes, and works on two at a time for a new account."""

    name = NAME
    capabilities = Capabilities(cancel=True, webhook=True, concurrent=2)

    def __init__(self, account: Account, book: PriceBook, clock: Clock) -> None:
        super().__init__()
        self._account = account
        self._clock = clock
        self.models = offered(book, NAME, takes)

    def objection(self, request: RenderRequest) -> str | None:
        return objection(request) or super().objection(request)

    def load(self) -> OpenLine:
        from tools.providers.fal.adapter import open_line

        endpoints = [model.name for model in self.models]
        return partial(open_line, self._account, endpoints, self.capabilities, self._clock)

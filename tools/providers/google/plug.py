"""What the studio holds of Google's Gemini API."""

from functools import partial

from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.base import Capabilities, RenderRequest
from tools.providers.google.bodies import NAME, objection, takes
from tools.providers.offered import offered
from tools.providers.plug import OpenLine, Plug


class Google(Plug):
    """One key, with the models that are asked through interactions.

    Whether it bills what it will not show, it does not say; as long as nobody knows, that is charged.
    """

    name = NAME
    capabilities = Capabilities(cancel=True, reports_cost=False, bills_moderated=True)

    def __init__(self, account: Account, book: PriceBook) -> None:
        super().__init__()
        self._account = account
        self.models = offered(book, NAME, takes)

    def objection(self, request: RenderRequest) -> str | None:
        return objection(request) or super().objection(request)

    def load(self) -> OpenLine:
        from tools.providers.google.adapter import open_line

        return partial(open_line, self._account, self.capabilities)

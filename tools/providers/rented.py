"""What vendors for rent share: an account, the models that have a price, and what is known to be refused."""

from collections.abc import Callable
from dataclasses import dataclass

from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.base import RenderRequest
from tools.providers.offered import Takes, offered
from tools.providers.plug import Plug


@dataclass(frozen=True, slots=True)
class Limits:
    """What is known of a vendor's requests: how many pictures a model takes, and why one would be refused."""

    takes: Takes
    objection: Callable[[RenderRequest], str | None]


class Rented(Plug):
    """How its line is opened, each says for itself."""

    limits: Limits

    def __init__(self, account: Account, book: PriceBook) -> None:
        super().__init__()
        self.account = account
        self.models = offered(book, self.name, self.limits.takes)

    def objection(self, request: RenderRequest) -> str | None:
        return self.limits.objection(request) or super().objection(request)

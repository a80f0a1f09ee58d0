"""What the studio holds of fal."""

from functools import partial

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.account import Account
from tools.providers.base import Capabilities
from tools.providers.fal.endpoints import NAME, objection, takes
from tools.providers.plug import OpenLine
from tools.providers.rented import Limits, Rented


class Fal(Rented):
    """Its queue takes whatever comes, and works on two at a time for a new account."""

    name = NAME
    capabilities = Capabilities(cancel=True, webhook=True, concurrent=2)
    limits = Limits(takes, objection)

    def __init__(self, account: Account, book: PriceBook, clock: Clock) -> None:
        super().__init__(account, book)
        self._clock = clock

    def load(self) -> OpenLine:
        from tools.providers.fal.adapter import open_line

        endpoints = [model.name for model in self.models]
        return partial(open_line, self.account, endpoints, self.capabilities, self._clock)

"""What is said of OpenRouter before it is asked: whose workspace, where, and which models have a price."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.prices import PriceBook, PriceRow
from tools.providers.account import Account
from tools.providers.base import VideoModel
from tools.providers.offered import offered as by_price

NAME = "openrouter"
ADDRESS = "https://openrouter.ai/api/v1"
PICTURES = 1  # what a film begins with; it has no place for a second one


@dataclass(frozen=True, slots=True)
class Workspace(Account):
    """`secret` is the one that it signs webhooks with; without one none is believed."""

    secret: str | None = field(default=None, repr=False)

    @property
    def base(self) -> str:
        return self.address or ADDRESS

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}


def offered(book: PriceBook) -> tuple[VideoModel, ...]:
    return by_price(book, NAME, _pictures)


def _pictures(_model: str, rows: Sequence[PriceRow]) -> int:
    return min(PICTURES, max(row.pictures or 0 for row in rows))

"""The price book: what a vendor's model costs, by whom it was said, and when.

Three sources, in order of authority: what a vendor answered within the last day, the user's own
file, and `prices.toml` beside this folder. No row, no price; no price, no quote.
"""

from tools.prices.book import Ask, PriceBook
from tools.prices.diff import as_diff, updated
from tools.prices.files import PACKAGED, load_book, packaged, read_prices, to_toml
from tools.prices.live import LIFE, Answer, answers, fal, keep, openrouter, with_live
from tools.prices.row import Input, Kind, PriceRow, SecondsRange, Sound, Unit, age_warning, lengths

__all__ = [
    "LIFE",
    "PACKAGED",
    "Answer",
    "Ask",
    "Input",
    "Kind",
    "PriceBook",
    "PriceRow",
    "SecondsRange",
    "Sound",
    "Unit",
    "age_warning",
    "answers",
    "as_diff",
    "fal",
    "keep",
    "lengths",
    "load_book",
    "openrouter",
    "packaged",
    "read_prices",
    "to_toml",
    "updated",
    "with_live",
]

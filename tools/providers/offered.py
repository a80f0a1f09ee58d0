"""What a vendor is said to offer: the models that somebody has written a price for, within its limits."""

from collections.abc import Callable, Sequence

from tools.prices import PriceBook, PriceRow, lengths
from tools.providers.base import VideoModel
from tools.shots import ASPECT_RATIOS

RESOLUTIONS = ("480p", "720p", "1080p")  # where a price row leaves it open


Takes = Callable[[str, Sequence[PriceRow]], int | None]


def offered(book: PriceBook, provider: str, takes: Takes) -> tuple[VideoModel, ...]:
    """The priced models of a vendor that its adapter can ask for.

    `takes` says how many pictures a model of these rows takes with one request; None for a model that
    the adapter knows no way to ask for.
    """
    priced = [(name, book.of(provider, name)) for _, name in book.models(provider)]
    able = [(name, rows, takes(name, rows)) for name, rows in priced]
    return tuple(_model(name, rows, pictures) for name, rows, pictures in able if pictures is not None)


def _model(name: str, rows: Sequence[PriceRow], pictures: int) -> VideoModel:
    resolutions = [row.resolution for row in rows if row.resolution is not None]
    ratios = {ratio for row in rows for ratio in row.aspect_ratios or ASPECT_RATIOS}
    return VideoModel(
        name=name,
        seconds=lengths(rows),
        resolutions=tuple(dict.fromkeys(resolutions)) or RESOLUTIONS,
        aspect_ratios=tuple(ratio for ratio in ASPECT_RATIOS if ratio in ratios),
        audio=any(row.audio or row.sound in ("optional", "always") for row in rows),
        pictures=pictures,
    )

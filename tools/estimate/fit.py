"""A film made shorter until it fits: seconds from the longest shot, then shots from the end."""

from collections.abc import Iterator, Sequence
from datetime import date

from tools.estimate.lines import Estimate, Offer
from tools.estimate.table import compare
from tools.money import Money
from tools.prices import PriceBook
from tools.shots import ShotList

SHOT_SECONDS_MIN = 3


def fit(
    shots: ShotList, offers: Sequence[Offer], limit: Money, book: PriceBook, today: date
) -> tuple[ShotList, Estimate] | None:
    """The longest version of the film whose ceiling is within `limit`, and who renders it.

    Seconds go from the longest shot first, then whole shots from the end; None if even one
    shot at its shortest is too dear.
    """
    for version in _shorter_and_shorter(shots):
        able, _ = compare(version, offers, book, today)
        if able and able[0].ceiling <= limit:
            return version, able[0]
    return None


def _shorter_and_shorter(shots: ShotList) -> Iterator[ShotList]:
    """The film itself, then second by second less of it, down to one shot of one second."""
    kept = list(shots.shots)
    while True:
        yield shots.with_shots(kept)
        longest = max(kept, key=lambda shot: shot.duration)
        if longest.duration > SHOT_SECONDS_MIN:
            place = kept.index(longest)
            kept[place] = longest.model_copy(update={"duration": longest.duration - 1})
        elif len(kept) > 1:
            kept.pop()
        else:
            return

"""A shot before the camera is there: what happens, where, and why we know."""

from dataclasses import dataclass

from tools.shots import Evidence


@dataclass(frozen=True)
class Draft:
    """`shot_types` and `cameras` are what would suit it, first choice first. A `scene` counts from 1."""

    action: str
    shot_types: tuple[str, ...]
    cameras: tuple[str, ...]
    caption: str
    subject: str = ""
    setting: str = ""
    twist: str = ""
    product: str = ""
    frame: str = ""
    light: str = ""
    lens: str = ""
    weight: float = 1.0
    offset: int = 0
    characters: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    time_of_day: str = ""
    title_card: str = ""
    evidence: tuple[Evidence, ...] = ()
    scene: int = 0


def apportion(total: int, shares: list[float]) -> list[int]:
    """Whole shots for each share: one each where there are enough, the rest where most is missing."""
    counts = [0] * len(shares)
    by_share = sorted(range(len(shares)), key=lambda n: (-shares[n], n))
    for n in by_share[:total]:
        counts[n] = 1
    for _ in range(total - sum(counts)):
        neediest = max(by_share, key=lambda n: total * shares[n] - counts[n])
        counts[neediest] += 1
    return counts

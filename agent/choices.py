"""What there is to look at and to choose from, as the model is told of it."""

from collections.abc import Iterator
from typing import Any, Literal

from tools.prices import Kind
from tools.shots import Shot, is_locked
from tools.story import Choice, Shelf, choices
from tools.studio import Studio

What = Shelf | Literal["vendors"]
KINDS: tuple[tuple[Kind, str], ...] = (("video", "clips"), ("image", "stills"), ("speech", "voices"))
NAMES_TOLD_MAX = 4


def choices_of(studio: Studio, what: What) -> Iterator[Choice]:
    return _vendors(studio) if what == "vendors" else iter(choices(studio.books, what))


def _vendors(studio: Studio) -> Iterator[Choice]:
    """Who is set up here first; of the others, that their prices are known."""
    book = studio.prices
    known = dict.fromkeys(
        [*studio.kit.providers, *(name for kind, _ in KINDS for name, _ in book.models(kind=kind))]
    )
    for name in sorted(known, key=lambda name: name not in studio.kit.providers):
        models = {word: [model for _, model in book.models(name, kind)] for kind, word in KINDS}
        sold = [f"{word} by {_few(names)}" for word, names in models.items() if names]
        yield Choice(name, "; ".join([_standing(studio, name), *sold]))


def _standing(studio: Studio, name: str) -> str:
    vendor = studio.kit.providers.get(name)
    if vendor is None:
        return "not set up here"
    if vendor.capabilities.free:
        return "set up here, for nothing"
    return "set up here, for play money" if vendor.capabilities.play_money else "set up here"


def _few(names: list[str]) -> str:
    more = len(names) - NAMES_TOLD_MAX
    return ", ".join(names[:NAMES_TOLD_MAX]) + (f" and {more} more" if more > 0 else "")


def as_shown(shot: Shot) -> dict[str, Any]:
    """A shot with all that is sent of it."""
    told = {
        "n": shot.shot_number,
        "seconds": shot.duration,
        "size": shot.shot_type,
        "camera": shot.camera,
        "caption": shot.caption or "",
        "prompt": shot.enhanced_prompt,
        "from": [f"{each.path}:{each.line}" for each in shot.evidence[:1]],
    }
    card = {"card": shot.title_card} if shot.title_card else {}
    return told | card | ({"locked": True} if is_locked(shot) else {})

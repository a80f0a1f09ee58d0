"""Prompt assembly: fragments of few words, clamped, joined to one or two sentences of 20 to 45 words.

The first sentence says what is seen; the second says how the camera sees it, and always begins
with the camera, so that a later edit can exchange one and keep the other.
"""

import re
from dataclasses import dataclass

from tools.shots import Sheet
from tools.story.library import CAMERAS, Camera
from tools.story.sheets import dressed
from tools.story.words import capital, clean, clip, count, finish, first_words, is_spaced, one_sentence

WORDS_MIN = 20
WORDS_MAX = 45
SEEN_WORDS_MAX = 32
SEEN_CHARACTERS_MAX = 400
UNSPACED_CHARACTERS_MAX = 120
PRODUCT_WORDS_MAX = 10
CAPTION_CHARACTERS_MAX = 90

CAMERA_PHRASES: dict[Camera, str] = {
    "static": "Static camera",
    "push-in": "Slow push-in",
    "glide": "Smooth glide",
    "slow pan": "Slow pan",
}
MOVEMENT = re.compile("|".join(CAMERA_PHRASES.values()), re.IGNORECASE)
LOOK = re.compile(rf"\s*\b(?:{'|'.join(CAMERA_PHRASES.values())}), [^.。]*\.?\s*$")


@dataclass(frozen=True)
class Fragments:
    """What a shot is made of. `action` may be a whole idea in a person's own words."""

    action: str
    subject: str = ""
    setting: str = ""
    where: str = ""  # a described place that nothing else names
    twist: str = ""
    camera: str = "static"
    shot_type: str = "wide"
    light: str = ""
    lens: str = ""
    frame: str = ""
    style: str = ""
    mood: str = ""
    fillers: tuple[str, ...] = ()
    product: str = ""
    steady: bool = False  # a reference image says how things look
    sheets: tuple[Sheet, ...] = ()
    others: tuple[str, ...] = ()  # who else is there by name


STEADY = "exactly as in the reference image"
LOOKS = re.compile(
    r"\b(?:sleek|shiny|stylish|beautiful|gorgeous|elegant|premium|iconic|branded|logo(?:ed)?|stunning|state-of-the-art)\b,?\s*",
    re.IGNORECASE,
)


def by_behaviour(product: str) -> str:
    """What is done with a thing, in few words; how good it looks is for the reference image."""
    return first_words(LOOKS.sub("", _tidy(product)).strip(" ,"), PRODUCT_WORDS_MAX)


def assemble(fragments: Fragments) -> str:
    """The prompt: what is seen, then the look."""
    seen = _seen(fragments)
    return f"{finish(seen)} {_look(fragments, count(seen))}"


def with_look(prompt: str, fragments: Fragments) -> str:
    """The same picture through another look; a prompt not made here keeps all its words."""
    seen = LOOK.sub("", prompt).strip() or clean(prompt)
    return f"{finish(seen)} {_look(fragments, count(seen))}"


def seen_in(prompt: str) -> str:
    """The first half of a prompt: what is seen."""
    return LOOK.sub("", prompt).strip() or clean(prompt)


def caption(text: str) -> str:
    """One sentence for under the picture."""
    return clip(finish(clean(text)), CAPTION_CHARACTERS_MAX)


def _seen(fragments: Fragments) -> str:
    subject = first_words(_tidy(fragments.subject), 10)
    said = _unmoved(f"{subject} {_tidy(fragments.action)}")
    core = _unmoved(dressed(said, fragments.sheets, fragments.others)) or "an empty frame"
    if not is_spaced(core):
        return clip(core, UNSPACED_CHARACTERS_MAX).rstrip("…")
    product = by_behaviour(fragments.product)
    unsaid = [sheet for sheet in fragments.sheets if sheet.looks not in core]
    setting, where = (dressed(_tidy(part), unsaid) for part in (fragments.setting, fragments.where))
    parts = [core, f" {setting}", f", {product}", f", {where}", f", {_tidy(fragments.twist)}"]
    kept = parts[0]
    for part in parts[1:]:
        if part.strip(" ,") and count(kept + part) <= SEEN_WORDS_MAX:
            kept += part
    shortened = first_words(kept, SEEN_WORDS_MAX)
    return capital(clip(shortened, SEEN_CHARACTERS_MAX).rstrip("…"))


def _unmoved(text: str) -> str:
    """A movement that a person's own words order would be a second one beside the shot's camera."""
    return _tidy(MOVEMENT.sub(" ", text))


def _look(fragments: Fragments, words: int) -> str:
    first = f"{camera_phrase(fragments.camera)}, {_size(fragments.shot_type)}"
    chosen = [first]
    room = WORDS_MAX - words - count(first)
    steady = STEADY if fragments.steady else ""
    for fragment in (
        steady,
        fragments.frame,
        fragments.style,
        fragments.light,
        fragments.mood,
        fragments.lens,
    ):
        part = first_words(clip(_tidy(fragment), 100).rstrip("…"), 8)
        if part and count(part) <= room:
            chosen.append(part)
            room -= count(part)
    for filler in fragments.fillers:
        if WORDS_MAX - room >= WORDS_MIN:
            break
        chosen.append(filler)
        room -= count(filler)
    return finish(", ".join(chosen))


def _size(shot_type: str) -> str:
    """ "wide" is a wide shot; a close-up is a close-up."""
    words = first_words(_tidy(shot_type), 4) or "wide"
    return words if words.endswith(("shot", "up")) else f"{words} shot"


def camera_phrase(camera: str) -> str:
    """How a prompt says a movement; a word that is none of ours stands still."""
    return next((CAMERA_PHRASES[known] for known in CAMERAS if known == camera), CAMERA_PHRASES["static"])


def _tidy(text: str) -> str:
    return one_sentence(clean(text))

"""The words that are read in a film: its title, what stands under its pictures, the card that opens a shot."""

from tools.errors import Invalid
from tools.shots import ShotList
from tools.story.edit import each_free
from tools.story.prompts import CAPTION_CHARACTERS_MAX
from tools.story.words import LETTER, clean

TITLE_CHARACTERS_MAX = 80
CARD_CHARACTERS_MAX = 140


def entitle(shots: ShotList, title: str) -> ShotList:
    """The film under another name."""
    return shots.model_copy(update={"title": _words(title, "title", TITLE_CHARACTERS_MAX)})


def captioned(shots: ShotList, n: int | None, text: str | None) -> ShotList:
    """Other words under the picture; without words, none there, and without a number nowhere."""
    return _lettered(shots, n, "caption", text and _words(text, "caption", CAPTION_CHARACTERS_MAX))


def carded(shots: ShotList, n: int | None, text: str | None) -> ShotList:
    """A card that opens the shot; without words, none there, and without a number nowhere."""
    return _lettered(shots, n, "title_card", text and _words(text, "title card", CARD_CHARACTERS_MAX))


def _lettered(shots: ShotList, n: int | None, place: str, text: str | None) -> ShotList:
    if n is None and text:
        raise Invalid("shot", "say which shot these words are for")
    return each_free(shots, n, lambda shot: shot.model_copy(update={place: text or None}))


def _words(text: str, what: str, most: int) -> str:
    said = clean(text)
    if not LETTER.search(said) and not any(sign.isdigit() for sign in said):
        raise Invalid("text", f"say the words of the {what}")
    if len(said) > most:
        raise Invalid("text", f"a {what} has at most {most} characters, not {len(said)}")
    return said

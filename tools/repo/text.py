"""Foreign text made fit to show: no control, bidirectional or invisible characters, never a lone surrogate."""

import unicodedata

_SPACES = {"Cc", "Zl", "Zp", "Zs"}
_KEPT_OUT = {"Cf"}  # bidirectional overrides, zero-width characters, tags that only a machine would read


def plain(text: str) -> str:
    """One line of printable text; runs of white space become one space."""
    if not text.isprintable():
        text = "".join(_printable(character) for character in text)
    return " ".join(text.split())


def plain_path(path: str) -> str:
    """A path that can be shown and sent; spaces inside stay as they are."""
    if path.isprintable():
        return path
    return "".join(_printable(character) for character in path)


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    if category in _KEPT_OUT:
        return ""
    return "\N{REPLACEMENT CHARACTER}" if category == "Cs" else character


def shorten(text: str, characters_max: int) -> str:
    """Whole sentences if one fits, else whole words and an ellipsis."""
    if len(text) <= characters_max:
        return text
    head = text[:characters_max]
    end = max(head.rfind(stop) for stop in (". ", "! ", "? "))
    if end > 0:
        return head[: end + 1]
    return head[: characters_max - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"

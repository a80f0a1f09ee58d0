"""Python text without its blocks of quotes and joined lines: each line begins a statement or goes on with one.

A string in three quotes may hold anything at the start of a line, so it is taken out and only its
line ends stay, marked `INSIDE`. A line that a backslash joins to the next gets the mark `JOINED`.
"""

import codecs
import re
from dataclasses import dataclass

INSIDE, JOINED = "\x02", "\x03"
ONE_LINE_STRING = r"\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*+\"|'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'"

_GONE = f"\n{INSIDE}"
_SEEN = re.compile(rf"\#|{ONE_LINE_STRING}|[\"']")
_TOLD_CODEC = re.compile(rb"^(?:[^\n]*\n)?[ \t\f]*#[^\n]*?coding[:=]")
_SINGLE_QUOTES = re.compile(r"'(?='')")  # looked for by their first sign alone, as `in` would not
_JOINT = re.compile(r"\\(?:\n|\"\"\")")
_MARK = codecs.BOM_UTF8
_ODD = ("\r", "\f", "\v", "\0", INSIDE, JOINED)  # lines are not what they seem
_TAB = re.compile(r"\n *\t")


def flatten(source: bytes) -> str | None:
    """The text with a line end in front, or None where only a parser can be sure."""
    if _TOLD_CODEC.match(source):
        return None
    try:
        text = f"\n{source.removeprefix(_MARK).decode()}\n"
    except UnicodeDecodeError:
        return None
    if "\f" in text:
        text = text.replace("\n\f", "\n")  # a page's end in front of a line counts as nothing
    if any(sign in text for sign in _ODD) or ("\t" in text and _TAB.search(text)):
        return None
    flat = _without_plain_blocks(text)
    if flat is None and (flat := _without_blocks(text)) is not None:
        flat = _joined(flat)
    return flat


def _without_plain_blocks(text: str) -> str | None:
    """At a third of the cost, where each block opens on a line that has no other quote and no comment."""
    if _SINGLE_QUOTES.search(text) or ("\\" in text and _JOINT.search(text)):
        return None
    parts = text.split('"""')
    within = parts[1::2]
    before = "".join([part[part.rfind("\n") + 1 :] for part in parts[:-1:2]])
    if len(parts) % 2 == 0 or any(sign in before for sign in "\"'#"):
        return None
    parts[1::2] = ['""' + _GONE * part.count("\n") for part in within]
    return "".join(parts)


def _without_blocks(text: str) -> str | None:
    kept: list[str] = []
    done = at = 0
    quotes = _Quotes(text)
    while (start := quotes.after(at)) >= 0:
        skip = _hidden_until(text, max(done, at), start)
        if skip is None:
            return None
        if skip > start:
            at = skip
            continue
        end = _closed(text, start)
        if end < 0:
            return None
        kept += (text[done:start], '""', _GONE * text.count("\n", start, end))
        done = at = end
    kept.append(text[done:])
    return "".join(kept)


@dataclass(slots=True)
class _Quotes:
    """Where three quotes stand next; of either kind the text is searched once."""

    text: str
    double: int = 0
    single: int = 0

    def after(self, at: int) -> int:
        if 0 <= self.double <= at:
            self.double = self.text.find('"""', at)
        if 0 <= self.single <= at:
            self.single = self.text.find("'''", at)
        found = [place for place in (self.double, self.single) if place >= 0]
        return min(found, default=-1)


def _hidden_until(text: str, at: int, start: int) -> int | None:
    """Where the comment or string ends that these quotes stand in; `start` itself if they open a block.

    Outside of both stands `at`, so that a line is looked at once, however many quotes it has.
    """
    line = max(at, text.rfind("\n", at, start) + 1)
    before = text[line:start]
    if text.endswith("\\\n", 0, line):
        return None  # the line may begin inside a string
    if '"' not in before and "'" not in before and "#" not in before:
        return start
    for seen in _SEEN.finditer(text, line):
        if seen.start() >= start:
            return start
        if seen[0] == "#":
            return text.find("\n", start)
        if len(seen[0]) == 1:
            return None  # a string that is closed on no line: joined, or no Python
        if seen.end() > start:
            return seen.end()
    return start


def _closed(text: str, start: int) -> int:
    quotes = text[start : start + 3]
    at = start + 3
    while (end := text.find(quotes, at)) >= 0:
        slashes = end
        while text[slashes - 1] == "\\":
            slashes -= 1
        if (end - max(slashes, start + 3)) % 2 == 0:
            return end + 3
        at = end + 1
    return -1


def _joined(flat: str) -> str | None:
    if "\\\n" not in flat:
        return flat
    joint = flat.find("\\\n")
    while joint >= 0:
        line = flat.rfind("\n", 0, joint) + 1
        if any(seen[0] == "#" for seen in _SEEN.finditer(flat, line, joint)):
            return None  # a comment is not joined to what follows
        joint = flat.find("\\\n", joint + 2)
    return flat.replace("\\\n", JOINED)

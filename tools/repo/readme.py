"""What a README says the thing is for: its first real paragraph, made plain."""

import re
from collections.abc import Iterator

from tools.repo.text import plain

CHARACTERS_MAX = 64_000
PARAGRAPH_CHARACTERS_MAX = 2_000  # bounds every pattern below, whatever the text
WORDS_MIN = 4

_RULER = re.compile(r"\s*([=\-~^\"'`#*+.:_])\1{2,}\s*")
_NO_PROSE = re.compile(
    r"\s*(?:#|>\s*\[!|[-*+] |\d+[.)] |\||<|:\w[\w -]*:(?!`)|\[[^\]]*\]:|!\[|\[!\[|\.\. |__ )"
)
_LINK = re.compile(r"\[[^\[\]]*\]\([^()]*\)")
_TAG = re.compile(r"<[/!]?[A-Za-z][^<>]*>")
_PLAINER = (
    (re.compile(r"!\[[^\[\]]*\]\([^()]*\)"), ""),  # image
    (re.compile(r"\[\s*\]\([^()]*\)"), ""),  # a link around an image
    (re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?"), r"\1"),  # link
    (re.compile(r":[\w:+-]+:`~?(?:[^`<>]*\.)?([^`<>.]*)`"), r"\1"),  # role
    (re.compile(r"`([^`<>]*)<[^`<>]*>`__?"), r"\1"),
    (re.compile(r"`([^`]*)`__?"), r"\1"),
    (re.compile(r"\|[^|\s][^|]*\|_?"), ""),  # substitution
    (re.compile(r"\*\*|`|(?<!\w)__|__(?!\w)"), ""),
    (re.compile(r"(?<!\w)\*(?=\w)|(?<=[\w.!?])\*(?!\w)"), ""),
    (re.compile(r"(?<=\w)_(?=[\s.,;:)]|$)"), ""),  # reStructuredText reference
    (re.compile(r"\s*::$"), ":"),
    (re.compile(r"\s+([.,;:!?])(?=\s|$)"), r"\1"),
)


def purpose(text: str) -> str:
    """The first paragraph of prose in Markdown, reStructuredText or plain text, or nothing."""
    return next(_sentences(text, html=False), "")


def purpose_in_html(text: str) -> str:
    """The same, where the README wraps even its first sentence in tags."""
    return next(_sentences(text, html=True), "")


def _sentences(text: str, *, html: bool) -> Iterator[str]:
    for lines in _paragraphs(_without_comments(text[:CHARACTERS_MAX])):
        sentence = _prose([_TAG.sub(" ", line).strip() for line in lines] if html else lines)
        if len(re.findall(r"[^\W\d_]{2,}", sentence)) >= WORDS_MIN:
            yield sentence


def _prose(lines: list[str]) -> str:
    lines = _without_headings(lines)
    if not lines or lines[0].startswith(("  ", "\t")) or _NO_PROSE.match(lines[0]):
        return ""
    joined = " ".join(line.strip().removeprefix("> ") for line in lines)[:PARAGRAPH_CHARACTERS_MAX]
    joined = _TAG.sub("", joined)
    if _is_a_row_of_links(joined):
        return ""
    for pattern, instead in _PLAINER:
        joined = pattern.sub(instead, joined)
    return plain(joined)


def _is_a_row_of_links(joined: str) -> bool:
    """Other languages, say, or other pages, and no word between them."""
    rest, links = _LINK.subn("", joined)
    return links > 1 and not any(map(str.isalpha, rest))


def _without_headings(lines: list[str]) -> list[str]:
    """Drop underlined titles, and an overline with them."""
    kept: list[str] = []
    for line in lines:
        if not _RULER.fullmatch(line):
            kept.append(line)
        elif kept:
            kept.pop()
    while kept and re.match(r"\s{0,3}#{1,6}\s", kept[0]):
        kept.pop(0)
    return kept


def _paragraphs(text: str) -> Iterator[list[str]]:
    """Runs of lines between blank ones, without fenced code and without front matter."""
    lines: list[str] = []
    fence = "---" if text.startswith("---\n") else ""
    for number, line in enumerate(text.splitlines()):
        mark = line.strip()[:3]
        if fence:
            fence = "" if number and mark == fence else fence
        elif mark in {"```", "~~~"} and not set(line.strip()) <= {"~"}:
            fence = mark
        elif mark:
            lines.append(line)
            continue
        if lines:
            yield lines
        lines = []
    if lines:
        yield lines


def _without_comments(text: str) -> str:
    kept: list[str] = []
    while text:
        before, opened, rest = text.partition("<!--")
        kept.append(before)
        if opened:
            rest = rest.partition("-->")[2]
        text = rest
    return "".join(kept)

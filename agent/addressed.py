"""Pictures that a person's own words use by their address: "use https://host/emma.png for shot 2".

Only these sentences are meant. An address that a film is about, that is to be read in it, or that
might be a page or a repository, stays what it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent.pictured import FILM, PICTURE, SHOTS
from agent.words import NUMBERS

# Every blank has an end, so that a long message of nothing else is read in no time.
VERB = r"(?:use|take|attach|add|put|set|apply)"
LEAD = (
    r"(?:^|[.!?;,\n]|\b(?:can|could|will|would)\s+you\b|\b(?:and|then|now|also|but|please|ok|okay)\b)"
    r"\s{0,9}(?:(?:and|then|now|also|please)\s{1,9}){0,3}"
)
ADDRESS = r"https?://[^\s<>\"'`\[\]]*[^\s<>\"'`\[\].,;:!?)]"
ONE = rf"[<(\"'`]?{ADDRESS}[>)\"'`]?"
MANY = rf"{ONE}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+){ONE}){{0,9}}"
END = r"(?=\s*(?:$|[.!?;,\n]|\b(?:and|then|please)\b))"
SOME_SHOTS = (
    rf"(?:the\s+)?(?:shots?|scenes?|number)\s+(?:{NUMBERS})(?:(?:\s*(?:,|&|\band\b)\s*)+(?:{NUMBERS})\b)*"
)
SOMEBODY = r"[^\s.,;!?\[\]]+(?:[^\S\n]+[^\s.,;!?\[\]]+){0,4}?"
USED = (
    rf"(?:(?:this|that|the|these|those|my|an?)\s+)?(?:(?P<what>{PICTURE})\b:?\s+(?:(?:at|from)\s+)?)?(?P<where>{MANY})"
    rf"(?P<rest>(?:\s+as\s+(?:an?\s+|the\s+)?(?P<kind>reference(?:\s+{PICTURE})?|{PICTURE})\b)?"
    rf"(?:\s+(?:for|to|in|on|with)\s+(?P<to>{SOME_SHOTS}|{SOMEBODY}))?){END}"
)
FIRST = re.compile(rf"{LEAD}(?P<verb>{VERB})\s{{1,9}}{USED}", re.IGNORECASE)
NEXT = re.compile(rf"(?P<before>\s*(?:,\s*(?:and\s+)?|\band\s+))(?P<verb>){USED}", re.IGNORECASE)
EACH = re.compile(ADDRESS, re.IGNORECASE)
ENDING = re.compile(r"\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif|heic|svg)(?:[?#]|$)", re.IGNORECASE)
SURE = ("use", "take", "attach")  # what is put on a shot may be an address to read
FORGES = re.compile(
    r"https?://(?:www\.)?(?:github|gitlab|bitbucket|codeberg|sr\.ht|gitea)\b|\.git(?:[/?#]|$)", re.IGNORECASE
)
REFUSED = re.compile(r"\b(?:don'?t|do not|never|not|nobody|no one|without)\b", re.IGNORECASE)
SENTENCE_CHARACTERS_MAX = 200
PLACED = re.compile(r"https?://[^/?#]+/[^?#]", re.IGNORECASE)  # no more than a host is a page


@dataclass(frozen=True, slots=True)
class Use:
    """A stretch of the words that uses pictures, from their article to the end of what they are for."""

    begin: int
    end: int
    verb: str
    addresses: tuple[str, ...]
    rest: str


def addresses_in(text: str) -> list[str]:
    """The addresses of the pictures that these words use, in their order."""
    return list(dict.fromkeys(each for use in _uses(text) for each in use.addresses))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """The same words as they are said of pictures that were sent along: by these names of theirs."""
    told, at = "", 0
    for use in _uses(text):
        these = "this picture" if len(use.addresses) == 1 else "these pictures"
        named = "".join(f" [picture {names[each]}]" for each in use.addresses)
        told += f"{text[at : use.begin]}{use.verb}{these}{use.rest}{named}"
        at = use.end
    return told + text[at:]


def _is_refused(text: str, begin: int) -> bool:
    """Does the sentence that leads to it say that this shall not be?"""
    sentence = re.split(r"[.!?]", text[max(0, begin - SENTENCE_CHARACTERS_MAX) : begin])[-1]
    return REFUSED.search(sentence) is not None


def _uses(text: str) -> Iterator[Use]:
    at = 0
    while found := FIRST.search(text, at):
        verb = found["verb"]
        at = found.end()
        if _is_picture(found, verb) and not _is_refused(text, found.start("verb")):
            yield _use(found, found.end("verb") + 1, "")
            while (found := NEXT.match(text, at)) and _is_picture(found, verb):
                yield _use(found, found.end("before"), f"{verb} ")
                at = found.end()


def _use(found: re.Match[str], begin: int, verb: str) -> Use:
    return Use(begin, found.end(), verb, tuple(EACH.findall(found["where"])), found["rest"])


def _is_picture(found: re.Match[str], verb: str) -> bool:
    """By its ending, or as it is called one, or as nothing else can be for a shot."""
    addresses = EACH.findall(found["where"])
    called = found["what"] or found["kind"]
    if called or all(ENDING.search(each) for each in addresses):
        return True
    to = found["to"] or ""
    for_shots = SHOTS.fullmatch(to) is not None and FILM.fullmatch(to) is None
    plain = all(PLACED.match(each) and not FORGES.search(each) for each in addresses)
    return for_shots and plain and verb.casefold() in SURE

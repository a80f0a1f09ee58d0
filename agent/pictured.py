"""Reference pictures in what a person says: which ones, and what for.

Whoever writes a message names a picture that was sent as `[picture sha256:...]`; "this picture" is
the one that was named last.
"""

import re
from collections.abc import Iterable
from typing import Any

from agent.words import NUMBERS, number
from tools.shots import PICTURE_NAME

SAID_CHARACTERS_MAX = 300
NAMED = re.compile(rf"\[?(?:picture\s+)?({PICTURE_NAME.pattern})\]?")
PICTURE = r"(?:reference\s+)?(?:pictures?|images?|photos?)"
POLITE = r"^\s*(?:please\s+|now\s+|and\s+|ok(?:ay)?[,.]?\s+)*"
END = r"(?:\s*,?\s*please)?\s*[.!]?\s*$"
USE = re.compile(
    rf"{POLITE}(?:use|take|put|attach|add|set|apply)\s+(?:(?:this|that|the|my|these|it)\b\s*)?(?P<what>{PICTURE}\b)?"
    rf"\s*(?:as\s+(?:an?\s+|the\s+)?(?:reference(?:\s+{PICTURE})?|{PICTURE})\b\s*)?(?:(?:for|to|in|on|with)\s+(?P<to>.{{1,80}}?))?{END}",
    re.IGNORECASE,
)
LOOKS = re.compile(
    rf"{POLITE}this\s+is\s+(?:how\s+|what\s+)?(?P<to>.{{1,80}}?)(?:\s+looks?(?:\s+like)?)?{END}",
    re.IGNORECASE,
)
AWAY = re.compile(
    rf"{POLITE}(?:take|remove|drop|delete|detach)\s+(?:away\s+)?(?:(?:the|that|this|my|all|every|both)\s+){{0,2}}{PICTURE}\b"
    rf"(?:\s+(?:away|off|out))?(?:\s+(?:from|of|for|in)\s+(?P<to>.{{1,80}}?))?{END}",
    re.IGNORECASE,
)
# Of a longer message, the clause that says what the pictures after it are for. Every blank has an end.
CLAUSE = re.compile(
    r"(?P<lead>^|[.!?;,\n]|\b(?:and|then)\b)\s{0,9}(?:(?:(?:can|could|would|will)\s{1,9}you|and|then|now|also|please)\s{1,9}){0,3}"
    rf"(?P<said>(?:use|take|put|attach|add|set|apply)\s{{1,9}}(?:this|these|that|the|my)\s{{1,9}}{PICTURE}\b[^.!?;\n\[]{{0,120}}?)"
    rf"(?P<names>(?:\s{{0,9}}\[picture\s{{1,9}}{PICTURE_NAME.pattern}\]){{1,9}})(?:\s{{0,9}},?\s{{0,9}}please\b)?(?:[.!?;,]|(?=\s{{0,9}}(?:$|\n|(?:and|then)\b)))\s{{0,9}}",
    re.IGNORECASE,
)
FILM = re.compile(
    r"(?:the\s+)?(?:(?:whole|entire)\s+)?(?:film|movie|video|plan|story|all|everything|(?:all|every)\s+(?:the\s+)?shots?)",
    re.IGNORECASE,
)
SHOTS = re.compile(r"(?:the\s+)?(?:shots?|scenes?|number)\s+(?P<numbers>.+)", re.IGNORECASE)
NUMBER = re.compile(rf"\b(?:{NUMBERS})\b", re.IGNORECASE)


def names_in(text: str) -> list[str]:
    return list(dict.fromkeys(NAMED.findall(text)))


def without_names(text: str) -> str:
    return NAMED.sub(" ", text).strip()


def _plain(text: str) -> str:
    """On one line, as short as what is said about pictures: a pattern has no more to try."""
    return " ".join(without_names(text).split())[:SAID_CHARACTERS_MAX]


def with_the_last(text: str, before: Iterable[str]) -> str:
    """The message with the picture that it speaks of, where it names none: the last one sent before it."""
    found = USE.match(_plain(text))
    if found is None or found["what"] is None or names_in(text):
        return text
    last = [name for earlier in before for name in names_in(earlier)][-1:]
    return "\n".join([text, *last])


def picture_edits(text: str) -> tuple[dict[str, Any], ...]:
    """The edits of a message that is about pictures and nothing else; empty for every other message."""
    names, said = names_in(text), _plain(text)
    if found := AWAY.match(said):
        which: list[dict[str, Any]] = [{"picture": name} for name in names] or [{}]
        return tuple({"action": "detach"} | each | to for to in targets(found["to"]) for each in which)
    if not names:
        return ()
    if not said:
        return attached(names)
    rest, edits = parted(text)
    if not rest:
        return edits
    if CLAUSE.search(text):
        return ()  # something else is said beside it
    found = USE.match(said) or LOOKS.match(said)
    return () if found is None else attached(names, found["to"])


def parted(text: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    """What is said beside the pictures that a message names, and the edits that attach these."""
    edits: list[dict[str, Any]] = []

    def took(clause: re.Match[str]) -> str:
        found = USE.match(clause["said"])
        if found is None:
            return clause[0]
        edits.extend(attached(names_in(clause["names"]), found["to"]))
        return f"{clause['lead']} " if clause["lead"] in (*".!?;\n",) else " "

    left = CLAUSE.sub(took, text)
    rest = re.sub(r"^(?:[\s,;.!?]|(?:and|then)\b)+", "", without_names(left), flags=re.IGNORECASE)
    return rest, (*edits, *attached(names_in(left)))


def attached(names: Iterable[str], to: str | None = None) -> tuple[dict[str, Any], ...]:
    return tuple({"action": "attach", "picture": name} | each for each in targets(to) for name in names)


def targets(to: str | None) -> list[dict[str, Any]]:
    """What a picture is for: shots by their numbers, a character by name, or with nothing the whole film."""
    if to is None or FILM.fullmatch(to.strip()):
        return [{}]
    if to.strip().isdigit():
        return [{"shot": int(to)}]
    if (found := SHOTS.fullmatch(to.strip())) and (numbers := NUMBER.findall(found["numbers"])):
        return [{"shot": number(each)} for each in numbers]
    return [{"character": re.sub(r"^(?:the|an?)\s+", "", to.strip(), flags=re.IGNORECASE)}]

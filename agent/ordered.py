"""Where shots stand, how long all of them are, and how an end of the film is seen: "put shot 3 first"."""

import re
from typing import Any

from agent.words import NUMBERS, number

Edits = tuple[dict[str, Any], ...]
SAID_CHARACTERS_MAX = 120
POLITE = r"\s*(?:(?:please|now|then|and|also|ok(?:ay)?|can you|could you|let'?s|i want to|i want|i'd like to|maybe)[,.!]?\s+)*"
END = r"(?:\s*,?\s*(?:please|instead|now|thanks|too))*\s*[.!?]*\s*"
FILM = r"(?:it|the (?:film|movie|video|story))"
MARK = r"\s*(?:number|#|no\.?)?\s*"
SHOT = rf"(?:the\s+)?(?:shot|scene){MARK}(?P<shot>{NUMBERS})\b"
OTHER = rf"(?:the\s+)?(?:(?:shot|scene){MARK})?(?P<other>{NUMBERS})\b"
PLACE = r"(?:(?:to|at|as|into)\s+)?(?:the\s+)?(?:very\s+)?(?P<end>first|last|end|beginning|start|front|back|top|bottom)(?:\s+(?:one|shot|place))?"
SIZE = r"(?:(?:an?|the)\s+)?(?:very\s+|extreme\s+)?(?P<how>close[- ]?up|wide(?: shot| angle)|medium(?: shot)|insert shot|push[- ]?in|slow pan|glide|tracking shot|static camera|establishing shot)"


def _read(text: str) -> re.Pattern[str]:
    return re.compile(rf"{POLITE}{text}{END}", re.IGNORECASE | re.DOTALL)


BESIDE = _read(
    rf"(?:move|put|place)\s+{SHOT}\s+(?:right\s+|directly\s+)?(?P<where>before|after|behind)\s+{OTHER}"
)
TO_END = tuple(
    _read(each)
    for each in (
        rf"(?:(?:put|move|place|make|show|have|use)\s+)?{SHOT}\s+(?:should be\s+|goes\s+|comes\s+|must be\s+)?{PLACE}",
        rf"(?P<end>start|begin|open|end|finish|close)\s+(?:{FILM}\s+)?(?:with|on|in)\s+{SHOT}",
    )
)
COPY = _read(
    rf"(?:duplicate|copy|repeat|double|clone)\s+{SHOT}(?:\s+(?P<end>(?:at|to)\s+the\s+(?:end|beginning|start)))?"
    rf"|(?:show|use)\s+{SHOT.replace('<shot>', '<again>')}\s+(?:twice|again|once more)"
)
ALL_SECONDS = tuple(
    _read(each)
    for each in (
        rf"(?:make|set|cut)\s+(?:all|every|each)(?:\s+of)?(?:\s+the)?\s+shots?\s+(?:to\s+|be\s+|for\s+|last\s+)*(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
        rf"(?:all|every|each)(?:\s+the)?\s+shots?\s+(?:should be\s+|is\s+|are\s+|to\s+|lasts?\s+)?(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
        rf"(?:make\s+(?:it|them)\s+)?(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)\s+(?:per|a|each|for each|for every|for all)\s*(?:of the\s+)?shots?",
        rf"(?:make\s+)?(?:the\s+)?shots\s+(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
    )
)
FRAMED_END = _read(rf"(?P<end>start|begin|open|end|finish|close)\s+(?:{FILM}\s+)?(?:with|on|in)\s+{SIZE}")
FRAMED_PLACE = _read(
    rf"(?:make|show|use|have)\s+{SHOT}\s+(?:be\s+|in\s+|as\s+|into\s+)*{SIZE}|{SHOT.replace('<shot>', '<bare>')}\s+(?:as|in|should be)\s+{SIZE.replace('<how>', '<look>')}"
)
FIRSTS = frozenset({"first", "beginning", "start", "front", "top", "begin", "open"})
USUAL = {"establishing shot": "wide shot", "wide angle": "wide shot"}


def ordered(text: str, shots: int) -> Edits:
    """The edits of a message about the order of shots, all their lengths, or how an end is seen."""
    if len(text) > SAID_CHARACTERS_MAX:
        return ()
    return _moved(text, shots) or _again(text, shots) or _all_long(text) or _framed(text, shots)


def _moved(text: str, shots: int) -> Edits:
    if found := BESIDE.fullmatch(text):
        shot, other = number(found["shot"]), number(found["other"])
        after = found["where"].lower() != "before"
        # It is taken out first, so that those behind it are one place nearer.
        to = other + after - (shot < other)
        return ({"action": "move", "shot": shot, "other": to},)
    found = next(filter(None, (each.fullmatch(text) for each in TO_END)), None)
    if found is None:
        return ()
    return ({"action": "move", "shot": number(found["shot"]), "other": _end(found["end"], shots)},)


def _again(text: str, shots: int) -> Edits:
    """A shot once more; it stands behind itself, unless it is wanted at an end."""
    found = COPY.fullmatch(text)
    if found is None:
        return ()
    shot = number(found["shot"] or found["again"])
    copied: dict[str, Any] = {"action": "copy", "shot": shot}
    if not found["end"]:
        return (copied,)
    return (copied, {"action": "move", "shot": shot + 1, "other": _end(found["end"].split()[-1], shots + 1)})


def _all_long(text: str) -> Edits:
    found = next(filter(None, (each.fullmatch(text) for each in ALL_SECONDS)), None)
    return () if found is None else ({"action": "retime", "seconds": number(found["n"])},)


def _framed(text: str, shots: int) -> Edits:
    """How a shot is seen; what happens in it stays."""
    if found := FRAMED_END.fullmatch(text):
        return ({"action": "change", "shot": _end(found["end"], shots), "text": _size(found["how"])},)
    if found := FRAMED_PLACE.fullmatch(text):
        shot = number(found["shot"] or found["bare"])
        return ({"action": "change", "shot": shot, "text": _size(found["how"] or found["look"])},)
    return ()


def _size(how: str) -> str:
    return USUAL.get(how.lower(), how.lower())


def _end(word: str, shots: int) -> int:
    return 1 if word.lower() in FIRSTS else max(1, shots)

"""Where shots stand, how long all of them are, and how an end of the film is seen: "put shot 3 first"."""

from collections.abc import Sequence
from typing import Any

from agent.offline.phrases import MARK, SHOT, Edits, end_of, first, numbers, said
from agent.words import NUMBERS, number

SAID_CHARACTERS_MAX = 120
FILM = r"(?:it|the (?:film|movie|video|story))"
OTHER = rf"(?:the\s+)?(?:(?:shot|scene){MARK})?(?P<other>{NUMBERS})\b"
PLACE = r"(?:(?:to|at|as|into)\s+)?(?:the\s+)?(?:very\s+)?(?P<end>first|last|end|beginning|start|front|back|top|bottom)(?:\s+(?:one|shot|place))?"
SIZE = r"(?:(?:an?|the)\s+)?(?:very\s+|extreme\s+)?(?P<how>close[- ]?up|wide(?: shot| angle)|medium(?: shot)|insert shot|push[- ]?in|slow pan|glide|tracking shot|static camera|establishing shot)"


BESIDE = said(
    rf"(?:move|put|place)\s+{SHOT}\s+(?:right\s+|directly\s+)?(?P<where>before|after|behind)\s+{OTHER}"
)
TO_END = tuple(
    said(each)
    for each in (
        rf"(?:(?:put|move|place|make|show|have|use)\s+)?{SHOT}\s+(?:should be\s+|goes\s+|comes\s+|must be\s+)?{PLACE}",
        rf"(?P<end>start|begin|open|end|finish|close)\s+(?:{FILM}\s+)?(?:with|on|in)\s+{SHOT}",
    )
)
COPY = said(
    rf"(?:duplicate|copy|repeat|double|clone)\s+{SHOT}(?:\s+(?P<end>(?:at|to)\s+the\s+(?:end|beginning|start)))?"
    rf"|(?:show|use)\s+{SHOT.replace('<shot>', '<again>')}\s+(?:twice|again|once more)"
)
ALL_SECONDS = tuple(
    said(each)
    for each in (
        rf"(?:make|set|cut)\s+(?:all|every|each)(?:\s+of)?(?:\s+the)?\s+shots?\s+(?:to\s+|be\s+|for\s+|last\s+)*(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
        rf"(?:all|every|each)(?:\s+the)?\s+shots?\s+(?:should be\s+|is\s+|are\s+|to\s+|lasts?\s+)?(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
        rf"(?:make\s+(?:it|them)\s+)?(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)\s+(?:per|a|each|for each|for every|for all)\s*(?:of the\s+)?shots?",
        rf"(?:make\s+)?(?:the\s+)?shots\s+(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)(?:\s+(?:long|each))*",
    )
)
LIST = rf"(?P<list>(?:{NUMBERS})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+)(?:(?:shot|scene)\s+)?(?:{NUMBERS}))*)"
GONE = r"(?:remove|delete|drop|cut|lose|kill|skip|get rid of|throw (?:out|away)|take (?:out|away)|hide)"
REMOVED = tuple(
    said(each)
    for each in (
        rf"{GONE}\s+(?:the\s+)?(?:shots?|scenes?)\s+{LIST}",
        rf"(?:without|hide)\s+(?:shots?|scenes?)\s+{LIST}",
    )
)
KEPT = tuple(
    said(each)
    for each in (
        rf"(?:keep|use|take)\s+(?:only|just)\s+(?:shots?|scenes?)\s+{LIST}",
        rf"{GONE}\s+(?:all|every)\s+(?:the\s+|other\s+)*(?:shots?|scenes?)\s+(?:except|but|besides|apart from)\s+(?:for\s+)?(?:the\s+)?(?:(?:shots?|scenes?)\s+)?{LIST}",
        rf"only\s+(?:shots?|scenes?)\s+{LIST}",
    )
)
LOCKED = said(
    r"(?P<verb>lock|unlock)\s+(?:everything|all(?:\s+of\s+(?:it|them))?(?:\s+(?:the\s+)?(?:shots|scenes))?|every shot|the (?:whole )?(?:film|plan)|all of it)"
)
REVERSED = said(
    r"(?:reverse|turn around|invert)\s+(?:the\s+)?(?:order|shots)(?:\s+of\s+(?:the\s+)?shots)?|(?:put|show)\s+the shots\s+in\s+reverse(?:\s+order)?"
)
BETWEEN = said(
    rf"(?:add|insert|put(?: in)?)\s+(?:an?|another|one)\s+(?:new\s+)?(?:shot|scene)\s+between\s+(?:shots?\s+)?(?P<shot>{NUMBERS})\s+and\s+(?:shot\s+)?(?P<other>{NUMBERS})\s*(?::|,|of|with|where|showing|in which)\s*(?P<text>.+)"
)
SECONDS = rf"(?P<n>{NUMBERS})[ -]?(?:s|secs?|seconds?)"
BY_SECONDS = tuple(
    said(each)
    for each in (
        rf"(?:make\s+)?(?:{SHOT}|{FILM})\s+{SECONDS}\s+(?P<way>longer|shorter)",
        rf"(?P<way>add|cut|remove|take)\s+{SECONDS}\s+(?:to|from|off|of)\s+(?:{SHOT}|{FILM})",
        rf"{SECONDS}\s+(?P<way>longer|shorter)",
    )
)
BY_TIMES = said(
    rf"(?:make\s+)?(?:{FILM}\s+)?(?P<way>half|twice|double|three times)\s+(?:as\s+long|the\s+length|as\s+short|as\s+fast)|(?P<verb>halve|double|half)\s+(?:the\s+length(?:\s+of\s+{FILM})?|{FILM})"
)
FRAMED_END = said(rf"(?P<end>start|begin|open|end|finish|close)\s+(?:{FILM}\s+)?(?:with|on|in)\s+{SIZE}")
FRAMED_PLACE = said(
    rf"(?:make|show|use|have)\s+{SHOT}\s+(?:be\s+|in\s+|as\s+|into\s+)*{SIZE}|{SHOT.replace('<shot>', '<bare>')}\s+(?:as|in|should be)\s+{SIZE.replace('<how>', '<look>')}"
)
USUAL = {"establishing shot": "wide shot", "wide angle": "wide shot"}


def ordered(text: str, lengths: Sequence[int]) -> Edits:
    """The edits of a message about the order of shots, all their lengths, or how an end is seen."""
    if len(text) > SAID_CHARACTERS_MAX:
        return ()
    shots = len(lengths)
    return (
        _gone(text, shots)
        or _moved(text, shots)
        or _again(text, shots)
        or _all_at_once(text, shots)
        or _longer(text, lengths)
        or _all_long(text)
        or _framed(text, shots)
    )


def _gone(text: str, shots: int) -> Edits:
    """Shots taken out, or all but some; from the end, so that the numbers of the others stay."""
    found = first(REMOVED, text)
    if found is not None:
        gone = set(numbers(found["list"]))
    elif (found := first(KEPT, text)) and set(kept := numbers(found["list"])) <= set(range(1, shots + 1)):
        gone = set(range(1, shots + 1)) - set(kept)
    else:
        return ()
    return tuple({"action": "remove", "shot": n} for n in sorted(gone, reverse=True))


def _all_at_once(text: str, shots: int) -> Edits:
    """Every shot locked or free, their order reversed, and a new one between two that are neighbours."""
    if found := LOCKED.fullmatch(text):
        return tuple({"action": found["verb"].lower(), "shot": n} for n in range(1, shots + 1))
    if REVERSED.fullmatch(text):
        return tuple({"action": "move", "shot": shots, "other": n} for n in range(1, shots))
    found = BETWEEN.fullmatch(text)
    if found is None or number(found["other"]) != number(found["shot"]) + 1:
        return ()
    return ({"action": "insert", "shot": number(found["other"]), "text": found["text"].strip()},)


def _moved(text: str, shots: int) -> Edits:
    if found := BESIDE.fullmatch(text):
        shot, other = number(found["shot"]), number(found["other"])
        after = found["where"].lower() != "before"
        # It is taken out first, so that those behind it are one place nearer.
        to = other + after - (shot < other)
        return ({"action": "move", "shot": shot, "other": to},)
    found = first(TO_END, text)
    if found is None:
        return ()
    return ({"action": "move", "shot": number(found["shot"]), "other": end_of(found["end"], shots)},)


def _again(text: str, shots: int) -> Edits:
    """A shot once more; it stands behind itself, unless it is wanted at an end."""
    found = COPY.fullmatch(text)
    if found is None:
        return ()
    shot = number(found["shot"] or found["again"])
    copied: dict[str, Any] = {"action": "copy", "shot": shot}
    if not found["end"]:
        return (copied,)
    return (
        copied,
        {"action": "move", "shot": shot + 1, "other": end_of(found["end"].split()[-1], shots + 1)},
    )


def _longer(text: str, lengths: Sequence[int]) -> Edits:
    """Seconds more or less, or so many times as long, counted from what there is."""
    if (found := BY_TIMES.fullmatch(text)) and lengths:
        said = (found["way"] or found["verb"]).lower()
        total = sum(lengths)
        longer = {"half": total // 2, "halve": total // 2, "three times": total * 3}.get(said, total * 2)
        return ({"action": "resize", "seconds": max(1, longer)},)
    found = first(BY_SECONDS, text)
    if found is None or not lengths:
        return ()
    more = number(found["n"]) * (1 if found["way"].lower() in ("longer", "add") else -1)
    shot = found.groupdict().get("shot")
    if shot is None:
        return ({"action": "resize", "seconds": max(1, sum(lengths) + more)},)
    n = number(shot)
    return (
        ({"action": "retime", "shot": n, "seconds": max(1, lengths[n - 1] + more)},)
        if n <= len(lengths)
        else ()
    )


def _all_long(text: str) -> Edits:
    found = first(ALL_SECONDS, text)
    return () if found is None else ({"action": "retime", "seconds": number(found["n"])},)


def _framed(text: str, shots: int) -> Edits:
    """How a shot is seen; what happens in it stays."""
    if found := FRAMED_END.fullmatch(text):
        return ({"action": "change", "shot": end_of(found["end"], shots), "text": _size(found["how"])},)
    if found := FRAMED_PLACE.fullmatch(text):
        shot = number(found["shot"] or found["bare"])
        return ({"action": "change", "shot": shot, "text": _size(found["how"] or found["look"])},)
    return ()


def _size(how: str) -> str:
    return USUAL.get(how.lower(), how.lower())

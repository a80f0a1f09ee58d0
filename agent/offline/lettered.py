"""Words that shall be read in a film: "call it The long night", "end with the words ...", "no captions"."""

import re

from agent.offline.phrases import LEAD, SHOT, Edits, first
from agent.words import number

SAID_CHARACTERS_MAX = 300
END = r"(?:(?:\s*,)?\s*(?:please|instead|thanks))*\s*"
FILM = r"(?:it|this|that|(?:the|my|this)\s+(?:film|movie|video|plan|story))"
SHOT_OR_END = rf"(?:{SHOT}|(?:the\s+)?(?P<end>(?:very\s+)?(?:end|beginning|start|opening|last|first))\b(?:\s+of\s+{FILM})?)"
SAYS = r"\s*(?:,?\s*(?:saying|that says|which says|reading|that reads|with the (?:words?|text)|with)\s*:?\s*|:\s*)"
WORDS = r"(?P<words>\S.{0,250}?)"
QUOTED = '["\u201c\u201e\'\u2018\u00ab](?P<words>[^"\u201d\u00bb]{1,250}?)["\u201d\u201c\'\u2019\u00bb][.!]?'
QUOTES = "\"\u201c\u201d\u201e'\u2018\u2019\u00ab\u00bb"
A_CARD = r"(?:an?\s+|the\s+|another\s+)?(?:title[ -]?|text[ -]?|inter)(?:cards?|titles?)"
ADD = r"(?:add|put|insert|place|have|use|show|give me|write)"
NO = r"(?:no(?:\s+more)?|without|remove|delete|drop|hide|lose|get rid of|take (?:out|away)|turn off)"
ALL = r"(?:\s+(?:all|the|any|every|of|its|my))*"


def _read(text: str) -> re.Pattern[str]:
    return re.compile(rf"{LEAD}{text}{END}", re.IGNORECASE | re.DOTALL)


CARD = tuple(
    _read(each)
    for each in (
        rf"(?:make|turn|change)\s+{SHOT}\s+(?:in)?(?:to\s+)?{A_CARD}{SAYS}{WORDS}",
        rf"(?:{ADD}\s+)?{A_CARD}\s+(?:at|in|on|to|before|for|as|over)\s+{SHOT_OR_END}{SAYS}{WORDS}",
        rf"(?:{ADD}\s+)?{A_CARD}{SAYS}{WORDS}\s+(?:at|in|on|to|before|for)\s+{SHOT_OR_END}",
        rf"{ADD}\s+{A_CARD}\s+{QUOTED}\s+(?:at|in|on|to|before|for)\s+{SHOT_OR_END}",
        rf"{ADD}\s+(?:the\s+(?:words?|text)\s+)?{QUOTED}\s+(?:at|before)\s+{SHOT_OR_END}",
        rf"(?P<end>end|finish|close|start|begin|open)\s+(?:{FILM}\s+)?(?:with|on)\s+(?:the\s+(?:words?|text)|{A_CARD}(?:{SAYS})?)\s*:?\s*{WORDS}",
        rf"(?P<end>end|finish|close|start|begin|open)\s+(?:{FILM}\s+)?with\s+{QUOTED}",
        rf"(?:change|set|rewrite)\s+{A_CARD}\s+(?:of|for|in|on)\s+{SHOT}\s*(?::|to|into)\s*{WORDS}",
    )
)
CAPTION = tuple(
    _read(each)
    for each in (
        rf"(?:(?:change|set|make|rewrite)\s+)?(?:the\s+)?(?:caption|subtitle)\s+(?:of|for|in|on|under)\s+{SHOT}\s*(?::|to\b|into\b|say\b|be\b|read\b|should be\b|is\b)\s*:?\s*{WORDS}",
        rf"(?:(?:change|set|make)\s+)?{SHOT}(?:'s)?\s+(?:caption|subtitle)\s*(?::|to\b|say\b)\s*{WORDS}",
        rf"(?:{ADD}\s+)(?:an?\s+|the\s+)?(?:caption|subtitle)\s+(?:to|on|in|for|under)\s+{SHOT}{SAYS}{WORDS}",
        rf"(?:{ADD}\s+)(?:an?\s+|the\s+)?(?:caption|subtitle)\s+{QUOTED}\s+(?:to|on|in|for|under)\s+{SHOT}",
        rf"caption\s+{SHOT}\s*(?::|with\b|as\b)?\s*{QUOTED}",
        rf"caption\s+(?:number\s+|#)?(?P<shot>\d{{1,3}})\s*:\s*{WORDS}",
        rf"write\s+{QUOTED}\s+under\s+{SHOT}",
    )
)
FROM_SHOT = rf"(?:\s+(?P<bare>\d{{1,3}})|\s+(?:of|from|in|on|under|for)\s+(?:{SHOT}|{FILM}|all\s+shots))?"
NO_CAPTIONS = _read(rf"{NO}{ALL}\s+(?:captions?|subtitles?){FROM_SHOT}\s*[.!]*")
CAPTIONS_OFF = _read(r"(?:turn|switch)\s+(?:the\s+)?captions\s+off\s*[.!]*|captions\s+off\s*[.!]*")
NO_CARDS = _read(rf"{NO}{ALL}\s+(?:(?:title|text)[ -]?|inter)(?:cards?|titles?){FROM_SHOT}\s*[.!]*")
NO_TEXT = _read(
    rf"{NO}{ALL}\s+(?:(?:on[- ]?screen\s+)?text|words|writing|letters|lettering)(?:\s+(?:on|in|over|from)\s+(?:the\s+)?(?:screen|pictures?|film|it|shots?))?\s*[.!]*"
)
TITLE = tuple(
    _read(each)
    for each in (
        rf"(?:rename|retitle)\s+{FILM}\s*(?:to\b|as\b|into\b|:)?\s*:?\s*{WORDS}",
        rf"(?:call|name|title|entitle)\s+{FILM}\s*:?\s+(?!an?\s+(?:day|night|film)\b|off\b|quits\b|after\b){WORDS}",
        rf"(?:(?:change|set|make|rename)\s+)(?:the\s+|its\s+)?(?:film'?s?\s+)?(?:title|name)(?:\s+of\s+{FILM})?\s*(?:\bto\b|\binto\b|\bbe\b|[:=])\s*:?\s*{WORDS}",
        rf"(?:the\s+|its\s+)?(?:new\s+)?title\s*(?:[:=]|(?:is|should be|shall be)\b)\s*{WORDS}",
    )
)
ALONE = _read(rf"(?:make|turn|change)\s+{SHOT}\s+(?:in)?(?:to\s+)?{A_CARD}\s*[.!?]*")


def lettered(text: str, shots: int) -> Edits:
    """The edits of a message about words that are read; empty for every other. `shots`: how many there are."""
    if len(text) > SAID_CHARACTERS_MAX:
        return ()
    return _taken_away(text) or _written(text, shots)


def lacks_words(text: str) -> bool:
    """A card that nobody said the words of; it is no picture of one either."""
    return bool(ALONE.fullmatch(text))


def _taken_away(text: str) -> Edits:
    if NO_TEXT.fullmatch(text):
        return ({"action": "caption"}, {"action": "card"})
    if CAPTIONS_OFF.fullmatch(text):
        return ({"action": "caption"},)
    for pattern, action in ((NO_CAPTIONS, "caption"), (NO_CARDS, "card")):
        if found := pattern.fullmatch(text):
            return (
                {"action": action}
                | ({"shot": number(shot)} if (shot := found["shot"] or found["bare"]) else {}),
            )
    return ()


def _written(text: str, shots: int) -> Edits:
    for patterns, action in ((CARD, "card"), (CAPTION, "caption"), (TITLE, "title")):
        if found := first(patterns, text):
            return ({"action": action} | _where(found, shots) | {"text": _bare(found["words"])},)
    return ()


def _where(found: re.Match[str], shots: int) -> dict[str, int]:
    """The shot that is named, or the one that stands at an end of the film."""
    named = found.groupdict()
    if named.get("shot"):
        return {"shot": number(named["shot"])}
    end = (named.get("end") or "").lower().split()[-1:]
    if not end:
        return {}
    return {"shot": 1 if end[0] in ("beginning", "start", "opening", "first", "begin", "open") else shots}


def _bare(words: str) -> str:
    """Without the quotation marks around it; a full stop inside them is meant."""
    said = words.strip()
    if len(said) > 1 and said[0] in QUOTES and said.rstrip(".!")[-1] in QUOTES:
        return said.rstrip(".!")[1:-1].strip()
    return said

"""What shall be otherwise in one shot, or at an end of the film: "more tension in 3", "another ending"."""

import re
from typing import Any

from agent.words import NUMBERS, number

WHERE = rf"(?:{NUMBERS}|first|last)"
MORE = re.compile(
    rf"\b(?P<wish>(?:more|less)\s+[^\d.,;:!?]{{2,40}}?)\s+(?:in|for|to)\s+(?:the\s+)?(?:(?:shot|scene)\s+)?(?P<shot>{WHERE})(?:\s+shot)?\s*[.!]?\s*$"
    rf"|\b(?:make|let)\s+(?:the\s+)?(?:(?:shot|scene)\s+)?(?P<named>{WHERE})(?:\s+shot)?\s+(?:be\s+|look\s+|feel\s+)?(?:a (?:bit|little)\s+|much\s+)?"
    r"(?P<how>(?!shorter|longer)(?:more\s+\w+|less\s+\w+|\w{2,}er))\s*[.!]?\s*$",
    re.IGNORECASE | re.DOTALL,
)
FIRST_WHERE = re.compile(
    r"^\s*(?:in|for)\s+(?P<shot>(?:shot|scene)\s+\w+)\s*[,:]?\s+(?P<wish>(?:more|less)\s+.{2,40})$",
    re.IGNORECASE,
)
SOME = re.compile(
    r"^\s*(?:please\s+)?(?:add|put|give|bring)\s+(?:some|a (?:bit|little) of|a (?:bit|little)|a touch of)\s+(?P<what>tension|suspense|drama|humou?r|fun|comedy|energy|action|mystery|hope|calm|intimacy|emotion)\s+(?:in|to|into)\s+",
    re.IGNORECASE,
)
BETTER_END = re.compile(
    r"^\s*(?:please\s+)?make (?:the )?(?P<end>ending|end|finale|opening|beginning|start)\s+(?P<how>better|different|another|(?:more|less)\s+\w+|\w{2,}er)\s*[.!]?\s*$",
    re.IGNORECASE,
)
OTHER_END = re.compile(
    r"^\W*(?:\w+\W+){0,6}?(?P<wish>(?:another|a new|a different|different|a better|better)\s+(?P<end>ending|end|finale|opening|beginning|start))\b(?:\s+please)?\s*[.!?]?\s*$",
    re.IGNORECASE | re.DOTALL,
)


def refined(text: str) -> tuple[dict[str, Any], ...]:
    """More of something in a shot, or another end of the film; the wish goes on as it was said."""
    if (found := BETTER_END.match(text)) and found["how"].lower() not in ("better", "different", "another"):
        return ({"action": "refine", "text": found["how"]} | ({"shot": 1} if _is_start(found) else {}),)
    text = BETTER_END.sub(lambda found: f"a {found['how']} {found['end']}", text)
    text = FIRST_WHERE.sub(lambda found: f"{found['wish']} in {found['shot']}", text)
    text = SOME.sub(lambda found: f"more {found['what']} in ", text)
    if found := OTHER_END.search(text):
        return ({"action": "refine", "text": found["wish"]} | ({"shot": 1} if _is_start(found) else {}),)
    found = MORE.search(text)
    if found is None:
        return ()
    where = (found["shot"] or found["named"]).lower()
    at = {} if where == "last" else {"shot": 1 if where == "first" else number(where)}
    return ({"action": "refine", "text": found["wish"] or found["how"]} | at,)


def _is_start(found: re.Match[str]) -> bool:
    return found["end"].lower() in ("opening", "beginning", "start")

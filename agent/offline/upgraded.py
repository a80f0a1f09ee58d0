"""Some shots of a film rendered anew, with a better model or in another size, while the others stay."""

import re
from typing import Any

from agent.offline.phrases import numbers, said
from agent.offline.wanted import wanted
from agent.words import NUMBERS

SHOTS = rf"(?:the\s+)?(?:shots?|scenes?|clips?)\s*#?(?P<shots>(?:{NUMBERS})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)(?:(?:the\s+)?(?:shot|scene)\s+)?(?:{NUMBERS}))*)\b"
VERB = r"(?P<verb>upgrade|re-?render|re-?shoot|re-?take|redo|regenerate|render|shoot|generate)"
HOW = r"(?P<how>(?:\s+(?:only|alone|again|anew|once more|over))*(?:\s+(?:with|in|on|by|using|through|to|as|at|from)\s+[\w\s./:-]{1,80})?)"
COSTS = r"(?P<cost>(?:what|how much)\s+(?:would|does|will|do|is|for)\s+(?:it\s+)?(?:cost\s+)?(?:to\s+)?)?"
CHOSEN = said(rf"{COSTS}(?:(?:only|just)\s+)?{VERB}\s+(?:(?:only|just)\s+)?{SHOTS}{HOW}(?:\s+costs?)?")
IN_A_SIZE = said(rf"(?:(?:make|have|use|i want)\s+)?{SHOTS}(?P<how>\s+(?:in|with)\s+[\w\s./:-]{{1,80}})")
AGAIN = re.compile(r"\b(?:again|anew|once more|over)\b", re.IGNORECASE)


def chosen(text: str) -> tuple[str, dict[str, Any]] | None:
    """What is wished, "render", "cost" or "again" with nothing changed, and the arguments of its tool."""
    found = CHOSEN.fullmatch(text)
    if found is None:
        return None
    how = wanted(found["how"])
    args = {"only": numbers(found["shots"])} | how
    if found["cost"] or (found["verb"].lower() == "upgrade" and not how):
        return "cost", args
    return ("again" if AGAIN.search(found["how"]) and not how else "render"), args

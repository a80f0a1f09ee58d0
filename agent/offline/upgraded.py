"""Some shots rendered on their own, with a better model or in another size, while the others stay as they are."""

import re
from typing import Any

from agent.offline.phrases import first, numbers, said
from agent.offline.wanted import VENDORS, form, quality, wanted
from agent.words import NUMBERS

SHOTS = (
    rf"(?:the\s+)?(?:shots?|scenes?|clips?)\s*#?(?P<shots>(?:{NUMBERS})"
    rf"(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*)(?:(?:the\s+)?(?:shot|scene)\s+)?(?:{NUMBERS}))*)\b"
)
ALONE = r"(?:(?:only|just)\s+)?"
COSTS = r"(?P<cost>(?:what|how much)\s+(?:(?:would|does|will|do|is|for|it|cost)\s+)*to\s+)?"
AGAIN = r"(?P<again>\s+(?:again|anew|once more|over))?"
HOW = r"(?P<how>\s+(?:with|in|on|by|using|through|to|as|for)\s+[\w\s./:-]{1,80})"
RENDERED = said(
    rf"{COSTS}{ALONE}(?P<verb>upgrade|re-?render|re-?shoot|retake|redo|regenerate|render|shoot|generate)\s+{ALONE}{SHOTS}"
    rf"(?:\s+(?:only|alone))?{AGAIN}{HOW}?"
)
SIZED = said(rf"(?:(?:make|have)\s+)?{SHOTS}{HOW}")
REST = said(
    rf"{ALONE}(?:render|shoot|generate)\s+(?:the\s+rest|(?:all\s+)?the\s+others?(?:\s+(?:shots?|ones?))?|what is missing)(?:\s+of\s+(?:it|them|the film))?{HOW}?"
)
FOR = said(rf"(?P<how>(?:use|try)\s+.{{1,80}}?)\s+(?:for|on|in)\s+{SHOTS}")
ANEW = frozenset({"redo", "retake", "regenerate"})
VENDOR = re.compile(rf"\b(?:{VENDORS})\b", re.IGNORECASE)
BETTER = re.compile(
    r"\s+(?:with|to|in)\s+(?:an?\s+|the\s+)?(?:better|best|premium|high(?:er)?)(?:\s+\w+)?\s*", re.IGNORECASE
)


def the_rest(text: str) -> dict[str, Any] | None:
    """How the shots shall be rendered that were not rendered on their own; None where nobody speaks of them."""
    found = REST.fullmatch(text)
    return None if found is None else _meant(found["how"] or "")


def chosen(text: str) -> tuple[str, dict[str, Any]] | None:
    """What is wished of which shots: "render", "cost", or "again" with nothing said that is otherwise."""
    found = first((RENDERED, SIZED, FOR), text)
    if found is None:
        return None
    parts: dict[str, str | None] = {"cost": None, "verb": "", "again": None} | found.groupdict()
    words, verb = parts["how"] or "", (parts["verb"] or "").lower()
    better = BETTER.fullmatch(words) is not None
    how = {} if better else _meant(words)
    if words and not better and not how:
        return None
    args = {"only": numbers(found["shots"])} | how
    if parts["cost"] or better or (verb == "upgrade" and not how):
        return "cost", args
    return ("again" if not how and (parts["again"] or verb in ANEW) else "render"), args


def _meant(words: str) -> dict[str, Any]:
    """How they shall be rendered; "with a dog" is no way to."""
    known = VENDOR.search(words) or form(words) or quality(words)
    return wanted(words) if known else {}

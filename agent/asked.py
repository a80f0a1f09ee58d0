"""What a person asks to see: what there is to choose from, the plan, a plan that lies in a file."""

import re
from typing import Any

from agent.choices import What

ASKED_CHARACTERS_MAX = 160
POLITE = r"^\s*(?:(?:please|now|ok(?:ay)?|and|so|then|can you|could you|can i|could i|may i|i want to|i'd like to|let me)[,.!]?\s+)*"
SHELVES: tuple[tuple[str, What], ...] = (
    (r"templates?|story ?lines?", "templates"),
    (r"styles?|looks(?!\s+like)|presets?", "styles"),
    (r"moods?", "moods"),
    (r"tones?", "tones"),
    (r"patterns?", "patterns"),
    (r"metaphors?|gags?", "metaphors"),
    (r"(?:token|prompt) budgets?|budget levels?", "token budgets"),
    (r"vendors?|providers?|video models?|models", "vendors"),
)
LIST = re.compile(
    rf"{POLITE}(?:(?:what|which|list|name|tell me|give me|how many|are there|is there|do you (?:have|know)|show|see|describe)\b[^.:;\n]{{0,40}}?\s)?"
    r"(?:(?:all|the|any|your|other|some|of|a|an|list)\s+)*"
    rf"(?:{'|'.join(f'(?P<s{n}>{words})' for n, (words, _) in enumerate(SHELVES))})\b"
    r"(?P<rest>(?:\s+(?:are|is|there|do|does|you|we|i|have|has|know|known|can|could|use|choose|from|pick|exist|offer|available|here|please|to|for|a|my|films?|trailers?|repos?|repository|code|in|this|studio|set|up|library|ship|now|support|supported|which|what))*)\s*[?.!]*\s*$",
    re.IGNORECASE,
)
LISTING = re.compile(
    rf"{POLITE}(?:what|which|list|name|tell|give|how many|are|is there|do you|show|see|describe)\b",
    re.IGNORECASE,
)
PLAN_FILE = r"[\"'`(]?(?P<file>(?:[~\w./-]*/)?[\w.-]+\.json)[\"'`)]?"
OPEN = re.compile(
    rf"\b(?:load|open|import|read|use|take|bring(?: in)?|continue with|go on with|start (?:from|with)|edit)\b[^\n]{{0,40}}?{PLAN_FILE}(?=[\s,;?!]|\.?$|\.\s)"
    rf"|^\s*(?:what does\s+|how much (?:is|does)\s+|price\s+|render\s+|preview\s+)?{PLAN_FILE.replace('file', 'alone')}(?:\s+costs?)?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
SAVE = re.compile(r"\b(?:save|export|write|download|store|put)\b", re.IGNORECASE)
SHOW = re.compile(
    rf"{POLITE}(?:(?:show|see|list|read|print|tell|give|describe|display|view)\b(?:\s+me)?|what(?:'s|\s+is|\s+are))\s+"
    r"(?:(?:all|the|my|our|this|current|whole|full|exact|of|shot)\s+)*"
    r"(?:plan|prompts?|shots?(?:\s*list)?|story\s?board|texts?)(?:\s+(?:again|now|please|so far|like))*"
    r"(?:\s+(?:of|for|in)\s+(?:the\s+)?(?:film|plan|shots?)\s*(?P<n>\d{1,3})?)?(?:\s+(?P<m>\d{1,3}))?(?:\s+please)?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
HOW_LONG = re.compile(
    rf"{POLITE}(?:how (?:long|many (?:shots|seconds)) (?:is|are|has|does|will)\b(?! (?:it|that|this) take)|which shots? (?:is|are)\b|what(?:'s| is) (?:the )?(?:length|title|story) of\b)[^.:;\n]{{0,30}}$",
    re.IGNORECASE,
)
PROMPTS = re.compile(r"\b(?:prompts?|texts?|whole|full|exact)\b", re.IGNORECASE)


def listed(text: str) -> What | None:
    """The shelf that somebody asks to see; only short questions ask, stories have styles in them."""
    said = text.strip()
    found = LIST.match(said) if len(said) <= ASKED_CHARACTERS_MAX else None
    if found is None or not (LISTING.match(said) or not found["rest"].strip()):
        return None
    return next(what for n, (_, what) in enumerate(SHELVES) if found[f"s{n}"])


def opened(text: str) -> str | None:
    """The shots file that is to be opened."""
    found = OPEN.search(text) if len(text) <= ASKED_CHARACTERS_MAX * 2 else None
    if found is None or SAVE.search(text):
        return None
    return found["file"] or found["alone"]


def shown(text: str) -> dict[str, Any] | None:
    """Which part of the plan somebody asks to see: `prompts`, and one shot or all."""
    if len(text) > ASKED_CHARACTERS_MAX:
        return None
    if HOW_LONG.match(text):
        return {"prompts": False}
    found = SHOW.match(text)
    if found is None:
        return None
    only = found["n"] or found["m"]
    return {"prompts": bool(PROMPTS.search(text))} | ({"shot": int(only)} if only else {})

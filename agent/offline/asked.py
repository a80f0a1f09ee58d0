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
IN_SHOT = r"(?:the\s+)?(?:shot|scene)\s*(?:number|#)?\s*(?P<n>\d{1,3})"
SHOWING = r"(?:show|about|like|look like|again|from|of)"


def _asks(text: str) -> re.Pattern[str]:
    return re.compile(rf"{POLITE}(?:{text})\s*[?.!]*\s*$", re.IGNORECASE)


ABOUT = tuple(
    _asks(each)
    for each in (
        rf"what(?:'s|\s+is|\s+are|\s+do (?:we|you|i) see|\s+can (?:i|we) see|\s+happens|\s+will be)?\s+(?:(?:going on|happening|seen|there|shown)\s+)?(?:in|on)\s+{IN_SHOT}",
        rf"(?:what(?:'s|\s+is|\s+does)|where(?:'s|\s+is))\s+{IN_SHOT}(?:\s+{SHOWING})?",
        rf"(?:describe|explain|tell me about|read(?: out)?|show me|show)\s+{IN_SHOT}",
        rf"(?:is|are)\s+{IN_SHOT}\s+(?:locked|a close-?up|wide|the (?:last|first|longest|shortest)(?:\s+one)?)",
        r"who(?:'s|\s+is)\s+(?:in (?:it|the film|the story)|the (?:hero|main character))|what (?:style|mood|look|tone|format) (?:is|does|has) (?:it|this|the film)(?: have| in)?|what(?:'s|\s+is)\s+(?:the|its)\s+(?:title|style|mood|look|tone|format|name)(?:\s+of\s+(?:it|the film))?|which shots are locked|what(?:'s|\s+is)\s+(?:it|the film)\s+called",
        r"what(?:'s|\s+is)\s+(?:in (?:it|the film)|(?:it|the film|the story|the plan|my film) about)",
    )
)
OF_FILE = r"(?:files?|code|lines?|class(?:es)?|functions?|sources?|parts? of the code|concepts?|metaphors?)"
THE_SHOTS = (
    r"(?:the|these|those|all the|my|it|this|they|all)(?:\s+(?:shots?|film|scenes?|plan|story|gags?|ideas?))?"
)
SOURCE = tuple(
    _asks(each)
    for each in (
        rf"(?:from )?where (?:does|did|do) (?:the idea (?:of|for) )?{IN_SHOT} (?:come|taken|get it)(?: from)?",
        rf"(?:from |on )?(?:which|what) {OF_FILE} (?:is|does|was|did) {IN_SHOT}(?: (?:come|based|made|taken|show|about|from|on|of|in|use))*",
        rf"what is {IN_SHOT} (?:based on|made (?:of|from)|taken from)",
        rf"why (?:is there |did you (?:choose|pick|take|make|write) |this |have )?{IN_SHOT}",
        rf"where (?:do|did|does|are|were) {THE_SHOTS} (?:come from|taken from|from)",
        rf"(?:from |on )?(?:which|what) {OF_FILE} (?:do|did|are|does|is|were) {THE_SHOTS}(?: (?:come|based|made|taken|about|from|on|of|in|use|used|show))*",
        rf"(?:which|what) {OF_FILE} (?:did you|do you|have you) (?:use|used|take|took|pick|picked|choose)(?: .{{0,20}})?",
        rf"(?:what(?:'s| is) the source|sources?|evidence)(?: (?:of|for) (?:{IN_SHOT}|{THE_SHOTS}))?",
        r"why (?:did|have|do) you (?:choose|chosen|pick|picked|take|taken|make|made|use|used|do|done|plan|planned) (?:this|that|it|these|those|them|the (?:shots?|story|film|plan|metaphors?))(?: (?:shots?|way|story|metaphors?|like that))?",
        r"why (?:this|that|these|those)(?: (?:shots?|story|metaphors?))?",
    )
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
    for patterns, part in ((SOURCE, {"prompts": False, "source": True}), (ABOUT, {"prompts": False})):
        if said := next(filter(None, (each.match(text) for each in patterns)), None):
            only = said.groupdict().get("n")
            return part | ({"shot": int(only)} if only else {})
    found = SHOW.match(text)
    if found is None:
        return None
    only = found["n"] or found["m"]
    return {"prompts": bool(PROMPTS.search(text))} | ({"shot": int(only)} if only else {})

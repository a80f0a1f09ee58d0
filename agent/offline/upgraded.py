"""Some shots rendered on their own, with a better model or in another size, while the others stay as they are."""

import re
from typing import Any

from agent.offline.phrases import first, said
from agent.offline.wanted import ANY_MAKER, MAKER, is_a_model, settings_left_out, wanted
from agent.words import NUMBER_WORDS, NUMBERS, number, pattern

FEW = "|".join((r"\d{1,2}", *NUMBER_WORDS))  # no size of a picture: "shot 2 to 720"
MARK = r"(?:(?:number|nos?\.?|#)\s*)"
SHOT = rf"(?:(?:the\s+)?(?:shots?|scenes?|clips?)\s*{MARK}?|{MARK})"
NEXT = rf"(?:\s*(?:,(?:\s*and\b)?|\+|/|&)\s*|\s+and\s+|\s*[-\u2013]\s*|\s+(?:to|through|thru|until)\s+){SHOT}?(?:{FEW})\b(?!\s*[-\u2013]?\s*(?:s|sec|seconds?|p)\b)"
SHOTS = rf"(?P<shots>{SHOT}(?:{NUMBERS})\b(?:{NEXT})*)(?:\s+of\s+(?:it|\d+|(?:the|my|this)\s+(?:film|video|movie|plan)))?"
RANGE = re.compile(
    rf"(?P<from>{NUMBERS})\s*(?:[-\u2013]|\bto\b|\bthrough\b|\bthru\b|\buntil\b)\s*(?:{SHOT})?(?P<to>{NUMBERS})\b|(?P<one>{NUMBERS})\b",
    re.IGNORECASE,
)
ALONE = r"(?:(?:only|just)\s+)?"
COSTS = r"(?P<cost>(?:what|how much)\s+(?:(?:would|does|will|do|is|for|it|cost)\s+)*to\s+)?"
VERB = r"(?P<verb>upgrade|re-?render|re-?shoot|retake|redo|regenerate|render|shoot|generate|try|test)"
AGAIN = r"(?P<again>\s+(?:again|anew|once more|over))?"
HOW = r"(?P<how>(?:(?:\s+|\s*,\s*)(?:with|without|in|at|on|by|using|through|via|to|as|for|from)\s+|\s+(?=\d{3,4}p|[124]k\b|u?hd\b|full ?hd\b))[\w\s./:-]{1,80}?)"
OTHERS = r"(?:the\s+)?(?:rest|others?(?:\s+(?:shots?|ones?))?)"
AFTER = (
    r"(?:(?:\s*,)?\s*(?:only|alone|first|for now|for me|for the moment|by (?:itself|themselves)|on (?:its|their) own|as a (?:test|try|trial|sample)"
    rf"|(?:just )?to (?:see|check|test|try|look|find)\b[^,.]*+|(?:(?:and|but)\s+)?(?:keep|leave)\s+{OTHERS}(?:\s+as (?:they are|it is|they were))?))*+"
)
RENDERED = said(rf"{COSTS}{ALONE}{VERB}\s+{ALONE}{SHOTS}(?:\s+(?:only|alone))?{AGAIN}{HOW}??{AFTER}")
SIZED = said(rf"(?:(?:make|have)\s+)?{SHOTS}{HOW}{AFTER}")
FOR = said(rf"(?P<how>(?:use|try)\s+.{{1,80}}?)\s+(?:for|on|in)\s+{SHOTS}")
PRICED = said(
    rf"(?P<cost>(?:what|how much)\s+(?:(?:would|does|do|will|is|are|for|it|the|price|cost|of)\s+)*|(?:the\s+)?(?:price|cost)\s+(?:of|for)\s+)(?:{SHOTS}|(?P<rest>{OTHERS}))(?:\s+(?:alone|only|cost|be))*{HOW}??{AFTER}"
)
BUT = said(
    rf"{COSTS}{ALONE}{VERB}\s+(?:everything|all(?:\s+(?:of\s+it|(?:the\s+)?(?:shots?|scenes?)))?|every\s+(?:shot|scene)|(?:it|the\s+(?:whole\s+)?film)(?:\s+all)?)\s+(?:except|but|apart\s+from|excluding|save)(?:\s+for)?\s+{SHOTS}{HOW}??{AFTER}"
)
REST = said(
    rf"(?:(?:{ALONE}(?:render|shoot|generate)\s+)(?:all\s+)?(?:{OTHERS}|(?:the\s+)?(?:other|remaining|missing)\s+(?:(?:{NUMBERS})\s+)?(?:shots?|scenes?|ones?)|what(?:'s|\s+is)\s+(?:missing|left)|the\s+rest\s+of\s+(?:the\s+)?(?:shots|scenes))|the\s+rest)"
    rf"(?:\s+of\s+(?:it|them|the\s+film))?{HOW}??{AFTER}"
)
FOR_REST = said(rf"(?P<how>(?:use|try)\s+.{{1,80}}?)\s+(?:for|on)\s+{OTHERS}")
ANEW = frozenset({"redo", "retake", "regenerate"})
BETTER = re.compile(
    r"\s+(?:with|to|in)\s+(?:an?\s+|the\s+)?(?:better|best|premium|high(?:er)?)(?:\s+(?:model|quality|one|resolution|vendor|settings|tier))?\s*",
    re.IGNORECASE,
)
FILLING = re.compile(
    r"\b(?:use|try|and|the|a|an|in|at|with|to|for|full|resolution|quality|please)\b|[,.]", re.IGNORECASE
)
PLACES = "first|second|third|fourth|fifth|sixth|last|middle|opening|closing|final"
OBJECT = pattern(r"\b(?:re-?)?(?:render|shoot|generate)\b(?P<what>.*)")
ALL = pattern(
    rf"\b(?:(?:all|each|every)(?:\s+of)?\s+)?(?:(?:the|my|our)\s+)?(?P<n>(?:{NUMBERS})\s+)?(?:shots|scenes|clips)\b(?!\s*{MARK}?(?:{NUMBERS})\b)|\b(?:every|each)\s+(?:shot|scene|clip)\b|\b(?:(?:the\s+)?shot\s?list|all\s+(?P<m>{NUMBERS}))\b"
)
PART = pattern(
    rf"\b(?:except|apart from|excluding|rest|remaining|missing|changed|others?|half|both|those|these|shots?|scenes?|clips?)\b|\bbut\s+(?:(?:not|only|just)\s+)?(?:the\s+)?(?:{NUMBERS}|{PLACES})\b|\bthe\s+(?:{PLACES})\b|#\s*\d|^\s*(?:(?:just|only)\s+)?(?:{NUMBERS})\b(?!\s*:)"
)
WHOLE = pattern(
    r"^\W*(?:(?:just|only|now|please|again)\s+)*(?:$|(?:it|this|that|them|all|everything|in|with|without|as|at|using|by|for|on|under|within|below|max(?:imum)?|less|no more|now|please|again|and|but)\b|[,;.!?:]"
    r"|(?:the\s+|my\s+|our\s+|this\s+|that\s+)?(?:(?:whole|entire|full|complete)\s+)?(?:film|movie|video|plan|story|thing|trailer|animation|clips?|stills|pictures)\b|what we have\b)"
)
AGAIN_FOR = re.compile(
    r"\s*Render (?:it|shots? (?P<shots>[\d, ]+)) with (?P<provider>\S+) (?P<model>\S+)(?P<stills> as stills)? in (?P<resolution>\S+)(?P<audio> with sound)?: the last offer ran out, make me a new one\.\s*"
)


def names_some(text: str) -> bool:
    """Does it speak of some shots, or of all but some?"""
    return PART.search(ALL.sub("", settings_left_out(text))) is not None


def the_rest(text: str) -> dict[str, Any] | None:
    """How the shots shall be rendered that were not rendered yet; None where nobody speaks of them."""
    found = REST.fullmatch(text) or FOR_REST.fullmatch(text)
    how = None if found is None else _meant(found["how"] or "")
    return None if how is None else {"only": "rest"} | how


def chosen(text: str, shots: int = 0) -> tuple[str, dict[str, Any]] | None:
    """What is wished of which shots: "render", "cost", or "again" with nothing said that is otherwise.

    "All but shot 2" are known where it is known how many `shots` there are.
    """
    if found := BUT.fullmatch(text):
        named = _numbers(found["shots"])
        return _wished(found, [n for n in range(1, shots + 1) if n not in named] if named else [])
    if found := first((RENDERED, SIZED, FOR), text):
        return _wished(found, _numbers(found["shots"]))
    if (found := PRICED.fullmatch(text)) and re.search(r"\b(?:how much|price|cost)\b", text, re.IGNORECASE):
        return _wished(found, "rest" if found["rest"] else _numbers(found["shots"]))
    return None


def asked_again(text: str) -> dict[str, Any] | None:
    """What the page asks for when an offer ran out: the same shots, with the same maker in all its names."""
    found = AGAIN_FOR.fullmatch(text)
    if found is None:
        return None
    wish: dict[str, Any] = {name: found[name] for name in ("provider", "model", "resolution")}
    wish |= {name: True for name in ("stills", "audio") if found[name]}
    return wish if found["shots"] is None else wish | {"only": _numbers(found["shots"])}


def is_about_some(text: str, shots: int) -> bool:
    """Is a wish to render for less than the whole film of so many shots, whatever it is for?"""
    asked = OBJECT.search(settings_left_out(text))

    def left(found: re.Match[str]) -> str:
        count = (found["n"] or found["m"] or "").strip()
        return "" if not count or number(count) == shots else found[0]

    if asked is None:
        return False
    of = ALL.sub(left, asked["what"])
    return PART.search(of) is not None or WHOLE.search(of) is None


def _wished(found: re.Match[str], only: list[int] | str) -> tuple[str, dict[str, Any]] | None:
    parts: dict[str, str | None] = {"cost": None, "verb": "", "again": None} | found.groupdict()
    words, verb = parts["how"] or "", (parts["verb"] or "").lower()
    better = BETTER.fullmatch(words) is not None
    how = {} if better else _meant(words)
    if how is None or not only or (verb == "try" and not words):
        return None
    args = {"only": only} | how
    if parts["cost"] or better or (verb == "upgrade" and not how):
        return "cost", args
    return ("again" if not how and (parts["again"] or verb in ANEW) else "render"), args


def _numbers(text: str) -> list[int]:
    """All that are named, "2 and 3" as well as "2 to 4", each once and in order; none where a range goes back."""
    named: set[int] = set()
    for found in RANGE.finditer(text):
        low, high = number(found["one"] or found["from"]), number(found["one"] or found["to"])
        if low > high:
            return []
        named.update(range(low, high + 1))
    return sorted(named)


def _meant(words: str) -> dict[str, Any] | None:
    """How they shall be rendered, where every word is about that; "with a dog" and "with google maps" are not."""
    how = wanted(words)
    left = settings_left_out(words)
    if maker := MAKER.search(left) or ANY_MAKER.search(left):
        left = left[: maker.start()] + left[maker.end() :] if is_a_model(maker["model"] or "") else left
    return how if not FILLING.sub("", left).strip() and bool(how) == bool(words.strip()) else None

"""The same film planned otherwise: as a drama, as a dialogue, in five shots, with another fact, in fewer words."""

import re
from functools import cache
from typing import Any

from agent.words import NUMBERS, number
from tools.story import Level, library
from tools.story.library import Template

SAID_CHARACTERS_MAX = 200
LEADS = (
    r"^\s*(?:(?:please|now|then|and|so|but|ok(?:ay)?|can you|could you|let'?s|i want|i'd like|i would like)[,.!]?\s+)*"
    r"(?:(?:make|turn|do|plan|shoot|film|tell|try|have|use|give me|change)\s+)?"
    r"(?:(?:it|this|that|the (?:film|story|plan|movie|video|whole thing|same|whole)|everything|me)\s+)?(?:again\s+)?(?:should be\s+)?(?:(?:into|in|as|be|like|to|for|with)\s+)?"
)
TRAILS = r"(?:\s+(?:film|movie|video|tone|version|pattern|template|scene|instead|please|now|then|again|out of (?:it|this)|of (?:it|this)|this time|then))*\s*[.!?]*\s*$"
LEVELS: tuple[tuple[str, Level], ...] = (
    (r"(?:ultra|very|extremely)[ _-]?(?:low|small|short)|lowest|minimal|tiny", "ULTRA_LOW"),
    (r"low|small|short(?:er)?|cheap", "LOW"),
    (r"medium|normal|middle", "MEDIUM"),
    (r"high|large|big|long(?:er)?", "HIGH"),
)
LEVEL = "|".join(f"(?P<{{0}}{n}>{words})" for n, (words, _) in enumerate(LEVELS))
TOKENS = re.compile(
    rf"(?:\b(?:use|with|at|on|in|set|keep)\s+)?(?:\b(?:an?|the)\s+)?\b(?:(?:{LEVEL.replace('{0}', 'a')})[ -](?:(?:token|prompt)s?[ -]budget|tokens|prompts)"
    rf"|(?:token|prompt)s?[ -]budget\s*(?:of|:|=|to|is|at)?\s*(?:{LEVEL.replace('{0}', 'b')})|prompts\s+(?:much\s+)?(?P<less>shorter|smaller))\b",
    re.IGNORECASE,
)
FILLERS = re.compile(
    r"(?:\W|\b(?:please|now|can|could|you|and|i|want|would|like|make|use|it|the|film|plan|for|with|to|me|a|keep|prompts?|instead|this)\b)*",
    re.IGNORECASE,
)
LESS: Level = "LOW"
N = rf"(?P<n>{NUMBERS})"
MANY = re.compile(
    rf"{LEADS}(?:(?:exactly|only|just|about|of)\s+)?{N}\s+shots?(?:\s+(?:long|only|in all)){{0,1}}{TRAILS}",
    re.IGNORECASE,
)
FACTS = re.compile(
    r"^\s*(?:(?:make it|use|with|at|it is|it's|now|and|say|set|from|change it to)\s+)*(?:(?P<from>\d{1,3})\s?(?:%|percent|per cent)(?:\s+to\s+(?P<to>\d{1,3})\s?(?:%|percent|per cent))?"
    r"|(?P<name>[a-z][a-z0-9_]{2,39})\s?=\s?(?P<value>[^\s,;]{1,60}))(?:\s+(?:instead|please|now|then))*\s*[.!]*\s*$",
    re.IGNORECASE,
)
MORE_OF = {
    "funnier": "comedy",
    "more fun": "comedy",
    "a laugh": "comedy",
    "sadder": "drama",
    "more serious": "drama",
    "more dramatic": "drama",
    "faster": "montage",
    "more energetic": "montage",
}


def token_budget(text: str) -> tuple[Level | None, str]:
    """How long the prompts may be, where somebody says it, and the text without that."""
    found = TOKENS.search(text)
    if found is None:
        return None, text
    said: list[Level] = [level for n, (_, level) in enumerate(LEVELS) if found[f"a{n}"] or found[f"b{n}"]]
    level = said[0] if said else LESS
    rest = f"{text[: found.start()].rstrip(' ,;:')} {text[found.end() :].lstrip(' ,;:')}"
    return level, rest.strip()


def trimmed(text: str) -> tuple[dict[str, Any], ...]:
    """The edit of a message that is about the length of prompts and nothing else."""
    level, rest = token_budget(text[:SAID_CHARACTERS_MAX])
    if level is None or not FILLERS.fullmatch(rest):
        return ()
    return ({"action": "trim", "token_budget": level},)


def otherwise(text: str) -> dict[str, Any] | None:
    """What a new plan of the same film is to be given instead."""
    if len(text) > SAID_CHARACTERS_MAX:
        return None
    if found := MANY.match(text):
        return {"shots": number(found["n"])}
    found = _kinds()[1].match(text)
    return None if found is None else _kinds()[0][found["kind"].casefold()]


def facts(text: str) -> dict[str, str]:
    """The facts of a template that somebody gives it, by name; percentages under their place."""
    found = FACTS.match(text) if len(text) <= SAID_CHARACTERS_MAX else None
    if found is None:
        return {}
    if found["name"]:
        return {found["name"].lower(): found["value"]}
    return {place: found[place] for place in ("from", "to") if found[place]}


def _plans_anything(each: Template) -> bool:
    """Whether a template needs neither facts nor a story of its own."""
    return bool(each.heroes) and all(variable.default is not None for variable in each.variable)


@cache
def _kinds() -> tuple[dict[str, dict[str, str]], re.Pattern[str]]:
    """Every word for a kind of film, what it means, and how it is asked for."""
    books, kinds = library(), dict[str, dict[str, str]]()
    for what, entries in (("tone", books.tones), ("pattern", books.patterns), ("template", books.templates)):
        for each in entries:
            if isinstance(each, Template) and not _plans_anything(each):
                continue
            for word in (each.name, each.name.replace("-", " "), *each.aliases, *each.weak):
                kinds[word] = kinds.get(word, {}) | {what: each.name}
    kinds |= {word: {"tone": tone} for word, tone in MORE_OF.items()}
    words = "|".join(re.escape(word) for word in sorted(kinds, key=len, reverse=True))
    asks = rf"{LEADS}(?:(?:an?|the|more|much|even|a bit|a little|some|very)\s+)*(?:an?\s+)?(?P<kind>{words}){TRAILS}"
    return kinds, re.compile(asks, re.IGNORECASE)

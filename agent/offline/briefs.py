"""What a film is to be about, told from everything else that is said: a story, or a repository."""

import re
from typing import Any

from agent.offline.otherwise import token_budget
from agent.offline.wanted import made_by
from agent.words import pattern
from tools.story import library, scenes_of, wishes_from

BRIEF_WORDS_MIN = 3
ORDER_WORDS_MAX = 6


REPO = pattern(
    r"\b(?:this|the|my|our)\s+(?:very\s+|own\s+)?(?:git(?:hub)?\s+)?(?:repo(?:sitory)?|project|code ?base|code|package|library)\b"
    r"|\b(?:film|video|movie|trailer)\s+(?:about|of|on|for)\s+(?:an?\s+)?(?:repo(?:sitory)?|code ?base)\b"
    r"|\b(?:diese[sm]?|mein(?:em?)?|unser(?:em?)?)\s+(?:repo(?:sitory)?|projekt|code)\b"
)
PATH = re.compile(
    r"(?:^|\s|[\"'`(])(https://(?!\S*\.(?:png|jpe?g|webp|gif)\b)[\w.:-]+(?:/[\w.~+-]*[\w~+-]){2,}(?:[#@][\w./+-]*\w)?|upload:[0-9a-f]{20}"
    r"|(?:~|\.{1,2})?/[^\s\"'`,;)?!]*|\.{1,2}(?=[\s,;.!?]|$)|[\w.-]+/[\w./-]+)(?=[./]?(?:$|[\s\"'`,;)?!]))"
)
BEGIN = pattern(
    r"^\s*(?:please\s+|now\s+|can you\s+|could you\s+|i (?:want|need|would like)\s+|i'd like\s+|let'?s\s+)*"
    r"(?:(?:make|create|film|shoot|plan|produce|draft|write|do)\s+(?:me\s+|us\s+)?(?:an?|another|the|some|\d)\b|(?:an?\s+)?(?:new\s+)?[\w\s,-]{0,40}\b(?:film|video|movie|trailer|clip)\b)"
)
NEW = pattern(
    r"\b(?:make|create|film|shoot|plan|produce|draft|write|want|need|like)\s+(?:me\s+|us\s+|to see\s+)?(?:an?|another|some|\d)\b(?!\s+(?:bit|little|lot)\b)"
    r"|\babout\s+(?!\d)|\b(?:film|movie|trailer|video)\s+of\b|^\s*(?:an?|another)\s[\w\s,-]{0,60}\b(?:film|movie|trailer|video|clip)\b"
)
OF_THIS = pattern(
    r"^\s*(?:please\s+)?(?:make|turn|change|do|let|show|watch|play|see|preview|stop|cancel|delete|download|can i (?:see|watch))\s+(?:me\s+)?(?:it|this|that|the (?:film|movie|video|plan|ending|first|last)|shots?|scenes?|everything)\b"
)
QUESTION = pattern(
    r"^\s*(?:what|why|how|who|which|when|where|can|could|do|does|did|is|are|will|would|should)\b.*\?\s*$"
    r"|^\s*(?:what|why|how|which|when|where)\s+(?:is|are|do|does|did|can|could|should|would|will|much|many|long)\b[^.!\n]{0,80}$"
    r"|^\s*(?:can|could|do|does|did|is|are|will|would|should) (?:i|you|we|it|this|that|there)\b[^.!\n]{0,80}$"
)
POLITE_QUESTION = pattern(
    r"^\s*(?:can|could|will|would) (?:you|we) (?:please )?(?:make|create|film|shoot|plan|produce|draft|write|do)\s+(?:me\s+|us\s+)?(?:an?|another|some)\b.+"
)
ORDER = pattern(
    r"^\s*(?:please\s+)?(?:show|list|save|export|download|open|load|use|set|raise|enable|disable|turn|go|undo|redo|retry|switch|upgrade|share|publish|sign|log|reset|clear|delete|remove|swap|move|split|merge|lock|unlock|insert|add|make it|make them)\b(?!\s+(?:me\s+)?an?\b)"
)


STORY = pattern(
    r"^\s*(?:an?\s+(?:(?!(?:bit|little|lot|few|more|less|of|in|on|at|for|to|from|with|by|and|or|than|as|different|another)\b)[\w'-]+\s+){1,4}?(?!(?:his|its|this|is|was|has|as|looks|instead|always|perhaps|works?|suits?|fits?|costs?|makes?|helps?|feels?|sounds?|means?|seems?|thanks|options|seconds|jobs)\b)[\w'-]{2,}s\s+\w+"
    r"|(?:two|three|four|some)\s+(?:\w+\s+)?\w+s\s+(?!(?:shots|seconds|instead|please|in|of|more|less|longer|shorter|with|and|at|on)\b)\w+\s+\w+)"
)
OF_A_FILM = pattern(
    r"\b(?:shots?|scenes?|cards?|captions?|titles?|film|movie|plan|version|ending|instead|please|should|seconds?\s+(?:each|longer|shorter)|looks?|tones?|moods?|styles?|formats?|resolution|render|jobs?|offers?|models?|thanks|options|camera|background|close-up|it|her|him|me|you|better|best)\b"
)
OF_SHOT = pattern(r"\b(?:out of|from|of|in|for) (?:the )?shot \d{1,3}\W*$")
SCAN = pattern(
    r"^\s*(?:(?:please|now|can you|could you)\s+)*(?:scan|analy[sz]e|inspect|read|look (?:at|into)|check out|what(?:'s|\s+is)(?:\s+in)?|tell me about)\b(?!.*\b(?:film|video|movie|trailer|clip)s?\b)"
)
SCAN_WORDS_MAX = 8


def scanned(text: str) -> str | None:
    """The repository that somebody wants read, and not yet filmed."""
    return _repository(text) if SCAN.search(text) and len(text.split()) <= SCAN_WORDS_MAX else None


def is_brief(text: str, *, has_plan: bool) -> bool:
    """Whether a message tells of a film that is to be made; with a plan there it has to say so."""
    if QUESTION.search(text) and not POLITE_QUESTION.search(text):
        return False
    if REPO.search(text) or PATH.search(text) or _is_told(text) or scenes_of(text).scenes:
        return True
    if has_plan:
        return bool(NEW.search(text)) and begins(text) and not OF_SHOT.search(text)
    if begins(text):
        return True
    spaced = len(text.split())
    long_enough = spaced >= BRIEF_WORDS_MIN or (spaced >= 1 and not text.isascii())
    return long_enough and not (ORDER.search(text) and spaced <= ORDER_WORDS_MAX)


def tells(text: str) -> bool:
    """Whether somebody tells a story of its own, "a heron waits in the rain", and speaks of no film that is there."""
    return STORY.search(text) is not None and not OF_A_FILM.search(text) and not QUESTION.search(text)


def begins(text: str) -> bool:
    """Whether its first words ask for a film; "make the film longer" speaks of the one that is there."""
    return bool(BEGIN.search(text)) and not OF_THIS.search(text)


def _is_told(text: str) -> bool:
    """A template that brings its own story needs no more than its name."""
    named = wishes_from(text).template
    return named is not None and library().template(named).is_told


def plan_args(text: str) -> dict[str, Any]:
    """The brief in the person's words, what they said around it, and the repository they named."""
    level, text = token_budget(text)
    maker, text = made_by(text)
    wishes = wishes_from(scenes_of(text).plain)
    said = {
        "shots": wishes.shots,
        "seconds": wishes.seconds,
        "style": wishes.style,
        "mood": wishes.mood,
        "tone": wishes.tone,
        "aspect_ratio": wishes.aspect_ratio,
        "template": wishes.template,
        "token_budget": level,
    }
    repo = _repository(text)
    args = maker | {"brief": text} | {name: value for name, value in said.items() if value is not None}
    return args if repo is None else args | {"repo_path": repo}


def _repository(text: str) -> str | None:
    if found := PATH.search(text):
        return found[1].removesuffix(".") if found[1].strip("./") else found[1]  # the sentence's full stop
    return "." if REPO.search(text) else None

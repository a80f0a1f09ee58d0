"""Parts of what people say, as parts of patterns."""

import re
from collections.abc import Iterable
from typing import Any

from agent.words import NUMBERS, number

Edits = tuple[dict[str, Any], ...]  # as the tool takes them
NUMBER = rf"({NUMBERS})\b"
LEAD = r"\s*(?:(?:yes|no|great|nice|good|oh|well|hm+)\s*,\s+)?(?:(?:please|now|then|and|but|so|also|ok(?:ay)?|can you|can we|could you|could we|would you|let'?s|i want to|i want you to|i'd like to|i want|maybe)[,.!]?\s+)*"
TAIL = r"(?:(?:\s*,)?\s*(?:please|instead|now|then|thanks|too|as well))*\s*[.!?]*\s*"
POLITE = r"^\s*(?:(?:please|now|then|and|so|also|ok(?:ay)?|can you|could you|would you|let'?s|i want to|i want you to|i'd like to|maybe)[,.!]?\s+)*"
END = r"\s*(?:,?\s*(?:please|now|instead|then|thanks))*\s*[.!?]*\s*$"
FILM = r"(?:it|this|that|the (?:film|movie|video|whole thing|whole|plan|shots)|all (?:the )?shots|every shot|everything)"
MARK = r"\s*(?:number|#|no\.?)?\s*"
SHOT = rf"(?:the\s+)?(?:shot|scene){MARK}(?P<shot>{NUMBERS})\b"
FIRSTS = frozenset({"first", "beginning", "start", "front", "top", "begin", "open"})


def said(text: str) -> re.Pattern[str]:
    """A wish that is the whole of a message, with what politeness puts around it."""
    return re.compile(rf"{LEAD}{text}{TAIL}", re.IGNORECASE | re.DOTALL)


def first(patterns: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """The first of these wishes that the text is."""
    return next(filter(None, (each.fullmatch(text) for each in patterns)), None)


def numbers(text: str) -> list[int]:
    """All that are named, in figures or as words."""
    return [number(each) for each in re.findall(rf"\b(?:{NUMBERS})\b", text, re.IGNORECASE)]


def end_of(word: str, shots: int) -> int:
    """The number of the shot at an end of the film."""
    return 1 if word.lower() in FIRSTS else max(1, shots)

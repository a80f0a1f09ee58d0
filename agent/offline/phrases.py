"""Parts of what people say, as parts of patterns."""

import re

from agent.words import NUMBERS

NUMBER = rf"({NUMBERS})\b"
LEAD = r"\s*(?:(?:yes|no|great|nice|good|oh|well|hm+)\s*,\s+)?(?:(?:please|now|then|and|but|so|also|ok(?:ay)?|can you|can we|could you|could we|would you|let'?s|i want to|i want you to|i'd like to|i want|maybe)[,.!]?\s+)*"
TAIL = r"(?:\s*,?\s*(?:please|instead|now|then|thanks|too|as well))*\s*[.!?]*\s*"
POLITE = r"^\s*(?:(?:please|now|then|and|so|also|ok(?:ay)?|can you|could you|would you|let'?s|i want to|i want you to|i'd like to|maybe)[,.!]?\s+)*"
END = r"\s*(?:,?\s*(?:please|now|instead|then|thanks))*\s*[.!?]*\s*$"
FILM = r"(?:it|this|that|the (?:film|movie|video|whole thing|whole|plan|shots)|all (?:the )?shots|every shot|everything)"


def said(text: str) -> re.Pattern[str]:
    """A wish that is the whole of a message, with what politeness puts around it."""
    return re.compile(rf"{LEAD}{text}{TAIL}", re.IGNORECASE | re.DOTALL)

"""Keys and passwords that must not travel with a profile.

A table of patterns, each linear in the text it reads. The blank keeps the shape of the
sentence, so a reader sees that something stood there.
"""

import re

BLANK = "[redacted]"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
        r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b",  # AWS
        r"\bsk-[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic and those who copied the prefix
        r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",  # Stripe
        r"\bgh[pousr]_[A-Za-z0-9]{30,}",  # GitHub
        r"\bgithub_pat_[A-Za-z0-9_]{30,}",
        r"\bglpat-[A-Za-z0-9_-]{16,}",  # GitLab
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
        r"\bAIza[A-Za-z0-9_-]{30,}",  # Google
        r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",  # a signed web token
        r"(?<=://)[^\s/:@]{1,100}:[^\s/@]{1,200}(?=@)",  # user:password@host
        r"(?i)(?<=bearer )[A-Za-z0-9._~+/-]{20,}=*",
    )
)

# A name that says what it holds, and the value it is given. Only the value is blanked.
_ASSIGNMENT = re.compile(
    r"""(?ix)
    ( (?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)
      ["']? \s{0,4} [:=] \s{0,4} )
    ( "[^"\s]{4,200}" | '[^'\s]{4,200}' | (?=[^\s"']*\d) [^\s"'\[]{8,200} )
    """
)


def blank(text: str) -> tuple[str, int]:
    """The text without its secrets, and how many there were."""
    count = 0
    for pattern in _PATTERNS:
        text, found = pattern.subn(BLANK, text)
        count += found
    text, found = _ASSIGNMENT.subn(lambda match: match[1] + BLANK, text)
    return text, count + found

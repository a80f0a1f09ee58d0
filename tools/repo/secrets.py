"""Keys and passwords that must not travel with a profile.

A table of patterns, each linear in the text it reads. The blank keeps the shape of the
sentence, so a reader sees that something stood there.
"""

import re
from dataclasses import dataclass

from tools.repo.text import plain_path

BLANK = "[redacted]"

# What a vendor writes in front of its keys, and the least that follows. Grouped by who gives them out.
_PREFIXES = r"""
    sk-(?=[\w-]{0,60}\d)[\w-]{16,}                       # OpenAI, OpenRouter, Anthropic and those who copied it
  | sk_(?:live|test)_\w{16,} | sk_[0-9a-f]{32,}     # Stripe; ElevenLabs
  | [rp]k_(?:live|test)_\w{16,} | whsec_[\w+/=-]{20,}
  | key_[0-9a-f]{48,}                               # Runway
  | AIza[\w-]{30,} | AQ\.[\w-]{30,} | ya29\.[\w-]{20,} | GOCSPX-[\w-]{20,}  # Google
  | (?:A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{16}  # AWS
  | gh[pousr]_[A-Za-z0-9]{30,} | github_pat_\w{30,}
  | (?:gl(?:pat|dt|ft|soat|rt|cbt|ptt|imt|agent)|gloas)-[\w-]{16,}  # GitLab
  | xox[abeoprs]-[\w-]{10,} | xapp-[\w-]{20,}       # Slack
  | (?:hf|r8|gsk|npm|ntn|dckr_pat|glsa|sbp|figd|lin_api|sntrys|nvapi|tfp|pul|rubygems|luma|pplx|xai)
    [_-](?=[\w-]{0,60}\d)[\w-]{24,}                      # Hugging Face, Replicate, Groq, npm, Notion, Docker...
  | pypi-AgE[\w-]{30,} | d[oc]p_v1_[0-9a-f]{40,} | dapi[0-9a-f]{32}
  | shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32} | hv[sb]\.[\w-]{20,} | ATATT3[\w=-]{20,} | PMAK-[\w-]{30,}
  | SG\.[\w-]{16,}\.[\w-]{16,} | key-[0-9a-f]{32} | [0-9a-f]{32}-us\d{1,2}  # SendGrid, Mailgun, Mailchimp
  | (?:AC|SK)[0-9a-f]{32} | sq0[a-z]{3}-[\w-]{22,} | EAAA[\w-]{50,}  # Twilio, Square
  | [MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,} | \d{8,10}:[\w-]{35}     # Discord, Telegram
  | AGE-SECRET-KEY-1[A-Z0-9]{50,} | AccountKey=[\w+/=]{40,}
  | [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}:[0-9a-f]{24,}        # fal
  | eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}           # a signed web token
"""

_PATTERNS = (
    re.compile(
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----[^-]*(?:-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"
    ),
    re.compile(rf"(?<![A-Za-z0-9])(?:{_PREFIXES})", re.VERBOSE | re.ASCII),
    re.compile(r"(?<=hooks\.slack\.com/services/)[\w/]{20,}", re.ASCII),
    re.compile(r"(?<=/api/webhooks/)\d{10,}/[\w-]{20,}", re.ASCII),
    re.compile(r"(?<=://)[^\s/:@]{0,100}:[^\s/@]{1,200}(?=@)"),  # user:password@host
    re.compile(r"(?i)(?<=bearer )[A-Za-z0-9._~+/-]{20,}=*"),
    re.compile(r"(?i)(?<=authorization: basic )[A-Za-z0-9+/]{8,}=*"),
)

# A name that says what it holds, and the value it is given. Only the value is blanked.
_ASSIGNMENT = re.compile(
    r"""(?ix)
    ( (?:passwords?|passwd|passphrase|pwd|secrets?|tokens?|signature|credentials?
        |(?:api|auth|access|account|client|encryption|private|service|signing)[_-]?key)
      (?:[_-]?(?:id|key|value|hash))? ["']? \s{0,4} (?: [:=] | => | := ) \s{0,4} )
    (?: (["']) [^"'\s]{4,200} \2 | (?=[^\s"']{0,200}\d) [^\s"'\[]{8,200} )
    """
)

# What nobody can say aloud: too long and too mixed for a word, a name or a number.
DRAWN_CHARACTERS_MIN = 24
_WORD = re.compile(rf"[A-Za-z0-9+/_=-]{{{DRAWN_CHARACTERS_MIN},}}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_KIND = str.maketrans(
    {
        **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"),
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
        **dict.fromkeys("0123456789", "0"),
    }
)
_CHANGE = re.compile(r"(?=aA|a0|0a|0A|A0)")
_MIXED_SHARE = 0.3  # half of a random key's neighbours differ in kind; a tenth of a long name's do


def blank(text: str) -> tuple[str, int]:
    """The text without its secrets, and how many there were."""
    count = 0
    for pattern in _PATTERNS:
        text, found = pattern.subn(BLANK, text)
        count += found
    text, found = _ASSIGNMENT.subn(_kept_quotes, text)
    return text, count + found


def blank_strictly(text: str) -> tuple[str, int]:
    """The same, and without whatever looks drawn by lot: for texts that can do without a checksum."""
    text, count = blank(text)
    found = 0

    def unless_said(match: re.Match[str]) -> str:
        nonlocal found
        if not looks_drawn(match[0]):
            return match[0]
        found += 1
        return BLANK

    return _WORD.sub(unless_said, text), count + found


@dataclass
class Cleaner:
    """Makes a text fit to leave: plain, and without secrets. `blanked`: how many it has found so far."""

    blanked: int = 0

    def __call__(self, text: str) -> str:
        text, count = blank_strictly(plain_path(text))
        self.blanked += count
        return text

    def of_lines(self, text: str) -> list[str]:
        """Its lines, where a secret may go over several of them and a checksum may stay."""
        text, count = blank(text)
        self.blanked += count
        return text.splitlines()


def looks_drawn(word: str) -> bool:
    """Whether its letters and digits, or those of a folder in it, are mixed as chance mixes them."""
    folders = (part for part in word.split("/") if len(part) >= DRAWN_CHARACTERS_MIN)
    return any(map(_is_mixed, (word, *folders)))


def _is_mixed(word: str) -> bool:
    if not any(map(str.isdigit, word)):
        return False
    kinds = word.translate(_KIND)
    return _HEX.search(word) is not None or (
        {"a", "A", "0"} <= set(kinds) and len(_CHANGE.findall(kinds)) >= _MIXED_SHARE * len(word)
    )


def _kept_quotes(match: re.Match[str]) -> str:
    quote = match[2] or ""
    return f"{match[1]}{quote}{BLANK}{quote}"

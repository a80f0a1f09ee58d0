"""Prompts within a number of tokens: redundant words go first, then parts of the look, never who does what.

Tokens are estimated, and on the safe side: nobody's own count is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.errors import Invalid
from tools.shots import ShotList, is_locked
from tools.story.prompts import CAMERA_PHRASES, seen_in
from tools.story.words import UNSPACED, finish

Level = Literal["ULTRA_LOW", "LOW", "MEDIUM", "HIGH"]
TOKENS: dict[Level, int] = {"ULTRA_LOW": 40, "LOW": 56, "MEDIUM": 72, "HIGH": 96}
REDUNDANT = re.compile(
    r"\s*\b(?:very|really|quite|rather|extremely|truly|simply|just|almost|perfectly|completely|absolutely"
    r"|natural detail|unhurried natural movement|clear uncluttered staging|consistent faces and clothes"
    r"|fine film grain|balanced composition|natural perspective)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the prompts of a film come to, before and after."""

    level: Level
    before: int
    after: int
    over: tuple[int, ...]  # shots that say too much even so

    def __str__(self) -> str:
        over = f"; {', '.join(map(str, self.over))} cannot be shorter" if self.over else ""
        return (
            f"{self.after} tokens of {self.before}, at most {TOKENS[self.level]} a shot ({self.level}){over}"
        )


def read_level(text: str) -> Level:
    """A level by its name, in any case."""
    wanted = text.strip().upper().replace("-", "_").replace(" ", "_")
    for level in TOKENS:
        if level == wanted:
            return level
    raise Invalid("token_budget", f"is one of {', '.join(TOKENS)}")


def tokens(text: str) -> int:
    """Four tokens for three words, and one for each sign of a script without blanks."""
    unspaced = len(UNSPACED.findall(text))
    words = len(UNSPACED.sub(" ", text).split())
    marks = len(re.findall(r"[,.;:!?]", text))
    return (words * 4 + 2) // 3 + marks // 2 + unspaced


def thrifty(shots: ShotList, level: Level) -> tuple[ShotList, Spent]:
    """The same film in fewer words where it needs them; locked shots keep theirs."""
    made = [
        shot
        if is_locked(shot)
        else shot.model_copy(
            update={"enhanced_prompt": fitted(shot.enhanced_prompt, TOKENS[level], _cast(shots))}
        )
        for shot in shots.shots
    ]
    fewer = shots.with_shots(made)
    return fewer, spent(shots, fewer, level)


def spent(before: ShotList, after: ShotList, level: Level) -> Spent:
    """The count of a film's words, before and after they were made fewer."""
    counts = [tokens(shot.enhanced_prompt) for shot in after.shots]
    return Spent(
        level,
        sum(tokens(shot.enhanced_prompt) for shot in before.shots),
        sum(counts),
        tuple(n for n, each in enumerate(counts, 1) if each > TOKENS[level]),
    )


def _cast(shots: ShotList) -> tuple[str, ...]:
    return tuple(sheet.looks for sheet in shots.sheets)


def fitted(prompt: str, most: int, cast: Sequence[str] = ()) -> str:
    """The first shorter wording that fits, or the shortest there is; how the `cast` looks stays in it."""
    shorter = prompt
    for shorter in _shorter(prompt, cast):
        if tokens(shorter) <= most:
            break
    return shorter


def _shorter(prompt: str, cast: Sequence[str]) -> Iterator[str]:
    """One thing less each time: a redundant word, a part of the look from its end, the twist, the place."""
    yield prompt
    while REDUNDANT.search(prompt):
        prompt = _mended(REDUNDANT.sub("", prompt, count=1))
        yield prompt
    seen = seen_in(prompt)
    look = prompt[len(seen) :].strip().rstrip(".。").split(", ") if prompt.startswith(seen) else []
    for kept in range(len(look) - 1, 1, -1):
        yield f"{finish(seen)} {finish(', '.join(look[:kept]))}"
    kept_until = max((seen.find(looks) + len(looks) + 1 for looks in cast if looks in seen), default=0)
    while seen.rstrip(",").rfind(",") >= kept_until and "," in seen.rstrip(","):
        seen = finish(seen[: seen.rindex(",")])
        yield f"{seen} {finish(', '.join(look[:2]))}" if look else seen


def _mended(text: str) -> str:
    """Without the commas that stood around what is gone."""
    return re.sub(r",(?=[.。])", "", re.sub(r"(?:,\s*)+,", ",", " ".join(text.split()))).replace(" ,", ",")


def camera_said(prompt: str) -> int:
    """How many movements of the camera a prompt orders."""
    return sum(prompt.count(phrase) for phrase in CAMERA_PHRASES.values())

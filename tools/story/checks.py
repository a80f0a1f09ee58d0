"""What a director of photography would object to in a shot list, shot by shot. Nothing is changed here.

Every plan made here passes; a list that somebody wrote or edited may not, and may be rendered all
the same.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tools.shots import Shot, ShotList
from tools.story.cast import contradicted
from tools.story.library import CAMERAS
from tools.story.prompts import WORDS_MAX, WORDS_MIN
from tools.story.thrift import camera_said
from tools.story.words import LETTER, SENTENCE_END, count, is_spaced

Rule = Literal[
    "words", "sentences", "camera", "seconds", "size", "line", "character", "sheet", "time", "negative", "cut"
]
SIDE = re.compile(
    r"\b(?:(?P<who>first|second) speaker )?(?:looking|facing|turned) (?P<way>left|right)\b", re.IGNORECASE
)
CUT = re.compile(
    r"\b(?:cut to|cuts to|jump cut|smash cut|then we see|next scene|montage of)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Finding:
    """An objection to a shot, by its number."""

    n: int
    rule: Rule
    why: str

    def __str__(self) -> str:
        return f"shot {self.n}: {self.why}"


def check(shots: ShotList, offered: Collection[int] | None = None) -> list[Finding]:
    """Every objection, in the order of the shots. `offered` are the seconds that a video model can render."""
    found = [finding for shot in shots.shots for finding in _alone(shot, offered)]
    found += [finding for one, other in pairwise(shots.shots) for finding in _beside(one, other)]
    found += [
        Finding(shot.shot_number, "sheet", why) for shot in shots.shots for why in contradicted(shots, shot)
    ]
    found += list(_line(shots))
    return sorted(found, key=lambda finding: finding.n)


def _alone(shot: Shot, offered: Collection[int] | None) -> Iterator[Finding]:
    prompt, n = shot.enhanced_prompt, shot.shot_number
    if is_spaced(prompt) and not WORDS_MIN <= count(prompt) <= WORDS_MAX:
        yield Finding(n, "words", f"{count(prompt)} words; {WORDS_MIN} to {WORDS_MAX} are understood best")
    sentences = len([part for part in SENTENCE_END.split(prompt) if LETTER.search(part)])
    if sentences > 2:
        yield Finding(n, "sentences", f"{sentences} sentences; one says what is seen, one how")
    if shot.camera not in CAMERAS or camera_said(prompt) > 1:
        yield Finding(n, "camera", f"one movement of the camera at a time: {', '.join(CAMERAS)}")
    if offered is not None and shot.duration not in offered:
        yield Finding(n, "seconds", f"{shot.duration} s is not a length that is offered")
    if CUT.search(prompt):
        yield Finding(n, "cut", "there is no cut inside a shot; split it")
    if not shot.negative_prompt:
        yield Finding(n, "negative", "nothing is kept out of the picture")


def _beside(one: Shot, other: Shot) -> Iterator[Finding]:
    if one.shot_type == other.shot_type:
        yield Finding(other.shot_number, "size", f"the same size as the shot before: {other.shot_type}")
    if _is_there_still(one, other) and one.time_of_day != other.time_of_day:
        why = f"{other.time_of_day} here, and {one.time_of_day} in the shot before, in the same place"
        yield Finding(other.shot_number, "time", why)
    same = set(one.characters) & set(other.characters)
    for who in sorted(same):
        if (who.lower() in one.enhanced_prompt.lower()) and who.lower() not in other.enhanced_prompt.lower():
            yield Finding(other.shot_number, "character", f"{who} is not described as in the shot before")


def _is_there_still(one: Shot, other: Shot) -> bool:
    """Whether the second is where the first was, in the same scene, and both say when."""
    scenes = {(shot.model_extra or {}).get("scene") for shot in (one, other)}
    here = bool(one.landscapes) and one.landscapes == other.landscapes
    return here and len(scenes) == 1 and bool(one.time_of_day and other.time_of_day)


def _line(shots: ShotList) -> Iterator[Finding]:
    """The camera stays on one side of two people, until a wide shot shows where everybody is."""
    ways: dict[str, str] = {}
    for shot in shots.shots:
        found = SIDE.search(shot.enhanced_prompt)
        if shot.shot_type == "wide":
            ways.clear()
        if found is None:
            continue
        who = (found["who"] or "".join(shot.characters[:1])).lower()
        if ways.setdefault(who, found["way"].lower()) != found["way"].lower():
            name = f"the {who} speaker" if found["who"] else who or "who is seen"
            yield Finding(
                shot.shot_number, "line", f"the camera has crossed the line: {name} looks the other way"
            )
            ways[who] = found["way"].lower()

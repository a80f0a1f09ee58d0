"""Shots and shot lists: the plan that everything else draws, prices, quotes and renders.

The format on disk and on the wire is the plain shots file: a JSON list of objects with
`shot_id`, `enhanced_prompt`, `duration` and what else is known of a shot.
"""

import json
import re
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tools.errors import Invalid, explain

SHOTS_MAX = 60
SECONDS_MAX = 60
PROMPT_CHARACTERS_MAX = 4_000
FILE_BYTES_MAX = 2_000_000
BRIEF_CHARACTERS_MAX = 20_000
SHEETS_MAX = 20
PICTURES_MAX = 8  # of one shot
PICTURE_PREFIX = "sha256:"
PICTURE_NAME = re.compile(rf"{PICTURE_PREFIX}[0-9a-f]{{64}}")  # of one that was sent here

AspectRatio = Literal["16:9", "9:16", "1:1"]
Only = Collection[int] | Literal["rest"] | None  # which shots: by number, those without a take, or all
ASPECT_RATIOS: tuple[AspectRatio, ...] = ("16:9", "9:16", "1:1")

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Evidence(BaseModel):
    """Where in the repository a shot's idea was found: path from the root, line from 1."""

    model_config = ConfigDict(frozen=True)

    path: str = Field(max_length=500)
    line: int = Field(ge=1)


class Shot(BaseModel):
    """One continuous camera idea with a duration in whole seconds."""

    model_config = ConfigDict(frozen=True, extra="allow")  # a foreign shots file keeps what we do not know

    shot_id: Word = Field(min_length=1)
    shot_number: int = Field(default=1, ge=1)
    shot_type: Word = "wide"
    enhanced_prompt: str = Field(min_length=1, max_length=PROMPT_CHARACTERS_MAX, pattern=r"\S")
    negative_prompt: str = Field(default="", max_length=PROMPT_CHARACTERS_MAX)
    duration: int = Field(default=5, ge=1, le=SECONDS_MAX)
    dialogue: Line | None = None
    characters: list[Word] = Field(default=[], max_length=20)
    landscapes: list[Word] = Field(default=[], max_length=20)
    styles: list[Word] = Field(default=[], max_length=20)
    mood: Word = ""
    time_of_day: Word = ""
    camera: Word = "static"
    reference_images: list[Line] = Field(default=[], max_length=PICTURES_MAX)
    evidence: list[Evidence] = Field(default=[], max_length=20)
    title_card: Line | None = None
    caption: Line | None = None


class Sheet(BaseModel):
    """Who a character is, or what a place looks like, in the words that every shot uses."""

    model_config = ConfigDict(frozen=True)

    name: Word = Field(min_length=1)
    looks: Word = Field(min_length=1)
    kind: Literal["character", "place"] = "character"


def _is_empty(sheets: list[Sheet]) -> bool:
    return not sheets


def is_locked(shot: Shot) -> bool:
    """A shots file may mark a shot with `"locked": true`: nothing changes it until it is unlocked."""
    return (shot.model_extra or {}).get("locked") is True


class ShotList(BaseModel):
    """Ordered shots, numbered from 1 without gaps, and what they were planned from."""

    model_config = ConfigDict(frozen=True)

    title: Line = "Untitled"
    brief: str = Field(default="", max_length=BRIEF_CHARACTERS_MAX)
    repo: str | None = None
    template: Word = ""
    style: Word = ""
    mood: Word = ""
    tone: Word = ""
    aspect_ratio: AspectRatio = "16:9"
    # A plan without sheets is written as it was before there were any.
    sheets: list[Sheet] = Field(default=[], max_length=SHEETS_MAX, exclude_if=_is_empty)
    shots: list[Shot] = Field(min_length=1, max_length=SHOTS_MAX)

    @model_validator(mode="after")
    def _number_from_one(self) -> Self:
        ids = [shot.shot_id for shot in self.shots]
        if len(set(ids)) != len(ids):
            raise ValueError("two shots have the same shot_id")
        if len({sheet.name.casefold() for sheet in self.sheets}) != len(self.sheets):
            raise ValueError("two sheets have the same name")
        numbered = [shot.model_copy(update={"shot_number": n}) for n, shot in enumerate(self.shots, 1)]
        object.__setattr__(self, "shots", numbered)
        return self

    @property
    def seconds(self) -> int:
        return sum(shot.duration for shot in self.shots)

    def with_shots(self, shots: list[Shot]) -> Self:
        """The same film with other shots, validated and numbered anew."""
        return type(self).model_validate(self.model_dump() | {"shots": [shot.model_dump() for shot in shots]})


def shots_in_words(numbers: Sequence[int]) -> str:
    """ "shot 2", "shots 1, 2 and 5"."""
    if len(numbers) == 1:
        return f"shot {numbers[0]}"
    return f"shots {', '.join(str(n) for n in numbers[:-1])} and {numbers[-1]}"


def read_shots(source: str | bytes | list[Any] | dict[str, Any]) -> ShotList:
    """Read a shots file (a bare list of shots, or a whole shot list); `Invalid` names the first bad field."""
    document: Any = _document(source) if isinstance(source, str | bytes) else source
    _check_writable(document)
    try:
        return ShotList.model_validate({"shots": document} if isinstance(document, list) else document)
    except ValidationError as error:
        raise explain(error) from None


def _document(source: str | bytes) -> Any:
    if len(source) > FILE_BYTES_MAX:
        raise Invalid("shots", f"a shots file has at most {FILE_BYTES_MAX:,} bytes")
    try:
        return json.loads(source)
    except (ValueError, RecursionError) as error:
        raise Invalid("shots", f"not valid JSON: {error}") from None


def _check_writable(document: Any) -> None:
    """What we keep unread of a foreign file must be writable again: no NaN, no half characters."""
    try:
        json.dumps(document, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("shots", f"not valid JSON: {error}") from None

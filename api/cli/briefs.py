"""A brief in a file: what a film is about and the wishes for it, as in `examples/`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import Invalid, explain
from tools.shots import BRIEF_CHARACTERS_MAX, FILE_BYTES_MAX, AspectRatio

ENDING = ".json"
A_PLAN = "is a plan already, and no brief: `greenlight estimate --shots FILE` prices it, `greenlight edit FILE` changes it"
LIKE = 'a brief in a file is like {"brief": "A fox learns to sail", "wishes": {"style": "noir"}}'


class Wished(BaseModel):
    """The options of `greenlight plan`, by their names."""

    model_config = ConfigDict(extra="forbid", strict=True)

    shots: int | None = None
    seconds: int | None = None
    style: str | None = None
    mood: str | None = None
    tone: str | None = None
    aspect_ratio: AspectRatio | None = None
    template: str | None = None
    pattern: str | None = None
    token_budget: str | None = None
    variables: dict[str, str | int] = {}
    metaphors: list[str] = []
    characters: list[str] = []


class Brief(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    brief: str = Field(min_length=1, max_length=BRIEF_CHARACTERS_MAX)
    wishes: Wished = Wished()
    reading: str | None = None  # of a repository, for the tests


def is_file(brief: str) -> bool:
    """No story is one word that ends like this; a path may have blanks, if something is there."""
    return brief.endswith(ENDING) and (len(brief.split()) == 1 or Path(brief).is_file())


def read_brief(file: str, said: Mapping[str, Any], *, has_repo: bool) -> tuple[str, dict[str, Any]]:
    """The brief of a file and its wishes; what was said beside it on the command line wins."""
    told = _told(file, _read(file))
    if told.reading is not None and not has_repo:
        raise Invalid(file, "is about a repository; say where that is: --repo PATH, or its https address")
    own = dict(told.wishes)
    own |= {"metaphors": tuple(told.wishes.metaphors), "characters": tuple(told.wishes.characters)}
    return told.brief, own | {
        name: each for name, each in said.items() if each not in (None, (), {}) or name not in own
    }


def _told(file: str, content: bytes) -> Brief:
    if len(content) > FILE_BYTES_MAX:
        raise Invalid(file, f"has more than the {FILE_BYTES_MAX:,} bytes that a brief in a file may have")
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):  # also of bytes that are no text
        raise Invalid(file, f"is not JSON; {LIKE}") from None
    if isinstance(given, list) or (isinstance(given, dict) and "shots" in given):
        raise Invalid(file, A_PLAN)
    try:
        return Brief.model_validate(given)
    except ValidationError as error:
        wrong = explain(error)
        raise Invalid(file, f"{wrong.what}: {wrong.why}; {LIKE}") from None


def _read(file: str) -> bytes:
    try:
        with Path(file).open("rb") as opened:
            return opened.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Invalid(file, f"cannot be read: {why}") from None

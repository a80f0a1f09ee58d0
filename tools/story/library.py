"""The story library: metaphors, templates and presets, read from TOML and checked as it is read.

`library()` is what ships. A person's own metaphors come in through `read_metaphors`, pass the
same checks, and `extend` adds them or puts them in the place of those with the same id.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from tools.errors import Invalid, explain
from tools.repo.profile import ConceptKind
from tools.story.variables import Entry, Variable
from tools.story.words import clean, count, is_spaced, one_sentence

FOLDER = Path(__file__).parent
FILE_CHARACTERS_MAX = 1_000_000

Camera = Literal["static", "push-in", "glide", "slow pan"]
CAMERAS: tuple[Camera, ...] = ("static", "push-in", "glide", "slow pan")
Role = Literal["opening", "gag", "idea", "closing", "told"]
CoverRole = Literal["idea", "establish", "detail", "reaction", "follow", "beyond", "closing"]
Fallback = ConceptKind | Literal["project"]


def _fragment(text: str) -> str:
    text = one_sentence(clean(text))
    if count(text) > 10 or (not is_spaced(text) and len(text) > 40):
        raise ValueError(f"a fragment has at most 10 words, this has {count(text)}: {text!r}")
    return text


Fragment = Annotated[str, Field(max_length=200), AfterValidator(_fragment)]
Text = Annotated[str, Field(max_length=160), AfterValidator(clean)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9 -]*$")]


class Metaphor(Entry):
    """A programming concept and the physical gag that stands for it."""

    id: Name
    concept: Text = Field(min_length=1)
    terms: tuple[Text, ...] = Field(min_length=1, max_length=60)
    kinds: tuple[ConceptKind, ...] = ()
    subject: Fragment = ""
    action: Fragment = Field(min_length=1)
    setting: Fragment = ""
    twist: Fragment = ""
    light: Fragment = ""
    place: Text = "kitchen"
    shot_type: Text = ""
    seconds: int = Field(default=5, ge=1, le=60)
    caption: Text = ""
    title_card: Text
    beside: dict[Text, tuple[Text, ...]] = Field(default={}, max_length=60)
    fallback: tuple[Fallback, ...] = ()
    approved: bool = False
    own: bool = False

    @model_validator(mode="after")
    def _names_the_concept(self) -> Self:
        if "{name}" not in self.title_card + self.caption:
            raise ValueError("title_card or caption needs {name}, where the real name from the code goes")
        return self

    @model_validator(mode="after")
    def _doubts_its_own_terms(self) -> Self:
        if strange := sorted(set(self.beside) - set(self.terms)):
            raise ValueError(f"beside has {strange[0]!r}, which is none of the terms")
        return self


class Line(Entry):
    """A fixed picture of a template: `{project}` and `{purpose}` come from the repository."""

    subject: Fragment = ""
    action: Fragment
    setting: Fragment = ""
    product: Fragment = ""
    twist: Fragment = ""
    light: Fragment = ""
    place: Text = ""
    caption: Text
    title_card: Text | None = None


class Beat(Entry):
    role: Role
    share: float = Field(gt=0, le=1)
    shot_types: tuple[Text, ...] = Field(min_length=1)
    cameras: tuple[Camera, ...] = Field(min_length=1)
    kinds: tuple[ConceptKind, ...] = ()
    line: tuple[Line, ...] = ()


class Cover(Entry):
    """One way of looking at an idea from a brief."""

    role: CoverRole
    shot_types: tuple[Text, ...] = Field(min_length=1)
    text: str
    caption: str
    frame: Fragment = ""


class _Alias(Entry):
    """`aliases` count wherever a brief says them, `weak` ones only when they stand alone."""

    name: Name
    aliases: tuple[str, ...]
    weak: tuple[str, ...] = ()


class Preset(_Alias):
    words: Fragment
    light: Fragment
    lens: Fragment = ""
    negative: tuple[str, ...]


class Tone(Preset):
    seconds: int = Field(ge=1, le=60)
    cameras: tuple[Camera, ...] = Field(min_length=1)


class Step(Entry):
    """How one shot of a pattern is seen."""

    shot_type: Text = Field(min_length=1)
    camera: Camera
    frame: Fragment


class Pattern(_Alias):
    """Shots that belong together: the steps follow each other, from the first again after the last."""

    step: tuple[Step, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _sizes_change(self) -> Self:
        sizes = [step.shot_type for step in self.step]
        if any(one == other for one, other in zip(sizes, [*sizes[1:], sizes[0]], strict=True)):
            raise ValueError(f"two steps of {self.name} that follow each other have the same shot_type")
        return self


class Template(_Alias):
    """A story in beats. One that is `told` brings its own lines and needs no repository and no brief."""

    persona: Text = ""
    style: str
    mood: str
    tone: str
    time_of_day: str
    seconds: int = Field(ge=1)
    heroes: tuple[Fragment, ...]
    beat: tuple[Beat, ...] = Field(min_length=1)
    cover: tuple[Cover, ...] = ()
    shot_seconds: int | None = Field(default=None, ge=1, le=60)
    palette: Fragment = ""
    negative: tuple[str, ...] = ()
    tags: tuple[Name, ...] = ()
    variable: tuple[Variable, ...] = ()

    @property
    def is_told(self) -> bool:
        return self.beat[0].role == "told"

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        total = sum(round(beat.share * 1000) for beat in self.beat)
        if total != 1000:
            raise ValueError(f"the shares of {self.name} add up to {total / 1000}, not 1")
        return self

    @model_validator(mode="after")
    def _told_in_full(self) -> Self:
        if not self.is_told:
            return self
        if not self.heroes or not all(beat.role == "told" and beat.line for beat in self.beat):
            raise ValueError(f"{self.name} is told: it needs a hero, and every beat a line")
        names = {variable.name for variable in self.variable}
        for text in (
            part for beat in self.beat for line in beat.line for part in (line.action, line.caption)
        ):
            if unknown := set(re.findall(r"{([^}]*)}", text)) - names:
                raise ValueError(f"{self.name} has no variable {min(unknown)!r}")
        return self


class Defaults(Entry):
    light: Fragment
    lens: Fragment
    words: Fragment
    negative: tuple[str, ...]
    fillers: tuple[Fragment, ...] = Field(min_length=4)


class _Presets(Entry):
    defaults: Defaults
    style: tuple[Preset, ...]
    mood: tuple[Preset, ...]
    tone: tuple[Tone, ...]
    time_of_day: dict[str, tuple[str, ...]]
    place: dict[Literal["words"], tuple[str, ...]]


class _Templates(Entry):
    template: tuple[Template, ...]
    pattern: tuple[Pattern, ...]
    interlude: tuple[Line, ...] = Field(min_length=1)


M = TypeVar("M", bound=BaseModel)
A = TypeVar("A", bound=_Alias)


@dataclass(frozen=True)
class Library:
    metaphors: tuple[Metaphor, ...]
    templates: tuple[Template, ...]
    interludes: tuple[Line, ...]
    patterns: tuple[Pattern, ...]
    styles: tuple[Preset, ...]
    moods: tuple[Preset, ...]
    tones: tuple[Tone, ...]
    defaults: Defaults
    times: dict[str, tuple[str, ...]]
    places: tuple[str, ...]

    def style(self, name: str) -> Preset | None:
        return _named(self.styles, name)

    def mood(self, name: str) -> Preset | None:
        return _named(self.moods, name)

    def tone(self, name: str) -> Tone | None:
        return _named(self.tones, name)

    def template(self, name: str) -> Template:
        return _known(self.templates, name, "template")

    def pattern(self, name: str) -> Pattern:
        return _known(self.patterns, name, "pattern")


@cache
def library() -> Library:
    """The library that ships with the product."""
    presets = _read(_Presets, (FOLDER / "presets.toml").read_text("utf-8"), "presets.toml")
    templates = _read(_Templates, (FOLDER / "templates.toml").read_text("utf-8"), "templates.toml")
    return Library(
        metaphors=read_metaphors((FOLDER / "metaphors.toml").read_text("utf-8"), "metaphors.toml"),
        templates=templates.template,
        interludes=templates.interlude,
        patterns=templates.pattern,
        styles=presets.style,
        moods=presets.mood,
        tones=presets.tone,
        defaults=presets.defaults,
        times=presets.time_of_day,
        places=presets.place["words"],
    )


def read_metaphors(text: str, source: str = "metaphors") -> tuple[Metaphor, ...]:
    """Read `[[metaphor]]` tables; `Invalid` names the file, the entry and what it should be."""
    if len(text) > FILE_CHARACTERS_MAX:
        raise Invalid(source, f"a metaphor file has at most {FILE_CHARACTERS_MAX:,} characters")
    document = _document(text, source)
    if set(document) != {"metaphor"}:
        raise Invalid(source, "a metaphor file has [[metaphor]] tables and nothing else")
    entries: Any = document["metaphor"]
    try:
        metaphors = TypeAdapter(tuple[Metaphor, ...]).validate_python(entries)
    except ValidationError as error:
        raise _complaint(error, source, entries) from None
    seen: set[str] = set()
    for metaphor in metaphors:
        if metaphor.id in seen:
            raise Invalid(source, f"two metaphors have the id {metaphor.id!r}")
        seen.add(metaphor.id)
    return metaphors


def extend(books: Library, metaphors: tuple[Metaphor, ...]) -> Library:
    """The same library with a person's own metaphors added, each in the place of one with its id."""
    new = {metaphor.id for metaphor in metaphors}
    owned = tuple(metaphor.model_copy(update={"own": True}) for metaphor in metaphors)
    kept = tuple(metaphor for metaphor in books.metaphors if metaphor.id not in new)
    return replace(books, metaphors=(*owned, *kept))


def _read(model: type[M], text: str, source: str) -> M:
    document = _document(text, source)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise _complaint(error, source, None) from None


def _document(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(source, f"not valid TOML: {error}") from None


def _complaint(error: ValidationError, source: str, entries: Any) -> Invalid:
    fact = explain(error)
    at = error.errors()[0]["loc"]
    entry: Any = entries[at[0]] if entries and at and isinstance(at[0], int) else None
    label = f" ({str(entry['id'])[:60]})" if entry and "id" in entry else ""
    return Invalid(f"{source}: {fact.what}{label}", fact.why)


def _named(entries: tuple[A, ...], name: str) -> A | None:
    wanted = clean(name).lower().replace("_", " ")
    for entry in entries:
        if wanted in {entry.name, entry.name.replace("-", " "), *entry.aliases, *entry.weak}:
            return entry
    return None


def _known(entries: tuple[A, ...], name: str, what: str) -> A:
    found = _named(entries, name)
    if found is None:
        names = ", ".join(entry.name for entry in entries)
        raise Invalid(what, f"no {what} {clean(name)[:60]!r}; there are {names}")
    return found

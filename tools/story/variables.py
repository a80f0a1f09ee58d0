"""The facts a template is told with: each has a name, a kind and limits, and a film that lacks one is refused.

A fact is given by name, or read from the brief: as `name=value`, and percentages in the order in
which the template lists them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.errors import Invalid
from tools.story.words import clean

TEXT_CHARACTERS_MAX = 80
PERCENT = re.compile(r"(?<![\w.,])(\d{1,3})\s?(?:%|percent\b|per cent\b)", re.IGNORECASE)


class Entry(BaseModel):
    """A table of the library, as a person wrote it: nothing in it that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Variable(Entry):
    """A fact. Without a default somebody has to say it; a text whose default is empty may stay unsaid."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: Literal["percent", "number", "text"]
    about: str = Field(min_length=1, max_length=120)
    minimum: int = 0
    maximum: int = 100
    default: int | str | None = None

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.default not in {None, ""} and _read(self, self.default) is None:
            raise ValueError(f"the default of {self.name} is not {_range(self)}")
        return self


def values_of(
    template: str, variables: Sequence[Variable], given: Mapping[str, Any], brief: str
) -> dict[str, str]:
    """A word for each variable; `Invalid` names the one that is unknown, missing or out of its limits."""
    names = [variable.name for variable in variables]
    if unknown := [clean(name)[:40] for name in given if name not in names]:
        known = f"it has {', '.join(names)}" if names else "it has none"
        raise Invalid("variables", f"the template {template} has no variable {unknown[0]!r}; {known}")
    said = dict(_said(variables, brief)) | dict(given)
    return {variable.name: _value(template, variable, said.get(variable.name)) for variable in variables}


def _said(variables: Sequence[Variable], brief: str) -> Iterator[tuple[str, str]]:
    """What the brief says: by name, and then its other percentages in order."""
    named = {
        variable.name: found[1]
        for variable in variables
        if (found := re.search(_naming(variable), brief, re.IGNORECASE))
    }
    yield from named.items()
    rest = re.sub(rf"(?<!\w)(?:{'|'.join(named)})\s?[=:]\s?\S+", " ", brief) if named else brief
    open_ones = [each.name for each in variables if each.kind == "percent" and each.name not in named]
    yield from zip(open_ones, PERCENT.findall(rest), strict=False)


def _naming(variable: Variable) -> str:
    """`name=value`; a text goes on to the end of its clause, and "the product lights the way home" names it too."""
    if variable.kind != "text":
        return rf"(?<!\w){variable.name}\s?[=:]\s?([^\s,;]{{1,60}})"
    does = rf"(?:the|our|my|its)\s+{variable.name}\s+(?!is\b|are\b|was\b)(?=\w+s\b)"
    return rf"(?<!\w)(?:{variable.name}\s?[=:]\s?|{does})([^,;.!?\n]{{1,{TEXT_CHARACTERS_MAX}}})"


def _value(template: str, variable: Variable, said: Any) -> str:
    chosen = variable.default if said is None else said
    if chosen is None:
        raise Invalid(
            variable.name, f"the template {template} needs it: {variable.about}, {_range(variable)}"
        )
    value = "" if chosen == variable.default == "" else _read(variable, chosen)
    if value is None:
        raise Invalid(variable.name, f"is {_range(variable)}, not {clean(str(chosen))[:40]!r}")
    return value


def _read(variable: Variable, said: Any) -> str | None:
    """The fact as it stands in a sentence; None where it is not of this kind."""
    text = clean(str(said))
    if variable.kind == "text":
        return text if 1 <= len(text) <= TEXT_CHARACTERS_MAX and not set(text) & set("{}") else None
    digits = text.removesuffix("%").strip() if variable.kind == "percent" else text
    if isinstance(said, bool) or not re.fullmatch(r"[0-9]{1,9}", digits):
        return None
    return str(int(digits)) if variable.minimum <= int(digits) <= variable.maximum else None


def _range(variable: Variable) -> str:
    if variable.kind == "text":
        return f"1 to {TEXT_CHARACTERS_MAX} characters"
    unit = " percent" if variable.kind == "percent" else ""
    return f"a whole number of {variable.minimum} to {variable.maximum:,}{unit}"

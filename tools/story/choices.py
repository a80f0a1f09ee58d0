"""What there is to choose from: templates and what they need, looks, patterns, metaphors; each in a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tools.story.library import Library, Metaphor, Preset, Template
from tools.story.thrift import TOKENS
from tools.story.variables import Variable

Shelf = Literal["templates", "styles", "moods", "tones", "patterns", "metaphors", "token budgets"]
FREE_WORDS = "any other words do as well"


@dataclass(frozen=True)
class Choice:
    name: str
    about: str


def choices(books: Library, shelf: Shelf) -> list[Choice]:
    """All that stands on one shelf of the library, in its order."""
    match shelf:
        case "templates":
            return [Choice(each.name, _template(each)) for each in books.templates]
        case "styles":
            return list(_presets(books.styles))
        case "moods":
            return list(_presets(books.moods))
        case "tones":
            return list(_presets(books.tones))
        case "patterns":
            return [
                Choice(each.name, ", ".join(step.shot_type for step in each.step)) for each in books.patterns
            ]
        case "metaphors":
            return [Choice(each.concept, _gag(each)) for each in books.metaphors]
        case "token budgets":
            return [Choice(level, f"at most {most} tokens a shot") for level, most in TOKENS.items()]


def _presets(entries: Iterable[Preset]) -> Iterator[Choice]:
    return (Choice(each.name, each.words) for each in entries)


def _template(each: Template) -> str:
    if each.name == "scene":
        return "a story in your own words"
    needs = ", ".join(map(_fact, each.variable))
    look = f"{each.seconds} s, {each.style}, {each.tone}"
    return f"{look}; {needs}" if needs else look


def _fact(variable: Variable) -> str:
    asked = "needs" if variable.default is None else "may be told"
    return f"{asked} {variable.name}, {variable.about}"


def _gag(each: Metaphor) -> str:
    return " ".join(filter(None, (each.subject or "the hero", each.action, each.setting)))

"""A long brief in scenes: those it counts out ("Scene 1: ..."), or its paragraphs.

Who a scene is about, where it is and when are carried on from the scene before, until it says otherwise.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tools.story.brief import Story, read_story
from tools.story.drafts import Draft, apportion
from tools.story.library import Library, Template
from tools.story.scene import draft_scene
from tools.story.wishes import parse
from tools.story.words import LETTER, count, is_spaced

SCENES_MAX = 20
PARAGRAPH_WORDS_MIN = 8
PARAGRAPH_CHARACTERS_MIN = 16  # where no blanks stand between words
HEADING = re.compile(
    r"(?:(?<=^)|(?<=[\n.!?…。！？;:,])|(?<=\s))"  # noqa: RUF001 -- these are the marks of other scripts
    r"(?:scene|szene|scène|escena|cena|scena|сцена|σκηνή|シーン|场景|المشهد|مشهد)\s*"
    r"(?P<n>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s*"
    r"(?:\(\s*(?P<seconds>\d{1,3})\s*(?:s|secs?|seconds?|sekunden|segundos|秒|сек\w*)\s*\)\s*)?[:：.)—–-]\s*",  # noqa: RUF001 -- as above
    re.IGNORECASE,
)
PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
COUNTED = re.compile(
    r"\b(?:in|of|with)?\s*(?:\d{1,2}|two|three|four|five|six|seven|eight)\s+scenes\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Told:
    """A brief: `lead` is what stands before its first scene, `plain` all of it without the headings."""

    plain: str
    lead: str = ""
    scenes: tuple[str, ...] = ()
    seconds: tuple[int, ...] = ()


def scenes_of(brief: str) -> Told:
    """Take a brief apart. One without scenes stays as it is."""
    counted = _counted(brief)
    if counted is not None:
        return counted
    paragraphs = [each.strip() for each in PARAGRAPH.split(brief) if LETTER.search(each)]
    scenes = [each for each in paragraphs if _is_long(each)]
    if len(scenes) < 2 or paragraphs[-len(scenes) :] != scenes:
        return Told(brief)
    lead = " ".join(paragraphs[: -len(scenes)])
    return Told(brief, lead, _stories(scenes))


def _counted(brief: str) -> Told | None:
    """By headings; they count from one, or they are words of the story."""
    found = list(HEADING.finditer(brief))
    numbers = [each["n"].lower() for each in found]
    expected = ("1", "one"), ("2", "two"), ("3", "three")
    if len(found) < 2 or not all(n in known for n, known in zip(numbers, expected, strict=False)):
        return None
    ends = [each.start() for each in found[1:]] + [len(brief)]
    scenes = [brief[each.end() : end].strip() for each, end in zip(found, ends, strict=True)]
    if not all(LETTER.search(each) for each in scenes):
        return None
    lead = COUNTED.sub(" ", brief[: found[0].start()]).strip()
    seconds = tuple(int(each["seconds"]) for each in found if each["seconds"])
    spans = seconds if len(seconds) == len(found) else ()
    return Told("\n".join([lead, *scenes]), lead, _stories(scenes), spans)


def _stories(scenes: list[str]) -> tuple[str, ...]:
    """What each scene tells, without what is wished around it; the rest of very many is one."""
    first, rest = scenes[: SCENES_MAX - 1], scenes[SCENES_MAX - 1 :]
    joined = [*first, "\n".join(rest)] if rest else first
    return tuple(parse(each)[1] or each for each in joined)


def _is_long(text: str) -> bool:
    return count(text) >= PARAGRAPH_WORDS_MIN or (
        not is_spaced(text) and len(text) >= PARAGRAPH_CHARACTERS_MIN
    )


def read_scenes(told: Told, books: Library) -> tuple[Story, ...]:
    """The story of each scene."""
    before = read_story(parse(told.lead)[1], books)
    stories: list[Story] = []
    for text in told.scenes:
        before = _carried(before, read_story(text, books, hero=_hero(before)))
        stories.append(before)
    return tuple(story for story in stories if story.ideas)


def _hero(story: Story) -> str:
    return next((idea.subject for idea in story.ideas if idea.subject), "")


def _carried(before: Story, story: Story) -> Story:
    return replace(
        story,
        characters=story.characters or before.characters,
        landscapes=story.landscapes or before.landscapes,
        time_of_day=story.time_of_day or before.time_of_day,
    )


def whole(scenes: Iterable[Story]) -> Story:
    """All of it as one story."""
    told = tuple(scenes)
    return Story(
        ideas=tuple(idea for story in told for idea in story.ideas),
        characters=tuple(dict.fromkeys(who for story in told for who in story.characters)),
        landscapes=tuple(dict.fromkeys(place for story in told for place in story.landscapes)),
        time_of_day=next((story.time_of_day for story in told if story.time_of_day), ""),
    )


def draft_scenes(
    scenes: tuple[Story, ...], spans: tuple[int, ...], template: Template, shots: int
) -> list[Draft]:
    """As many drafts as shots, scene by scene; each scene has its share of them and of the time."""
    shares = [float(span) for span in spans] or [float(len(story.ideas)) for story in scenes]
    shares = [share / sum(shares) for share in shares]
    drafts: list[Draft] = []
    for n, (story, share, many) in enumerate(zip(scenes, shares, apportion(shots, shares), strict=True), 1):
        made = draft_scene(story, template, many)
        drafts += [replace(draft, scene=n, weight=share / many) for draft in made]
    return drafts

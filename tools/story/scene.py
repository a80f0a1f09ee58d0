"""The drafts of a scene from a brief: every idea seen as often as there is time, each time from elsewhere."""

import re
from collections import Counter
from dataclasses import replace

from tools.errors import Invalid
from tools.story.brief import DETERMINER, Idea, Story
from tools.story.drafts import Draft, apportion
from tools.story.library import Cover, CoverRole, Template
from tools.story.words import capital

AFTER: tuple[CoverRole, ...] = ("detail", "reaction", "follow", "beyond")


def draft_scene(story: Story, template: Template, shots: int) -> list[Draft]:
    """As many drafts as shots; with more ideas than shots, the first, the last and some between."""
    if not story.ideas:
        raise Invalid("brief", "say in words what the film shows, or name a repository")
    ideas = _spread(story.ideas, shots)
    covers = {cover.role: cover for cover in template.cover}
    counts = apportion(shots, [1 / len(ideas)] * len(ideas))
    used: Counter[CoverRole] = Counter()
    drafts: list[Draft] = []
    for n, (idea, count) in enumerate(zip(ideas, counts, strict=True)):
        roles = _roles(count, idea, used, first=n == 0, last=n == len(ideas) - 1)
        drafts += [cover_draft(idea, covers[role], story, template, at) for at, role in enumerate(roles)]
    return [replace(drafts[0], shot_types=("wide",)), *drafts[1:]]


def _spread(ideas: tuple[Idea, ...], shots: int) -> tuple[Idea, ...]:
    if len(ideas) <= shots:
        return ideas
    if shots == 1:
        return ideas[:1]
    return tuple(ideas[n * (len(ideas) - 1) // (shots - 1)] for n in range(shots))


def _roles(count: int, idea: Idea, used: Counter[CoverRole], *, first: bool, last: bool) -> list[CoverRole]:
    """How to look at one idea so many times: it happens, then what it means, then what is left."""
    opening: list[CoverRole] = ["establish", "idea"] if first and count >= 4 else ["idea"]
    ending: list[CoverRole] = ["closing"] if last and count >= 3 else []
    ways: list[CoverRole] = [way for way in AFTER if way != "detail" or idea.object or not idea.english]
    between: list[CoverRole] = []
    for _ in range(count - len(opening) - len(ending)):
        way = min(ways, key=lambda way: used[way])
        between.append(way)
        used[way] += 1
    return opening + between + ending


def cover_draft(idea: Idea, cover: Cover, story: Story, template: Template, at: int = 0) -> Draft:
    """An idea looked at in one way."""
    facts = {
        "idea": idea.text,
        "subject": _inside(idea.subject),
        "object": idea.object,
        "place": story.landscapes[0] if story.landscapes and idea.english else "place",
    }
    told = idea.english and all(facts[key] for key in re.findall(r"{(\w+)}", cover.text + cover.caption))
    action = cover.text.format(**facts) if told else idea.text
    return Draft(
        action=action,
        shot_types=cover.shot_types,
        cameras=template.beat[0].cameras,
        frame="" if told else cover.frame,
        caption=capital(cover.caption.format(**facts) if told else idea.text),
        offset=1 if at else 0,
        characters=tuple(who for who in story.characters if who.lower() in action.lower()),
        places=story.landscapes,
        time_of_day=story.time_of_day,
    )


def _inside(subject: str) -> str:
    """The subject in the middle of a sentence: an article loses its capital, a name keeps it."""
    article = re.match(rf"{DETERMINER}\b", subject, re.IGNORECASE)
    return subject[:1].lower() + subject[1:] if article else subject

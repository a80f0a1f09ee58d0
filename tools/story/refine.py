"""More of something in one shot ("more tension in 3"), or another ending: by rules, and only there.

What happens in a shot stays; size, camera, light and feeling follow the wish. An ending is drawn
again from what the story offers for one, each time the next.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import Field, TypeAdapter

from tools.errors import Invalid
from tools.repo.profile import RepoProfile
from tools.shots import Shot, ShotList
from tools.story.drafts import Draft
from tools.story.edit import frame_of, replaced, told_text, unlocked
from tools.story.film import line_draft
from tools.story.library import Camera, CoverRole, Fragment, Library, Name, Text, library
from tools.story.order import order
from tools.story.planner import with_draft
from tools.story.prompts import assemble, caption, seen_in, with_look
from tools.story.scene import cover_draft
from tools.story.scenes import whole
from tools.story.variables import Entry
from tools.story.wishes import Wishes

FILE = Path(__file__).with_name("refinements.toml")
LESS = re.compile(r"\b(?:less|not so|not as|fewer|without|no)\b", re.IGNORECASE)
OTHER = r"\b(?:another|other|different|new|better|alternative)\s+(?:\w+\s+)?"
ENDING = re.compile(OTHER + r"(?:ending|end|finale|last shot|close|closing)\b", re.IGNORECASE)
OPENING = re.compile(OTHER + r"(?:opening|beginning|start|first shot)\b", re.IGNORECASE)
ENDS: tuple[CoverRole, ...] = ("closing", "beyond", "reaction", "follow", "detail")
BEGINS: tuple[CoverRole, ...] = ("establish", "idea", "follow", "detail", "reaction", "beyond")


class Direction(Entry):
    """How a shot is seen that shall have more of something."""

    name: Name
    aliases: tuple[str, ...] = Field(min_length=1)
    opposite: Name
    shot_types: tuple[Text, ...] = Field(min_length=1)
    camera: Camera
    light: Fragment
    words: Fragment


@cache
def directions() -> tuple[Direction, ...]:
    entries = tomllib.loads(FILE.read_text("utf-8"))["direction"]
    return TypeAdapter(tuple[Direction, ...]).validate_python(entries)


def refine(shots: ShotList, n: int | None, wish: str) -> ShotList:
    """Do what the rules can about a wish for shot `n`, the last where no number is said."""
    wish = told_text(wish)
    if ENDING.search(wish):
        return _drawn_again(shots, len(shots.shots), ENDS)
    if OPENING.search(wish):
        return _drawn_again(shots, 1, BEGINS)
    at = len(shots.shots) if n is None else n
    shot = unlocked(shots, at)
    return replaced(shots, at, _directed(shots, shot, _direction(wish)))


def _direction(wish: str) -> Direction:
    known = {each.name: each for each in directions()}
    for word in re.findall(r"\w+", wish.lower()):
        for each in known.values():
            if word in each.aliases:
                return known[each.opposite] if LESS.search(wish) else each
    raise Invalid(
        "text",
        f"the rules can give a shot more or less {', '.join(known)}, and a film another opening or ending; "
        'for anything else say what is seen: "change shot 3 to ..."',
    )


def _directed(shots: ShotList, shot: Shot, direction: Direction) -> Shot:
    """The same thing happening, seen as the direction says."""
    around = {each.shot_type for each in shots.shots if abs(each.shot_number - shot.shot_number) == 1}
    size = next((size for size in direction.shot_types if size not in around), shot.shot_type)
    seen = shot.model_copy(
        update={"shot_type": size, "camera": direction.camera, "mood": direction.name},
    )
    frame = replace(frame_of(shots, seen), frame=direction.words, light=direction.light, mood="")
    return seen.model_copy(update={"enhanced_prompt": with_look(shot.enhanced_prompt, frame)})


def redrawn(shots: ShotList, n: int, draft: Draft) -> ShotList:
    """The film with shot `n` drawn from another draft; its length, its source and its pictures stay."""
    shot = unlocked(shots, n)
    seen = shot.model_copy(
        update={
            "shot_type": draft.shot_types[0],
            "camera": draft.cameras[0],
            "characters": list(draft.characters) or shot.characters,
            "landscapes": list(draft.places) or shot.landscapes,
            "caption": caption(draft.caption),
        }
    )
    look = frame_of(shots, seen, action=draft.action)
    frame = with_draft(replace(look, light=draft.light or look.light), draft)
    return replaced(shots, n, seen.model_copy(update={"enhanced_prompt": assemble(frame)}))


# --- another end ----------------------------------------------------------------------------------


def _drawn_again(shots: ShotList, n: int, roles: Sequence[CoverRole]) -> ShotList:
    """The next of what could stand there that the film does not show yet."""
    unlocked(shots, n)
    shown = {seen_in(shot.enhanced_prompt) for shot in shots.shots}
    made = [redrawn(shots, n, draft) for draft in _choices(shots, n, roles)]
    seen = [seen_in(film.shots[n - 1].enhanced_prompt) for film in made]
    now = seen_in(shots.shots[n - 1].enhanced_prompt)
    turn = seen.index(now) + 1 if now in seen else 0
    ways = list(zip(made, seen, strict=True))
    for film, what in ways[turn:] + ways[:turn]:
        if what not in shown:
            return film
    raise Invalid("text", f'the rules know no other; say what is seen: "change shot {n} to ..."')


def _choices(shots: ShotList, n: int, roles: Sequence[CoverRole]) -> list[Draft]:
    """Drafts in the size that this shot has, or in one that its neighbours have not."""
    books = library()
    around = {each.shot_type for each in shots.shots if abs(each.shot_number - n) == 1}
    drafts = _of_template(shots, n, books) if shots.repo else _of_brief(shots, n, roles, books)
    return [replace(draft, shot_types=_apart(draft.shot_types, around)) for draft in drafts]


def _apart(sizes: tuple[str, ...], around: set[str]) -> tuple[str, ...]:
    return tuple(size for size in (*sizes, "wide", "medium", "close-up") if size not in around)


def _of_template(shots: ShotList, n: int, books: Library) -> list[Draft]:
    """The lines that the template has for this beat."""
    template = books.template(shots.template)
    beat = template.beat[0 if n == 1 else -1]
    heroes = [hero for hero in template.heroes if any(who in hero for who in shots.shots[n - 1].characters)]
    others = [_with_article(who) for who in shots.shots[n - 1].characters[:1]]
    hero = (*heroes, *others, *template.heroes, "somebody")[0]
    profile = RepoProfile(root="", name=shots.repo or "", purpose="")
    return [line_draft(line, profile, hero, beat.shot_types, beat.cameras) for line in beat.line]


def _with_article(who: str) -> str:
    """Somebody who is none of the template's heroes, as the film calls them."""
    return who if who[:1].isupper() else f"{'an' if who[:1] in 'aeiou' else 'a'} {who}"


def _of_brief(shots: ShotList, n: int, roles: Sequence[CoverRole], books: Library) -> list[Draft]:
    """The first or the last idea of the brief, looked at in every way there is."""
    if not shots.brief.strip():
        return []
    told = order(Wishes(shots.brief, template="scene"), None).scenes
    template, story = books.template("scene"), whole(told[:1] if n == 1 else told[-1:])
    idea = story.ideas[0 if n == 1 else -1]
    covers = {cover.role: cover for cover in template.cover}
    return [cover_draft(idea, covers[role], story, template) for role in roles]

"""Everything decided before the first shot is drawn: what is told, how long, how it looks.

The rules draw their shots from it; whoever else writes a film writes it to the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tools.errors import Invalid
from tools.repo.profile import RepoProfile
from tools.shots import ASPECT_RATIOS, BRIEF_CHARACTERS_MAX, SHOTS_MAX, Sheet
from tools.story.brief import Story, read_story
from tools.story.library import Library, Template, extend, library
from tools.story.look import Look, look_of
from tools.story.own import metaphors_from
from tools.story.scenes import Told, read_scenes, scenes_of, whole
from tools.story.sheets import hero_of, sheets_from, sheets_in
from tools.story.timing import SINGLE_SECONDS, USUAL_SECONDS, check_total, nearest_total, shots_for, usable
from tools.story.variables import values_of
from tools.story.wishes import Wishes, completed
from tools.story.words import LETTER, clean

OFFERED = tuple(range(3, 13))
IDEAS_SHOTS_MIN, IDEAS_SHOTS_MAX = 5, 12


@dataclass(frozen=True)
class Order:
    """`scenes` are the stories of a brief, one after another; none where the repository is the story.

    `spans` are the seconds of each scene, where the brief says them for every one.
    """

    wishes: Wishes
    profile: RepoProfile | None
    books: Library
    template: Template
    text: str
    look: Look
    style: str
    mood: str
    tone: str
    shots: int
    seconds: int
    offered: tuple[int, ...]
    scenes: tuple[Story, ...] = ()
    spans: tuple[int, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    sheets: tuple[Sheet, ...] = ()

    @property
    def in_scenes(self) -> bool:
        """Whether there is more than one, and a shot for each."""
        return 1 < len(self.scenes) <= self.shots


def order(
    wishes: Wishes,
    profile: RepoProfile | None,
    *,
    offered: tuple[int, ...] = OFFERED,
    books: Library | None = None,
) -> Order:
    """Decide it; `offered` are the durations in seconds that the chosen video model can render."""
    books = extend(books or library(), metaphors_from(wishes.metaphors))
    _check(wishes)
    brief = wishes.brief
    story, described = sheets_in(brief)
    told = scenes_of(story)
    wishes, text = completed(replace(wishes, brief=told.plain))
    wishes = replace(wishes, brief=brief)
    sheets = sheets_from((*described, *wishes.characters), books)
    template = _cast(books.template(wishes.template or ("silent-film" if profile else "scene")), sheets)
    values = values_of(template.name, template.variable, wishes.variables, brief)
    scenes = _scenes(told, text or story, template, profile, books)
    style, mood, tone = _looked(wishes, template)
    look = look_of(style, mood, tone, books)
    told = told if scenes else Told("")
    shots, seconds, spans = _length(
        wishes, template, look, scenes=scenes, spans=told.seconds, offered=usable(offered)
    )
    return Order(
        wishes=wishes,
        profile=profile,
        books=books,
        template=template,
        text=text,
        look=look,
        style=style,
        mood=mood,
        tone=tone,
        shots=shots,
        seconds=seconds,
        offered=usable(offered),
        scenes=scenes,
        spans=spans,
        values=values,
        sheets=sheets,
    )


def _cast(template: Template, sheets: tuple[Sheet, ...]) -> Template:
    """The film of a template is about the first character that a person described."""
    hero = "" if template.is_told else hero_of(sheets)
    return template.model_copy(update={"heroes": (hero,)}) if hero else template


def _looked(wishes: Wishes, template: Template) -> tuple[str, str, str]:
    """Style, mood and tone: what a person said, or what suits the template."""
    return (
        clean(wishes.style or template.style),
        clean(wishes.mood or template.mood),
        clean(wishes.tone or template.tone),
    )


def _check(wishes: Wishes) -> None:
    if len(wishes.brief) > BRIEF_CHARACTERS_MAX:
        raise Invalid(
            "brief", f"a brief has at most {BRIEF_CHARACTERS_MAX:,} characters, not {len(wishes.brief):,}"
        )
    if any("\ud800" <= ch <= "\udfff" for ch in wishes.brief):
        raise Invalid("brief", "half a character is no text; send whole ones")
    if wishes.aspect_ratio not in {None, *ASPECT_RATIOS}:
        raise Invalid("aspect_ratio", f"a film is {', '.join(ASPECT_RATIOS)}, not {wishes.aspect_ratio}")
    for name in ("style", "mood", "tone"):
        if len(getattr(wishes, name) or "") > 120:
            raise Invalid(name, "at most 120 characters")


def _scenes(
    told: Told, text: str, template: Template, profile: RepoProfile | None, books: Library
) -> tuple[Story, ...]:
    """The stories of a brief; none when the repository is the story."""
    if template.is_told or (profile and any(beat.role == "gag" for beat in template.beat)):
        return ()
    if told.scenes:
        return read_scenes(told, books)
    if profile is None and not LETTER.search(text):
        raise no_story()
    said = text if LETTER.search(text) else f"{profile.purpose or profile.name}" if profile else text
    story = read_story(said, books)
    if not story.ideas:
        raise no_story()
    return (story,)


def no_story() -> Invalid:
    return Invalid("brief", "say in words what the film shows, or name a repository")


def _length(
    wishes: Wishes,
    template: Template,
    look: Look,
    *,
    scenes: tuple[Story, ...],
    spans: tuple[int, ...],
    offered: tuple[int, ...],
) -> tuple[int, int, tuple[int, ...]]:
    """How many shots in how many seconds, and how many each scene has, where the brief says so."""
    usual = SINGLE_SECONDS if wishes.shots == 1 else USUAL_SECONDS
    typical = (look.seconds if wishes.tone else None) or template.shot_seconds or usual
    if spans and wishes.seconds in {None, sum(spans)} and wishes.shots is None:
        return sum(shots_for(span, typical, offered) for span in spans), sum(spans), spans
    seconds = template.seconds
    if scenes:
        ideas = len(whole(scenes).ideas)
        seconds = typical * max(IDEAS_SHOTS_MIN, len(scenes), min(IDEAS_SHOTS_MAX, ideas))
    return *_fitting(wishes, typical, seconds, offered), ()


def _fitting(wishes: Wishes, typical: int, usual_seconds: int, offered: tuple[int, ...]) -> tuple[int, int]:
    """How many shots in how many seconds. What was wished holds exactly; what was not bends to fit."""
    if wishes.seconds is not None:
        check_total(wishes.seconds)
    if wishes.shots is not None and not 1 <= wishes.shots <= SHOTS_MAX:
        raise Invalid("shots", f"a film has 1 to {SHOTS_MAX} shots, not {wishes.shots:,}")
    if wishes.shots is not None:
        fitting = nearest_total(wishes.shots * typical, wishes.shots, offered)
        return wishes.shots, fitting if wishes.seconds is None else wishes.seconds
    seconds = wishes.seconds if wishes.seconds is not None else nearest_total(usual_seconds, None, offered)
    return shots_for(seconds, typical, offered), seconds

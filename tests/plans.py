"""Films that people ask for, and what can be measured about them: whoever plans them, by rules or by a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from agent.stage import AgentStage
from tests.conftest import Floor, sketch_card
from tests.talks import furnish, say
from tools import conversations
from tools.providers.animatic import Animatic
from tools.providers.drawn import recall
from tools.shots import Shot, ShotList
from tools.story import OFFERED
from tools.story.library import CAMERAS
from tools.story.prompts import WORDS_MAX, WORDS_MIN
from tools.story.thrift import camera_said
from tools.story.words import count, is_spaced
from tools.story.written import script_of

KEEPER = "A lighthouse keeper finds a letter in a bottle and reads it by lamplight"
SHORT = f"{KEEPER}, 12 seconds in 3 shots"
CODE = "Make a film about this repository, 12 seconds in 3 shots"


@dataclass(frozen=True)
class Asked:
    """What a person says, one message after another, and what the film then has to be.

    `touches` are the shots that the last message may change; None where it made a new film.
    """

    name: str
    says: tuple[str, ...]
    seconds: int
    shots: int | None = None
    script: str = "Latin"
    scenes: int = 0
    of_code: bool = False
    touches: tuple[int, ...] | None = None


def asked(name: str, *says: str, seconds: int = 12, **wanted: Any) -> Asked:
    return replace(Asked(name, says, seconds), **wanted)


ASKED = (
    asked("a sentence", SHORT, shots=3),
    asked("half a minute", f"{KEEPER}, 30 seconds", seconds=30),
    asked("a minute", f"A 60 second film: {KEEPER}. He rows out to sea. A gull follows him.", seconds=60),
    asked("an odd length", f"{KEEPER}, 23 seconds in 4 shots", seconds=23, shots=4),
    asked("one shot", f"{KEEPER}, 7 seconds in 1 shot", seconds=7, shots=1),
    asked("a noir", f"Make a 15 second noir film in 3 shots: {KEEPER}", seconds=15, shots=3),
    asked("a vertical film", f"A vertical film, 12 seconds in 3 shots: {KEEPER}", shots=3),
    asked("a dialogue", "As a dialogue, 20 seconds in 4 shots: two sisters quarrel over a map", seconds=20, shots=4),
    asked("a chase", "As a montage, 18 seconds in 6 shots: a dog chases a postman through a market", seconds=18, shots=6),
    asked("a product", "A 12 second film in 3 shots: a stunning premium kettle pours tea for a tired nurse", shots=3),
    asked("in German", "Ein alter Leuchtturmwärter findet einen Brief, 12 seconds in 3 shots", shots=3),
    asked("in Russian", "Смотритель маяка находит письмо и читает его, 12 секунд, 3 кадра", shots=3, script="Cyrillic"),  # noqa: RUF001 -- Russian
    asked("in Greek", "Ο φαροφύλακας βρίσκει ένα γράμμα στην παραλία, 12 seconds in 3 shots", shots=3, script="Greek"),  # noqa: RUF001 -- Greek
    asked("in Japanese", "灯台守が手紙を見つける。彼はそれを読む。12秒", script="Chinese or Japanese"),
    asked("in Arabic", "حارس المنارة يجد رسالة على الشاطئ, 12 seconds in 3 shots", shots=3, script="Arabic"),
    asked("with emoji", f"{KEEPER} 🌊🔥, 12 seconds in 3 shots", shots=3),
    asked("code, silent", CODE, shots=3, of_code=True),
    asked("code, as a trailer", "A trailer for this repository, 20 seconds", seconds=20, of_code=True),
    asked("code, explained", "Make an explainer about this repository, 24 seconds in 6 shots", seconds=24, shots=6, of_code=True),
    asked("three scenes", f"Make a 45 second film. Scene 1: {KEEPER}. Scene 2: He rows out. Scene 3: A gull sleeps.", seconds=45, scenes=3),
    asked("scenes with seconds", f"Scene 1 (9 s): {KEEPER}. Scene 2 (21 s): He rows out to the wreck.", seconds=30, scenes=2),
    asked(
        "paragraphs",
        "A film, 30 seconds.\n\nTwo sisters open an old bakery in a quiet street at dawn.\n\n"
        "They carry wood through the rain until the oven burns and the bread is done.",
        seconds=30, scenes=2,
    ),
    asked("more tension", SHORT, "more tension in 2", shots=3, touches=(2,)),
    asked("another ending", SHORT, "another ending", shots=3, touches=(3,)),
    asked("another ending for code", CODE, "give me another ending", shots=3, of_code=True, touches=(3,)),
    asked("one shot rewritten", SHORT, "change shot 1 to an empty beach in the rain", shots=3, touches=(1,)),
    asked("a locked ending", SHORT, "lock shot 3", "another ending", shots=3, touches=()),
)  # fmt: skip


class Blink(Animatic):
    """The animatic, one second of it, drawn in no time: what is judged are plans."""

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        sketch_card(replace(recall(self._folder, provider_job_id), seconds=1), to)


def prepare(floor: Floor, folder: Path) -> None:
    """A little repository to film, and previews that take no time."""
    furnish(floor, folder)
    floor.use(Blink(folder / "vendors" / "animatic"))


async def made(floor: Floor, stage: AgentStage, one: Asked) -> list[ShotList]:
    """The plan after each message."""
    plans: list[ShotList] = []
    for text in one.says:
        await say(floor, stage, one.name, text)
        async with floor.database.reading() as connection:
            plan = await conversations.plan_of(connection, one.name)
        plans += [plan] if plan is not None else []
    return plans


def verdicts(one: Asked, plans: Sequence[ShotList], folder: Path) -> dict[str, bool]:
    """What is as it should be."""
    if len(plans) < len(one.says):
        return {"a plan": False}
    film = plans[-1]
    return {name: rule(one, film, folder) for name, rule in RULES.items()} | {
        "touched": one.touches is None or _touched(plans[-2], film) <= set(one.touches)
    }


def _length(one: Asked, film: ShotList, _: Path) -> bool:
    offered = all(shot.duration in OFFERED for shot in film.shots)
    return offered and film.seconds == one.seconds and one.shots in {None, len(film.shots)}


def _sizes(_: Asked, film: ShotList, __: Path) -> bool:
    return all(one.shot_type != other.shot_type for one, other in pairwise(film.shots))


def _camera(_: Asked, film: ShotList, __: Path) -> bool:
    return all(shot.camera in CAMERAS and camera_said(shot.enhanced_prompt) == 1 for shot in film.shots)


def _words(_: Asked, film: ShotList, __: Path) -> bool:
    prompts = [shot.enhanced_prompt for shot in film.shots]
    return all(WORDS_MIN <= count(each) <= WORDS_MAX for each in prompts if is_spaced(each))


def _evidence(one: Asked, film: ShotList, folder: Path) -> bool:
    """Every line that is pointed at is there, and a film about code points at some."""
    places = [at for shot in film.shots for at in shot.evidence]
    there = all(at.line <= len((folder / at.path).read_text().splitlines()) for at in places)
    return there and bool(places) == one.of_code


def _language(one: Asked, film: ShotList, _: Path) -> bool:
    return {script_of(shot.caption or "") for shot in film.shots} == {one.script}


def _scenes(one: Asked, film: ShotList, _: Path) -> bool:
    numbers = [scene_of(shot) for shot in film.shots]
    wanted = set(range(1, one.scenes + 1)) or {0}
    return numbers == sorted(numbers) and set(numbers) == wanted


def scene_of(shot: Shot) -> int:
    return (shot.model_extra or {}).get("scene", 0)


def _touched(before: ShotList, after: ShotList) -> set[int]:
    """The shots that are not what they were, to the byte; all of them where there are more or fewer."""
    if len(before.shots) != len(after.shots):
        return {shot.shot_number for shot in after.shots}
    both = zip(before.shots, after.shots, strict=True)
    return {new.shot_number for old, new in both if old.model_dump_json() != new.model_dump_json()}


RULES: dict[str, Callable[[Asked, ShotList, Path], bool]] = {
    "length": _length,
    "sizes": _sizes,
    "camera": _camera,
    "words": _words,
    "evidence": _evidence,
    "language": _language,
    "scenes": _scenes,
}

"""The rules plan more than twenty films as they should be, by the measures that any model is judged by."""

from dataclasses import replace
from pathlib import Path

from agent.models import OFFLINE, Choice
from agent.stage import stage_for
from tests.conftest import Floor
from tests.plans import ASKED, RULES, made, prepare, verdicts
from tools.shots import Evidence
from tools.story import Wishes, plan

FILM = plan(Wishes("A keeper finds a letter", shots=3, seconds=12), None)
ONE = ASKED[0]


async def test_the_offline_director_plans_every_film_as_it_should_be(floor: Floor, tmp_path: Path) -> None:
    prepare(floor, tmp_path)
    stage = stage_for(Choice(OFFLINE))
    judged = {one.name: verdicts(one, await made(floor, stage, one), tmp_path) for one in ASKED}

    wrong = {
        name: [rule for rule, good in each.items() if not good]
        for name, each in judged.items()
        if not all(each.values())
    }
    assert wrong == {}
    assert len({one.name for one in ASKED}) == len(ASKED) > 20


def test_each_measure_sees_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "fox.py").write_text("one line\n")
    first = FILM.shots[0]
    spoilt = {
        "length": {"duration": 5},
        "sizes": {"shot_type": FILM.shots[1].shot_type},
        "camera": {"enhanced_prompt": f"{first.enhanced_prompt} Slow pan."},
        "words": {"enhanced_prompt": "A door."},
        "evidence": {"evidence": [Evidence(path="fox.py", line=9)]},
        "language": {"caption": "Письмо."},
        "scenes": {"scene": 3},
    }
    for name, update in spoilt.items():
        film = FILM.with_shots([first.model_copy(update=update), *FILM.shots[1:]])

        assert verdicts(ONE, [FILM], tmp_path)[name], name
        assert not verdicts(ONE, [film], tmp_path)[name], name
    assert spoilt.keys() == RULES.keys()


def test_what_was_not_asked_for_may_not_change(tmp_path: Path) -> None:
    one = replace(ONE, says=("a", "b"), touches=(2,))
    changed = [shot.model_copy(update={"mood": "tense"}) for shot in FILM.shots]
    second = FILM.with_shots([FILM.shots[0], changed[1], FILM.shots[2]])

    assert verdicts(one, [FILM, second], tmp_path)["touched"]
    assert not verdicts(one, [FILM, FILM.with_shots(changed)], tmp_path)["touched"]
    assert verdicts(one, [FILM], tmp_path) == {"a plan": False}

"""The offline director does what people ask for, in more than forty conversations, and nothing besides."""

from pathlib import Path

from agent.models import OFFLINE, Choice
from agent.stage import stage_for
from tests.conftest import Floor
from tests.talks import FREE, TALKS, follows, furnish, hold


async def test_the_offline_director_uses_exactly_the_tools_that_each_message_takes(
    floor: Floor, tmp_path: Path
) -> None:
    furnish(floor, tmp_path)
    stage = stage_for(Choice(OFFLINE))
    held = {one.name: await hold(floor, stage, one) for one in TALKS}

    wanted = {one.name: tuple(tools for _, tools in one.lines) for one in TALKS}
    assert {name: each.tools for name, each in held.items()} == wanted
    assert sum(each.approved for each in held.values()) == 0


def test_there_are_more_than_forty_and_each_is_another() -> None:
    assert len({one.name for one in TALKS}) == len(TALKS) > 40


def test_a_model_may_look_around_but_not_do_what_nobody_asked_for() -> None:
    assert follows(["check_budget", "plan_shots", "estimate_cost"], ["plan_shots"])
    assert not follows(["plan_shots", "generate_video"], ["plan_shots"])
    assert not follows(["estimate_cost"], ["plan_shots"])
    assert "generate_video" not in FREE

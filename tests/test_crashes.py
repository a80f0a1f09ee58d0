"""A process may die, or stop, at every point of the code that moves money: the money stays right.

Here is a slice. Who dies between two changes of the world leaves the same behind wherever that
is, so the last place before each change stands for all of them; `benchmarks/crashes.py --all`
tries every place.
"""

import ast
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tests.bugs import BUGS
from tests.conftest import config_in
from tests.crashes import ON_THE_LINE, Stage, open_stage
from tests.moments import Moment, last_of_each_world, outside
from tests.points import Marker, points
from tests.scripts import CLASSES, SCRIPTS, Script, VendorClass
from tests.verdict import Violation
from tools.studio import Config

DATABASES = ("postgres",)  # the slice of it; all else here is on files
NAMED = {script.name: script for script in SCRIPTS}
LOST = NAMED["loses the answer"]
SAID = NAMED["a person says what was charged"]
TRIED = [
    ("calls before its answer is on record", "webhook"),
    ("a process died with the answer in memory", "search"),
]
UNREACHED = {
    "approvals.approve: _answer (2)",  # writers take turns: no other answer comes after the look
    "answer._stopped: jobs.get",  # nor does a worker claim what is just being canceled
    "fetch._alone: _put_off (2)",  # a studio that closes in good order, which is no death
    "watch.resume: mark.newest",  # a restored backup has tests of its own
    "mark.stop_if_restored: standstill.begin",
    "watch._complain: jobs.move",  # a vendor that is not set up any more has tests, too
    "settle.forget_waking: _note",  # so has a job that was woken for nothing
    "send._if_due: release (2)",  # a picture whose file is gone has, too
    "fetch._bring_home: anyio.to_thread.run_sync",  # and a still, which no script makes
    "watch._keep: sleep",  # a vendor that takes more than a second to answer has tests, too
    "watch._keep: _claim_again",
    "watch._claim_again: jobs.claim_again",
    "watch._claim_again: commit",
}


@pytest.fixture
async def stage(config: Callable[..., Config]) -> AsyncGenerator[Stage]:
    async with open_stage(config()) as opened:
        yield opened


def test_the_points_of_sending_are_these_and_no_others() -> None:
    """A new await on the way of a paid request is seen here first."""
    sending = ("submit", "_in_time", "_recover", "_claim", "_if_due", "_left_behind", "_take")
    ways = (*(f"before send.{name}: " for name in sending), "before record.")
    found = [point.removeprefix("before ") for point in points() if point.startswith(ways)]

    assert found == snapshot(
        [
            "send.submit: _balance",
            "send.submit: _claim",
            "send.submit: _in_time",
            "send.submit: record",
            "send.submit: kit.spill.keep",
            "send._in_time: answer",
            "send._recover: provider.submit",
            "send._recover: provider.find",
            "send._claim: commit",
            "send._claim: mark.stop_if_restored",
            "send._claim: _if_due",
            "send._claim: mark.newest",
            "send._claim: anyio.to_thread.run_sync",
            "send._if_due: jobs.get",
            "send._if_due: standstill.standing",
            "send._if_due: quotes.get",
            "send._if_due: _left_behind",
            "send._if_due: release",
            "send._if_due: _is_what_was_approved",
            "send._if_due: _set_apart",
            "send._if_due: _pictures",
            "send._if_due: release (2)",
            "send._if_due: at_work",
            "send._if_due: forget_waking",
            "send._if_due: _take",
            "send._left_behind: last_take",
            "send._left_behind: _is_what_was_approved",
            "send._left_behind: _set_apart",
            "send._left_behind: jobs.move",
            "send._left_behind: connection.execute",
            "send._left_behind: _pictures",
            "send._take: jobs.move",
            "send._take: connection.execute",
            "send._take: audit.append",
            "record.record: commit",
            "record.record: _believed",
            "record.record: _unless_fenced",
            "record.record: jobs.move",
            "record.record: end",
            "record.record: jobs.move (2)",
            "record.record: _after_a_word",
            "record.record: connection.execute",
            "record._believed: jobs.named",
            "record._unless_fenced: jobs.get",
            "record._after_a_word: jobs.get",
            "record._after_a_word: bill_late",
            "record.late: jobs.get",
            "record.late: record",
            "record.bring_in: kit.spill.bring_in",
        ]
    )


def test_a_new_await_is_a_new_point() -> None:
    before, after = Marker("send"), Marker("send")
    source = "async def submit(kit):\n    await kit.provider.submit()\n"
    before.visit(ast.parse(source))
    after.visit(ast.parse(source + "    await kit.provider.submit()\n"))

    assert before.names == [
        "before send.submit: kit.provider.submit",
        "after send.submit: kit.provider.submit",
    ]
    assert [*before.names, *(f"{name} (2)" for name in before.names)] == after.names


async def test_every_script_of_every_class_ends_well_and_every_point_is_reached(tmp_path: Path) -> None:
    reached: set[str] = set()
    ends: dict[str, list[str]] = {}
    async with open_stage(config_in(tmp_path)) as stage:
        for script in SCRIPTS:
            for vendor in CLASSES:
                ending = await stage.play(vendor, script)
                reached |= {each.moment.point for each in ending.met}
                ends.setdefault(script.name, []).append(" ".join(sorted(ending.states.elements())))

        after_a_word = await stage.play("blind", SAID, stop=Moment(ON_THE_LINE))
        reached |= {each.moment.point for each in after_a_word.met}

    assert {point.partition(" ")[2] for point in set(points()) - reached} == UNREACHED
    assert ends == snapshot(
        {
            "accepts and answers": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "loses the answer": ["succeeded", "succeeded", "succeeded", "unknown"],
            "refuses": ["failed", "failed", "failed", "failed"],
            "fails, and bills it": ["failed", "failed", "failed", "failed"],
            "fails, and bills nothing": ["failed", "failed", "failed", "failed"],
            "fails, and does not say what it bills": ["failed", "failed", "failed", "failed"],
            "reports no cost": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "never reports costs": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "reports a cost of zero": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "reports a cost below zero": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "bills above the ceiling": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "knows the job only at the fourth look": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "knows the job only at the ninth look": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "forgets the job": ["unknown", "unknown", "unknown", "unknown"],
            "calls before its answer is on record": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "calls three times": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "loses the answer, and calls three times": ["succeeded", "succeeded", "succeeded", "unknown"],
            "has a broken link, twice": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "has one place for two jobs": [
                "succeeded succeeded",
                "succeeded succeeded",
                "succeeded succeeded",
                "succeeded succeeded",
            ],
            "has one place for two jobs, and loses the first answer": [
                "succeeded succeeded",
                "succeeded succeeded",
                "succeeded succeeded",
                "released unknown",
            ],
            "works for long": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "the approval grows old, and the loop sees it": ["released", "released", "released", "released"],
            "the approval grows old, and a worker sees it": ["released", "released", "released", "released"],
            "a process died before it sent": ["succeeded", "unknown", "unknown", "unknown"],
            "a process died with the answer in memory": ["succeeded", "succeeded", "succeeded", "unknown"],
            "a process died before it sent, and the offer was altered": [
                "quarantined",
                "quarantined",
                "quarantined",
                "quarantined",
            ],
            "the offer was altered": ["quarantined", "quarantined", "quarantined", "quarantined"],
            "a person cancels before it is sent": ["released", "released", "released", "released"],
            "a person cancels": ["canceled", "canceled", "canceled", "canceled"],
            "a person cancels as it ends": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "a person says what was charged": ["failed", "failed", "failed", "failed"],
            "a person says that nothing was charged": ["succeeded", "released", "released", "released"],
            "a process died before it brought the clip home": [
                "succeeded",
                "succeeded",
                "succeeded",
                "succeeded",
            ],
            "the same film again": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "the disk is full as the answer is recorded": [
                "succeeded",
                "succeeded",
                "succeeded",
                "succeeded",
            ],
            "the disk is full as a lost answer is recorded": [
                "succeeded",
                "succeeded",
                "succeeded",
                "unknown",
            ],
            "the disk is full as a refusal is recorded": ["failed", "failed", "failed", "failed"],
            "no disk takes the answer": ["succeeded", "succeeded", "succeeded", "unknown"],
            "a film is joined": ["succeeded", "succeeded", "succeeded", "succeeded"],
            "a shot fails and a film is joined": [
                "failed succeeded",
                "failed succeeded",
                "failed succeeded",
                "failed succeeded",
            ],
        }
    )


@pytest.mark.parametrize("vendor", CLASSES)
async def test_a_death_anywhere_with_a_lost_answer_makes_no_money_wrong(
    tmp_path: Path, vendor: VendorClass
) -> None:
    async with open_stage(config_in(tmp_path)) as stage:
        await die_everywhere(stage, vendor, LOST)


@pytest.mark.parametrize("vendor", ["search", "blind"])
async def test_a_death_on_the_way_to_the_answer_is_the_same_on_postgres(
    stage: Stage, vendor: VendorClass
) -> None:
    await die_everywhere(stage, vendor, LOST, worlds=8)


async def die_everywhere(
    stage: Stage, vendor: VendorClass, script: Script, worlds: int | None = None
) -> None:
    for moment in last_of_each_world((await stage.play(vendor, script)).met)[:worlds]:
        await stage.play(vendor, script, moment)


@pytest.mark.parametrize(("name", "vendor"), TRIED)
async def test_a_death_anywhere_in_other_stories_makes_no_money_wrong(
    tmp_path: Path, name: str, vendor: VendorClass
) -> None:
    async with open_stage(config_in(tmp_path)) as stage:
        await die_everywhere(stage, vendor, NAMED[name])


@pytest.mark.parametrize("vendor", CLASSES)
async def test_one_who_stops_and_wakes_when_all_is_over_makes_no_money_wrong(
    tmp_path: Path, vendor: VendorClass
) -> None:
    async with open_stage(config_in(tmp_path)) as stage:
        for moment in last_of_each_world(outside((await stage.play(vendor, LOST)).met)):
            await stage.play(vendor, LOST, stop=moment)


@pytest.mark.parametrize("name", ["a timeout gives the hold back", "an unknown job is sent again"])
async def test_a_mistake_put_in_on_purpose_is_found(tmp_path: Path, name: str) -> None:
    bug = next(bug for bug in BUGS if bug.name == name)
    async with open_stage(config_in(tmp_path)) as stage:
        with bug.at_large(), pytest.raises(Violation):
            await stage.play("blind", LOST)

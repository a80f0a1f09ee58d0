"""An answer that the database cannot take is kept beside it, and nothing more is sent until it is in."""

from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from tests.conftest import BOTH, Floor, check_books, film_of, rows
from tests.puppet import DONE, Puppet
from tools import render
from tools.jobs import Job
from tools.providers.base import Ambiguous, Capabilities, Refused, RenderRequest, Submission, Submitted
from tools.render.spill import Spill, Spilled

DATABASES = BOTH
BLIND = Capabilities(play_money=True, poll_seconds=0.25)


class Breaking(Puppet):
    """While it answers for the first time, the disk under the database fills up."""

    async def submit(self, request: RenderRequest) -> Submission:
        answer = await super().submit(request)
        if len(self.asked) == 1:
            await self.floor.edit(FULL[self.floor.database.shared])
        return answer

    floor: Floor


# What a full disk does, as a trigger: the vendor's answer cannot be written.
FULL = {
    False: "CREATE TRIGGER full BEFORE UPDATE ON job BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
    True: """
        CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER "full" BEFORE UPDATE ON job FOR EACH ROW EXECUTE FUNCTION no_room()
    """,
}
ROOM = {False: "DROP TRIGGER full", True: 'DROP TRIGGER "full" ON job'}


async def approved(floor: Floor, count: int = 1) -> list[Job]:
    offer = await floor.quote(film_of(count))
    await floor.approve(offer)
    return await floor.jobs(offer)


def breaking(floor: Floor, *answers: Submission) -> Breaking:
    puppet = Breaking(BLIND, answers=list(answers))
    puppet.floor = floor
    floor.use(puppet)
    return puppet


async def states(floor: Floor) -> list[str]:
    return [row[0] for row in await rows(floor.database, "SELECT state FROM job ORDER BY n")]


async def make_room(floor: Floor) -> None:
    async with floor.database.transaction() as connection:
        await connection.execute(text(ROOM[floor.database.shared]))


async def test_the_vendors_name_for_a_job_outlives_a_full_disk(floor: Floor, tmp_path: Path) -> None:
    puppet = breaking(floor)
    first, second = await approved(floor, 2)
    await render.submit(floor.kit, first.id)
    assert "job-1" in (tmp_path / "spill.jsonl").read_text("utf-8")
    await make_room(floor)
    await render.submit(floor.kit, second.id)
    assert (len(puppet.asked), await states(floor)) == (1, ["submitting", "ready"])
    await floor.tick(seconds=1)
    assert (tmp_path / "spill.jsonl").stat().st_size == 0
    puppet.has["job-1"] = DONE
    await floor.tick(seconds=1)

    assert await states(floor) == ["succeeded", "running"]
    await check_books(floor.database)


async def test_a_refusal_that_could_not_be_written_gives_the_hold_back_later(floor: Floor) -> None:
    breaking(floor, Refused("no such model"))
    (job,) = await approved(floor)
    await render.submit(floor.kit, job.id)
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    await make_room(floor)
    await render.look_after(floor.kit)

    assert await states(floor) == ["failed"]
    assert await rows(floor.database, "SELECT held_micros, spent_micros FROM budget") == [(0, 0)]
    await check_books(floor.database)


async def test_that_no_answer_came_is_written_later_and_the_hold_stays(floor: Floor) -> None:
    puppet = breaking(floor, Ambiguous("no answer"))
    (job,) = await approved(floor)
    await render.submit(floor.kit, job.id)
    await make_room(floor)
    await render.look_after(floor.kit)

    assert (len(puppet.asked), await states(floor)) == (1, ["unknown"])
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]
    await check_books(floor.database)


async def test_the_next_process_brings_in_what_the_last_one_left(floor: Floor) -> None:
    breaking(floor)
    (job,) = await approved(floor)
    await render.submit(floor.kit, job.id)
    await make_room(floor)
    await render.resume(floor.kit)

    assert await rows(floor.database, "SELECT state, provider_job_id FROM job") == [("running", "job-1")]


async def test_who_stops_while_bringing_in_keeps_no_other_process_from_its_work(tmp_path: Path) -> None:
    spill, brought = Spill(tmp_path / "spill.jsonl"), list[str]()
    first, second = (Spilled(job, 1, Submitted(f"of {job}")) for job in ("job_a", "job_b"))
    await spill.keep(first)

    async def stop(_: Spilled) -> None:
        await anyio.sleep_forever()

    async def note(spilled: Spilled) -> None:
        brought.append(spilled.job_id)

    with anyio.fail_after(60):
        async with anyio.create_task_group() as stopped:
            stopped.start_soon(spill.bring_in, stop)
            await anyio.wait_all_tasks_blocked()
            await spill.keep(second)
            await spill.bring_in(note)
            stopped.cancel_scope.cancel()

    assert brought == ["job_a", "job_b"]
    assert spill.is_empty()


async def test_what_is_kept_while_others_are_brought_in_stays(tmp_path: Path) -> None:
    spill, brought = Spill(tmp_path / "spill.jsonl"), list[str]()
    first, second = (Spilled(job, 1, Submitted(f"of {job}")) for job in ("job_a", "job_b"))
    await spill.keep(first)

    async def note_and_keep(spilled: Spilled) -> None:
        brought.append(spilled.job_id)
        if len(brought) == 1:
            await spill.keep(second)

    await spill.bring_in(note_and_keep)
    assert not spill.is_empty()
    await spill.bring_in(note_and_keep)

    assert brought == ["job_a", "job_a", "job_b"]
    assert spill.is_empty()


async def test_an_answer_that_comes_after_a_torn_one_is_a_line_of_its_own(tmp_path: Path) -> None:
    spill, brought = Spill(tmp_path / "spill.jsonl"), list[str]()
    await spill.keep(Spilled("job_a", 1, Submitted("of a")))
    with spill.path.open("a", encoding="utf-8") as file:
        file.write('{"job": "job_b", "fen')
    await spill.keep(Spilled("job_c", 1, Submitted("of c")))

    async def note(spilled: Spilled) -> None:
        brought.append(spilled.job_id)

    await spill.bring_in(note)

    assert brought == ["job_a", "job_c"]


@pytest.mark.parametrize("torn", ["", '{"job": "job_a", "fen'])
async def test_a_line_that_a_crash_cut_short_is_left_out(floor: Floor, tmp_path: Path, torn: str) -> None:
    breaking(floor)
    (job,) = await approved(floor)
    await render.submit(floor.kit, job.id)
    await make_room(floor)
    with (tmp_path / "spill.jsonl").open("a", encoding="utf-8") as file:
        file.write(torn)
    await render.look_after(floor.kit)
    await render.look_after(floor.kit)

    assert await states(floor) == ["running"]


async def test_a_name_that_is_another_jobs_says_nothing_and_stops_nothing(
    floor: Floor, tmp_path: Path
) -> None:
    same = Submitted("job-1")
    puppet = Puppet(BLIND, answers=[same, same], has={"job-1": DONE})
    floor.use(puppet)
    await approved(floor, 3)
    await floor.work()
    await floor.tick(seconds=1)

    assert await states(floor) == ["succeeded", "unknown", "running"]
    assert not (tmp_path / "spill.jsonl").exists()
    await check_books(floor.database)

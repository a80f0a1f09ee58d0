"""Somebody else was first: between a read and the write that follows it, the row has moved.

Where two connections may write at once, as on PostgreSQL, that can happen anywhere. On SQLite
it takes a trigger: just before the write, it does what the other one did.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import Floor, check_books, film_of, rows
from tests.puppet import DONE, Puppet
from tools import jobs, render
from tools.errors import Conflict, QuoteDeclined
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.providers.base import Ambiguous, Capabilities, Status
from tools.render.record import record

BLIND = Capabilities(play_money=True)
KEYS = Capabilities(play_money=True, key_life=timedelta(hours=24))
LOST = Ambiguous("the answer was lost")

# The other one's write stands, and ours finds no row: RAISE(IGNORE) takes nothing back.
FIRST = """
    CREATE TRIGGER first BEFORE UPDATE OF state ON {table} WHEN NEW.state = '{ours}'
    BEGIN UPDATE {table} SET state = '{theirs}' WHERE id = OLD.id; SELECT RAISE(IGNORE); END
"""


async def beaten(floor: Floor, table: str, ours: str, theirs: str) -> None:
    """From now on, whoever writes `ours` is too late: it is `theirs` already."""
    await floor.edit(FIRST.format(table=table, ours=ours, theirs=theirs))


async def approved(floor: Floor, *answers: Ambiguous, vendor: Capabilities = BLIND) -> tuple[Puppet, Job]:
    puppet = Puppet(vendor, answers=list(answers))
    floor.use(puppet)
    offer = await floor.quote(film_of(1))
    given = await floor.approve(offer)
    return puppet, given.jobs[0]


async def states(floor: Floor) -> list[tuple[str]]:
    return await rows(floor.database, "SELECT state FROM job")


async def test_a_yes_that_comes_after_a_no_is_refused_and_holds_nothing(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    await beaten(floor, "quote", "approved", "declined")

    with pytest.raises(QuoteDeclined):
        await floor.approve(offer)
    assert await rows(floor.database, "SELECT COUNT(*) FROM approval") == [(0,)]
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry") == [(0,)]
    assert await floor.due() == []


async def test_a_cancel_that_comes_after_the_sending_began_is_told_so_and_releases_nothing(
    floor: Floor,
) -> None:
    _, job = await approved(floor)
    await beaten(floor, "job", "released", "submitting")

    with pytest.raises(Conflict):
        await render.cancel(floor.kit, job.id, owner="ann")
    assert await states(floor) == [("submitting",)]
    assert await rows(floor.database, "SELECT held_micros FROM budget") == [(50_000,)]


async def test_a_job_that_was_canceled_as_it_was_claimed_is_not_sent(floor: Floor) -> None:
    puppet, _ = await approved(floor)
    await beaten(floor, "job", "submitting", "released")
    await floor.work()

    assert (puppet.asked, await states(floor)) == ([], [("released",)])
    assert await rows(floor.database, "SELECT COUNT(*) FROM take") == [(0,)]


async def test_a_lost_job_that_was_found_meanwhile_is_not_asked_for_again(floor: Floor) -> None:
    puppet, job = await approved(floor, LOST, vendor=KEYS)
    await floor.work()
    floor.clock.move(minutes=2)
    await beaten(floor, "job", "submitting", "running")
    await render.submit(floor.kit, job.id)

    assert (len(puppet.asked), await states(floor)) == (1, [("running",)])


async def test_an_altered_job_that_was_canceled_meanwhile_is_not_set_apart(floor: Floor) -> None:
    puppet, _ = await approved(floor)
    await floor.edit("UPDATE quote_line SET ceiling_micros = 990000")
    await beaten(floor, "job", "quarantined", "released")
    await floor.work()

    assert (puppet.asked, await states(floor)) == ([], [("released",)])


async def test_a_late_bill_is_counted_by_the_first_who_brings_it(floor: Floor) -> None:
    _, job = await approved(floor, LOST)
    await floor.work()
    await render.resolve(floor.kit, job.id, ZERO, owner="ann", by="ann")
    await beaten(floor, "job", "released", "failed")
    async with floor.database.reading() as connection:
        sent = replace(await jobs.get(connection, job.id), state="submitting")
    await record(floor.kit, sent, LOST)

    assert await states(floor) == [("failed",)]
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry WHERE kind = 'adjustment'") == [(0,)]


class Twice(Puppet):
    """While it answers one question, another process asks the same and settles by it."""

    async def poll(self, provider_job_id: str) -> Status:
        answer = await super().poll(provider_job_id)
        if self.settling:
            job_id, self.settling = self.settling.pop(), []
            await render.settle(self.floor.kit, job_id)
        return answer

    floor: Floor
    settling: list[str]


async def test_a_bill_that_two_processes_read_is_captured_once(floor: Floor) -> None:
    puppet = Twice(BLIND)
    puppet.floor, puppet.settling = floor, []
    floor.use(puppet)
    given = await floor.approve(await floor.quote(film_of(1)))
    await floor.work()
    puppet.has["job-1"], puppet.settling = DONE, [given.jobs[0].id]
    await render.settle(floor.kit, given.jobs[0].id)

    assert await states(floor) == [("succeeded",)]
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry WHERE kind = 'capture'") == [(1,)]
    assert await rows(floor.database, "SELECT spent_micros FROM budget") == [(Money.usd("0.04").micros,)]
    await check_books(floor.database)

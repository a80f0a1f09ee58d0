"""A request that leaves after a person has closed its job: what it may cost counts all the same.

A process is frozen after its last look at the clock, its lease runs out, a person looks at the
vendor's page and says that nothing was charged; then it wakes up, and sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from api.advice import advice
from tests.conftest import BOTH, Floor, check_audit, film_of, rows
from tests.puppet import Puppet
from tools import jobs, proof, render
from tools.errors import Frozen
from tools.jobs import Job
from tools.money import ZERO, Money
from tools.providers.base import (
    Ambiguous,
    Capabilities,
    Refused,
    RenderRequest,
    Submission,
    VendorJob,
)
from tools.receipts import receipt

DATABASES = BOTH

CEILING = Money.usd("0.05")
LOST, NO = Ambiguous("the answer was lost"), Refused("no such model")


@dataclass
class Asleep(Puppet):
    """Before its request leaves, everybody else goes on without it."""

    capabilities: Capabilities = field(default_factory=lambda: Capabilities(play_money=True))
    floor: Floor | None = None
    job_id: str = ""
    said: Money = ZERO

    async def submit(self, request: RenderRequest) -> Submission:
        assert self.floor is not None
        self.floor.clock.move(minutes=1)
        await self.floor.work()
        await render.resolve(self.floor.kit, self.job_id, self.said, owner="ann", by="ann")
        return await super().submit(request)


async def woken(floor: Floor, answers: Sequence[Submission] = (), said: Money = ZERO) -> tuple[Asleep, Job]:
    vendor = Asleep(floor=floor, answers=list(answers), said=said)
    floor.use(vendor)
    offer = await floor.quote(film_of(1))
    given = await floor.approve(offer)
    vendor.job_id = given.jobs[0].id
    await render.submit(floor.kit, vendor.job_id)
    (job,) = await floor.jobs(offer)
    return vendor, job


async def budget(floor: Floor) -> tuple[int, int, str | None]:
    ((held, spent, reason),) = await rows(
        floor.database, "SELECT held_micros, spent_micros, frozen_reason FROM budget WHERE scope = 'play'"
    )
    return held, spent, reason


@pytest.mark.parametrize(
    ("answers", "words"),
    [((), "and the vendor made it as job-1"), ((LOST,), "and the vendor may have made it")],
)
async def test_all_that_it_may_cost_counts_and_the_budget_stands_still(
    floor: Floor, answers: Sequence[Submission], words: str
) -> None:
    vendor, job = await woken(floor, answers)

    assert len(vendor.asked) == 1
    assert (job.state, job.charged, job.charge_source) == ("released", CEILING, "assumed")
    assert job.error == f"ann said that the vendor charged $0.00; its request left all the same, {words}"
    assert job.provider_job_id == (None if answers else "job-1")
    assert "All of $0.05 is counted, and its budgets stand still." in str(advice(job))
    assert await budget(floor) == (
        0,
        CEILING.micros,
        f"{job.id} was given back, and may be billed $0.05 all the same",
    )
    with pytest.raises(Frozen):
        await floor.approve(await floor.quote(film_of(2)))


async def test_a_refusal_or_a_price_that_the_person_named_changes_nothing(floor: Floor) -> None:
    _, refused = await woken(floor, (NO,))
    _, named = await woken(floor, said=Money.usd("0.04"))

    assert (refused.state, refused.charged) == ("released", ZERO)
    assert (named.state, named.charged, named.charge_source) == ("failed", Money.usd("0.04"), "person")
    assert await budget(floor) == (0, Money.usd("0.04").micros, None)


async def test_the_books_add_up_and_say_what_came_late(floor: Floor) -> None:
    _, job = await woken(floor)
    entries = "SELECT kind, amount_micros FROM entry WHERE scope = 'play' ORDER BY seq"

    assert await rows(floor.database, entries) == [
        ("hold", CEILING.micros),
        ("release", CEILING.micros),
        ("adjustment", CEILING.micros),
    ]
    await check_audit(floor.database)
    async with floor.database.reading() as connection:
        page = await receipt(connection, job.quote_id)
        assert (await proof.verify(connection)).faults == ()
    sums = {name: page[f"{name}_usd"] for name in ("held", "charged", "released", "late")}
    assert sums == {"held": "0.05", "charged": "0.05", "released": "0.05", "late": "0.05"}
    assert page["balanced"]


async def test_a_vendors_books_tell_of_a_job_that_a_person_said_was_never_made(floor: Floor) -> None:
    """The answer was lost for good, with the process that waited for it; the vendor's list has the take."""
    vendor, job = await woken(floor, (NO,))
    take_id = vendor.asked[0].take_id
    vendor.listed = [VendorJob("job-7", take_id, floor.clock())]

    for _ in range(2):
        assert await render.reconcile(floor.kit, "rehearsal", by="ann") == []
    async with floor.database.reading() as connection:
        after = await jobs.get(connection, job.id)
    assert (after.provider_job_id, after.charged) == ("job-7", CEILING)
    assert await rows(floor.database, "SELECT COUNT(*) FROM entry WHERE kind = 'adjustment'") == [(1,)]

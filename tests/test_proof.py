"""The books prove themselves, and the first row that lies is named."""

import pytest

from tests.conftest import Floor, film_of
from tools import ledger, proof
from tools.clock import period
from tools.errors import BudgetExceeded, Invalid
from tools.ledger import Limits, Wall
from tools.money import Money


async def finished(floor: Floor) -> None:
    """One film, all the way."""
    offer = await floor.quote(film_of(2))
    await floor.approve(offer)
    await floor.finish(offer)


async def faults(floor: Floor) -> list[str]:
    async with floor.database.reading() as connection:
        return [f"{fault.table}: {fault.why}" for fault in (await proof.verify(connection)).faults]


async def test_a_film_that_was_paid_for_leaves_books_that_add_up(floor: Floor) -> None:
    await finished(floor)

    async with floor.database.reading() as connection:
        verdict = await proof.verify(connection)
    assert verdict.faults == ()
    assert verdict.entries == 6
    assert verdict.deeds > verdict.entries


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ("UPDATE budget SET spent_micros = spent_micros + 1", "budget: spent"),
        ("UPDATE budget SET held_micros = held_micros + 1", "budget: holds"),
        ("UPDATE job SET charged_micros = charged_micros + 1", "job: was charged"),
    ],
)
async def test_a_sum_that_lies_is_named(floor: Floor, lie: str, told: str) -> None:
    await finished(floor)
    await floor.edit(lie)

    assert (await faults(floor))[0].startswith(told)


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        ("UPDATE audit SET principal = 'mallory' WHERE seq = 3", "audit: was changed after it was written"),
        ("UPDATE audit SET after = 'no json' WHERE seq = 3", "audit: was changed after it was written"),
        ("DELETE FROM audit WHERE seq = 3", "audit: does not follow the row before it"),
    ],
)
async def test_a_break_in_the_chain_is_named(floor: Floor, lie: str, told: str) -> None:
    await finished(floor)
    await floor.edit("DROP TRIGGER audit_no_update")
    await floor.edit("DROP TRIGGER audit_no_delete")
    await floor.edit(lie)

    assert (await faults(floor))[0].startswith(told)


async def test_a_persons_limit_holds_for_the_month_whatever_the_settings_say(floor: Floor) -> None:
    wall, now = Wall("play", floor.studio.config.limits.play), floor.clock()
    async with floor.database.transaction() as connection:
        await ledger.set_limit(connection, wall, period(now), Money.usd("0.01"), by="ann", at=now)
    offer = await floor.quote(film_of(1))

    with pytest.raises(BudgetExceeded) as wrong:
        await floor.approve(offer)

    assert wrong.value.headroom == Money.usd("0.01")


async def test_a_thawed_budget_is_used_again_and_the_deed_is_on_record(floor: Floor) -> None:
    wall, now = Wall("play", floor.studio.config.limits.play), floor.clock()
    async with floor.database.transaction() as connection:
        await ledger.set_limit(connection, wall, period(now), Money.usd("5"), by="ann", at=now)
        await ledger.freeze(connection, "play", period(now), "a bill above its ceiling")
    async with floor.database.transaction() as connection:
        after = await ledger.thaw(connection, wall, period(now), by="ann", at=now)
    await floor.approve(await floor.quote(film_of(1)))

    assert after.frozen_reason is None
    assert await faults(floor) == []


def test_a_user_has_a_wall_of_their_own_where_one_is_set() -> None:
    usd = Money.usd
    limits = Limits(month=usd("50"), project=usd("10"), play=usd("1"), model=usd("1"), user=usd("3"))

    assert Wall("user:ann", usd("3")) in limits.walls("x", "ann", play_money=False)
    assert limits.walls("x", "ann", play_money=True) == (Wall("play", usd("1")),)


@pytest.mark.parametrize("scope", ["", "moon", "project:", "user"])
def test_a_budget_that_does_not_exist_is_refused_with_those_that_do(scope: str) -> None:
    limits = Limits(month=Money(1), project=Money(1), play=Money(1), model=Money(1))

    with pytest.raises(Invalid, match="none of month, play, model, project:NAME, user:NAME"):
        limits.of(scope)

"""The wall: held + spent never passes the limit, and what was written stays written."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.conftest import BOTH, Clock, check_books, dump, film_of, open_quickly, rows
from tools import jobs, ledger, quotes
from tools.budget import Budget, Exceeds, Fits, IsFrozen, check
from tools.db import Database
from tools.errors import BudgetExceeded, Frozen, Invalid
from tools.estimate import Offer, estimate
from tools.jobs import NewJob
from tools.ledger import Limits, Wall
from tools.money import ZERO, Money
from tools.prices import load_book
from tools.quotes import Terms

DATABASES = BOTH

NOW = Clock()()
MONTH = "2026-11"
FIVE = (Wall("month", Money.usd("5")), Wall("project:default", Money.usd("5")))


def usd(amount: str) -> Money:
    return Money.usd(amount)


async def jobs_for(database: Database, count: int) -> list[str]:
    """Rows that entries can belong to."""
    offer = Offer("rehearsal", "rehearsal-draft", "480p")
    priced = estimate(film_of(min(count, 60)), offer, load_book(), NOW.date())
    terms = Terms("ann", "a film", ZERO, NOW, NOW - NOW)
    async with database.transaction() as connection:
        quote = await quotes.issue(connection, priced, terms)
        made = [
            NewJob(quote.id, n, "ann", "shot", "rehearsal", "rehearsal-draft", True, ZERO, ZERO)  # noqa: FBT003
            for n in range(count)
        ]
        return [(await jobs.create(connection, each, at=NOW, submit_by=NOW)).id for each in made]


async def hold(
    connection: AsyncConnection, job_id: str, amount: Money, walls: tuple[Wall, ...] = FIVE
) -> None:
    await ledger.hold(connection, job_id, walls, amount, period=MONTH, principal="ann", at=NOW)


async def settle(connection: AsyncConnection, job_id: str, charged: Money) -> None:
    await ledger.settle(connection, job_id, charged, principal="worker", at=NOW)


async def standing(database: Database, scope: str = "month") -> tuple[str, str]:
    async with database.reading() as connection:
        budget = await ledger.read(connection, Wall(scope, usd("5")), MONTH)
    return str(budget.held), str(budget.spent)


async def test_a_hold_stands_in_every_budget_until_it_is_settled(database: Database) -> None:
    (job,) = await jobs_for(database, 1)
    async with database.transaction() as connection:
        await hold(connection, job, usd("2.10"))
    held = [await standing(database, wall.scope) for wall in FIVE]
    async with database.transaction() as connection:
        await settle(connection, job, usd("2"))

    assert held == [("2.10", "0.00")] * 2
    assert [await standing(database, wall.scope) for wall in FIVE] == [("0.00", "2.00")] * 2
    assert await rows(database, "SELECT scope, kind, amount_micros FROM entry ORDER BY seq") == [
        ("month", "hold", 2_100_000),
        ("project:default", "hold", 2_100_000),
        ("month", "capture", 2_000_000),
        ("month", "release", 100_000),
        ("project:default", "capture", 2_000_000),
        ("project:default", "release", 100_000),
    ]
    await check_books(database)


async def test_a_hold_that_one_budget_has_no_room_for_is_in_none(database: Database) -> None:
    (job,) = await jobs_for(database, 1)
    before = await dump(database)
    narrow = (Wall("month", usd("5")), Wall("project:default", usd("1")))

    with pytest.raises(BudgetExceeded) as caught:
        async with database.transaction() as connection:
            await hold(connection, job, usd("2"), narrow)
    assert (caught.value.scope, caught.value.asked, caught.value.headroom) == (
        "project:default",
        usd("2"),
        usd("1"),
    )
    assert await dump(database) == before


@pytest.mark.parametrize("amount", [ZERO, Money(-1)])
async def test_nothing_is_held_for_nothing(database: Database, amount: Money) -> None:
    (job,) = await jobs_for(database, 1)
    before = await dump(database)
    async with database.transaction() as connection:
        await hold(connection, job, amount)

    assert await dump(database) == before


async def test_the_last_micro_dollar_can_be_held_and_not_one_more(database: Database) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, one, usd("5"))

    with pytest.raises(BudgetExceeded):
        async with database.transaction() as connection:
            await hold(connection, other, Money(1))


@pytest.mark.parametrize(("first", "then"), [("2", "2"), ("0", "2"), ("2", "0"), ("1", "0.5"), ("3", "1")])
async def test_settling_twice_changes_nothing(database: Database, first: str, then: str) -> None:
    job, neighbour = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, job, usd("2"))
        await hold(connection, neighbour, usd("2"))
        await settle(connection, job, usd(first))
    before = await dump(database)
    async with database.transaction() as connection:
        await settle(connection, job, usd(then))

    assert await dump(database) == before
    await check_books(database, overrun=first == "3")


async def test_settling_what_was_never_held_changes_nothing(database: Database) -> None:
    (job,) = await jobs_for(database, 1)
    before = await dump(database)
    async with database.transaction() as connection:
        await settle(connection, job, usd("1"))

    assert await dump(database) == before


async def test_a_bill_above_the_ceiling_is_recorded_in_full_and_freezes_the_budget(
    database: Database,
) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, one, usd("1"))
        await settle(connection, one, usd("7"))

    assert await standing(database) == ("0.00", "7.00")
    with pytest.raises(Frozen) as caught:
        async with database.transaction() as connection:
            await hold(connection, other, Money(1))
    assert one in caught.value.reason
    await check_books(database, overrun=True)


async def test_a_frozen_budget_is_used_again_once_a_person_has_looked(database: Database) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, one, usd("1"))
        await settle(connection, one, usd("1.50"))
        thawed = await ledger.thaw(connection, FIVE[0], MONTH, by="ann", at=NOW)
        await ledger.thaw(connection, FIVE[1], MONTH, by="ann", at=NOW)
        await hold(connection, other, usd("1"))

    assert thawed == Budget("month", MONTH, usd("5"), spent=usd("1.50"))
    looked = "SELECT principal, subject FROM audit WHERE action = 'thaw' ORDER BY seq"
    assert await rows(database, looked) == [("ann", "month"), ("ann", "project:default")]
    await check_books(database, overrun=True)


async def test_a_persons_limit_counts_in_place_of_the_configured_one_for_its_month(
    database: Database,
) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        lowered = await ledger.set_limit(connection, FIVE[0], MONTH, usd("1"), by="ann", at=NOW)
    with pytest.raises(BudgetExceeded) as caught:
        async with database.transaction() as connection:
            await hold(connection, one, usd("1.01"))
    async with database.transaction() as connection:
        await hold(connection, one, usd("1"))
        await ledger.hold(connection, other, FIVE, usd("5"), period="2026-12", principal="ann", at=NOW)

    assert (lowered.limit, caught.value.headroom) == (usd("1"), usd("1"))
    said = 'SELECT principal, subject, "before", "after" FROM audit WHERE action = \'limit\''
    assert await rows(database, said) == [("ann", "month", "5000000", "1000000")]
    await check_books(database)


async def test_next_month_is_another_budget(database: Database) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, one, usd("5"))
        await ledger.hold(connection, other, FIVE, usd("5"), period="2026-12", principal="ann", at=NOW)
        await settle(connection, one, usd("4"))

    assert await rows(database, "SELECT period, held_micros, spent_micros FROM budget WHERE scope = 'month'") == [
        ("2026-11", 0, 4_000_000),
        ("2026-12", 5_000_000, 0),
    ]  # fmt: skip


async def test_a_limit_that_was_lowered_counts_at_once(database: Database) -> None:
    one, other = await jobs_for(database, 2)
    async with database.transaction() as connection:
        await hold(connection, one, usd("2"))

    with pytest.raises(BudgetExceeded):
        async with database.transaction() as connection:
            await hold(connection, other, usd("1"), (Wall("month", usd("2.50")),))


async def test_what_language_models_cost_is_spent_without_a_hold(database: Database) -> None:
    async with database.transaction() as connection:
        await ledger.spend(
            connection, FIVE[0], Money(1_234), period=MONTH, principal="ann", subject="chat_1", at=NOW
        )

    assert await standing(database) == ("0.00", "0.001234")


def test_play_money_touches_no_other_budget() -> None:
    limits = Limits(month=usd("1"), project=usd("2"), play=usd("3"), model=usd("4"))

    assert limits.walls("x", "ann", play_money=True) == (Wall("play", usd("3")),)
    assert limits.walls("x", "ann", play_money=False) == (
        Wall("month", usd("1")),
        Wall("project:x", usd("2")),
    )


LIMITS = Limits(month=usd("1"), project=usd("2"), play=usd("3"), model=usd("4"))


@pytest.mark.parametrize(
    ("scope", "limit"),
    [("month", "1"), ("project:x", "2"), ("play", "3"), ("model", "4"), ("user:ann", "1")],
)
def test_every_budget_has_its_configured_limit(scope: str, limit: str) -> None:
    assert LIMITS.of(scope) == usd(limit)


def test_a_users_own_limit_is_a_wall_beside_the_others() -> None:
    own = replace(LIMITS, user=usd("0.50"))

    assert own.of("user:ann") == usd("0.50")
    assert own.walls("x", "ann", play_money=False)[-1] == Wall("user:ann", usd("0.50"))


@pytest.mark.parametrize("scope", ["", "year", "project", "project:", "user:", "play:ann", ":ann"])
def test_a_budget_that_there_is_not_is_named(scope: str) -> None:
    with pytest.raises(Invalid, match="none of month, play, model"):
        LIMITS.of(scope)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9))
def test_the_verdict_is_the_rule_of_the_wall(limit: int, spent: int, held: int, asked: int) -> None:
    budget = Budget("month", MONTH, Money(limit), Money(spent), Money(held))
    verdict = check(budget, Money(asked))

    if held + spent + asked <= limit:
        assert verdict == Fits(Money(limit - held - spent - asked))
    else:
        assert verdict == Exceeds("month", Money(asked), budget.headroom)
    assert budget.headroom >= ZERO


def test_a_frozen_budget_has_room_for_nothing() -> None:
    budget = Budget("month", MONTH, usd("5"), frozen_reason="an overrun")

    assert check(budget, Money(1)) == IsFrozen("month", "an overrun")


# --- many at once --------------------------------------------------------------------------


@asynccontextmanager
async def open_many(folder: Path, count: int) -> AsyncGenerator[list[Database]]:
    """As many processes would have it: connections that know nothing of each other."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(open_quickly(folder)) for _ in range(count)]


async def buy(database: Database, job_id: str, amount: Money, charged: Money | None) -> None:
    """Hold, and settle if the hold was had and a bill came."""
    try:
        async with database.transaction() as connection:
            await hold(connection, job_id, amount)
    except BudgetExceeded:
        return
    if charged is not None:
        async with database.transaction() as connection:
            await settle(connection, job_id, min(charged, amount))


amounts = st.integers(1, 3_000_000).map(Money)
purchases = st.lists(st.tuples(amounts, st.none() | amounts), min_size=2, max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(purchases)
async def test_no_interleaving_of_buyers_passes_the_wall(bought: list[tuple[Money, Money | None]]) -> None:
    with TemporaryDirectory() as name:
        async with open_many(Path(name), 3) as databases:
            made = await jobs_for(databases[0], len(bought))
            async with anyio.create_task_group() as group:
                for n, (job_id, (amount, charged)) in enumerate(zip(made, bought, strict=True)):
                    group.start_soon(buy, databases[n % 3], job_id, amount, charged)

            await check_books(databases[0])


async def test_sixty_four_buyers_of_twenty_five_cents_share_five_dollars_exactly(tmp_path: Path) -> None:
    async with open_many(tmp_path, 4) as databases:
        made = await jobs_for(databases[0], 64)
        async with anyio.create_task_group() as group:
            for n, job_id in enumerate(made):
                group.start_soon(buy, databases[n % 4], job_id, usd("0.25"), None)

        assert await standing(databases[0]) == ("5.00", "0.00")
        assert await rows(databases[0], "SELECT COUNT(*) FROM entry") == [(2 * 20,)]
        await check_books(databases[0])


async def test_the_same_job_settled_by_many_at_once_is_settled_once(tmp_path: Path) -> None:
    async with open_many(tmp_path, 3) as databases:
        (job,) = await jobs_for(databases[0], 1)
        await buy(databases[0], job, usd("2"), None)

        async def bill(database: Database, charged: Any) -> None:
            async with database.transaction() as connection:
                await settle(connection, job, charged)

        async with anyio.create_task_group() as group:
            for n in range(9):
                group.start_soon(bill, databases[n % 3], usd(f"1.{n}"))

        assert await rows(databases[0], "SELECT COUNT(*) FROM entry WHERE kind = 'capture'") == [(2,)]
        await check_books(databases[0])

"""Holds, captures and releases. Entries are only ever added; a job's hold resolves once.

    hold      money set aside for a job, the quote's ceiling, before anything is sent
    capture   what the vendor charged
    release   what is given back: all of it only on proof that nothing is billed
    adjustment  what is billed after that all the same

`held` and `spent` on a budget are the sums of its entries, kept beside them so that the wall
is one conditional UPDATE: two buyers cannot both have the last dollar.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, assert_never

from sqlalchemy import Row, Select, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import audit
from tools.budget import Budget, Exceeds, Fits, IsFrozen, check
from tools.clock import stamp
from tools.errors import BudgetExceeded, Frozen, Invalid
from tools.money import ZERO, Money
from tools.tables import budget, entry


@dataclass(frozen=True, slots=True)
class Wall:
    """A budget that something counts against, and its limit as configured."""

    scope: str
    limit: Money


@dataclass(frozen=True, slots=True)
class Limits:
    """Every wall there is, as configured. Play money has one of its own and touches no other."""

    month: Money
    project: Money
    play: Money
    model: Money
    user: Money | None = None  # None: a user may spend what the month has

    def walls(self, project: str, user: str, *, play_money: bool) -> tuple[Wall, ...]:
        """The budgets that a user's rendering for a project counts against: all of them, or none."""
        if play_money:
            return (Wall("play", self.play),)
        shared = (Wall("month", self.month), Wall(f"project:{project}", self.project))
        return shared if self.user is None else (*shared, Wall(f"user:{user}", self.user))

    def of(self, scope: str) -> Money:
        """The configured limit of one budget by its name; `Invalid` lists the names there are."""
        kind, _, name = scope.partition(":")
        shared = {"month": self.month, "play": self.play, "model": self.model}
        own = {"project": self.project, "user": self.month if self.user is None else self.user}
        if scope in shared:
            return shared[scope]
        if kind in own and name:
            return own[kind]
        raise Invalid("budget", f"{scope!r} is none of month, play, model, project:NAME, user:NAME")


@dataclass(frozen=True, slots=True)
class _Entry:
    job_id: str
    scope: str
    period: str
    kind: str
    amount_micros: int


async def read(connection: AsyncConnection, wall: Wall, period: str) -> Budget:
    """The budget as it stands; a month nobody has spent in yet is empty."""
    row = await _row(connection, wall.scope, period)
    if row is None:
        return Budget(wall.scope, period, wall.limit)
    return Budget(
        wall.scope,
        period,
        wall.limit if row.limit_by is None else Money(row.limit_micros),
        Money(row.spent_micros),
        Money(row.held_micros),
        row.frozen_reason,
    )


async def hold(
    connection: AsyncConnection,
    job_id: str,
    walls: Sequence[Wall],
    amount: Money,
    *,
    period: str,
    principal: str,
    at: datetime,
) -> None:
    """Set `amount` aside in every budget or in none; `BudgetExceeded` names the first without room."""
    if amount <= ZERO:
        return  # a line at $0 sets nothing aside; entries are above zero
    for wall in sorted(walls, key=lambda each: each.scope):  # one order for everybody: no deadlock
        await _open(connection, wall, period)
        await _set_aside(connection, wall, period, amount)
        await _enter(connection, _Entry(job_id, wall.scope, period, "hold", amount.micros), principal, at)


async def settle(
    connection: AsyncConnection, job_id: str, charged: Money, *, principal: str, at: datetime
) -> None:
    """Resolve a job's hold, once: capture what was charged, release the rest.

    A vendor that bills above the ceiling is recorded in full, and freezes the budget until a
    person has looked.
    """
    for held in await _holds(connection, job_id):
        amount = Money(held.amount_micros)
        await connection.execute(
            update(budget)
            .where(budget.c.scope == held.scope, budget.c.period == held.period)
            .values(
                held_micros=budget.c.held_micros - amount.micros,
                spent_micros=budget.c.spent_micros + charged.micros,
            )
        )
        for kind, part in (("capture", charged), ("release", amount - charged)):
            if part > ZERO:
                written = _Entry(job_id, held.scope, held.period, kind, part.micros)
                await _enter(connection, written, principal, at)
        if charged > amount:
            await freeze(
                connection, held.scope, held.period, f"{job_id} was billed ${charged}, above its ceiling"
            )


async def adjust(
    connection: AsyncConnection, job_id: str, late: Money, *, principal: str, at: datetime
) -> None:
    """Count a bill that comes after the hold was given back, whatever the limit, and freeze the budget."""
    for held in (await connection.execute(_held_for(job_id))).all():
        await connection.execute(
            update(budget)
            .where(budget.c.scope == held.scope, budget.c.period == held.period)
            .values(spent_micros=budget.c.spent_micros + late.micros)
        )
        written = _Entry(job_id, held.scope, held.period, "adjustment", late.micros)
        await _enter(connection, written, principal, at)
        why = f"{job_id} was given back, and may be billed ${late} all the same"
        await freeze(connection, held.scope, held.period, why)


async def freeze(connection: AsyncConnection, scope: str, period: str, reason: str) -> None:
    await connection.execute(
        update(budget).where(budget.c.scope == scope, budget.c.period == period).values(frozen_reason=reason)
    )


async def thaw(connection: AsyncConnection, wall: Wall, period: str, *, by: str, at: datetime) -> Budget:
    """A person has looked at a frozen budget and lets it be used again."""
    before = await read(connection, wall, period)
    await connection.execute(
        update(budget)
        .where(budget.c.scope == wall.scope, budget.c.period == period)
        .values(frozen_reason=None)
    )
    await audit.append(connection, audit.Deed(by, "thaw", wall.scope, before.frozen_reason, None), at)
    return await read(connection, wall, period)


async def set_limit(
    connection: AsyncConnection, wall: Wall, period: str, limit: Money, *, by: str, at: datetime
) -> Budget:
    """A person's limit for one month, in place of the configured one. It may be below what is spent."""
    before = await read(connection, wall, period)
    await _open(connection, wall, period)
    await connection.execute(
        update(budget)
        .where(budget.c.scope == wall.scope, budget.c.period == period)
        .values(limit_micros=limit.micros, limit_by=by)
    )
    deed = audit.Deed(by, "limit", wall.scope, before.limit.micros, limit.micros)
    await audit.append(connection, deed, at)
    return await read(connection, wall, period)


async def _row(connection: AsyncConnection, scope: str, period: str) -> Row[tuple[object, ...]] | None:
    query = select(budget).where(budget.c.scope == scope, budget.c.period == period)
    return (await connection.execute(query)).one_or_none()


async def _open(connection: AsyncConnection, wall: Wall, period: str) -> None:
    """Make sure the row is there and carries today's limit, unless a person set one for the month."""
    insert_first = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"scope": wall.scope, "period": period, "limit_micros": wall.limit.micros}
    await connection.execute(insert_first(budget).values(**row).on_conflict_do_nothing())
    await connection.execute(
        update(budget)
        .where(budget.c.scope == wall.scope, budget.c.period == period, budget.c.limit_by.is_(None))
        .values(limit_micros=wall.limit.micros)
    )


async def _set_aside(connection: AsyncConnection, wall: Wall, period: str, amount: Money) -> None:
    """The wall: the database itself adds, or does not."""
    fits = budget.c.held_micros + budget.c.spent_micros + amount.micros <= budget.c.limit_micros
    done = await connection.execute(
        update(budget)
        .where(
            budget.c.scope == wall.scope, budget.c.period == period, budget.c.frozen_reason.is_(None), fits
        )
        .values(held_micros=budget.c.held_micros + amount.micros)
    )
    if done.rowcount == 1:
        return
    now = await read(connection, wall, period)
    verdict = check(now, amount)
    match verdict:
        case IsFrozen(scope, reason):
            raise Frozen(scope, reason)
        case Exceeds() | Fits():  # the database has said no; it fits only if another has let go since
            raise BudgetExceeded(wall.scope, amount, now.headroom)
        case _:
            assert_never(verdict)


async def _holds(connection: AsyncConnection, job_id: str) -> Sequence[Row[tuple[object, ...]]]:
    """Holds of a job that are not resolved yet."""
    end = entry.alias()
    resolved = exists().where(
        end.c.job_id == entry.c.job_id,
        end.c.scope == entry.c.scope,
        end.c.period == entry.c.period,
        end.c.kind != "hold",
    )
    return (await connection.execute(_held_for(job_id).where(~resolved))).all()


def _held_for(job_id: str) -> Select[Any]:
    """Every hold of a job there was, in the order that all take budgets in."""
    return select(entry).where(entry.c.job_id == job_id, entry.c.kind == "hold").order_by(entry.c.scope)


async def _enter(connection: AsyncConnection, written: _Entry, principal: str, at: datetime) -> None:
    row = asdict(written)
    await connection.execute(insert(entry).values(**row, at=stamp(at)))
    await audit.append(connection, audit.Deed(principal, written.kind, written.job_id, None, row), at)


async def spend(
    connection: AsyncConnection,
    wall: Wall,
    amount: Money,
    *,
    period: str,
    principal: str,
    subject: str,
    at: datetime,
) -> None:
    """Record what was spent without a hold: language models bill after the fact, in small change."""
    await _open(connection, wall, period)
    await connection.execute(
        update(budget)
        .where(budget.c.scope == wall.scope, budget.c.period == period)
        .values(spent_micros=budget.c.spent_micros + amount.micros)
    )
    after = {"scope": wall.scope, "period": period, "amount_micros": amount.micros}
    await audit.append(connection, audit.Deed(principal, "spend", subject, None, after), at)

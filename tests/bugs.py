"""Twelve mistakes about money that somebody could make, each as a wrong function in a right one's place."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from math import ceil
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.machine import Machine
from tests.people import ALTERATIONS, Answering
from tests.play import Setting
from tools import audit, jobs, ledger
from tools.clock import stamp
from tools.money import ZERO, Money
from tools.providers.base import Ambiguous, Refused
from tools.quotes import Quote
from tools.render import record
from tools.tables import budget, entry
from tools.tables import job as job_table


@dataclass(frozen=True)
class Bug:
    """A mistake, and the setting in which its path is not rare."""

    name: str
    swaps: tuple[tuple[str, Any], ...]
    setting: Setting = field(default_factory=Setting)

    def __str__(self) -> str:
        return self.name

    @contextmanager
    def at_large(self) -> Generator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for place, wrong in self.swaps:
                module, _, name = place.rpartition(":")
                thing: Any = import_module(module)
                *path, last = name.split(".")
                for step in path:
                    thing = getattr(thing, step)
                patch.setattr(thing, last, wrong)
            yield


async def _send_again(kit: Any) -> None:
    """An answer was lost? Then ask for it once more."""
    async with kit.database.transaction() as connection:
        for lost in await jobs.in_states(connection, "unknown"):
            if await jobs.move(connection, lost, "ready", at=kit.clock()):
                await kit.engine.enqueue(connection, "submit_job", lost.id, cause=f"again {lost.takes}")


def _timeouts_refuse(right: Callable[..., Any]) -> Any:
    async def record(kit: Any, job: Any, outcome: Any) -> None:
        await right(kit, job, Refused(outcome.reason) if isinstance(outcome, Ambiguous) else outcome)

    return record


def _moves(*, state: bool) -> Any:
    """`jobs.move` that has forgotten to compare before it sets: the fence, or the state as well."""

    async def move(connection: Any, before: Any, to: str, *, at: Any, **changes: Any) -> Any:
        where = job_table.c.id == before.id
        if state:
            where &= job_table.c.state == before.state
        moved = await connection.execute(update(job_table).where(where).values(state=to, **changes))
        if moved.rowcount != 1:
            return None
        await jobs.announce(connection, after := await jobs.get(connection, before.id), at)
        return after

    return move


def _captures_twice(right: Callable[..., Any]) -> Any:
    async def settle(connection: Any, job_id: str, charged: Money, **facts: Any) -> None:
        await right(connection, job_id, charged, **facts)
        holds = select(entry.c.scope, entry.c.period).where(entry.c.job_id == job_id, entry.c.kind == "hold")
        for scope, period in (await connection.execute(holds)).all():
            again = update(budget).where(budget.c.scope == scope, budget.c.period == period)
            spent = budget.c.spent_micros + charged.micros
            await connection.execute(again.values(spent_micros=spent))

    return settle


def _holds_in_one(right: Callable[..., Any]) -> Any:
    async def hold(connection: Any, job_id: str, walls: Any, amount: Money, **facts: Any) -> None:
        await right(connection, job_id, walls[:1], amount, **facts)

    return hold


async def _is_always_approved(*_given: Any) -> bool:
    return True


async def _nothing_expires(*_given: Any) -> int:
    return 0


def _missing_is_free(_kit: Any, _job: Any, reported: Money | None) -> tuple[Money, str]:
    return reported or ZERO, "reported"


def _floating_times(self: Money, factor: Any) -> Money:
    return Money(ceil(self.micros / 1_000_000 * float(factor) * 1_000_000))


def _unaudited(right: Callable[..., Any]) -> Any:
    async def append(connection: Any, deed: Any, at: Any) -> None:
        if deed.action != "approved":
            await right(connection, deed, at)

    return append


def _month_in_the_west(moment: Any) -> str:
    return stamp(moment - timedelta(hours=8))[:7]


def _altered(machine: Machine, first: Quote) -> None:
    machine.somebody_alters_what_is_stored(first, ALTERATIONS[0])


def _late(machine: Machine, first: Quote) -> None:
    offer = machine.offer("ann", first.title[:9], [1], "film", None)
    machine.world.pass_time(31 * 60)
    assert offer is not None
    machine.say_yes(Answering(offer, "ann", offer.digest, "ann"))


def _two_on_the_line(machine: Machine, _first: Quote) -> None:
    """The first worker stopped in its POST, its lease ran out, so did the second's luck; then the first wakes up."""
    machine.a_worker_stops_in_the_middle_of_its_post(0, beside=True)
    machine.world.pass_time(61)
    machine.a_worker_stops_in_the_middle_of_its_post(0, beside=True)
    machine.a_stopped_worker_wakes_up(0)


def _seven_seconds(machine: Machine, _first: Quote) -> None:
    """A length at which a float is a hair above."""
    machine.offer("ann", "A loom", [7], "film", None)


BUGS = (
    Bug(
        "an unknown job is sent again",
        (("tools.render.watch:seek_unknown", _send_again), ("tools.render:seek_unknown", _send_again)),
        Setting(moods=("lose-answer",)),
    ),
    Bug(
        "a timeout gives the hold back",
        (("tools.render.send:record", _timeouts_refuse(record.record)),),
        Setting(moods=("lose-answer",)),
    ),
    Bug(
        "a job is moved without comparing",
        (("tools.jobs:move", _moves(state=False)),),
        Setting(vendors=("keyed",), moods=(None,), openings=(_two_on_the_line,)),
    ),
    Bug("the capture counts twice", (("tools.ledger:settle", _captures_twice(ledger.settle)),)),
    Bug("one budget holds, the others do not", (("tools.ledger:hold", _holds_in_one(ledger.hold)),)),
    Bug(
        "the digest is not looked at",
        (("tools.render.send:_is_what_was_approved", _is_always_approved),),
        Setting(openings=(_altered,)),
    ),
    Bug("nothing expires", (("tools.quotes:expire_due", _nothing_expires),), Setting(openings=(_late,))),
    Bug(
        "a missing bill is free",
        (("tools.render.settle:_bill", _missing_is_free),),
        Setting(moods=("no-cost",)),
    ),
    Bug(
        "prices float",
        (("tools.money:Money.times", _floating_times),),
        Setting(openings=(_seven_seconds,)),
    ),
    Bug("an approval is not audited", (("tools.audit:append", _unaudited(audit.append)),)),
    Bug(
        "the fence is ignored",
        (("tools.jobs:move", _moves(state=True)),),
        Setting(vendors=("keyed",), moods=(None,), openings=(_two_on_the_line,)),
    ),
    Bug(
        "the month is that of another place",
        (("tools.approvals:period", _month_in_the_west),),
        Setting(begins_after=9.52 * 24 * 3_600),
    ),
)

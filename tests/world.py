"""A small world around the real service: its vendor, its clock, and processes that may die.

The vendor and the folder outlive every process. A process is a `Kit` under a name of its own on
the real database; when it dies, its open transaction is rolled back and the next one starts as
the studio does. Due work is rows (conftest's `Outbox`), and the world decides when it is done.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from tests.conftest import Clock, Floor, Outbox, film_of
from tests.fate import Died, Fate
from tests.inline import Turns
from tests.outside import Outside
from tests.vendor import RATE, Gate, Vendor
from tools import audit, quotes, render
from tools.clock import Ratchet
from tools.db import Database
from tools.ledger import Limits
from tools.money import Money
from tools.prices import PriceBook, PriceRow
from tools.quotes import Quote

BOOK = PriceBook(  # the vendor's own price, as money that counts against every wall
    (
        PriceRow(
            provider="rehearsal",
            model="rehearsal-draft",
            kind="video",
            unit="second",
            usd=str(RATE),
            resolution="480p",
            source="made up",
            as_of=date(2026, 11, 21),
        ),
    )
)
QUICK_ROUNDS, SLOW_SECONDS = 20, 600  # what is asked about rarely need not be waited for often


async def at_once(*acts: Awaitable[object]) -> None:
    """All to their end, side by side; then the first fault, if there was one."""
    ends = await asyncio.gather(*acts, return_exceptions=True)
    for each in ends:
        if isinstance(each, BaseException):
            raise each


class Desk(Outbox):
    """The outbox of a process that may die inside the transaction that makes work due."""

    fate = Fate()

    async def enqueue(self, *given: Any, **named: Any) -> None:
        self.fate.meets("as work becomes due")
        await super().enqueue(*given, **named)


@dataclass
class World:
    """The service, everything outside it, and what was seen and said."""

    floor: Floor
    clock: Clock  # this machine's, which may be set back
    vendor_clock: Clock  # the vendor's own
    vendor: Vendor
    limits: Limits
    fate: Fate
    turns: Turns
    outside: Outside
    started: int = 1
    shown: dict[str, Quote] = field(default_factory=dict[str, Quote])  # as its reader saw it
    films: dict[str, tuple[str, list[int]]] = field(default_factory=dict[str, tuple[str, list[int]]])
    altered: set[str] = field(default_factory=set[str])  # quotes that somebody changed behind our back
    told: set[str] = field(default_factory=set[str])  # jobs whose end is a person's word
    eased: set[tuple[str, str]] = field(
        default_factory=set[tuple[str, str]]
    )  # budgets a person had a hand in
    frozen: list["Frozen"] = field(default_factory=list["Frozen"])
    clocks: dict[str, Callable[[], datetime]] = field(default_factory=dict[str, Callable[[], datetime]])

    def __post_init__(self) -> None:
        self.clocks[self.floor.kit.worker] = self.floor.kit.clock

    @property
    def database(self) -> Database:
        return self.floor.database

    def now(self) -> datetime:
        """The time as the service takes it: it never goes back."""
        return self.floor.kit.clock()

    def now_at(self, worker: str) -> datetime:
        """The time as that process takes it: a later one that was never written down is another's alone."""
        return self.clocks[worker]()

    def pass_time(self, seconds: float) -> None:
        self.clock.move(seconds=seconds)
        self.vendor_clock.move(seconds=seconds)

    async def survive(self, act: Awaitable[object]) -> bool:
        """Do something; if the process dies of it, start the next one."""
        lived = True
        try:
            await act
        except* Died:  # alone, or among what was done side by side
            lived = False
        if not lived:
            await self.next_process()
        return lived

    async def next_process(self) -> None:
        """Everything in memory is gone; what is next starts as the studio does."""
        self.fate.awaits(None)
        for each in [each for each in self.frozen if each.floor is self.floor]:
            await each.kill()
            self.frozen.remove(each)
        self.floor = await self.another()
        await render.resume(self.floor.kit)

    async def another(self) -> Floor:
        """A process that knows nothing but the database; the clock it is given never goes back."""
        self.started += 1
        async with self.database.reading() as connection:
            last = await audit.newest(connection)
        ticking = Ratchet(self.clock, last or self.clock())
        self.clocks[f"process {self.started}"] = ticking
        kit = replace(self.floor.kit, clock=ticking, worker=f"process {self.started}")
        return Floor(replace(self.floor.studio, kit=kit, clock=ticking), self.clock)

    # --- due work ---

    async def do(self, work: str, subject: str, floor: Floor | None = None) -> None:
        """One piece of work, as the engine's workflows do it. Films are joined elsewhere: they cost nothing."""
        kit = (floor or self.floor).kit
        match work:
            case "submit_job":
                await render.submit(kit, subject)
            case "finish_job":
                await render.settle(kit, subject)
                await render.fetch(kit, subject)
            case _:
                pass

    def due(self) -> list[tuple[str, str]]:
        rows = self.outside.rows("SELECT work, subject FROM due WHERE done = 0 ORDER BY n")
        return [(row["work"], row["subject"]) for row in rows]

    async def finish_due(self, work: str, subject: str) -> None:
        """Work counts as done after it is done: a process that died in between does it again."""
        if await self.survive(self.do(work, subject)):
            self.outside.write("UPDATE due SET done = 1 WHERE work = ? AND subject = ?", work, subject)

    async def look(self) -> bool:
        """One turn of the studio's loop; False if the process died of it."""
        lived = await self.survive(render.look_after(self.floor.kit))
        lived &= await self.survive(render.sweep(self.floor.kit))
        return lived & await self.survive(self._expire())

    async def _expire(self) -> None:
        async with self.database.transaction() as connection:
            await quotes.expire_due(connection, self.now())

    async def settle_down(self, rounds: int = 60) -> None:
        """Let everything come to its end."""
        self.fate.awaits(None)
        while self.frozen:
            await self.frozen.pop().wake()
        await self.next_process()
        self.clock.now = max(self.clock.now, self.vendor_clock.now)  # a clock set back is set right
        for n in range(rounds):
            for work, subject in self.due():
                await self.finish_due(work, subject)
            if not self._is_busy():
                return
            self.pass_time(61 if n < QUICK_ROUNDS else SLOW_SECONDS)
            await self.look()

    async def close(self) -> None:
        """Nothing that was stopped goes on into the next story."""
        for each in self.frozen:
            await each.kill()

    def _is_busy(self) -> bool:
        found = "EXISTS (SELECT 1 FROM vendor_event JOIN take ON take.id = take_id WHERE job_id = job.id)"
        if self.vendor.capabilities.search_window is not None:
            found = "1 = 1"
        busy = (
            "SELECT 1 FROM job WHERE state IN ('ready', 'submitting', 'running')"
            f" OR (state = 'succeeded' AND clip_id IS NULL) OR (state = 'unknown' AND {found})"
        )
        return bool(self.outside.rows(busy) or self.due())

    # --- a process that stops in the middle ---

    async def freeze(self, job_id: str, floor: Floor) -> "Frozen | None":
        """Begin to send a job, and stop with the request on the line; None if there was nothing to send."""
        frozen = Frozen(floor, job_id)
        self.vendor.gate = frozen.gate
        frozen.task = asyncio.ensure_future(frozen.run())
        await frozen.gate.reached.wait()
        if frozen.is_on_the_line:
            self.frozen.append(frozen)
            return frozen
        self.vendor.gate = None
        await frozen.task
        return None


@dataclass
class Frozen:
    """A worker stopped in the middle of its POST. It may wake up much later and go on."""

    floor: Floor
    job_id: str
    fence: int = 0
    gate: Gate = field(default_factory=Gate)
    is_on_the_line: bool = True
    task: "asyncio.Future[None] | None" = None

    async def run(self) -> None:
        try:
            with suppress(Died):
                await render.submit(self.floor.kit, self.job_id)
        finally:
            self.is_on_the_line = False
            self.gate.reached.set()

    async def wake(self) -> None:
        """Let it go on to its end; what went wrong there goes wrong here."""
        self.gate.open.set()
        if self.task is not None:
            await self.task

    async def kill(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


def walls_of(usd: str, project: str, user: str | None) -> Limits:
    """A month, and narrower walls inside it."""
    return Limits(
        month=Money.usd(usd),
        project=Money.usd(project),
        play=Money.usd(usd),
        model=Money.usd(usd),
        user=None if user is None else Money.usd(user),
    )


def little_film(subject: str, seconds: tuple[int, ...]) -> Any:
    """Shots of these lengths."""
    plain = film_of(len(seconds), subject=subject)
    shots = [
        shot.model_copy(update={"duration": each}) for shot, each in zip(plain.shots, seconds, strict=True)
    ]
    return plain.with_shots(shots)

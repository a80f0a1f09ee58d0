"""A small world around the real service: its vendor, its clock, and processes that may die.

The vendor and the folder outlive every process. A process is a `Kit` under a name of its own on
the real database; when it dies, its open transaction is rolled back and the next one starts as
the studio does. Due work is rows (conftest's `Outbox`), and the world decides when it is done.
"""

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import anyio
import anyio.to_thread
from PIL import Image
from sqlalchemy import text

from tests.conftest import DUE, Clock, Floor, Outbox, config_in, film_of, migrated, open_floor
from tools import audit, media, quotes, render
from tools.clock import Ratchet
from tools.db import Database
from tools.ledger import Limits
from tools.money import Money
from tools.prices import PriceBook, PriceRow
from tools.providers.base import Refused, RenderRequest, Status, Submission
from tools.providers.drawn import recall
from tools.providers.rehearsal import RATES, Rehearsal
from tools.quotes import Quote

# One that honours idempotency keys, one that can be searched by our reference, one that can do neither.
VendorClass = Literal["keyed", "searched", "blind"]
Witness = Callable[[RenderRequest], None]

RATE = RATES["rehearsal-draft", "480p"]
BOOK = PriceBook(  # the rehearsal vendor's own price, as money that counts against every wall
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


class Died(Exception):
    """The process was killed here."""


async def at_once(*acts: Awaitable[object]) -> None:
    """All to their end, side by side; then the first fault, if there was one."""
    ends = await asyncio.gather(*acts, return_exceptions=True)
    for each in ends:
        if isinstance(each, BaseException):
            raise each


@dataclass
class Fate:
    """When the process will die; once, and never in the next one's start."""

    moment: str | None = None

    MOMENTS = (
        "as work becomes due",
        "before the vendor hears",
        "after the vendor accepted",
        "before settling",
        "before fetching",
    )

    def meets(self, moment: str) -> None:
        if moment == self.moment:
            self.moment = None
            raise Died(moment)


@dataclass
class Gate:
    """Where a request is kept on the line until somebody lets it go."""

    reached: anyio.Event = field(default_factory=anyio.Event)
    open: anyio.Event = field(default_factory=anyio.Event)

    async def wait(self) -> None:
        self.reached.set()
        await self.open.wait()


class Vendor(Rehearsal):
    """The rehearsal vendor, of any class; it has a mood for each shot, and counts what is sent to it."""

    def __init__(self, folder: Path, clock: Clock, fate: Fate, kind: VendorClass) -> None:
        super().__init__(folder, clock)
        life = timedelta.max if kind == "keyed" else None
        window = None if kind == "blind" else timedelta(0)
        plain = Rehearsal.capabilities
        self.capabilities = replace(plain, key_life=life, search_window=window, concurrent=2)
        self.kind = kind
        self.moods: dict[int, str] = {}
        self.fate = fate
        self.posts: Counter[str] = Counter()
        self.refused: set[str] = set()
        self.gate: Gate | None = None
        self.witness: Witness = lambda _request: None

    async def submit(self, request: RenderRequest) -> Submission:
        self.witness(request)
        self.posts[request.take_id] += 1
        self.fate.meets("before the vendor hears")
        if self.gate is not None:
            gate, self.gate = self.gate, None
            await gate.wait()
        return await self._answer(request)

    async def _answer(self, request: RenderRequest) -> Submission:
        answer = await super().submit(self._named(request))
        if isinstance(answer, Refused):
            self.refused.add(request.take_id)
        self.fate.meets("after the vendor accepted")
        return answer

    def _named(self, request: RenderRequest) -> RenderRequest:
        """Without a key to compare, the same request again is another job."""
        if self.kind == "keyed" or request.take_id not in self._jobs:
            return request
        return replace(request, take_id=f"{request.take_id}-{len(self._jobs)}")

    async def find(self, take_id: str) -> str | None:
        return None if self.kind == "blind" else await super().find(take_id)

    async def poll(self, provider_job_id: str) -> Status:
        status = await super().poll(provider_job_id)
        self.fate.meets("before settling")
        return status

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        self.fate.meets("before fetching")
        clip = clip_for(recall(self._folder, provider_job_id).prompt)
        await anyio.to_thread.run_sync(to.write_bytes, clip)

    def _faults_of(self, number: int) -> tuple[str, ...]:
        return tuple(mood for mood in (self.moods.get(number),) if mood is not None)


@cache
def _a_clip() -> bytes:
    with TemporaryDirectory() as name:
        path = Path(name) / "clip.mp4"
        frames = [Image.new("RGB", (64, 36))] * 24
        media.write_clip(frames, path, fps=24, size=(64, 36), tone=None)
        return path.read_bytes()


def clip_for(prompt: str) -> bytes:
    """A ready-made clip; a box that players skip makes its bytes those of one prompt."""
    mark = sha256(prompt.encode()).digest()
    return _a_clip() + struct.pack(">I4s", 8 + len(mark), b"free") + mark


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
    folder: Path
    clock: Clock  # this machine's, which may be set back
    vendor_clock: Clock  # the vendor's own
    vendor: Vendor
    limits: Limits
    fate: Fate
    started: int = 1
    shown: dict[str, Quote] = field(default_factory=dict[str, Quote])  # as its reader saw it
    altered: set[str] = field(default_factory=set[str])  # quotes that somebody changed behind our back
    told: set[str] = field(default_factory=set[str])  # jobs whose end is a person's word
    frozen: list["Frozen"] = field(default_factory=list["Frozen"])

    @property
    def database(self) -> Database:
        return self.floor.database

    def now(self) -> datetime:
        """The time as the service takes it: it never goes back."""
        return self.floor.kit.clock()

    def pass_time(self, seconds: float) -> None:
        self.clock.move(seconds=seconds)
        self.vendor_clock.move(seconds=seconds)

    async def survive(self, act: Awaitable[object]) -> bool:
        """Do something; if the process dies of it, start the next one."""
        try:
            await act
        except Died:
            await self.next_process()
            return False
        return True

    async def next_process(self) -> None:
        """Everything in memory is gone; what is next starts as the studio does."""
        self.fate.moment = None
        for each in [each for each in self.frozen if each.floor is self.floor]:
            each.scope.cancel()
            await each.done.wait()
            self.frozen.remove(each)
        self.floor = await self.another()
        await render.resume(self.floor.kit)

    async def another(self) -> Floor:
        """A process that knows nothing but the database; the clock it is given never goes back."""
        self.started += 1
        async with self.database.reading() as connection:
            last = await audit.newest(connection)
        ticking = Ratchet(self.clock, last or self.clock())
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

    async def finish_due(self, work: str, subject: str) -> None:
        """Work counts as done after it is done: a process that died in between does it again."""
        if await self.survive(self.do(work, subject)):
            await self.floor.edit(
                "UPDATE due SET done = 1 WHERE work = :work AND subject = :subject",
                work=work,
                subject=subject,
            )

    async def look(self) -> bool:
        """One turn of the studio's loop; False if the process died of it."""
        lived = await self.survive(render.look_after(self.floor.kit))
        lived &= await self.survive(render.sweep(self.floor.kit))
        async with self.database.transaction() as connection:
            await quotes.expire_due(connection, self.now())
        return lived

    async def settle_down(self, rounds: int = 60) -> None:
        """Let everything come to its end."""
        self.fate.moment = None
        while self.frozen:
            await self.frozen.pop().wake()
        await self.next_process()
        self.clock.now = max(self.clock.now, self.vendor_clock.now)  # a clock set back is set right
        for _ in range(rounds):
            for work, subject in await self.floor.due():
                await self.finish_due(work, subject)
            if not await self._is_busy():
                return
            self.pass_time(61)
            await self.look()

    async def close(self) -> None:
        """Nothing that was stopped goes on into the next story."""
        for each in self.frozen:
            each.scope.cancel()
            await each.done.wait()

    async def _is_busy(self) -> bool:
        query = text(
            "SELECT 1 FROM job WHERE state IN ('ready', 'submitting', 'running')"
            " OR (state = 'succeeded' AND clip_id IS NULL) OR (state = 'unknown' AND :found)"
        )
        async with self.database.reading() as connection:
            busy = await connection.scalar(query, {"found": self.vendor.kind != "blind"})
        return busy is not None or bool(await self.floor.due())

    # --- a process that stops in the middle ---

    async def freeze(self, job_id: str, floor: Floor) -> "Frozen":
        """The next request on the line stays there; run the answer to put one there."""
        frozen = Frozen(floor, job_id)
        self.vendor.gate = frozen.gate
        return frozen

    async def is_on_the_line(self, frozen: "Frozen") -> bool:
        await frozen.gate.reached.wait()
        if frozen.done.is_set():  # there was nothing to send
            self.vendor.gate = None
            return False
        self.frozen.append(frozen)
        return True


@dataclass
class Frozen:
    """A worker stopped in the middle of its POST. It may wake up much later and go on."""

    floor: Floor
    job_id: str
    fence: int = 0
    gate: Gate = field(default_factory=Gate)
    done: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    async def run(self) -> None:
        try:
            with self.scope, suppress(Died):
                await render.submit(self.floor.kit, self.job_id)
        finally:
            self.done.set()
            self.gate.reached.set()

    async def wake(self) -> None:
        self.gate.open.set()
        await self.done.wait()


# --- the stage ------------------------------------------------------------------------------


@dataclass
class Stage:
    """One opened database for many worlds: opening it, and compiling its statements, is most of the cost."""

    floor: Floor
    folder: Path
    worlds: int = 0

    @property
    def file(self) -> Path:
        return self.folder / "greenlight.db"

    async def new_world(self, limits: Limits, kind: VendorClass) -> World:
        await self._empty()
        self.worlds += 1
        folder = self.folder / f"world-{self.worlds}"
        clock, vendor_clock, fate = Clock(), Clock(), Fate()
        vendor = Vendor(folder / "vendors" / "rehearsal", vendor_clock, fate, kind)
        desk = Desk(self.floor.studio.config.database_url)
        desk.fate = fate
        ticking = Ratchet(clock, clock())
        kit = replace(self.floor.kit, clock=ticking, engine=desk, worker="process 1")
        kit = replace(kit, providers={"rehearsal": vendor, "animatic": kit.providers["animatic"]})
        config = replace(self.floor.studio.config, limits=limits)
        studio = replace(self.floor.studio, config=config, kit=kit, book=BOOK, clock=ticking)
        return World(Floor(studio, clock), folder, clock, vendor_clock, vendor, limits, fate)

    async def _empty(self) -> None:
        """The file as the migrations leave it, under the same engines."""
        database = self.floor.database
        await database.reader.dispose()
        await database.writer.dispose()
        for path in self.folder.glob("greenlight.db*"):
            path.unlink()
        self.file.write_bytes(migrated())
        async with database.transaction() as connection:
            await connection.execute(text(DUE))


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncGenerator[Stage]:
    async with open_floor(config_in(folder), Clock()) as floor:
        yield Stage(floor, folder)


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

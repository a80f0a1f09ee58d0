"""One story of a rendering: a vendor of some class, its script, and a process that dies at some point of the code.

Whoever dies leaves what was committed and nothing else; the next process starts as the studio
does, and everything is run to its end. Or it does not die but stops, another works on beside
it, and it wakes up when all is over.
"""

from collections import Counter, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import TaskGroup

from tests import verdict
from tests.conftest import Clock, Floor, film_of, open_floor
from tests.inline import inline
from tests.moments import Died, Fate, Met, Moment
from tests.outside import Outside, outside_of
from tests.points import marked
from tests.scripts import WORK, Script, VendorClass
from tests.shop import SIGNATURE, Call, Shop
from tests.stage import Rack
from tests.verdict import Eye
from tests.world import BOOK
from tools import audit, render
from tools.clock import Ratchet
from tools.db import Database
from tools.errors import Conflict, StudioError
from tools.money import Money
from tools.quotes import Quote
from tools.render import Kit
from tools.studio import Config

ROUNDS_MAX = 60
ROUND, LATER = (
    timedelta(seconds=61),
    timedelta(minutes=61),
)  # what was probably never made is looked for hourly
ROUNDS_SOON = 30
SEARCHES = 5  # rounds after which a vendor that can be searched surely has no such job
ON_THE_LINE = "before send._in_time: answer"  # after the last look at the clock
PUBLIC_URL = "https://studio.example"

Act = Callable[[Floor], Awaitable[object]]


async def live(act: Act, floor: Floor) -> None:
    """Whoever dies of it dies alone, however many were at work."""
    try:
        await act(floor)
    except BaseExceptionGroup as several:
        if several.subgroup(Died) is None:
            raise
        raise Died(several) from None


# --- a story --------------------------------------------------------------------------------


@dataclass
class Errand:
    """An act in a task of its own, so that it can stop in the middle."""

    act: Act
    floor: Floor
    fault: Died | StudioError | None = None
    ended: anyio.Event = field(default_factory=anyio.Event)

    async def run(self, fate: Fate) -> None:
        try:
            await live(self.act, self.floor)
        except (Died, StudioError) as fault:
            self.fault = fault
        self.ended.set()
        fate.turn.set()

    async def give(self, _floor: Floor) -> None:
        if self.fault is not None:
            raise self.fault


@dataclass
class Story:
    """What outlives every process, and the process that works now."""

    floor: Floor
    eye: Eye
    clock: Clock
    shop: Shop
    fate: Fate
    group: TaskGroup
    processes: int = 1
    offer: Quote | None = None
    told: set[str] = field(default_factory=set[str])  # jobs whose end is a person's word
    rounds: int = 0
    asked: bool = False  # the person has had their say
    late: list[Errand] = field(default_factory=list[Errand])  # of those who stopped

    @property
    def script(self) -> Script:
        return self.shop.script

    @property
    def database(self) -> Database:
        return self.floor.database

    async def do(self, act: Act) -> bool:
        """True when it is done; False when its process died of it, or stopped, and there is another."""
        if self.fate.stop is None:
            return await self._survive(act)
        errand = Errand(act, self.floor)
        self.group.start_soon(errand.run, self.fate)
        await self.fate.turn.wait()
        self.fate.turn = anyio.Event()
        if not errand.ended.is_set():
            self.late.append(errand)
            self.floor = await self._another()
            return False
        return await self._survive(errand.give)

    async def _survive(self, act: Act) -> bool:
        try:
            await live(act, self.floor)
        except Died:
            await self.start()
            return False
        return True

    async def start(self) -> None:
        """The next process, as the studio starts it. It may die of that too."""
        await self._misdeed()
        self.fate.starting = True
        while self.fate.starting:
            self.floor = await self._another()
            with suppress(Died):
                await live(lambda floor: render.resume(floor.kit), self.floor)
                self.fate.starting = False

    async def _another(self) -> Floor:
        self.processes += 1
        async with self.database.reading() as connection:
            last = await audit.newest(connection)
        ticking = Ratchet(self.clock, last or self.clock())
        kit = replace(self.floor.kit, clock=ticking, worker=f"process {self.processes}")
        return Floor(replace(self.floor.studio, kit=kit, clock=ticking), self.clock)

    async def _misdeed(self) -> None:
        if self.script.altered:
            await self.floor.edit("UPDATE quote_line SET body = replace(body, 'picture', 'casino')")

    def pass_time(self, by: timedelta) -> None:
        self.clock.now += by

    # --- from the yes to the end ---

    async def play(self) -> None:
        shots = film_of(self.script.shots)
        self.offer = await self.floor.quote(shots)
        await self._answer(self.offer)
        if self.script.again:
            await self._to_the_end()
            self.offer = await self.floor.quote(shots)
            await self._answer(self.offer)
        if self.script.person == "cancels before":
            await self._person()
        if self.script.late is not None:
            self.pass_time(timedelta(minutes=16))
        if self.script.late == "the loop":
            await self._look()
        await self._to_the_end()
        while self.late:
            self.fate.wake.set()
            await self.late.pop().ended.wait()
            await self._look()  # what it could only put beside the database comes in
            await self._to_the_end()
        await self.do_it_all_again()

    async def _answer(self, offer: Quote) -> None:
        """A person whose yes got no answer says it again."""
        while not await self.do(lambda floor: floor.approve(offer)):
            pass

    async def _to_the_end(self) -> None:
        self.rounds = 0
        while self.rounds < ROUNDS_MAX:
            self.rounds += 1
            await self._work()
            await self._calls()
            await self._person()
            verdict.check(self.eye.seen(self.shop))
            if not self._is_busy():
                break
            self.pass_time(ROUND if self.rounds < ROUNDS_SOON else LATER)
            await self._look()

    async def _look(self) -> None:
        await self.do(lambda floor: render.look_after(floor.kit))
        await self.do(lambda floor: render.sweep(floor.kit))

    async def _work(self) -> None:
        """Work counts as done after it is done: one that nobody finished is done again."""
        for work, subject in self._due():
            if await self.do(lambda floor, work=work, subject=subject: self._one(floor.kit, work, subject)):
                done = "UPDATE due SET done = 1 WHERE work = :work AND subject = :subject"
                await self.floor.edit(done, work=work, subject=subject)

    async def _one(self, kit: Kit, work: str, subject: str) -> None:
        """As the engine's workflows do it."""
        match work:
            case "submit_job":
                with suppress(OSError):  # it fails, and the sweep finds what it left
                    await render.submit(kit, subject)
            case "finish_job":
                await render.settle(kit, subject)
                with suppress(OSError):  # the engine tries it again, and then the loop does
                    await render.fetch(kit, subject)
            case _ if self.script.joins:
                await render.assemble(kit, subject)
            case _:
                pass

    async def _calls(self) -> None:
        """A vendor calls until it is heard."""
        while self.shop.calls:
            if await self.do(lambda floor: hear(floor.kit, self.shop.calls[0])):
                self.shop.calls.popleft()

    async def _person(self) -> None:
        if self.asked or self.script.person is None:
            return
        for job in self.eye.seen(self.shop).jobs:
            if self.script.person == "says what was charged":
                await self._resolve(job)
            else:
                await self._cancel(job)

    async def _resolve(self, job: Any) -> None:
        """A person has looked at the vendor's own page."""
        if job.state != "unknown":
            return
        charged = Money(sum(made.bill.micros for made in self.eye.seen(self.shop).bills(job.id)))
        self.told.add(job.id)
        await self._say(lambda floor: render.resolve(floor.kit, job.id, charged, owner=None, by="ann"))

    async def _cancel(self, job: Any) -> None:
        if job.state not in ("ready", "running"):
            return
        if self.script.person == "cancels at the end":
            self.pass_time(WORK)
        await self._say(lambda floor: render.cancel(floor.kit, job.id, owner=None))

    async def _say(self, act: Act) -> None:
        """Until there is an answer; that it was said already is one."""
        self.asked = True
        with suppress(Conflict):
            while not await self.do(act):
                pass

    def _due(self) -> list[tuple[str, str]]:
        rows = self.eye.rows("SELECT work, subject FROM due WHERE done = 0 ORDER BY n")
        return [(row.work, row.subject) for row in rows]

    def _is_busy(self) -> bool:
        """Is there anything that only needs time?"""
        seen = self.eye.seen(self.shop)
        return bool(self._due()) or any(self._moves(job, seen) for job in seen.jobs)

    def _moves(self, job: Any, seen: verdict.Seen) -> bool:
        match job.state:
            case "succeeded":
                return job.clip_id is None
            case "unknown":
                searched = self.shop.kind == "search" and self.rounds < SEARCHES
                return searched or verdict.can_be_found(job, seen)
            case state:
                return state not in verdict.AT_REST

    async def do_it_all_again(self) -> None:
        """Every piece of work, call and look once more: nothing about the money moves."""
        self.fate.over = True
        before = self.eye.money()
        assert self.offer is not None
        await self.floor.approve(self.offer)
        for job in await self.floor.jobs(self.offer):
            for work in ("submit_job", "finish_job"):
                await self._one(self.floor.kit, work, job.id)
        for call in self.shop.said:
            await hear(self.floor.kit, call)
        await render.resume(self.floor.kit)
        await self._look()
        verdict.promise(self.eye.money() == before, "everything once more moves nothing")


async def hear(kit: Kit, call: Call) -> None:
    await render.hear(kit, "rehearsal", call.token, {"signature": SIGNATURE}, call.body)


# --- the stage ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """How it ended, and by which points it came there since the last death."""

    states: Counter[str]
    met: list[Met]


@dataclass
class Stage:
    """One opened database for many stories."""

    floor: Floor
    outside: Outside
    fate: Fate = field(default_factory=lambda: Fate(object))
    stories: int = 0

    async def reach(self, point: str) -> None:
        await self.fate.reach(point)

    async def play(
        self, kind: VendorClass, script: Script, *deaths: Moment, stop: Moment | None = None
    ) -> Ending:
        """Tell one story to its end; `Violation` says what was wrong with it."""
        self.outside.empty()
        first = [] if script.died_at is None else [Moment(script.died_at)]
        clock, eye, fault = Clock(), Eye(self.outside), None
        shop = Shop(kind, script, clock)
        floor = self._floor(clock, shop)
        self.fate = Fate(
            lambda: self._world(shop, floor.kit.folder), deque([*first, *deaths]), stop, set(script.full)
        )
        group = anyio.create_task_group()
        shop.on_the_line = stop is not None and stop.point == ON_THE_LINE
        story = Story(floor, eye, clock, shop, self.fate, group)
        async with group:
            shop.early = lambda call: hear(story.floor.kit, call)
            try:
                await story.play()
            except verdict.Violation as error:
                fault = error
                group.cancel_scope.cancel()
        if fault is not None:
            raise fault
        unmet = self.fate.full - {each.point for each in deaths}  # who dies there meets no disk
        left = [*self.fate.deaths, *unmet, *filter(None, [self.fate.stop])]
        verdict.promise(not left, "somebody comes to each place", *left)
        return Ending(verdict.check_end(eye, shop, story.told), self.fate.met)

    def _world(self, shop: Shop, folder: Path) -> object:
        """Another one after every change of anything that outlives a process."""
        files = [(path.name, path.stat().st_mtime_ns) for path in sorted(folder.iterdir())]
        return self.outside.mark(), shop.touched, files

    def _floor(self, clock: Clock, shop: Shop) -> Floor:
        self.stories += 1
        folder = self.floor.kit.folder / f"story-{self.stories}"
        folder.mkdir()
        kit = replace(
            self.floor.kit,
            clock=Ratchet(clock, clock()),
            providers={**self.floor.kit.providers, "rehearsal": shop},
            shelf=Rack(folder.parent / "clips"),
            folder=folder,
            worker="process 1",
            public_url=PUBLIC_URL,
        )
        return Floor(replace(self.floor.studio, kit=kit, book=BOOK, clock=kit.clock), clock)


@asynccontextmanager
async def open_stage(config: Config) -> AsyncGenerator[Stage]:
    """In a database of its own, with the points in the code."""
    async with open_floor(config, Clock()) as floor:
        for engine in (floor.database.reader, floor.database.writer):
            await engine.dispose()
            if not floor.database.shared:
                inline(engine)
        with outside_of(config.database_url) as outside:
            stage = Stage(floor, outside)
            with marked(stage.reach):
                yield stage

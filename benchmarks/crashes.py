"""A death in every world that a death can leave, of every script and class, on both databases; and on files a stop.

.venv/bin/python benchmarks/crashes.py [--all] [SCRIPT ...]

With `--all` on both, and at every point of the code as well, also where that leaves the same world
behind, which is then proved. Anything that is wrong ends it with 1; else docs/proof.md has the table.
"""

import logging
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

import anyio

from benchmarks.pages import PROOF, put
from tests.conftest import BOTH, config_in
from tests.crashes import Stage, open_stage
from tests.moments import Met, Moment, outside
from tests.points import points
from tests.postgres import running_server
from tests.scripts import CLASSES, SCRIPTS, Script, VendorClass
from tests.stage import MEMORY
from tests.verdict import Violation
from tools.studio import Config

CORES = os.cpu_count() or 1
SECTION = "A process dies, or stops and wakes up"


@dataclass(frozen=True)
class Part:
    """What one process tries, on one database."""

    database: str
    everywhere: bool
    stories: tuple[tuple[Script, VendorClass], ...]


@dataclass
class Tried:
    """Ends of all stories by script and class, and what was wrong with any."""

    ends: dict[tuple[str, str], Counter[str]] = field(default_factory=dict[tuple[str, str], Counter[str]])
    deaths: int = 0
    stops: int = 0
    wrong: list[str] = field(default_factory=list[str])
    cpu_seconds: float = 0

    def add(self, other: "Tried") -> None:
        for told, ends in other.ends.items():
            self.ends[told] = self.ends.get(told, Counter()) + ends
        self.deaths += other.deaths
        self.stops += other.stops
        self.wrong += other.wrong
        self.cpu_seconds += other.cpu_seconds


def try_part(part: Part) -> Tried:
    logging.disable(logging.WARNING)  # disks are full on purpose
    tried, began = Tried(), time.process_time()
    with ExitStack() as stack:
        memory = MEMORY if MEMORY.is_dir() else None
        config = config_in(Path(stack.enter_context(TemporaryDirectory(dir=memory))))
        if part.database == "postgres":
            url = stack.enter_context(running_server()).fresh()
            config = config_in(config.data_dir, database_url=url)
        anyio.run(_try_all, part, config, tried)
    tried.cpu_seconds = time.process_time() - began
    return tried


async def _try_all(part: Part, config: Config, tried: Tried) -> None:
    async with open_stage(config) as stage:
        for script, vendor in part.stories:
            await _Trial(part, stage, script, vendor, tried).run()


@dataclass(frozen=True)
class _Trial:
    """One script of one class, on one database."""

    part: Part
    stage: Stage
    script: Script
    vendor: VendorClass
    tried: Tried

    async def run(self) -> None:
        met = await self._play()
        for moments in self._worlds(met):
            ends = {await self._end(each) for each in moments}
            self.tried.deaths += len(moments)
            if len(ends) > 1:
                self._is_wrong(f"{moments[0]} to {moments[-1]}: one world, and {len(ends)} ends {ends}")
        if self.part.database == "postgres" and not self.part.everywhere:
            return
        for moments in self._worlds(outside(met)):
            self.tried.stops += len(moments)
            for each in moments:
                await self._end(stop=each)

    def _worlds(self, met: Sequence[Met]) -> list[list[Moment]]:
        """Where to die or stop in each world: at its end, or at every point that was not met before."""
        worlds = [[each.moment for each in same] for _, same in groupby(met, key=lambda each: each.world)]
        if not self.part.everywhere:
            return [moments[-1:] for moments in worlds]
        return [[each for each in moments if each.nth == 1 or each == moments[-1]] for moments in worlds]

    async def _play(self) -> list[Met]:
        ending = await self.stage.play(self.vendor, self.script)
        self._count(ending.states)
        return ending.met

    async def _end(self, *deaths: Moment, stop: Moment | None = None) -> str:
        try:
            ending = await self.stage.play(self.vendor, self.script, *deaths, stop=stop)
        except Violation as error:
            where = f"dies {deaths[0]}" if deaths else f"stops {stop}"
            self._is_wrong(f"{where}: {error}")
            return str(error)
        self._count(ending.states)
        return _words(ending.states)

    def _count(self, states: Counter[str]) -> None:
        told = self.script.name, self.vendor
        self.tried.ends[told] = self.tried.ends.get(told, Counter()) + Counter([_words(states)])

    def _is_wrong(self, what: str) -> None:
        self.tried.wrong.append(f"{self.part.database}, {self.vendor}, {self.script}: {what}")


def _words(states: Counter[str]) -> str:
    return " and ".join(sorted(states.elements()))


# --- the page -------------------------------------------------------------------------------


def parts_of(scripts: Sequence[Script], *, everywhere: bool) -> list[Part]:
    """Four for each core and database, dealt out in turn."""
    stories = [(script, vendor) for script in scripts for vendor in CLASSES]
    dealt = [stories[n :: CORES * 4] for n in range(CORES * 4)]
    return [Part(database, everywhere, tuple(each)) for each in dealt if each for database in BOTH]


def line_of(tried: Tried, scripts: int, began: float) -> str:
    return (
        f"{len(points())} points of the code, {scripts} scripts, {len(CLASSES)} classes of vendors,"
        f" {len(BOTH)} databases: {sum(map(Counter.total, tried.ends.values())):,} stories,"
        f" {tried.deaths:,} deaths, {tried.stops:,} stops, {len(tried.wrong)} violations,"
        f" {time.perf_counter() - began:.0f} s on {CORES} cores, {tried.cpu_seconds:.0f} s CPU"
    )


def table_of(tried: Tried, scripts: Sequence[Script]) -> str:
    head = ["| the vendor, and what else happens | " + " | ".join(CLASSES) + " |", "|" + "---|" * 5]
    return "\n".join([*head, *(_row(tried, script) for script in scripts)])


def _row(tried: Tried, script: Script) -> str:
    cells = (tried.ends[script.name, vendor].most_common() for vendor in CLASSES)
    said = ("<br>".join(f"{end} {count}" for end, count in cell) for cell in cells)
    return f"| {script} | " + " | ".join(said) + " |"


PAGE = """`benchmarks/crashes.py{flag}`: a process dies, or it stops, another works on beside it, and it wakes
up when all is over. Every story is run to its end, where the vendor's own meter, the entries, the
budgets and the audit must agree. How many stories came to which end:

{line}

{table}
"""


def main() -> None:
    everywhere, names = "--all" in sys.argv, [word for word in sys.argv[1:] if word != "--all"]
    scripts = [script for script in SCRIPTS if not names or script.name in names]
    began, tried = time.perf_counter(), Tried()
    with ProcessPoolExecutor(CORES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for each in pool.map(try_part, parts_of(scripts, everywhere=everywhere)):
            tried.add(each)
    print(line := line_of(tried, len(scripts), began))
    if tried.wrong:
        sys.exit("\n".join(tried.wrong))
    if not names:
        flag = " --all" if everywhere else ""
        put(PROOF, SECTION, PAGE.format(flag=flag, line=line, table=table_of(tried, scripts)))


if __name__ == "__main__":
    main()

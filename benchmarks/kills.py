"""Kill real processes at random moments, and compare the vendors' files with the ledger.

    .venv/bin/python benchmarks/kills.py [KILLS] [--postgres] [--seed N]

Then the time until 200 running jobs are looked after again, from the start of the process; and
on PostgreSQL the time until another worker takes over what a killed one was sending. One line
for each; anything that is wrong ends it with 1, else all of them write docs/proof.md.
"""

import argparse
import random
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

import anyio

from benchmarks.pages import PROOF, put
from tests.kills import (
    IDLE,
    Run,
    appears,
    killed_again_and_again,
    looked_at,
    open_run,
    start_anew,
    under_way,
    worker,
)
from tests.postgres import running_server
from tools.render import LEASE

KILLS = 60
JOBS_A_KILL = 4
RUNNING = 200
RECOVERY_SECONDS_MAX = 5
TAKEOVER_SECONDS_MAX = 30


@contextmanager
def place(*, postgres: bool) -> Generator[tuple[Path, list[str]]]:
    """A folder, and the addresses of three databases with nothing in them."""
    with TemporaryDirectory() as name:
        if not postgres:
            yield Path(name), [f"sqlite:///{name}/{part}/greenlight.db" for part in PARTS]
            return
        with running_server() as server:
            yield Path(name), [server.empty() for _ in PARTS]


PARTS = ("kills", "recovery", "takeover")


@dataclass
class Found:
    """What came of it, in a line for each part, and what was wrong with any."""

    lines: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])

    def say(self, line: str) -> None:
        print(line)
        self.lines.append(line)


async def kills(found: Found, folder: Path, url: str, count: int, seed: int) -> None:
    began = time.perf_counter()
    async with open_run(folder, url, seed) as run:
        await killed_again_and_again(run, count, count * JOBS_A_KILL)
        found.say(f"{run.totals()}; seed {seed}, {time.perf_counter() - began:.0f} s")
        found.wrong += run.violations()


async def recovery(found: Found, folder: Path, url: str) -> None:
    async with open_run(folder, url, seed=0, pace=IDLE) as run:
        await under_way(run, RUNNING)
        began = time.perf_counter()
        started = start_anew(folder, url)
        try:
            await looked_at(folder, RUNNING)
        finally:
            seconds = time.perf_counter() - began
            await started.kill()
    found.say(f"{RUNNING} running jobs looked after again {seconds:.1f} s after the start of the process")
    found.wrong += ["recovery took too long"] if seconds > RECOVERY_SECONDS_MAX else []


async def takeover(found: Found, folder: Path, url: str) -> None:
    """With the lease as it is: a worker dies in the middle of its requests, another is there."""
    sending = "SELECT 1 FROM job WHERE state IN ('ready', 'submitting')"
    async with open_run(folder, url, seed=0) as run:
        (folder / "stop-accepted").touch()
        async with worker(folder, url, LEASE) as doomed:
            await run.offer(1)
            await appears(folder / "at-accepted")
            await until_all_are_sent(run)
            async with worker(folder, url, LEASE):
                await doomed.kill()
                (folder / "stop-accepted").unlink()
                began = time.perf_counter()
                while await run.rows(sending):  # noqa: ASYNC110 -- other processes ring no bell here
                    await anyio.sleep(0.1)
                seconds = time.perf_counter() - began
        await run.close_all()
        await run.check()
        found.say(f"{run.totals()}; taken over {seconds:.1f} s after the kill")
        found.wrong += run.violations()
        found.wrong += ["takeover took too long"] if seconds > TAKEOVER_SECONDS_MAX else []


async def until_all_are_sent(run: Run) -> None:
    with anyio.fail_after(60):
        while await run.rows(WAITING):  # noqa: ASYNC110 -- other processes ring no bell here
            await anyio.sleep(0.1)


WAITING = "SELECT 1 FROM quote WHERE state = 'issued' UNION ALL SELECT 1 FROM job WHERE state = 'ready'"


async def measure(folder: Path, urls: list[str], count: int, seed: int, *, postgres: bool) -> Found:
    found = Found()
    for part in PARTS:
        (folder / part).mkdir()
    await kills(found, folder / "kills", urls[0], count, seed)
    await recovery(found, folder / "recovery", urls[1])
    if postgres:
        await takeover(found, folder / "takeover", urls[2])
    return found


SECTION = "Real processes are killed, on {}"
PAGE = """`benchmarks/kills.py{flag}`: the service is killed (SIGKILL) at random moments, also in the middle of a
request, and started again. In the end what each vendor accepted and billed is compared with the ledger.

{lines}
"""


def main() -> None:
    said = argparse.ArgumentParser(description="Kill real processes, and compare the books.")
    said.add_argument("kills", nargs="?", type=int, default=KILLS)
    said.add_argument("--postgres", action="store_true")
    said.add_argument("--seed", type=int, default=random.randrange(2**32))
    asked = said.parse_args()
    with place(postgres=asked.postgres) as (folder, urls):
        parts = partial(measure, folder, urls, asked.kills, asked.seed, postgres=asked.postgres)
        found = anyio.run(parts)
    if found.wrong:
        sys.exit(f"violations: {', '.join(found.wrong)}")
    if asked.kills >= KILLS:
        flag, name = (" --postgres", "PostgreSQL") if asked.postgres else ("", "SQLite")
        lines = "\n".join(f"- {line}" for line in found.lines)
        put(PROOF, SECTION.format(name), PAGE.format(flag=flag, lines=lines))


if __name__ == "__main__":
    main()

"""What 1,000 running jobs cost the worker that waits for them, beside the same worker idle.

The vendor is a server in another process that is asked over HTTP; each job wants to be asked
about every 5 seconds. First by one request for each job, which are never more than 50 a second;
then by requests for a hundred jobs. Both databases have a worker, and are measured side by side.

    .venv/bin/python benchmarks/waiting.py [SECONDS]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import anyio
import httpx
from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.stage import both, end, show
from benchmarks.vendor import OneByOne, Together
from tests.conftest import config_in
from tools.clock import stamp, system_clock
from tools.studio import open_studio

ROOT = Path(__file__).parent.parent
JOBS = 1_000
SECONDS = 60
IDLE_SECONDS = 10
SETTLE_SECONDS = 6
WAYS = (OneByOne.name, Together.name)

CORE_MAX = 0.15
MEGABYTES_MAX = 150
THREADS_MAX = 16
ASKED_EVERY_MAX = {
    OneByOne.name: 40.0,
    Together.name: 10.0,
}  # twice what is aimed at: the machine may be busy

QUOTE = """
    INSERT INTO quote (id, owner, project, title, state, digest, provider, model, resolution, aspect_ratio,
        audio, play_money, expected_micros, ceiling_micros, headroom_micros, price_source, price_as_of,
        issued_at, expires_at, decided_at)
    VALUES ('quote_1', 'ann', 'default', 'A lighthouse', 'approved', 'sha256', :vendor, 'video', '480p',
        '16:9', false, false, 0, 0, 0, 'made up', '2026-11-21', :at, :at, :at)
"""
JOB = """
    INSERT INTO job (id, quote_id, n, owner, shot_id, provider, model, play_money, state, expected_micros,
        ceiling_micros, provider_job_id, takes, fence, created_at, submit_by, submitted_at)
    VALUES (:id, 'quote_1', :n, 'ann', 'shot_1', :vendor, 'video', false, 'running', 0, 0, :id, 1, 1, :at,
        :at, :at)
"""


# --- the worker, in a process of its own ----------------------------------------------------


async def work(vendor: str, url: str) -> None:
    """Render until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder:
        async with httpx.AsyncClient(base_url=vendor, timeout=10) as client:
            plugs = {plug.name: plug for plug in (OneByOne(client), Together(client))}
            config = config_in(Path(folder), database_url=url)
            async with open_studio(config, providers=lambda _config, _clock: plugs) as studio:
                await studio.kit.engine.started.wait()
                print("ready", flush=True)
                await anyio.to_thread.run_sync(sys.stdin.read)


# --- looking at it --------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """A process as the kernel sees it. `seconds` are the processor's."""

    at: float
    seconds: float
    megabytes: float
    threads: int
    asked: int

    def core(self, before: "Look") -> float:
        return (self.seconds - before.seconds) / (self.at - before.at)


@dataclass(frozen=True)
class Worker:
    url: str
    vendor: str
    process: "subprocess.Popen[str]"

    def look(self) -> Look:
        folder = Path("/proc") / str(self.process.pid)
        fields = (folder / "stat").read_text("ascii").rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        status = dict(line.split(":", 1) for line in (folder / "status").read_text("ascii").splitlines())
        return Look(
            at=time.monotonic(),
            seconds=ticks / os.sysconf("SC_CLK_TCK"),
            megabytes=int(status["VmRSS"].split()[0]) / 1024,
            threads=int(status["Threads"]),
            asked=httpx.get(f"{self.vendor}/asked").json()["asked"],
        )

    def fill(self) -> None:
        """Running jobs, as if they had been sent one after the other."""
        now = stamp(system_clock())
        rows = [{"id": f"job_{n}", "n": n, "at": now, "vendor": WAYS[0]} for n in range(JOBS)]
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(QUOTE), {"at": now, "vendor": WAYS[0]})
            connection.execute(text(JOB), rows)
        engine.dispose()

    def move(self, way: str) -> None:
        """The same jobs at a vendor that is asked in this way; within five seconds all are due."""
        now = system_clock()
        due = [{"id": f"job_{n}", "due": stamp(now + timedelta(seconds=5 * n / JOBS))} for n in range(JOBS)]
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE job SET provider = :way"), {"way": way})
            connection.execute(text("UPDATE job SET next_poll_at = :due WHERE id = :id"), due)
        engine.dispose()


@contextmanager
def started(arguments: list[str]) -> Generator["subprocess.Popen[str]"]:
    """A Python of ours, which ends with the block."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def open_workers(stack: ExitStack, urls: dict[str, str]) -> dict[str, Worker]:
    workers: dict[str, Worker] = {}
    for name, url in urls.items():
        vendor = said(stack.enter_context(started(["benchmarks/vendor.py"])))
        process = stack.enter_context(started(["benchmarks/waiting.py", "worker", vendor, url]))
        assert said(process) == "ready"
        workers[name] = Worker(url, vendor, process)
    return workers


# --- measuring ------------------------------------------------------------------------------


def over(workers: dict[str, Worker], seconds: float) -> dict[str, tuple[Look, Look]]:
    """All of them side by side, at the beginning and at the end."""
    before = {name: worker.look() for name, worker in workers.items()}
    time.sleep(seconds)
    return {name: (before[name], worker.look()) for name, worker in workers.items()}


@dataclass(frozen=True)
class Cost:
    """Of waiting, above the idle worker."""

    database: str
    way: str
    core: float
    megabytes: float
    threads: int
    every: float

    def row(self) -> tuple[str, ...]:
        return (
            self.database,
            self.way,
            f"{self.every:.1f} s",
            f"{self.core * 100:.1f} %",
            f"{self.megabytes:.0f} MB",
            str(self.threads),
        )

    def broken(self) -> list[str]:
        limits = {
            "of a core": (self.core, CORE_MAX),
            "MB": (self.megabytes, MEGABYTES_MAX),
            "threads": (self.threads, THREADS_MAX),
            "seconds between two looks": (self.every, ASKED_EVERY_MAX[self.way]),
        }
        return [
            f"{self.database}, {self.way}: {value:.2f} {what}, at most {most}"
            for what, (value, most) in limits.items()
            if value > most
        ]


def cost(name: str, way: str, idle: tuple[Look, Look], busy: tuple[Look, Look]) -> Cost:
    return Cost(
        database=name,
        way=way,
        core=busy[1].core(busy[0]) - idle[1].core(idle[0]),
        megabytes=busy[1].megabytes - idle[1].megabytes,
        threads=busy[1].threads - idle[1].threads,
        every=JOBS * (busy[1].at - busy[0].at) / max(busy[1].asked - busy[0].asked, 1),
    )


def measure(workers: dict[str, Worker], seconds: int) -> list[Cost]:
    time.sleep(SETTLE_SECONDS)
    idle = over(workers, IDLE_SECONDS)
    for worker in workers.values():
        worker.fill()
    costs: list[Cost] = []
    for way, long in zip(WAYS, (seconds, seconds / 3), strict=True):
        for worker in workers.values():
            worker.move(way)
        time.sleep(SETTLE_SECONDS)
        busy = over(workers, long)
        costs += [cost(name, way, idle[name], busy[name]) for name in workers]
    return costs


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with both() as urls, ExitStack() as stack:
        costs = measure(open_workers(stack, urls), seconds)
    header = ("database", "asked", "each job every", "core", "memory", "threads")
    show(header, [each.row() for each in costs])
    end([promise for each in costs for promise in each.broken()])


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        anyio.run(work, sys.argv[2], sys.argv[3])
    else:
        main()

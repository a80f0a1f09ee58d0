"""How many approvals a second a database takes, against the bare commits that it takes at all.

An approval writes the answer, the job, its hold on two walls, the audit and the work that is
now due, and is one durable commit. A bare commit writes one row through the same writer. Both
wait for the disk; rounds of both alternate, so that a busy machine slows both alike.

    .venv/bin/python benchmarks/holds.py [ROUNDS]
"""

import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

import anyio
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.stage import Stage, both, end, open_stage, show

ROUNDS = 4
COMMITS = 48  # of each sort in each round
CALLERS = (1, 16)
SHARE_MIN = 0.04  # of the bare commits: an approval is some thirty statements
CROWD_MIN = 0.7  # of one caller's approvals: a crowd waits in line, and loses little by it


@dataclass(frozen=True)
class Pace:
    """Commits a second."""

    bare: float
    approvals: float

    @property
    def share(self) -> float:
        return self.approvals / self.bare


async def each_by(callers: int, acts: Sequence[Callable[[], Awaitable[None]]]) -> float:
    """Seconds that so many callers need for all of them."""
    waiting = iter(acts)

    async def call() -> None:
        for act in waiting:
            await act()

    began = time.perf_counter()
    async with anyio.create_task_group() as group:
        for _ in range(callers):
            group.start_soon(call)
    return time.perf_counter() - began


async def measure(stage: Stage, callers: int, rounds: int) -> Pace:
    numbers = count()

    async def commit() -> None:
        async with stage.database.transaction() as connection:
            await connection.execute(text("INSERT INTO bare VALUES (:n)"), {"n": next(numbers)})

    bare: list[float] = []
    approvals: list[float] = []
    for _ in range(rounds):
        offers = await stage.offers(COMMITS)
        bare.append(COMMITS / await each_by(callers, [commit] * COMMITS))
        approving = [partial(stage.approve, offer) for offer in offers]
        approvals.append(COMMITS / await each_by(callers, approving))
    return Pace(median(bare), median(approvals))


async def measure_all(url: str, rounds: int) -> dict[int, Pace]:
    async with open_stage(url) as stage:
        async with stage.database.transaction() as connection:
            await connection.execute(text("CREATE TABLE bare (n INTEGER)"))
        await measure(stage, 1, 1)  # warm
        return {callers: await measure(stage, callers, rounds) for callers in CALLERS}


def rows_of(name: str, paces: dict[int, Pace]) -> list[tuple[str, ...]]:
    alone = paces[CALLERS[0]].approvals
    return [
        (
            name,
            str(callers),
            f"{pace.bare:.0f}/s",
            f"{pace.approvals:.0f}/s",
            f"{pace.share:.2f}",
            f"{pace.approvals / alone:.2f}",
        )
        for callers, pace in paces.items()
    ]


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    with both() as urls:
        rows = [
            row for name, url in urls.items() for row in rows_of(name, anyio.run(measure_all, url, rounds))
        ]
    show(("database", "callers", "bare commits", "approvals", "of bare", "of one caller"), rows)
    slow = [f"{row[0]}, {row[1]} callers" for row in rows if float(row[4]) < SHARE_MIN]
    crowded = [f"{row[0]}, {row[1]} callers" for row in rows if float(row[5]) < CROWD_MIN]
    end(
        [f"{each}: below {SHARE_MIN} of bare commits" for each in slow]
        + [f"{each}: below {CROWD_MIN} of one caller" for each in crowded]
    )


if __name__ == "__main__":
    main()

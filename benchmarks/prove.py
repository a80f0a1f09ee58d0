"""Many random stories about money, on all cores and both databases; anything that is wrong ends it with 1.

.venv/bin/python benchmarks/prove.py [STORIES] [BEGINNING]

Each BEGINNING tells other stories, and the same ones every time. All of them write docs/proof.md.
"""

import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from proof import put

from tests.conftest import BOTH
from tests.openings import EVERYTHING
from tests.postgres import running_server
from tests.stage import Theatre, open_theatre
from tests.stories import tell

STORIES = 20_000
STEPS = 12
CHUNK = 250  # stories told from one beginning
CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Part:
    """What one process tells, on one database."""

    kind: str
    beginning: int
    stories: int


@dataclass(frozen=True)
class Told:
    reached: Counter[str]
    cpu_seconds: float


def parts_of(stories: int, beginning: int) -> list[Part]:
    """As much for each core, half of it on each database; no two tell the same."""
    kinds = BOTH * CORES
    each = -(-stories // len(kinds))
    return [Part(kind, beginning + n * 1_000_000, each) for n, kind in enumerate(kinds)]


def prove(part: Part) -> Told:
    reached: Counter[str] = Counter()
    began = time.process_time()
    with ExitStack() as stack:
        tell_all(part, stage_of(part.kind, stack), reached)
    return Told(reached, time.process_time() - began)


def stage_of(kind: str, stack: ExitStack) -> Theatre:
    url = None if kind == "sqlite" else stack.enter_context(running_server()).fresh()
    return stack.enter_context(open_theatre(url))


def tell_all(part: Part, theatre: Theatre, reached: Counter[str]) -> None:
    for n, first in enumerate(range(0, part.stories, CHUNK)):
        tell(
            theatre,
            min(CHUNK, part.stories - first),
            STEPS,
            beginning=part.beginning + n,
            setting=EVERYTHING,
            tally=reached,
        )


def main() -> None:
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else STORIES
    beginning = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began = time.perf_counter()
    parts = parts_of(stories, beginning)
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as cores:
        ends = {cores.submit(prove, part): part for part in parts}
        wrong = sum(report(ends[end], end.exception()) for end in as_completed(ends))
    told = [end.result() for end in ends if end.exception() is None]
    reached = sum((each.reached for each in told), Counter[str]())
    line = (
        f"{reached['stories']:,} stories, {reached['steps']:,} steps, {wrong} violations, "
        f"{time.perf_counter() - began:.0f} s, {sum(each.cpu_seconds for each in told):.0f} s CPU of our own"
    )
    for name, count in sorted(reached.items()):
        print(f"{count:>9,}  {name}")
    print(line)
    if wrong:
        sys.exit(1)
    put(SECTION, PAGE.format(line=line, table=table_of(reached)))


SECTION = "Everything happens in any order"
PAGE = """`benchmarks/prove.py`: people answer, change their minds and click twice, processes die at named moments
and stop in the middle of a request, clocks jump, vendors lose answers, call, forget and overcharge, in
an order that chance draws; half of the stories on each database. After every step all that must be
true of the money is looked at again. How often the stories came to what:

{line}

{table}
"""


def table_of(reached: Counter[str]) -> str:
    rows = (f"| {name} | {count:,} |" for name, count in sorted(reached.items()))
    return "\n".join(["| what happened | times |", "|---|---:|", *rows])


def report(part: Part, wrong: BaseException | None) -> bool:
    """The shortest story that ends badly is in the notes that hypothesis leaves."""
    if wrong is not None:
        notes = getattr(wrong, "__notes__", [])
        print(part, repr(wrong), *notes, sep="\n", file=sys.stderr, flush=True)
    return wrong is not None


if __name__ == "__main__":
    main()

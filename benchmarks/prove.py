"""Many random stories about money, on all cores and both databases; anything that is wrong ends it with 1.

.venv/bin/python benchmarks/prove.py [STORIES] [BEGINNING]

Each BEGINNING tells other stories. What was told is kept in .prove/, and a run that was interrupted is gone
on with, as long as no line of the code has changed. All of them together write docs/proof.md.
"""

import hashlib
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages import PROOF, put
from tests.conftest import BOTH
from tests.openings import EVERYTHING
from tests.postgres import running_server
from tests.stage import Theatre, open_theatre
from tests.stories import tell

STORIES = 20_000
STEPS = 12
CHAPTER = 250  # stories told from one beginning
CORES = os.cpu_count() or 1
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Chapter:
    """What one process tells on one database."""

    kind: str
    beginning: int
    stories: int


@dataclass(frozen=True)
class Told:
    chapter: Chapter
    reached: Counter[str]
    cpu_seconds: float


def chapters_of(stories: int, beginning: int) -> list[Chapter]:
    """Half of the stories on each database; no two are the same."""
    each = -(-stories // len(BOTH))
    return [
        Chapter(kind, beginning + (n * len(BOTH) + which) * 1_000_000, min(CHAPTER, each - first))
        for n, first in enumerate(range(0, each, CHAPTER))
        for which, kind in enumerate(BOTH)
    ]


def prove(chapter: Chapter) -> Told:
    reached: Counter[str] = Counter()
    began = time.process_time()
    with ExitStack() as stack:
        tell(
            stage_of(chapter.kind, stack),
            chapter.stories,
            STEPS,
            beginning=chapter.beginning,
            setting=EVERYTHING,
            tally=reached,
        )
    return Told(chapter, reached, time.process_time() - began)


def stage_of(kind: str, stack: ExitStack) -> Theatre:
    url = None if kind == "sqlite" else stack.enter_context(running_server()).fresh()
    return stack.enter_context(open_theatre(url))


@dataclass(frozen=True)
class Kept:
    """What was told of this very code, a line for each chapter."""

    file: Path

    @classmethod
    def of_this_code(cls) -> "Kept":
        digest = hashlib.sha256()
        for folder in ("tools", "tests", "benchmarks"):
            for source in sorted((ROOT / folder).rglob("*.py")):
                digest.update(source.read_bytes())
        return cls(ROOT / ".prove" / f"{digest.hexdigest()[:16]}.jsonl")

    def add(self, told: Told) -> None:
        self.file.parent.mkdir(exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(vars(told) | {"chapter": vars(told.chapter)}) + "\n")

    def read(self) -> dict[Chapter, Told]:
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        every = [_told(json.loads(line)) for line in lines]
        return {told.chapter: told for told in every}


def _told(line: dict[str, Any]) -> Told:
    return Told(Chapter(**line["chapter"]), Counter(line["reached"]), line["cpu_seconds"])


def main() -> None:
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else STORIES
    beginning = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    kept, chapters = Kept.of_this_code(), chapters_of(stories, beginning)
    before = kept.read()
    told = [before[chapter] for chapter in chapters if chapter in before]
    if told:
        print(f"{sum(each.reached['stories'] for each in told):,} stories were told before", flush=True)
    wrong = 0
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as cores:
        ends = {cores.submit(prove, chapter): chapter for chapter in chapters if chapter not in before}
        for end in as_completed(ends):
            if (fault := end.exception()) is not None:
                report(ends[end], fault)
                wrong += 1
                continue
            told.append(end.result())
            kept.add(end.result())
    reached = sum((each.reached for each in told), Counter[str]())
    line = (
        f"{reached['stories']:,} stories, {reached['steps']:,} steps, {wrong} violations, "
        f"{sum(each.cpu_seconds for each in told):.0f} s CPU of our own"
    )
    for name, count in sorted(reached.items()):
        print(f"{count:>9,}  {name}")
    print(line)
    if wrong:
        sys.exit(1)
    put(PROOF, SECTION, PAGE.format(line=line, table=table_of(reached)))


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


def report(chapter: Chapter, wrong: BaseException) -> None:
    """The shortest story that ends badly is in the notes that hypothesis leaves."""
    notes = getattr(wrong, "__notes__", [])
    print(chapter, repr(wrong), *notes, sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""Many random stories about money, and one line of totals; anything that is wrong ends it with 1.

.venv/bin/python benchmarks/prove.py [STORIES]
"""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, cast

sys.path.insert(0, str(Path(__file__).parent.parent))

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from tests.machine import Machine
from tests.stage import Theatre, open_theatre

STORIES = 20_000
STEPS = 20


class Counted(Machine):
    """Adds up what was reached."""

    totals: ClassVar[Counter[str]] = Counter()

    @invariant()
    def the_books_are_right(self) -> None:
        super().the_books_are_right()
        self.totals["steps"] += 1

    def teardown(self) -> None:
        super().teardown()
        self.totals["stories"] += 1


def prove(theatre: Theatre, stories: int) -> None:
    thorough = settings(
        max_examples=stories,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(cast(Any, lambda: Counted(theatre)), settings=thorough)


def main() -> None:
    stories = int(sys.argv[1]) if len(sys.argv) > 1 else STORIES
    began, cpu = time.perf_counter(), time.process_time()
    with open_theatre() as theatre:
        prove(theatre, stories)
    reached = ", ".join(f"{count:,} {name}" for name, count in sorted(Counted.totals.items()))
    print(
        f"{reached}, no violation, {time.perf_counter() - began:.0f} s, {time.process_time() - cpu:.0f} s CPU"
    )


if __name__ == "__main__":
    main()

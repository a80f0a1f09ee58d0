"""Stories told by hypothesis: how many, how long, and from which beginning."""

from collections import Counter
from functools import partial
from typing import Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test

from tests.machine import Machine
from tests.play import Setting
from tests.stage import Theatre

# A story is as slow, and draws as much, as it needs.
FAR = 10**9  # beyond every other beginning
PATIENT = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def tell(
    theatre: Theatre,
    stories: int,
    steps: int,
    *,
    beginning: int,
    setting: Setting | None = None,
    tally: Counter[str] | None = None,
    shrink: bool = True,
) -> None:
    """The same stories from the same beginning. A violation is told again as the shortest story that has it.

    On PostgreSQL those who act at once race in earnest, so that a story need not end twice alike. Where
    hypothesis sees that, and no violation, it ends; the rest is told from another beginning.
    """
    tally = Counter() if tally is None else tally
    told = settings(
        stateful_step_count=steps,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=PATIENT,
    )
    enough = tally["stories"] + stories
    while tally["stories"] < enough:
        begin = seed(beginning)(cast(Any, partial(Machine, theatre, setting, tally)))
        try:
            run_state_machine_as_test(begin, settings=settings(told, max_examples=enough - tally["stories"]))
        except FlakyStrategyDefinition:
            if not theatre.stage.floor.database.shared:
                raise
            tally["another end of the same race"] += 1
            beginning += FAR
        else:
            return

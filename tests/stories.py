"""Stories told by hypothesis: how many, how long, and from which beginning."""

from collections import Counter
from typing import Any, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine import Machine
from tests.play import Setting
from tests.stage import Theatre

# A story is as slow, and draws as much, as it needs.
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
    """The same stories from the same beginning. A violation is told again as the shortest story that has it."""

    def begin() -> Machine:
        return Machine(theatre, setting, tally)

    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]
    told = settings(
        max_examples=stories,
        stateful_step_count=steps,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=PATIENT,
    )
    run_state_machine_as_test(seed(beginning)(cast(Any, begin)), settings=told)

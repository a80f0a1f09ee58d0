"""No order of events makes the money wrong."""

from collections.abc import Generator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine import Machine, Theatre, open_theatre

STORIES = 60
STEPS = 15


@pytest.fixture(scope="module")
def theatre() -> Generator[Theatre]:
    with open_theatre() as opened:
        yield opened


def test_no_order_of_events_makes_the_money_wrong(theatre: Theatre) -> None:
    modest = settings(
        max_examples=STORIES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(cast(Any, lambda: Machine(theatre)), settings=modest)

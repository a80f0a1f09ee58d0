"""The test of the tests: a mistake about money that is put in on purpose is found."""

from collections.abc import Generator
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import SQLAlchemyError

from tests.bugs import BUGS, Bug
from tests.invariants import Violation
from tests.machine import Machine, Theatre, open_theatre
from tools.errors import StudioError

STORIES = 150
STEPS = 20


@pytest.fixture(scope="module")
def theatre() -> Generator[Theatre]:
    with open_theatre() as opened:
        yield opened


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_mistake_put_in_on_purpose_is_found(theatre: Theatre, bug: Bug) -> None:
    found_at_once = settings(
        max_examples=STORIES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )

    with bug.at_large(), pytest.raises((Violation, StudioError, SQLAlchemyError)):
        run_state_machine_as_test(cast(Any, lambda: Machine(theatre, bug.setting)), settings=found_at_once)

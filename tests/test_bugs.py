"""The test of the tests: a mistake about money that is put in on purpose is found, on either database."""

from collections.abc import Generator

import pytest
from sqlalchemy.exc import SQLAlchemyError

from tests.bugs import BUGS, Bug
from tests.conftest import BOTH
from tests.invariants import Violation
from tests.stage import Theatre, theatre_on
from tests.stories import tell
from tools.errors import StudioError

DATABASES = BOTH
STORIES = 150
STEPS = 20


@pytest.fixture(scope="module")
def theatre(database_kind: str, request: pytest.FixtureRequest) -> Generator[Theatre]:
    with theatre_on(database_kind, request) as opened:
        yield opened


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_mistake_put_in_on_purpose_is_found(theatre: Theatre, bug: Bug) -> None:
    with bug.at_large(), pytest.raises((Violation, StudioError, SQLAlchemyError)):
        tell(theatre, STORIES, STEPS, beginning=0, setting=bug.setting, shrink=False)

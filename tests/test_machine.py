"""No order of events makes the money wrong, on either database."""

from collections import Counter
from collections.abc import Generator
from itertools import product

import pytest

from tests.conftest import BOTH
from tests.machine import Machine
from tests.openings import OPENINGS, REACHED
from tests.play import Setting
from tests.stage import Theatre, theatre_on
from tests.stories import tell
from tests.vendor import CLASSES

DATABASES = BOTH
STORIES = 2  # for each way a story may begin and each class of vendor
ONE_MORE = {"sqlite": 4, "postgres": 0}  # of these, for the first: five hundred in all
STEPS = 10


@pytest.fixture
def theatre(database_kind: str, request: pytest.FixtureRequest) -> Generator[Theatre]:
    with theatre_on(database_kind, request) as opened:
        yield opened


def test_no_order_of_events_makes_the_money_wrong_and_the_stories_come_to_everything(
    theatre: Theatre, database_kind: str
) -> None:
    reached: Counter[str] = Counter()
    for n, (opening, kind) in enumerate(product(OPENINGS, CLASSES)):
        told = Setting(vendors=(kind,), openings=(opening,))
        stories = STORIES + (n < ONE_MORE[database_kind])
        tell(theatre, stories, STEPS, beginning=n, setting=told, tally=reached)

    assert reached["stories"] >= 240
    assert [path for path in REACHED if not reached[path]] == []


def test_a_process_is_judged_by_the_time_that_it_can_know_of(theatre: Theatre) -> None:
    """A quarter of an hour that only one process saw, and nobody wrote down, is none for the next one."""
    state = Machine(theatre, Setting(vendors=("keyed",)))
    state.a_studio_opens_and_its_first_film_is_approved(
        vendor=0, month=0, project=0, user=0, mood=0, opening=0
    )
    state.time_passes(pick=5)
    state.world.now()
    state.the_machines_clock_is_set_back(hours=1)

    state.a_worker_stops_in_the_middle_of_its_post(beside=True, pick=0)

    assert [each.job_id for each in state.world.frozen] == state.any_job()
    state.teardown()

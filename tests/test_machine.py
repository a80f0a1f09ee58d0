"""No order of events makes the money wrong, on either database."""

from collections import Counter
from collections.abc import Generator
from itertools import product

import pytest

from tests.conftest import BOTH
from tests.openings import OPENINGS, REACHED
from tests.play import Setting
from tests.stage import Theatre, theatre_on
from tests.stories import tell
from tests.vendor import CLASSES

DATABASES = BOTH
STORIES = {"sqlite": 3, "postgres": 2}  # for each way a story may begin and each class of vendor: six hundred
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
        tell(theatre, STORIES[database_kind], STEPS, beginning=n, setting=told, tally=reached)

    assert reached["stories"] >= 240
    assert [path for path in REACHED if not reached[path]] == []

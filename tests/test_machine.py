"""No order of events makes the money wrong, on either database."""

from collections import Counter
from collections.abc import Generator
from itertools import product

import pytest

from tests.conftest import BOTH
from tests.openings import EVERYTHING, OPENINGS, REACHED
from tests.play import Setting
from tests.postgres import Server
from tests.stage import Theatre, open_theatre
from tests.stories import tell
from tests.vendor import CLASSES

DATABASES = BOTH
SEEDS = 5
STORIES = 100
STEPS = 15


@pytest.fixture(scope="module")
def theatre(database_kind: str, request: pytest.FixtureRequest) -> Generator[Theatre]:
    if database_kind == "sqlite":
        with open_theatre() as opened:
            yield opened
        return
    server: Server = request.getfixturevalue("postgres")
    with open_theatre(server.fresh()) as opened:
        yield opened


@pytest.mark.parametrize("beginning", range(SEEDS))
def test_no_order_of_events_makes_the_money_wrong(theatre: Theatre, beginning: int) -> None:
    tell(theatre, STORIES, STEPS, beginning=beginning, setting=EVERYTHING)


def test_the_stories_come_to_everything_that_matters() -> None:
    reached: Counter[str] = Counter()
    with open_theatre() as theatre:
        for n, (opening, kind) in enumerate(product(OPENINGS, CLASSES)):
            told = Setting(vendors=(kind,), openings=(opening,))
            tell(theatre, 2, 6, beginning=n, setting=told, tally=reached)

    assert [path for path in REACHED if not reached[path]] == []

"""No order of events makes the money wrong, on either database."""

from collections import Counter
from collections.abc import Generator
from itertools import product

import pytest

from tests.conftest import BOTH
from tests.openings import OPENINGS, REACHED
from tests.play import Setting
from tests.postgres import Server
from tests.stage import Theatre, open_theatre
from tests.stories import tell
from tests.vendor import CLASSES

DATABASES = BOTH
STORIES = 5  # for each way a story may begin and each class of vendor: some six hundred
STEPS = 10


@pytest.fixture
def theatre(database_kind: str, request: pytest.FixtureRequest) -> Generator[Theatre]:
    if database_kind == "sqlite":
        with open_theatre() as opened:
            yield opened
        return
    server: Server = request.getfixturevalue("postgres")
    with open_theatre(server.fresh()) as opened:
        yield opened


def test_no_order_of_events_makes_the_money_wrong_and_the_stories_come_to_everything(
    theatre: Theatre,
) -> None:
    reached: Counter[str] = Counter()
    for n, (opening, kind) in enumerate(product(OPENINGS, CLASSES)):
        told = Setting(vendors=(kind,), openings=(opening,))
        tell(theatre, STORIES, STEPS, beginning=n, setting=told, tally=reached)

    assert reached["stories"] >= 500
    assert [path for path in REACHED if not reached[path]] == []

"""Whatever is sent to any route, a refusal is a problem in one line and changes no row."""

import secrets
from collections.abc import Generator

import pytest

from tests.conftest import BOTH, fresh_url
from tests.fuzz import CASES, Ground, edges, open_ground, storm

DATABASES = BOTH
EDGES_MIN = 300  # else the description has lost its fields


@pytest.fixture(scope="module")
def ground(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Generator[Ground]:
    folder = tmp_path_factory.mktemp("fuzz")
    with fresh_url(database_kind, folder, request) as url, open_ground(folder, url) as opened:
        yield opened


def test_no_field_at_its_edges_moves_anything_or_breaks_the_service(ground: Ground) -> None:
    for sent in edges(ground):
        ground.check(sent)

    assert ground.statuses[422] > EDGES_MIN


def test_no_request_at_all_breaks_the_service_or_moves_anything_when_it_is_refused(ground: Ground) -> None:
    storm(ground, CASES // len(BOTH), number=secrets.randbelow(10**6))

    assert {200, 404, 409, 422} <= set(ground.statuses)

"""What a vendor may call a job, and how it may count its work."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import String

from tools.providers.answers import UNNAMED, part, share, submitted
from tools.providers.base import Submitted
from tools.tables import job


@pytest.mark.parametrize("name", [None, "", 7, "..", ".", "a b", "ä", "a\n", "x" * 201])
def test_a_name_that_no_address_and_no_record_can_hold_is_none(name: Any) -> None:
    assert submitted(name) == UNNAMED


def test_the_longest_name_has_room_on_record() -> None:
    longest = "x" * 200

    room = job.c.provider_job_id.type
    assert submitted(longest) == Submitted(longest)
    assert isinstance(room, String)
    assert room.length == len(longest)


def test_a_name_leads_nowhere_else() -> None:
    assert part("../a?b#c/d") == "..%2Fa%3Fb%23c%2Fd"


@pytest.mark.parametrize(
    ("said", "whole", "progress"),
    [
        (40, 100, 0.4),
        (250, 100, 1.0),
        (-1, 100, 0.0),
        (Decimal("0.25"), 1, 0.25),
        (True, 1, None),
        ("40", 100, None),
        (None, 100, None),
    ],
)
def test_progress_is_from_0_to_1_or_unknown(said: Any, whole: int, progress: float | None) -> None:
    assert share(said, whole=whole) == progress

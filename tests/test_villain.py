"""A language model that tries everything spends nothing: some of its programs, the rest by `make prove`."""

from collections.abc import Callable
from pathlib import Path

from tests.conftest import Clock, limits, open_floor
from tests.villain import WAYS, play
from tools.studio import Config

PROGRAMS = 120
ENOUGH = "1000000000"


async def test_no_program_of_a_hostile_model_spends_or_breaks_anything(
    config: Callable[..., Config], clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / "fox.py").write_text("class Fox: ...\n")
    async with open_floor(config(limits=limits(ENOUGH)), clock) as floor:
        toll = await play(floor, range(PROGRAMS))

    assert toll.wrong == []
    assert toll.programs == PROGRAMS
    assert toll.ways.keys() == WAYS.keys()
    assert toll.offers > 2
    assert toll.tool_calls > PROGRAMS

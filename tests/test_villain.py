"""A language model that tries everything spends nothing: some of its programs, the rest by `make prove`."""

from collections.abc import Callable

from tests.conftest import Clock, limits, open_floor
from tests.villain import TOLD, WAYS, play
from tools.studio import Config

PROGRAMS = 120
ENOUGH = "1000000000"


async def test_no_program_of_a_hostile_model_spends_or_breaks_anything(
    config: Callable[..., Config], clock: Clock
) -> None:
    async with open_floor(config(limits=limits(ENOUGH)), clock) as floor:
        toll = await play(floor, range(PROGRAMS))

    assert toll.wrong == []
    assert toll.programs == PROGRAMS
    assert toll.ways.keys() == WAYS.keys()
    assert toll.orders == TOLD
    assert toll.offers > 2
    assert toll.tool_calls > PROGRAMS

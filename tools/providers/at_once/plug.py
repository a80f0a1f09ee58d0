"""What the studio holds of such a vendor."""

from functools import partial
from pathlib import Path

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.at_once.way import ANSWER_SECONDS, Counter, offered
from tools.providers.base import Capabilities, RenderRequest
from tools.providers.plug import OpenLine, Plug

POLL_SECONDS = 0.2  # what was taken is here


class AtOnce(Plug):
    """With the models that somebody has written a price for: none of these vendors tells what it bills."""

    capabilities = Capabilities(reports_cost=False, poll_seconds=POLL_SECONDS, answer_seconds=ANSWER_SECONDS)

    def __init__(self, counter: Counter, book: PriceBook, folder: Path, clock: Clock) -> None:
        super().__init__()
        self.name = counter.name
        self.models = tuple(each for kind in counter.ways for each in offered(book, counter.name, kind))
        self._counter = counter
        self._folder = folder
        self._clock = clock

    def objection(self, request: RenderRequest) -> str | None:
        way = self._counter.ways.get(request.kind)
        return (way and way.objection(request)) or super().objection(request)

    def load(self) -> OpenLine:
        from tools.providers.at_once.line import open_line

        return partial(open_line, self._counter, self.capabilities, self._folder, self._clock)

"""What the studio holds of OpenRouter."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers import at_once
from tools.providers.at_once.way import ANSWER_SECONDS
from tools.providers.base import Capabilities, RenderRequest, Submission, VideoModel
from tools.providers.openrouter.at_once import WAYS
from tools.providers.openrouter.workspace import NAME, Workspace, offered
from tools.providers.plug import OpenLine, Plug

POLL_SECONDS = 10.0  # its documentation asks for 10 to 30


class Openrouter(Plug):
    """One workspace, with the models that have a price: they come and go with its price list."""

    name = NAME

    def __init__(
        self, workspace: Workspace, book: Callable[[], PriceBook], folder: Path, clock: Clock
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._folder = folder
        self._clock = clock
        self._book = book
        self.models = _models(book())
        self.capabilities = Capabilities(
            webhook=workspace.secret is not None, poll_seconds=POLL_SECONDS, answer_seconds=ANSWER_SECONDS
        )

    def objection(self, request: RenderRequest) -> str | None:
        way = WAYS.get(request.kind)
        return (way and way.objection(request)) or super().objection(request)

    async def submit(self, request: RenderRequest) -> Submission:
        self.models = _models(self._book())
        return await super().submit(request)

    def load(self) -> OpenLine:
        from tools.providers.openrouter.adapter import open_line

        return partial(open_line, self._workspace, self.capabilities, self._folder, self._clock)


def _models(book: PriceBook) -> tuple[VideoModel, ...]:
    return (*offered(book), *(each for kind in WAYS for each in at_once.offered(book, NAME, kind)))

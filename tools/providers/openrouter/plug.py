"""What the studio holds of OpenRouter."""

from collections.abc import Callable
from functools import partial

from tools.clock import Clock
from tools.prices import PriceBook
from tools.providers.base import Capabilities, RenderRequest, Submission
from tools.providers.openrouter.workspace import NAME, Workspace, offered
from tools.providers.plug import OpenLine, Plug

POLL_SECONDS = 10.0  # its documentation asks for 10 to 30


class Openrouter(Plug):
    """One workspace, with the models that have a price: they come and go with its price list."""

    name = NAME

    def __init__(self, workspace: Workspace, book: Callable[[], PriceBook], clock: Clock) -> None:
        super().__init__()
        self._workspace = workspace
        self._clock = clock
        self._book = book
        self.models = offered(book())
        self.capabilities = Capabilities(webhook=workspace.secret is not None, poll_seconds=POLL_SECONDS)

    async def submit(self, request: RenderRequest) -> Submission:
        self.models = offered(self._book())
        return await super().submit(request)

    def load(self) -> OpenLine:
        from tools.providers.openrouter.adapter import open_line

        return partial(open_line, self._workspace, self.capabilities, self._clock)

"""What the studio holds of a server of `/v1/videos`."""

from functools import partial

from tools.providers.base import Capabilities, VideoModel
from tools.providers.openai_videos.profile import NAME, PROFILES, Server
from tools.providers.plug import OpenLine, Plug


class OpenaiVideos(Plug):
    """One server, with the models that somebody has written a price for.

    None reports a bill, so nothing proves that work which it stopped was free, unless it is one's own.
    """

    name = NAME

    def __init__(self, server: Server, models: tuple[VideoModel, ...]) -> None:
        super().__init__()
        self._server = server
        self.models = models
        habits = PROFILES[server.profile]
        self.capabilities = Capabilities(
            cancel=habits.stops, reports_cost=False, bills_moderated=not habits.own
        )

    def load(self) -> OpenLine:
        from tools.providers.openai_videos.adapter import open_line

        return partial(open_line, self._server, self.capabilities)

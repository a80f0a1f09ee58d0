"""The vendor that costs nothing: each shot as an animatic, drawn on this machine."""

from datetime import timedelta
from pathlib import Path

from anyio import to_thread

from tools.cards import render
from tools.money import ZERO
from tools.providers.base import (
    Capabilities,
    Missing,
    Refused,
    RenderRequest,
    Status,
    Submission,
    Submitted,
    Succeeded,
    VideoModel,
    VideoProvider,
)
from tools.providers.drawn import card_of, is_kept, keep, objection, recall
from tools.shots import ASPECT_RATIOS, SECONDS_MAX

STAMP = "ANIMATIC"


class Animatic(VideoProvider):
    """Takes a request by writing it down; the drawing is done when the clip is fetched."""

    name = "animatic"
    capabilities = Capabilities(
        free=True, key_life=timedelta.max, bills_moderated=False, poll_seconds=0.2, concurrent=1
    )
    models = (
        VideoModel(
            name="animatic",
            seconds=tuple(range(1, SECONDS_MAX + 1)),
            resolutions=("360p", "480p", "720p", "1080p"),
            aspect_ratios=ASPECT_RATIOS,
            audio=True,
            note="A drawing of the shot with its camera move, caption and a quiet tune. Free.",
        ),
    )

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def submit(self, request: RenderRequest) -> Submission:
        reason = objection(request, self.models)
        if reason is not None:
            return Refused(reason)
        return Submitted(await to_thread.run_sync(keep, self._folder, request))

    async def find(self, take_id: str) -> str | Missing:
        return take_id if is_kept(self._folder, take_id) else Missing()

    async def poll(self, provider_job_id: str) -> Status:
        if not is_kept(self._folder, provider_job_id):
            return Missing()
        return Succeeded(ZERO)

    async def fetch(self, provider_job_id: str, to: Path) -> None:
        await to_thread.run_sync(self._draw, provider_job_id, to)

    def _draw(self, provider_job_id: str, to: Path) -> None:
        render(card_of(recall(self._folder, provider_job_id), STAMP), to)

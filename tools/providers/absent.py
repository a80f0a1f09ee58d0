"""A vendor that is not set up here, though jobs of it are on record: it takes nothing, and says nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.providers.base import (
    Capabilities,
    Refused,
    RenderRequest,
    Silent,
    Status,
    Submission,
    VideoProvider,
)

SETTINGS = {
    "openai_videos": "GREENLIGHT_VIDEOS_BASE_URL",
    "openrouter": "OPENROUTER_API_KEY",
    "fal": "FAL_KEY",
    "runway": "RUNWAYML_API_SECRET",
    "google": "GEMINI_API_KEY",
    "openai_images": "GREENLIGHT_IMAGES_BASE_URL",
    "openai_speech": "GREENLIGHT_SPEECH_BASE_URL",
    "elevenlabs": "ELEVENLABS_API_KEY",
}


class Absent(VideoProvider):
    """Stands in its place: whoever asks about its jobs learns what is missing, and nothing about them."""

    capabilities = Capabilities(concurrent=0)
    models = ()

    def __init__(self, name: str) -> None:
        self.name = name
        setting = SETTINGS.get(name)
        self.why = f"{name} is not set up here any more{f': {setting} is missing' if setting else ''}"

    async def submit(self, request: RenderRequest) -> Submission:  # noqa: ARG002 -- whatever it is
        return Refused(self.why)

    async def poll(self, provider_job_id: str) -> Status:  # noqa: ARG002
        return Silent()

    async def poll_many(self, provider_job_ids: Sequence[str]) -> Mapping[str, Status]:  # noqa: ARG002
        return {}

    async def fetch(self, provider_job_id: str, to: Path) -> None:  # noqa: ARG002
        raise ConnectionError(self.why)

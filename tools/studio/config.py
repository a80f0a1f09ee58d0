"""Everything that is set, in values."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tools.ledger import Limits
from tools.providers.account import Account, Host
from tools.providers.openai_videos import Server
from tools.providers.openrouter import Workspace
from tools.story import Metaphor


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that is set, in values; `api.settings` reads it from the environment."""

    data_dir: Path
    database_url: str
    limits: Limits
    provider: str
    quote_life: timedelta
    repo_roots: tuple[Path, ...]
    here: Path
    prices: Path | None = None
    rehearsal_faults: str = ""
    public_url: str | None = None  # where vendors reach this service, if they do
    videos: Server | None = None  # of `/v1/videos`
    images: Host | None = None  # of `/v1/images`
    speech: Host | None = None  # of `/v1/audio/speech`
    openrouter: Workspace | None = None
    fal: Account | None = None
    runway: Account | None = None
    google: Account | None = None
    elevenlabs: Account | None = None
    metaphors: tuple[Metaphor, ...] = ()  # of a person's own file

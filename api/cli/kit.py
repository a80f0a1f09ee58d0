"""What a command works with: the settings, the studio, and the person at this terminal."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from api.auth import LOCAL, Principal
from api.settings import Settings
from tools.clock import system_clock
from tools.db import open_database
from tools.errors import Invalid
from tools.prices import load_book
from tools.repo.address import is_address
from tools.studio import Config, Studio, kit_of, open_studio, sticky, vendors

PERSON = Principal(LOCAL, "admin")
CHANNEL = "cli"


def settings() -> Settings:
    """The settings, with a data folder that can be written."""
    read = Settings.read()
    _make_writable(read.data_dir)
    return read


def _make_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid("GREENLIGHT_DATA_DIR", f"{folder} cannot be made: {error.strerror}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Invalid("GREENLIGHT_DATA_DIR", f"{folder} cannot be written")


def config() -> Config:
    return settings().config()


def with_folder(config: Config, path: str) -> Config:
    """The folder that a person names on the command line is their own word: it may be read."""
    if is_address(path):
        return config
    return replace(config, repo_roots=(*config.repo_roots, Path(path).expanduser()))


@asynccontextmanager
async def looking(config: Config) -> AsyncGenerator[Studio]:
    """A studio that looks, prices and notes a no, and starts no engine: a list is no reason to render."""
    async with open_database(config.database_url) as database:
        clock = await sticky(database, system_clock)
        kit = kit_of(config, database, clock, vendors(config, clock))
        yield Studio(config, kit, load_book(config.prices), clock)


@asynccontextmanager
async def working(config: Config) -> AsyncGenerator[Studio]:
    """The whole studio; it renders, unless another process on the data folder does already.

    The engine writes to the same file as it starts, on this very loop: a transaction of ours
    that were open then would wait for it, and it for us.
    """
    async with open_studio(config) as studio:
        await studio.kit.engine.started.wait()
        yield studio

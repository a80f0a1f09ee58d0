"""A process that renders and serves nobody: as many as there is work for, on one PostgreSQL."""

import signal

import anyio

from api.cli import show
from api.cli.edge import Failed, run
from api.cli.kit import config, working
from tools.db import Database, is_shared
from tools.studio import Config, first, lock_file


def worker() -> None:
    run(_worker)


async def _worker() -> None:
    wanted = config()
    _refuse_a_second(wanted)
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with working(wanted) as studio:
            show.say(f"Worker {studio.kit.worker} renders from {_place(studio.database)}. Ctrl-C stops it.")
            async for _ in signals:
                break
            show.say("Stopping: what is under way is left for the next worker, or the next start.")
    show.say("Stopped.")


def _refuse_a_second(wanted: Config) -> None:
    """A file has one process that renders; a second could only wait for its end."""
    if is_shared(wanted.database_url):
        return
    with lock_file(wanted).open("w") as lock:
        if not first(lock):
            raise Failed(
                f"another process renders from {wanted.data_dir} already; many workers need PostgreSQL"
            )


def _place(database: Database) -> str:
    return "PostgreSQL" if database.shared else "a file of its own"

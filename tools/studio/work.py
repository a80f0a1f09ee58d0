"""The work of a studio that renders: what the engine hands out, and what is due by the clock."""

import fcntl
import logging
import math
from pathlib import Path
from typing import IO

import anyio
from sqlalchemy.exc import DBAPIError

from tools import quotes, render
from tools.errors import Busy
from tools.render import Kit
from tools.studio.config import Config

TICK_SECONDS = 0.1
IDLE_SECONDS = 1.0
SWEEP_SECONDS = 5.0
COMPARE_SECONDS = 3_600.0
TAKE_OVER_SECONDS = 1.0

logger = logging.getLogger(__name__)


def lock_file(config: Config) -> Path:
    """Locked by the process that renders from a file."""
    return config.data_dir / "lock"


def first(lock: IO[str]) -> bool:
    """Lock it, unless another process has."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Hands:
    """Gives the engine's workflows the kit they work with."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def submit(self, job_id: str) -> None:
        await render.submit(self.kit, job_id)

    async def settle(self, job_id: str) -> None:
        await render.settle(self.kit, job_id)

    async def fetch(self, job_id: str) -> None:
        await render.fetch(self.kit, job_id)

    async def assemble(self, quote_id: str) -> None:
        await render.assemble(self.kit, quote_id)


async def work(kit: Kit, lock: IO[str]) -> None:
    if kit.database.shared or first(lock):
        await _work(kit)
        return
    async with kit.engine.connected():
        while not first(lock):  # noqa: ASYNC110 -- the kernel rings no bell when a process dies
            await anyio.sleep(TAKE_OVER_SECONDS)
        await _work(kit)


async def _work(kit: Kit) -> None:
    async with kit.engine.running(_Hands(kit)):
        await render.resume(kit)
        swept = compared = -math.inf
        while True:
            rest = IDLE_SECONDS
            try:
                rest = min(await render.look_after(kit), IDLE_SECONDS)
                await _expire(kit)
                if anyio.current_time() - swept >= SWEEP_SECONDS:
                    await render.sweep(kit)
                    swept = anyio.current_time()
                if anyio.current_time() - compared >= COMPARE_SECONDS:
                    await render.reconcile_all(kit)
                    compared = anyio.current_time()
            except DBAPIError as error:  # locked, full or away: what is due stays due
                logger.warning("the database could not be used: %s", error.orig)
            except Busy as error:
                logger.warning("the database could not be used: %s", error)
            # Between looks a waiting job costs nothing; any commit here ends the wait.
            await kit.database.bell.wait(rest)
            await anyio.sleep(TICK_SECONDS)


async def _expire(kit: Kit) -> None:
    now = kit.clock()
    async with kit.database.reading() as connection:
        if not await quotes.is_any_due(connection, now):
            return
    async with kit.database.transaction() as connection:
        await quotes.expire_due(connection, now)

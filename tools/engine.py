"""The only module that knows the workflow engine (DBOS).

Workflows are short: one sends a job, one finishes it, one assembles a film. Between them a
job waits as a row in our own table, which costs nothing. A workflow is enqueued in the same
transaction as the rows that make it due, so after a crash either both are there or neither.

The names below are persisted by the engine: never rename them.
"""

import asyncio
import concurrent.futures
import logging
import secrets
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal, Protocol, get_args

import anyio
import anyio.to_thread
from anyio.from_thread import BlockingPortal
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.db import IDLE_SECONDS

Work = Literal["submit_job", "finish_job", "assemble_film"]

APPLICATION = "greenlight"
QUEUE = "render"
VERSION = "1"  # pinned: the default is a hash of the sources, and every edit would strand running work
RECOVERIES_MAX = 10_000
AT_ONCE = 8
QUEUE_SECONDS = 0.5
# What has been paid for comes first: an end also makes the room that beginnings wait for.
PRIORITIES: Mapping[Work, int] = {"finish_job": 1, "submit_job": 2, "assemble_film": 2}

KEPT = timedelta(days=7)  # of a workflow that ended; what may cause it once more does so within hours
PRUNED_EVERY = timedelta(hours=1)
PRUNED_MAX = 5_000
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class Worker(Protocol):
    """What the workflows call. Every method may be called again after a crash, to the same effect."""

    async def submit(self, job_id: str) -> None: ...
    async def settle(self, job_id: str) -> None: ...
    async def fetch(self, job_id: str) -> None: ...
    async def assemble(self, quote_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Hands:
    """Who does the work of this process, and the way to the event loop on which it is done."""

    worker: Worker
    loop: BlockingPortal


_hands: list[_Hands] = []  # the engine's registry is global to the process, and so are its hands


async def _at_hand(act: Callable[[Worker], Awaitable[None]]) -> None:
    """Have it done on the studio's loop; the workflows themselves run on the engine's own.

    One that cannot be done because the studio is going is cancelled: it stays pending, and the
    next start recovers it.
    """
    if not _hands:
        raise asyncio.CancelledError
    hands = _hands[-1]
    try:
        await hands.loop.call_async(act, hands.worker)
    except concurrent.futures.CancelledError:
        raise asyncio.CancelledError from None
    except RuntimeError:
        if hands in _hands:
            raise
        raise asyncio.CancelledError from None  # the way was closed as it was taken


@cache
def _register() -> None:
    """Declare the workflows to the engine, once in a process and before it starts."""
    from dbos import DBOS

    @DBOS.step(name="submit")
    async def submit(job_id: str) -> None:
        await _at_hand(lambda worker: worker.submit(job_id))

    @DBOS.step(name="settle")
    async def settle(job_id: str) -> None:
        await _at_hand(lambda worker: worker.settle(job_id))

    @DBOS.step(name="fetch", retries_allowed=True, interval_seconds=1, max_attempts=5)
    async def fetch(job_id: str) -> None:
        await _at_hand(lambda worker: worker.fetch(job_id))

    @DBOS.step(name="assemble", retries_allowed=True, interval_seconds=1, max_attempts=3)
    async def assemble(quote_id: str) -> None:
        await _at_hand(lambda worker: worker.assemble(quote_id))

    @DBOS.workflow(name="submit_job", max_recovery_attempts=RECOVERIES_MAX)
    async def submit_job(job_id: str) -> None:  # pyright: ignore[reportUnusedFunction]
        await submit(job_id)

    @DBOS.workflow(name="finish_job", max_recovery_attempts=RECOVERIES_MAX)
    async def finish_job(job_id: str) -> None:  # pyright: ignore[reportUnusedFunction]
        await settle(job_id)
        await fetch(job_id)

    @DBOS.workflow(name="assemble_film", max_recovery_attempts=RECOVERIES_MAX)
    async def assemble_film(quote_id: str) -> None:  # pyright: ignore[reportUnusedFunction]
        await assemble(quote_id)


class _Client(Protocol):
    """What is used of the engine's client. The engine itself takes half a second to import, so it is imported late."""

    def enqueue_in_transaction(self, conn_or_session: Connection, options: Any, *args: Any) -> object: ...

    def list_workflows(
        self,
        *,
        application_name: str,
        name: list[str],
        status: list[str],
        completed_before: str,
        limit: int,
        load_input: bool,
        load_output: bool,
    ) -> Sequence[Any]: ...

    def delete_workflows(self, workflow_ids: list[str]) -> None: ...

    def destroy(self) -> None: ...


class Engine:
    """Takes work in the caller's transaction; a process that has it `running` does the work."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client: _Client | None = None
        self.started = anyio.Event()
        self.ended = anyio.Event()  # nobody takes work any more: the studio is going, or its loop has died
        self._pruned_at: datetime | None = None

    async def enqueue(self, connection: AsyncConnection, work: Work, subject: str, *, cause: str) -> None:
        """Make `work` on `subject` due when the transaction commits; the same cause again adds nothing."""
        options: dict[str, str | int] = {
            "workflow_name": work,
            "queue_name": QUEUE,
            "workflow_id": f"{work}:{subject}:{cause}",
            "app_version": VERSION,
            "priority": PRIORITIES[work],
        }
        await connection.run_sync(self._enqueue, options, subject)

    def _enqueue(self, connection: Connection, options: dict[str, str | int], subject: str) -> None:
        if self._client is None:
            raise RuntimeError("wait for `started` before you open the transaction")
        self._client.enqueue_in_transaction(connection, options, subject)

    async def prune(self, now: datetime) -> int:
        """Forget what ended long ago, once an hour and so much at a time; returns how much that was.

        Until then the same cause adds nothing. One that comes after all finds a job that has ended,
        for each step looks at our own rows first.
        """
        client, last = self._client, self._pruned_at
        if client is None or (last is not None and now - last < PRUNED_EVERY):
            return 0
        self._pruned_at = now
        return await anyio.to_thread.run_sync(_prune, client, now - KEPT)

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[None]:
        """Take work for another process to do."""
        self._client = await anyio.to_thread.run_sync(self._connect)
        self.started.set()
        try:
            yield
        finally:
            self.ended.set()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._client.destroy)

    def _connect(self) -> _Client:
        from dbos import DBOSClient

        return DBOSClient(system_database_url=self._url, application_name=APPLICATION)

    @asynccontextmanager
    async def running(self, worker: Worker) -> AsyncGenerator[None]:
        """Take work and do it, on this event loop, until the end of the block."""
        try:
            async with BlockingPortal() as portal:
                _hands.append(_Hands(worker, portal))
                try:
                    await anyio.to_thread.run_sync(self._launch)
                    async with self.connected():
                        yield
                finally:
                    _hands.clear()
                    await portal.stop(cancel_remaining=True)
        finally:
            with anyio.CancelScope(shield=True):  # the end comes by cancellation, and must still be tidy
                await anyio.to_thread.run_sync(_destroy)

    def _launch(self) -> None:
        """In a thread, where no event loop is: the engine then runs its workflows on a loop of its own.

        A launch imports for half a second, makes or changes the engine's tables and waits for
        whoever has them locked. PostgreSQL builds their indexes CONCURRENTLY, which waits for
        every open look at the database; and the looks of a loop that is itself kept waiting
        would not end before the server ends them, ten seconds later, with an error.
        """
        from dbos import DBOS, DBOSConfig

        logging.getLogger("dbos").setLevel(logging.ERROR)
        _register()
        config: DBOSConfig = {
            "name": APPLICATION,
            "system_database_url": self._url,
            "application_version": VERSION,
            "executor_id": _executor(self._url),
            "log_level": "ERROR",
            "sys_db_idle_transaction_timeout_sec": IDLE_SECONDS,
        }
        DBOS(config=config)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=QUEUE_SECONDS)


def _prune(client: _Client, before: datetime) -> int:
    ended = client.list_workflows(
        application_name=APPLICATION,
        name=list(get_args(Work)),
        status=ENDED,
        completed_before=before.isoformat(),
        limit=PRUNED_MAX,
        load_input=False,
        load_output=False,
    )
    client.delete_workflows([each.workflow_id for each in ended])
    return len(ended)


def _executor(url: str) -> str:
    """A name in the engine's books. One that comes back recovers what it left, so on a file it is always the same.

    Of many workers each has a new one: the engine then gives nobody's work to a stranger that
    happens to be called alike, and our own rows say what a dead one left.
    """
    return "solo" if url.startswith("sqlite") else f"{socket.gethostname()}-{secrets.token_hex(4)}"


def _destroy() -> None:
    from dbos import DBOS

    DBOS.destroy()

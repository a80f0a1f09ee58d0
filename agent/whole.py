"""What is begun comes to its end, also in a turn that is stopped or runs out of time.

The framework stops a turn by cancelling its task, which no scope shields from. Cut off inside a
transaction, what a model cost would go uncounted, or the one writing connection be left locked.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)


async def whole(work: Coroutine[Any, Any, T], stop: Callable[[], None] = lambda: None) -> T:
    """Do it all; whoever is stopped meanwhile is stopped after it. `stop` may bring the end nearer."""
    # No group can own it: one would hand the stop on to it, and wait.
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop()
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("what a stopped turn was at came to nothing: %r", error)
        raise

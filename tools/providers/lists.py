"""Vendors' own price lists: asked for once a day, beside everything else, and kept in the data folder.

A vendor that cannot be asked changes nothing: the prices that are known stay, and the log says it once.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread

from tools.clock import Clock
from tools.prices import LIFE, PriceRow, answers, keep
from tools.providers.base import Silent, VideoProvider
from tools.trouble import PRICE_LIST

ASK_AGAIN = timedelta(hours=1)  # one that did not answer
PAUSE_SECONDS_MIN = 1.0

log = logging.getLogger(__name__)


async def keep_fresh(
    folder: Path, providers: Mapping[str, VideoProvider], known: Sequence[PriceRow], clock: Clock
) -> None:
    """Ask each vendor whose last answer is a day old, for as long as the studio is open."""
    silent: set[str] = set()
    while True:
        await ask_due(folder, providers, known, clock(), silent)
        await anyio.sleep(_pause(folder, clock()))


async def ask_due(
    folder: Path,
    providers: Mapping[str, VideoProvider],
    known: Sequence[PriceRow],
    now: datetime,
    silent: set[str],
) -> None:
    """One round. `silent` are those that the log has named already."""
    young = {each.provider for each in answers(folder) if _is_young(each.at, now)}
    for name in providers.keys() - young:
        told = await providers[name].price_list(now, known)
        if told is None:
            continue
        if isinstance(told, Silent):
            _say_once(silent, name, f"no list came that can be read ({PRICE_LIST})")
            continue
        try:
            await anyio.to_thread.run_sync(keep, folder, told)
            silent.discard(name)
        except OSError as error:
            _say_once(silent, name, f"they cannot be kept: {error.strerror}")


def _is_young(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at <= LIFE


def _say_once(silent: set[str], name: str, why: str) -> None:
    if name not in silent:
        log.warning("the prices of %s stay as they are: %s", name, why)
    silent.add(name)


def _pause(folder: Path, now: datetime) -> float:
    """Until the next answer is a day old; no longer than until somebody who was silent is asked again."""
    ages = [now - each.at for each in answers(folder) if _is_young(each.at, now)]
    rest = min([ASK_AGAIN, *(LIFE - age for age in ages)])
    return max(rest.total_seconds(), PAUSE_SECONDS_MIN)

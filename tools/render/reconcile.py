"""A vendor's books beside ours: every job it made is one row of ours, or is listed as an orphan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import jobs, standstill
from tools.clock import stamp
from tools.providers.base import VendorJob
from tools.render.kit import Kit
from tools.render.seek import adopt
from tools.render.settle import WORKER, bill_late
from tools.tables import orphan, take

LOOK_BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A job that the vendor made and no row of ours explains: somebody else's, or one that was forgotten."""

    provider: str
    provider_job_id: str
    take_id: str | None
    made_at: str
    seen_at: str


async def reconcile(kit: Kit, vendor: str, *, by: str) -> list[Orphan] | None:
    """Compare; take back what is ours, list what is not, and let a vendor that stood still go on.

    The new orphans; None where the vendor cannot be asked, and a person has to look at its own page.
    """
    now = kit.clock()
    seen = await kit.vendor(vendor).listing(now - LOOK_BACK)
    if seen is None:
        return None
    async with kit.database.transaction() as connection:
        strangers = [each for each in seen if not await _is_ours(connection, vendor, each, now)]
        listed = [await _list(connection, vendor, each, now) for each in strangers]
        await standstill.end(connection, vendor, by=by, at=now)
    return [each for each in listed if each is not None]


async def reconcile_all(kit: Kit, vendors: Iterable[str] | None = None) -> None:
    """These vendors, or all that bill; one that cannot be asked is left to a person."""
    for vendor in kit.paid if vendors is None else vendors:
        await reconcile(kit, vendor, by=WORKER)


async def trust(kit: Kit, vendor: str, *, by: str) -> bool:
    """A person has looked at the vendor's own page; False if it was not standing still."""
    async with kit.database.transaction() as connection:
        return await standstill.end(connection, vendor, by=by, at=kit.clock())


async def _is_ours(connection: AsyncConnection, vendor: str, seen: VendorJob, now: datetime) -> bool:
    if await jobs.named(connection, vendor, seen.provider_job_id) is not None:
        return True
    lost = await connection.scalar(select(take.c.job_id).where(take.c.id == seen.take_id))
    if lost is None:
        return False
    found = await jobs.get(connection, lost)
    if found.state == "unknown":
        return await adopt(connection, found, seen.provider_job_id, now) is not None
    if await bill_late(connection, found, seen.provider_job_id, now) is not None:
        return True  # a person said that it cost nothing
    return found.provider_job_id is None  # it is being sent at this moment, or a person has said what it cost


async def _list(connection: AsyncConnection, vendor: str, seen: VendorJob, now: datetime) -> Orphan | None:
    """None for one that is listed already."""
    key = (orphan.c.provider == vendor) & (orphan.c.provider_job_id == seen.provider_job_id)
    if await connection.scalar(select(orphan.c.seen_at).where(key)) is not None:
        return None
    made = Orphan(vendor, seen.provider_job_id, seen.take_id, stamp(seen.at), stamp(now))
    await connection.execute(
        insert(orphan).values(
            provider=vendor,
            provider_job_id=made.provider_job_id,
            take_id=made.take_id,
            made_at=made.made_at,
            seen_at=made.seen_at,
        )
    )
    return made


async def orphans(connection: AsyncConnection) -> list[Orphan]:
    rows = await connection.execute(select(orphan).order_by(orphan.c.seen_at, orphan.c.provider_job_id))
    return [Orphan(*row) for row in rows]

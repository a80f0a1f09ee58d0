"""Clips, in order, as one film."""

from collections.abc import Sequence
from datetime import datetime
from math import isclose, prod

import anyio.to_thread
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools import clips, events, media
from tools.clips import Clip, Label, Shelf
from tools.clock import stamp
from tools.db import Database
from tools.ids import FilmId, new_film_id
from tools.tables import film

FPS = 24


async def compose(
    database: Database,
    shelf: Shelf,
    parts: Sequence[Clip],
    label: Label,
    at: datetime,
    *,
    aspect_ratio: str | None = None,
) -> Clip:
    """Join clips into a film as large as the largest of them, and put it on the shelf.

    Where the film has an `aspect_ratio`, a clip that has another counts as what the film's would cut out of it.
    """
    draft = shelf.draft(new_film_id())
    paths = [shelf.path(part.sha256) for part in parts]
    size = max((_frame(part.width, part.height, aspect_ratio) for part in parts), key=prod)
    await anyio.to_thread.run_sync(lambda: media.join(paths, draft, size=size, fps=FPS))
    stored = await shelf.put(draft)
    async with database.transaction() as connection:
        return await clips.enter(connection, stored, label, at)


def _frame(width: int, height: int, aspect_ratio: str | None) -> tuple[int, int]:
    """The picture of a clip in the film's format. Vendors round to what they draw: 832x480 is meant as 16:9."""
    across, down = map(int, aspect_ratio.split(":")) if aspect_ratio else (width, height)
    if isclose(width / height, across / down, rel_tol=0.05):
        return width, height
    fitted = min(width, height * across // down), min(height, width * down // across)
    return fitted[0] // 2 * 2, fitted[1] // 2 * 2


async def publish(connection: AsyncConnection, quote_id: str, made: Clip, at: datetime) -> FilmId:
    """Say that this is the film of a quote; saying it twice changes nothing."""
    known = await of_quote(connection, quote_id)
    if known is not None:
        return known[0]
    film_id = new_film_id()
    await connection.execute(
        insert(film).values(
            id=film_id, owner=made.owner, quote_id=quote_id, clip_id=made.id, title=made.title, at=stamp(at)
        )
    )
    body = {"id": film_id, "quote_id": quote_id, "clip": made.to_json()}
    await events.record(connection, made.owner, "film", subject=film_id, body=body, at=at)
    return film_id


async def of_quote(connection: AsyncConnection, quote_id: str) -> tuple[FilmId, Clip] | None:
    row = (await connection.execute(select(film).where(film.c.quote_id == quote_id))).one_or_none()
    return None if row is None else (row.id, await clips.get(connection, row.clip_id))

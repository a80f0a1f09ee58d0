"""The takes that shots have: what was approved and made for them before, with whichever model."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.audit import canonical
from tools.estimate import Offer, Take
from tools.quotes.offer import body_sha256, picture_of, pictured
from tools.shots import ShotList
from tools.tables import clip, job, quote, quote_line

LINES_MAX = 3_000  # fifty of the longest films; a shot whose take is older is rendered anew


async def takes(
    connection: AsyncConnection, owner: str, shots: ShotList, is_there: Callable[[str], bool]
) -> dict[int, Take]:
    """By number, the take that each shot has in the newest film with one; a shot without a take is left out.

    A take is of exactly this picture: one that was made before the shot's words were changed is none of it,
    and neither is one that was made for another request than its line says now.
    `is_there` says whether the file of a sha256 still exists.
    """
    wanted: dict[str, list[int]] = {}
    for shot in shots.shots:
        wanted.setdefault(canonical(picture_of(shot, shots.aspect_ratio)), []).append(shot.shot_number)
    found: dict[int, Take] = {}
    for row in await _newest(connection, owner):
        body = json.loads(row.body)
        picture = canonical(pictured(body))
        whole = body_sha256(row.provider, body) == row.request_sha256
        if picture in wanted and whole and is_there(row.sha256):
            found |= dict.fromkeys(wanted.pop(picture), _take(row, body))
        if not wanted:
            break
    return found


async def _newest(connection: AsyncConnection, owner: str) -> Sequence[Any]:
    """Every line that left a clip, or that kept one, the last approved first."""
    made = and_(job.c.quote_id == quote_line.c.quote_id, job.c.n == quote_line.c.n)
    query = (
        select(
            quote_line.c.body,
            quote_line.c.kind,
            quote_line.c.seconds,
            clip.c.id,
            clip.c.sha256,
            clip.c.request_sha256,
            clip.c.provider,
        )
        .join(quote, quote.c.id == quote_line.c.quote_id)
        .outerjoin(job, made)
        .join(clip, clip.c.id == func.coalesce(quote_line.c.reused_clip_id, job.c.clip_id))
        .where(quote.c.owner == owner, quote.c.state == "approved")
        .order_by(quote.c.decided_at.desc(), quote.c.id, quote_line.c.n)
        .limit(LINES_MAX)
    )
    return (await connection.execute(query)).all()


def _take(row: Any, body: dict[str, Any]) -> Take:
    offer = Offer(row.provider, body["model"], body["resolution"], body["audio"], row.kind)
    return Take(row.id, offer, row.seconds)

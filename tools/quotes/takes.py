"""The takes that shots have: what was approved and made for them before, with whichever model."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.audit import canonical
from tools.estimate import Offer, Take
from tools.quotes.offer import body_sha256, picture_of, pictured
from tools.shots import Shot, ShotList
from tools.tables import OPEN_JOB_STATES, clip, job, quote, quote_line

UNSETTLED = {
    "unknown": "not heard of since it was sent: perhaps rendered",
    "quarantined": "held back until a person has looked: perhaps rendered",
}
LINES_MAX = 3_000  # fifty of the longest films; a shot whose take is older is drawn


async def takes(
    connection: AsyncConnection,
    owner: str,
    shots: ShotList,
    is_there: Callable[[str], bool],
    fits: Callable[[Take, Shot], bool],
) -> dict[int, Take]:
    """By number, the take that each shot has; a shot without one is left out.

    A take is of exactly this picture, of this length, and was chosen: a film in which it only stayed says
    nothing. The last approved counts, of those of the same shot where there are any. None is of another
    request than its line says now. `is_there` says whether the file of a sha256 still exists, `fits` whether
    a take is as long as its shot.
    """
    alike = _by_picture(shots)
    same: dict[int, Take] = {}
    others: dict[int, Take] = {}
    for row in await _lines(connection, owner):
        body = json.loads(row.body)
        wanting = alike.get(canonical(pictured(body)), ())
        if not wanting or not _is_chosen(row, body) or not is_there(row.sha256):
            continue
        take = _take(row, body)
        for shot in wanting:
            if fits(take, shot):
                (same if row.shot_id == shot.shot_id else others).setdefault(shot.shot_number, take)
        if len(same) == len(shots.shots):
            break
    return others | same


async def under_way(connection: AsyncConnection, owner: str, shots: ShotList) -> dict[int, str]:
    """By number, the shots that have a job which may still leave a clip, and how that stands, in words."""
    query = (
        select(quote_line.c.body, job.c.model, job.c.state)
        .join(job, and_(job.c.quote_id == quote_line.c.quote_id, job.c.n == quote_line.c.n))
        .where(
            job.c.owner == owner, job.c.clip_id.is_(None), job.c.state.in_((*OPEN_JOB_STATES, "succeeded"))
        )
        .order_by(job.c.created_at)
    )
    alike = _by_picture(shots)
    return {
        shot.shot_number: f"{UNSETTLED.get(row.state, 'being rendered right now')} by {row.model}"
        for row in await connection.execute(query)
        for shot in alike.get(canonical(pictured(json.loads(row.body))), ())
    }


def _by_picture(shots: ShotList) -> dict[str, list[Shot]]:
    alike: dict[str, list[Shot]] = {}
    for shot in shots.shots:
        alike.setdefault(canonical(picture_of(shot, shots.aspect_ratio)), []).append(shot)
    return alike


async def _lines(connection: AsyncConnection, owner: str) -> Sequence[Any]:
    """Every line that left a clip, or that has one, the last approved first."""
    made = and_(job.c.quote_id == quote_line.c.quote_id, job.c.n == quote_line.c.n)
    query = (
        select(
            quote_line.c.shot_id,
            quote_line.c.body,
            quote_line.c.kind,
            quote_line.c.seconds,
            quote_line.c.unit_micros,
            quote.c.provider,
            clip.c.id,
            clip.c.sha256,
            clip.c.request_sha256,
        )
        .join(quote, quote.c.id == quote_line.c.quote_id)
        .outerjoin(job, made)
        .join(clip, clip.c.id == func.coalesce(quote_line.c.reused_clip_id, job.c.clip_id))
        .where(quote.c.owner == owner, quote.c.state == "approved")
        .order_by(quote.c.decided_at.desc(), quote.c.id, quote_line.c.n)
        .limit(LINES_MAX)
    )
    return (await connection.execute(query)).all()


def _is_chosen(row: Any, body: dict[str, Any]) -> bool:
    """Was the line offered, and not only kept? What stays has no price of its own; what was made here is itself."""
    return row.unit_micros > 0 and body_sha256(row.provider, body) == row.request_sha256


def _take(row: Any, body: dict[str, Any]) -> Take:
    offer = Offer(row.provider, body["model"], body["resolution"], body["audio"], row.kind)
    return Take(row.id, offer, row.seconds)

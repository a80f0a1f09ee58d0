"""Conversations as the server keeps them: what was said, what the agent remembers, every plan made.

`message` rows are what a person sees; `state` is the agent's own working memory, opaque here.
Nothing a client sends replaces either.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.clock import stamp
from tools.errors import Invalid, NotFound
from tools.ids import new_message_id
from tools.shots import PICTURE_NAME, ShotList
from tools.tables import conversation, message, plan

PICTURED = re.compile(rf"\[picture {PICTURE_NAME.pattern}\]")  # how a message names one that came with it
TITLE_CHARACTERS = 60
ASIDE = "aside_since"  # in a body: a message that was edited or answered anew, and all that followed it


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    owner: str
    title: str
    state: str | None
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message as a UI message: `body` is its JSON, `id` its name on the wire."""

    id: str
    role: Literal["user", "assistant"]
    body: dict[str, Any]


async def get(connection: AsyncConnection, chat_id: str, owner: str) -> Conversation:
    row = (await connection.execute(select(conversation).where(conversation.c.id == chat_id))).one_or_none()
    if row is None or row.owner != owner:
        raise NotFound("conversation", chat_id)
    return _read(row)


async def owner_of(connection: AsyncConnection, chat_id: str) -> str | None:
    return await connection.scalar(select(conversation.c.owner).where(conversation.c.id == chat_id))


async def enter(
    connection: AsyncConnection, chat_id: str, owner: str, first_words: str, at: datetime
) -> Conversation:
    """The conversation, begun now if it is new; somebody else's id is `NotFound`."""
    row = (await connection.execute(select(conversation).where(conversation.c.id == chat_id))).one_or_none()
    if row is None:
        title = " ".join(PICTURED.sub(" ", first_words).split())[:TITLE_CHARACTERS] or "New film"
        await connection.execute(
            insert(conversation).values(
                id=chat_id, owner=owner, title=title, created_at=stamp(at), updated_at=stamp(at)
            )
        )
    return await get(connection, chat_id, owner)


async def recent(connection: AsyncConnection, owner: str, count: int = 100) -> list[Conversation]:
    query = (
        select(conversation)
        .where(conversation.c.owner == owner)
        .order_by(conversation.c.updated_at.desc())
        .limit(count)
    )
    return [_read(row) for row in await connection.execute(query)]


async def state_of(connection: AsyncConnection, chat_id: str) -> str | None:
    return await connection.scalar(select(conversation.c.state).where(conversation.c.id == chat_id))


async def remember(connection: AsyncConnection, chat_id: str, state: str, at: datetime) -> None:
    """Keep the agent's working memory for the next turn."""
    await connection.execute(
        update(conversation).where(conversation.c.id == chat_id).values(state=state, updated_at=stamp(at))
    )


async def say(connection: AsyncConnection, chat_id: str, said: Said, at: datetime) -> None:
    """Append a message, or let the last one of the same id grow: an approved turn continues its message."""
    body = json.dumps(said.body)
    mine = (message.c.conversation_id == chat_id) & (message.c.id == said.id)
    grown = await connection.execute(
        update(message).where(mine, message.c.role == said.role).values(body=body)
    )
    if grown.rowcount:
        return
    if await connection.scalar(select(message.c.seq).where(mine)) is not None:
        raise Invalid("id", "names a message of the other side; give each message an id of its own")
    last = await connection.scalar(
        select(func.max(message.c.seq)).where(message.c.conversation_id == chat_id)
    )
    await connection.execute(
        insert(message).values(
            conversation_id=chat_id, seq=(last or 0) + 1, id=said.id, role=said.role, body=body, at=stamp(at)
        )
    )


async def messages(connection: AsyncConnection, chat_id: str) -> list[Said]:
    """What was said, without what was put aside."""
    query = select(message).where(message.c.conversation_id == chat_id).order_by(message.c.seq)
    said = [Said(row.id, row.role, json.loads(row.body)) for row in await connection.execute(query)]
    return [each for each in said if ASIDE not in each.body]


async def put_aside(connection: AsyncConnection, chat_id: str, gone: Sequence[Said], at: datetime) -> None:
    """Take messages out of the conversation. Their rows stay as they were said; their ids are free again."""
    for said in gone:
        body = json.dumps(said.body | {ASIDE: stamp(at)})
        mine = (message.c.conversation_id == chat_id) & (message.c.id == said.id)
        await connection.execute(update(message).where(mine).values(id=new_message_id(), body=body))


async def plan_back_to(connection: AsyncConnection, chat_id: str, version: int, at: datetime) -> None:
    """An earlier version counts again, as the newest one."""
    query = select(plan.c.body).where(plan.c.conversation_id == chat_id, plan.c.version == version)
    body = await connection.scalar(query)
    if body is not None and body != await connection.scalar(_newest_plan(chat_id)):
        await keep_plan(connection, chat_id, ShotList.model_validate_json(body), at, version)


async def plan_of(connection: AsyncConnection, chat_id: str) -> ShotList | None:
    """The plan as it stands now; None before the first."""
    body = await connection.scalar(_newest_plan(chat_id))
    return None if body is None else ShotList.model_validate_json(body)


def _newest_plan(chat_id: str) -> Select[str]:
    newest = select(plan.c.body).where(plan.c.conversation_id == chat_id).order_by(plan.c.version.desc())
    return newest.limit(1)


async def keep_plan(
    connection: AsyncConnection, chat_id: str, shots: ShotList, at: datetime, restores: int | None = None
) -> int:
    """Add a version; earlier ones stay. Returns its number, from 1.

    One that `restores` an earlier version says so, so that the next undo goes on from there.
    """
    query = select(func.max(plan.c.version)).where(plan.c.conversation_id == chat_id)
    version = (await connection.scalar(query) or 0) + 1
    await connection.execute(
        insert(plan).values(
            conversation_id=chat_id, version=version, body=_plan_body(shots, restores), at=stamp(at)
        )
    )
    return version


def _plan_body(shots: ShotList, restores: int | None) -> str:
    if restores is None:
        return shots.model_dump_json()
    return json.dumps(shots.model_dump(mode="json") | {"restores": restores})


async def plan_before(connection: AsyncConnection, chat_id: str) -> tuple[int, ShotList]:
    """The version that an undo goes back to: the one before what the plan is now."""
    query = select(plan.c.version, plan.c.body).where(plan.c.conversation_id == chat_id)
    bodies = {row.version: json.loads(row.body) for row in await connection.execute(query)}
    now = max(bodies, default=1)
    while (origin := bodies.get(now, {}).get("restores")) is not None:
        now = origin
    if now - 1 not in bodies:
        raise Invalid("edits", "there is nothing to undo: the plan is as it was first made")
    return now - 1, ShotList.model_validate(bodies[now - 1])


async def plan_at(connection: AsyncConnection, chat_id: str, version: int) -> ShotList:
    """The plan as it stood in that version."""
    mine = plan.c.conversation_id == chat_id
    body = await connection.scalar(select(plan.c.body).where(mine, plan.c.version == version))
    if body is None:
        last = await connection.scalar(select(func.max(plan.c.version)).where(mine))
        raise Invalid("version", f"this plan has versions 1 to {last}, not {version}")
    return ShotList.model_validate_json(body)


def _read(row: Row[Any]) -> Conversation:
    return Conversation(row.id, row.owner, row.title, row.state, row.created_at, row.updated_at)

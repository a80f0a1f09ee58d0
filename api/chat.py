"""The chat door. The server owns the conversation: of what a client sends, only the last message counts.

New words are a prompt. An assistant message with answered approvals is a decision on offers that
this server made in this conversation; everything else in it is ignored.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent

from agent.messages import assistant_message, decide, tool_part, user_message
from agent.turn import DONE, Ask, Decision, Turn
from api.auth import Principal
from api.house import House, Person, TheHouse, TheStudio
from api.quotes import answer_yes
from api.sse import stream
from tools import conversations, jobs, quotes
from tools.approvals import Approver
from tools.conversations import Said
from tools.errors import Invalid, NotFound
from tools.ids import new_message_id
from tools.quotes import Quote
from tools.shots import BRIEF_CHARACTERS_MAX
from tools.studio import Studio

router = APIRouter(prefix="/api")

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
IDENTITY_CHARACTERS_MAX = 120
REPLACED = "a new message came instead of an answer"


class ChatRequest(BaseModel):
    """As `useChat` sends it. Fields that we do not believe are not even read."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")
    messages: list[Any] = Field(min_length=1, max_length=10_000)


class Approved(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = Field(max_length=80)
    approved: StrictBool
    reason: str | None = Field(default=None, max_length=1_000)


@dataclass(frozen=True, slots=True)
class Words:
    """A person's new message."""

    id: str
    text: str


Last = Words | list[Approved]


@router.post("/chat")
async def chat(body: ChatRequest, house: TheHouse, person: Person) -> EventSourceResponse:
    person.needs("member")
    last = read_last(body.messages[-1])
    if isinstance(last, Words):
        return follow(await _say(house, person, body.id, last))
    return follow(await _decide(house, person, body.id, last))


class Part(BaseModel):
    """A part of a message, as far as it is read: its words, or the answer it carries."""

    model_config = ConfigDict(extra="ignore")

    type: str = Field(default="", max_length=200)
    text: Any = None
    state: Any = None
    approval: Any = None


class Message(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: Any = None
    role: str = Field(max_length=20)
    parts: list[Part] = Field(max_length=10_000)


def read_last(given: Any) -> Last:
    """The last message as words or as decisions; `Invalid` if it is neither."""
    try:
        message = Message.model_validate(given)
    except ValidationError as error:
        raise Invalid("messages", f"the last message cannot be read: {error.errors()[0]['msg']}") from None
    return _read_words(message) if message.role == "user" else _read_decisions(message)


def _read_words(message: Message) -> Words:
    texts = (part.text for part in message.parts if part.type == "text")
    text = "\n".join(each for each in texts if isinstance(each, str)).strip()
    if not text:
        raise Invalid("messages", "the message is empty")
    if len(text) > BRIEF_CHARACTERS_MAX:
        raise Invalid("messages", f"a message has at most {BRIEF_CHARACTERS_MAX:,} characters")
    named = isinstance(message.id, str) and 0 < len(message.id) <= IDENTITY_CHARACTERS_MAX
    return Words(message.id if named else new_message_id(), text)


def _read_decisions(message: Message) -> list[Approved]:
    answered = [part for part in message.parts if part.state == "approval-responded"]
    if not answered:
        raise Invalid("messages", "the last message is neither a person's words nor an answer to an offer")
    try:
        return [Approved.model_validate(part.approval) for part in answered]
    except ValidationError:
        raise Invalid("messages", "an answer has an id and approved, true or false") from None


async def _say(house: House, person: Principal, chat_id: str, said: Words) -> Turn:
    """Begin a turn with a person's words. An offer that was open is declined: they went on without it."""
    studio = house.studio
    turn = house.turns.begin(chat_id, new_message_id())
    try:
        now = studio.clock()
        async with studio.database.transaction() as connection:
            await conversations.enter(connection, chat_id, person.name, said.text, now)
            await quotes.expire_due(connection, now)
            for offer in await quotes.open_in(connection, chat_id):
                await quotes.decline(connection, offer.id, by=person.name, reason=REPLACED, at=now)
            await conversations.say(
                connection, chat_id, Said(said.id, "user", user_message(said.id, said.text)), now
            )
        ask = Ask(said.text, await _recorded(house, person, chat_id), assistant_message(turn.message_id))
    except BaseException:
        house.turns.leave(turn)
        raise
    _play(house, person, turn, ask)
    return turn


async def _decide(house: House, person: Principal, chat_id: str, answers: list[Approved]) -> Turn:
    """Record a person's answers to this conversation's offers, and let the paused turn go on."""
    studio = house.studio
    offers = [await _offer(studio, person, chat_id, each) for each in answers]
    asking = await _asking(studio, person, chat_id, offers)
    turn = house.turns.begin(chat_id, asking.id)
    try:
        for offer, given in zip(offers, answers, strict=True):
            await _record(studio, person, offer, given)
        waiting = await _recorded(house, person, chat_id)
        if not any(each.quote_id == offer.id for each in waiting for offer in offers):
            return _told_before(house, turn, asking)
    except BaseException:
        house.turns.leave(turn)
        raise
    _play(house, person, turn, Ask(None, waiting, asking.body))
    return turn


async def _offer(studio: Studio, person: Principal, chat_id: str, given: Approved) -> Quote:
    """The offer that is answered; one of another conversation or another person does not exist here."""
    async with studio.database.reading() as connection:
        found = await quotes.get(connection, given.id, person.name)
    if found.conversation_id != chat_id:
        raise NotFound("quote", given.id)
    return found


async def _asking(studio: Studio, person: Principal, chat_id: str, offers: list[Quote]) -> Said:
    """Our own message that asked for this answer."""
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
        kept = await conversations.messages(connection, chat_id)
    for said in reversed(kept):
        if any(tool_part(said.body, str(offer.tool_call_id)) for offer in offers):
            return said
    raise NotFound("offer", offers[0].id)


async def _record(studio: Studio, person: Principal, offer: Quote, given: Approved) -> None:
    if given.approved:
        person.needs("approver")
        await answer_yes(studio, offer.id, offer.digest, Approver(person.name, "web"), person.name)
        return
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        await quotes.decline(connection, offer.id, by=person.name, reason=given.reason, at=studio.clock())


async def _recorded(house: House, person: Principal, chat_id: str) -> tuple[Decision, ...]:
    """What our books say about every offer that the agent still waits for."""
    studio, stage = house.studio, await house.stage()
    decisions: list[Decision] = []
    for call in await stage.waiting(studio, person.name, chat_id):
        async with studio.database.reading() as connection:
            offer = await quotes.of_call(connection, chat_id, call)
        if offer is not None:
            approved = offer.state == "approved"
            reason = offer.reason or (None if approved else f"the offer is {offer.state}")
            decisions.append(Decision(offer.id, call, approved, reason))
    return tuple(decisions)


def _told_before(house: House, turn: Turn, asking: Said) -> Turn:
    """The same answer again: the turn that it began is over, and nothing is to be said twice."""
    for frame in ({"type": "start", "messageId": asking.id}, {"type": "finish"}):
        turn.add(json.dumps(frame))
    turn.add(DONE)
    house.turns.leave(turn)
    return turn


def _play(house: House, person: Principal, turn: Turn, ask: Ask) -> None:
    async def play() -> None:
        try:
            await (await house.stage()).play(turn, house.studio, person.name, ask)
        finally:
            house.turns.leave(turn)

    house.tasks.start_soon(play)


def follow(turn: Turn) -> EventSourceResponse:
    async def frames() -> AsyncIterator[ServerSentEvent]:
        n = 0
        async for frame in turn.follow():
            n += 1
            yield ServerSentEvent(data=frame, id=f"{turn.message_id}:{n}")

    return stream(frames(), HEADERS)


@router.get("/chats")
async def chats(house: TheHouse, person: Person) -> dict[str, Any]:
    async with house.studio.database.reading() as connection:
        found = await conversations.recent(connection, person.name)
        offers = await quotes.recent(connection, person.name, 200)
        at_work = {job.quote_id for job in await jobs.recent(connection, person.name) if not job.closed}
    waiting = {q.conversation_id for q in offers if q.state == "issued"}
    rendering = {q.conversation_id for q in offers if q.id in at_work}

    def state(chat_id: str) -> str:
        if chat_id in waiting:
            return "waiting"
        return "running" if chat_id in rendering or chat_id in house.turns.running else "idle"

    rows = [{"id": c.id, "title": c.title, "updated_at": c.updated_at, "state": state(c.id)} for c in found]
    return {"chats": rows}


@router.get("/chat/{chat_id}")
async def history(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> dict[str, Any]:
    """The conversation as the server keeps it, its offers as they stand now."""
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
        kept = await conversations.messages(connection, chat_id)
        for said in kept:
            for part in list(said.body["parts"]):
                if part["type"] == "data-quote":
                    offer = await quotes.get(connection, part["id"])
                    part["data"] = offer.to_json()
                    if offer.state != "issued":
                        decide(said.body, offer.id, approved=offer.state == "approved", reason=offer.reason)
    return {"messages": [said.body for said in kept], "running": chat_id in house.turns.running}


@router.get("/chat/{chat_id}/stream")
async def resume(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> Response:
    turn = house.turns.running.get(chat_id)
    if turn is None:
        return Response(status_code=204)
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
    return follow(turn)


@router.post("/chat/{chat_id}/stop", status_code=202)
async def stop(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
    turn = house.turns.running.get(chat_id)
    if turn is None or turn.stop is None:
        return {"stopping": False}
    turn.stop()
    return {"stopping": True}

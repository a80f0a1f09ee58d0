"""The chat door. The server owns the conversation: of what a client sends, only the last message counts.

New words are a prompt. An assistant message with answered approvals is a decision on offers that
this server made in this conversation; everything else in it is ignored.
"""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError
from sse_starlette import EventSourceResponse

from agent.messages import decide
from agent.turn import Turn
from api import places, talk
from api.body import WHY, Body, Door, can_be_kept
from api.house import Person, TheHouse, TheStudio
from api.sse import stream
from api.talk import Answer, Words
from tools import conversations, jobs, quotes
from tools.errors import Invalid, explain
from tools.ids import new_message_id
from tools.shots import BRIEF_CHARACTERS_MAX

router = APIRouter(prefix="/api", route_class=Door)

HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
IDENTITY_CHARACTERS_MAX = 120
AGAIN = "regenerate-message"
ELSEWHERE_SECONDS = 20.0  # as long as any line in between keeps an answer waiting


class ChatRequest(BaseModel):
    """As `useChat` sends it. Fields that we do not believe are not even read."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=80, pattern=r"^[\w.:-]+$")
    messages: list[Any] = Field(min_length=1, max_length=10_000)
    trigger: Any = None


class Approved(Body):
    model_config = ConfigDict(extra="ignore")

    id: str = Field(max_length=80)
    approved: StrictBool
    reason: str | None = Field(default=None, max_length=1_000)


Last = Words | list[Answer]


@router.post("/chat")
async def chat(body: ChatRequest, house: TheHouse, person: Person) -> EventSourceResponse:
    person.needs("member")
    house.talking.take(person.name)
    last = read_last(body.messages[-1])
    if isinstance(last, Words) and body.trigger == AGAIN:
        return follow(await talk.again(house, person, body.id, last.id))
    if isinstance(last, Words):
        return follow(await talk.say(house, person, body.id, last))
    return follow(await talk.decide(house, person, body.id, last, channel="web"))


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
        raise Invalid("messages", f"the last message cannot be read: {explain(error).why}") from None
    match message.role:
        case "user":
            return _read_words(message)
        case "assistant":
            return _read_decisions(message)
        case _:
            raise Invalid(
                "messages", "the last message is neither a person's nor one that the assistant sent"
            )


def _read_words(message: Message) -> Words:
    texts = (part.text for part in message.parts if part.type == "text")
    text = "\n".join(each for each in texts if isinstance(each, str)).strip()
    if not text:
        raise Invalid("messages", "the message is empty")
    if not can_be_kept([text, message.id]):
        raise Invalid("messages", WHY)
    if len(text) > BRIEF_CHARACTERS_MAX:
        raise Invalid("messages", f"a message has at most {BRIEF_CHARACTERS_MAX:,} characters")
    named = isinstance(message.id, str) and 0 < len(message.id) <= IDENTITY_CHARACTERS_MAX
    return Words(message.id if named else new_message_id(), text)


def _read_decisions(message: Message) -> list[Answer]:
    answered = [part for part in message.parts if part.state == "approval-responded"]
    if not answered:
        raise Invalid("messages", "the last message is neither a person's words nor an answer to an offer")
    try:
        read = [Approved.model_validate(part.approval) for part in answered]
    except ValidationError:
        raise Invalid("messages", "an answer has an id and approved, true or false") from None
    return [Answer(each.id, each.approved, each.reason) for each in read]


def follow(turn: Turn, *, whole: bool = False) -> EventSourceResponse:
    return stream(turn.follow(whole=whole), HEADERS)


@router.get("/chats")
async def chats(house: TheHouse, person: Person) -> dict[str, Any]:
    running = await places.running(house)
    async with house.studio.database.reading() as connection:
        found = await conversations.recent(connection, person.name)
        offers = await quotes.recent(connection, person.name, 200)
        at_work = {job.quote_id for job in await jobs.recent(connection, person.name) if not job.closed}
    waiting = {q.conversation_id for q in offers if q.state == "issued"}
    rendering = {q.conversation_id for q in offers if q.id in at_work}

    def state(chat_id: str) -> str:
        if chat_id in waiting:
            return "waiting"
        return "running" if chat_id in rendering or chat_id in running else "idle"

    rows = [{"id": c.id, "title": c.title, "updated_at": c.updated_at, "state": state(c.id)} for c in found]
    return {"chats": rows}


@router.get("/chat/{chat_id}")
async def history(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> dict[str, Any]:
    """The conversation as the server keeps it, its offers as they stand now.

    The message that a turn is writing comes whole from `stream`, so it is not told here as well. What
    another process plays is told here, as far as it is kept.
    """
    running = await places.is_running(house, chat_id)
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
        kept = await conversations.messages(connection, chat_id)
        for said in kept:
            for part in list(said.body["parts"]):
                if part["type"] == "data-quote":
                    offer = await quotes.get(connection, part["id"])
                    part["data"] = await quotes.card(connection, offer)
                    if offer.state != "issued":
                        decide(said.body, offer.id, approved=offer.state == "approved", reason=offer.reason)
    at_work = house.turns.running.get(chat_id)
    shown = [said.body for said in kept if at_work is None or said.id != at_work.message_id]
    return {"messages": shown, "running": running}


@router.get("/chat/{chat_id}/stream")
async def resume(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> Response:
    """The running turn from its beginning. One of another process can be waited for, and is not told here."""
    turn = house.turns.running.get(chat_id)
    if turn is None and not await places.is_running(house, chat_id):
        return Response(status_code=204)
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
    if turn is None:
        await places.wait(house, chat_id, ELSEWHERE_SECONDS)
        return Response(status_code=204)
    return follow(turn, whole=True)


@router.post("/chat/{chat_id}/stop", status_code=202)
async def stop(chat_id: str, house: TheHouse, studio: TheStudio, person: Person) -> dict[str, Any]:
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
    return {"stopping": await places.stop(house, chat_id)}

"""Where turns are played: the agent's events become AI SDK chunks, and what was said is kept.

When a turn pauses for an approval, the agent's memory is on disk before the card is on the wire.
"""

import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import anyio
from pydantic_ai import CancellationToken, DeferredToolRequests, DeferredToolResults, ToolApproved, ToolDenied
from pydantic_ai.conversation import Conversation, ConversationTypeAdapter
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelHTTPError,
    RunCancelled,
    RunTimedOut,
    UnexpectedModelBehavior,
    UsageLimitExceeded,
)
from pydantic_ai.run import AgentRunResult, AgentRunResultEvent
from pydantic_ai.ui.vercel_ai import VercelAIEventStream
from pydantic_ai.ui.vercel_ai.response_types import (
    BaseChunk,
    DataChunk,
    ErrorChunk,
    FinishStepChunk,
    MessageMetadataChunk,
    ToolApprovalRequestChunk,
    ToolOutputAvailableChunk,
    ToolOutputDeniedChunk,
    ToolOutputErrorChunk,
)
from pydantic_ai.usage import UsageLimits

from agent import memory
from agent.desk import Desk, TurnTooDear, Used
from agent.director import Director, direct
from agent.messages import Message, fold
from agent.models import Choice
from agent.turn import DONE, Ask, Decision, Turn
from agent.whole import whole
from agent.words import answered, told, unheard
from tools import conversations, quotes, turns
from tools.conversations import Said
from tools.db import by_name, named
from tools.errors import Away, StudioError
from tools.money import total
from tools.story import library
from tools.studio import Studio
from tools.trouble import LANGUAGE_MODEL, TOO_LATE

SDK = 6
ENDED = "The turn was ended"
AGAIN = "The turn was ended and rendered nothing. Send the message again to retry."
GO_ON = "It rendered nothing, and what the model used is counted. Say what you want next."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one turn may go. What its language model may cost is the desk's to watch."""

    requests: int = 24
    tool_calls: int = 40
    seconds: float = 600


PLAIN = Limits()


class Wire(VercelAIEventStream[Desk, Any]):
    """pydantic-ai's encoder, with our offers in it and other messages' tool results kept out."""

    def __init__(self, desk: Desk, ask: Ask, model: str) -> None:
        super().__init__(sdk_version=SDK, server_message_id=ask.message["id"], message_id="0")
        self.desk = desk
        self.ask = ask
        self.model = model
        self.calls = {part["toolCallId"] for part in ask.message["parts"] if "toolCallId" in part}

    def new_message_id(self) -> str:
        """Of a text or a thought, in its message. Every piece of it comes with this, so it is short."""
        self.message_id = str(int(self.message_id) + 1)
        return self.message_id

    def mine(self, chunk: BaseChunk) -> bool:
        """The client throws at an output whose call is not in the message that is being streamed."""
        call: str | None = getattr(chunk, "tool_call_id", None)
        if call is None:
            return True
        if isinstance(chunk, ToolOutputAvailableChunk | ToolOutputDeniedChunk | ToolOutputErrorChunk):
            return call in self.calls
        self.calls.add(call)
        return True

    async def handle_run_result(self, event: AgentRunResultEvent[Any]) -> AsyncIterator[BaseChunk]:
        yield MessageMetadataChunk(message_metadata=self._usage())
        output = event.result.output
        if isinstance(output, DeferredToolRequests):
            for call in output.approvals:
                quote_id = output.metadata[call.tool_call_id]["quote_id"]
                card = await self._card(quote_id)
                yield card
                if card.data["state"] == "issued":
                    yield ToolApprovalRequestChunk(approval_id=quote_id, tool_call_id=call.tool_call_id)

    def _usage(self) -> dict[str, Any]:
        used = self.desk.used
        return {
            "model": self.model,
            "input_tokens": sum(each.input_tokens for each in used),
            "output_tokens": sum(each.output_tokens for each in used),
            "cost_usd": str(total(each.cost for each in used)) if used else None,
            "cost_note": how_counted(used),
        }

    async def before_stream(self) -> AsyncIterator[BaseChunk]:
        """An offer that was answered is shown as it stands now, where it was asked about."""
        async for chunk in super().before_stream():
            yield chunk
        for each in self.ask.decisions:
            if each.tool_call_id in self.calls:
                yield await self._card(each.quote_id)

    async def _card(self, quote_id: str) -> DataChunk:
        async with self.desk.studio.database.reading() as connection:
            return quote_chunk(await quotes.card(connection, await quotes.get(connection, quote_id)))

    async def on_cancelled(self, cancelled: RunCancelled) -> AsyncIterator[BaseChunk]:
        yield MessageMetadataChunk(message_metadata=self._usage())
        if isinstance(cancelled, RunTimedOut):  # nobody stopped it, so nobody knows why it ended
            yield ErrorChunk(error_text=_what_failed(cancelled))
            return
        async for chunk in super().on_cancelled(cancelled):
            yield chunk

    async def on_error(self, error: Exception) -> AsyncIterator[BaseChunk]:
        if self.desk.used:
            yield MessageMetadataChunk(message_metadata=self._usage())
        error = named(error)
        if isinstance(error, Away):
            log.warning("a turn failed: %s", error)
        async for chunk in super().on_error(error):
            yield ErrorChunk(error_text=_what_failed(error)) if isinstance(chunk, ErrorChunk) else chunk


def _what_failed(error: Exception) -> str:
    match error:
        case TurnTooDear(limit):
            return f"{ENDED}: its language model has cost ${limit}, the most that one turn may. {GO_ON}"
        case UsageLimitExceeded():
            return f"{ENDED}: it came to the most requests or tool calls that one turn may make. {GO_ON}"
        case RunTimedOut():
            return f"{ENDED}: it took longer than one turn may ({TOO_LATE.page}). {GO_ON}"
        case Away():
            return f"{told(error)} {AGAIN}"
        case StudioError():
            return told(error)
        case _:
            return _what_broke(error)


def _what_broke(error: Exception) -> str:
    known, kind = _of_model(error), type(error).__name__
    if known is None:
        log.error("a turn failed", exc_info=error)
    else:  # its own words stay here: makers repeat what they were sent, the key too
        log.warning("a turn failed (%s): the language model %s", kind, known)
    why = "" if known is None else f": the language model {known}"
    return (
        f"The turn failed ({kind}){why}. It rendered nothing; what the model used is counted. "
        "Send the message again to retry."
    )


def _of_model(error: Exception) -> str | None:
    """What the language model's maker did; None for what is a fault of ours."""
    match error:
        case ModelHTTPError():
            return answered(error.status_code)
        case ModelAPIError():
            return unheard(error)
        case UnexpectedModelBehavior():
            return f"could not be understood ({LANGUAGE_MODEL})"
        case _:
            return None


def quote_chunk(card: dict[str, Any]) -> DataChunk:
    return DataChunk(type="data-quote", id=card["id"], data=card)


def how_counted(used: Sequence[Used]) -> str | None:
    """What a person should know about an amount that nobody billed as it stands."""
    notes: list[str] = []
    if not all(each.measured for each in used):
        notes.append("tokens estimated from the text, since no count came")
    if not all(each.priced for each in used):
        notes.append("counted at the dearest rate its maker is known for, since nobody published its price")
    return "; ".join(notes) or None


@dataclass(frozen=True)
class AgentStage:
    """Plays turns with a director."""

    director: Director
    model: str
    limits: Limits

    async def play(self, turn: Turn, studio: Studio, owner: str, ask: Ask) -> None:
        desk = Desk(studio, owner, turn.chat_id, turn_id=turn.id)
        try:
            with by_name():
                await self._tell(turn, desk, ask)
        except StudioError as error:  # what was said could not be kept
            if not turn.failed:
                turn.add(ErrorChunk(error_text=_what_failed(error)).encode(SDK))
            turn.add(DONE)
            raise
        turn.add(DONE)

    async def _tell(self, turn: Turn, desk: Desk, ask: Ask) -> None:
        kept = _Kept(desk, ask.message)
        try:
            async with aclosing(self._chunks(turn, desk, ask)) as chunks:
                async for chunk in chunks:
                    frame = chunk.encode(SDK)
                    if frame == DONE:
                        continue  # all is told, and not yet all is kept
                    fold(ask.message, json.loads(frame))
                    turn.add(frame)
                    turn.failed = turn.failed or isinstance(chunk, ErrorChunk)
                    if isinstance(chunk, FinishStepChunk):  # who dies later loses no step that was seen
                        await whole(kept.keep())
        finally:
            with anyio.CancelScope(shield=True):
                await whole(kept.keep())

    async def waiting(self, studio: Studio, owner: str, chat_id: str) -> tuple[str, ...]:
        paused = (await recall(Desk(studio, owner, chat_id))).deferred_tool_requests
        return tuple(call.tool_call_id for call in paused.approvals) if paused else ()

    def forget(self, state: str, said: Collection[str]) -> str:
        before = ConversationTypeAdapter.validate_json(state)
        after = memory.without(before, said)
        return ConversationTypeAdapter.dump_json(after).decode()

    async def _chunks(self, turn: Turn, desk: Desk, ask: Ask) -> AsyncGenerator[BaseChunk]:
        wire = Wire(desk, ask, self.model)

        async def complete(result: AgentRunResult[Any]) -> None:
            await whole(_remember(desk, result.conversation, ask))

        async def cancelled(why: RunCancelled) -> None:
            await whole(_remember(desk, _interrupted(await recall(desk), why), ask))

        encoded = wire.transform_stream(self._events(turn, desk, ask), complete, cancelled)
        # Closed here and now, for the agent's run in it can be closed by no other task than this one.
        async with aclosing(cast("AsyncGenerator[BaseChunk]", encoded)) as chunks:
            async for chunk in chunks:
                if wire.mine(chunk):
                    yield chunk

    async def _events(self, turn: Turn, desk: Desk, ask: Ask) -> AsyncIterator[Any]:
        before = await recall(desk)
        token = CancellationToken()
        turn.stops_by(token.cancel)
        async with self.director.run_stream_events(
            ask.text,
            conversation=before,
            deferred_tool_results=results(before, ask.decisions),
            deps=desk,
            usage_limits=UsageLimits(
                request_limit=before.usage.requests + self.limits.requests,
                tool_calls_limit=before.usage.tool_calls + self.limits.tool_calls,
            ),
            cancellation_token=token,
            timeout=self.limits.seconds,
        ) as events:
            async for event in events:
                yield event


def _interrupted(before: Conversation, why: RunCancelled) -> Conversation:
    return Conversation(
        messages=list(why.all_messages()), usage=before.usage, conversation_id=before.conversation_id
    )


async def recall(desk: Desk) -> Conversation:
    """The agent's memory of this conversation; a new one is empty."""
    async with desk.studio.database.reading() as connection:
        kept = (await conversations.get(connection, desk.chat_id, desk.owner)).state
    if kept is None:
        return Conversation(conversation_id=desk.chat_id)
    return ConversationTypeAdapter.validate_json(kept)


async def _remember(desk: Desk, after: Conversation, ask: Ask) -> None:
    """Keep the agent's memory, with a mark where each message of the person's begins."""
    if ask.text is not None:
        memory.mark(after.messages, ask.said)
    state = ConversationTypeAdapter.dump_json(after).decode()
    async with desk.studio.database.transaction() as connection:
        await turns.check(connection, desk.chat_id, desk.turn_id)
        await conversations.remember(connection, desk.chat_id, state, desk.studio.clock())


@dataclass
class _Kept:
    """A message on its way to disk, where it is written again only if it has grown."""

    desk: Desk
    message: Message
    body: str = ""

    async def keep(self) -> None:
        body = json.dumps(self.message)
        if body == self.body:
            return
        desk, said = self.desk, Said(self.message["id"], "assistant", self.message)
        async with desk.studio.database.transaction() as connection:
            await turns.check(connection, desk.chat_id, desk.turn_id)
            await conversations.say(connection, desk.chat_id, said, desk.studio.clock())
        self.body = body


def results(before: Conversation, decisions: tuple[Decision, ...]) -> DeferredToolResults | None:
    """The recorded answers for every call that waits for one; what nobody approved is denied."""
    waiting = before.deferred_tool_requests
    if waiting is None:
        return None
    by_call = {each.tool_call_id: each for each in decisions}
    answers = {call.tool_call_id: _result(by_call.get(call.tool_call_id)) for call in waiting.approvals}
    return waiting.build_results(approvals=answers)


def _result(decision: Decision | None) -> ToolApproved | ToolDenied:
    if decision is None:
        return ToolDenied("Nobody approved this offer.")
    if decision.approved:
        return ToolApproved()
    return ToolDenied(f"The person declined this offer: {decision.reason or 'no reason given'}")


def stage_for(choice: Choice, limits: Limits = PLAIN) -> AgentStage:
    """A stage whose director thinks with the chosen model, and whose first turn waits for nothing but that."""
    _prepare()
    return AgentStage(direct(choice), choice.model, limits)


def _prepare() -> None:
    """Build what is built at first use: in a turn that took half a second, in which nobody else was served."""
    nothing = ConversationTypeAdapter.dump_json(Conversation(conversation_id=""))
    ConversationTypeAdapter.validate_json(nothing)
    library()

"""The agent's memory of a conversation: where each message of the person's begins, how to forget one, and
what a model is told of a long one.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from pydantic_ai.conversation import Conversation
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_core import to_json

SAID = "said"


def mark(messages: Sequence[ModelMessage], said: str | None) -> None:
    """Note on the newest request with words in it whose message they are."""
    asked = next((each for each in reversed(messages) if _asks(each)), None)
    if isinstance(asked, ModelRequest):
        asked.metadata = (asked.metadata or {}) | {SAID: said}


def _asks(message: ModelMessage) -> bool:
    return isinstance(message, ModelRequest) and any(isinstance(p, UserPromptPart) for p in message.parts)


def said_by_person(messages: Sequence[ModelMessage]) -> Iterator[str]:
    """All that the person has written: no answer of a tool, and nothing of the model's."""
    for message in messages:
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                contents = [part.content] if isinstance(part.content, str) else part.content
                yield from (content for content in contents if isinstance(content, str))


def without(before: Conversation, said: Collection[str]) -> Conversation:
    """The memory as it was before the first of these messages; as it is if it knows none of them."""
    for n, message in enumerate(before.messages):
        if isinstance(message, ModelRequest) and (message.metadata or {}).get(SAID) in said:
            kept = [*before.messages[:n], *_answers(message)]
            return replace(before, messages=kept, deferred_tool_requests=None)
    return before


def _answers(message: ModelRequest) -> list[ModelMessage]:
    """What a request tells of calls made before it: without their results the calls would hang in the air."""
    parts = [part for part in message.parts if not isinstance(part, UserPromptPart)]
    return [replace(message, parts=parts, metadata=None)] if parts else []


# --- what a model is told of a long conversation ---------------------------------------------------

WHOLE_BYTES = 160_000  # as JSON; a meter that has nothing better to go by calls this 53,000 tokens
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)  # a time of its own each time would make it another message
LEFT_OUT = "The conversation before this was left out, for its length."


def told(messages: list[ModelMessage], whole_bytes: int = WHOLE_BYTES) -> list[ModelMessage]:
    """A conversation as a model is told it: whole while it is short, its newest half whole when it is long.

    Of earlier turns stay the words, the calls and each answer's summary, and of those no more than fit.
    Borders move in leaps, so that what a model has read stays the beginning of what it reads next.
    """
    border = _border(messages, whole_bytes)
    if border == 0:
        return messages
    older = [_brief(each) for each in messages[:border]]
    gone = _border(older, whole_bytes // 2)
    left_out: list[ModelMessage] = [ModelRequest([UserPromptPart(LEFT_OUT, timestamp=LONG_AGO)])]
    return [*(left_out if gone else []), *older[gone:], *messages[border:]]


def _border(messages: Sequence[ModelMessage], most: int) -> int:
    """The turn that is first told, if each time that it had grown too long half of it was dropped."""
    border, live = 0, 0
    turns: list[tuple[int, int]] = []  # where each begins, and how much is told before it
    for n, message in enumerate(messages):
        if _asks(message):
            turns.append((n, live))
        live += len(to_json(message.parts, serialize_unknown=True))
        if live > most and turns:
            short = (turn for turn in turns if live - turn[1] <= most // 2)
            border, dropped = next(short, turns[-1])
            live -= dropped
            turns = [(at, before - dropped) for at, before in turns if at >= border]
    return border


def _brief(message: ModelMessage) -> ModelMessage:
    if isinstance(message, ModelRequest):
        return replace(message, parts=[_summary(part) for part in message.parts])
    return message


def _summary(part: ModelRequestPart) -> ModelRequestPart:
    """An answer's summary in place of the answer."""
    if not isinstance(part, ToolReturnPart):
        return part
    content: Any = part.content
    known = cast("dict[str, Any]", content) if isinstance(content, dict) else {}
    return replace(part, content={"summary": known.get("summary", "left out, for its length")})

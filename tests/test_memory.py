"""The agent's memory of a conversation: what is forgotten, and what of a long one a model is told."""

from itertools import pairwise

from pydantic_ai.conversation import Conversation
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from agent import memory

FEW = 40_000  # bytes: some fifteen turns whole, and as many as thirty-five briefly

FACTS = {"summary": "Planned 6 shots", "shots": ["a long list of facts"] * 100}


def turn(n: int, facts: dict[str, object] | None = None) -> list[ModelMessage]:
    """A person's words, a tool's answer, and the reply."""
    called = ToolCallPart("plan_shots", {"brief": f"film {n}"}, tool_call_id=f"call_{n}")
    answered = ToolReturnPart("plan_shots", facts or FACTS, tool_call_id=f"call_{n}")
    messages: list[ModelMessage] = [
        ModelRequest([UserPromptPart(f"Words {n}")]),
        ModelResponse([called]),
        ModelRequest([answered]),
        ModelResponse([TextPart(f"Reply {n}")]),
    ]
    memory.mark(messages, f"u-{n}")
    return messages


def talk(turns: int) -> list[ModelMessage]:
    return [message for n in range(turns) for message in turn(n)]


def words(messages: list[ModelMessage]) -> list[str]:
    return [str(part.content) for each in messages for part in each.parts if isinstance(part, UserPromptPart)]


def whole(messages: list[ModelMessage]) -> int:
    """How many answers are told in full."""
    parts = [part for each in messages for part in each.parts if isinstance(part, ToolReturnPart)]
    return sum(part.content == FACTS for part in parts)


def test_a_short_conversation_is_told_as_it_is() -> None:
    messages = talk(5)

    assert memory.told(messages, FEW) is messages


def test_of_a_long_one_the_newest_turns_are_whole_and_the_older_ones_are_brief() -> None:
    messages = talk(40)
    told = memory.told(messages, FEW)

    assert words(told) == words(messages)
    assert 0 < whole(told) < 40
    assert told[-1] == messages[-1]
    assert len(told) == len(messages)
    assert all(part.content == FACTS for part in told[-2].parts if isinstance(part, ToolReturnPart))


def test_of_a_very_long_one_the_oldest_turns_are_left_out_and_it_says_so() -> None:
    told = memory.told(talk(400), FEW)

    assert words(told)[0] == memory.LEFT_OUT
    assert words(told)[-1] == "Words 399"
    assert sum(len(str(each.parts)) for each in told) < 3 * FEW


def test_what_was_told_stays_the_beginning_of_what_is_told_next() -> None:
    """A maker reads a beginning that it knows for a fraction of the price."""
    messages = talk(60)
    told = [memory.told(messages[: 4 * n], FEW) for n in range(1, 61)]
    kept = sum(later[: len(now)] == now for now, later in pairwise(told))

    assert kept > 45


def test_no_call_is_told_without_its_answer() -> None:
    told = memory.told(talk(400), FEW)
    calls = [part.tool_call_id for each in told for part in each.parts if isinstance(part, ToolCallPart)]
    answers = [part.tool_call_id for each in told for part in each.parts if isinstance(part, ToolReturnPart)]

    assert calls == answers


def test_to_forget_a_message_is_to_forget_what_followed() -> None:
    before = Conversation(messages=talk(5), conversation_id="chat-1")

    after = memory.without(before, ["u-3", "u-4"])

    assert after.messages == before.messages[:12]
    assert after.conversation_id == "chat-1"


def test_a_message_that_also_answers_a_call_leaves_its_answer_behind() -> None:
    """Words that came instead of an answer to an offer travel with the denial of that offer."""
    denied = ToolReturnPart("generate_video", "no", tool_call_id="call_9", outcome="denied")
    asking: list[ModelMessage] = [*talk(1), ModelResponse([ToolCallPart("generate_video", {}, "call_9")])]
    both: list[ModelMessage] = [ModelRequest([denied, UserPromptPart("never mind")])]
    memory.mark(both, "u-9")

    after = memory.without(Conversation(messages=[*asking, *both]), ["u-9"])

    assert after.messages[:-1] == asking
    assert after.messages[-1].parts == [denied]


def test_a_message_that_it_never_heard_changes_nothing() -> None:
    before = Conversation(messages=talk(2))

    assert memory.without(before, ["u-7"]) is before

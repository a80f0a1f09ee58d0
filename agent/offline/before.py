"""With whom a film, or some of its shots, was priced and rendered before, read from what the tools were asked."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic_ai.messages import ModelMessage, ToolCallPart, ToolReturnPart

from agent.offline import replies
from agent.offline.planned import MAKERS, answered

CHOSEN = ("provider", "model", "resolution", "stills", "audio")
MONEY = ("estimate_cost", "generate_video")


def chosen(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    """The vendor that was last talked about for the film, so that "render it" means with that one."""
    for message in reversed(messages):
        for part in reversed(message.parts):
            if named := _settings(_named(part)):
                return named
    return {}


def tried(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    """With what shots were rendered whose offer, for them alone, was approved last."""
    asked = [call.args_as_dict() for call, _ in answered(messages, ("generate_video",))]
    alone = [_settings(said) for said in asked if said.get("only")]
    return alone[-1] if alone else {}


def priced(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    """The offer that a "yes" means, where the price of some shots was found out last."""
    exchanges = list(answered(messages, (*MONEY, *MAKERS)))
    if not exchanges or exchanges[-1][0].tool_name != "estimate_cost":
        return {}
    call, answer = exchanges[-1]
    facts = cast("dict[str, Any]", answer.content)
    return replies.suggested(facts) | call.args_as_dict() if facts.get("only") else {}


def _settings(said: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name in CHOSEN and (value or value is False)}


def _named(part: Any) -> dict[str, Any]:
    """Where a vendor of the film is named: in the arguments of a call about money, or in the plan that was taken."""
    if isinstance(part, ToolCallPart) and part.tool_name in MONEY:
        said = part.args_as_dict()
        return {} if said.get("only") else said
    if isinstance(part, ToolReturnPart) and part.tool_name == "estimate_cost" and part.outcome == "success":
        return replies.first_plan(cast("dict[str, Any]", part.content))
    return {}

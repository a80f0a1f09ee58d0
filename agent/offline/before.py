"""With whom a film, or some of its shots, was priced and rendered before, read from what the tools were asked."""

from collections.abc import Sequence
from typing import Any, cast

from pydantic_ai.messages import ModelMessage, ToolCallPart, ToolReturnPart

from agent.offline import replies
from agent.offline.planned import answered

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
    """With what shots were rendered whose offer, for them alone, was approved; nothing once another was chosen."""
    tried: dict[str, Any] = {}
    for call, _ in answered(messages, MONEY):
        said = call.args_as_dict()
        if not said.get("only"):
            tried = {} if _settings(said) else tried
        elif call.tool_name == "generate_video":
            tried = _settings(said)
    return tried


def priced(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    """The offer that a "yes" means, where the price of some shots was found out last."""
    exchanges = list(answered(messages))
    if not exchanges or exchanges[-1][0].tool_name != "estimate_cost":
        return {}
    call, answer = exchanges[-1]
    said, facts = call.args_as_dict(), cast("dict[str, Any]", answer.content)
    if not said.get("only"):
        return {}
    form = {"stills": facts["stills"], "audio": said.get("audio", False)}
    priced = form | replies.suggested(facts) | said
    return priced if facts["only"] else {name: value for name, value in priced.items() if name != "only"}


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

"""How the plan of a conversation came to be, read from what its tools were asked and answered."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic_ai.messages import ModelMessage, ToolCallPart, ToolReturnPart

from agent.offline.intents import Intent
from tools.story import library

MAKERS = ("plan_shots", "open_plan", "edit_shots")
LENGTH = ("seconds", "provider", "model")
LOOK = ("style", "mood", "tone", "aspect_ratio")


@dataclass(frozen=True)
class Planned:
    """What its tool was given, with the look and the length that were asked for since.

    No `args`: it came from a file. `touched`: single shots were changed by hand. `lengths` are the shots' seconds.
    """

    args: dict[str, Any] = field(default_factory=dict[str, Any])
    touched: bool = False
    lengths: tuple[int, ...] = ()


def planned(messages: Sequence[ModelMessage]) -> Planned | None:
    """How the plan stands; None before the first."""
    known: list[Planned] = []
    versions: list[Planned] = []
    for call, answer in answered(messages, MAKERS):
        if call.tool_name == "edit_shots":
            known = _changed(known, _edits(call), versions)
        else:
            known = [*known, Planned(call.args_as_dict() if call.tool_name == "plan_shots" else {})]
        known[-1] = replace(known[-1], lengths=_lengths(answer))
        versions.append(known[-1])
    return known[-1] if known else None


def last_wish(messages: Sequence[ModelMessage]) -> dict[str, Any]:
    """What the last plan was asked for with, also where it could not be made."""
    wishes: list[dict[str, Any]] = [
        part.args_as_dict()
        for part in _parts(messages)
        if isinstance(part, ToolCallPart) and part.tool_name == "plan_shots"
    ]
    return wishes[-1] if wishes else {}


def answered(
    messages: Sequence[ModelMessage], tools: Collection[str] = ()
) -> Iterator[tuple[ToolCallPart, ToolReturnPart]]:
    """Every call of these tools, or of all, that did its part, with its answer."""
    calls: dict[str, ToolCallPart] = {}
    for part in _parts(messages):
        if isinstance(part, ToolCallPart) and (not tools or part.tool_name in tools):
            calls[part.tool_call_id] = part
        if isinstance(part, ToolReturnPart) and part.tool_call_id in calls and part.outcome == "success":
            yield calls[part.tool_call_id], part


def _parts(messages: Iterable[ModelMessage]) -> Iterator[Any]:
    return (part for message in messages for part in message.parts)


def _edits(call: ToolCallPart) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", call.args_as_dict().get("edits") or [])


def _changed(known: list[Planned], edits: list[dict[str, Any]], versions: Sequence[Planned]) -> list[Planned]:
    """An undo takes the last one back; every other change, and a version that counts again, is one more."""
    if [each["action"] for each in edits] == ["undo"]:
        at = edits[0].get("version")
        if at is not None:
            return [*known, versions[at - 1] if at <= len(versions) else Planned()]
        return known[:-1] if len(known) > 1 else known or [Planned()]
    now = known[-1] if known else Planned()
    for each in edits:
        now = _with(now, each)
    return [*known, now]


def _with(now: Planned, each: dict[str, Any]) -> Planned:
    """The look and the length go into a new plan as well; what was done to single shots does not."""
    match each["action"]:
        case "restyle":
            carried = {name: each[name] for name in LOOK if each.get(name)}
        case "resize":
            carried = {name: each[name] for name in LENGTH if each.get(name)}
        case "trim":
            carried = {"token_budget": each["token_budget"]}
        case "describe" | "attach" | "detach" | "lock" | "unlock":
            carried = {}  # a new plan is told these by other ways
        case _:
            return replace(now, touched=True)
    return replace(now, args=now.args | carried if now.args else {})


def _lengths(answer: ToolReturnPart) -> tuple[int, ...]:
    facts: Any = answer.content
    shots: Any = cast("dict[str, Any]", facts).get("shots") if isinstance(facts, dict) else None
    return tuple(each["seconds"] for each in shots or ())


def again(intent: Intent, before: Planned, wished: dict[str, Any], told: dict[str, Any]) -> Intent:
    """What a new plan of the same film is asked for with; a plan from a file has only its look changed."""
    wanted = intent.args
    if "facts" in wanted:
        return _with_facts(wanted["facts"], before.args, wished)
    if before.args:
        note = "by hand" if before.touched else ""
        return replace(intent, args=before.args | _in_shots(wanted, before) | told, note=note)
    if "tone" in wanted:
        return Intent("edit", edits=({"action": "restyle", "tone": wanted["tone"]},))
    return Intent("filed")


def _in_shots(wanted: dict[str, Any], before: Planned) -> dict[str, Any]:
    """More or fewer shots are as long as those before, so that the film becomes longer or shorter."""
    if "shots" not in wanted or not before.lengths:
        return wanted
    pace = max(1, round(sum(before.lengths) / len(before.lengths)))
    return wanted | {"seconds": pace * wanted["shots"]}


def _with_facts(said: dict[str, str], before: dict[str, Any], wished: dict[str, Any]) -> Intent:
    """Facts are for a film that is told with some; percentages fill them in their order."""
    wish = before or wished
    template = wish.get("template")
    if template is None:
        return Intent("unclear")
    percents = [each.name for each in library().template(template).variable if each.kind == "percent"]
    places: dict[str, str] = dict(zip(("from", "to"), percents, strict=False))
    known = {places.get(name, name): value for name, value in said.items()}
    return Intent("replan" if before else "plan", wish | {"variables": (wish.get("variables") or {}) | known})

"""The keyless director: rules that read a message and use the same tools a language model would.

It is no language model and never says it is. `understand` turns words into an intent; `next_step`
looks at what the tools have answered so far and says which tool is next, or what to tell the
person. Both are pure, so a conversation can be replayed from its messages alone.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, DeltaToolCalls, FunctionModel

from agent.models import OFFLINE
from agent.offline import replies
from agent.offline.before import chosen, priced, tried
from agent.offline.intents import Intent, understand
from agent.offline.planned import Planned, again, last_wish, planned
from agent.offline.wanted import wants_stills
from agent.pictured import with_the_last
from tools.story import is_metaphor, is_sheet

UNSEEN = ("lock", "unlock", "attach", "detach", "title")
ALONE = (
    "change",
    "retime",
    "refine",
    "card",
    "caption",
    "when",
    "add",
    "avoid",
    "replace",
)  # they are seen in their shot only
ONE_TOOL = {
    "cost": "estimate_cost",
    "status": "check_jobs",
    "cancel": "cancel_job",
    "budget": "check_budget",
    "preview": "compose_film",
    "clips": "find_clips",
    "listed": "list_choices",
    "scanned": "scan_repo",
}


@dataclass(frozen=True)
class Call:
    """Use a tool next."""

    tool: str
    args: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Answer:
    """What a tool answered. `facts` is empty where it failed, and `failure` says why."""

    tool: str
    facts: dict[str, Any]
    failure: str | None


@dataclass(frozen=True)
class Scene:
    """Where the conversation stands: the last message, what was done about it, and before it."""

    message: str
    answers: tuple[Answer, ...]
    has_plan: bool
    vendor: dict[str, Any]
    metaphors: tuple[str, ...] = ()
    characters: tuple[str, ...] = ()
    planned: Planned = field(default_factory=Planned)
    wished: dict[str, Any] = field(default_factory=dict[str, Any])
    tried: dict[str, Any] = field(default_factory=dict[str, Any])  # with what some shots were rendered last
    priced: dict[str, Any] = field(
        default_factory=dict[str, Any]
    )  # shots whose price was the last thing said


def next_step(scene: Scene) -> Call | str:
    """The next tool call, or the reply that ends the turn."""
    if scene.answers and scene.answers[-1].failure is not None:
        return replies.failed(scene.answers[-1].tool, scene.answers[-1].failure)
    said = understand(scene.message, has_plan=scene.has_plan, lengths=scene.planned.lengths)
    intent = _with_metaphors(said, scene)
    done = {answer.tool: answer.facts for answer in scene.answers}
    calls = _script(intent, scene, done)
    return calls[len(scene.answers)] if len(scene.answers) < len(calls) else replies.reply(intent, done)


def _with_metaphors(intent: Intent, scene: Scene) -> Intent:
    """Every plan uses what was said about how to show things; saying it plans the film anew."""
    if intent.kind == "noted" and scene.planned.args:
        return Intent("plan", scene.planned.args | _told(scene))
    if intent.kind == "agreed":
        return _agreed(intent, scene.priced)
    if intent.kind == "replan":
        return again(intent, scene.planned, scene.wished, _told(scene))
    return replace(intent, args=intent.args | _told(scene)) if intent.kind == "plan" else intent


def _agreed(intent: Intent, priced: dict[str, Any]) -> Intent:
    """An offer for what was priced last, otherwise for the film; what is said now is otherwise than it was priced."""
    if not priced:
        return Intent("told", note=intent.note) if intent.note else Intent("render", intent.args)
    before = {"only": priced["only"]} if "provider" in intent.args and "only" in priced else priced
    return Intent("render", before | intent.args)


def _told(scene: Scene) -> dict[str, Any]:
    """What was said of things and people before, in the words in which it was said."""
    told = {"metaphors": list(scene.metaphors), "characters": list(scene.characters)}
    return {name: said for name, said in told.items() if said}


def _script(intent: Intent, scene: Scene, done: dict[str, dict[str, Any]]) -> list[Call]:
    """Every tool this intent needs, in order. Later calls may depend on what earlier ones answered."""
    match intent.kind:
        case "plan":
            return _planning(intent)
        case "replan":
            return _planning(intent)[-3:]  # what was read is not read again
        case "edit":
            return _first(intent)
        case "under":
            return _within(intent, done)
        case "render":
            return [*_first(intent), Call("generate_video", _chosen(intent.args, _before(intent, scene)))]
        case "pick":
            return _picking(intent, done)
        case "opened":
            return [Call("open_plan", intent.args), Call("preview_animatic"), Call("estimate_cost")]
        case "shown":
            return [Call("show_plan")]
        case kind:
            return [Call(ONE_TOOL[kind], intent.args)] if kind in ONE_TOOL else []


def _first(intent: Intent) -> list[Call]:
    """The changes that come before anything else, and how they look."""
    return [Call("edit_shots", {"edits": intent.edits}), *_redrawn(intent)] if intent.edits else []


def _picking(intent: Intent, done: dict[str, dict[str, Any]]) -> list[Call]:
    """Compare them all, then take the one at that end, so that "render it" means with that one."""
    row = replies.picked(intent, done.get("estimate_cost", {}))
    taken = {name: row[name] for name in ("provider", "model", "resolution")} if row else {}
    return [Call("estimate_cost"), Call("estimate_cost", taken)] if taken else [Call("estimate_cost")]


def _before(intent: Intent, scene: Scene) -> dict[str, Any]:
    """What was chosen before: the rest is rendered like the shots that were tried."""
    if intent.args.get("only") == "rest" and "provider" in scene.tried:
        return scene.tried
    return scene.vendor


def _chosen(said: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Who was talked about before, unless another is named now, or what that one was not asked for."""
    form = said.get("stills", None if said.get("only") else before.get("stills"))
    if "provider" in said:
        return said if form is None else said | {"stills": form}
    return before | said if form == before.get("stills") else said


def _planning(intent: Intent) -> list[Call]:
    form = {name: intent.args[name] for name in ("provider", "model") if name in intent.args}
    form |= {"stills": True} if wants_stills(intent.args["brief"]) else {}
    calls = [Call("plan_shots", intent.args), Call("preview_animatic"), Call("estimate_cost", form)]
    if intent.edits:
        calls.insert(1, Call("edit_shots", {"edits": intent.edits}))
    if "repo_path" in intent.args:
        calls.insert(0, Call("scan_repo", {"path": intent.args["repo_path"]}))
    return calls


def _within(intent: Intent, done: dict[str, dict[str, Any]]) -> list[Call]:
    """Ask how it can be made, then make the film like the first plan, which keeps the most of it."""
    calls = [*_first(intent), Call("estimate_cost", intent.args)]
    plan = replies.first_plan(done.get("estimate_cost", {}))
    if plan.get("edits"):
        calls.append(Call("edit_shots", {"edits": plan["edits"]}))
    return calls


def _redrawn(intent: Intent) -> list[Call]:
    """New previews, unless every shot is drawn as it was."""
    if all(each["action"] in UNSEEN for each in intent.edits):
        return []
    return [Call("preview_animatic", _touched(intent))]


def _touched(intent: Intent) -> dict[str, Any]:
    """The shots whose pictures an edit changed; all of them where it moved or restyled."""
    seen = [each for each in intent.edits if each["action"] not in UNSEEN]
    numbers = [each.get("shot") if each["action"] in ALONE else None for each in seen]
    return {"shots": numbers} if numbers and None not in numbers else {}


def scene_of(messages: Sequence[ModelMessage]) -> Scene:
    """Read a history: everything after the person's last words is about them."""
    parts = [part for message in messages for part in message.parts if isinstance(message, ModelRequest)]
    prompts = [n for n, part in enumerate(parts) if isinstance(part, UserPromptPart)]
    last = prompts[-1] if prompts else -1
    after = parts[last + 1 :]
    earlier = _before_the_last_words(messages)
    known = planned(earlier)
    return Scene(
        message=with_the_last(_text(parts[last]), (_text(parts[n]) for n in prompts[:-1])) if prompts else "",
        answers=tuple(_answer(part) for part in after if isinstance(part, ToolReturnPart)),
        has_plan=known is not None,
        vendor=chosen(messages),
        metaphors=tuple(said for n in prompts if is_metaphor(said := _text(parts[n]))),
        characters=tuple(said for n in prompts if is_sheet(said := _text(parts[n]))),
        planned=known or Planned(),
        wished=last_wish(earlier),
        tried=tried(earlier),
        priced=priced(earlier),
    )


def _before_the_last_words(messages: Sequence[ModelMessage]) -> Sequence[ModelMessage]:
    said = [
        n for n, each in enumerate(messages) if any(isinstance(part, UserPromptPart) for part in each.parts)
    ]
    return messages[: said[-1]] if said else []


def _text(part: Any) -> str:
    content: Any = part.content
    if isinstance(content, str):
        return content
    return " ".join(each for each in content if isinstance(each, str))


def _answer(part: Any) -> Answer:
    facts: Any = part.content
    if part.outcome == "success" and isinstance(facts, dict):
        return Answer(part.tool_name, cast("dict[str, Any]", facts), None)
    return Answer(part.tool_name, {}, part.model_response_str(wrap_if_error=False))


def _step(messages: Sequence[ModelMessage], info: AgentInfo) -> Call | str:
    step = next_step(scene_of(messages))
    if isinstance(step, Call) and step.tool not in {tool.name for tool in info.function_tools}:
        return replies.failed(step.tool, "this studio does not have that tool")
    return step


def _call_id(messages: Sequence[ModelMessage]) -> str:
    """Unique in a conversation, and the same when its messages are replayed."""
    return f"call_{sum(len(message.parts) for message in messages)}"


async def _respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    match _step(messages, info):
        case Call(tool, args):
            return ModelResponse(parts=[ToolCallPart(tool, args, tool_call_id=_call_id(messages))])
        case text:
            return ModelResponse(parts=[TextPart(text)])


async def _stream(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str | DeltaToolCalls]:
    match _step(messages, info):
        case Call(tool, args):
            yield {0: DeltaToolCall(tool, json.dumps(args), tool_call_id=_call_id(messages))}
        case text:
            for word in re.findall(r"\S+\s*|\s+", text):
                yield word


def offline_model() -> FunctionModel:
    return FunctionModel(_respond, stream_function=_stream, model_name=OFFLINE)

"""Asking the language model to draft something, in a request of its own: what it may cost, what it did cost.

It answers in a form. What cannot be read, or is not as it should be, goes back once with the faults by
name; after that it is refused, and whoever asked does without.
"""

from collections.abc import AsyncIterable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_ai import Agent, CancellationToken, ModelRetry, RunContext, ToolOutput
from pydantic_ai.exceptions import (
    ModelAPIError,
    ModelHTTPError,
    RunTimedOut,
    UnexpectedModelBehavior,
)
from pydantic_ai.settings import ModelSettings

from agent.desk import Desk, TurnTooDear, planning_part
from agent.meter import Metered, most, tokens
from agent.words import answered, unheard
from tools.errors import BudgetExceeded, StudioError, explain
from tools.money import Money, total
from tools.trouble import TOO_LATE

INSTRUCTIONS = Path(__file__).with_name("cinematographer.md").read_text("utf-8")
SECONDS_MAX = 120
FAULTS_TOLD_MAX = 12
DO = "Say it in other words, or plan with `by` rules; another GREENLIGHT_MODEL may do better."

D = TypeVar("D", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True)
class Faults:
    """Why a draft will not do, each by name."""

    told: tuple[str, ...]


@dataclass(frozen=True)
class Task(Generic[D, R]):
    """What is asked for: the form it is drafted in, and what becomes of a draft."""

    form: type[D]
    said: str
    tokens_max: int  # that may be written
    judge: Callable[[D], R | Faults]


@dataclass(frozen=True)
class Byline:
    """Who wrote something and what that cost. `refused` says why it was not used."""

    model: str
    most: Money
    cost: Money
    tries: int
    refused: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "most_usd": str(self.most),
            "cost_usd": str(self.cost),
            "requests": self.tries,
            "refused": self.refused,
        }

    def __str__(self) -> str:
        if self.refused is None:
            return f"written by {self.model} for ${self.cost}, at most ${self.most} a try"
        return f"made by rules, since {self.refused} (${self.cost} spent on asking)"


async def write(ctx: RunContext[Desk], meter: Metered, task: Task[D, R]) -> tuple[R | None, Byline]:
    """Have it drafted. None where that was refused, and the byline says why."""
    desk, who = ctx.deps, meter.choice.model
    before = len(desk.used)
    asked = tokens([INSTRUCTIONS, task.said, task.form.model_json_schema()])
    price = most(meter.choice, asked, task.tokens_max)
    draft = _Draft(task, desk, price)
    refused: str | None = None
    try:
        await desk.afford(price)
        await ctx.emit(planning_part(ctx.tool_call_id, who, price))
        await _ask(ctx, meter, draft)
    except (StudioError, RunTimedOut, UnexpectedModelBehavior, ModelAPIError) as error:
        refused = _why(error, who, draft.faults)
    used = desk.used[before:]
    return draft.made, Byline(who, price, total(each.cost for each in used), len(used), refused)


@dataclass
class _Draft(Generic[D, R]):
    """What came of a task so far."""

    task: Task[D, R]
    desk: Desk
    price: Money
    made: R | None = None
    faults: tuple[str, ...] = ()

    async def judge(self, run: RunContext[Desk], said: D) -> D:
        """Take it, or send it back with its faults, as long as another try can be paid."""
        match self.task.judge(said):
            case Faults(told):
                self.faults = told
                if run.retry < run.max_retries:
                    await self.desk.afford(self.price)
                raise ModelRetry("\n".join(told[:FAULTS_TOLD_MAX]))
            case made:
                self.made = made
        return said


async def _ask(ctx: RunContext[Desk], meter: Metered, draft: _Draft[D, R]) -> None:
    """Within the limits of the turn that asks, and until that is stopped."""
    agent = Agent(
        meter,
        deps_type=Desk,
        output_type=ToolOutput(draft.task.form, name="draft", description="The draft, whole."),
        instructions=INSTRUCTIONS,
        model_settings=ModelSettings(max_tokens=draft.task.tokens_max),
        retries={"tools": 1, "output": 1},
    )
    agent.output_validator(draft.judge)
    token = CancellationToken()
    ctx.deps.asking.append(token.cancel)
    try:
        await agent.run(
            draft.task.said,
            deps=ctx.deps,
            usage=ctx.usage,
            usage_limits=ctx.usage_limits,
            cancellation_token=token,
            timeout=SECONDS_MAX,
            event_stream_handler=_listen,
        )
    finally:
        ctx.deps.asking.remove(token.cancel)


async def _listen(_: RunContext[Desk], events: AsyncIterable[object]) -> None:
    """A request that streams is counted for what was heard, also when it breaks off."""
    async for _each in events:
        pass


def _why(error: Exception, who: str, faults: Sequence[str]) -> str:
    match error:
        case BudgetExceeded(_, asked, headroom):
            return (
                f"{who} may cost ${asked} for this and the model budget has ${headroom} left; "
                "`greenlight budget limit model USD` raises it"
            )
        case TurnTooDear(limit):
            return f"{who} would cost more than the ${limit} that one turn may"
        case RunTimedOut():
            return f"{who} did not answer within {SECONDS_MAX} s ({TOO_LATE.page}). {DO}"
        case ModelHTTPError():
            return f"{who} {answered(error.status_code)}. {DO}"
        case UnexpectedModelBehavior():
            return f"{who} was refused twice: {'; '.join(faults) or _unread(error)}. {DO}"
        case _:
            return f"{who} {unheard(error)}. {DO}"


def _unread(error: BaseException) -> str:
    """What was wrong with an answer that could not even be read."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ValidationError):
            fact = explain(cause)
            return f"{fact.what}: {fact.why}"
        cause = cause.__cause__
    return "it did not answer in the form that was asked for"

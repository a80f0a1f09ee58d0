"""The evaluation set on any language model: what share of the conversations it conducts as it should, and of the films.

GREENLIGHT_MODEL=openai-chat:gpt-5-mini OPENAI_API_KEY=... make evals

Without a model it is the offline director, which costs nothing. A conversation counts if the tools that
it takes were used in their order, nothing was done that nobody asked for, and nothing was approved. A film
counts if all that can be measured about it is as it was asked for. Names on the command line choose some.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext

from agent.models import check
from agent.stage import AgentStage, stage_for
from api.settings import Settings
from tests.conftest import Clock, Floor, config_in, limits, open_floor
from tests.plans import ASKED, Asked, made, prepare, verdicts
from tests.talks import TALKS, Held, Talk, follows, furnish, hold


@dataclass
class AsItShould(Evaluator[Talk, Held, None]):
    def evaluate(self, ctx: EvaluatorContext[Talk, Held, None]) -> dict[str, bool]:
        turns = zip(ctx.output.tools, ctx.inputs.lines, strict=True)
        return {
            "tools": all(follows(used, wanted) for used, (_, wanted) in turns),
            "nothing approved": ctx.output.approved == 0,
        }


@dataclass
class AsItWasAskedFor(Evaluator[Asked, dict[str, bool], None]):
    def evaluate(self, ctx: EvaluatorContext[Asked, dict[str, bool], None]) -> dict[str, bool]:
        return ctx.output


async def judge(stage: AgentStage, names: list[str]) -> bool:
    """Hold the conversations and make the films, and say whether all of them were as they should be."""
    talks = [one for one in TALKS if not names or one.name in names]
    films = [one for one in ASKED if not names or one.name in names]
    with tempfile.TemporaryDirectory(prefix="greenlight-") as name:
        async with open_floor(config_in(Path(name), limits=limits("50")), Clock()) as floor:
            furnish(floor, Path(name))
            held = await _report(_talks(talks), _holder(floor, stage))
    with tempfile.TemporaryDirectory(prefix="greenlight-") as name:
        async with open_floor(config_in(Path(name), limits=limits("50")), Clock()) as floor:
            prepare(floor, Path(name))
            shown = await _report(_films(films), _maker(floor, stage, Path(name)))
    print(f"{held} of {len(talks)} conversations and {shown} of {len(films)} films as they should be")
    return (held, shown) == (len(talks), len(films))


def _talks(chosen: list[Talk]) -> Dataset[Talk, Held, None]:
    cases = [Case(name=one.name, inputs=one) for one in chosen]
    return Dataset[Talk, Held, None](name="talks", cases=cases, evaluators=[AsItShould()])


def _films(chosen: list[Asked]) -> Dataset[Asked, dict[str, bool], None]:
    cases = [Case(name=one.name, inputs=one) for one in chosen]
    return Dataset[Asked, dict[str, bool], None](name="films", cases=cases, evaluators=[AsItWasAskedFor()])


async def _report(dataset: Dataset[Any, Any, None], task: Callable[[Any], Awaitable[Any]]) -> int:
    """How many were good; the rest is shown."""
    report = await dataset.evaluate(task, max_concurrency=1, progress=False)
    report.print(include_input=False, include_output=False, include_durations=True)
    if report.failures:
        print(f"{len(report.failures)} broke off")
    return sum(all(each.value for each in case.assertions.values()) for case in report.cases)


def _holder(floor: Floor, stage: AgentStage):  # noqa: ANN202 -- a task of the library's
    async def task(one: Talk) -> Held:
        return await hold(floor, stage, one)

    return task


def _maker(floor: Floor, stage: AgentStage, folder: Path):  # noqa: ANN202 -- a task of the library's
    async def task(one: Asked) -> dict[str, bool]:
        return verdicts(one, await made(floor, stage, one), folder)

    return task


def main() -> None:
    choice = Settings.read().chosen_model()
    check(choice)
    sys.exit(0 if asyncio.run(judge(stage_for(choice), sys.argv[1:])) else 1)


if __name__ == "__main__":
    main()

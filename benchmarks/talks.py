"""The evaluation set on any language model: what share of the conversations it conducts as it should.

GREENLIGHT_MODEL=openai-chat:gpt-5-mini OPENAI_API_KEY=... make evals

Without a model it is the offline director, which costs nothing. A conversation counts if the tools that
it takes were used in their order, nothing was done that nobody asked for, and nothing was approved.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext

from agent.models import check
from agent.stage import AgentStage, stage_for
from api.settings import Settings
from tests.conftest import Clock, Floor, config_in, limits, open_floor
from tests.talks import TALKS, Held, Talk, follows, furnish, hold


@dataclass
class AsItShould(Evaluator[Talk, Held, None]):
    def evaluate(self, ctx: EvaluatorContext[Talk, Held, None]) -> dict[str, bool]:
        turns = zip(ctx.output.tools, ctx.inputs.lines, strict=True)
        return {
            "tools": all(follows(used, wanted) for used, (_, wanted) in turns),
            "nothing approved": ctx.output.approved == 0,
        }


async def judge(stage: AgentStage, names: list[str]) -> bool:
    """Hold the conversations, show the report, and say whether all of them were as they should be."""
    chosen = [one for one in TALKS if not names or one.name in names]
    cases = [Case(name=one.name, inputs=one) for one in chosen]
    dataset = Dataset[Talk, Held, None](name="talks", cases=cases, evaluators=[AsItShould()])
    with tempfile.TemporaryDirectory(prefix="greenlight-") as name:
        async with open_floor(config_in(Path(name), limits=limits("50")), Clock()) as floor:
            furnish(floor, Path(name))
            report = await dataset.evaluate(_holder(floor, stage), max_concurrency=1, progress=False)
    report.print(include_input=False, include_output=False, include_durations=True)
    good = sum(all(each.value for each in case.assertions.values()) for case in report.cases)
    print(f"{good} of {len(chosen)} conversations as they should be, {len(report.failures)} broke off")
    return good == len(chosen)


def _holder(floor: Floor, stage: AgentStage):  # noqa: ANN202 -- a task of the library's
    async def task(one: Talk) -> Held:
        return await hold(floor, stage, one)

    return task


def main() -> None:
    choice = Settings.read().chosen_model()
    check(choice)
    sys.exit(0 if asyncio.run(judge(stage_for(choice), sys.argv[1:])) else 1)


if __name__ == "__main__":
    main()

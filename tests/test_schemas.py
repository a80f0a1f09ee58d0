"""What a maker is told of our tools is what the framework makes of them, made once for all requests."""

from collections.abc import Iterator

import pytest
from pydantic_ai import RunContext, RunUsage
from pydantic_ai.models import Model, ModelRequestParameters, infer_model
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.tools import ToolDefinition

from agent.desk import Desk
from agent.director import direct
from agent.models import LISTED, MAKERS, OFFLINE, Access, Choice
from agent.schemas import sharing
from agent.toolset import toolset
from tests.conftest import Floor

BY_A_MAKER = [each for each in LISTED if each != OFFLINE]


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for maker in MAKERS.values():
        monkeypatch.setenv(maker.key, "none")
        monkeypatch.delenv(maker.address, raising=False)
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9/v1")


async def tools(floor: Floor) -> list[ToolDefinition]:
    ctx = RunContext(deps=Desk(floor.studio, "ann", "chat-1"), model=infer_model("test"), usage=RunUsage())
    return [each.tool_def for each in (await toolset().get_tools(ctx)).values()]


def layers(model: Model) -> Iterator[Model]:
    yield model
    if isinstance(model, WrapperModel):
        yield from layers(model.wrapped)


@pytest.mark.parametrize("name", BY_A_MAKER)
async def test_a_maker_is_told_what_the_framework_would_tell_it(name: str, floor: Floor) -> None:
    asked = ModelRequestParameters(function_tools=await tools(floor))
    plain, ours = infer_model(name), sharing(infer_model(name))
    told = ours.customize_request_parameters(asked)
    assert told == plain.customize_request_parameters(asked)
    for first, again in zip(
        told.function_tools, ours.customize_request_parameters(asked).function_tools, strict=True
    ):
        assert first.parameters_json_schema is again.parameters_json_schema


@pytest.mark.parametrize("name", BY_A_MAKER)
def test_each_director_shares_its_schemas(name: str) -> None:
    *_, model = layers(direct(Choice(name, Access("none", "http://127.0.0.1:9/v1"))).model)  # pyright: ignore[reportArgumentType] -- ours is no name
    assert model.profile.get("json_schema_transformer") is not infer_model(name).profile.get(
        "json_schema_transformer"
    )


def test_a_model_that_changes_no_schema_is_left_as_it_is() -> None:
    model = infer_model("test")
    model.profile = ModelProfile(json_schema_transformer=None)
    assert "json_schema_transformer" not in {k for k, v in sharing(model).profile.items() if v}

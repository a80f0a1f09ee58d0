"""A meter on a language model: every request is counted as it ends, however it ends.

What a maker says is believed where it says something. Where a stream leaves its usage out, says zero
or breaks off, the tokens are reckoned from the text: one for every three bytes of UTF-8 (English has
four and more, so this is rather too much than too little), of all that was asked, with the tools'
schemas, and of all that was heard. An amount that OpenRouter reports comes before any price list.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import anyio
from pydantic_ai import RunContext
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage
from pydantic_core import to_json

from agent import memory
from agent.desk import Desk, Used
from agent.models import MAKERS, Choice
from agent.rates import DOLLAR, dearest, price, rates_of
from tools.money import Money

BYTES_PER_TOKEN = 3
SERVER_ERROR = 500
NEVER_SENT = ("ConnectError", "ConnectTimeout")  # the makers' libraries have two clients with the same names


class Metered(WrapperModel):
    """The chosen model, with its costs on the desk of the turn that asks."""

    def __init__(self, wrapped: Model, choice: Choice) -> None:
        super().__init__(wrapped)
        self.choice = choice

    async def request(self, *_: Any, **__: Any) -> ModelResponse:
        """The framework does not say on whose behalf; whoever asks streams."""
        raise TypeError("a request that nobody pays for")

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        if run_context is None or not isinstance(run_context.deps, Desk):
            raise TypeError("a request that nobody pays for")
        await run_context.deps.afford()
        messages = memory.told(messages)
        heard: StreamedResponse | None = None
        refused = False
        try:
            async with super().request_stream(
                messages, model_settings, model_request_parameters, run_context
            ) as heard:
                yield heard
        except ModelAPIError as error:
            refused = heard is None and _took_nothing(error)
            raise
        finally:
            if not refused:
                answer = ModelResponse([], state="incomplete") if heard is None else heard.get()
                asked = tokens(_asked(messages, model_request_parameters))
                with anyio.CancelScope(shield=True):  # a turn that is stopped has been paid for, too
                    await run_context.deps.spend(used(self.choice, answer, asked))


def metered(model: object) -> Metered | None:
    """The meter that a model's requests go through; None where nothing is counted, since nothing costs."""
    while isinstance(model, WrapperModel):
        if isinstance(model, Metered):
            return model
        model = model.wrapped
    return None


def most(choice: Choice, asked: int, wrote: int) -> Money:
    """What a request may cost that reads `asked` tokens and writes as many as it may."""
    maker = MAKERS.get(choice.maker)
    seller = maker.priced_as if maker else choice.maker
    rates = choice.rates or rates_of(seller, choice.name) or dearest(seller)
    return rates.cost(asked, wrote)


def _took_nothing(error: ModelAPIError) -> bool:
    """Proof that nobody bills it: a refusal, or not a byte was sent."""
    if isinstance(error, ModelHTTPError):
        return error.status_code < SERVER_ERROR
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ in NEVER_SENT:
            return True
        cause = cause.__cause__
    return False


def _asked(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> Iterable[Any]:
    """All that a request carries, as far as it is text."""
    for tool in parameters.function_tools:
        yield (tool.name, tool.description, tool.parameters_json_schema)
    last = messages[-1] if messages else None
    if isinstance(last, ModelRequest):
        yield last.instructions
    for message in messages:
        yield message.parts


def tokens(said: Iterable[Any]) -> int:
    """Reckoned from the text, rounded up."""
    written = sum(len(to_json(each, serialize_unknown=True)) for each in said)
    return -(-written // BYTES_PER_TOKEN)


def used(choice: Choice, answer: ModelResponse, asked: int) -> Used:
    """What an answer used and cost. `asked` is what the question is reckoned to be."""
    said, whole = answer.usage, answer.state == "complete"
    wrote = tokens([answer.parts]) if answer.parts else 0
    read_tokens = said.input_tokens if whole and said.input_tokens else max(said.input_tokens, asked)
    written_tokens = said.output_tokens if whole and said.output_tokens else max(said.output_tokens, wrote)
    counted = replace(said, input_tokens=read_tokens, output_tokens=written_tokens, unmeasured_requests=0)
    measured = (read_tokens, written_tokens) == (said.input_tokens, said.output_tokens)
    cost = _known_cost(choice, answer, counted)
    if cost is not None:
        return Used(read_tokens, written_tokens, cost, measured)
    most = dearest(_seller(choice, answer)).cost(read_tokens, written_tokens)
    return Used(read_tokens, written_tokens, most, measured, priced=False)


def _known_cost(choice: Choice, answer: ModelResponse, counted: RequestUsage) -> Money | None:
    """A person's own rates first, then what the maker reported, then the price list."""
    if choice.rates is not None:
        return choice.rates.cost(counted.input_tokens, counted.output_tokens)
    billed = _billed(answer)
    if billed > 0:
        return DOLLAR.times(billed)
    names = (name for name in (answer.model_name, choice.name) if name)
    return price(counted, _seller(choice, answer), names)


def _seller(choice: Choice, answer: ModelResponse) -> str:
    maker = MAKERS.get(choice.maker)
    return maker.priced_as if maker else (answer.provider_name or choice.maker)


def _billed(answer: ModelResponse) -> Decimal:
    """What the answer itself says it costs, in dollars; 0 where it says nothing.

    The library hands these over as floats; the shortest text of one is what was on the wire.
    """
    details = answer.provider_details or {}
    names = ("cost", "upstream_inference_cost")  # with a key of one's own, the other bills
    said = [Decimal(str(details[name])) for name in names if details.get(name)]
    return max([answer.usage.cost or Decimal(0), *said])

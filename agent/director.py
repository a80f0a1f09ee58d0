"""The agent: one brief, one toolset, any language model, or the offline director."""

from functools import partial
from pathlib import Path
from typing import Any

import pydantic_ai
from httpx2 import AsyncClient
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.models import Model, infer_model
from pydantic_ai.providers import Provider, infer_provider

from agent.calm import Calm
from agent.desk import Desk
from agent.gather import Crowd, open_client
from agent.meter import Metered
from agent.models import Choice
from agent.offline.steps import offline_model
from agent.schemas import sharing
from agent.toolset import toolset

INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text("utf-8")

pydantic_ai.BANNER_ENABLED = False  # the terminal is the conversation's

Director = Agent[Desk, str | DeferredToolRequests]


GATHERED = ("openai-chat", "openrouter", "ollama")  # they speak OpenAI's older wire
OLLAMA = "http://127.0.0.1:11434/v1"  # where it listens unless told otherwise


def direct(choice: Choice) -> Director:
    """A director who thinks with the chosen model: by rules, or by one whose every request is counted."""
    return Agent(
        _thinking(choice),
        deps_type=Desk,
        output_type=[str, DeferredToolRequests],
        instructions=INSTRUCTIONS,
        toolsets=[toolset()],
        retries=2,
    )


def _thinking(choice: Choice) -> Model:
    """Words come in pieces, by the wire that they come over or else above it."""
    if choice.is_offline:
        return Calm(offline_model())
    model = infer_model(choice.model, partial(_provider, choice, open_client(Crowd())))
    metered = Metered(sharing(model), choice)
    return metered if choice.maker in GATHERED else Calm(metered)


def _provider(choice: Choice, client: AsyncClient, name: str) -> Provider[Any]:
    """A maker with the key that was set up for it; one that we do not know reads its own settings."""
    key, address = choice.access.key, choice.access.address
    match name:
        case "openai" | "openai-chat" | "openai-responses":
            from pydantic_ai.providers.openai import OpenAIProvider

            return OpenAIProvider(base_url=address, api_key=key, http_client=client)
        case "openrouter":
            return _openrouter(key, address, client)
        case "anthropic":
            from pydantic_ai.providers.anthropic import AnthropicProvider

            return AnthropicProvider(api_key=key, base_url=address)
        case "google":
            from pydantic_ai.providers.google import GoogleProvider

            return GoogleProvider(api_key=key, base_url=address)
        case "ollama":
            from pydantic_ai.providers.ollama import OllamaProvider

            return OllamaProvider(base_url=address or OLLAMA, api_key=key, http_client=client)
        case _:
            return infer_provider(name)


def _openrouter(key: str | None, address: str | None, client: AsyncClient) -> Provider[Any]:
    from openai import AsyncOpenAI
    from pydantic_ai.providers.openrouter import OpenRouterProvider

    if address is None:
        return OpenRouterProvider(api_key=key or "", http_client=client)
    return OpenRouterProvider(openai_client=AsyncOpenAI(base_url=address, api_key=key, http_client=client))

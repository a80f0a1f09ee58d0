"""The agent: one brief, one toolset, any language model, or the offline director."""

from pathlib import Path

import pydantic_ai
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.models import Model

from agent.desk import Desk
from agent.offline import NAME, offline_model
from agent.toolset import toolset

INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text("utf-8")

pydantic_ai.BANNER_ENABLED = False  # the terminal is the conversation's

Director = Agent[Desk, str | DeferredToolRequests]


def direct(model: str) -> Director:
    """A director who thinks with `model`: `offline`, or any model string of pydantic-ai.

    The model's own library is loaded at its first request, so a start does not pay for it.
    """
    chosen: Model | str = offline_model() if model == NAME else model
    return Agent(
        chosen,
        deps_type=Desk,
        output_type=[str, DeferredToolRequests],
        instructions=INSTRUCTIONS,
        toolsets=[toolset()],
        retries=2,
        defer_model_check=True,
    )

"""OpenRouter: one key for the video models of many vendors, at prices that it publishes.

Where each fact comes from, all read on 2026-11-21; no live account was asked:

    routes, fields, status words      openrouter.ai/docs/api_reference/videos and openrouter 1.3.84's source
    an error is a word of its own     the same; refusals are {"error": {"code", "message"}}
    polling addresses are relative    the documentation; its own skill (OpenRouterTeam/skills) shows whole ones
    a picture as a data: address      openrouter.ai/docs/api_reference/videos
    webhooks and their signature      openrouter.ai/docs/cookbook/video-generation/video-generation-webhooks
    what a job costs                  `usage.cost` in dollars, of a job that is over

It honours no idempotency key, lists no jobs and documents no way to stop one. It calls the address of
a request about the end of its job, and signs the call with a secret of the workspace: where that secret
is set up, a lost answer is found again by the call; where it is not, a person decides.

Whether a job that failed is billed is not documented: what its `usage` says is charged, and where it
says nothing, the whole hold is. With a key of one's own at the vendor behind it (`is_byok`) another bills
as well, so that its figure is not the bill. Negative prompts have a place only below the name of each
vendor behind it, which is not known here: they are not sent.
"""

from tools.providers.openrouter.plug import Openrouter
from tools.providers.openrouter.workspace import ADDRESS, NAME, Workspace, offered

__all__ = ["ADDRESS", "NAME", "Openrouter", "Workspace", "offered"]

"""Any server of `/v1/videos`: the protocol that outlived the service it was made for.

OpenAI's own service ended on 2026-09-24; the protocol is spoken by servers on one's own machines
(SGLang, vLLM-Omni) and by gateways to many vendors (LiteLLM). Where each fact comes from:

    routes, fields, status words   openai 3.52's client and developers.openai.com, read 2026-11-21
    always a multipart body        openai 3.52's client as seen on the wire, 2026-11-21
    profile sglang                 SGLang Diffusion 0.5.23's source, read 2026-11-21
    profile vllm-omni              vLLM-Omni 0.30.0's source and its pull request 6759, read 2026-11-21
    profile litellm                LiteLLM 1.109.1's source and docs.litellm.ai/docs/videos, read 2026-11-21

None of them honours idempotency keys, calls back, or gives our own reference back in a list, and
lists hold other people's jobs: so a lost answer stays lost, and a person decides. None reports a
cost: what is delivered is charged by its row of the person's own price file, and without a row
there is no model.
"""

from tools.providers.answers import size_of
from tools.providers.openai_videos.plug import OpenaiVideos
from tools.providers.openai_videos.profile import NAME, PROFILES, ProfileName, Server, offered

__all__ = ["NAME", "PROFILES", "OpenaiVideos", "ProfileName", "Server", "offered", "size_of"]

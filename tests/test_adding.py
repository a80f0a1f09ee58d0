"""The adapter that the documentation shows is one that works."""

from pathlib import Path
from typing import Any

from tests.vendor import clip_for
from tests.vendors import KEY, listening, told
from tests.vendors.openai_videos import VideosServer
from tools.providers.base import (
    Ambiguous,
    Missing,
    Refused,
    RenderRequest,
    Running,
    Silent,
    Submitted,
    Succeeded,
    VideoProvider,
)
from tools.providers.wire import open_client

PAGE = Path(__file__).parent.parent / "docs" / "adding-a-vendor.md"
REQUEST = RenderRequest("take_1", "wan-test", "a fox", "", 4, "720p", "16:9", audio=False)


def shown(client: Any) -> VideoProvider:
    code = PAGE.read_text("utf-8").split("```python\n")[1].split("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names["Acme"](client)


async def test_the_adapter_on_the_page_renders_and_sends_once(tmp_path: Path) -> None:
    async with (
        listening(VideosServer(clip=clip_for("a fox"))) as server,
        open_client(f"{server.address}/v1", {"authorization": f"Bearer {KEY}"}) as client,
    ):
        acme = shown(client)
        taken = await acme.submit(REQUEST)
        server.word = "strange"
        under_way = await acme.poll("video_1")
        server.word = "done"
        over = await acme.poll("video_1")
        server.on_poll = told({"error": "not now"}, 500)
        silent = await acme.poll("video_1")
        server.on_poll = None
        await acme.fetch("video_1", tmp_path / "clip.mp4")
        unknown = await acme.poll("video_2")
        server.on_submit = told({"error": {"message": "no credit"}}, 402)
        refused = await acme.submit(REQUEST)
        server.on_submit, server.loses_answers = None, True
        lost = await acme.submit(REQUEST)

    assert (taken, under_way, over, silent, unknown) == (
        Submitted("video_1"),
        Running(),
        Succeeded(None),
        Silent(),
        Missing(),
    )
    assert refused == Refused("the vendor refused it (402): no credit")
    assert isinstance(lost, Ambiguous)
    assert (tmp_path / "clip.mp4").read_bytes() == clip_for("a fox")
    assert server.posts == 3

"""A browser keeps a person's token in a cookie, says whose it is, and lets go of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import anyio
import httpx
import pytest

from api.app import create_app
from api.house import House
from api.settings import Settings
from tools.studio import Studio


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client that keeps cookies, before a service that knows two people. Its studio stays closed: nobody asks it."""
    settings = Settings(data_dir=tmp_path, tokens="ann:member:one two/three,bob:viewer:four")
    app = create_app(settings)
    async with anyio.create_task_group() as tasks:
        app.state.house = House(settings, cast("Studio", None), tasks)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            yield client


async def test_a_person_signs_in_is_told_who_they_are_and_signs_out(browser: httpx.AsyncClient) -> None:
    nobody = await browser.get("/api/session")
    await browser.post("/api/session", json={"token": "one two/three"})
    somebody = await browser.get("/api/session")
    let_go = await browser.delete("/api/session")
    after = await browser.get("/api/session")

    assert (nobody.status_code, let_go.status_code, after.status_code) == (401, 204, 401)
    assert somebody.json() == {"name": "ann", "role": "member", "signed_in": True}
    assert "HttpOnly" in let_go.headers["set-cookie"]
    assert not browser.cookies


async def test_a_wrong_token_is_let_go_of_as_well(browser: httpx.AsyncClient) -> None:
    browser.cookies.set("greenlight", "nobodys", "127.0.0.1")
    refused = await browser.get("/api/session")
    let_go = await browser.delete("/api/session")

    assert (refused.status_code, let_go.status_code) == (401, 204)
    assert not browser.cookies


async def test_who_sends_a_header_has_no_cookie_to_let_go_of(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/session", headers={"authorization": "Bearer four"})

    assert answer.json() == {"name": "bob", "role": "viewer", "signed_in": False}


async def test_another_sites_page_signs_nobody_out(browser: httpx.AsyncClient) -> None:
    await browser.post("/api/session", json={"token": "four"})

    refused = await browser.delete("/api/session", headers={"origin": "https://elsewhere.example"})

    assert refused.status_code == 403
    assert (await browser.get("/api/session")).status_code == 200

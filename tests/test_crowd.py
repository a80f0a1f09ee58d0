"""Many approvals at the same moment, over real sockets: the wall stands, and one offer is approved once."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from live import PATIENCE_SECONDS, running
from sqlalchemy import create_engine, text

from tests.conftest import BOTH
from tools.money import Money

DATABASES = BOTH
FIT, CROWD, CLICKS = 10, 200, 50
TOKENS = "ann:approver:token-a,ben:approver:token-b"


@dataclass(frozen=True)
class Door:
    """The service, and its books behind its back."""

    http: httpx.AsyncClient
    url: str

    async def post(self, path: str, body: dict[str, Any], who: str = "a") -> httpx.Response:
        return await self.http.post(path, json=body, headers={"authorization": f"Bearer token-{who}"})

    async def quote(self, n: int) -> dict[str, Any]:
        shot = {"shot_id": "a", "enhanced_prompt": f"Lighthouse number {n}", "duration": 4}
        body = {"shots": [shot], "provider": "rehearsal", "resolution": "480p", "project": f"p{n}"}
        answer = await self.post("/api/quotes", body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def approval(self, quote: dict[str, Any], who: str = "a") -> tuple[str, dict[str, Any], str]:
        return f"/api/quotes/{quote['id']}/approve", {"digest": quote["digest"]}, who

    async def all_at_once(self, requests: Sequence[tuple[str, dict[str, Any], str]]) -> list[httpx.Response]:
        answers: list[httpx.Response] = []

        async def ask(path: str, body: dict[str, Any], who: str) -> None:
            answers.append(await self.post(path, body, who))

        async with anyio.create_task_group() as group:
            for request in requests:
                group.start_soon(ask, *request)
        return answers

    def held(self) -> Money:
        """Everything that was ever set aside."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            micros = connection.scalar(text("SELECT SUM(amount_micros) FROM entry WHERE kind = 'hold'"))
        engine.dispose()
        return Money(int(micros or 0))


@pytest.fixture
async def door(tmp_path: Path, url: str) -> AsyncGenerator[Door]:
    settings = {
        "GREENLIGHT_DATABASE_URL": url,
        "GREENLIGHT_TOKENS": TOKENS,
        "GREENLIGHT_PLAY_BUDGET_USD": "1.70",
    }
    with running(tmp_path, GREENLIGHT_REHEARSAL_FAULTS="slow", **settings) as live:
        limits = httpx.Limits(max_connections=CROWD)
        base = live.http.base_url
        async with httpx.AsyncClient(base_url=base, timeout=PATIENCE_SECONDS, limits=limits) as http:
            yield Door(http, url)


async def test_of_two_hundred_approvals_at_once_exactly_those_that_fit_are_given(door: Door) -> None:
    offers = [await door.quote(n) for n in range(CROWD)]
    ceiling = Money.usd(offers[0]["ceiling_usd"])

    answers = await door.all_at_once([door.approval(offer) for offer in offers])

    assert Counter(each.status_code for each in answers) == {200: FIT, 402: CROWD - FIT}
    refused = [each for each in answers if each.status_code == 402]
    assert {each.headers["content-type"] for each in refused} == {"application/problem+json"}
    assert {each.json()["type"] for each in refused} == {"budget-exceeded"}
    assert door.held() == ceiling.times(FIT)


async def test_fifty_clicks_of_one_person_are_one_approval(door: Door) -> None:
    offer = await door.quote(1)

    answers = await door.all_at_once([door.approval(offer)] * CLICKS)

    assert Counter(each.status_code for each in answers) == {200: CLICKS}
    assert len({each.json()["approval_id"] for each in answers}) == 1
    assert len({job["id"] for each in answers for job in each.json()["jobs"]}) == 1
    assert door.held() == Money.usd(offer["ceiling_usd"])


async def test_of_two_approvers_at_once_one_is_first(door: Door) -> None:
    offer = await door.quote(1)

    answers = await door.all_at_once([door.approval(offer, who) for who in "ab"] * (CLICKS // 2))

    given = [each.json() for each in answers if each.status_code == 200]
    late = [each.json()["type"] for each in answers if each.status_code == 409]
    assert (len(given), late) == (CLICKS // 2, ["already-approved"] * (CLICKS // 2))
    assert len({(each["approval_id"], each["approved_by"]) for each in given}) == 1
    assert door.held() == Money.usd(offer["ceiling_usd"])

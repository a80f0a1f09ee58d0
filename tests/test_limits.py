"""What one person may ask for at once, and how it is told that there is no room just now."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from live import Service, running

from agent.turn import AT_ONCE_MAX, Turns
from api.pace import PEOPLE_MAX, Pace
from api.problems import on_studio_error
from tests.conftest import open_quickly
from tools import db
from tools.errors import Busy, TooFast, TurnRunning


@dataclass
class Hand:
    """A clock that the test moves."""

    seconds: float = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_bucket_empties_and_fills_again() -> None:
    hand = Hand()
    pace = Pace(3, 0.5, hand)
    for _ in range(3):
        pace.take("ann")
    with pytest.raises(TooFast) as refused:
        pace.take("ann")
    hand.seconds += 2
    pace.take("ann")

    assert refused.value.seconds == 2
    with pytest.raises(TooFast):
        pace.take("ann")


def test_one_persons_haste_holds_nobody_else_up() -> None:
    pace = Pace(1, 1, Hand())
    pace.take("ann")
    pace.take("ben")

    with pytest.raises(TooFast):
        pace.check("ann")


def test_a_crowd_of_names_is_forgotten_again() -> None:
    pace = Pace(1, 1, Hand())
    for n in range(PEOPLE_MAX + 100):
        pace.take(f"person {n}")

    pace.take("person 0")
    with pytest.raises(TooFast):
        pace.take(f"person {PEOPLE_MAX + 99}")


def test_one_person_has_a_number_of_turns_at_once_and_others_have_theirs() -> None:
    turns = Turns()
    begun = [turns.begin(f"chat-{n}", "m", "ann") for n in range(AT_ONCE_MAX)]

    with pytest.raises(TooFast):
        turns.begin("one more", "m", "ann")
    turns.begin("bens", "m", "ben")
    turns.leave(begun[0])
    turns.begin("one more", "m", "ann")
    with pytest.raises(TurnRunning):
        turns.begin("one more", "m", "ann")


async def test_who_waited_too_long_for_the_writer_is_told_that_it_is_busy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 1)
    began = time.monotonic()
    async with open_quickly(tmp_path) as database, database.transaction():
        with pytest.raises(Busy) as refused:
            async with database.transaction():
                raise AssertionError("two writers at once")

    told = await on_studio_error(None, refused.value)  # pyright: ignore[reportArgumentType] -- it looks at no request

    assert time.monotonic() - began < 30
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    assert told.headers["content-type"] == "application/problem+json"
    assert b'"type":"busy"' in bytes(told.body)


def test_who_guesses_tokens_is_slowed_down_and_so_is_who_talks_without_end(tmp_path: Path) -> None:
    with running(tmp_path, GREENLIGHT_TOKENS="ann:member:token-a") as live:
        guesses = [live.http.get("/api/budget", headers={"authorization": f"Bearer {n}"}) for n in range(40)]
        said = {"id": "u", "role": "system", "parts": ["not one"]}
        signing_in = between_refusals(live, "/api/session", {"token": "token-a"})
        slowed = between_refusals(live, "/api/chat", {"id": "c", "messages": [said]})

    statuses = [each.status_code for each in guesses]
    assert statuses[:30] == [401] * 30
    assert statuses[-1] == 429
    assert guesses[-1].json()["type"] == "too-fast"
    assert int(guesses[-1].headers["retry-after"]) >= 1
    assert (slowed, signing_in) == (429, 429)


def between_refusals(live: Service, path: str, body: object) -> int:
    """What who has a token is answered while guesses before it and after it are refused.

    A guess that is not refused has used up what came back meanwhile, so the next may be.
    """
    for _ in range(100):
        before, answered, after = (
            live.http.get("/api/budget", headers={"authorization": "Bearer 1"}),
            live.http.post(path, json=body, headers={"authorization": "Bearer token-a"}),
            live.http.get("/api/budget", headers={"authorization": "Bearer 1"}),
        )
        if before.status_code == after.status_code == 429:
            return answered.status_code
    raise AssertionError("guesses are never refused twice in a row")

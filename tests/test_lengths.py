"""A film is split into shots that the chosen model sells, to the second, whichever door it was planned at."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from live import PATIENCE_SECONDS, Service, one, running

from agent.offline.intents import understand
from tests.forked import environment, run_greenlight
from tools import story
from tools.errors import Invalid, NoPrice
from tools.prices import load_book
from tools.story import Wishes
from tools.studio import Lengths

LENGTHS = Lengths(load_book(None), date(2026, 11, 22), "rehearsal")
LITE = {"provider": "openrouter", "model": "google/veo-3.1-lite"}  # 4, 6 or 8 s
WAN = {"provider": "openrouter", "model": "alibaba/wan-2.6"}  # 5 or 10 s
FOX = Wishes("A fox learns to sail", seconds=30)


def planned(lengths: Lengths, wishes: Wishes, **maker: str) -> list[int]:
    film = story.by_rules(lengths.order(wishes, None, story.library(), **maker))
    return [shot.duration for shot in film.shots]


def test_a_film_for_a_model_has_only_lengths_that_it_sells() -> None:
    assert planned(LENGTHS, FOX, **LITE) == [4, 6, 4, 6, 4, 6]
    assert planned(LENGTHS, FOX, **WAN) == [5] * 6
    assert planned(LENGTHS, FOX, model="alibaba/wan-2.6") == [5] * 6


def test_a_total_that_the_model_cannot_make_is_said_with_those_that_it_can() -> None:
    with pytest.raises(Invalid, match="31 s cannot be split into shots of 4, 6, 8 s; 30 s or 32 s can"):
        planned(LENGTHS, Wishes("A fox learns to sail", seconds=31), **LITE)


def test_a_model_that_nobody_sells_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(NoPrice, match=r"'openrouter nope' has no price.*alibaba/wan-2.6"):
        planned(LENGTHS, FOX, provider="openrouter", model="nope")
    with pytest.raises(NoPrice, match=r"'nobody' has no price.*openrouter"):
        planned(LENGTHS, FOX, provider="nobody")


@pytest.mark.parametrize("seconds", [-1, 0, 10**11, 10**28])
def test_no_film_is_that_long(seconds: int) -> None:
    with pytest.raises(Invalid, match="a film has 1 to 3,600 seconds"):
        planned(LENGTHS, Wishes("A fox learns to sail", shots=2, seconds=seconds))


def test_the_usual_vendor_is_meant_where_none_is_named() -> None:
    usual = Lengths(LENGTHS.book, LENGTHS.today, "openrouter")

    assert set(planned(usual, FOX)) <= {4, 6, 8}
    assert sum(planned(usual, Wishes("A fox learns to sail", seconds=31))) == 31  # its estimate says the rest
    assert planned(Lengths(LENGTHS.book, LENGTHS.today, "nobody"), FOX) == [5] * 6


def test_the_terminal_plans_for_a_model(tmp_path: Path) -> None:
    said = ("plan", FOX.brief, "--seconds", "30", "--model", LITE["model"], "--json")
    env = environment(GREENLIGHT_DATA_DIR=str(tmp_path))
    made = json.loads(run_greenlight(*said, env=env, timeout=PATIENCE_SECONDS).stdout)

    assert [shot["duration"] for shot in made["shots"]] == [4, 6, 4, 6, 4, 6]


@pytest.mark.parametrize(
    ("text", "maker", "brief"),
    [
        ("A fox learns to sail, 30 seconds, for openrouter google/veo-3.1-lite", LITE, "A fox learns to sail, 30 seconds"),
        ("A fox learns to sail, rendered with runway", {"provider": "runway"}, "A fox learns to sail"),
        ("A pilot waits on the runway with google maps", {}, "A pilot waits on the runway with google maps"),
        ("A thief runs for fal", {}, "A thief runs for fal"),
        ("A small plane waits by runway 27.", {}, "A small plane waits by runway 27."),
        ("A robot made by google, dancing", {}, "A robot made by google, dancing"),
        ("A fox sails. Rendered with Google.", {"provider": "google"}, "A fox sails."),
        ("A film for google veo-3.1 about a fox", {"provider": "google", "model": "veo-3.1"}, "A film about a fox"),
    ],
)  # fmt: skip
def test_a_brief_may_name_who_makes_the_film(text: str, maker: dict[str, str], brief: str) -> None:
    args = understand(text, has_plan=False).args

    assert ({name: args[name] for name in LITE if name in args}, args["brief"]) == (maker, brief)


def test_http_and_the_chat_plan_for_a_model_and_fit_a_plan_to_one(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        made = _posted(service, "/api/plans", {"brief": FOX.brief, "seconds": 30} | LITE)
        edit = {"shots": made, "edits": [{"action": "resize"} | WAN]}
        fitted = _posted(service, "/api/plans/edit", edit)["shots"]
        chat = service.say(
            "A fox learns to sail, 30 seconds, for openrouter google/veo-3.1-lite", "chat-lite"
        )
        again = service.say("fit it to openrouter alibaba/wan-2.6", "chat-lite")

    assert _seconds(made) == _seconds(one(chat, "data-shots")["data"]) == [4, 6, 4, 6, 4, 6]
    assert _seconds(fitted) == _seconds(one(again, "data-shots")["data"]) == [5] * 6


def _posted(service: Service, path: str, body: Any) -> Any:
    return service.http.post(path, json=body).raise_for_status().json()


def _seconds(film: Any) -> list[int]:
    """Of a plan over HTTP, or of what the chat shows of one."""
    return [shot["duration"] for shot in film["shots"]]

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tools.errors import Invalid
from tools.shots import SHOTS_MAX, Shot, ShotList, read_shots

THREE_SHOTS = """[
  {"shot_id": "shot_001", "shot_type": "wide", "enhanced_prompt": "...", "duration": 5},
  {"shot_id": "shot_002", "shot_type": "medium", "enhanced_prompt": "...", "duration": 5, "dialogue": "Hello"},
  {"shot_id": "shot_003", "shot_type": "close-up", "enhanced_prompt": "...", "duration": 5}
]"""
DETECTIVE: dict[str, Any] = {
    "shot_id": "shot_001",
    "shot_number": 1,
    "shot_type": "wide",
    "enhanced_prompt": "8K cinematic establishing shot, dimly lit detective office interior, film grain",
    "negative_prompt": "cartoon, anime, low quality",
    "duration": 5,
    "dialogue": None,
    "characters": ["detective"],
    "landscapes": ["office", "interior", "urban"],
    "styles": ["film noir", "cinematic", "dramatic"],
    "mood": "tense",
    "time_of_day": "night",
}


def test_a_plain_shots_file_loads_unchanged() -> None:
    film = read_shots(THREE_SHOTS)

    written = [shot.model_dump(exclude_unset=True) for shot in film.shots]
    assert [{k: v for k, v in shot.items() if k != "shot_number"} for shot in written] == json.loads(
        THREE_SHOTS
    )
    assert [shot.shot_number for shot in film.shots] == [1, 2, 3]
    assert film.seconds == 15


def test_a_full_shot_keeps_every_field() -> None:
    film = read_shots([DETECTIVE])

    assert film.shots[0].model_dump(exclude_unset=True) == DETECTIVE


def test_a_shot_list_survives_the_way_to_json_and_back() -> None:
    film = read_shots([DETECTIVE | {"lens": "50mm", "notes": {"take": [1, 2]}}])

    again = read_shots(film.model_dump_json())

    assert again == film
    assert again.shots[0].model_dump()["notes"] == {"take": [1, 2]}


def test_shots_are_numbered_by_their_place() -> None:
    film = read_shots([DETECTIVE | {"shot_id": "b", "shot_number": 9}, DETECTIVE | {"shot_id": "a"}])

    assert [(shot.shot_id, shot.shot_number) for shot in film.shots] == [("b", 1), ("a", 2)]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{", "not valid JSON"),
        ("[]", "at least 1 item"),
        ("3", "valid dictionary"),
        (b"\xff\xfe", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('[{"shot_id": "a"}]', "Field required"),
        ('[{"shot_id": "a", "enhanced_prompt": "  "}]', "should match pattern"),
        ('[{"shot_id": "a", "enhanced_prompt": "x", "duration": 0}]', "greater than or equal to 1"),
        ('[{"shot_id": "a", "enhanced_prompt": "x", "duration": 2.5}]', "valid integer"),
        ('[{"shot_id": "a", "enhanced_prompt": "x", "lens": NaN}]', "not valid JSON"),
        ('[{"shot_id": "a", "enhanced_prompt": "x", "lens": "\\ud800"}]', "not valid JSON"),
        (
            '[{"shot_id": "a", "enhanced_prompt": "x"}, {"shot_id": "a", "enhanced_prompt": "y"}]',
            "same shot_id",
        ),
    ],
)
def test_a_bad_shots_file_is_refused_with_one_reason(source: str | bytes, complaint: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_shots(source)

    assert complaint in refused.value.why


def test_a_refusal_names_the_field() -> None:
    with pytest.raises(Invalid) as refused:
        read_shots([DETECTIVE | {"duration": 61}])

    assert refused.value.what == snapshot("shots.0.duration")


def test_more_shots_than_a_film_has_are_refused() -> None:
    many = [DETECTIVE | {"shot_id": f"shot_{n}"} for n in range(SHOTS_MAX + 1)]

    with pytest.raises(Invalid):
        read_shots(many)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=SHOTS_MAX))
def test_the_running_time_is_the_sum_of_the_shots(durations: list[int]) -> None:
    shots = [Shot(shot_id=f"s{n}", enhanced_prompt="x", duration=d) for n, d in enumerate(durations)]

    film = ShotList(shots=shots).with_shots(list(reversed(shots)))

    assert film.seconds == sum(durations)
    assert [shot.shot_number for shot in film.shots] == list(range(1, len(durations) + 1))

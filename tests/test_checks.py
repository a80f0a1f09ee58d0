"""What is objected to in a shot list, what prompts come to in tokens, and what no plan does."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tools.errors import Invalid
from tools.prices import load_book
from tools.repo.profile import Concept, ErrorUse, Place, RepoProfile
from tools.shots import Shot, ShotList, is_locked, read_shots
from tools.story import Wishes, check, lock, plan, read_level, restyle, thrifty
from tools.story.prompts import STEADY, Fragments, assemble, by_behaviour
from tools.story.thrift import TOKENS, Level, camera_said, fitted, tokens

FILM = plan(Wishes(brief="A lighthouse keeper finds a letter", style="noir"), None)

WORDS = st.sampled_from(
    ["retry", "query", "シリアライザ", "κλειδί", "مفتاح", "Cache", "ünïcode", "🎬", "Session", "x", "parse"]
)
NAME = st.lists(WORDS, min_size=1, max_size=4).map("_".join)
TEXT = st.lists(
    st.sampled_from(
        ["灯台守が古い手紙を見つける。", "حارس المنارة يجد رسالة قديمة.", "Μια γυναίκα βρίσκει ένα γράμμα.", "A fox 🦊 waits.",  # noqa: RUF001 -- Greek
         "Смотритель маяка находит письмо.", "She opens it, then runs!", "looking left", "cut to", "Slow pan", "e\u0301 \u202e"]
    ),
    min_size=1, max_size=6,
).map(" ".join)  # fmt: skip
PROFILES = st.builds(
    RepoProfile,
    root=st.just("/src/any"),
    name=NAME,
    purpose=st.just("") | TEXT,
    concepts=st.lists(
        st.builds(
            Concept,
            st.sampled_from(["class", "function", "method", "theme"]),
            NAME,
            st.just("a/b.py"),
            st.integers(1, 10**6),
            st.floats(0, 1),
        ),
        max_size=8,
    ).map(tuple),
    errors=st.lists(
        st.builds(ErrorUse, NAME, st.integers(0, 99), st.integers(0, 99), st.just((Place("c.py", 3),))), max_size=4
    ).map(tuple),
    themes=st.lists(NAME, max_size=3).map(tuple),
)  # fmt: skip
CAST = st.lists(
    st.sampled_from(
        ["灯台守は黄色いコートを着た老人です", "حارس المنارة: رجل عجوز بمعطف أصفر", "γυναίκα: μια ψηλή κυρία 🎬", "A fox: a red fox with one torn ear",
         "the hero is a tall baker in a white apron", "the kitchen is a narrow room with blue tiles"]
    ),
    max_size=3,
).map(tuple)  # fmt: skip
LENGTHS = sorted(
    {
        offered
        for row in load_book().rows
        if row.kind == "video" and (offered := tuple(n for n in range(1, 61) if row.offers_seconds(n)))
    }
)


def shot(n: int, prompt: str, **facts: Any) -> Shot:
    return Shot.model_validate(
        {"shot_id": f"s{n}", "enhanced_prompt": prompt, "negative_prompt": "text", "shot_type": f"size {n}"}
        | facts
    )


def objections(*shots: Shot) -> list[tuple[int, str]]:
    return [(each.n, each.rule) for each in check(ShotList(shots=list(shots)), range(1, 11))]


LONG = " ".join(["word"] * 22)


@pytest.mark.parametrize(
    ("prompt", "facts", "rule"),
    [
        ("A fox waits.", {}, "words"),
        (" ".join(["word"] * 60), {}, "words"),
        (f"{LONG}. A fox. A hen.", {}, "sentences"),
        (f"{LONG}, Slow pan, Slow push-in", {}, "camera"),
        (LONG, {"camera": "crane"}, "camera"),
        (LONG, {"duration": 11}, "seconds"),
        (f"{LONG} cut to the sea", {}, "cut"),
        (LONG, {"negative_prompt": ""}, "negative"),
    ],
)
def test_an_objection_names_the_shot_and_the_rule(prompt: str, facts: dict[str, Any], rule: str) -> None:
    assert objections(shot(1, LONG), shot(2, prompt, **facts)) == [(2, rule)]


def test_sizes_change_and_people_stay_who_they_are() -> None:
    first = shot(1, f"A tall baker {LONG}", characters=["tall baker"])

    assert objections(first, shot(2, LONG, shot_type="size 1")) == [(2, "size")]
    assert objections(first, shot(2, f"A short baker {LONG}", characters=["tall baker"])) == [
        (2, "character")
    ]
    assert objections(first, shot(2, f"The tall baker {LONG}", characters=["tall baker"])) == []


def test_time_stands_still_in_one_place_until_the_next_scene() -> None:
    day = {"landscapes": ["attic"], "time_of_day": "morning", "scene": 1}
    night = day | {"time_of_day": "night"}

    assert objections(shot(1, LONG, **day), shot(2, LONG, **night)) == [(2, "time")]
    assert objections(shot(1, LONG, **day), shot(2, LONG, **(night | {"scene": 2}))) == []
    assert objections(shot(1, LONG, **day), shot(2, LONG, **(night | {"landscapes": ["roof"]}))) == []


def test_the_camera_stays_on_its_side_until_everybody_is_seen() -> None:
    left, right = (f"{LONG} second speaker looking {way}" for way in ("left", "right"))

    assert objections(shot(1, left), shot(2, LONG), shot(3, right)) == [(3, "line")]
    assert objections(shot(1, left), shot(2, f"{LONG} first speaker looking right"), shot(3, left)) == []
    assert objections(shot(1, left), shot(2, LONG, shot_type="wide"), shot(3, right)) == []


@pytest.mark.parametrize(
    ("brief", "sheet"),
    [
        ("Slow pan 灯台守が古い手紙を見つける。", "灯台守は黄色いコートを着た老人です"),
        ("Slow pan حارس المنارة يجد رسالة قديمة.", "حارس المنارة: رجل عجوز بمعطف أصفر"),
    ],
)
def test_somebody_is_described_though_the_brief_begins_with_the_camera(brief: str, sheet: str) -> None:
    film = plan(Wishes(brief=brief, characters=(sheet,)), None)

    assert [each for each in check(film) if each.rule == "sheet"] == []


@given(
    PROFILES,
    st.none() | TEXT,
    st.sampled_from([None, "dialogue", "action", "montage"]),
    CAST,
    st.integers(0, 200),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_objects_to_a_plan_of_anything(
    profile: RepoProfile, brief: str | None, pattern: str | None, cast: tuple[str, ...], pick: int
) -> None:
    """Also for each length that somebody sells: to the second, and no shot that could not be rendered."""
    offered = LENGTHS[pick % len(LENGTHS)]
    wishes = Wishes(
        brief=brief or "", pattern=pattern, template=None if brief else "silent-film", characters=cast
    )
    try:
        film = plan(wishes, None if brief else profile, offered=offered)
    except Invalid:
        assert brief
        return

    assert [each for each in check(film, offered) if each.rule != "cut"] == []
    assert (
        plan(replace(wishes, seconds=film.seconds), None if brief else profile, offered=offered).seconds
        == film.seconds
    )
    assert read_shots(film.model_dump_json()) == film


@pytest.mark.parametrize("level", list(TOKENS))
def test_a_film_keeps_within_its_tokens_and_its_people(level: Level) -> None:
    film, spent = thrifty(FILM, level)

    assert spent.over == ()
    assert all(tokens(each.enhanced_prompt) <= TOKENS[level] for each in film.shots)
    assert all(
        "ighthouse keeper" in each.enhanced_prompt and camera_said(each.enhanced_prompt) == 1
        for each in film.shots
    )
    assert spent.after == sum(tokens(each.enhanced_prompt) for each in film.shots) <= spent.before
    assert str(spent).startswith(
        f"{spent.after} tokens of {spent.before}, at most {TOKENS[level]} a shot ({level})"
    )


def test_redundant_words_go_before_the_look_and_the_look_before_the_story() -> None:
    prompt = (
        "A very tired fox really sleeps, and a hen laughs. Static camera, wide shot, noir, fine film grain."
    )

    assert fitted(prompt, 99) == prompt
    assert "very" not in fitted(prompt, 26)
    assert fitted(prompt, 1) == "A tired fox sleeps. Static camera, wide shot."


def test_a_locked_shot_keeps_its_words_and_a_level_has_a_name() -> None:
    film, _ = thrifty(lock(FILM, 1), "ULTRA_LOW")

    assert is_locked(film.shots[0])
    assert film.shots[0].enhanced_prompt == FILM.shots[0].enhanced_prompt
    assert read_level("ultra low") == "ULTRA_LOW"
    with pytest.raises(Invalid, match="ULTRA_LOW, LOW, MEDIUM, HIGH"):
        read_level("cheap")


def test_a_product_is_told_by_what_is_done_with_it() -> None:
    assert by_behaviour("sleek, premium phone lights the path home") == "phone lights the path home"
    prompt = assemble(
        Fragments(subject="a hiker", action="crosses a bridge", product="shiny lamp warms her hands")
    )
    assert prompt.startswith("A hiker crosses a bridge, lamp warms her hands.")


def test_a_reference_image_makes_the_wording_steady() -> None:
    first = FILM.shots[0].model_copy(update={"reference_images": ["upload_1"]})

    film = restyle(FILM.with_shots([first, *FILM.shots[1:]]), style="anime")

    assert [STEADY in each.enhanced_prompt for each in film.shots] == [True, False, False, False, False]
    assert check(film) == []

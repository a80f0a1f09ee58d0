"""Templates with variables and timed beats, and patterns of shots."""

from dataclasses import replace
from typing import Any

import pytest

from tools.errors import Invalid
from tools.repo.profile import Concept, RepoProfile
from tools.story import OFFERED, Wishes, check, library, plan
from tools.story.library import Template

CREDIT = "credit-utilization"
SMALL = RepoProfile(
    root="/src/small",
    name="small",
    purpose="A small thing.",
    concepts=(Concept("class", "RetryPolicy", "small/retry.py", 5, 0.9),),
)


def credit(**variables: Any) -> Wishes:
    return Wishes(template=CREDIT, variables=variables)


def test_a_told_template_needs_its_variables_and_nothing_else() -> None:
    film = plan(credit(utilization_pct=73), None)

    assert [(shot.duration, shot.camera) for shot in film.shots] == [(8, "static")]
    assert film.shots[0].enhanced_prompt.startswith(
        "A clear glass payment card pulses red, filled to 73 percent, then drains slowly to 28 percent, "
        "from red to green, and at last lifts a small bright arrow above it. Static camera, close-up,"
    )
    assert "calm blues and greens" in film.shots[0].enhanced_prompt
    assert {"faces", "text overlays"} <= set(film.shots[0].negative_prompt.split(", "))


def test_timed_beats_keep_their_shares_of_a_longer_film() -> None:
    film = plan(Wishes(template=CREDIT, seconds=24, shots=3, variables={"utilization_pct": 90}), None)

    assert [shot.duration for shot in film.shots] == [6, 9, 9]
    assert [shot.caption for shot in film.shots] == [
        "90 % of the credit line is used.",
        "Payment by payment it falls to 28 %.",
        "And the score rises.",
    ]


@pytest.mark.parametrize(
    ("brief", "percents"),
    [
        ("a credit utilization film for 73 %", ("73", "28")),
        ("credit utilization, from 91% down to 12 percent", ("91", "12")),
        ("credit utilization target_pct=10 utilization_pct: 64", ("64", "10")),
        ("credit utilization target_pct=10, now 64%", ("64", "10")),
    ],
)
def test_variables_are_read_from_the_brief(brief: str, percents: tuple[str, str]) -> None:
    prompt = plan(Wishes(brief=brief), None).shots[0].enhanced_prompt

    assert f"filled to {percents[0]} percent" in prompt
    assert f"drains slowly to {percents[1]} percent" in prompt


@pytest.mark.parametrize(
    ("wishes", "what", "why"),
    [
        (credit(), "utilization_pct", "credit-utilization needs it: how much of the credit line is used now"),
        (credit(utilisation=73), "variables", "no variable 'utilisation'; it has utilization_pct, target_pct"),
        (credit(utilization_pct=101), "utilization_pct", "a whole number of 30 to 100 percent, not '101'"),
        (credit(utilization_pct=12), "utilization_pct", "30 to 100"),
        (credit(utilization_pct="7e1"), "utilization_pct", "not '7e1'"),
        (credit(utilization_pct=True), "utilization_pct", "not 'True'"),
        (credit(utilization_pct=73.5), "utilization_pct", "not '73.5'"),
        (credit(utilization_pct="{x}"), "utilization_pct", "not '{x}'"),
        (credit(utilization_pct=73, target_pct=40), "target_pct", "1 to 29 percent"),
        (Wishes(brief="a fox", variables={"n": 1}), "variables", "scene has no variable 'n'; it has none"),
        (Wishes(brief="a fox", template="opera"), "template", "no template 'opera'"),
        (Wishes(brief="a fox", pattern="opera"), "pattern", "there are dialogue, action, montage"),
    ],
)  # fmt: skip
def test_an_unknown_name_or_a_missing_variable_is_a_clear_error(wishes: Wishes, what: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(wishes, None)

    assert refused.value.what == what
    assert why in refused.value.why


@pytest.mark.parametrize("template", ["silent-film", "product-launch", "explainer", "trailer", "tutorial"])
def test_each_template_makes_another_film_of_one_repository(template: str) -> None:
    film = plan(Wishes(template=template), SMALL)

    assert film.seconds == library().template(template).seconds
    assert film.title == f"small, a {template.replace('-', ' ')}"
    assert any("RetryPolicy" in (shot.title_card or "") for shot in film.shots)
    assert "small" in (film.shots[0].caption or "") + (film.shots[0].title_card or "")


def test_a_launch_tells_the_product_by_what_it_does() -> None:
    film = plan(Wishes(template="product-launch"), SMALL)

    ends = [film.shots[0].enhanced_prompt, film.shots[-1].enhanced_prompt]
    assert all(
        any(does in prompt for does in ("while it hums", "starts by itself", "each box humming"))
        for prompt in ends
    )


@pytest.mark.parametrize(
    ("wishes", "does"),
    [
        (Wishes("a product launch film; the product lights the way home"), "while the product lights the way home"),
        (Wishes("a product launch film, product: a sleek premium lamp that warms cold hands"), "while a lamp that warms cold hands"),
        (Wishes(template="product-launch", variables={"product": "folds itself"}), "while the product folds itself"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("profile", [SMALL, None])
def test_a_product_that_a_person_names_is_in_every_shot(
    wishes: Wishes, does: str, profile: RepoProfile | None
) -> None:
    told = wishes if profile else replace(wishes, brief=wishes.brief or "A courier opens a box")

    film = plan(replace(told, shots=4), profile)

    assert all(does in shot.enhanced_prompt for shot in film.shots), [
        shot.enhanced_prompt for shot in film.shots
    ]
    assert not [each for each in check(film, OFFERED) if each.rule in {"words", "sentences"}]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"heroes": []}, "needs a hero"),
        ({"variable": []}, "no variable 'target_pct'|no variable 'utilization_pct'"),
        ({"beat": []}, "at least 1 item"),
    ],
)
def test_a_told_template_that_could_not_be_told_is_refused(change: dict[str, Any], complaint: str) -> None:
    entry = library().template(CREDIT).model_dump()

    with pytest.raises(ValueError, match=complaint):
        Template.model_validate(entry | change)


def test_a_dialogue_is_seen_from_one_side_of_the_table() -> None:
    film = plan(Wishes(brief="as a dialogue, 4 shots: two spies meet on a bridge"), None)

    assert [(shot.shot_type, shot.camera) for shot in film.shots] == [
        ("wide", "static"), ("close-up", "static"), ("medium", "static"), ("insert", "push-in"),
    ]  # fmt: skip
    assert "first speaker looking right" in film.shots[1].enhanced_prompt
    assert "second speaker looking left" in film.shots[2].enhanced_prompt


@pytest.mark.parametrize("pattern", ["dialogue", "action", "montage"])
def test_a_pattern_changes_how_a_repository_is_seen_and_not_what(pattern: str) -> None:
    plain, patterned = plan(Wishes(shots=6), SMALL), plan(Wishes(shots=6, pattern=pattern), SMALL)

    steps = library().pattern(pattern).step
    assert [shot.evidence for shot in patterned.shots] == [shot.evidence for shot in plain.shots]
    assert [shot.shot_type for shot in patterned.shots[:4]] == [step.shot_type for step in steps]

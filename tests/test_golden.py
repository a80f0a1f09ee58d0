"""Films of five real repositories: what the reader found in their source distributions, and what was made of it.

`tests/golden/` holds a part of each reading, and which names stand in every line that it points at, so
that what a film claims can be looked up without the sources. The purposes are in our own words.
`tests/golden/plans/` holds the whole film of each: `python tests/test_golden.py` writes them anew after a
change of the rules, to be reviewed.
"""

import json
import sys
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from dirty_equals import IsPartialDict

from tools.repo.profile import Concept, Counts, ErrorUse, Place, RepoProfile
from tools.shots import Shot, ShotList, read_shots
from tools.story import Wishes, library, plan
from tools.story.match import Gag, find_gags

GOLDEN = Path(__file__).parent / "golden"
PLANS = GOLDEN / "plans"
NAMES = ("django", "flask", "httpx", "pydantic", "rich")


@cache
def extract(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@cache
def film(name: str) -> ShotList:
    return plan(Wishes(seconds=60), profile(name))


def profile(name: str) -> RepoProfile:
    return profile_in(GOLDEN / f"{name}.json")


def profile_in(path: Path) -> RepoProfile:
    kept = json.loads(path.read_text("utf-8"))["profile"]
    return RepoProfile(
        root=kept["root"],
        name=kept["name"],
        purpose=kept["purpose"],
        languages=kept["languages"],
        counts=Counts(**kept["counts"]),
        concepts=tuple(Concept(**each) for each in kept["concepts"]),
        errors=tuple(
            ErrorUse(
                each["name"], each["raised"], each["caught"], tuple(Place(**at) for at in each["evidence"])
            )
            for each in kept["errors"]
        ),
        themes=tuple(kept["themes"]),
    )


@cache
def gags_of(name: str) -> tuple[Gag, ...]:
    return find_gags(profile(name), library().metaphors)


def earned(name: str) -> list[Shot]:
    """The shots that point at a line of the code."""
    return [shot for shot in film(name).shots if shot.evidence]


def known(name: str, shot: Shot) -> str:
    """The name in the code that a shot is about: the longest one that its card or caption says."""
    kept = profile(name)
    words = f"{shot.title_card} {shot.caption}"
    said = [each.name for each in (*kept.concepts, *kept.errors) if each.name in words]
    return max(said, key=len)


@pytest.mark.parametrize("name", NAMES)
def test_every_claim_of_a_film_stands_in_the_line_that_it_names(name: str) -> None:
    names = extract(name)["names"]

    for shot in earned(name):
        claimed = known(name, shot)
        for at in shot.evidence:
            assert claimed in names[f"{at.path}:{at.line}"], (claimed, at)


@pytest.mark.parametrize("name", NAMES)
def test_a_film_of_a_real_repository_is_about_six_of_its_names_or_more(name: str) -> None:
    claims = {known(name, shot) for shot in earned(name)}

    assert len(claims) == len(earned(name)) >= 6
    assert film(name).seconds == 60


def test_no_two_films_are_alike() -> None:
    seen = [shot.enhanced_prompt for name in NAMES for shot in film(name).shots]
    stories = [[shot.title_card for shot in earned(name)] for name in NAMES]

    assert len({tuple(each) for each in stories}) == len(NAMES)
    for n, one in enumerate(NAMES):
        for other in NAMES[n + 1 :]:
            ours = {shot.enhanced_prompt for shot in film(one).shots}
            theirs = {shot.enhanced_prompt for shot in film(other).shots}
            assert len(ours & theirs) * 2 < min(len(ours), len(theirs))
    assert len(set(seen)) > len(seen) // 2


@pytest.mark.parametrize(("one", "other"), list(combinations(NAMES, 2)))
def test_two_films_have_at_most_three_gags_of_eight_in_common(one: str, other: str) -> None:
    ours, theirs = ({shot.enhanced_prompt for shot in earned(name)} for name in (one, other))
    gags = [{gag.metaphor.id for gag in gags_of(name)[:8]} for name in (one, other)]

    assert not ours & theirs
    assert len(gags[0] & gags[1]) <= 3


FALSE_FRIENDS = (
    ("pydantic", "PydanticUserError", "permission"),  # who uses it, not who may
    ("pydantic", "BaseModel", "database"),  # a model, and no database
    ("pydantic", "ModelField", "database"),
    ("pydantic", "AliasGenerator", "stream"),  # it makes names, and yields nothing
    ("pydantic", "TypeAdapter", "client"),  # it carries no letters
    ("pydantic", "AnyUrl", "router"),
    ("pydantic", "NsResolver", "router"),  # of namespaces
    ("pydantic", "ConfigWrapper", "proxy"),
    ("rich", "Table", "database"),  # one to look at
    ("rich", "LegacyWindowsError", "user interface"),  # the system of that name
    ("rich", "InvalidResponse", "request and response"),  # a person's, to a question
    ("rich", "Status", "state"),
    ("httpx", "URL", "router"),
    ("httpx", "QueryParams", "query"),  # of an address
    ("flask", "BuildError", "builder"),  # of an address
    ("django", "IntegerField", "missing key"),
    ("django", "Library", "library"),  # of template tags
    ("django", "FieldDoesNotExist", "validation"),
)


@pytest.mark.parametrize(("repository", "name", "concept"), FALSE_FRIENDS)
def test_a_word_that_means_something_else_here_is_not_taken_for_the_concept(
    repository: str, name: str, concept: str
) -> None:
    kept = profile(repository)
    assert name in {each.name for each in (*kept.concepts, *kept.errors)}

    assert (name, concept) not in {(gag.name, gag.metaphor.concept) for gag in gags_of(repository)}


@pytest.mark.parametrize(
    ("repository", "name", "concept"),
    [
        ("django", "Model", "database"), ("django", "QuerySet", "query"), ("flask", "Blueprint", "router"),
        ("httpx", "Cookies", "cookie"), ("pydantic", "BaseModel", "validation"), ("rich", "Table", "table layout"),
    ],
)  # fmt: skip
def test_the_same_word_is_taken_for_it_where_its_neighbours_say_so(
    repository: str, name: str, concept: str
) -> None:
    assert (name, concept) in {(gag.name, gag.metaphor.concept) for gag in gags_of(repository)[:8]}


def test_the_same_reading_makes_the_same_film() -> None:
    assert all(plan(Wishes(seconds=60), profile(name)) == film(name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_film_is_to_the_letter_the_one_that_was_reviewed(name: str) -> None:
    text = reviewed(name).read_text("utf-8")

    assert written(film(name)) == text
    assert read_shots(text) == film(name)


def reviewed(name: str) -> Path:
    return PLANS / f"{name}.json"


def written(shots: ShotList) -> str:
    """The whole plan, a line for each thing that it says."""
    facts = shots.model_dump(mode="json")
    each = ",\n".join(f"    {{\n{_lines(shot, 6)}\n    }}" for shot in facts.pop("shots"))
    return f'{{\n{_lines(facts, 2)},\n  "shots": [\n{each}\n  ]\n}}\n'


def _lines(facts: Mapping[str, Any], indent: int) -> str:
    said = ((name, value) for name, value in facts.items() if value not in (None, "", [], {}))
    return ",\n".join(
        f'{" " * indent}"{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in said
    )


def test_a_reading_that_was_kept_names_where_it_came_from() -> None:
    assert [extract(name) for name in NAMES] == [IsPartialDict(sdist=f"{n}-{v}") for n, v in VERSIONS]


VERSIONS = (
    ("django", "5.2.1"),
    ("flask", "3.1.3"),
    ("httpx", "0.28.1"),
    ("pydantic", "2.14.3"),
    ("rich", "15.0.0"),
)  # fmt: skip


if __name__ == "__main__":
    for each in NAMES:
        reviewed(each).write_text(written(film(each)), "utf-8")
        sys.stdout.write(f"{reviewed(each).name}\n")

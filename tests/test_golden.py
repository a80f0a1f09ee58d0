"""Films of five real repositories: what the reader found in their source distributions, and what was made of it.

`tests/golden/` holds a part of each reading, and which names stand in every line that it points at, so
that what a film claims can be looked up without the sources. The purposes are in our own words.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from dirty_equals import IsPartialDict
from inline_snapshot import snapshot

from tools.repo.profile import Concept, Counts, ErrorUse, Place, RepoProfile
from tools.shots import Shot, ShotList
from tools.story import Wishes, plan

GOLDEN = Path(__file__).parent / "golden"
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


def test_the_same_reading_makes_the_same_film() -> None:
    assert all(plan(Wishes(seconds=60), profile(name)) == film(name) for name in NAMES)


def test_the_films_of_five_repositories() -> None:
    told = {
        name: [
            f"{shot.title_card} ({at.path}:{at.line})" for shot in earned(name) for at in shot.evidence[:1]
        ]
        for name in NAMES
    }

    assert told == snapshot(
        {
            "django": [
                "TemplateSyntaxError: unexpected noodle, line 1. (django/template/base.py:615)",
                "Node: see Node. (django/utils/tree.py:11)",
                "Dear View, dear View, dear View... (django/views/generic/base.py:36)",
                "Signal: It happens every time it happens. (django/dispatch/dispatcher.py:25)",
                "BaseCache: freshly made, once. (django/core/cache/backends/base.py:58)",
                "Model: everything in its place, and its place in everything. (django/db/models/base.py:461)",
                "QuerySet: nothing happens. Then somebody looks. (django/db/models/query.py:277)",
                "FieldError: this egg is required. (django/forms/models.py:207)",
            ],
            "flask": [
                "NoAppException: “Yes, chef.” (src/flask/cli.py:60)",
                "TaggedJSONSerializer: fold along the dotted line. (src/flask/json/tag.py:219)",
                "ImportError: “Just one more. I insist.” (src/flask/app.py:996)",
                "TemplateNotFound: “It was between the stairs and the stairs.” (src/flask/templating.py:90)",
                "Flask: somebody rang. (src/flask/app.py:81)",
                "BuildError: batch complete, staff included. (src/flask/app.py:1117)",
                "SessionInterface: “And you are, sir?” (src/flask/sessions.py:100)",
                "Blueprint: “Putting you through.” (src/flask/sansio/blueprints.py:119)",
            ],
            "httpx": [
                "StreamClosed: a drop at a time. (httpx/_content.py:100)",
                "Cookies: accepted, with butter. (httpx/_models.py:1079)",
                "ImportError: “Just one more. I insist.” (httpx/__init__.py:16)",
                "Proxy: “I speak on the gentleman's behalf.” (httpx/_config.py:201)",
                "InvalidURL: “Hello? Hello? ...Puss?” (httpx/_client.py:525)",
                "Auth: “Who told you?” (httpx/_auth.py:22)",
                "BaseTransport: kindly let go of the letter. (httpx/_transports/base.py:14)",
                "Timeout: he waits beside a clock without hands. (httpx/_config.py:72)",
            ],
            "pydantic": [
                "ValueError: it had the right shape. (pydantic/color.py:135)",
                "NotImplementedError: it runs in the family. (pydantic/annotated_handlers.py:48)",
                "ImportError: “Just one more. I insist.” (pydantic/mypy.py:1462)",
                "PydanticUserError: “Who told you?” (pydantic/config.py:1285)",
                "BaseModel: everything in its place, and its place in everything. (pydantic/main.py:136)",
                "TypeAdapter: kindly let go of the letter. (pydantic/type_adapter.py:69)",
                "AnyUrl: “Putting you through.” (pydantic/v1/networks.py:171)",
                "ValidationError: this egg is required. (pydantic/_internal/_known_annotated_metadata.py:241)",
            ],
            "rich": [
                "Console: Most recent fall last. (rich/console.py:581)",
                "ColorParseError: unexpected noodle, line 1. (rich/color.py:451)",
                "Tree: see Tree. (rich/tree.py:14)",
                "Style: pixel for pixel, aunt for aunt. (rich/style.py:40)",
                "ClassNotFound: “It was between the stairs and the stairs.” (rich/syntax.py:149)",
                "ImportError: “Just one more. I insist.” (rich/_win32_console.py:14)",
                "Table: everything in its place, and its place in everything. (rich/table.py:153)",
                "Panel: File now leaving from platform Edit. (rich/panel.py:17)",
            ],
        }
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

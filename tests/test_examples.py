"""Ten worked examples: each brief still makes the plan that lies beside it, and the plan is sound.

`python tests/test_examples.py` writes the plans anew after a change of the rules, to be reviewed.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from test_golden import profile_in

from tools.estimate import Offer, estimate
from tools.prices import load_book
from tools.shots import ShotList, read_shots
from tools.story import OFFERED, Wishes, check, plan, read_level, thrifty

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "examples"
BRIEFS = sorted(path for path in FOLDER.glob("*.json") if not path.name.endswith(".shots.json"))


def made(path: Path) -> ShotList:
    """The plan of an example, as the rules make it now."""
    example: dict[str, Any] = json.loads(path.read_text("utf-8"))
    wishes: dict[str, Any] = dict(example["wishes"])
    level = wishes.pop("token_budget", None)
    metaphors = tuple(wishes.pop("metaphors", ()))
    profile = profile_in(ROOT / example["reading"]) if "reading" in example else None
    film = plan(Wishes(example["brief"], metaphors=metaphors, **wishes), profile)
    return film if level is None else thrifty(film, read_level(level))[0]


def kept(path: Path) -> Path:
    return path.with_suffix(".shots.json")


def test_there_are_ten() -> None:
    assert len(BRIEFS) == 10


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
def test_an_example_is_what_its_brief_makes(path: Path) -> None:
    film = made(path)

    assert read_shots(kept(path).read_text("utf-8")) == film
    assert check(film, OFFERED) == []


def test_every_example_can_be_priced() -> None:
    prices = load_book()
    row = next(row for row in prices.rows if row.provider == "rehearsal" and row.kind == "video")

    for path in BRIEFS:
        film = read_shots(kept(path).read_text("utf-8"))
        priced = estimate(film, Offer(row.provider, row.model, row.resolution or "720p"), prices, row.as_of)
        assert len(priced.lines) == len(film.shots)


if __name__ == "__main__":
    for each in BRIEFS:
        kept(each).write_text(made(each).model_dump_json(indent=2) + "\n", "utf-8")
        sys.stdout.write(f"{kept(each).name}\n")

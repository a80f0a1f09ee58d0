"""Ten worked examples: each brief still makes the plan that lies beside it, and the plan is sound.

`python tests/test_examples.py` writes the plans anew after a change of the rules, to be reviewed.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_golden import profile_in

from api.cli import main
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


def greenlight(tmp_path: Path, *args: str) -> tuple[int, str]:
    env = {"GREENLIGHT_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "300"}
    done = CliRunner().invoke(main, args, env=env)
    return done.exit_code, " ".join(done.output.split())


ALONE = [path for path in BRIEFS if "reading" not in json.loads(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", ALONE, ids=lambda path: path.stem)
def test_the_command_makes_exactly_the_plan_that_lies_beside_its_brief(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "film.json"
    code, told = greenlight(tmp_path, "plan", str(path), "-o", str(out))

    assert code == 0, told
    assert out.read_text("utf-8") == kept(path).read_text("utf-8")


def test_an_example_of_a_repository_asks_for_it_and_takes_it(tmp_path: Path) -> None:
    code, told = greenlight(tmp_path, "plan", str(FOLDER / "09-httpx-silent.json"))
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "box.py").write_text("class Box:\n    def open(self):\n        pass\n", "utf-8")
    box, out = str(tmp_path / "box"), tmp_path / "film.json"
    given, _ = greenlight(
        tmp_path, "plan", str(FOLDER / "10-flask-launch.json"), "--repo", box, "-o", str(out)
    )

    assert code == 1
    assert "is about a repository; say where that is: --repo PATH, or its https address" in told
    assert given == 0
    assert read_shots(out.read_text("utf-8")).repo is not None


def test_what_is_said_beside_a_file_wins_over_what_stands_in_it(tmp_path: Path) -> None:
    out = tmp_path / "film.json"
    code, _ = greenlight(tmp_path, "plan", str(BRIEFS[0]), "--style", "watercolor", "-o", str(out))
    film = read_shots(out.read_text("utf-8"))

    assert (code, film.style, film.mood, len(film.shots)) == (0, "watercolor", "mysterious", 6)


def test_a_brief_that_only_speaks_of_a_file_is_a_brief(tmp_path: Path) -> None:
    code, told = greenlight(tmp_path, "plan", "A developer loses her package.json", "--json")

    assert code == 0
    assert json.loads(told)["brief"] == "A developer loses her package.json"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"a fox", "is not JSON; a brief in a file is like"),
        (b"\xff\xfe\xfa", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b" " * 2_000_001, "has more than the 2,000,000 bytes"),
        (b"12", "a brief in a file is like"),
        (b'{"wishes": {}}', "brief: Field required; a brief in a file is like"),
        (b'{"brief": ""}', "brief: String should have at least 1 character"),
        (b'{"brief": "A fox", "style": "noir"}', "style: Extra inputs are not permitted"),
        (b'{"brief": "A fox", "wishes": {"shots": "six"}}', "wishes.shots: Input should be a valid integer"),
        (b'{"brief": "A fox", "wishes": {"colour": "red"}}', "wishes.colour: Extra inputs are not permitted"),
        (b'{"brief": "A fox", "wishes": {"template": "unheard-of"}}', "template: "),
        ((FOLDER / "01-lighthouse.shots.json").read_bytes(), "is a plan already, and no brief"),
        (b"[]", "is a plan already, and no brief"),
    ],
)
def test_a_file_that_is_no_brief_is_refused_by_name(content: bytes | None, why: str, tmp_path: Path) -> None:
    file = tmp_path / "film.json"
    if content is not None:
        file.write_bytes(content)
    code, told = greenlight(tmp_path, "plan", str(file))

    assert code == 1
    assert why in told
    assert "Traceback" not in told


def test_the_page_about_the_examples_names_every_one() -> None:
    page = (FOLDER / "README.md").read_text("utf-8")

    assert [path.name for path in BRIEFS if path.name not in page] == []


if __name__ == "__main__":
    for each in BRIEFS:
        kept(each).write_text(made(each).model_dump_json(indent=2) + "\n", "utf-8")
        sys.stdout.write(f"{kept(each).name}\n")

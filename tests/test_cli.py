"""The command as a person runs it: a real process, a real database, a real terminal where one is asked."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dirty_equals import IsStr
from inline_snapshot import snapshot

from api.cli import main
from tests.forked import environment, run_greenlight
from tools import media
from tools.shots import read_shots

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 60
COLUMNS = 80

CODE = '''"""Boxes that hold things."""


class Box:
    """Holds one thing."""

    def open(self, path):
        if not path:
            raise FileNotFoundError(path)
        return path


class BoxError(Exception):
    """The box is shut."""


def shut(box):
    try:
        box.open("")
    except FileNotFoundError:
        raise BoxError from None
'''


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small project outside every folder that may be read by default."""
    folder = tmp_path / "boxes"
    folder.mkdir()
    (folder / "README.md").write_text("# boxes\n\nBoxes that open when you are kind to them.\n")
    (folder / "boxes.py").write_text(CODE)
    return folder


@dataclass(frozen=True)
class Command:
    """A data folder, and the environment that greenlight is run in."""

    data: Path
    cwd: Path

    def environment(self, **settings: str) -> dict[str, str]:
        return environment(**{"GREENLIGHT_DATA_DIR": str(self.data), "NO_COLOR": "1"} | settings)

    def run(self, *args: str, stdin: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        env = self.environment(**settings)
        done = run_greenlight(*args, env=env, cwd=self.cwd, stdin=stdin or "", timeout=PATIENCE_SECONDS)
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def json(self, *args: str) -> Any:
        """What a read prints with `--json`. In this process: a start costs a second."""
        done = CliRunner().invoke(main, [*args, "--json"], env={"GREENLIGHT_DATA_DIR": str(self.data)})
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def at_terminal(self, *args: str, **answers: str) -> tuple[int, str]:
        """Run in a terminal of 80 columns, and type each answer when its question is seen."""
        pid, terminal = pty.fork()
        if pid == 0:
            for number in (signal.SIGINT, signal.SIGHUP):  # ignored by whoever is started in the background
                signal.signal(number, signal.SIG_DFL)
            os.chdir(self.cwd)
            command = [sys.executable, "-m", "api", *args]
            os.execve(sys.executable, command, self.environment(PYTHONPATH=str(ROOT), TERM="xterm"))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        try:
            seen = _converse(terminal, [(QUESTIONS[name], answer) for name, answer in answers.items()])
        finally:
            os.close(terminal)
            _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status), seen


QUESTIONS = {
    "approve": "[y/N] ",
    "rendering": "waiting",
    "first": "you> ",
    "second": "you> ",
    "third": "you> ",
}


def _converse(terminal: int, script: list[tuple[str, str]]) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    seen, read_up_to = "", 0
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            chunk = os.read(terminal, 65_536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not chunk:
            break
        seen += chunk.decode(errors="replace")
        if script and script[0][0] in seen[read_up_to:]:
            read_up_to = len(seen)
            os.write(terminal, script.pop(0)[1].encode())
    assert not script, seen
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r\n", "\n")


@pytest.fixture
def greenlight(tmp_path: Path) -> Command:
    here = tmp_path / "here"
    here.mkdir()
    return Command(tmp_path / "data", here)


SMALL = ("--seconds", "3")


def test_the_whole_job_ends_with_a_film_and_a_receipt_that_adds_up(
    greenlight: Command, repository: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    done = greenlight.run("demo", str(repository), "--yes", "--out", str(film), "--seconds", "8")

    assert done.returncode == 0, done.stderr
    assert media.probe(film).seconds == pytest.approx(8, abs=0.2)
    assert "PLAY MONEY" in done.stdout
    assert "boxes.py:" in done.stdout
    assert re.search(r"held \$\S+ = charged \$\S+ \+ released \$\S+ ✓ \(play money\)", done.stdout)
    assert max(len(line) for line in done.stdout.splitlines() if "/" not in line) <= COLUMNS
    jobs = greenlight.json("jobs")
    assert {job["state"] for job in jobs} == {"succeeded"}
    budget = greenlight.json("budget")
    assert (budget["spent_usd"], budget["play"]["held_usd"]) == ("0.00", "0.00")


def test_nothing_is_spent_until_somebody_said_how_much(greenlight: Command, repository: Path) -> None:
    unasked = greenlight.run("demo", str(repository), "--approve-up-to", "0.01", *SMALL)
    offer = greenlight.json("quotes")[0]
    interrupted, seen = greenlight.at_terminal("quotes", "approve", offer["id"], approve="\x03")

    line = unasked.stderr.splitlines()[-1]
    assert (unasked.returncode, line.replace(offer["id"], "ID")) == snapshot(
        (
            3,
            "Error: up to $0.19 of play money needs an approval, and there is no terminal to ask in; run `greenlight quotes approve ID` in a terminal, or add --yes",
        )
    )
    assert (interrupted, seen.splitlines()[-1]) == (130, "Stopped. Nothing was spent.")
    assert greenlight.json("jobs") == []
    assert greenlight.json("budget")["play"]["held_usd"] == "0.00"

    approved = greenlight.run("quotes", "approve", offer["id"], "--approve-up-to", offer["ceiling_usd"])
    again = greenlight.run("quotes", "approve", offer["id"], "--yes")

    assert approved.returncode == 0, approved.stderr
    assert (again.returncode, again.stderr) == (1, "Error: this quote has been approved already\n")


def test_a_no_in_the_terminal_leaves_no_hold(greenlight: Command, repository: Path) -> None:
    code, seen = greenlight.at_terminal("demo", str(repository), *SMALL, approve="n\n")

    assert code == 1
    assert seen.endswith("Declined: nothing was spent.\n")
    assert [offer["state"] for offer in greenlight.json("quotes")] == ["declined"]
    assert greenlight.json("jobs") == []


def test_a_conversation_in_the_terminal_leads_to_a_film(greenlight: Command) -> None:
    code, seen = greenlight.at_terminal(
        "chat",
        first="A keeper finds a letter, 6 seconds in 2 shots\n",
        second="render it\n",
        approve="y\n",
        third="/quit\n",
    )

    assert code == 0, seen
    assert "2 shots, 6 seconds" in seen
    assert "Approve up to $0.38 of play money? [y/N]" in seen
    assert "held $0.38 = charged $0.36 + released $0.02 ✓" in seen
    approved = greenlight.json("quotes")[0]
    assert (approved["state"], approved["conversation_id"]) == ("approved", IsStr(regex="chat_.+"))
    assert f"greenlight chat --resume {approved['conversation_id']}" in seen


def test_a_conversation_without_a_terminal_stops_where_it_would_spend(greenlight: Command) -> None:
    done = greenlight.run("chat", stdin="A keeper finds a letter, 3 seconds in 1 shot\nrender it\n")

    assert done.returncode == 3
    assert greenlight.json("jobs") == []


def test_watching_takes_up_what_an_interrupted_demo_left_running(
    greenlight: Command, repository: Path
) -> None:
    code, seen = greenlight.at_terminal("demo", str(repository), "--yes", *SMALL, rendering="\x03")
    watched = greenlight.json("jobs", "watch")

    assert code == 130
    assert "Stopped watching." in seen
    assert [job["state"] for job in watched] == ["succeeded"]
    assert greenlight.json("budget")["play"]["held_usd"] == "0.00"


def test_a_plan_written_to_a_file_can_be_read_edited_and_priced(greenlight: Command, tmp_path: Path) -> None:
    file = tmp_path / "shots.json"
    planned = greenlight.run(
        "plan", "少年が手紙を見つける", "--shots", "2", "--aspect-ratio", "9:16", "-o", str(file)
    )
    priced = greenlight.json("estimate", "--shots", str(file), "--provider", "rehearsal")
    compared = greenlight.run("estimate", "--shots", "-", stdin=file.read_text("utf-8"))
    alone = greenlight.json("estimate", "--shots", str(file), "--provider", "rehearsal", "--only", "2")

    assert planned.returncode == 0, planned.stderr
    shots = read_shots(file.read_bytes())
    assert (len(shots.shots), shots.aspect_ratio) == (2, "9:16")
    assert priced["seconds"] == shots.seconds
    assert priced["play_money"] is True
    assert [line["expected_usd"] != "0.00" for line in alone["lines"]] == [False, True]
    assert "rehearsal-draft" in compared.stdout


def test_every_read_prints_one_document(greenlight: Command, repository: Path) -> None:
    assert greenlight.json("scan", str(repository))["counts"]["classes"] == 2
    assert greenlight.json("plan", "A keeper finds a letter", "--shots", "3")["shots"][2]["shot_number"] == 3
    assert {row["provider"] for row in greenlight.json("prices")} >= {"animatic", "rehearsal"}
    assert greenlight.json("models")[0] == snapshot(
        {
            "model": "offline",
            "tier": "offline",
            "input_usd_per_million_tokens": "0.00",
            "output_usd_per_million_tokens": "0.00",
            "source": "genai-prices 0.2.3",
            "as_of": "2026-11-21",
            "needs": None,
            "chosen": True,
        }
    )
    assert greenlight.json("quotes", "list") == []
    assert greenlight.json("jobs", "list") == []


@pytest.mark.parametrize(
    ("args", "code", "line"),
    [
        (("demo", "no-such-folder"), 1, "there is no folder"),
        (("demo", __file__), 1, "is a file"),
        (("demo", ".", "--out", "."), 1, "is a folder"),
        (("scan", "."), 1, "has no file to read"),
        (("demo", "\x00"), 1, "NUL"),
        (("plan", "a cat", "--shots", "0"), 1, "1 to 60 shots, not 0"),
        (("plan", "a cat", "--shots", "10000"), 1, "1 to 60 shots, not 10,000"),
        (("plan", "a cat", "-o", "no-such-folder/x.json"), 1, "No such file"),
        (("plan",), 2, "Give a BRIEF"),
        (("estimate", "--shots", "-"), 1, "not valid JSON"),
        (("estimate", "--shots", "-", "--model", "x"), 2, "needs --provider"),
        (("estimate", "--shots", "-", "--only", "1", "--under", "1"), 2, "for the whole film"),
        (("quotes", "approve", "quote_x", "--yes"), 1, "there is no quote 'quote_x'"),
        (("jobs", "resolve", "job_x", "--charged", "-1"), 2, "cannot be negative"),
        (("chat", "--resume", "chat_x"), 1, "there is no conversation 'chat_x'"),
    ],
)
def test_what_a_person_gets_wrong_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], code: int, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(
        main, args, env={"GREENLIGHT_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}
    )

    assert done.exit_code == code
    assert line in done.stderr.splitlines()[-1]
    assert done.stdout == ""


def test_a_data_folder_that_cannot_be_made_is_named(greenlight: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = greenlight.run("budget", GREENLIGHT_DATA_DIR=str(tmp_path / "file" / "data"))

    assert done.returncode == 1
    assert done.stderr.startswith("Error: GREENLIGHT_DATA_DIR: ")


def test_a_name_from_a_repository_cannot_move_the_cursor(greenlight: Command, repository: Path) -> None:
    (repository / "README.md").write_text("# boxes\n\nBoxes \x1b[2J\x1b[31mthat \u202eopen\u202c kindly.\n")
    done = greenlight.run("scan", str(repository))

    assert done.returncode == 0
    assert "that open kindly" in done.stdout
    assert not set(done.stdout) & {"\x1b", "\u202e"}


def test_help_answers_at_once() -> None:
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "api", "--help"], cwd=ROOT, capture_output=True, check=True)

    assert b"quotes" in done.stdout
    assert time.perf_counter() - begun < 1.5  # a tenth of that on a quiet machine

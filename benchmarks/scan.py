"""What reading a repository costs, beside ctags and a syntax tree of every file, in processor time.

Each round runs the quick ones in turn on the same folder, each in a process of its own, so that a busy
machine slows all of them alike; the least of each is compared. The slow ones run once. The facts must
agree with the tree. A warm scan is measured in a process that has read the folder before, against a bare
stat of what it looks at.

    .venv/bin/python benchmarks/scan.py FOLDER [--rounds 7] [--tools FOLDER:FOLDER]

writes its section of docs/performance.md; what is not as promised ends it with 1. A good folder is the
unpacked source distribution of Django. `ctags`, `repomix` and `gitingest` are looked for in the folders of
`--tools` and then in PATH; one that is not there is left out, and a line says so.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages import PERFORMANCE, put

ROOT = Path(__file__).parent.parent
ROUNDS = 7
SECONDS_MAX = 90  # of the clock, for one command
COLD_MAX, WARM_MAX, MEGABYTES_MAX = 1.5, 2.0, 60
PEERS = {"repomix": 9, "gitingest": 25}  # at least so many times a cold scan
COLD, CTAGS, TREES_ROW = "a cold scan", "ctags", "a tree of each file"
ONCE = {TREES_ROW, *PEERS}

HOW = """`python benchmarks/scan.py FOLDER` reads a folder cold, each time in a new process that also starts
Python and imports, in turn with ctags; what takes longer runs once. Here the folder is {name} with {files:,}
Python files. The promises are 1.5 times ctags for a cold scan and 60 MB, twice a bare stat for a warm one, a
ninth of repomix and a twenty-fifth of gitingest, all in processor time, and no fact that differs from `ast`.
"""
BARE = "import sys; from pathlib import Path; [p.read_bytes() for p in Path(sys.argv[1]).rglob('*.py')]"
STAT = """
import os, sys
paths = open(sys.argv[1]).read().split("\\n")
for path in paths:
    os.stat(path)
"""
SCAN = """
import sys
from pathlib import Path
from tools.repo import Limits, scan
scan(Path(sys.argv[1]), limits=Limits(seconds=600))
"""
WARM = """
import json, os, sys, time
from pathlib import Path
from tools.repo import Cache, Limits, scan
from tools.repo.walk import walk
root, limits = Path(sys.argv[1]), Limits(seconds=600)
cache = Cache(Path(sys.argv[2]), now=lambda: time.time_ns() + 10**10)
first = scan(root, limits=limits, cache=cache)
found = walk(root, limits, time.monotonic() + 600)
paths = [f"{root}/{path}" for path in (*found.looked, *(file.path for file in found.files))]
def stats():
    for path in paths:
        os.stat(path)
def again():
    heard = []
    assert scan(root, limits=limits, cache=cache, on_file=heard.append) == first and not heard
def best(act, spent=()):
    for _ in range(9):
        began = time.process_time()
        act()
        spent = (*spent, time.process_time() - began)
    return min(spent)
print(json.dumps([len(paths), best(stats), best(again)]))
"""
TREES = """
import gc, sys
from pathlib import Path
from tools.repo.facts import UnreadableSourceError
from tools.repo.python import parse_python
gc.disable()
for path in Path(sys.argv[1]).rglob("*.py"):
    try:
        parse_python(path.read_bytes())
    except UnreadableSourceError:
        pass
"""
AGREE = """
import sys
from pathlib import Path
from tools.repo.facts import UnreadableSourceError
from tools.repo.python import parse_python
from tools.repo.skim import skim
files = facts = wrong = left = 0
for path in Path(sys.argv[1]).rglob("*.py"):
    source = path.read_bytes()
    try:
        tree = parse_python(source)
    except UnreadableSourceError:
        continue
    files += 1
    skimmed, brief = skim(source), skim(source, briefly=True)
    if brief is not None:
        wrong += [one._replace(lines=0) for one in tree.definitions if one.kind == "class"] != brief.definitions
        wrong += any(getattr(brief, name) != getattr(skimmed, name) for name in ("functions", "raised", "caught"))
    left += skimmed is None
    for name in ("definitions", "raised", "caught", "raises", "excepts", "classes", "functions"):
        ours, theirs = getattr(skimmed or tree, name), getattr(tree, name)
        if isinstance(theirs, list):
            facts += len(theirs)
            wrong += len(set(ours) ^ set(theirs))
        else:
            wrong += ours != theirs
print(f"{files:,} files, {facts:,} facts, {wrong} that differ; {left} files left to ast")
sys.exit(wrong > 0)
"""


PARTS = """
import time
started = time.process_time()
import importlib, json, sys
from pathlib import Path
from tools.repo import Cache, Limits, scan
spent = {"starting Python": started, "importing": time.process_time() - started}
module = importlib.import_module("tools.repo.scan")
def watch(part, name):
    act = getattr(module, name)
    def watched(*given, **named):
        began = time.process_time()
        try:
            return act(*given, **named)
        finally:
            spent[part] = spent.get(part, 0) + time.process_time() - began
    setattr(module, name, watched)
for part, names in {
    "walking": ["walk"],
    "opening and reading": ["read"],
    "classes, functions, raises, handlers": ["_facts"],
    "names that are written where": ["names_written"],
    "ranking, errors, themes": ["concepts", "errors", "themes"],
    "licence, tests, entry points": ["with_about"],
    "blanking secrets": ["_fit_to_carry"],
    "keeping it for the next time": ["remember"],
}.items():
    for name in names:
        watch(part, name)
began = time.process_time()
scan(Path(sys.argv[1]), limits=Limits(seconds=600), cache=Cache(Path(sys.argv[2]), fresh=True))
known = sum(spent.values()) - spent["starting Python"] - spent["importing"]
print(json.dumps(spent | {"the rest": time.process_time() - began - known}))
"""


class Spent(NamedTuple):
    """Processor seconds of a command and its children, its peak of memory, and whether it came to its end."""

    seconds: float
    megabytes: float
    ended: bool = True


def spent(command: Sequence[str]) -> Spent:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pid = os.posix_spawn(
        command[0],
        command,
        env | {"PYTHONPATH": str(ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
        ],
        setsid=True,
    )
    late = threading.Timer(SECONDS_MAX, os.killpg, (pid, signal.SIGKILL))
    late.start()
    _, status, usage = os.wait4(pid, 0)
    late.cancel()
    ended = os.waitstatus_to_exitcode(status)
    if ended not in {0, -signal.SIGKILL}:
        raise SystemExit(f"{command[:2]} ended with {ended}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, ended == 0)


def commands(folder: str, scratch: Path, tools: str) -> tuple[dict[str, list[str]], list[str]]:
    """What to run, by name, and which of it is not installed here."""
    listed = scratch / "list"
    listed.write_text("\n".join(map(str, Path(folder).rglob("*.py"))))
    wanted = {
        "a stat of each file": [sys.executable, "-S", "-c", STAT, str(listed)],
        "the bytes of each file": [sys.executable, "-S", "-c", BARE, folder],
        CTAGS: ["ctags", "-R", "--languages=Python", "--fields=+n", "-f", str(scratch / "tags"), folder],
        COLD: [sys.executable, "-c", SCAN, folder],
        TREES_ROW: [sys.executable, "-c", TREES, folder],
        "repomix": ["repomix", "--quiet", "-o", str(scratch / "repomix.xml"), folder],
        "gitingest": ["gitingest", folder, "-o", str(scratch / "gitingest.txt")],
    }
    where = os.pathsep.join(filter(None, (tools, os.environ.get("PATH"))))
    found = {name: shutil.which(command[0], path=where) for name, command in wanted.items()}
    there = {name: [path, *wanted[name][1:]] for name, path in found.items() if path is not None}
    return there, [name for name, path in found.items() if path is None]


def measured(known: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Spent]:
    """The least of each; where not all of it came to its end, what it took until it was stopped."""
    rows: dict[str, list[Spent]] = {}
    for number in range(rounds):
        for name, command in known.items():
            if number == 0 or name not in ONCE:
                rows.setdefault(name, []).append(spent(command))
    return {name: min(each) for name, each in rows.items()}


def parts(folder: str, scratch: Path, rounds: int) -> dict[str, float]:
    """Seconds of a cold scan by what they are spent on, the least of each."""
    rows: list[dict[str, float]] = [
        json.loads(said(PARTS, folder, str(scratch / "parts"))[1]) for _ in range(rounds)
    ]
    return {part: min(row[part] for row in rows) for part in rows[0]}


def warm(folder: str, scratch: Path) -> tuple[int, float, float]:
    """How many files and folders a warm scan looks at, and the seconds for a stat of each and for the scan."""
    paths, stats, again = json.loads(said(WARM, folder, str(scratch / "readings"))[1])
    return paths, stats, again


def said(script: str, *arguments: str) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def table(rows: Mapping[str, Spent]) -> list[str]:
    ctags, ours = rows.get(CTAGS), rows[COLD]
    return [
        "| | CPU seconds | of ctags | of a cold scan | MB |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {'' if each.ended else 'over '}{each.seconds:.2f} |"
            f" {_times(each, ctags)} | {_times(each, ours)} | {each.megabytes:.0f} |"
            for name, each in rows.items()
        ),
    ]


def _times(one: Spent, other: Spent | None) -> str:
    return "" if other is None else f"{one.seconds / other.seconds:.2f}"


def broken(rows: Mapping[str, Spent], again: tuple[int, float, float]) -> list[str]:
    ours = rows[COLD]
    found: list[str] = []
    if CTAGS in rows and ours.seconds > COLD_MAX * rows[CTAGS].seconds:
        found.append(f"a cold scan takes {_times(ours, rows[CTAGS])} of ctags, not {COLD_MAX}")
    if again[2] > WARM_MAX * again[1]:
        found.append(f"a warm scan is above {WARM_MAX} of a stat of each file and folder")
    if ours.megabytes > MEGABYTES_MAX:
        found.append(f"a cold scan takes over {MEGABYTES_MAX} MB")
    for name, least in PEERS.items():
        if name in rows and rows[name].seconds < least * ours.seconds:
            found.append(f"{name} was not seen to take {least} times a cold scan")
    return found


def page(
    rows: Mapping[str, Spent], by_part: Mapping[str, float], again: tuple[int, float, float], agreed: str
) -> list[str]:
    looked, stats, warmed = again
    return [
        *table(rows),
        "",
        f"Agreement with `ast`: {agreed.strip()}.",
        "",
        f"A warm scan looks at {looked:,} files and folders: {warmed * 1000:.1f} ms of processor in a process",
        f"that is running, {warmed / stats:.2f} times the {stats * 1000:.1f} ms of a bare stat of each.",
        "",
        "| a cold scan by its parts | ms |",
        "| --- | ---: |",
        *(f"| {part} | {seconds * 1000:.0f} |" for part, seconds in by_part.items()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="What reading a repository costs.")
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--tools", default="", metavar="FOLDER:FOLDER", help="where else commands may be")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        known, missing = commands(given.folder, Path(scratch), given.tools)
        rows = measured(known, given.rounds)
        by_part = parts(given.folder, Path(scratch), given.rounds)
        again = warm(given.folder, Path(scratch))
    differs, agreed = said(AGREE, given.folder)
    failed = ["agreement with ast"] if differs else []
    failed += broken(rows, again)
    files = sum(1 for _ in Path(given.folder).rglob("*.py"))
    how = HOW.format(name=Path(given.folder).resolve().name, files=files)
    lines = [how, *page(rows, by_part, again, agreed)]
    lines += ["", f"Not installed there, and left out: {', '.join(missing)}."] if missing else []
    lines += ["", f"Not kept here: {'; '.join(failed)}."] if failed else []
    text = "\n".join(lines)
    print(text)
    put(PERFORMANCE, "Reading a repository", text)
    raise SystemExit("; ".join(failed) or None)


if __name__ == "__main__":
    main()

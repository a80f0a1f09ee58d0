"""What reading a repository costs, beside ctags and a syntax tree of every file, in processor time.

Each round runs them in turn on the same folder, each in a process of its own, so that a busy machine
slows all of them alike; the best round of each is compared. The facts must agree with the tree. A warm
scan is measured in a process that has read the folder before, against a bare stat of what it looks at.

    .venv/bin/python benchmarks/scan.py FOLDER [ROUNDS]

writes docs/performance.md. A good folder is the unpacked source distribution of Django. Where `ctags`,
`repomix` or `gitingest` are not installed, their row is left out.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from pages import PERFORMANCE, put

ROOT = Path(__file__).parent.parent
ROUNDS = 3
COLD_MAX, WARM_MAX, MEGABYTES_MAX, AGREEMENT = 1.5, 2.0, 60, "agreement with ast"
PEERS = {"repomix": 9, "gitingest": 25}  # at least so many times a cold scan

HOW = """`python benchmarks/scan.py FOLDER` reads a folder cold, each time in a new process that also starts
Python and imports, in turn with ctags and with a syntax tree of every file; here Django 5.2.1's source
distribution, 2,818 Python files. The aims are 1.5 times ctags for a cold scan, twice a bare stat for a warm
one, 60 MB, a ninth of repomix and a twenty-fifth of gitingest, all in processor time."""
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


def spent(command: list[str]) -> tuple[float, float]:
    """Processor seconds of a command and its children, and its peak of memory in megabytes."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pid = os.posix_spawnp(
        command[0],
        command,
        env | {"PYTHONPATH": str(ROOT)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{command[:2]} ended with {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(folder: str, scratch: Path) -> dict[str, list[str]]:
    listed = scratch / "list"
    listed.write_text("\n".join(map(str, Path(folder).rglob("*.py"))))
    found = {
        "a stat of each file": [sys.executable, "-S", "-c", STAT, str(listed)],
        "the bytes of each file": [sys.executable, "-S", "-c", BARE, folder],
        "ctags": ["ctags", "-R", "--languages=Python", "--fields=+n", "-f", str(scratch / "tags"), folder],
        "a cold scan": [sys.executable, "-c", SCAN, folder],
        "a tree of each file": [sys.executable, "-c", TREES, folder],
        "repomix": ["repomix", "--quiet", "-o", str(scratch / "repomix.xml"), folder],
        "gitingest": ["gitingest", folder, "-o", str(scratch / "gitingest.txt")],
    }
    return {name: command for name, command in found.items() if shutil.which(command[0])}


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


def table(rows: dict[str, list[tuple[float, float]]], again: tuple[int, float, float], agreed: str) -> str:
    ours = min(rows["a cold scan"])
    lines = [
        f"| {name} | {min(each)[0]:.2f} | {min(each)[0] / ours[0]:.2f} | {min(each)[1]:.0f} |"
        for name, each in rows.items()
    ]
    looked, stats, warmed = again
    return "\n".join(
        [
            f"| | CPU seconds, best of {len(rows['a cold scan'])} | of a cold scan | MB |",
            "| --- | ---: | ---: | ---: |",
            *lines,
            "",
            f"{AGREEMENT.capitalize()}: {agreed.strip()}.",
            "",
            (
                f"A warm scan looks at {looked:,} files and folders: {warmed * 1000:.1f} ms of processor in a process "
                f"that is running, where a bare stat of each takes {stats * 1000:.1f} ms."
            ),
        ]
    )


def broken(rows: dict[str, list[tuple[float, float]]], again: tuple[int, float, float]) -> list[str]:
    ours = min(rows["a cold scan"])
    found: list[str] = []
    if "ctags" in rows and ours[0] > COLD_MAX * min(rows["ctags"])[0]:
        found.append(f"a cold scan is above {COLD_MAX} of ctags")
    if again[2] > WARM_MAX * again[1]:
        found.append(f"a warm scan is above {WARM_MAX} of a stat of each file and folder")
    if ours[1] > MEGABYTES_MAX:
        found.append(f"a cold scan takes over {MEGABYTES_MAX} MB")
    for name, least in PEERS.items():
        if name in rows and min(rows[name])[0] < least * ours[0]:
            found.append(f"{name} takes less than {least} times a cold scan")
    return found


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    folder, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    rows: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        known = commands(folder, Path(scratch))
        for _ in range(rounds):
            for name, command in known.items():
                rows.setdefault(name, []).append(spent(command))
        again = warm(folder, Path(scratch))
    differs, agreed = said(AGREE, folder)
    failed = [AGREEMENT] if differs else []
    failed += broken(rows, again)
    text = table(rows, again, agreed)
    text += f"\n\nNot kept here: {'; '.join(failed)}." if failed else ""
    print(text)
    put(PERFORMANCE, "Reading a repository", f"{HOW}\n\n{text}")
    raise SystemExit("; ".join(failed) or None)


if __name__ == "__main__":
    main()

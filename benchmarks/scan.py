"""What reading a repository costs, beside ctags and a syntax tree of every file, in processor time.

Each round runs them in turn on the same folder, each in a process of its own, so that a busy machine
slows all of them alike; the best round of each is compared. The facts must agree with the tree.

    .venv/bin/python benchmarks/scan.py FOLDER [ROUNDS]

A good folder is the unpacked source distribution of Django. Where `ctags`, `repomix` or `gitingest`
are not installed, their row is left out.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 3
COLD_MAX, MEGABYTES_MAX, AGREEMENT = 1.5, 60, "agreement with ast"

BARE = "import sys; from pathlib import Path; [p.read_bytes() for p in Path(sys.argv[1]).rglob('*.py')]"
STAT = """
import os, sys
paths = open(sys.argv[1]).read().split("\\n")
for path in paths:
    os.stat(path)
"""
SCAN = "import sys; from pathlib import Path; from tools.repo import scan; scan(Path(sys.argv[1]))"
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
    skimmed = skim(source)
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
    ours = min(rows["a cold scan"])
    print(f"best of {rounds} rounds, in turn\n\n{'':24} CPU s   of a scan   MB")
    for name, each in rows.items():
        print(f"{name:24} {min(each)[0]:5.2f}   {min(each)[0] / ours[0]:9.2f}   {min(each)[1]:.0f}")
    agreed = subprocess.run(
        [sys.executable, "-c", AGREE, folder],
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    print(f"\n{AGREEMENT}: {agreed.stdout.strip()}")
    failed = [AGREEMENT] if agreed.returncode else []
    if "ctags" in rows and ours[0] > COLD_MAX * min(rows["ctags"])[0]:
        failed.append(f"a cold scan is above {COLD_MAX} of ctags")
    if ours[1] > MEGABYTES_MAX:
        failed.append(f"a cold scan takes over {MEGABYTES_MAX} MB")
    raise SystemExit("; ".join(failed) or None)


if __name__ == "__main__":
    main()

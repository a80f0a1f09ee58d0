"""What the tests need from outside: where it is missing they skip, but for the place that must have it."""

import os
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

NPM = ("npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund")


def skip_or_fail(why: str) -> NoReturn:
    """Skip, with the reason; CI fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def npm_install(folder: Path, *packages: str, seconds: int) -> str | None:
    """Bring packages, or what the folder's package.json names, from npm; why not, if they do not come."""
    asked = subprocess.run(
        [*NPM, "--prefix", str(folder), *packages],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return asked.stderr[-400:] if asked.returncode != 0 else None

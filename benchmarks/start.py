"""How long from process start to the first byte of the page, and what the time goes into.

Starts the real command on a fresh data folder, warm bytecode, several times in turn with an
empty Python and with the imports alone, so that a busy machine slows all of them alike.

    .venv/bin/python benchmarks/start.py [ROUNDS]
"""

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROUNDS = 5


def timed(code: str, env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)
    return time.perf_counter() - began


def first_byte(env: dict[str, str], data: str) -> float:
    """Seconds until the page has answered its first byte."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "api", "serve", "--port", "0"],
        cwd=ROOT,
        env=env | {"GREENLIGHT_DATA_DIR": data},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = re.search(r"http://([^:]+):(\d+)", process.stdout.readline())
        assert address is not None
        connection = http.client.HTTPConnection(address[1], int(address[2]), timeout=30)
        connection.request("GET", "/")
        connection.getresponse().read(1)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=30)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    env = {name: value for name, value in os.environ.items() if not name.startswith("GREENLIGHT_")}
    env |= {"PYTHONUNBUFFERED": "1"}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    rows: dict[str, list[float]] = {
        "an empty Python": [],
        "importing the doors": [],
        "first byte, new data folder": [],
        "first byte, known data folder": [],
    }
    with tempfile.TemporaryDirectory() as known:
        first_byte(env, known)  # writes the bytecode and the database
        for _ in range(rounds):
            rows["an empty Python"].append(timed("pass", env))
            rows["importing the doors"].append(timed("import api.app", env))
            with tempfile.TemporaryDirectory() as fresh:
                rows["first byte, new data folder"].append(first_byte(env, fresh))
            rows["first byte, known data folder"].append(first_byte(env, known))
    base = min(rows["importing the doors"])
    print(f"best of {rounds} rounds, interleaved")
    for name, seconds in rows.items():
        print(f"{name:32} {min(seconds):6.2f} s   {min(seconds) / base:5.2f}x the imports")


if __name__ == "__main__":
    main()

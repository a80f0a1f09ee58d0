"""Many requests of every kind to a live server, on both databases, and one line of totals.

Anything that is answered with a 5xx, refused without a problem, or refused and yet changed a
row ends it with 1 and the request; else all of them write docs/proof.md.

.venv/bin/python benchmarks/fuzz.py [CASES]
"""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from benchmarks.pages import PROOF, put
from tests.fuzz import edges, open_ground, storm
from tests.postgres import running_server

CASES = 5_000
ROUND = 500  # then a fresh server: offers are used up, and what is not sent in 15 minutes is released


def main() -> None:
    cases = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    began, statuses = time.perf_counter(), Counter[int]()
    with running_server() as server:
        for n, size in enumerate(_rounds(cases)):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                url = f"sqlite:///{folder / 'greenlight.db'}" if n % 2 == 0 else server.fresh()
                with open_ground(folder, url) as ground:
                    for sent in edges(ground) if n < 2 else ():
                        ground.check(sent)
                    storm(ground, size, n)
                    statuses.update(ground.statuses)
    told = ", ".join(f"{count:,} x {status}" for status, count in sorted(statuses.items()))
    line = f"{sum(statuses.values()):,} requests ({told}), 0 violations, {time.perf_counter() - began:.0f} s"
    print(line)
    if cases >= CASES:
        put(PROOF, SECTION, f"{PAGE}\n{line}")


SECTION = "Strangers ask for anything"
PAGE = """`benchmarks/fuzz.py`: requests that the API's own description allows and many that it does not, with
real names and digests among invented ones, to a live server on either database in turn. None may be
answered with a 5xx, but for the 503 that says a budget is frozen, and none that was refused may have
changed a row.
"""


def _rounds(cases: int) -> list[int]:
    """Of equal size, an even number of them: each database has its turn."""
    count = max(2, -(-cases // ROUND // 2) * 2)
    return [-(-cases // count)] * count


if __name__ == "__main__":
    main()

"""How many prices are found in a second.

.venv/bin/python benchmarks/prices.py [LOOK-UPS]
"""

import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tools.prices import Ask, PriceBook, PriceRow, load_book

LOOKUPS = 200_000
TODAY = date(2026, 11, 21)


def asks(book: PriceBook) -> list[Ask]:
    """One that each living video row answers."""
    rows = [row for row in book.rows if row.kind == "video" and row.lives(TODAY)]
    return [_ask(row) for row in rows]


def _ask(row: PriceRow) -> Ask:
    ratio = (row.aspect_ratios or ("16:9",))[0]
    resolution = row.resolution or "720p"
    seconds = row.seconds_offered()[0]
    audio, source = bool(row.audio), row.input or "text"
    return Ask(row.provider, row.model, "video", seconds, resolution, ratio, audio, source)


def main() -> None:
    lookups = int(sys.argv[1]) if len(sys.argv) > 1 else LOOKUPS
    book = load_book()
    wanted = asks(book)
    began = time.perf_counter()
    for n in range(lookups):
        book.find(wanted[n % len(wanted)], TODAY)
    seconds = time.perf_counter() - began
    print(f"{lookups / seconds:,.0f} look-ups a second in a book of {len(book.rows)} rows")


if __name__ == "__main__":
    main()

"""How many prices are found in a second, and how long the best plans under a limit take.

.venv/bin/python benchmarks/prices.py

Writes its section of docs/performance.md; what is slower than it promises ends it with 1.
"""

import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pages import PERFORMANCE, put
from tools.estimate import Offer, plans_within
from tools.money import Money
from tools.prices import Ask, PriceBook, PriceRow, load_book
from tools.shots import Shot, ShotList

LOOKUPS = 200_000
LOOKUPS_A_SECOND_MIN = 100_000
TODAY = date(2026, 11, 21)
SHOTS, OFFERS = 12, 30
LIMITS = ("2", "4", "8", "20")
PLAN_SECONDS_MAX = 1.0


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


def lookups_a_second(book: PriceBook) -> float:
    wanted = asks(book)
    began = time.perf_counter()
    for n in range(LOOKUPS):
        book.find(wanted[n % len(wanted)], TODAY)
    return LOOKUPS / (time.perf_counter() - began)


def slowest_plan(book: PriceBook) -> float:
    """Seconds, for a film of which every third shot may go, and any seconds may be what they are not."""
    shots = [
        Shot(
            shot_id=f"shot_{n}",
            enhanced_prompt=f"A gate, picture {n}",
            duration=4 + n % 5,
            optional=n % 3 == 0,
        )
        for n in range(1, SHOTS + 1)
    ]
    film = ShotList(title="Gates", shots=shots)
    offers = offers_of(book)
    return max(_seconds(film, offers, book, Money.usd(limit)) for limit in LIMITS)


def offers_of(book: PriceBook) -> list[Offer]:
    sold = dict.fromkeys(
        Offer(row.provider, row.model, row.resolution or "720p", bool(row.audio))
        for row in book.rows
        if row.kind == "video" and row.lives(TODAY) and row.usd != "0"
    )
    return list(sold)[:OFFERS]


def _seconds(film: ShotList, offers: list[Offer], book: PriceBook, limit: Money) -> float:
    began = time.perf_counter()
    plans_within(limit, film, offers, book, TODAY)
    return time.perf_counter() - began


PAGE = """`python benchmarks/prices.py` looks prices of every model up in turn, and finds the best plans for a film
of {shots} shots among {offers} offers under four limits. The promise is {least:,} look-ups a second and a second
for the slowest plan.

| what | found |
| --- | --- |
| look-ups a second, in a book of {rows} rows | {lookups:,.0f} |
| the slowest of the plans | {seconds:.2f} s |
"""


def main() -> None:
    book = load_book()
    lookups, seconds = lookups_a_second(book), slowest_plan(book)
    facts = {
        "shots": SHOTS,
        "offers": len(offers_of(book)),
        "least": LOOKUPS_A_SECOND_MIN,
        "rows": len(book.rows),
    }
    text = PAGE.format(**facts, lookups=lookups, seconds=seconds)
    put(PERFORMANCE, "Prices and plans", text)
    print(text)
    if lookups < LOOKUPS_A_SECOND_MIN or seconds > PLAN_SECONDS_MAX:
        sys.exit("slower than it promises")


if __name__ == "__main__":
    main()

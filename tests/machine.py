"""Everything that people, processes and vendors can do to each other's money, in any order.

Each rule is a sentence, in `tests.people` and `tests.labour`; `tests.invariants` is what holds
after every one of them. The world is `tests.world`: a real database, real approvals, real
rendering, and a vendor whose meter is the truth.
"""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from hypothesis.stateful import initialize, invariant

from tests.invariants import END_STATES, Books, promise
from tests.labour import Labour
from tests.outside import Row
from tests.people import Answering, People
from tests.play import OPENING, PICK, Play, chosen
from tests.world import walls_of
from tools import receipts
from tools.money import Money
from tools.quotes import Quote


class Machine(People, Labour):
    """A studio, two people and a vendor."""

    @initialize(
        target=Play.offers, vendor=PICK, month=PICK, project=PICK, user=PICK, mood=PICK, opening=OPENING
    )
    def a_studio_opens_and_its_first_film_is_approved(
        self, vendor: int, month: int, project: int, user: int, mood: int, opening: int
    ) -> Quote:
        walls = self.setting.walls
        limits = walls_of(chosen(walls, month), chosen(walls, project), chosen((None, *walls), user))
        kind = chosen(self.setting.vendors, vendor)
        self.world = self.do(self.theatre.stage.new_world, limits, kind)
        self.books = Books(self.world, self.theatre.stage.outside)
        self.world.vendor.witness = self.books.witness
        self.world.pass_time(self.setting.begins_after)
        self.the_vendor_changes_its_mood(1, mood)
        first = self.offer("ann", "A harbour", [2, 7][: 1 + month % 2], "film", None)
        assert first is not None
        self.say_yes(Answering(first, "ann", first.digest, "ann"))
        if self.setting.openings:
            chosen(self.setting.openings, opening)(self, first)
        return first

    @invariant()
    def the_books_are_right(self) -> None:
        self.sound = False
        self.books.check()
        self.sound = True
        self.tally["steps"] += 1

    def teardown(self) -> None:
        if not hasattr(self, "books"):
            return
        try:
            if self.sound:
                self._everything_comes_to_its_end()
        finally:
            self.do(self.world.close)

    def _everything_comes_to_its_end(self) -> None:
        self.do(self.world.settle_down)
        self.books.check_from_the_first_row()
        for job in self.books.rows("SELECT * FROM job"):
            given_up = job["state"] == "unknown" and not self.books.can_be_found(job["id"])
            apart = job["state"] == "quarantined" and job["quote_id"] in self.world.altered
            promise("I18 every job ends", job["state"] in END_STATES or given_up or apart, job)
            home = job["state"] != "succeeded" or job["clip_id"] is not None
            promise("what was paid for comes home", home, job)
            self.tally["billed above the ceiling"] += (job["charged_micros"] or 0) > job["ceiling_micros"]
            self.tally[f"charged: {job['charge_source']}"] += job["charge_source"] is not None
        for row in self.books.rows("SELECT quote_id FROM approval"):
            self._receipt_adds_up(row["quote_id"])
        self._count_what_was_reached()

    def _receipt_adds_up(self, quote_id: str) -> None:
        async def read() -> dict[str, Any]:
            async with self.world.database.reading() as connection:
                return await receipts.receipt(connection, quote_id)

        page = self.do(read)
        over = Money.usd(page["charged_usd"]) > Money.usd(page["held_usd"])
        promise("a receipt adds up", page["balanced"] or page["open"] or self._overrun(quote_id), page, over)

    def _overrun(self, quote_id: str) -> bool:
        query = "SELECT 1 FROM job WHERE quote_id = ? AND charged_micros > ceiling_micros"
        return bool(self.books.rows(query, quote_id))

    def _count_what_was_reached(self) -> None:
        """A machine that never reaches a path proves nothing about it."""
        rows = self.books.rows("SELECT kind, subject, body FROM event ORDER BY seq")
        self.tally.update(_moves(row for row in rows if row["kind"] in ("job", "quote")))
        for row in self.books.rows("SELECT action FROM audit WHERE action IN ('thaw', 'limit')"):
            self.tally[f"a person's {row['action']}"] += 1
        self.tally.update({f"died {moment}": times for moment, times in self.world.fate.met.items()})
        self.tally["stories"] += 1


def _moves(events: Iterable[Row]) -> Counter[str]:
    """How often something went from one state into another, told by our own news."""
    last: dict[str, str] = {}
    moves: Counter[str] = Counter()
    for event in events:
        state, before = json.loads(event["body"])["state"], last.get(event["subject"])
        if before not in (None, state):
            moves[f"{event['kind']} {before} -> {state}"] += 1
        last[event["subject"]] = state
    return moves

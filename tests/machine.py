"""Everything that people, processes and vendors can do to each other's money, in any order.

Each rule is a sentence; `tests.invariants` is what holds after every one of them. The world is
`tests.world`: real SQLite, real approvals, real rendering, and a vendor whose meter is the truth.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.conftest import Floor
from tests.invariants import END_STATES, Books, check_prices, promise
from tests.stage import Theatre
from tests.vendor import MOODS, Died, Fate, VendorClass
from tests.world import Frozen, World, at_once, little_film, walls_of
from tools import quotes, receipts, render
from tools.approvals import Approval
from tools.clock import period, stamp
from tools.errors import Conflict, NotFound, StudioError
from tools.money import Money
from tools.quotes import Quote

T = TypeVar("T")

PEOPLE = st.sampled_from(["ann", "bob"])
SUBJECTS = st.sampled_from(["A lighthouse", "A gate", "A loom"])
SECONDS = st.lists(st.integers(1, 8), min_size=1, max_size=3)
HANDS = st.sampled_from(["submit_job", "finish_job", "look", "cancel"])
PICK = st.integers(0, 11)
MINUTE, HOUR = 60, 3_600
ALTERATIONS = (
    "UPDATE quote_line SET body = replace(body, 'picture', 'casino') WHERE quote_id = :id",
    "UPDATE quote_line SET body = replace(body, '480p', '720p') WHERE quote_id = :id",
    "UPDATE quote SET digest = 'sha256:another ' || id WHERE id = :id",
    "UPDATE approval SET digest = 'sha256:another' WHERE quote_id = :id",
)


@dataclass(frozen=True)
class Setting:
    """What a story draws from. A narrower one makes a rare path likely."""

    vendors: tuple[VendorClass, ...] = ("keyed", "searched", "calling", "blind")
    moods: tuple[str | None, ...] = (None, *MOODS)
    walls: tuple[str, ...] = ("0.60", "2", "5")
    begins_after: float = 0
    opening: Callable[[Any, Quote], None] | None = None  # what has happened when the story begins
    paces: tuple[float, ...] = (0.5, 3, MINUTE, 14 * MINUTE, 16 * MINUTE, HOUR)


def chosen(among: Sequence[T], pick: int) -> T:
    return among[pick % len(among)]


@dataclass
class Answering:
    """A person's yes, by whom and to what, and what should come of it."""

    shown: Quote
    by: str
    digest: str
    owner: str | None

    def given(self, books: Books) -> str | None:
        """The approval there is, if this is its giver again."""
        rows = books.rows("SELECT * FROM approval WHERE quote_id = ?", self.shown.id)
        return rows[0]["id"] if rows and rows[0]["principal"] == self.by else None

    @property
    def names_the_offer(self) -> bool:
        """By its digest, and from somebody it belongs to."""
        return self.digest == self.shown.digest and self.owner in (None, self.shown.owner)

    def may_be_first(self, books: Books) -> bool:
        (stored,) = books.rows("SELECT * FROM quote WHERE id = ?", self.shown.id)
        in_time = books.world.now() < self.shown.expires_at
        return stored["state"] == "issued" and in_time and self._fits(books)

    def _fits(self, books: Books) -> bool:
        """Is there room for all of it, in every wall?"""
        limits, month = books.world.limits, period(books.world.now())
        walls = {"month": limits.month, f"project:{self.shown.project}": limits.project}
        if limits.user is not None:
            walls[f"user:{self.shown.owner}"] = limits.user
        for scope, limit in walls.items():
            rows = books.rows("SELECT * FROM budget WHERE scope = ? AND period = ?", scope, month)
            used = rows[0]["held_micros"] + rows[0]["spent_micros"] if rows else 0
            frozen = rows and rows[0]["frozen_reason"]
            new = sum(line.ceiling.micros for line in self.shown.lines)
            if new and (frozen or used + new > limit.micros):
                return False
        return True


class Machine(RuleBasedStateMachine):
    """A studio, two people and a vendor."""

    offers: Bundle[Quote] = Bundle("offers")
    world: World
    books: Books

    def __init__(self, theatre: Theatre, setting: Setting | None = None) -> None:
        super().__init__()
        self.theatre = theatre
        self.setting = setting or Setting()
        self.sound = False

    def do(self, act: Callable[..., Awaitable[T]], *given: Any) -> T:
        self.sound = False
        return self.theatre.do(act, *given)

    def jobs(self, *states: str) -> list[str]:
        wanted = f"({', '.join(map(repr, states))})"
        found = self.books.rows(
            f"SELECT id FROM job WHERE state IN {wanted} ORDER BY created_at, quote_id, n"
        )
        return [row["id"] for row in found]

    @initialize(target=offers, vendor=PICK, month=PICK, project=PICK, user=PICK, mood=PICK)
    def a_studio_opens_and_its_first_film_is_approved(
        self, vendor: int, month: int, project: int, user: int, mood: int
    ) -> Quote:
        walls = self.setting.walls
        limits = walls_of(chosen(walls, month), chosen(walls, project), chosen((None, *walls), user))
        kind = chosen(self.setting.vendors, vendor)
        self.world = self.do(self.theatre.stage.new_world, limits, kind)
        self.books = Books(self.world, self.theatre.stage.outside)
        self.world.vendor.witness = self.books.witness
        self.world.pass_time(self.setting.begins_after)
        self.the_vendor_changes_its_mood(1, mood)
        first = self._offer("ann", "A harbour", [2, 7][: 1 + month % 2], "film", None)
        self._say_yes(Answering(first, "ann", first.digest, "ann"))
        if self.setting.opening is not None:
            self.setting.opening(self, first)
        return first

    # --- offers ---

    @rule(
        target=offers,
        owner=PEOPLE,
        subject=SUBJECTS,
        seconds=SECONDS,
        project=st.sampled_from(["film", "trailer"]),
        talking=st.booleans(),
    )
    def an_offer_is_made(
        self,
        owner: str,
        subject: str,
        seconds: list[int],
        project: str,
        talking: bool,  # noqa: FBT001
    ) -> Quote:
        """Inside a conversation it takes the place of the open one: that is how a film is edited."""
        return self._offer(owner, subject, seconds, project, f"chat_{owner}" if talking else None)

    def _offer(self, owner: str, subject: str, seconds: list[int], project: str, chat: str | None) -> Quote:
        async def make() -> Quote:
            film = little_film(subject, tuple(seconds))
            return await self.world.floor.quote(film, owner, project=project, conversation_id=chat)

        made = self.do(make)
        self.world.shown[made.id] = made
        check_prices(made)
        promise("I15 one open offer in a conversation", self._open_in(chat) in ([], [made.id]), made.id)
        return made

    def _open_in(self, chat: str | None) -> list[str]:
        found = self.books.rows("SELECT id FROM quote WHERE conversation_id = ? AND state = 'issued'", chat)
        return [row["id"] for row in found]

    @rule(offer=offers)
    def its_reader_says_yes(self, offer: Quote) -> None:
        self._say_yes(Answering(offer, offer.owner, offer.digest, offer.owner))

    @rule(offer=offers, by=PEOPLE, as_tenant=st.booleans())
    def anybody_says_yes(self, offer: Quote, by: str, as_tenant: bool) -> None:  # noqa: FBT001
        self._say_yes(Answering(offer, by, offer.digest, by if as_tenant else None))

    @rule(offer=offers, other=offers)
    def a_yes_names_the_digest_of_another_offer(self, offer: Quote, other: Quote) -> None:
        self._say_yes(Answering(offer, offer.owner, other.digest, offer.owner))

    @rule(offer=offers, by=PEOPLE)
    def two_tabs_say_yes_at_once(self, offer: Quote, by: str) -> None:
        tabs = [Answering(offer, each, offer.digest, None) for each in (by, offer.owner)]
        results: list[Approval | StudioError | Died] = []

        async def both() -> None:
            await at_once(*(self._answer(each, results) for each in tabs))

        before = self._approvals()
        self.do(both)
        given = {each.approval_id for each in results if isinstance(each, Approval)}
        fresh = self._approvals() - before
        promise("I11 one approval, whoever is first", len(given) <= 1 and len(fresh) <= 1, results)
        promise("I11 the same person gets the same answer", fresh <= given or self._died(results), results)

    def _approvals(self) -> set[str]:
        return {row["id"] for row in self.books.rows("SELECT id FROM approval")}

    def _died(self, results: Sequence[object]) -> bool:
        died = any(isinstance(each, Died) for each in results)
        if died:
            self.do(self.world.next_process)
        return died

    async def _answer(self, answer: Answering, results: list[Approval | StudioError | Died]) -> None:
        try:
            facts = {"digest": answer.digest, "owner": answer.owner, "at": self.world.now()}
            results.append(await self.world.floor.approve(answer.shown, answer.by, **facts))
        except (StudioError, Died) as refused:
            results.append(refused)

    def _say_yes(self, answer: Answering) -> None:
        """Whoever may, gets what they asked for; nobody else changes a row."""
        again = answer.given(self.books)
        right = answer.names_the_offer and answer.shown.id not in self.world.altered
        first = right and not self._approved(answer.shown) and answer.may_be_first(self.books)
        before = self.books.money()
        results: list[Approval | StudioError | Died] = []
        self.do(self._answer, answer, results)
        (result,) = results
        if isinstance(result, Approval):
            named = answer.names_the_offer and bool(again)
            promise("I12 nobody else's yes counts", first or named, answer, result)
            promise("I11 the same answer again", first or result.approval_id == again, answer, result)
        elif not isinstance(result, Died):
            promise("I11 a good answer is taken", not (right and (first or again)), answer, result)
        if not first or isinstance(result, Died):
            promise("I10 all of it, or none", self.books.money() == before, answer, result)
        self._died(results)

    def _approved(self, offer: Quote) -> bool:
        return bool(self.books.rows("SELECT 1 FROM approval WHERE quote_id = ?", offer.id))

    @rule(offer=offers)
    def its_reader_says_no(self, offer: Quote) -> None:
        before = self.books.money()

        async def decline() -> None:
            async with self.world.database.transaction() as connection:
                await quotes.decline(connection, offer.id, by=offer.owner, reason=None, at=self.world.now())

        self._try(decline, Conflict)
        promise("I12 a no moves no money", self.books.money() == before, offer.id)

    def _try(self, act: Callable[[], Awaitable[object]], *refusals: type[Exception]) -> bool:
        """True if it was done: not refused, and the process lived."""

        async def attempt() -> bool:
            try:
                return await self.world.survive(act())
            except refusals:
                return False

        return self.do(attempt)

    @rule(offer=offers, how=st.sampled_from(ALTERATIONS))
    def somebody_alters_what_is_stored(self, offer: Quote, how: str) -> None:
        """A hand in the database: what is altered is not sent."""

        async def alter() -> None:
            await self.world.floor.edit(how, id=offer.id)

        if "approval" not in how or self._approved(offer):
            self.do(alter)
            self.world.altered.add(offer.id)

    # --- time ---

    @rule(pick=PICK)
    def time_passes(self, pick: int) -> None:
        self.world.pass_time(chosen(self.setting.paces, pick))

    @rule(hours=st.integers(1, 30))
    def the_machines_clock_is_set_back(self, hours: int) -> None:
        self.world.clock.move(hours=-hours)

    @rule()
    def a_month_ends(self) -> None:
        now = self.world.clock.now
        later = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, tzinfo=UTC)
        self.world.pass_time((later - now).total_seconds())

    # --- work ---

    def has_due(self) -> bool:
        return bool(self.books.rows("SELECT 1 FROM due WHERE done = 0"))

    @precondition(has_due)
    @rule(pick=PICK)
    def a_piece_of_due_work_is_done(self, pick: int) -> None:
        self.do(self.world.finish_due, *chosen(self.do(self.world.floor.due), pick))

    @rule(pick=PICK)
    def a_while_goes_by_as_it_should(self, pick: int) -> None:
        """Due work is done, time passes, the studio looks, and does what became due."""
        self.all_due_work_is_done()
        self.time_passes(pick)
        self.the_studio_looks()
        self.all_due_work_is_done()

    @precondition(has_due)
    @rule()
    def all_due_work_is_done(self) -> None:
        for each in self.do(self.world.floor.due):
            self.do(self.world.finish_due, *each)

    @rule()
    def the_studio_looks(self) -> None:
        if not self.do(self.world.look):
            return
        late = self.books.rows(
            "SELECT * FROM job WHERE state = 'ready' AND submit_by < ?", stamp(self.world.now())
        )
        promise("I16 a late job is released", not late, [row["id"] for row in late])

    @precondition(lambda self: self._any_job())
    @rule(work=st.sampled_from(["submit_job", "finish_job"]), pick=PICK)
    def the_engine_does_work_again(self, work: str, pick: int) -> None:
        self.do(self.world.survive, self.world.do(work, chosen(self._any_job(), pick)))

    def _any_job(self) -> list[str]:
        return self.jobs("ready", "submitting", "running", "unknown", "quarantined", *END_STATES)

    @precondition(lambda self: self._any_job())
    @rule(one=HANDS, other=HANDS, pick=PICK)
    def two_processes_have_their_hands_on_one_job(self, one: str, other: str, pick: int) -> None:
        job = self.books.job(chosen(self._any_job(), pick))

        async def both() -> None:
            floors = self.world.floor, await self.world.another()
            acts = zip((one, other), floors, strict=True)
            await at_once(*(self.world.survive(self._lay_hands_on(job, act, floor)) for act, floor in acts))

        self.do(both)

    async def _lay_hands_on(self, job: Any, act: str, floor: Floor) -> None:
        match act:
            case "look":
                await render.look_after(floor.kit)
            case "cancel":
                with suppress(Conflict):
                    await render.cancel(floor.kit, job["id"], owner=job["owner"])
            case work:
                await self.world.do(work, job["id"], floor)

    # --- processes that die or stop ---

    @rule(moment=st.sampled_from(Fate.MOMENTS))
    def the_process_will_die(self, moment: str) -> None:
        self.world.fate.moment = moment

    @rule()
    def the_process_is_killed(self) -> None:
        self.do(self.world.next_process)

    @precondition(lambda self: self.jobs("ready", "submitting"))
    @rule(pick=PICK, beside=st.booleans())
    def a_worker_stops_in_the_middle_of_its_post(self, pick: int, beside: bool) -> None:  # noqa: FBT001
        floor = self.do(self.world.another) if beside else self.world.floor
        frozen = self.do(self.world.freeze, chosen(self.jobs("ready", "submitting"), pick), floor)
        if frozen is not None:
            frozen.fence = self.books.job(frozen.job_id)["fence"]

    @precondition(lambda self: self.world.frozen)
    @rule(pick=PICK)
    def a_stopped_worker_wakes_up(self, pick: int) -> None:
        frozen = chosen(self.world.frozen, pick)
        self.world.frozen.remove(frozen)
        before = self.books.job(frozen.job_id)
        self.do(frozen.wake)
        if before["fence"] != frozen.fence:
            self._lost_its_lease(frozen, before)

    def _lost_its_lease(self, frozen: Frozen, before: Any) -> None:
        """Somebody else has the job: nothing may be written, but the vendor's name for what is lost."""
        after = self.books.job(frozen.job_id)
        adopted = (before["state"], after["state"]) == ("unknown", "running")
        promise("I20 who lost the lease writes nothing", adopted or before == after, dict(after))

    # --- the vendor, and people's last words ---

    @rule(shot=st.integers(1, 3), pick=PICK)
    def the_vendor_changes_its_mood(self, shot: int, pick: int) -> None:
        mood = chosen(self.setting.moods, pick)
        self.world.vendor.moods = {n: m for n, m in self.world.vendor.moods.items() if n != shot}
        if mood is not None:
            self.world.vendor.moods[shot] = mood

    @precondition(lambda self: self._any_job())
    @rule(pick=PICK)
    def somebody_cancels(self, pick: int) -> None:
        before = self.books.job(chosen(self._any_job(), pick))
        done = self._try(
            lambda: render.cancel(self.world.floor.kit, before["id"], owner=before["owner"]), Conflict
        )
        after = self.books.job(before["id"])
        if before["state"] == "ready" and done:
            promise("I21 before it is sent it is released at once", after["state"] == "released", dict(after))
        elif before["state"] != "ready":
            promise("I21 after that the vendor's word counts", after["state"] == before["state"], dict(after))

    @precondition(lambda self: self.jobs("unknown", "quarantined"))
    @rule(pick=PICK, charged=st.sampled_from(["0", "0.04", "0.30", "3"]), by=PEOPLE)
    def a_person_says_what_was_charged(self, pick: int, charged: str, by: str) -> None:
        job = self.books.job(chosen(self.jobs("unknown", "quarantined"), pick))
        said = Money.usd(charged)
        kit = self.world.floor.kit
        done = self._try(lambda: render.resolve(kit, job["id"], said, owner=by, by=by), NotFound)
        if done:
            self.world.told.add(job["id"])
            promise("I24 only the owner's word counts", by == job["owner"], dict(job))

    # --- what always holds ---

    @invariant()
    def the_books_are_right(self) -> None:
        self.sound = False
        self.books.check()
        self.sound = True

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
        self.books.check()
        for job in self.books.rows("SELECT * FROM job"):
            given_up = job["state"] == "unknown" and not self.books.can_be_found(job["id"])
            apart = job["state"] == "quarantined" and job["quote_id"] in self.world.altered
            promise("I18 every job ends", job["state"] in END_STATES or given_up or apart, dict(job))
            home = job["state"] != "succeeded" or job["clip_id"] is not None
            promise("what was paid for comes home", home, dict(job))
        for row in self.books.rows("SELECT quote_id FROM approval"):
            self._receipt_adds_up(row["quote_id"])

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

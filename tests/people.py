"""What people do: offers are made and answered, jobs stopped and explained, budgets thawed and limited."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, multiple, precondition, rule

from tests.conftest import Floor
from tests.fate import Died
from tests.invariants import Books, check_prices, promise
from tests.play import ORDER, PEOPLE, PICK, SECONDS, SUBJECTS, Play, chosen
from tests.world import little_film
from tools import ledger, quotes, render
from tools.approvals import Approval
from tools.clock import period
from tools.errors import Conflict, NotFound, StudioError
from tools.ledger import Wall
from tools.money import ZERO, Money
from tools.quotes import Quote

PROJECTS = st.sampled_from(["film", "trailer"])
SCOPES = st.sampled_from(["month", "project:film", "user:ann"])
ANSWER_LOST = "after a yes is on record"
ALTERATIONS = (
    "UPDATE quote_line SET body = replace(body, 'picture', 'casino') WHERE quote_id = ?",
    "UPDATE quote_line SET body = replace(body, '480p', '720p') WHERE quote_id = ?",
    "UPDATE quote SET digest = 'sha256:another ' || id WHERE id = ?",
    "UPDATE approval SET digest = 'sha256:another' WHERE quote_id = ?",
)
Result = Approval | StudioError | Died


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
        new = sum(line.ceiling.micros for line in self.shown.lines)
        month, limits = period(books.world.now()), books.world.limits
        scopes = ["month", f"project:{self.shown.project}"]
        if limits.user is not None:
            scopes.append(f"user:{self.shown.owner}")
        return not new or all(_has_room(books, scope, month, new) for scope in scopes)


def _has_room(books: Books, scope: str, month: str, new: int) -> bool:
    configured = books.world.limits.of(scope).micros
    rows = books.rows("SELECT * FROM budget WHERE scope = ? AND period = ?", scope, month)
    if not rows:
        return new <= configured
    (row,) = rows
    limit = configured if row["limit_by"] is None else row["limit_micros"]
    return row["frozen_reason"] is None and row["held_micros"] + row["spent_micros"] + new <= limit


class People(Play):
    # --- offers ---

    @rule(
        target=Play.offers,
        owner=PEOPLE,
        subject=SUBJECTS,
        seconds=SECONDS,
        project=PROJECTS,
        talking=st.booleans(),
    )
    def an_offer_is_made(
        self,
        owner: str,
        subject: str,
        seconds: list[int],
        project: str,
        talking: bool,  # noqa: FBT001
    ) -> Quote | MultipleResults[Quote]:
        """Inside a conversation it takes the place of the open one: that is how a film is edited."""
        made = self.offer(owner, subject, seconds, project, f"chat_{owner}" if talking else None)
        return multiple() if made is None else made

    @rule(target=Play.offers, offer=Play.offers)
    def the_same_is_offered_again(self, offer: Quote) -> Quote | MultipleResults[Quote]:
        """What its owner has paid for already costs nothing more."""
        subject, seconds = self.world.films[offer.id]
        made = self.offer(offer.owner, subject, seconds, offer.project, None)
        return multiple() if made is None else made

    @rule(target=Play.offers, offer=Play.offers, pick=PICK)
    def one_shot_is_offered_anew_and_the_others_stay(
        self, offer: Quote, pick: int
    ) -> Quote | MultipleResults[Quote]:
        made = self.one_shot_alone(offer, pick)
        return multiple() if made is None else made

    def one_shot_alone(self, offer: Quote, pick: int) -> Quote | None:
        """What was made for the others, or is drawn of them, is in the film for nothing."""
        subject, seconds = self.world.films[offer.id]
        n = 1 + pick % len(seconds)
        longer = [each + (at == n) for at, each in enumerate(seconds, 1)]
        made = self.offer(offer.owner, subject, longer, offer.project, None, only=n)
        if made is not None:
            stay = {line.n for line in made.lines if line.ceiling == ZERO}
            promise("I24 the others stay for nothing", stay | {n} == set(range(1, len(seconds) + 1)), made)
            paid = [line for line in made.lines if line.reused_clip_id and line.body["model"] != "animatic"]
            self.tally["offered with takes that stay"] += len(paid) > 0
        return made

    def offer(
        self, owner: str, subject: str, seconds: list[int], project: str, chat: str | None, *, only: int = 0
    ) -> Quote | None:
        """None if the process died of it."""
        made: list[Quote] = []

        async def make() -> None:
            film = little_film(subject, tuple(seconds))
            facts = {"project": project, "conversation_id": chat, "only": [only] if only else None}
            made.append(await self.world.floor.quote(film, owner, **facts))

        if not self.tries(make):
            return None
        (shown,) = made
        self.world.shown[shown.id] = shown
        self.world.films[shown.id] = subject, seconds
        check_prices(shown)
        self._reuses_what_is_owned(shown)
        promise("I15 one open offer in a conversation", self._open_in(chat) in ([], [shown.id]), shown.id)
        return shown

    def _reuses_what_is_owned(self, shown: Quote) -> None:
        for line in shown.lines:
            if line.reused_clip_id is not None:
                (clip,) = self.books.rows("SELECT * FROM clip WHERE id = ?", line.reused_clip_id)
                own = (clip["owner"], clip["request_sha256"]) == (shown.owner, line.body_sha256)
                drawn = (clip["owner"], clip["kind"]) == (shown.owner, "preview")
                promise("I24 a clip is reused by who paid for that very work", own or drawn, line, clip)
                self.tally["offered at $0 again"] += 1

    def _open_in(self, chat: str | None) -> list[str]:
        found = self.books.rows(
            "SELECT id FROM quote WHERE conversation_id = ? AND state = 'issued'", str(chat)
        )
        return [row["id"] for row in found]

    # --- answers ---

    @rule(offer=Play.offers)
    def its_reader_says_yes(self, offer: Quote) -> None:
        self.say_yes(Answering(offer, offer.owner, offer.digest, offer.owner))

    @rule(offer=Play.offers, by=PEOPLE, as_tenant=st.booleans())
    def anybody_says_yes(self, offer: Quote, by: str, as_tenant: bool) -> None:  # noqa: FBT001
        self.say_yes(Answering(offer, by, offer.digest, by if as_tenant else None))

    @rule(offer=Play.offers, other=Play.offers)
    def a_yes_names_the_digest_of_another_offer(self, offer: Quote, other: Quote) -> None:
        self.say_yes(Answering(offer, offer.owner, other.digest, offer.owner))

    @rule(offer=Play.offers, others=st.lists(PEOPLE, min_size=1, max_size=3), order=ORDER)
    def many_tabs_say_yes_at_once(self, offer: Quote, others: list[str], order: int) -> None:
        """Each from a process of its own."""
        tabs = [Answering(offer, each, offer.digest, None) for each in (offer.owner, *others)]
        floors = [self.world.floor, *(self.do(self.world.another) for _ in others)]
        results: list[Result] = []
        before = self._approvals()
        each_tab = zip(tabs, floors, strict=True)
        self.at_once(order, *(self._answer(tab, results, floor) for tab, floor in each_tab))
        given = {each.approval_id for each in results if isinstance(each, Approval)}
        fresh = self._approvals() - before
        promise("I11 one approval, whoever is first", len(given) <= 1 and len(fresh) <= 1, results)
        died = self.next_if_died(results)
        promise("I11 the same person gets the same answer", fresh <= given or died, results)

    def _approvals(self) -> set[str]:
        return {row["id"] for row in self.books.rows("SELECT id FROM approval")}

    async def _answer(self, answer: Answering, results: list[Result], floor: Floor) -> None:
        facts: dict[str, Any] = {"digest": answer.digest, "owner": answer.owner, "at": floor.kit.clock()}
        try:
            given = await floor.approve(answer.shown, answer.by, **facts)
            self.world.fate.meets(ANSWER_LOST)
            results.append(given)
        except (StudioError, Died) as refused:
            results.append(refused)
            self.tally[f"refused: {type(refused).__name__}"] += isinstance(refused, StudioError)

    def say_yes(self, answer: Answering) -> None:
        """Whoever may, gets what they asked for; nobody else changes a row."""
        again = answer.given(self.books)
        right = answer.names_the_offer and answer.shown.id not in self.world.altered
        first = right and not self.is_approved(answer.shown) and answer.may_be_first(self.books)
        before = self.books.money()
        results: list[Result] = []
        self.do(self._answer, answer, results, self.world.floor)
        (result,) = results
        lost = isinstance(result, Died) and str(result) == ANSWER_LOST
        if isinstance(result, Approval):
            named = answer.names_the_offer and bool(again)
            promise("I12 nobody else's yes counts", first or named, answer, result)
            promise("I11 the same answer again", first or result.approval_id == again, answer, result)
        elif isinstance(result, StudioError):
            promise("I11 a good answer is taken", not (right and (first or again)), answer, result)
        if not first or (isinstance(result, Died) and not lost):
            promise("I10 all of it, or none", self.books.money() == before, answer, result)
        self.next_if_died(results)

    @rule(offer=Play.offers)
    def its_reader_says_no(self, offer: Quote) -> None:
        money = [self.books.money()]

        async def decline() -> None:
            try:
                async with self.world.database.transaction() as connection:
                    await quotes.decline(
                        connection, offer.id, by=offer.owner, reason=None, at=self.world.now()
                    )
            finally:
                money.append(self.books.money())  # before another process starts, if this one died

        self.tries(decline, Conflict)
        promise("I12 a no moves no money", money[0] == money[1], offer.id)

    @rule(offer=Play.offers, how=st.sampled_from(ALTERATIONS))
    def somebody_alters_what_is_stored(self, offer: Quote, how: str) -> None:
        """A hand in the database: what is altered is not sent."""
        if "approval" not in how or self.is_approved(offer):
            self.world.outside.write(how, offer.id)
            self.world.altered.add(offer.id)

    # --- people's last words ---

    @precondition(lambda self: bool(self.any_job()))
    @rule(pick=PICK)
    def somebody_cancels(self, pick: int) -> None:
        before = self.books.job(chosen(self.any_job(), pick))
        kit = self.world.floor.kit
        done = self.tries(lambda: render.cancel(kit, before["id"], owner=before["owner"]), Conflict)
        after = self.books.job(before["id"])
        if before["state"] == "ready" and done:
            promise("I21 before it is sent it is released at once", after["state"] == "released", after)
        elif before["state"] != "ready":
            promise("I21 after that the vendor's word counts", after["state"] == before["state"], after)

    @precondition(lambda self: self.jobs("unknown", "quarantined"))
    @rule(pick=PICK, charged=st.sampled_from(["0", "0.04", "0.30", "3"]), by=PEOPLE)
    def a_person_says_what_was_charged(self, pick: int, charged: str, by: str) -> None:
        job = self.books.job(chosen(self.jobs("unknown", "quarantined"), pick))
        said, kit = Money.usd(charged), self.world.floor.kit
        if self.tries(lambda: render.resolve(kit, job["id"], said, owner=by, by=by), NotFound):
            self.world.told.add(job["id"])
            promise("I24 only the owner's word counts", by == job["owner"], job)

    @precondition(lambda self: bool(self.frozen_budgets()))
    @rule(pick=PICK, by=PEOPLE)
    def a_person_thaws_a_budget(self, pick: int, by: str) -> None:
        row = chosen(self.frozen_budgets(), pick)
        wall = Wall(row["scope"], self.world.limits.of(row["scope"]))

        async def thaw() -> None:
            async with self.world.database.transaction() as connection:
                await ledger.thaw(connection, wall, row["period"], by=by, at=self.world.now())

        self._ease(row["scope"], row["period"], "thaw", by, self.tries(thaw))

    @rule(scope=SCOPES, usd=st.sampled_from(["0", "0.30", "1", "4"]), by=PEOPLE)
    def a_person_changes_a_limit(self, scope: str, usd: str, by: str) -> None:
        month, now = period(self.world.now()), self.world.now()
        wall = Wall(scope, self.world.limits.of(scope))

        async def limit() -> None:
            async with self.world.database.transaction() as connection:
                await ledger.set_limit(connection, wall, month, Money.usd(usd), by=by, at=now)

        self._ease(scope, month, "limit", by, self.tries(limit))

    def _ease(self, scope: str, month: str, action: str, by: str, done: bool) -> None:  # noqa: FBT001
        if done:
            self.world.eased.add((scope, month))
            (last,) = self.books.rows("SELECT * FROM audit ORDER BY seq DESC LIMIT 1")
            told = (last["principal"], last["action"], last["subject"])
            promise("I26 a person's hand in a budget is on record", told == (by, action, scope), last)

"""What work, time, processes and the vendor do: late, twice, at once, or not at all."""

import json
from contextlib import suppress
from datetime import UTC, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.conftest import Floor
from tests.fate import MOMENTS
from tests.invariants import promise
from tests.outside import Row
from tests.play import ORDER, PICK, Play, chosen
from tests.vendor import SIGNED, Accepted
from tests.world import Frozen
from tools import render
from tools.clock import stamp
from tools.errors import Conflict, NotFound

HANDS = st.sampled_from(["submit_job", "finish_job", "look", "sweep", "cancel"])
SETTLED = ("budget", "entry", "approval")


class Labour(Play):
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

    @precondition(lambda self: self.has_due())
    @rule(pick=PICK)
    def a_piece_of_due_work_is_done(self, pick: int) -> None:
        self.do(self.world.finish_due, *chosen(self.world.due(), pick))

    @rule(pick=PICK)
    def a_while_goes_by_as_it_should(self, pick: int) -> None:
        """Due work is done, time passes, the studio looks, and does what became due."""
        self.all_due_work_is_done()
        self.time_passes(pick)
        self.the_studio_looks()
        self.all_due_work_is_done()

    @precondition(lambda self: self.has_due())
    @rule()
    def all_due_work_is_done(self) -> None:
        for each in self.world.due():
            self.do(self.world.finish_due, *each)

    @rule()
    def the_studio_looks(self) -> None:
        if not self.do(self.world.look):
            return
        late = self.books.rows(
            "SELECT * FROM job WHERE state = 'ready' AND submit_by < ?", stamp(self.world.now())
        )
        promise("I16 a late job is released", not late, [row["id"] for row in late])

    @precondition(lambda self: bool(self.any_job()))
    @rule(work=st.sampled_from(["submit_job", "finish_job"]), pick=PICK)
    def the_engine_does_work_again(self, work: str, pick: int) -> None:
        job_id = chosen(self.any_job(), pick)
        self.tries(lambda: self.world.do(work, job_id))

    @precondition(lambda self: bool(self.any_job()))
    @rule(one=HANDS, other=HANDS, pick=PICK, order=ORDER)
    def two_processes_have_their_hands_on_one_job(self, one: str, other: str, pick: int, order: int) -> None:
        job = self.books.job(chosen(self.any_job(), pick))
        floors = self.world.floor, self.do(self.world.another)
        acts = zip((one, other), floors, strict=True)
        self.at_once(order, *(self.world.survive(self._lay_hands_on(job, act, floor)) for act, floor in acts))

    async def _lay_hands_on(self, job: Row, act: str, floor: Floor) -> None:
        match act:
            case "look":
                await render.look_after(floor.kit)
            case "sweep":
                await render.sweep(floor.kit)
            case "cancel":
                with suppress(Conflict):
                    await render.cancel(floor.kit, job["id"], owner=job["owner"])
            case work:
                await self.world.do(work, job["id"], floor)

    # --- processes that die or stop ---

    @rule(moment=st.sampled_from(MOMENTS), after=st.integers(0, 3))
    def the_process_will_die(self, moment: str, after: int) -> None:
        self.world.fate.awaits(moment, after)

    @rule(moment=st.sampled_from(MOMENTS), after=st.integers(0, 2), pick=PICK)
    def the_process_dies_at_its_work(self, moment: str, after: int, pick: int) -> None:
        self.world.fate.awaits(moment, after)
        self.a_while_goes_by_as_it_should(pick)

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
        if before["fence"] != frozen.fence or before["state"] != "submitting":
            self._lost_its_lease(frozen, before)

    def _lost_its_lease(self, frozen: Frozen, before: Row) -> None:
        """Somebody else has the job: nothing may be written but what nobody else can know.

        That is the vendor's name for what is lost, or the bill of what a person said cost nothing.
        """
        after = self.books.job(frozen.job_id)
        adopted = (before["state"], after["state"]) == ("unknown", "running")
        states = (before["state"], after["state"], before["charged_micros"], after["charged_micros"])
        billed = states == ("released", "released", 0, after["ceiling_micros"])
        kept = adopted or billed or before == after
        promise("I20 who lost the lease writes nothing", kept, before, after)
        self.tally["woke up adopted" if adopted else "woke up fenced"] += 1

    # --- the vendor ---

    @rule(shot=st.integers(1, 4), pick=PICK)
    def the_vendor_changes_its_mood(self, shot: int, pick: int) -> None:
        mood = chosen(self.setting.moods, pick)
        self.world.vendor.moods = {n: m for n, m in self.world.vendor.moods.items() if n != shot}
        if mood is not None:
            self.world.vendor.moods[shot] = mood

    @precondition(lambda self: self.world.vendor.addresses)
    @rule(pick=PICK, times=st.integers(1, 2))
    def the_vendor_calls(self, pick: int, times: int) -> None:
        """At any time, in any order, more than once; before our own record of the job, or long after."""
        job = self._job_to_call_about(pick)
        token = self.world.vendor.addresses[job.id].rpartition("/")[2]
        for _ in range(times):
            self._hear(token, SIGNED, job)
        self.tally["webhook heard"] += 1

    @precondition(lambda self: self.world.vendor.addresses)
    @rule(pick=PICK, forged=st.booleans())
    def a_stranger_calls(self, pick: int, forged: bool) -> None:  # noqa: FBT001
        """With the right address and no signature, or with a signed call to an address that no take has."""
        job = self._job_to_call_about(pick)
        token = self.world.vendor.addresses[job.id].rpartition("/")[2]
        before = self.books.rows("SELECT * FROM vendor_event")
        self._hear(token if forged else f"{token}x", {} if forged else SIGNED, job)
        self.tally["forged call" if forged else "call to no address"] += 1
        promise("I24 a stranger is not heard", self.books.rows("SELECT * FROM vendor_event") == before, job)

    def _job_to_call_about(self, pick: int) -> Accepted:
        called = sorted(self.world.vendor.addresses)
        return self.world.vendor.meter[chosen(called, pick)]

    def _hear(self, token: str, headers: dict[str, str], job: Accepted) -> None:
        body = json.dumps({"event": f"{job.id} has changed", "job": job.id}).encode()
        kit, before = self.world.floor.kit, self._settled()
        self.tries(lambda: render.hear(kit, "rehearsal", token, headers, body), NotFound)
        promise("I19 a webhook settles nothing", self._settled() == before, job)

    def _settled(self) -> list[list[Row]]:
        states = "SELECT id, state, charged_micros, provider_job_id FROM job ORDER BY id"
        budgets = "SELECT * FROM budget ORDER BY scope, period"
        return self.books.outside.tables(states, budgets, "SELECT seq FROM entry ORDER BY seq")

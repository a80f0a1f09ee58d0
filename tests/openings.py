"""How stories begin: each at a place where rare things happen, so that none is left to luck."""

from collections.abc import Callable
from functools import partial

from tests.fate import MOMENTS
from tests.machine import Machine
from tests.people import ALTERATIONS, Answering
from tests.play import PROJECT, SECOND, Setting
from tools.quotes import Quote

Opening = Callable[[Machine, Quote], None]


def nothing_yet(_machine: Machine, _first: Quote) -> None:
    """All is left to chance."""


def doomed(moment: str, machine: Machine, _first: Quote) -> None:
    """The process dies at that moment, as soon as it comes to it: a second film is approved, or a job stopped."""
    again = machine.offer("ann", "A gate", [1], PROJECT, None)
    assert again is not None
    machine.world.vendor.moods = {1: "hide"} if moment == "before the search is answered" else {1: "slow"}
    stops = moment.endswith(("the vendor stops", "the vendor stopped"))
    if stops:
        machine.all_due_work_is_done()
    if moment == "before fetching":
        machine.world.vendor.moods = {}
    machine.world.fate.awaits(moment)
    machine.say_yes(Answering(again, "ann", again.digest, "ann"))
    if stops:
        machine.somebody_cancels(0)
    for _ in range(2):
        machine.a_while_goes_by_as_it_should(SECOND)


def overrun(machine: Machine, _first: Quote) -> None:
    """The vendor bills twice its price, the budget freezes, a person asks again, then thaws it."""
    machine.world.vendor.moods = {1: "overrun"}
    machine.a_while_goes_by_as_it_should(SECOND)
    machine.a_while_goes_by_as_it_should(SECOND)
    asked(machine, [1], minutes=0)
    if machine.frozen_budgets():
        machine.a_person_thaws_a_budget(0, "ann")


def lost(mood: str, machine: Machine, _first: Quote) -> None:
    machine.world.vendor.moods = {1: mood}
    for _ in range(6):
        machine.a_while_goes_by_as_it_should(SECOND)
        machine.world.pass_time(61)


def explained(machine: Machine, first: Quote) -> None:
    """What came of a lost answer is a person's word."""
    machine.world.vendor.moods = {1: "lose-answer"}
    machine.all_due_work_is_done()
    if machine.jobs("unknown"):
        machine.a_person_says_what_was_charged(0, "0.04", first.owner)


def altered(machine: Machine, first: Quote) -> None:
    machine.somebody_alters_what_is_stored(first, ALTERATIONS[0])
    machine.all_due_work_is_done()


def late(machine: Machine, _first: Quote) -> None:
    """Nothing was sent for a quarter of an hour."""
    machine.world.pass_time(15 * 60 + 1)
    machine.the_studio_looks()


def two_on_the_line(machine: Machine, _first: Quote) -> None:
    """The first worker stopped in its POST, its lease ran out, so did the second's luck; then the first wakes up."""
    machine.a_worker_stops_in_the_middle_of_its_post(0, beside=True)
    machine.world.pass_time(61)
    machine.a_worker_stops_in_the_middle_of_its_post(0, beside=True)
    if machine.world.frozen:
        machine.a_stopped_worker_wakes_up(0)


def answered_late(machine: Machine, _first: Quote) -> None:
    """A request stays on the line until the answer was given up for lost, and then is answered."""
    machine.a_worker_stops_in_the_middle_of_its_post(0, beside=True)
    machine.world.pass_time(61)
    machine.the_studio_looks()
    machine.all_due_work_is_done()
    if machine.world.frozen:
        machine.a_stopped_worker_wakes_up(0)


def owned(machine: Machine, first: Quote) -> None:
    """The film is made; and the same one is asked for again."""
    machine.world.vendor.moods = {}
    for _ in range(3):
        machine.a_while_goes_by_as_it_should(SECOND)
    machine.the_same_is_offered_again(first)


def bettered(machine: Machine, first: Quote) -> None:
    """A shot of the film that is made shall be another; the rest of it stays."""
    owned(machine, first)
    made = machine.one_shot_alone(first, 1)
    if made is not None:
        machine.its_reader_says_yes(made)


def talked_over(machine: Machine, _first: Quote) -> None:
    """An edit of the film takes the place of the offer that was open."""
    for seconds in (1, 2):
        machine.offer("ann", "A loom", [seconds], PROJECT, "chat_ann")


def called(machine: Machine, _first: Quote) -> None:
    """The answer is lost, and the vendor calls; and so does a stranger."""
    machine.world.vendor.moods = {1: "lose-answer"}
    machine.all_due_work_is_done()
    if machine.world.vendor.addresses:
        machine.a_stranger_calls(0, forged=True)
        machine.a_stranger_calls(0, forged=False)
        machine.the_vendor_calls(0, 2)
        machine.world.pass_time(61)
        machine.the_studio_looks()


def stopped(machine: Machine, _first: Quote) -> None:
    machine.world.vendor.moods = {1: "slow"}
    machine.all_due_work_is_done()
    machine.somebody_cancels(0)
    machine.a_while_goes_by_as_it_should(SECOND)


def sold_out(machine: Machine, _first: Quote) -> None:
    """More is wanted than any wall has room for."""
    for _ in range(4):
        asked(machine, [8, 8, 8, 8], minutes=0)


def read_too_late(machine: Machine, _first: Quote) -> None:
    asked(machine, [1], minutes=31)


def declined(machine: Machine, _first: Quote) -> None:
    made = machine.offer("ann", "A loom", [1], PROJECT, None)
    assert made is not None
    machine.its_reader_says_no(made)


def asked(machine: Machine, seconds: list[int], minutes: int) -> None:
    """An offer, and a yes to it so many minutes later."""
    made = machine.offer("ann", "A loom", seconds, PROJECT, None)
    assert made is not None
    machine.world.pass_time(60 * minutes)
    machine.say_yes(Answering(made, "ann", made.digest, "ann"))


OPENINGS: tuple[Opening, ...] = (
    nothing_yet,
    *(partial(doomed, moment) for moment in MOMENTS),
    *(partial(lost, mood) for mood in ("lose-answer", "hide", "forget", "no-cost", "fail")),
    overrun,
    explained,
    altered,
    late,
    two_on_the_line,
    answered_late,
    owned,
    bettered,
    talked_over,
    called,
    stopped,
    sold_out,
    read_too_late,
    declined,
)
EVERYTHING = Setting(openings=OPENINGS)

# What the stories must have come to; a machine that never reaches a path proves nothing about it.
REACHED = (
    *(f"died {moment}" for moment in MOMENTS),
    "job submitting -> unknown",
    "job unknown -> running",
    "job unknown -> failed",
    "job running -> unknown",
    "job running -> canceled",
    "job running -> succeeded",
    "job running -> failed",
    "job ready -> quarantined",
    "job ready -> released",
    "quote issued -> superseded",
    "quote issued -> expired",
    "quote issued -> declined",
    "charged: reported",
    "charged: assumed",
    "charged: person",
    "billed above the ceiling",
    "a person's thaw",
    "a person's limit",
    "offered at $0 again",
    "offered with takes that stay",
    "webhook heard",
    "forged call",
    "call to no address",
    "woke up fenced",
    "woke up adopted",
    "refused: AlreadyApproved",
    "refused: BudgetExceeded",
    "refused: DigestMismatch",
    "refused: Frozen",
    "refused: QuoteExpired",
)

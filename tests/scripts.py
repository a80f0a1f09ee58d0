"""How a vendor may behave, and what else may happen to one rendering."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

VendorClass = Literal["key", "search", "webhook", "blind"]
CLASSES: tuple[VendorClass, ...] = get_args(VendorClass)

WORK = timedelta(seconds=30)
CLAIMED, SENT = "after send.submit: _claim", "after send.submit: _in_time"
RECORDED, SPILLED = "before record.record: commit", "before spill.keep: anyio.to_thread.run_sync"
FOR_EVER = 1_000

Bill = Literal["its price", "above the ceiling", "nothing"]
Report = Literal["the bill", "no cost", "zero", "a negative cost"]
Person = Literal["cancels before", "cancels under way", "cancels at the end", "says what was charged"]


@dataclass(frozen=True, slots=True)
class Script:
    """How a vendor behaves, and what else happens in a story, beside one process's death."""

    name: str
    answer: Literal["given", "lost", "refused"] = "given"
    fails: bool = False
    bill: Bill = "its price"
    report: Report = "the bill"
    unknown_looks: int = 0  # so often it says 404 to a job that it took
    calls: int = 1  # how often each webhook comes
    calls_early: bool = False  # before the answer is on record
    work: timedelta = WORK
    late: Literal["the loop", "a worker"] | None = None  # who comes first once the approval is too old
    broken_fetches: int = 0
    shots: int = 1
    died_at: str | None = None  # a process has died there before the one that this is about
    altered: bool = False  # behind our back, once the first process is dead
    person: Person | None = None
    reports_cost: bool = True
    joins: bool = False  # the film as well
    again: bool = False  # once it is there, the same film is approved again
    refused_shot: int | None = None
    full: tuple[str, ...] = ()  # points at which the disk takes nothing, the first time

    def __str__(self) -> str:
        return self.name


SCRIPTS = (
    Script("accepts and answers"),
    Script("loses the answer", answer="lost"),
    Script("refuses", answer="refused"),
    Script("fails, and bills it", fails=True),
    Script("fails, and bills nothing", fails=True, bill="nothing"),
    Script("fails, and does not say what it bills", fails=True, report="no cost"),
    Script("reports no cost", report="no cost"),
    Script("never reports costs", report="no cost", reports_cost=False),
    Script("reports a cost of zero", report="zero"),
    Script("reports a cost below zero", report="a negative cost"),
    Script("bills above the ceiling", bill="above the ceiling"),
    Script("knows the job only at the fourth look", unknown_looks=3),
    Script("knows the job only at the ninth look", unknown_looks=8),
    Script("forgets the job", unknown_looks=FOR_EVER),
    Script("calls before its answer is on record", calls_early=True),
    Script("calls three times", calls=3),
    Script("loses the answer, and calls three times", answer="lost", calls=3, calls_early=True),
    Script("has a broken link, twice", broken_fetches=2),
    Script("has one place for two jobs", shots=2),
    Script("has one place for two jobs, and loses the first answer", shots=2, answer="lost"),
    Script("works for long", work=timedelta(minutes=3)),
    Script("the approval grows old, and the loop sees it", late="the loop"),
    Script("the approval grows old, and a worker sees it", late="a worker"),
    Script("a process died before it sent", died_at=CLAIMED),
    Script("a process died with the answer in memory", died_at=SENT),
    Script("a process died before it sent, and the offer was altered", died_at=CLAIMED, altered=True),
    Script("the offer was altered", died_at="after approvals.approve: commit", altered=True),
    Script("a person cancels before it is sent", person="cancels before"),
    Script("a person cancels", person="cancels under way"),
    Script("a person cancels as it ends", person="cancels at the end"),
    Script("a person says what was charged", answer="lost", person="says what was charged"),
    Script("a person says that nothing was charged", died_at=CLAIMED, person="says what was charged"),
    Script("a process died before it brought the clip home", died_at="after settle.settle: commit"),
    Script("the same film again", again=True, joins=True),
    Script("the disk is full as the answer is recorded", full=(RECORDED,)),
    Script("the disk is full as a lost answer is recorded", answer="lost", full=(RECORDED,)),
    Script("the disk is full as a refusal is recorded", answer="refused", full=(RECORDED,)),
    Script("no disk takes the answer", full=(RECORDED, SPILLED)),
    Script("a film is joined", joins=True),
    Script("a shot fails and a film is joined", shots=2, refused_shot=2, joins=True),
)

"""What the studio does about everything that can go wrong at a vendor: its money, and its jobs."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from tests.conftest import BOTH, Clock, Floor, Sketch, billed, charged, check_books, film_of, meter, rows
from tests.test_wire import Peer, answer, listening
from tools import render
from tools.errors import NotFound
from tools.jobs import Job
from tools.providers.rehearsal import Terms
from tools.providers.rehearsal.faults import FAULTS
from tools.quotes import Quote

DATABASES = BOTH

End = tuple[str, str | None, str]  # its state, where the charge comes from, and the charge

NOTHING: End = ("failed", None, "0.00")
FINE: End = ("succeeded", "reported", "0.04")
WHOLE_HOLD: End = ("succeeded", "assumed", "0.05")

# The state once it is sent, and its end.
ENDS: dict[str, tuple[str, End]] = {
    "refuse": ("failed", NOTHING),
    "busy": ("failed", NOTHING),
    "busy-bare": ("failed", NOTHING),
    "lose-answer": ("unknown", FINE),
    "half-answer": ("unknown", FINE),
    "server-error": ("unknown", FINE),
    "no-id": ("unknown", FINE),
    "garbage": ("unknown", FINE),
    "trickle": ("unknown", FINE),
    "silent": ("unknown", FINE),
    "slow": ("running", FINE),
    "odd-word": ("running", FINE),
    "backwards": ("running", FINE),
    "blink": ("running", FINE),
    "fail": ("running", ("failed", "reported", "0.00")),
    "no-cost": ("running", WHOLE_HOLD),
    "zero-cost": ("running", WHOLE_HOLD),
    "late-cost": ("running", WHOLE_HOLD),
    "overrun": ("running", ("succeeded", "reported", "0.08")),
    "expired-link": ("running", FINE),
    "repeat-webhook": ("running", FINE),
    "shuffle-webhook": ("running", FINE),
}
# What never ends by itself: the state once it is sent, and for as long as anybody looks.
STUCK = {
    "hang-up": ("unknown", "unknown"),
    "endless": ("running", "running"),
    "forget": ("running", "unknown"),
}


async def sent(floor: Floor, clock: Clock, fault: str, terms: Terms | None = None) -> Quote:
    """One shot at a vendor with this fault, which is not waited for as long as a real one."""
    folder = floor.studio.config.data_dir / "vendors" / "rehearsal"
    vendor = Sketch(folder, clock, fault, terms, answer_seconds=0.3)
    await floor.stack.enter_async_context(vendor.opened())
    floor.use(vendor)
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    await floor.work()
    return offer


async def only_job(floor: Floor, offer: Quote) -> Job:
    (job,) = await floor.jobs(offer)
    return job


async def held(floor: Floor) -> int:
    ((micros,),) = await rows(floor.database, "SELECT held_micros FROM budget")
    return micros


def test_every_fault_has_its_end() -> None:
    assert ENDS.keys() | STUCK.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", ENDS)
async def test_each_fault_ends_with_the_money_where_it_belongs(
    floor: Floor, clock: Clock, tmp_path: Path, fault: str
) -> None:
    once_sent, end = ENDS[fault]
    offer = await sent(floor, clock, fault)
    first, first_held = await only_job(floor, offer), await held(floor)
    made = await floor.finish(offer)
    await floor.work()

    assert first.state == once_sent
    assert first_held == (0 if first.closed else 50_000)  # until the vendor's last word, all of it
    assert [(job.state, job.charge_source, str(job.charged)) for job in made] == [end]
    assert await held(floor) == 0
    assert [job.takes for job in made] == [1]
    assert len(meter(tmp_path)) == (0 if end == NOTHING else 1)
    assert billed(tmp_path) <= charged(made)
    assert (await only_job(floor, offer)).clip_id is not None or end[0] == "failed"
    await check_books(floor.database, overrun=fault == "overrun")


@pytest.mark.parametrize("fault", STUCK)
async def test_what_never_ends_keeps_its_hold_and_is_sent_once(
    floor: Floor, clock: Clock, tmp_path: Path, fault: str
) -> None:
    once_sent, at_last = STUCK[fault]
    offer = await sent(floor, clock, fault)
    first = await only_job(floor, offer)
    for _ in range(20):
        await floor.tick(minutes=2)
    last = await only_job(floor, offer)

    assert (first.state, last.state) == (once_sent, at_last)
    assert (last.takes, last.charged, await held(floor)) == (1, None, 50_000)
    assert len(meter(tmp_path)) == (0 if fault == "hang-up" else 1)
    await check_books(floor.database)


@pytest.mark.parametrize("fault", ["lose-answer", "half-answer", "server-error", "no-id", "silent"])
async def test_an_answer_that_a_blind_vendor_lost_is_a_persons_to_find(
    floor: Floor, clock: Clock, tmp_path: Path, fault: str
) -> None:
    offer = await sent(floor, clock, fault, Terms(keys=False, search=False))
    for _ in range(20):
        await floor.tick(minutes=2)
    job = await only_job(floor, offer)

    assert (job.state, job.takes, await held(floor)) == ("unknown", 1, 50_000)
    assert len(meter(tmp_path)) == 1
    await check_books(floor.database)


# --- calling back --------------------------------------------------------------------------


@dataclass
class Door:
    """Ours, for webhooks: what is called there is heard by the studio, and then stands in `heard`."""

    port: int = 0
    heard: list[bytes] = field(default_factory=list[bytes])


@asynccontextmanager
async def open_door(floor: Floor) -> AsyncGenerator[Door]:
    door = Door()

    async def hear(peer: Peer, stream: SocketStream) -> None:
        while True:
            request = await peer.listen(stream)
            head, _, body = request.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            vendor, token = first.split()[1].removeprefix("/webhooks/").split("/")
            await render.hear(floor.kit, vendor, token, headers, body)
            door.heard.append(request)
            await stream.send(answer("204 No Content"))

    async with listening(hear) as peer:
        door.port = peer.port
        yield door


async def heard(door: Door, count: int) -> list[str]:
    """The events of the calls, as soon as there are so many."""
    with anyio.fail_after(60):
        while len(door.heard) < count:  # noqa: ASYNC110 -- they come over a socket
            await anyio.sleep(0.01)
    return [json.loads(call.partition(b"\r\n\r\n")[2])["event"] for call in door.heard]


@pytest.mark.parametrize(
    ("fault", "early", "calls"),
    [
        ("", 1, ["begun", "ended"]),
        ("repeat-webhook", 3, ["begun"] * 3 + ["ended"] * 3),
        ("shuffle-webhook", 0, ["ended", "begun"]),
    ],
)
async def test_calls_in_any_number_and_order_bring_the_end_forward_once(
    floor: Floor, clock: Clock, tmp_path: Path, fault: str, early: int, calls: list[str]
) -> None:
    door, offer = await calling_back(floor, clock, fault)
    await heard(door, early)
    await floor.tick(seconds=10)
    assert await heard(door, len(calls)) == calls
    await floor.tick()
    made = await floor.finish(offer)

    assert [(job.state, job.charge_source, str(job.charged)) for job in made] == [FINE]
    assert await rows(floor.database, "SELECT COUNT(*) FROM vendor_event") == [(2,)]
    assert charged(made) == billed(tmp_path)
    await check_books(floor.database)


async def calling_back(floor: Floor, clock: Clock, fault: str) -> tuple[Door, Quote]:
    """A vendor that calls at our door, and that is asked once in an hour."""
    door = await floor.stack.enter_async_context(open_door(floor))
    folder = floor.studio.config.data_dir / "vendors" / "rehearsal"
    vendor = Sketch(folder, clock, fault, Terms(webhooks=True))
    vendor.capabilities = replace(vendor.capabilities, poll_seconds=3_600)
    await floor.stack.enter_async_context(vendor.opened())
    floor.use(vendor, public_url=f"http://127.0.0.1:{door.port}")
    offer = await floor.quote(film_of(1))
    await floor.approve(offer)
    await floor.work()
    return door, offer


async def test_a_call_that_the_vendor_did_not_sign_is_not_heard(floor: Floor, clock: Clock) -> None:
    door, _ = await calling_back(floor, clock, "")
    await heard(door, 1)
    head, _, body = door.heard[0].partition(b"\r\n\r\n")
    vendor, token = floor.kit.providers["rehearsal"], head.split()[1].rpartition(b"/")[2].decode()
    genuine = head.lower().partition(b"rehearsal-signature: ")[2][:64].decode()
    forged = {"rehearsal-signature": genuine[::-1]}

    assert vendor.nudge({"rehearsal-signature": genuine}, body) is not None
    assert vendor.nudge({"rehearsal-signature": genuine}, body + b" ") is None
    with pytest.raises(NotFound):
        await render.hear(floor.kit, "rehearsal", token, forged, body)

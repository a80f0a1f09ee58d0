"""What each vendor bills, through the real studio: captured as it is reported, held where it is not."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Clock, Floor, check_books, dump, film_of, rows
from tests.vendors import KEY, Fake, listening, open_with, priced
from tests.vendors.every import ROWS
from tests.vendors.row import CLIP, Row
from tools import render
from tools.money import ZERO, Money
from tools.quotes import Quote
from tools.studio import MODERATED, Config

DATABASES = ("sqlite", "postgres")
Configs = Callable[..., Config]
BILLERS = [row for row in ROWS if row.bills]
every_vendor = pytest.mark.parametrize("row", ROWS, ids=str)
every_biller = pytest.mark.parametrize("row", BILLERS, ids=str)
every_caller = pytest.mark.parametrize("row", [row for row in ROWS if row.calls], ids=str)


@dataclass
class Sold:
    """A studio with a vendor set up, and an approved offer of one shot of four seconds."""

    floor: Floor
    vendor: Fake
    offer: Quote


@asynccontextmanager
async def sold(row: Row, config: Configs, clock: Clock, folder: Path) -> AsyncGenerator[Sold]:
    fake = row.fake()
    fake.clip = CLIP
    async with listening(fake) as vendor:
        set_up = config(
            prices=priced(folder, row.prices),
            public_url="https://studio.example",
            **row.settings(vendor),
        )
        async with open_with(set_up, clock, row.provider) as floor:
            chosen = floor.studio.offer(row.provider, row.request.model)
            offer = await floor.studio.quote(film_of(1, seconds=4), chosen, owner="ann")
            await floor.approve(offer)
            yield Sold(floor, vendor, offer)


@every_biller
@pytest.mark.parametrize(
    ("bill", "charged", "source"),
    [
        ("0.25", "0.25", "reported"),
        ("0.42", "0.42", "reported"),
        (None, "0.42", "assumed"),
        ("0", "0.42", "assumed"),
    ],
)
async def test_a_clip_is_charged_what_its_vendor_reports_and_its_whole_hold_where_it_does_not(
    row: Row,
    bill: str | None,
    charged: str,
    source: str,
    config: Configs,
    clock: Clock,
    tmp_path: Path,
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.bill = bill
        [job] = await made.floor.finish(made.offer)
        await check_books(made.floor.database)

    assert made.offer.ceiling == Money.usd("0.42")
    assert (job.state, job.charged, job.charge_source) == ("succeeded", Money.usd(charged), source)
    assert made.vendor.posts == 1


@every_biller
async def test_a_bill_above_what_was_approved_is_captured_and_nothing_more_is(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.bill = "0.50"
        [job] = await made.floor.finish(made.offer)
        frozen = await rows(made.floor.database, "SELECT frozen_reason FROM budget WHERE scope = 'month'")
        await check_books(made.floor.database, overrun=True)

    assert (job.charged, job.charge_source) == (Money.usd("0.50"), "reported")
    assert frozen[0][0].startswith(job.id)


@every_biller
@pytest.mark.parametrize("bill", ["0", "0.25", None])
async def test_what_moderation_stopped_after_the_work_is_charged_by_its_bill(
    row: Row, bill: str | None, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.word, made.vendor.why, made.vendor.bill = "failed", "against the rules", bill
        [job] = await made.floor.finish(made.offer)
        await check_books(made.floor.database)

    assert (job.state, job.error) == ("failed", "against the rules")
    assert job.charged == (made.offer.ceiling if bill is None else Money.usd(bill))


@every_vendor
async def test_what_moderation_stopped_after_the_work_is_charged_in_full_where_the_offer_says_so(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    in_full = row.bills_moderated is True
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.word, made.vendor.why = "failed", "against the rules"
        made.vendor.bill = str(made.offer.expected) if in_full else "0"
        [job] = await made.floor.finish(made.offer)
        capabilities = made.floor.kit.vendor(row.provider).capabilities
        await check_books(made.floor.database)

    assert job.charged == (made.offer.expected if in_full else ZERO)
    assert capabilities.bills_moderated is row.bills_moderated
    assert (MODERATED in made.offer.notes) is in_full


@every_vendor
async def test_what_moderation_stopped_before_the_work_costs_nothing(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.on_submit = made.vendor.complaint("against the rules", 400)
        [job] = await made.floor.finish(made.offer)
        await check_books(made.floor.database)

    assert (job.state, job.charged) == ("failed", ZERO)
    assert "against the rules" in str(job.error)
    assert made.vendor.posts == 1


@every_vendor
async def test_a_lost_answer_keeps_its_hold_and_is_never_sent_again(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.loses_answers = True
        for _ in range(3):
            await made.floor.tick(minutes=10)
        [job] = await made.floor.jobs(made.offer)
        budget = (await made.floor.studio.budgets())["month"]
        kept = str(await dump(made.floor.database))
        await check_books(made.floor.database)

    assert (job.state, made.vendor.posts) == ("unknown", 1)
    assert budget.held == made.offer.ceiling
    assert KEY not in kept


@every_caller
async def test_a_lost_answer_is_found_by_the_vendors_call(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.loses_answers, made.vendor.bill = True, "0.40"
        await made.floor.tick(seconds=1)
        [name], [address] = made.vendor.jobs, made.vendor.addresses
        for _ in range(2):  # it repeats itself
            call = made.vendor.call(name, "done", clock())
            token = address.rpartition("/")[2]
            await render.hear(made.floor.kit, row.provider, token, call.headers, call.body)
            await made.floor.tick(seconds=1)
        [job] = await made.floor.finish(made.offer)
        await check_books(made.floor.database)

    assert (job.state, job.provider_job_id) == ("succeeded", row.named_in_calls(name))
    assert job.charged == (Money.usd("0.40") if row.bills_by_name else made.offer.ceiling)
    assert made.vendor.posts == 1


@every_caller
async def test_calls_out_of_order_settle_nothing_that_the_vendor_does_not_confirm(
    row: Row, config: Configs, clock: Clock, tmp_path: Path
) -> None:
    async with sold(row, config, clock, tmp_path) as made:
        made.vendor.word = "running"
        await made.floor.tick(seconds=1)
        [name], [address] = made.vendor.jobs, made.vendor.addresses
        for word in ("done", "failed"):
            call = made.vendor.call(name, word, clock())
            token = address.rpartition("/")[2]
            await render.hear(made.floor.kit, row.provider, token, call.headers, call.body)
            await made.floor.tick(seconds=1)
        [job] = await made.floor.jobs(made.offer)
        budget = (await made.floor.studio.budgets())["month"]

    assert (job.state, job.charged) == ("running", None)
    assert budget.held == made.offer.ceiling

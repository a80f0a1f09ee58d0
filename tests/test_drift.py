"""What was billed teaches how far estimates are off; a charge nobody reported teaches nothing."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from click.testing import CliRunner
from inline_snapshot import snapshot

from api.cli import main
from tests.conftest import BOTH, Clock, Floor, film_of, open_floor
from tools import drift, quotes
from tools.drift import Drift
from tools.money import Money
from tools.quotes import Quote
from tools.studio import Config

DATABASES = BOTH


async def rendered(floor: Floor, shots: int, subject: str = "A lighthouse") -> Quote:
    offer = await floor.quote(film_of(shots, subject=subject))
    await floor.approve(offer)
    await floor.finish(offer)
    return offer


async def card(floor: Floor, offer: Quote) -> dict[str, object]:
    async with floor.database.reading() as connection:
        return await quotes.card(connection, offer)


async def every(floor: Floor) -> list[Drift]:
    async with floor.database.reading() as connection:
        return await drift.every(connection)


async def test_the_card_shows_past_error_from_the_fifth_bill_on(floor: Floor) -> None:
    await rendered(floor, 4)
    early = await card(floor, await floor.quote(film_of()))
    await rendered(floor, 1, "A harbour")
    await floor.edit("UPDATE job SET charged_micros = charged_micros + 1000")

    late = await card(floor, await floor.quote(film_of()))

    assert early["past_error"] is None
    assert late["past_error"] == snapshot(
        {
            "provider": "rehearsal",
            "model": "rehearsal-draft",
            "play_money": True,
            "bills": 5,
            "expected_usd": "0.20",
            "charged_usd": "0.205",
            "percent": "2.5",
            "above_ceiling": 0,
            "words": "the 5 bills so far were 2.5 % above expected",
        }
    )


async def test_past_error_is_no_part_of_what_is_offered(floor: Floor) -> None:
    offer = await floor.quote(film_of())
    await rendered(floor, 5, "A harbour")

    shown = await card(floor, await floor.stored(offer))

    assert shown["past_error"]
    assert quotes.verify(await floor.stored(offer))
    assert (await floor.approve(offer)).quote_id == offer.id
    assert (await card(floor, await floor.stored(offer)))["past_error"] is None


@pytest.mark.parametrize("fault", ["no-cost", "fail", "refuse", "lose-answer"])
async def test_only_a_reported_bill_for_a_clip_says_something(
    config: Callable[..., Config], clock: Clock, fault: str
) -> None:
    async with open_floor(config(rehearsal_faults=f"{fault}@1"), clock) as floor:
        offer = await floor.quote(film_of(2))
        await floor.approve(offer)
        await floor.work()
        for _ in range(5):
            await floor.tick(seconds=1)

        assert [(each.bills, each.percent) for each in await every(floor)] in ([(1, 0)], [(2, 0)])
        assert fault == "lose-answer" or (await every(floor))[0].bills == 1


async def test_the_audit_lists_the_furthest_off_first(config: Callable[..., Config], clock: Clock) -> None:
    async with open_floor(config(rehearsal_faults="overrun@1"), clock) as floor:
        await rendered(floor, 2)
        await floor.edit("INSERT INTO job (id, quote_id, n, owner, shot_id, provider, model, play_money, state,"
            " expected_micros, ceiling_micros, charged_micros, charge_source, created_at, submit_by)"
            " SELECT 'job_x', quote_id, 9, owner, shot_id, provider, 'another', play_money, 'succeeded',"
            " 100, 110, 90, 'reported', created_at, submit_by FROM job WHERE n = 1")  # fmt: skip
        found = await every(floor)

    assert [(each.model, each.percent, each.bills, each.above_ceiling) for each in found] == snapshot(
        [("rehearsal-draft", Decimal("50.0"), 2, 1), ("another", Decimal("-10.0"), 1, 0)]
    )
    assert found[1].in_words == "the 1 bill so far was 10.0 % below expected"


@pytest.mark.parametrize(
    ("charged", "words"),
    [
        (1_000_000, "as expected"),
        (1_000_400, "as expected"),
        (1_020_000, "2.0 % above expected"),
        (999_000, "0.1 % below expected"),
        (0, "100.0 % below expected"),
    ],
)
def test_drift_is_told_to_a_tenth_of_a_percent(charged: int, words: str) -> None:
    found = Drift("acme", "one", False, 7, Money(1_000_000), Money(charged), 0)  # noqa: FBT003 -- a row as it is read

    assert found.in_words == f"the 7 bills so far were {words}"


def test_before_any_bill_the_command_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    env = {"GREENLIGHT_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    told = CliRunner().invoke(main, ["prices", "audit"], env=env)
    listed = CliRunner().invoke(main, ["prices", "audit", "--json"], env=env)

    assert told.stdout == "No vendor has reported a bill yet.\n"
    assert listed.stdout == "[]\n"

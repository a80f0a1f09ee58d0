"""Time, as far as money is concerned, only goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.quotes import answer_yes
from tests.conftest import Clock, config_in, film_of
from tools import audit, quotes
from tools.approvals import Approver
from tools.clock import Ratchet, period, read_stamp, stamp
from tools.db import Database
from tools.errors import QuoteExpired
from tools.quotes import Quote
from tools.studio import Studio, open_studio

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_clock_that_is_set_back_stands_still() -> None:
    moments = iter([NOON, NOON + timedelta(hours=1), NOON - timedelta(days=9), NOON + timedelta(hours=2)])
    clock = Ratchet(lambda: next(moments), NOON)

    assert [clock() for _ in range(4)] == [NOON + timedelta(hours=each) for each in (0, 1, 1, 2)]


def test_stamps_are_read_as_they_were_written_and_sort_as_text() -> None:
    moments = [NOON + timedelta(microseconds=1), NOON, NOON + timedelta(days=400)]

    assert [read_stamp(stamp(each)) for each in moments] == moments
    assert sorted(map(stamp, moments)) == [stamp(each) for each in sorted(moments)]


def test_a_budget_month_is_a_month_in_utc() -> None:
    assert period(datetime.fromisoformat("2026-12-01T00:30:00+02:00")) == "2026-11"


async def test_an_offer_that_has_expired_is_not_reopened_by_a_clock_set_back_over_a_restart(
    tmp_path: Path,
) -> None:
    clock = Clock()
    async with open_studio(config_in(tmp_path), clock) as studio:
        offer = await studio.quote(film_of(1), studio.default_offer(), owner="ann")
        clock.move(hours=2)
        assert (await seen(studio, offer)).state == "expired"
    clock.move(hours=-2)

    async with open_studio(config_in(tmp_path), clock) as studio:
        with pytest.raises(QuoteExpired):
            await answer_yes(studio, offer.id, offer.digest, Approver("ann", "cli"), "ann")
        fresh = await studio.quote(film_of(1), studio.default_offer(), owner="ann")

    assert fresh.issued_at >= offer.expires_at


async def test_a_deed_of_a_process_whose_clock_is_behind_is_on_record_no_earlier_than_the_last(
    database: Database,
) -> None:
    deed = audit.Deed("worker", "send", "job_1", None, None)
    async with database.transaction() as connection:
        await audit.append(connection, deed, NOON)
        await audit.append(connection, deed, NOON - timedelta(hours=14))
        newest = await audit.newest(connection)

    assert newest == NOON


async def seen(studio: Studio, offer: Quote) -> Quote:
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        return await quotes.get(connection, offer.id)

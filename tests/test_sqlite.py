"""SQLite's connections are asked once for each statement, and say what the library's own would."""

from typing import Any

import anyio
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.db import Database
from tools.sqlite import ROWS

LONG = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"
)


class Trips:
    """In the place of the queue to a connection's thread: counts what is put there."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue
        self.made = 0

    def put_nowait(self, asked: Any) -> None:
        self.made += 1
        self._queue.put_nowait(asked)


async def trips_of(connection: AsyncConnection) -> Trips:
    driver: Any = (await connection.get_raw_connection()).driver_connection
    driver._tx = Trips(driver._tx)
    return driver._tx


@pytest.mark.parametrize(
    "statement", ["SELECT seq FROM audit", "UPDATE budget SET limit_micros = 1", "PRAGMA user_version"]
)
async def test_a_statement_is_one_trip_to_the_thread(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        trips = await trips_of(connection)
        await connection.execute(text(statement))

        assert trips.made == 1


async def test_what_was_found_and_changed_is_told_after_the_trip(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE reel (id INTEGER PRIMARY KEY, title TEXT UNIQUE)"))
        added = await connection.execute(
            text("INSERT INTO reel (title) VALUES (:title)"), [{"title": "One"}, {"title": "Two"}]
        )
        kept = await connection.execute(text("INSERT INTO reel (title) VALUES ('Three') RETURNING id, title"))
        changed = await connection.execute(text("UPDATE reel SET title = title || '!' WHERE id > 1"))
        found = await connection.execute(text("SELECT id, title FROM reel WHERE id > :id"), {"id": 1})

    assert (added.rowcount, kept.all(), changed.rowcount) == (2, [(3, "Three")], 2)
    assert (list(found.keys()), found.all()) == (["id", "title"], [(2, "Two!"), (3, "Three!")])


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS])
async def test_many_rows_are_all_there_at_once_and_one_by_one(database: Database, count: int) -> None:
    numbers = text(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {count}) SELECT i FROM n"
    )
    async with database.reading() as connection:
        at_once = (await connection.execute(numbers)).scalars().all()
        walked = [n async for n in (await connection.stream(numbers)).scalars()]
        begun = await connection.stream(numbers)
        first = await begun.scalars().fetchmany(2)
        await begun.close()

    assert (at_once, walked, first) == ([*range(1, count + 1)], at_once, at_once[:2])


async def test_of_many_rows_no_more_are_read_than_are_wanted(database: Database) -> None:
    async with database.reading() as connection:
        trips = await trips_of(connection)
        walk = (await connection.stream(text(LONG.replace("max(i)", "i")))).scalars()
        found = [await anext(walk) for _ in range(10)]
        await walk.close()

    assert found == [*range(1, 11)]
    assert trips.made <= 4  # the statement, its cursor's end, and the transaction's


async def test_a_statement_that_fails_leaves_its_connection_as_it_was(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE reel (title TEXT UNIQUE)"))
        for _ in range(2):
            await connection.execute(text("INSERT INTO reel VALUES ('One') ON CONFLICT DO NOTHING"))
        with pytest.raises(IntegrityError, match=r"UNIQUE constraint failed: reel\.title"):
            await connection.execute(text("INSERT INTO reel VALUES ('One')"))
        assert await connection.scalar(text("SELECT count(*) FROM reel")) == 1


async def test_who_stops_waiting_leaves_the_next_one_nothing_and_the_loop_can_end(database: Database) -> None:
    async with database.reading() as connection:
        await connection.scalar(text("SELECT 1"))
        with anyio.move_on_after(0.01) as waited:
            await connection.scalar(text(LONG))

    assert waited.cancelled_caught
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT 'another'")) == "another"

"""The schema on paper is the schema in the file, and money's rows stay as they were written."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.conftest import BOTH, Floor, check_audit, film_of, rows
from tools.db import MIGRATIONS, Database
from tools.tables import SCHEMA_HEAD, metadata

DATABASES = BOTH

ENGINES_OWN = "CREATE TABLE workflow_status (workflow_uuid TEXT PRIMARY KEY)"


def differences(connection: Connection) -> list[object]:
    """What a new revision would change, by the rule that the migrations themselves use."""

    def ours(_object: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or name in metadata.tables

    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True, "include_object": ours}
    )
    return compare_metadata(context, metadata)


async def test_the_migrations_lead_to_the_tables_as_written(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_every_check_of_the_tables_is_in_the_database(database: Database) -> None:
    names = (
        "SELECT conname FROM pg_constraint"
        if database.shared
        else "SELECT COALESCE(sql, '') FROM sqlite_master"
    )
    stored = " ".join(row[0] for row in await rows(database, names))
    checks = [
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if constraint.name
    ]

    assert [name for name in checks if name not in stored] == []


async def test_the_newest_revision_is_the_one_that_a_start_looks_for(database: Database) -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [SCHEMA_HEAD]
    assert await rows(database, "SELECT version_num FROM alembic_version") == [(SCHEMA_HEAD,)]


async def test_the_engines_tables_would_not_be_dropped(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text(ENGINES_OWN))

    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


DURABLE = {
    "sqlite": {"PRAGMA journal_mode": "wal", "PRAGMA synchronous": 2, "PRAGMA foreign_keys": 1},
    "postgresql": {
        "SHOW synchronous_commit": "on",
        "SHOW idle_in_transaction_session_timeout": "10s",
        "SHOW transaction_isolation": "read committed",
    },
}


async def test_what_is_written_is_durable(database: Database) -> None:
    async with database.transaction() as connection:
        wanted = DURABLE[connection.dialect.name]
        found = {ask: (await connection.execute(text(ask))).scalar_one() for ask in wanted}

    assert found == wanted


SQLITE_ONLY = "INSERT OR REPLACE"
POSTGRES_ONLY = ("TRUNCATE", "MERGE")


def is_foreign(database: Database, statement: str) -> bool:
    """A statement that the other database alone understands."""
    return statement.startswith(SQLITE_ONLY if database.shared else POSTGRES_ONLY)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE entry",
        "TRUNCATE audit CASCADE",
        "MERGE INTO audit USING audit AS same ON same.seq = audit.seq WHEN MATCHED THEN DELETE",
        "INSERT INTO audit SELECT * FROM audit WHERE true ON CONFLICT (seq) DO UPDATE SET principal = 'nobody'",
        "UPDATE entry SET amount_micros = 1",
        "DELETE FROM entry",
        "UPDATE audit SET principal = 'nobody'",
        "DELETE FROM audit WHERE seq = 1",
        "INSERT OR REPLACE INTO entry SELECT seq, job_id, scope, period, kind, 1, at FROM entry",
        "INSERT OR REPLACE INTO audit SELECT seq, at, 'nobody', action, subject, before, after, prev_hash, hash FROM audit",
    ],
)
async def test_what_was_written_about_money_cannot_be_changed(floor: Floor, statement: str) -> None:
    if is_foreign(floor.database, statement):
        pytest.skip("not in this database's language")
    await floor.approve(await floor.quote(film_of()))
    before = (
        await rows(floor.database, "SELECT * FROM entry"),
        await rows(floor.database, "SELECT * FROM audit"),
    )

    with pytest.raises(IntegrityError, match="append-only"):
        await floor.edit(statement)
    assert (
        await rows(floor.database, "SELECT * FROM entry"),
        await rows(floor.database, "SELECT * FROM audit"),
    ) == before
    await check_audit(floor.database)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE budget SET held_micros = -1",
        "UPDATE budget SET spent_micros = -1",
        "UPDATE job SET state = 'paid'",
        "UPDATE job SET charged_micros = -1",
        "UPDATE quote SET state = 'maybe'",
        "UPDATE quote SET ceiling_micros = expected_micros - 1",
        "INSERT INTO approval SELECT quote_id, 'approval_2', principal, channel, digest, at FROM approval",
        "INSERT INTO entry (job_id, scope, period, kind, amount_micros, at) SELECT job_id, 'x', period, kind, 0, at FROM entry",
        "INSERT INTO entry (job_id, scope, period, kind, amount_micros, at) SELECT job_id, scope, '2026-12', kind, 1, at FROM entry",
        "INSERT INTO entry (job_id, scope, period, kind, amount_micros, at) VALUES ('job_none', 'x', 'x', 'hold', 1, 'x')",
    ],
)
async def test_the_table_repeats_what_the_code_asserts(floor: Floor, statement: str) -> None:
    await floor.approve(await floor.quote(film_of()))

    with pytest.raises(IntegrityError):
        await floor.edit(statement)

"""A database as any other process sees it: by a plain connection of its own, with none of our code between."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import make_url

from tests.conftest import DUE, migrated
from tools.tables import metadata

Row = dict[str, Any]

TABLES = (*(table.name for table in metadata.sorted_tables), "due")
WORLDS_TO_A_SWEEP = 100


class Outside(ABC):
    """Looks at committed rows, and makes room for the next world."""

    @abstractmethod
    def rows(self, query: str, *facts: object) -> list[Row]:
        """`?` stands for each of the facts."""

    @abstractmethod
    def write(self, statement: str, *facts: object) -> None:
        """A hand in the database, past all of our code."""

    @abstractmethod
    def tables(self, *queries: str) -> list[list[Row]]:
        """The rows of many queries at once."""

    @abstractmethod
    def mark(self) -> object:
        """Another one after every commit of anybody."""

    @abstractmethod
    def empty(self) -> None:
        """Leave the database as the migrations made it, for whoever has it open."""


class File(Outside):
    def __init__(self, here: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._here = here
        self._new = new

    def rows(self, query: str, *facts: object) -> list[Row]:
        return self._here.execute(query, facts).fetchall()

    def write(self, statement: str, *facts: object) -> None:
        self._here.execute(statement, facts)

    def tables(self, *queries: str) -> list[list[Row]]:
        return [self.rows(query) for query in queries]

    def mark(self) -> object:
        return self.rows("PRAGMA data_version")[0]["data_version"]

    def empty(self) -> None:
        self._new.backup(self._here)


class Server(Outside):
    def __init__(self, here: psycopg.Connection) -> None:
        self._here = here
        self._worlds = 0

    def rows(self, query: str, *facts: object) -> list[Row]:
        cursor = self._here.cursor(row_factory=dict_row)
        return cursor.execute(_plain(query), facts or None).fetchall()

    def write(self, statement: str, *facts: object) -> None:
        self._here.execute(_plain(statement), facts)

    def tables(self, *queries: str) -> list[list[Row]]:
        """In one question: a hundred thousand ways to the server and back are most of the time."""
        found: list[list[Row]] = [[] for _ in queries]
        asked = (
            f"SELECT {n} AS n, to_jsonb(q) AS row FROM ({query}) AS q" for n, query in enumerate(queries)
        )
        for row in self.rows(" UNION ALL ".join(asked)):
            query_number: int = row["n"]
            found[query_number].append(row["row"])
        return found

    def mark(self) -> object:
        return self.rows("SELECT pg_current_wal_insert_lsn() AS mark")[0]["mark"]

    def empty(self) -> None:
        """Deleting is quicker than truncating, until too much of the dead lies about."""
        self._worlds += 1
        for table in TABLES:
            self._here.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        if self._worlds % WORLDS_TO_A_SWEEP == 0:
            self._here.execute(sql.SQL("VACUUM"))


def _plain(statement: str) -> sql.SQL:
    literal: Any = statement.replace("?", "%s")  # psycopg asks for literals; no fact is ever written into one
    return sql.SQL(literal)


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: fact for column, fact in zip(cursor.description, row, strict=True)}


@contextmanager
def outside_of(url: str) -> Generator[Outside]:
    address = make_url(url)
    with _file(str(address.database)) if address.get_backend_name() == "sqlite" else _server(url) as opened:
        yield opened


@contextmanager
def _file(path: str) -> Generator[Outside]:
    with closing(sqlite3.connect(path, isolation_level=None)) as here, closing(_as_migrated()) as new:
        here.row_factory = _as_dict
        here.execute("PRAGMA synchronous=OFF")
        yield File(here, new)


def _as_migrated() -> sqlite3.Connection:
    new = sqlite3.connect(":memory:")
    new.deserialize(migrated())
    new.execute(DUE)
    return new


@contextmanager
def _server(url: str) -> Generator[Outside]:
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as here:
        here.execute("SET session_replication_role = replica")  # no trigger keeps rows, no key asks for order
        yield Server(here)

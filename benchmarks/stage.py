"""What the benchmarks of the money share: databases that wait for their disk, offers to approve, a table."""

import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dbos import DBOS

from tests.conftest import film_of, limits, migrated
from tests.postgres import running_server
from tests.world import BOOK
from tools import approvals, quotes
from tools.approvals import Approver
from tools.db import Database, open_database
from tools.engine import Engine
from tools.estimate import Estimate, Offer, estimate
from tools.quotes import Quote, Terms

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LIMITS = limits("1000000")
OFFER = Offer("rehearsal", "rehearsal-draft", "480p")


@contextmanager
def both() -> Generator[dict[str, str]]:
    """The addresses of one empty database of each kind, with our tables and the engine's."""
    with tempfile.TemporaryDirectory(prefix="greenlight-") as folder, running_server(durable=True) as server:
        sqlite = Path(folder) / "greenlight.db"
        sqlite.write_bytes(migrated())
        urls = {"SQLite": f"sqlite:///{sqlite}", "PostgreSQL": server.fresh()}
        DBOS.migrate(urls["SQLite"])
        yield urls


@dataclass(frozen=True)
class Stage:
    """A database and an engine that takes work which nobody does."""

    database: Database
    engine: Engine

    async def offers(self, count: int, owner: str = "ann") -> list[Quote]:
        """Open offers of one shot each, against two walls."""
        priced = _priced()
        async with self.database.transaction() as connection:
            return [await quotes.issue(connection, priced, _terms(owner)) for _ in range(count)]

    async def approve(self, offer: Quote) -> None:
        await approvals.approve(
            self.database,
            self.engine,
            LIMITS,
            offer.id,
            digest=offer.digest,
            by=Approver("ann", "web"),
            owner=None,
            at=NOW,
        )


def _priced() -> Estimate:
    return estimate(film_of(1), OFFER, BOOK, NOW.date())


def _terms(owner: str) -> Terms:
    return Terms(
        owner=owner, title="A lighthouse", headroom=LIMITS.month, issued_at=NOW, life=timedelta(minutes=30)
    )


@asynccontextmanager
async def open_stage(url: str) -> AsyncGenerator[Stage]:
    async with open_database(url) as database:
        engine = Engine(url)
        async with engine.connected():
            yield Stage(database, engine)


def show(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as Markdown wants it."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")


def end(broken: Sequence[str]) -> None:
    """Say which promises were broken, and end with 1 if any was."""
    for promise in broken:
        print(f"broken: {promise}", file=sys.stderr)
    sys.exit(1 if broken else 0)

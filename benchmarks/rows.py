"""Does an approval get slower as the books grow? Its median latency with few entries and with many.

The rows of finished jobs are written by SQL, in the proportions in which rendering writes them:
six entries and eight audit rows for each quote of one shot against two walls. Approvals on the
small and the large database alternate, so that a busy machine slows both alike. What an index
would change is seen by naming it.

    .venv/bin/python benchmarks/rows.py ["TABLE (COLUMN, ...)"]...
"""

import sys
import time
from pathlib import Path
from statistics import median

import anyio
from sqlalchemy import Connection, create_engine, text

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.stage import NOW, Stage, both, end, open_stage, show
from tools.clock import stamp

FEW, MANY = 10_000, 1_000_000  # entries
APPROVALS = 100
RATIO_MAX = 1.5

ENTRIES_PER_JOB, DEEDS_PER_JOB = 6, 8
DONE = (
    """
    INSERT INTO quote (id, owner, conversation_id, project, title, state, digest, provider, model, resolution,
        aspect_ratio, audio, play_money, expected_micros, ceiling_micros, headroom_micros, price_source,
        price_as_of, issued_at, expires_at, decided_at)
    SELECT 'quote_' || n, 'owner_' || n % 100, 'chat_' || n, 'default', 'A lighthouse', 'approved',
        'sha256:' || n, 'rehearsal', 'rehearsal-draft', '480p', '16:9', false, false, 40000, 50000, 0,
        'made up', '2026-11-21', :at, :at, :at
    FROM numbers WHERE n <= :jobs
    """,
    """
    INSERT INTO quote_line (quote_id, n, shot_id, kind, seconds, body, body_sha256, unit_micros,
        expected_micros, ceiling_micros)
    SELECT 'quote_' || n, 1, 'shot_1', 'video', 1, '{}', '', 40000, 40000, 50000
    FROM numbers WHERE n <= :jobs
    """,
    """
    INSERT INTO approval (quote_id, id, principal, channel, digest, at)
    SELECT 'quote_' || n, 'approval_' || n, 'ann', 'web', '', :at FROM numbers WHERE n <= :jobs
    """,
    """
    INSERT INTO job (id, quote_id, n, owner, shot_id, provider, model, play_money, state, expected_micros,
        ceiling_micros, charged_micros, provider_job_id, takes, fence, created_at, submit_by, next_poll_at,
        finished_at)
    SELECT 'job_' || n, 'quote_' || n, 1, 'owner_' || n % 100, 'shot_1', 'rehearsal', 'rehearsal-draft',
        false, 'succeeded', 40000, 50000, 40000, 'take_' || n, 1, 1, :at, :at, :at, :at
    FROM numbers WHERE n <= :jobs
    """,
    """
    INSERT INTO entry (job_id, scope, period, kind, amount_micros, at)
    SELECT 'job_' || n, scope, '2026-11', kind, amount, :at FROM numbers
    CROSS JOIN (SELECT 'month' AS scope UNION ALL SELECT 'project:default') AS walls
    CROSS JOIN (SELECT 'hold' AS kind, 50000 AS amount UNION ALL SELECT 'capture', 40000
        UNION ALL SELECT 'release', 10000) AS kinds
    WHERE n <= :jobs
    """,
    """
    INSERT INTO audit (at, principal, action, subject, "before", "after", prev_hash, hash)
    SELECT :at, 'worker', 'capture', 'job_' || n / 8, 'null', '{}', 'made up ' || n, 'made up ' || (n + 1)
    FROM numbers WHERE n <= :deeds
    """,
)
NUMBERS = {
    "sqlite": """
        WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {}) SELECT n FROM r
    """,
    "postgresql": "SELECT n FROM generate_series(1, {}) AS r (n)",
}
LOOSE = {"sqlite": "PRAGMA foreign_keys = OFF", "postgresql": "SET session_replication_role = replica"}
AFTER = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "VACUUM ANALYZE"}


def grow(url: str, entries: int, indexes: list[str]) -> None:
    """Write what so many entries leave behind."""
    engine = create_engine(url)
    with engine.begin() as connection:
        _fill(connection, entries // ENTRIES_PER_JOB)
        for n, on in enumerate(indexes):
            connection.execute(text(f"CREATE INDEX ix_named_{n} ON {on}"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(AFTER[engine.dialect.name]))
    engine.dispose()


def _fill(connection: Connection, jobs: int) -> None:
    kind = connection.dialect.name
    facts = {"jobs": jobs, "deeds": jobs * DEEDS_PER_JOB, "at": stamp(NOW)}
    connection.execute(text(LOOSE[kind]))
    connection.execute(text("CREATE TABLE numbers AS " + NUMBERS[kind].format(facts["deeds"])))
    for statement in DONE:
        wanted = {name: value for name, value in facts.items() if f":{name}" in statement}
        connection.execute(text(statement), wanted)
    connection.execute(text("DROP TABLE numbers"))


async def approve(stage: Stage) -> float:
    (offer,) = await stage.offers(1)
    began = time.perf_counter()
    await stage.approve(offer)
    return time.perf_counter() - began


async def measure(few: str, many: str) -> tuple[float, float]:
    """The median seconds of an approval on either database."""
    seconds: tuple[list[float], list[float]] = ([], [])
    async with open_stage(few) as small, open_stage(many) as large:
        for _ in range(APPROVALS):
            seconds[0].append(await approve(small))
            seconds[1].append(await approve(large))
    return median(seconds[0]), median(seconds[1])


def compare(few: str, many: str, indexes: list[str]) -> tuple[float, float]:
    for url, entries in ((few, FEW), (many, MANY)):
        grow(url, entries, indexes)
    return anyio.run(measure, few, many)


def main() -> None:
    with both() as small, both() as large:
        medians = {name: compare(small[name], large[name], sys.argv[1:]) for name in small}
    rows = [
        (name, f"{few * 1000:.1f} ms", f"{many * 1000:.1f} ms", f"{many / few:.2f}")
        for name, (few, many) in medians.items()
    ]
    show(("database", f"{FEW:,} entries", f"{MANY:,} entries", "ratio"), rows)
    end([f"{row[0]}: above {RATIO_MAX}" for row in rows if float(row[3]) > RATIO_MAX])


if __name__ == "__main__":
    main()

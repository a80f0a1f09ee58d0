"""What vendors billed beside what was expected of them: how far estimates have been off so far.

Read from the settled jobs. Only a bill that the vendor itself reported for a finished clip says
something about an estimate; a charge that was computed or assumed would agree with itself.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tools.money import Money
from tools.tables import job

BILLS_MIN = 5  # fewer say more about chance than about the estimate


@dataclass(frozen=True, slots=True)
class Drift:
    """The bills of a vendor's model. `above_ceiling` counts those that no approval had allowed for."""

    provider: str
    model: str
    play_money: bool
    bills: int
    expected: Money
    charged: Money
    above_ceiling: int

    @property
    def percent(self) -> Decimal:
        """How much more was billed than expected, to a tenth; below zero where it was less."""
        more = Decimal(self.charged.micros - self.expected.micros)
        return (more * 100 / self.expected.micros).quantize(Decimal("0.1"), ROUND_HALF_EVEN) + 0

    @property
    def in_words(self) -> str:
        how = "as expected" if self.percent == 0 else f"{abs(self.percent)} % {_side(self.percent)} expected"
        bills = "1 bill so far was" if self.bills == 1 else f"{self.bills} bills so far were"
        return f"the {bills} {how}"

    def to_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "model": self.model,
            "play_money": self.play_money,
            "bills": self.bills,
            "expected_usd": str(self.expected),
            "charged_usd": str(self.charged),
            "percent": str(self.percent),
            "above_ceiling": self.above_ceiling,
            "words": self.in_words,
        }


def _side(percent: Decimal) -> str:
    return "above" if percent > 0 else "below"


async def every(connection: AsyncConnection) -> list[Drift]:
    """One for each vendor's model that has sent a bill, the furthest off first."""
    found = [_read(row) for row in await connection.execute(_sums())]
    return sorted(found, key=lambda each: (-abs(each.percent), each.provider, each.model))


async def of_model(connection: AsyncConnection, provider: str, model: str) -> Drift | None:
    """The past error of one model's estimates; None before there are five bills."""
    query = _sums().where(job.c.provider == provider, job.c.model == model)
    rows = (await connection.execute(query)).all()
    return next((_read(row) for row in rows if row.bills >= BILLS_MIN), None)


def _sums() -> Select[*tuple[Any, ...]]:
    above = case((job.c.charged_micros > job.c.ceiling_micros, 1), else_=0)
    return (
        select(
            job.c.provider,
            job.c.model,
            job.c.play_money,
            func.count().label("bills"),
            func.sum(job.c.expected_micros).label("expected"),
            func.sum(job.c.charged_micros).label("charged"),
            func.sum(above).label("above_ceiling"),
        )
        .where(job.c.state == "succeeded", job.c.charge_source == "reported", job.c.expected_micros > 0)
        .group_by(job.c.provider, job.c.model, job.c.play_money)
    )


def _read(row: Row[Any]) -> Drift:
    return Drift(
        provider=row.provider,
        model=row.model,
        play_money=row.play_money,
        bills=row.bills,
        expected=Money(int(row.expected)),
        charged=Money(int(row.charged)),
        above_ceiling=int(row.above_ceiling),
    )

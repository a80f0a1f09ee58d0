"""What may be spent, what is, and what is held; and what everything costs."""

from typing import Any

from fastapi import APIRouter

from api.body import Door
from api.house import Person, TheStudio
from tools.budget import Budget

router = APIRouter(prefix="/api", route_class=Door)


@router.get("/budget")
async def budget(studio: TheStudio, _person: Person) -> dict[str, Any]:
    return to_json(await studio.budgets())


@router.get("/prices")
async def prices(studio: TheStudio, _person: Person) -> dict[str, Any]:
    return {"prices": [row.model_dump(mode="json", exclude_none=True) for row in studio.prices.rows]}


def to_json(standing: dict[str, Budget]) -> dict[str, Any]:
    month, play, model = standing["month"], standing["play"], standing["model"]
    return {
        "period": month.period,
        **_amounts(month),
        "headroom_usd": str(month.headroom),
        "frozen_reason": month.frozen_reason,
        "model": {"limit_usd": str(model.limit), "spent_usd": str(model.spent)},
        "play": _amounts(play) | {"headroom_usd": str(play.headroom), "frozen_reason": play.frozen_reason},
    }


def _amounts(standing: Budget) -> dict[str, str]:
    return {
        "limit_usd": str(standing.limit),
        "spent_usd": str(standing.spent),
        "held_usd": str(standing.held),
    }

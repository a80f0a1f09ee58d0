"""The composition root: one service, its doors, and what it opens and closes."""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from starlette.staticfiles import StaticFiles

import web
from agent.models import check
from api import budget, chat, clips, jobs, places, problems, quotes, repo, session, uploads, vendors
from api.guard import Guard
from api.house import House, Person, TheHouse
from api.settings import Settings
from tools import quotes as offers
from tools import render, standstill
from tools.studio import open_studio

SERVED = (".html", ".css", ".js", ".svg")
DISK_BYTES_MIN = 200 * 1024 * 1024


def create_app(settings: Settings) -> FastAPI:
    """The service. Everything it needs is opened when it starts, and closed when it ends."""
    check(settings.chosen_model())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_studio(settings.config()) as studio, anyio.create_task_group() as tasks:
            house = House(settings, studio, tasks)
            app.state.house = house
            tasks.start_soon(house.raise_stage)
            tasks.start_soon(places.attend, house)
            yield
            tasks.cancel_scope.cancel()

    app = FastAPI(
        title="Greenlight",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    for door in (chat, quotes, jobs, clips, uploads, repo, budget, session, vendors):
        app.include_router(door.router)
    app.add_api_route("/", page, include_in_schema=False)
    app.add_api_route("/healthz", healthz)
    app.add_api_route("/readyz", readyz)
    app.add_api_route("/metrics", metrics, response_class=PlainTextResponse)
    app.mount("/web", PageFiles(directory=web.STATIC), name="web")
    app.add_middleware(Guard, local_only=not settings.people())
    return app


class PageFiles(StaticFiles):
    """The page's own files, and nothing else that lies beside them."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path(path) if Path(path).suffix in SERVED else ("", None)


async def page() -> FileResponse:
    return FileResponse(Path(web.STATIC) / "index.html", headers={"cache-control": "no-cache"})


async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


async def readyz(house: TheHouse) -> Response:
    """The database answers, the engine takes work and still does it, and there is room on the disk."""
    engine = house.studio.kit.engine
    async with house.studio.database.reading() as connection:
        await offers.is_any_due(connection, house.studio.clock())
    free = shutil.disk_usage(house.studio.config.data_dir).free
    checks = {
        "database": True,
        "engine": engine.started.is_set() and not engine.ended.is_set(),
        "disk": free > DISK_BYTES_MIN,
    }
    return JSONResponse(
        {"ready": all(checks.values()), "checks": checks}, 200 if all(checks.values()) else 503
    )


async def metrics(house: TheHouse, _person: Person) -> str:
    """Prometheus text: money in dollars by budget, and jobs by state."""
    lines: list[str] = []
    for name, standing in (await house.studio.budgets()).items():
        amounts = {"limit": standing.limit, "spent": standing.spent, "held": standing.held}
        lines += [
            f'greenlight_budget_usd{{budget="{name}",part="{part}"}} {amount}'
            for part, amount in amounts.items()
        ]
    async with house.studio.database.reading() as connection:
        from tools import jobs as rows

        counted = await rows.count_states(connection)
        strangers = len(await render.orphans(connection))
        still = len(await standstill.standing(connection))
    lines += [f'greenlight_jobs{{state="{state}"}} {count}' for state, count in counted.items()]
    lines += [f"greenlight_orphans {strangers}", f"greenlight_vendors_standing_still {still}"]
    return "\n".join(lines) + "\n"

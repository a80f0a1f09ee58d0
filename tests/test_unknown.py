"""A job whose answer was lost is seen by whoever looks, and told in words; so is a service that has stopped working."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import anyio
import httpx
import pytest
from click.testing import CliRunner
from inline_snapshot import snapshot

from api.app import create_app
from api.cli import main
from api.house import House
from api.settings import Settings
from tests.fuzz import Ground, open_ground
from tools.clock import system_clock
from tools.studio import Config, open_studio


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ground]:
    folder = tmp_path_factory.mktemp("unknown")
    with open_ground(folder, f"sqlite:///{folder / 'greenlight.db'}") as opened:
        yield opened


def in_state(ground: Ground, state: str) -> str:
    return next(job["id"] for job in ground.live.get("/api/jobs")["jobs"] if job["state"] == state)


def test_the_metrics_count_what_waits_for_a_person(ground: Ground) -> None:
    told = ground.live.http.get("/metrics").text.splitlines()

    assert 'greenlight_jobs{state="unknown"} 3' in told
    assert 'greenlight_jobs{state="quarantined"} 3' in told
    assert 'greenlight_jobs{state="submitting"} 0' in told


def test_a_lost_job_says_what_happened_what_is_held_and_what_to_do(ground: Ground) -> None:
    lost, apart, done = (in_state(ground, state) for state in ("unknown", "quarantined", "succeeded"))

    def advice(job_id: str) -> str:
        return ground.live.get(f"/api/jobs/{job_id}")["advice"]

    assert advice(lost).replace(lost, "ID") == snapshot(
        "The vendor's answer was lost (no answer came), so it may be rendering, and may be billed (docs/troubleshooting.md#answer-lost). It is never sent again by itself, and its $0.05 stays held for as long as that takes: until the vendor can say, or you do. Look for it in rehearsal's account, then say what it charged, 0 if nothing: greenlight jobs resolve ID --charged USD, or POST /api/jobs/ID/resolve."
    )
    assert advice(apart).replace(apart, "ID") == snapshot(
        "It was set apart: what would be sent is not what was approved. It is never sent again by itself, and its $0.05 stays held for as long as that takes: until the vendor can say, or you do. Look for it in rehearsal's account, then say what it charged, 0 if nothing: greenlight jobs resolve ID --charged USD, or POST /api/jobs/ID/resolve."
    )
    assert advice(done) is None


def greenlight(ground: Ground, *args: str) -> str:
    ran = CliRunner().invoke(main, args, env={"GREENLIGHT_DATA_DIR": str(ground.folder), "COLUMNS": "200"})
    assert ran.exit_code == 0, ran.output
    return " ".join(ran.stdout.split())


def test_the_terminal_says_the_same_and_takes_a_persons_word(ground: Ground) -> None:
    lost = in_state(ground, "unknown")
    advice = ground.live.get(f"/api/jobs/{lost}")["advice"]

    listed = greenlight(ground, "jobs")
    resolved = greenlight(ground, "jobs", "resolve", lost, "--charged", "0.01")

    assert advice in listed
    assert resolved.replace(lost, "ID") == snapshot(
        "ID is failed: of $0.05 held, $0.01 is charged; $0.04 is released"
    )
    assert ground.live.get(f"/api/jobs/{lost}")["advice"] is None


@dataclass
class Clock:
    """Breaks once, when it is told to."""

    broken: bool = False

    def __call__(self) -> datetime:
        if self.broken:
            self.broken = False
            raise RuntimeError("the clock broke")
        return system_clock()


async def test_a_service_whose_worker_has_died_is_not_ready(
    tmp_path: Path, config: Callable[..., Config]
) -> None:
    clock, answers = Clock(), list[int]()
    app = create_app(Settings(data_dir=tmp_path))

    async def ask() -> None:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            answers.append((await http.get("/readyz")).status_code)

    with pytest.RaisesGroup(pytest.RaisesExc(RuntimeError, match="the clock broke"), flatten_subgroups=True):
        async with anyio.create_task_group() as tasks, open_studio(config(), clock) as studio:
            app.state.house = House(Settings(data_dir=tmp_path), studio, tasks)
            await ask()
            await studio.kit.engine.started.wait()
            await ask()
            clock.broken = True
            with anyio.CancelScope(shield=True), anyio.fail_after(20):
                await studio.kit.engine.ended.wait()
                await ask()

    assert answers == [503, 200, 503]

"""The AI SDK's own client core, in two versions, is served as its makers mean it to be."""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from actor import acting, directed_by
from dirty_equals import IsStr
from live import running

from tests.needs import npm_install, skip_or_fail

CLIENTS = Path(__file__).with_name("clients")
PLAY_SECONDS = 1_200
INSTALL_SECONDS = 600
VERSIONS = {"ai6": "6.0.326", "ai7": "7.0.173"}


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder that the SDK is in: kept outside the tree, and made anew when package.json changes."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        skip_or_fail("no node or no npm on this machine")
    package = (CLIENTS / "package.json").read_bytes()
    name = hashlib.sha256(package).hexdigest()[:16]
    folder = Path(platformdirs.user_cache_dir("greenlight")) / "clients" / name
    if not folder.exists():
        _install(package, folder)
    return folder


def _install(package: bytes, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=folder.parent))
    (made / "package.json").write_bytes(package)
    why = npm_install(made, seconds=INSTALL_SECONDS)
    if why is not None:
        shutil.rmtree(made)
        skip_or_fail(f"npm could not install the client: {why}")
    made.rename(folder)


@pytest.fixture(scope="module", params=VERSIONS)
def played(request: pytest.FixtureRequest, installed: Path, stage: tuple[str, str]) -> dict[str, Any]:
    """What became of every scenario, played by one version."""
    address, model = stage
    script = [str(CLIENTS / "scenarios.mjs"), str(installed), request.param, address, model]
    done = subprocess.run(
        ["node", *script], capture_output=True, text=True, timeout=PLAY_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    results = {each.pop("scenario"): each for each in told}
    assert results.pop("version") == {"version": VERSIONS[request.param]}
    return results


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with acting() as model:
        settings = directed_by(model) | {
            "GREENLIGHT_REHEARSAL_FAULTS": "slow",  # nobody waits for a film
            "GREENLIGHT_TOKENS": ",".join(f"{name}:approver:{name}" for name in VERSIONS),
        }
        with running(tmp_path_factory.mktemp("clients"), **settings) as live:
            yield str(live.http.base_url).rstrip("/"), model


COUNTED = " ".join(str(n) for n in range(40)) + " "
HALF = " ".join(str(n) for n in range(20)) + " "
OFFERED = "assistant: step-start, tool-plan_shots output-available, data-shots, step-start"
SPOKEN = "assistant: step-start, text done"

EXPECTED: dict[str, dict[str, Any]] = {
    "text": {
        "states": ["user: text", SPOKEN],
        "text": "Good evening to you. ",
        "metadata": {
            "model": "openai-chat:gpt-5.2",
            "input_tokens": 1000,
            "output_tokens": 100,
            "cost_usd": "0.00315",
            "cost_note": None,
        },
        "status": "ready",
    },
    "tool card": {
        "states": [
            "user: text",
            "assistant: step-start, tool-check_budget output-available, step-start, text done",
        ],
        "input": {},
        "summary": IsStr(regex=r"\$0.00 spent, .*"),
    },
    "approve": {
        "asked": ["user: text", f"{OFFERED}, tool-generate_video approval-requested, data-quote"],
        "shown": "issued",
        "same": True,
        "after": "approved",
        "states": [
            "user: text",
            f"{OFFERED}, tool-generate_video output-available, data-quote, step-start, text done",
        ],
        "text": "Thank you. ",
        "jobs": 1,
        "status": "ready",
    },
    "decline with a reason": {
        "states": [
            "user: text",
            f"{OFFERED}, tool-generate_video output-denied, data-quote, step-start, text done",
        ],
        "state": "declined",
        "reason": "too dear",
        "jobs": 0,
        "status": "ready",
    },
    "reload, then approve": {
        "same": True,
        "call": "output-available",
        "text": "Thank you. ",
        "messages": 2,
        "jobs": 1,
        "status": "ready",
    },
    "a second tab approves, too": {"same": True, "text": "Thank you. ", "jobs": 1, "status": "ready"},
    "a second tab declines what is approved": {
        "status": "error",
        "problem": "already-approved",
        "state": "approved",
    },
    "a cut line is taken up again": {
        "broken": "error",
        "text": COUNTED,
        "messages": 2,
        "kept": True,
        "status": "ready",
    },
    "a reload in the middle of a turn": {"before": 1, "text": COUNTED, "same": True},
    "a reload while an approved turn goes on": {
        "text": COUNTED,
        "same": True,
        "call": "output-available",
        "status": "ready",
    },
    "a message while an offer is open": {
        "state": "declined",
        "reason": "a new message came instead of an answer",
        "text": "Never mind. ",
        "states": ["user: text", SPOKEN],
        "status": "ready",
        "jobs": 0,
    },
    "a second message while a turn runs": {"problem": "turn-running", "statuses": [409], "kept": 2},
    "stop keeps what was said": {
        "text": HALF,
        "same": True,
        "status": "ready",
        "after": "What now? ",
        "metadata": ["model", "input_tokens", "output_tokens", "cost_usd", "cost_note"],
    },
    "regenerate": {
        "texts": ["First words.", "First words. ", "Second words.", "Second words. "],
        "other": True,
        "same": True,
    },
    "edit": {
        "texts": ["Other words.", "Other words. "],
        "same": True,
        "heard": "Other words. / recall ",
        "status": "ready",
    },
    "nothing that money went out in is taken back": {"problem": "turn-spent", "same": True},
    "nothing to take up": {"statuses": [200, 204], "messages": 2, "status": "ready"},
}


@pytest.mark.parametrize("scenario", EXPECTED)
def test_the_client_ends_as_it_should(played: dict[str, Any], scenario: str) -> None:
    assert played[scenario] == EXPECTED[scenario]


def test_every_scenario_is_looked_at(played: dict[str, Any]) -> None:
    assert played.keys() == EXPECTED.keys()

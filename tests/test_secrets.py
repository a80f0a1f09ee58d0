"""A secret in a repository stays there: whatever its kind, wherever it stands, however far the story goes."""

import json
import random
import re
import string
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import one, running
from served import found_repository
from test_planner import Model, Room, planning

from agent.models import Access, Choice
from tests.conftest import Floor
from tests.openai_wire import listening
from tests.test_canary import kept
from tools import story
from tools.repo import scan
from tools.repo.secrets import BLANK, blank, blank_strictly
from tools.repo.source import read_source, source_of
from tools.repo.telling import TOKENS_MAX

_chance = random.Random(20)
HEX, UPPER, MIXED = (
    string.hexdigits[:16],
    string.ascii_uppercase + string.digits,
    string.ascii_letters + string.digits,
)


def drawn(letters: str, count: int) -> str:
    return "".join(_chance.choices(letters, k=count))


def of(prefix: str, letters: str, count: int) -> str:
    return prefix + drawn(letters, count)


def _key_pair() -> str:
    groups = "-".join(drawn(HEX, count) for count in (8, 4, 4, 4, 12))
    return f"{groups}:{drawn(HEX, 32)}"


SECRETS = {
    "openrouter": of("sk-or-v1-", HEX, 64),
    "openai": of("sk-proj-", MIXED, 48),
    "anthropic": of("sk-ant-api03-", MIXED, 90),
    "fal": _key_pair(),
    "runway": of("key_", HEX, 128),
    "google": of("AIza", MIXED, 35),
    "google oauth": of("GOCSPX-", MIXED, 28),
    "elevenlabs": of("sk_", HEX, 48),
    "slack bot": of("xoxb-", string.digits, 12) + of("-", MIXED, 24),
    "slack app": of("xapp-1-A0", MIXED, 40),
    "slack hook": of("https://hooks.slack.com/services/T0", UPPER, 9)
    + of("/B0", UPPER, 9)
    + of("/", MIXED, 24),
    "aws id": of("AKIA", UPPER, 16),
    "aws secret": of("", MIXED, 40),
    "github": of("ghp_", MIXED, 36),
    "github fine": of("github_pat_", MIXED, 60),
    "gitlab": of("glpat-", MIXED, 20),
    "stripe": of("sk_live_", MIXED, 24),
    "twilio": of("SK", HEX, 32),
    "sendgrid": of("SG.", MIXED, 22) + of(".", MIXED, 43),
    "mailgun": of("key-", HEX, 32),
    "telegram": of("", string.digits[1:], 9) + of(":AA", MIXED, 33),
    "discord": of("M", MIXED, 23) + of(".", MIXED, 6) + of(".", MIXED, 27),
    "npm": of("npm_", MIXED, 36),
    "pypi": of("pypi-AgEIcHlwaS5vcmc", MIXED, 60),
    "hugging face": of("hf_", MIXED, 34),
    "replicate": of("r8_", MIXED, 37),
    "azure": of("AccountKey=", MIXED, 86) + "==",
    "web token": of("eyJ", MIXED, 20) + of(".eyJ", MIXED, 40) + of(".", MIXED, 43),
    "private key": "-----BEGIN PRIVATE KEY-----" + drawn(MIXED, 64) + "-----END PRIVATE KEY-----",
    "password": "password=" + drawn(MIXED, 12),
    "in an address": "postgres://shop:" + drawn(MIXED, 16) + "@db.example/shop",
    "bearer": "Bearer " + drawn(MIXED, 40),
}


def readme(tree: Path, secret: str) -> None:
    (tree / "README.md").write_text(f"# Shop\n\nShop sells tea to whoever brings {secret} along with them.\n")


def manifest(tree: Path, secret: str) -> None:
    said = {
        "name": f"shop {secret}",
        "description": f"Sells tea for {secret} and more.",
        "keywords": ["tea", secret],
        "license": secret,
        "bin": {secret: f"bin/{secret}.js"},
        "dependencies": {secret: "1", f"@{secret}/tea": "1"},
    }
    (tree / "package.json").write_text(json.dumps(said))


def long_ago(tree: Path, secret: str) -> None:
    """Where a text is cut, a key is not cut in two."""
    (tree / "setup.cfg").write_text(
        f"[metadata]\nname = {'shop ' * 18}{secret}\ndescription = {'tea ' * 72}{secret}\n"
    )


def requirements(tree: Path, secret: str) -> None:
    (tree / "requirements.txt").write_text(f"{secret}\ntea=={secret}\n{secret}[hot]>=1\n  {secret} ; x\n")


def dependencies(tree: Path, secret: str) -> None:
    """And whatever else a manifest's reader cuts a name from."""
    said = json.dumps(secret)  # a string in TOML as in JSON
    needed = f"dependencies = [{said}, {json.dumps(f'tea=={secret}')}, {json.dumps(f'{secret}>=1')}]"
    files = {
        "pyproject.toml": f"[project]\n{needed}\n[project.scripts]\n{said} = {said}\n"
        f'[tool.poetry.dependencies]\n{said} = "1"\n',
        "Cargo.toml": f"[package]\nlicense = {json.dumps(f'MIT WITH {secret}-exception')}\n[dependencies]\n"
        f"{said} = {said}\n[[bin]]\nname = {said}\n",
        "go.mod": f"module shop.example/{secret}\n\nrequire shop.example/{secret} v1.0.0\n",
        "package.json": json.dumps(
            {"name": f"@shop/{secret}", "bin": "till.js", "dependencies": {secret: "1"}}
        ),
        "setup.cfg": f"[options]\ninstall_requires =\n  {secret}\n  tea=={secret}\n",
        "PKG-INFO": f"Name: shop\nRequires-Dist: {secret}\nRequires-Dist: tea (=={secret})\n",
        "pom.xml": f"<dependency><artifactId>{secret}</artifactId></dependency>",
    }
    for name, text in files.items():
        (tree / name).write_text(text)


def source(tree: Path, secret: str) -> None:
    text = (
        f'"""Sells tea for {secret}."""\nKEY = "{secret}"  # {secret}\n\n\nclass Till:\n    """{secret}"""\n'
    )
    (tree / "till.py").write_text(f'{text}\n    def sell(self): raise ValueError("{secret}")\n')


def names(tree: Path, secret: str) -> None:
    plain = secret.rpartition("/")[2][:240]  # no name has a slash
    (tree / "shop" / plain).mkdir(parents=True)
    (tree / "shop" / "__init__.py").write_text("")
    (tree / "shop" / plain / "till.py").write_text("class Till: ...\n")
    (tree / "shop" / f"{plain}.py").write_text("class Drawer: ...\ndef sell(): raise ValueError\n")


def identifiers(tree: Path, secret: str) -> None:
    methods = f"    def {secret}(self):\n        raise {secret}Error\n"
    (tree / "drawer.py").write_text(
        f"class {secret}: ...\nclass {secret}Error(Exception):\n{methods}def sell_{secret}(): ...\n"
    )


def commit(tree: Path, secret: str) -> None:
    """In its subject: by itself, as part of an address of mail, and where the subject is cut."""
    subject = f"Thank {secret}@shop.example for {secret}, {'tea ' * 12}{secret}"
    found_repository(tree / ".git", {}, f"{subject}\n\nAnd {secret} again.\n")


POSITIONS: tuple[Callable[[Path, str], None], ...] = (
    *(dependencies, readme, manifest, long_ago, requirements),  # all may stand in one tree, in this order
    *(source, names, identifiers, commit),
)
CASES = [
    (kind, position)
    for kind, secret in SECRETS.items()
    for position in POSITIONS
    if position is not identifiers or secret.isidentifier()
]


def pieces(secret: str) -> Iterator[str]:
    """What would already say too much of it."""
    for run in re.findall(r"[A-Za-z0-9]{12,}", secret.removeprefix("-----BEGIN").removesuffix("KEY-----")):
        for start in range(len(run) - 11):
            piece = run[start : start + 12]
            if any(map(str.isdigit, piece)) and not piece.startswith("pypi"):
                yield piece.lower()


def told(tree: Path) -> str:
    profile = read_source(source_of(str(tree), [tree], tree))
    plan = story.plan(story.Wishes(shots=4, seconds=20), profile)
    return json.dumps([profile.to_json(), plan.model_dump(mode="json")], ensure_ascii=False).lower()


@pytest.mark.parametrize(("kind", "position"), CASES, ids=lambda each: getattr(each, "__name__", each))
def test_a_secret_is_in_no_profile_and_no_plan(
    tmp_path: Path, kind: str, position: Callable[..., None]
) -> None:
    (tmp_path / "open.py").write_text("class OpenDoor: ...\n")
    position(tmp_path, SECRETS[kind])
    whole = told(tmp_path)

    assert [piece for piece in pieces(SECRETS[kind]) if piece in whole] == []
    assert "opendoor" in whole


@pytest.mark.parametrize("kind", SECRETS)
def test_what_stood_around_a_secret_is_still_there_and_the_secret_is_counted(
    tmp_path: Path, kind: str
) -> None:
    readme(tmp_path, SECRETS[kind])
    profile = scan(tmp_path)

    assert profile.purpose.startswith("Shop sells tea to whoever brings ")
    assert profile.purpose.endswith(" along with them.")
    assert BLANK in profile.purpose
    assert profile.redacted >= 1


@pytest.mark.parametrize("position", [requirements, dependencies], ids=lambda each: each.__name__)
def test_a_secret_among_the_dependencies_is_left_out_and_counted(
    tmp_path: Path, position: Callable[..., None]
) -> None:
    position(tmp_path, SECRETS["fal"])
    profile = scan(tmp_path)

    assert profile.dependencies == ("tea",)
    assert profile.redacted >= 1


def test_a_secret_over_many_lines_is_no_dependency(tmp_path: Path) -> None:
    lines = "\n".join(drawn(MIXED, count) for count in (64, 64, 18))
    key = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    (tmp_path / "requirements.txt").write_text(f"tea==1\n{key}\ncups==2\n")
    profile = scan(tmp_path)

    assert profile.dependencies == ("tea", "cups")
    assert profile.redacted == 1


def test_what_a_package_must_hash_to_is_no_secret(tmp_path: Path) -> None:
    digest = drawn(HEX, 64)
    (tmp_path / "requirements.txt").write_text(
        f"tea==1 --hash=sha256:{digest}\ncups==2 \\\n    --hash=sha256:{digest}\n"
    )
    profile = scan(tmp_path)

    assert (profile.dependencies, profile.redacted) == (("tea", "cups"), 0)


def test_a_service_keeps_no_secret_of_a_repository_it_filmed(tmp_path: Path) -> None:
    """The stream, the answers, the logs and every file and table."""
    tree = tmp_path / "shop"
    for kind, position in CASES:
        part = tree / kind.replace(" ", "_") / position.__name__
        part.mkdir(parents=True)
        position(part, SECRETS[kind])
    for position in (readme, manifest, long_ago, commit):
        position(tree, " ".join(SECRETS.values()))
    (tree / "requirements.txt").write_text("\n".join(SECRETS.values()))
    with running(tmp_path / "data", GREENLIGHT_REPO_ROOTS=str(tree)) as live:
        turn = live.say(f"Make a film of {tree}, 4 seconds in 1 shot")
        offer = live.say("render it")
        answers = [live.http.post("/api/repos/scan", json={"path": str(tree)}).text]
        answers += [live.http.get(f"/api/{path}").text for path in ("quotes", "chat/chat-1", "events/none")]
        quoted = one(offer, "data-quote")

    whole: list[tuple[str, bytes]] = [*kept(tmp_path / "data"), ("log", live.told.encode())]
    whole += [("turns", json.dumps([turn, offer, answers]).encode())]
    assert quoted["data"]["lines"]
    assert BLANK in answers[0]
    whose = {kind: [piece.encode() for piece in pieces(secret)][::12] for kind, secret in SECRETS.items()}
    leaked = [
        (where, kind)
        for where, content in ((where, content.lower()) for where, content in whole)
        for kind, parts in whose.items()
        if any(part in content for part in parts)
    ]
    assert leaked == []


async def test_a_language_model_is_sent_no_secret_of_a_repository(floor: Floor, tmp_path: Path) -> None:
    """It has each tree read to it as far as it may, is asked for a draft of a film, and looks at the plan."""
    model = Model()
    async with listening(model.answer) as address:
        room = Room(floor, model, Choice("openai-chat:gpt-5.2", Access("sk-made-up", address)))
        for kind, secret in SECRETS.items():
            tree = tmp_path / kind.replace(" ", "_")
            tree.mkdir()
            (tree / "open.py").write_text("class OpenDoor: ...\n")
            for position in (each for whose, each in CASES if whose == kind):
                position(tree, secret)
            reading = ("scan_repo", {"path": tree.name, "tokens": TOKENS_MAX})
            await room.say(reading, planning("", repo_path=tree.name), ("show_plan", {}), chat=kind)

            sent = json.dumps(model.asked, ensure_ascii=False).lower()
            assert [piece for piece in pieces(secret) if piece in sent] == []
            assert "class opendoor" in sent
            assert "opendoor" in str(model.wanted[-1]["messages"]).lower()
            assert BLANK in sent
            model.asked.clear()


# --- and only secrets ---


def test_hardly_a_line_of_the_standard_library_is_taken_for_a_secret() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    lines = [
        line
        for package in ("email", "http", "json", "asyncio")
        for path in (folder / package).glob("*.py")
        for line in path.read_text().splitlines()
    ]
    alarms = [line for line in lines if blank_strictly(line)[1]]

    assert len(lines) > 15_000
    assert len(alarms) < len(lines) / 1_000, alarms


@pytest.mark.parametrize(
    "text",
    [
        "It asks for your password: never for a token, and keeps secret nothing at all.",
        "django/contrib/gis/gdal/raster/GDALBandStatistics2DArray/test_geometries_v2.py",
        "TestMultipleInheritanceWithAbstractBaseClasses2",
        "see RFC 7231 section 6.5.1 and task-based scheduling in sk-learn-contrib-pipelines",
        "commit 3f2a91c of 2026-11-21T10:22:33Z",
        "https://docs.example/en/stable/howto/deployment/wsgi/index.html",
        "0000000000000000000000000000",
    ],
)
def test_what_people_say_is_kept(text: str) -> None:
    assert blank_strictly(text) == (text, 0)


def test_what_a_vendor_said_keeps_its_names_of_jobs() -> None:
    said = "no job 4f9a0c2e7b1d4e6f8a9b0c1d2e3f4a5b of AbC123dEf456GhI789jKl012"

    assert blank(said) == (said, 0)
    assert blank_strictly(said)[1] == 2


def test_text_made_to_be_slow_is_blanked_in_time() -> None:
    began = time.process_time()
    for shape in ("sk-", "a", "eyJ.", "://a:", "-----BEGIN ", "password=", "A0a", "key_0", "0123456789:"):
        blank_strictly(shape * (60_000 // len(shape)))

    assert time.process_time() - began < 5

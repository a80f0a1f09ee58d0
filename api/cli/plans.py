"""What is free and opens nothing: reading a repository, planning, pricing a shots file."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from api.cli import show
from api.cli.edge import run
from api.cli.kit import PERSON, config, looking, with_folder
from api.settings import Settings
from tools import repo, story
from tools.errors import Invalid, explain
from tools.repo import RepoProfile
from tools.shots import FILE_BYTES_MAX, ShotList, read_shots
from tools.studio import Config, Studio


def scan(path: str, *, as_json: bool) -> None:
    read = _read(path)
    if as_json:
        show.document(read.to_json())
        return
    show.profile(read)
    show.concepts(read)


def _read(path: str) -> RepoProfile:
    allowed = with_folder(Settings.read().config(), path)
    folder = repo.resolve(path, allowed.repo_roots, allowed.here)
    with show.err.status("Reading") as status:
        return repo.scan(folder, on_file=lambda n: status.update(Text(f"Reading: {n:,} files")))


def plan(brief: str, path: str | None, wishes: Mapping[str, Any], out: Path | None, *, as_json: bool) -> None:
    read = _read(path) if path is not None else None
    try:
        planned = story.plan(story.Wishes(brief, **wishes), read)
    except ValidationError as error:
        raise explain(error) from None
    if out is not None:
        out.write_text(planned.model_dump_json(indent=2) + "\n", "utf-8")
        show.err.print(f"Wrote {out}")
    if as_json:
        show.document(planned.model_dump(mode="json"))
    elif out is None:
        show.shots(planned)


def estimate(
    file: str, provider: str | None, model: str | None, resolution: str | None, *, as_json: bool
) -> None:
    shots = read_shots(_bytes(file))
    ready = config()
    run(lambda: _estimate(ready, shots, provider, model, resolution, as_json=as_json))


def _bytes(file: str) -> bytes:
    """At most one byte more than a shots file may have, so that a huge file is refused, not read."""
    if file == "-":
        return sys.stdin.buffer.read(FILE_BYTES_MAX + 1)
    try:
        with Path(file).open("rb") as opened:
            return opened.read(FILE_BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise Invalid("--shots", f"{file} cannot be read: {why}") from None


async def _estimate(
    ready: Config,
    shots: ShotList,
    provider: str | None,
    model: str | None,
    resolution: str | None,
    *,
    as_json: bool,
) -> None:
    async with looking(ready) as studio:
        if provider is not None:
            offer = studio.offer(provider, model, resolution)
            row = studio.row(await studio.estimate(shots, offer, PERSON.name), lines=True)
            rows, refused = [row], []
        else:
            rows, refused = comparison(studio, shots, resolution)
    if not as_json:
        show.say(f"{shots.title}: {len(shots.shots)} shots, {shots.seconds} seconds", "bold")
        show.comparison(rows, refused)
    elif provider is not None:
        show.document(rows[0])
    else:
        show.document({"rows": rows, "refused": refused})


def comparison(
    studio: Studio, shots: ShotList, resolution: str | None = None
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Everybody who has a price: those who can render the shots, cheapest first, and why others cannot."""
    able, unable = studio.compare(shots, studio.every_offer(resolution))
    refused = [{"provider": r.offer.provider, "model": r.offer.model, "why": r.why} for r in unable]
    return [studio.row(each) for each in able], refused

"""The main job in a terminal: read, plan, draw, price, and what `offers` does with the offer."""

import time
from pathlib import Path

import anyio
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from api.cli import show
from api.cli.ask import Consent
from api.cli.edge import run
from api.cli.follow import when_interrupted
from api.cli.kit import PERSON, config, with_folder, working
from api.cli.offers import UNSPENT, answer, check_out
from api.cli.plans import comparison
from tools import film, story
from tools.clips import Clip, Label
from tools.prices import Kind
from tools.quotes import Quote
from tools.repo import RepoProfile
from tools.repo.source import source_of
from tools.shots import Shot, ShotList
from tools.studio import Config, Studio

DRAWN_AT_ONCE = 2


def demo(path: str, consent: Consent, out: Path | None, *, seconds: int | None, stills: bool) -> None:
    """All of it, on the folder at `path`, as clips or as stills; the film is copied to `out`."""
    kind: Kind = "image" if stills else "video"
    ready = with_folder(config(), path)
    source_of(path, ready.repo_roots, ready.here)  # before anything is opened: the likeliest slip
    check_out(out)
    run(lambda: _demo(ready, path, consent, out, seconds=seconds, kind=kind))


async def _demo(
    ready: Config, path: str, consent: Consent, out: Path | None, *, seconds: int | None, kind: Kind
) -> None:
    async with working(ready) as studio:
        with when_interrupted(UNSPENT):
            studio.default_offer(kind)  # before anything is read or drawn for nothing
            plan = await _plan(studio, path, seconds)
            offer = await _offer(studio, plan, kind)
        await answer(studio, offer, consent, out)


async def _plan(studio: Studio, path: str, seconds: int | None) -> ShotList:
    begun = time.perf_counter()
    read = await _read(studio, path)
    show.profile(read, time.perf_counter() - begun)
    plan = story.by_rules(studio.lengths.order(story.Wishes(seconds=seconds), read, studio.books))
    show.shots(plan)
    return plan


async def _read(studio: Studio, path: str) -> RepoProfile:
    with show.err.status("Reading") as status:
        return await studio.scan(path, lambda n: status.update(Text(f"Reading: {n:,} files")))


async def _offer(studio: Studio, plan: ShotList, kind: Kind) -> Quote:
    """Everything that is free, up to the offer."""
    show.heading("A preview, drawn here for nothing")
    made = await _draw(studio, plan)
    show.path_line(f"{made.seconds:.0f} seconds:", studio.kit.shelf.path(made.sha256))
    show.heading("What rendering would cost")
    show.comparison(*comparison(studio, plan, kind))
    offer = await studio.quote(plan, studio.default_offer(kind), owner=PERSON.name)
    show.quote(offer)
    return offer


async def _draw(studio: Studio, plan: ShotList) -> Clip:
    """The animatic of every shot, and of the film."""
    columns = (TextColumn("Drawing"), BarColumn(bar_width=30), MofNCompleteColumn(), TextColumn("shots"))
    parts: dict[int, Clip] = {}
    places = anyio.CapacityLimiter(DRAWN_AT_ONCE)
    with Progress(*columns, console=show.err) as board:
        task = board.add_task("", total=len(plan.shots))

        async def draw(shot: Shot) -> None:
            async with places:
                parts[shot.shot_number] = await studio.preview(plan, shot, PERSON.name)
            board.advance(task)

        async with anyio.create_task_group() as drawing:
            for shot in plan.shots:
                drawing.start_soon(draw, shot)
    label = Label(PERSON.name, "film", f"{plan.title} (animatic)", "animatic", "animatic")
    in_order = [parts[shot.shot_number] for shot in plan.shots]
    return await film.compose(studio.database, studio.kit.shelf, in_order, label, studio.clock())

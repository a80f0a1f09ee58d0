"""Follow rendering: a bar for each job, until the film is there or nothing more will come."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.cli import show
from api.cli.edge import Failed
from api.cli.kit import PERSON
from tools import film, jobs
from tools.clips import Clip
from tools.db import Database
from tools.jobs import Job
from tools.quotes import Quote
from tools.repo.text import plain, shorten

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 30  # without news, once no vendor is at work any more
WATCH_SECONDS_MAX = 6 * 60 * 60
CAPTION_CHARACTERS_MAX = 36
AT_WORK = ("ready", "submitting", "running")
LEFT_RUNNING = (
    "Stopped watching. What was sent goes on at the vendor and its money stays held; "
    "`greenlight jobs watch` follows it."
)


@contextmanager
def when_interrupted(words: str) -> Generator[None]:
    """Say what Ctrl-C leaves behind."""
    try:
        yield
    except anyio.get_cancelled_exc_class():
        show.err.print(f"\n{words}")
        raise


@dataclass(frozen=True, slots=True)
class Standing:
    """How the work stands. `over` when the films are there, or nothing that could be in them."""

    jobs: tuple[Job, ...]
    films: tuple[Clip, ...]
    over: bool

    @property
    def at_work(self) -> bool:
        return any(job.state in AT_WORK for job in self.jobs)


async def until_film(database: Database, offer: Quote) -> Clip:
    """Show an approved offer's jobs until its film is there; `Failed` says why there is none."""
    captions = {line.n: line.body["caption"] or line.body["prompt"] for line in offer.lines}
    return _film(await _watch(database, [offer.id], captions))


async def until_ended(database: Database) -> list[Job]:
    """Show the work on every offer of this person that is under way, until it has ended."""
    async with database.reading() as connection:
        mine = await jobs.recent(connection, PERSON.name)
    under_way = list(dict.fromkeys(job.quote_id for job in mine if job.state in AT_WORK))
    return list((await _watch(database, under_way, {})).jobs)


async def _look(database: Database, quote_ids: Sequence[str]) -> Standing:
    made: list[Job] = []
    films: list[Clip] = []
    over = True
    async with database.reading() as connection:
        for quote_id in quote_ids:
            siblings = await jobs.of_quote(connection, quote_id)
            found = await film.of_quote(connection, quote_id)
            made += siblings
            films += [found[1]] if found else []
            over = over and (found is not None or _fruitless(siblings))
    return Standing(tuple(made), tuple(films), over)


def _fruitless(siblings: Sequence[Job]) -> bool:
    """Every job has ended, and none left a clip. An offer without jobs is all reuse, and has a film to come."""
    ended = all(job.closed and job.state != "succeeded" for job in siblings)
    return bool(siblings) and ended


async def _watch(database: Database, quote_ids: Sequence[str], captions: dict[int, str]) -> Standing:
    """Look again at every commit here, and every quarter of a second for those of other processes."""
    with when_interrupted(LEFT_RUNNING), _bars() as board:
        rows = Rows(board, captions)
        seen = await _look(database, quote_ids)
        begun = news = anyio.current_time()
        while not seen.over and anyio.current_time() - begun < WATCH_SECONDS_MAX:
            rows.show(seen.jobs)
            await database.bell.wait(LOOK_SECONDS)
            before, seen = seen, await _look(database, quote_ids)
            if seen != before or seen.at_work:
                news = anyio.current_time()
            elif anyio.current_time() - news > PATIENCE_SECONDS:
                break
        rows.show(seen.jobs)
    return seen


def _film(seen: Standing) -> Clip:
    if seen.films:
        return seen.films[0]
    if seen.at_work:
        raise Failed("the vendor is still at work; `greenlight jobs watch` goes on watching")
    for job in seen.jobs:
        if not job.closed:
            raise Failed(
                f"{job.id} needs a person's word ({job.error}): `greenlight jobs resolve {job.id} --charged USD`"
            )
    why = "; ".join(f"shot {job.n}: {job.error or job.state}" for job in seen.jobs if job.error)
    raise Failed(f"there is no film: {why or 'it could not be put together'}")


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[word]}", markup=False),
        TimeElapsedColumn(),
        console=show.err,
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """The bars on a board, one for each job."""

    board: Progress
    captions: dict[int, str]
    tasks: dict[str, TaskID] = field(default_factory=dict[str, TaskID])

    def show(self, seen: Iterable[Job]) -> None:
        for job in seen:
            if job.id not in self.tasks:
                caption = shorten(plain(self.captions.get(job.n, job.id)), CAPTION_CHARACTERS_MAX)
                self.tasks[job.id] = self.board.add_task(f"{job.n:>2} {caption}", total=1.0, word="")
            share = 1.0 if job.closed else job.progress or 0.0
            self.board.update(self.tasks[job.id], completed=share, word=_word(job))


def _word(job: Job) -> str:
    match job.state:
        case "ready":
            return "waiting"
        case "submitting":
            return "sending"
        case "running":
            return f"{job.progress:.0%}" if job.progress is not None else "rendering"
        case "succeeded":
            return f"${job.charged}" if job.clip_id else "fetching"
        case state:
            return state

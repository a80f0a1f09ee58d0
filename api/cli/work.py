"""Render jobs in a terminal."""

from api.advice import advice, outcome, to_json
from api.cli import show
from api.cli.edge import Failed, run
from api.cli.follow import until_ended
from api.cli.kit import PERSON, config, looking, working
from api.cli.offers import EVERYBODY
from tools import jobs, render
from tools.money import Money


def recent(*, as_json: bool) -> None:
    run(lambda: _recent(as_json=as_json))


async def _recent(*, as_json: bool) -> None:
    async with looking(config()) as studio, studio.database.reading() as connection:
        _tell(await jobs.recent(connection, PERSON.name), as_json=as_json)


def watch(*, as_json: bool) -> None:
    run(lambda: _watch(as_json=as_json))


async def _watch(*, as_json: bool) -> None:
    """Where no service is running, watching is also what does the work."""
    async with working(config()) as studio:
        _tell(await until_ended(studio.database), as_json=as_json, none="Nothing is under way.")


def _tell(found: list[jobs.Job], *, as_json: bool, none: str = "No jobs yet.") -> None:
    if as_json:
        show.document([to_json(job) for job in found])
    elif found:
        show.jobs(found)
        for told in filter(None, map(advice, found)):
            show.say(f"\n{told}", "bold")
    else:
        show.say(none, "dim")


def cancel(job_id: str) -> None:
    run(lambda: _cancel(job_id))


async def _cancel(job_id: str) -> None:
    async with working(config()) as studio:
        async with studio.database.reading() as connection:
            before = await jobs.get(connection, job_id, EVERYBODY)
        if before.closed:
            raise Failed(f"{job_id} has ended already: {before.state}")
        after = await render.cancel(studio.kit, job_id, owner=EVERYBODY)
    waits = "" if after.closed else "; the vendor was asked to stop, and its last word settles the money"
    show.say(f"{job_id} is {after.state}{waits}")


def resolve(job_id: str, charged: Money) -> None:
    run(lambda: _resolve(job_id, charged))


async def _resolve(job_id: str, charged: Money) -> None:
    async with working(config()) as studio:
        after = await render.resolve(studio.kit, job_id, charged, owner=EVERYBODY, by=PERSON.name)
    show.say(outcome(after, charged))

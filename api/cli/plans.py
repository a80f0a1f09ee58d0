"""What is free and opens nothing: reading a repository, planning, pricing a shots file."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.text import Text

from agent.edits import Edit, edited_all
from agent.offline.intents import understand
from agent.pictured import with_the_last
from api.cli import show
from api.cli.briefs import is_file, read_brief
from api.cli.edge import run
from api.cli.kit import PERSON, config, looking, with_folder
from api.cli.sent import sent
from api.settings import Settings
from tools import story
from tools.clock import system_clock
from tools.errors import Invalid, explain
from tools.estimate import Offer, read_wants
from tools.money import Money
from tools.prices import Kind, load_book
from tools.repo import Cache, RepoProfile
from tools.repo.source import read_source, source_of
from tools.shots import FILE_BYTES_MAX, ShotList, read_shots
from tools.story import Library
from tools.studio import READINGS, Config, Lengths, Studio


def scan(path: str, *, fresh: bool, as_json: bool) -> None:
    read = _read(path, fresh=fresh)
    if as_json:
        show.document(read.to_json())
        return
    show.profile(read)
    show.concepts(read)


def _read(path: str, *, fresh: bool = False) -> RepoProfile:
    allowed = with_folder(Settings.read().config(), path)
    source = source_of(path, allowed.repo_roots, allowed.here)
    cache = Cache(allowed.data_dir / READINGS, fresh=fresh)
    with show.err.status("Reading") as status:
        return read_source(
            source, on_file=lambda n: status.update(Text(f"Reading: {n:,} files")), cache=cache
        )


def plan(
    brief: str,
    path: str | None,
    wishes: Mapping[str, Any],
    out: Path | None,
    metaphors: str | None,
    *,
    picture: str | None,
    as_json: bool,
) -> None:
    if is_file(brief):
        brief, wishes = read_brief(brief, wishes, has_repo=path is not None)
    read = _read(path) if path is not None else None
    wishes = dict(wishes)
    level = wishes.pop("token_budget")
    maker = {name: wishes.pop(name) for name in ("provider", "model")}
    try:
        ordered = _lengths().order(story.Wishes(brief, **wishes), read, _books(metaphors), **maker)
        planned = story.by_rules(ordered)
    except ValidationError as error:
        raise explain(error) from None
    if level is not None:
        planned, spent = story.thrifty(planned, story.read_level(level))
        show.err.print(f"Prompts: {spent}")
    if picture is not None:
        planned = story.attach(planned, sent(picture))
    _hand_over(planned, out, as_json=as_json)


def _hand_over(shots: ShotList, out: Path | None, *, as_json: bool) -> None:
    """To a file, as JSON, or as a table where nobody asked for either."""
    if out is not None:
        out.write_text(shots.model_dump_json(indent=2) + "\n", "utf-8")
        show.err.print(f"Wrote {out}")
    if as_json:
        show.document(shots.model_dump(mode="json"))
    elif out is None:
        show.shots(shots)


def _lengths() -> Lengths:
    """How long the vendors sell shots, by the price book and this machine's own prices."""
    ready = Settings.read().config()
    return Lengths(load_book(ready.prices), system_clock().date(), ready.provider)


def _books(metaphors: str | None) -> Library:
    """The library of the house, with the metaphors that are set, and those of a file, before its own."""
    books = story.extend(story.library(), Settings.read().config().metaphors)
    if metaphors is None:
        return books
    try:
        text = _bytes(metaphors).decode()
    except UnicodeDecodeError:
        raise Invalid("--metaphors", f"{metaphors} is not UTF-8 text") from None
    return story.extend(books, story.read_metaphors(text, Path(metaphors).name))


def edit(file: str, said: Sequence[str], out: Path | None, *, picture: str | None, as_json: bool) -> None:
    """Each of the words makes its edits; one that is not understood changes nothing at all."""
    before = read_shots(_bytes(file))
    if picture is not None:
        name = sent(picture)
        said = [with_the_last(words, [name]) for words in said]
    after = edited_all(before, [each for words in said for each in _edits(words, before)], _lengths().of)
    _hand_over(after, out, as_json=as_json)
    for line in (*story.differences(before, after), *map(str, story.check(after))):
        show.err.print(Text(line))


def _edits(words: str, shots: ShotList) -> list[Edit]:
    lengths = [shot.duration for shot in shots.shots]
    found = understand(words, has_plan=True, lengths=lengths).edits
    if not found:
        raise Invalid(
            "edit", f"{words[:80]!r} names no edit; say it like 'change shot 2 to rain on a window'"
        )
    return [Edit.model_validate(each) for each in found]


@dataclass(frozen=True, slots=True)
class Pricing:
    """What was said on the command line about whom to ask, what to show and how much there is."""

    provider: str | None = None
    model: str | None = None
    resolution: str | None = None
    want: str = ""
    under: Money | None = None
    only: tuple[int, ...] = ()
    stills: bool = False

    @property
    def kind(self) -> Kind:
        return "image" if self.stills else "video"


def estimate(file: str, said: Pricing, *, as_json: bool) -> None:
    shots = read_shots(_bytes(file))
    ready = config()
    run(lambda: _estimate(ready, shots, said, as_json=as_json))


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


async def _estimate(ready: Config, shots: ShotList, said: Pricing, *, as_json: bool) -> None:
    async with looking(ready) as studio:
        answer, chosen = await _priced(studio, shots, said)
        if said.under is not None:
            plans = await studio.plans(shots, said.under, PERSON.name, chosen)
            answer["plans"] = [each.to_json() for each in plans]
    if as_json:
        show.document(answer)
        return
    show.say(f"{shots.title}: {len(shots.shots)} shots, {shots.seconds} seconds", "bold")
    show.comparison(answer.get("rows", [answer]), answer.get("refused", []))
    if said.under is not None:
        _plans(answer["plans"], said.under)


async def _priced(studio: Studio, shots: ShotList, said: Pricing) -> tuple[dict[str, Any], Offer | None]:
    """One vendor's estimate with its lines, or the table of all."""
    only = said.only or None
    if said.provider is None:
        wants = read_wants(said.want)
        wants = replace(wants, resolution=said.resolution or wants.resolution)
        return studio.table(shots, wants, said.kind, await studio.kept(shots, PERSON.name, only)), None
    offer = studio.offer(said.provider, said.model, said.resolution, kind=said.kind)
    return studio.row(await studio.estimate(shots, offer, PERSON.name, only), lines=True), offer


def _plans(plans: Sequence[Mapping[str, Any]], limit: Money) -> None:
    """Each plan in two lines: what it is, and what it gives up."""
    show.heading(f"Under ${limit}" if plans else f"No version of this film costs ${limit} or less here.")
    for plan in plans:
        row = plan["estimate"]
        who = f"{row['provider']} {row['model']} {row['resolution']}"
        amount = show.money(row["ceiling_usd"], play=row["play_money"])
        show.say(f"{row['seconds']} s with {who} for at most {amount}: {plan['why']}")
        show.say(f"  gives up {'; '.join(plan['gives_up']) or 'nothing'}", "dim")


def comparison(
    studio: Studio, shots: ShotList, kind: Kind = "video"
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Everybody who has a price: those who can render the shots, cheapest first, and why others cannot."""
    found = studio.table(shots, kind=kind)
    return found["rows"], found["refused"]

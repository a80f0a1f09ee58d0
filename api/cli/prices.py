"""The price book in a terminal, and what has to be changed in it."""

from itertools import groupby
from pathlib import Path
from typing import Literal

import click

from api.cli import show
from api.cli.edge import run
from api.cli.kit import config, looking
from api.settings import Settings
from tools import drift
from tools.clock import system_clock
from tools.prices import (
    PACKAGED,
    Answer,
    PriceBook,
    PriceRow,
    answers,
    as_diff,
    packaged,
    read_prices,
    updated,
    with_live,
)
from tools.repo.text import plain
from tools.studio import ANSWERS

UNITS = {"second": "s", "clip": "clip", "image": "image", "thousand_characters": "1,000 letters"}


Origin = Literal["vendor", "file", "packaged"]
IN_WORDS: dict[Origin, str] = {
    "vendor": "as the vendor says now",
    "file": "your own file",
    "packaged": "the packaged book",
}


def book(*, as_json: bool) -> None:
    found = _standing(Settings.read())
    if as_json:
        show.document(
            [row.model_dump(mode="json", exclude_none=True) | {"origin": origin} for row, origin in found]
        )
        return
    for provider, rows in groupby(found, key=lambda each: each[0].provider):
        show.heading(provider)
        for (model, _, origin), rates in groupby(
            rows, key=lambda each: (each[0].model, each[0].kind, each[1])
        ):
            _model(model, [row for row, _ in rates], origin)


def _model(name: str, rows: list[PriceRow], origin: Origin) -> None:
    """What holds for a model on one line, its rates on the next, and where they come from."""
    first, last = rows[0], rows[-1]
    ends = f"until {last.end_of_life}" + (f", then {last.successor}" if last.successor else "")
    facts = (
        first.seconds_in_words() if first.kind == "video" else first.kind,
        f"from {first.input}" if first.input else "",
        f"sound {first.sound}" if first.sound else "",
        f"${first.minimum} at least" if first.minimum_usd else "",
        ends if last.end_of_life else "",
        "play money" if first.play_money else "",
        f"as of {min(row.as_of for row in rows)}",
    )
    show.say(f"  {name} · {' · '.join(filter(None, facts))}")
    show.say("    " + ", ".join(_rate(row) for row in rows), "dim")
    sources = dict.fromkeys(plain(row.source).partition(", ")[0] for row in rows)
    show.say(f"    {IN_WORDS[origin]}: {'; '.join(sources)}", "dim")


def _rate(row: PriceRow) -> str:
    sound = {True: " with sound", False: " silent", None: ""}[row.audio]
    return f"{row.resolution or ''}{sound} ${row.rate}/{UNITS[row.unit]}".strip()


def _standing(settings: Settings) -> list[tuple[PriceRow, Origin]]:
    """The book as it stands now, in the order in which a price is looked for."""
    kept = _kept(settings)
    own = read_prices(settings.prices) if settings.prices is not None else ()
    found = with_live(PriceBook((*own, *packaged())), packaged(), kept, system_clock())
    live = {id(row) for each in kept for row in each.rows}
    return [
        (row, "vendor" if id(row) in live else "file" if row in own else "packaged") for row in found.rows
    ]


def _kept(settings: Settings) -> list[Answer]:
    return answers(settings.data_dir / ANSWERS)


def refresh(out: Path | None) -> None:
    """Print or write the patch; what it means goes to stderr, so that the patch can be piped."""
    kept = _kept(Settings.read())
    patch = as_diff(packaged(), updated(packaged(), kept), _header())
    for each in kept:
        show.err.print(f"{each.provider} answered on {each.at:%Y-%m-%d %H:%M}: {len(each.rows)} rows")
        for model, why in each.unreadable.items():
            show.err.print(f"  {plain(model)} has no price that can be read: {plain(why)}")
    if not patch:
        show.err.print("Nothing to change." if kept else "No vendor has answered yet: nothing to compare.")
    elif out is not None:
        out.write_text(patch, "utf-8")
        show.err.print(f"Wrote {out}; `git apply` takes it after you have read it.", soft_wrap=True)
    else:
        click.echo(patch, nl=False)


def _header() -> str:
    """What the packaged file says before its first row."""
    return PACKAGED.read_text("utf-8").partition("[[price]]")[0]


def audit(*, as_json: bool) -> None:
    run(lambda: _audit(as_json=as_json))


async def _audit(*, as_json: bool) -> None:
    async with looking(config()) as studio, studio.database.reading() as connection:
        found = await drift.every(connection)
    if as_json:
        show.document([each.to_json() for each in found])
        return
    if not found:
        show.say("No vendor has reported a bill yet.", "dim")
    for each in found:
        amounts = f"expected ${each.expected}, billed {show.money(each.charged, play=each.play_money)}"
        over = f", {each.above_ceiling} above what was approved" if each.above_ceiling else ""
        show.say(f"{each.provider} {each.model}: {each.in_words} ({amounts}{over})")

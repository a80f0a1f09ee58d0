"""A conversation in the terminal: the same turns as the page's, with a y/N instead of a button."""

from dataclasses import dataclass
from typing import Any

import anyio

from agent.models import check
from agent.turn import Turn
from api import places, talk
from api.cli import show
from api.cli.ask import Consent, approves, at_terminal, read_line
from api.cli.edge import Failed, NobodyAsked, run, told
from api.cli.follow import when_interrupted
from api.cli.kit import CHANNEL, PERSON, settings, working
from api.cli.offers import finish
from api.house import House
from api.settings import Settings
from api.talk import Answer, Words
from tools import conversations, quotes
from tools.errors import Invalid, StudioError
from tools.ids import new_chat_id, new_message_id
from tools.quotes import Quote
from tools.shots import BRIEF_CHARACTERS_MAX, ShotList

QUIT = ("/quit", "/exit", "/q")
GREETING = 'Tell me what to film: a story in a sentence, or "this repository". /quit or Ctrl-D ends.'


@dataclass(frozen=True, slots=True)
class Table:
    """Where a person and the crew sit: the service's parts, the conversation, what was said in advance."""

    house: House
    chat_id: str
    consent: Consent


def chat(resume: str | None, consent: Consent) -> None:
    read = settings()
    check(read.chosen_model())
    run(lambda: _chat(read, resume, consent))


async def _chat(read: Settings, resume: str | None, consent: Consent) -> None:
    async with working(read.config()) as studio, anyio.create_task_group() as tasks:
        house = House(read, studio, tasks)
        table = Table(house, resume or new_chat_id(), consent)
        if resume is not None:
            await _recall(table)
        tasks.start_soon(house.raise_stage)
        tasks.start_soon(places.attend, house)
        with when_interrupted(f"Stopped. {_way_back(table)}"):
            spoken = await _talk(table, resumed=resume is not None)
        if spoken or resume is not None:
            show.err.print(_way_back(table))
        tasks.cancel_scope.cancel()


def _way_back(table: Table) -> str:
    return f"Go on with: greenlight chat --resume {table.chat_id}"


async def _recall(table: Table) -> None:
    """The last words of a conversation that goes on; `NotFound` if there is none of this person's."""
    async with table.house.studio.database.reading() as connection:
        known = await conversations.get(connection, table.chat_id, PERSON.name)
        kept = await conversations.messages(connection, table.chat_id)
    show.heading(known.title)
    for said in kept[-2:]:
        texts = [part["text"] for part in said.body["parts"] if part["type"] == "text"]
        if texts:
            show.say(f"{'you' if said.role == 'user' else 'crew'}: {' '.join(texts)}", "dim")


async def _talk(table: Table, *, resumed: bool) -> int:
    """Turn after turn until the person has had enough; returns how many there were."""
    if resumed:
        await _attempt(table, None)
    else:
        show.err.print(GREETING)
    turns = 0
    while (line := await read_line("\nyou> ")) is not None and line.strip() not in QUIT:
        if line.strip():
            await _attempt(table, line.strip())
            turns += 1
    return turns


async def _attempt(table: Table, text: str | None) -> None:
    """One exchange. At a terminal what goes wrong is told, and the conversation goes on."""
    try:
        if text is None:
            await _answer_open(table)
        else:
            await _say(table, text)
    except NobodyAsked:
        raise
    except (StudioError, Failed) as error:
        if not at_terminal():
            raise
        show.err.print(told(error) if isinstance(error, StudioError) else error.format_message())


async def _say(table: Table, text: str) -> None:
    if len(text) > BRIEF_CHARACTERS_MAX:
        raise Invalid("message", f"has at most {BRIEF_CHARACTERS_MAX:,} characters")
    await _follow(table, await talk.say(table.house, PERSON, table.chat_id, Words(new_message_id(), text)))


async def _answer_open(table: Table) -> None:
    """An offer of an earlier sitting that still stands."""
    studio = table.house.studio
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        waiting = await quotes.open_in(connection, table.chat_id)
    for offer in waiting:
        await _answer(table, offer)


async def _follow(table: Table, turn: Turn) -> None:
    """Tell a turn as it comes, and put every offer it makes to the person."""
    asked: list[str] = []
    async for chunk in turn.chunks():  # the turn is over when what was said is kept
        if chunk["type"] == "tool-approval-request":
            asked.append(chunk["approvalId"])
        _tell(table, chunk)
    for quote_id in asked:
        async with table.house.studio.database.reading() as connection:
            offer = await quotes.get(connection, quote_id, PERSON.name)
        await _answer(table, offer)


async def _answer(table: Table, offer: Quote) -> None:
    show.quote(offer)
    yes = await approves(offer, table.consent)
    answered = [Answer(offer.id, yes)]
    await _follow(table, await talk.decide(table.house, PERSON, table.chat_id, answered, channel=CHANNEL))
    if yes:
        await finish(table.house.studio, offer)


def _tell(table: Table, chunk: dict[str, Any]) -> None:
    """One chunk of a turn; its offers are shown when they are asked about, its previews only counted."""
    match chunk["type"]:
        case "text-delta":
            show.stream(chunk["delta"])
        case "text-end":
            show.stream("\n")
        case "tool-input-available":
            show.err.print(f"· {chunk['toolName']}", style="dim")
        case "tool-output-available":
            show.err.print(f"  {_summary(chunk['output'])}", style="dim")
        case "tool-output-error" | "error":
            show.err.print(f"  {show.plain(chunk['errorText'])}", style="red")
        case "message-metadata":
            _tell_cost(chunk["messageMetadata"])
        case kind if kind.startswith("data-"):
            _show(table, kind, chunk["data"])
        case _:
            pass


def _show(table: Table, kind: str, body: dict[str, Any]) -> None:
    match kind:
        case "data-shots":
            show.shots(ShotList.model_validate(body))
        case "data-planning":
            _tell_most(body)
        case "data-estimate":
            show.comparison(body["rows"], body["refused"])
        case "data-film":
            show.path_line("film:", table.house.studio.kit.shelf.path(body["sha256"]))
        case _:
            pass


def _summary(output: dict[str, Any] | str) -> str:
    return show.plain(output if isinstance(output, str) else str(output.get("summary", "")))


def _tell_most(told: dict[str, Any]) -> None:
    """What a draft may cost; the tool's summary says what it did cost."""
    asked = f"planning with {show.plain(told['model'])} costs at most ${told['most_usd']} a try"
    show.err.print(f"  {asked}", style="dim")


def _tell_cost(told: dict[str, Any]) -> None:
    if told.get("cost_usd") is not None:
        note = f" ({told['cost_note']})" if told.get("cost_note") else ""
        show.err.print(f"  the language model cost ${told['cost_usd']}{note}", style="dim")

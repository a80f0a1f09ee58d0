"""How a turn begins, by whichever door: with a person's words, or with their answers to offers.

The answers are recorded here, by `tools.approvals`; the agent is only told what the books say.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.messages import assistant_message, opening, sequel, tool_part, user_message
from agent.turn import DONE, Ask, Decision, Turn
from api import places
from api.auth import Principal
from api.house import House
from api.quotes import answer_yes
from api.sent import brought
from api.undo import Undo, undo_of
from tools import conversations, quotes
from tools.approvals import Approver
from tools.conversations import Said
from tools.errors import Invalid, NotFound, StudioError, TurnSpent
from tools.ids import new_message_id
from tools.quotes import Quote
from tools.studio import Studio

REPLACED = "a new message came instead of an answer"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Words:
    """A person's new message."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to an offer, by the offer's id."""

    id: str
    approved: bool
    reason: str | None = None


async def say(house: House, person: Principal, chat_id: str, said: Words) -> Turn:
    """Begin a turn with a person's words. An offer that was open is declined: they went on without it.

    If a picture that they use by its address cannot be had, nothing was said. Words under an id that is
    there already take its place, and what followed is put aside.
    """
    studio, stage = house.studio, await house.stage()
    await _refuse_strangers(studio, person, chat_id)
    turn = await places.begin(house, chat_id, new_message_id(), person.name)
    try:
        said = replace(said, text=await brought(house, person, said.text))
        await _write(studio, person, chat_id, said, await undo_of(studio, stage, chat_id, said.id))
        decisions = await _recorded(house, person, chat_id)
        _play(house, person, turn, Ask(said.text, decisions, assistant_message(turn.message_id), said.id))
    except BaseException:
        await places.leave(house, turn)
        raise
    return turn


async def _write(studio: Studio, person: Principal, chat_id: str, said: Words, undo: Undo) -> None:
    now = studio.clock()
    async with studio.database.transaction() as connection:
        await conversations.enter(connection, chat_id, person.name, said.text, now)
        await quotes.expire_due(connection, now)
        for offer in await quotes.open_in(connection, chat_id):
            await quotes.decline(connection, offer.id, by=person.name, reason=REPLACED, at=now)
        for quote_id in undo.offers:
            if (await quotes.get(connection, quote_id)).state == "approved":
                raise TurnSpent(quote_id)
        await conversations.put_aside(connection, chat_id, undo.gone, now)
        if undo.state is not None:
            await conversations.remember(connection, chat_id, undo.state, now)
        if undo.plan is not None:
            await conversations.plan_back_to(connection, chat_id, undo.plan, now)
        await conversations.say(
            connection, chat_id, Said(said.id, "user", user_message(said.id, said.text)), now
        )


async def again(house: House, person: Principal, chat_id: str, message_id: str) -> Turn:
    """Answer a message of the person's anew, in the words that the server has of it."""
    async with house.studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
        kept = await conversations.messages(connection, chat_id)
    for said in kept:
        if said.id == message_id and said.role == "user":
            return await say(house, person, chat_id, Words(said.id, said.body["parts"][0]["text"]))
    raise NotFound("message", message_id)


async def _refuse_strangers(studio: Studio, person: Principal, chat_id: str) -> None:
    """A conversation that is somebody else's does not exist; one that is nobody's is about to begin."""
    async with studio.database.reading() as connection:
        owner = await conversations.owner_of(connection, chat_id)
    if owner not in (None, person.name):
        raise NotFound("conversation", chat_id)


async def decide(
    house: House, person: Principal, chat_id: str, answers: list[Answer], *, channel: str
) -> Turn:
    """Record a person's answers to this conversation's offers, and let the paused turn go on."""
    studio = house.studio
    if len({each.id for each in answers}) < len(answers):
        raise Invalid("messages", "one offer is answered once")
    offers = [await _offer(studio, person, chat_id, each) for each in answers]
    asking = await _asking(studio, person, chat_id, offers)
    running = house.turns.running.get(chat_id)
    if running is not None and running.message_id == asking.id and _are_given(offers, answers):
        return running  # the same answer from another tab: both follow what the first one began
    turn = await places.begin(house, chat_id, asking.id, person.name, opening(asking.body))
    try:
        for offer, given in zip(offers, answers, strict=True):
            await _record(studio, person, offer, given, channel)
        waiting = await _recorded(house, person, chat_id)
        if not any(each.quote_id == offer.id for each in waiting for offer in offers):
            return await _told_before(house, turn, asking, [offer.id for offer in offers])
        _play(house, person, turn, Ask(None, waiting, asking.body))
    except BaseException:
        await places.leave(house, turn)
        raise
    return turn


def _are_given(offers: Sequence[Quote], answers: Sequence[Answer]) -> bool:
    """Are these the answers that are on record?"""
    given = {True: "approved", False: "declined"}
    return all(offer.state == given[each.approved] for offer, each in zip(offers, answers, strict=True))


async def _offer(studio: Studio, person: Principal, chat_id: str, given: Answer) -> Quote:
    """The offer that is answered; one of another conversation or another person does not exist here."""
    async with studio.database.reading() as connection:
        found = await quotes.get(connection, given.id, person.name)
    if found.conversation_id != chat_id:
        raise NotFound("quote", given.id)
    return found


async def _asking(studio: Studio, person: Principal, chat_id: str, offers: list[Quote]) -> Said:
    """Our own message that asked for this answer."""
    async with studio.database.reading() as connection:
        await conversations.get(connection, chat_id, person.name)
        kept = await conversations.messages(connection, chat_id)
    for said in reversed(kept):
        if any(tool_part(said.body, str(offer.tool_call_id)) for offer in offers):
            return said
    raise NotFound("offer", offers[0].id)


async def _record(studio: Studio, person: Principal, offer: Quote, given: Answer, channel: str) -> None:
    if given.approved and offer.state == "approved":
        return  # an approver was here before; the conversation only goes on
    if given.approved:
        person.needs("approver")
        await answer_yes(studio, offer.id, offer.digest, Approver(person.name, channel), person.name)
        return
    async with studio.database.transaction() as connection:
        await quotes.expire_due(connection, studio.clock())
        await quotes.decline(connection, offer.id, by=person.name, reason=given.reason, at=studio.clock())


async def _recorded(house: House, person: Principal, chat_id: str) -> tuple[Decision, ...]:
    """What our books say about every offer that the agent still waits for."""
    studio, stage = house.studio, await house.stage()
    decisions: list[Decision] = []
    for call in await stage.waiting(studio, person.name, chat_id):
        async with studio.database.reading() as connection:
            offer = await quotes.of_call(connection, chat_id, call)
        if offer is not None:
            approved = offer.state == "approved"
            reason = offer.reason or (None if approved else f"the offer is {offer.state}")
            decisions.append(Decision(offer.id, call, approved, reason))
    return tuple(decisions)


async def _told_before(house: House, turn: Turn, asking: Said, answered: Sequence[str]) -> Turn:
    """The same answer again: what it led to is told again, to a tab that did not see it."""
    told = [chunk for quote_id in answered for chunk in sequel(asking.body, quote_id)]
    for chunk in ({"type": "start", "messageId": asking.id}, *told, {"type": "finish"}):
        turn.add(json.dumps(chunk))
    turn.add(DONE)
    await places.leave(house, turn)
    return turn


def _play(house: House, person: Principal, turn: Turn, ask: Ask) -> None:
    async def play() -> None:
        try:
            await (await house.stage()).play(turn, house.studio, person.name, ask)
        except StudioError as error:  # there is no room for it any more: what was said stays as it was kept
            log.warning("a turn in %s came to no end: %s", turn.chat_id, error)
        finally:
            await places.leave(house, turn)

    house.tasks.start_soon(play)

"""A conversation's one place for a turn, among all processes of the service.

Each plays its own turns, and once a second looks whether they still have their places and whether
somebody asked them, in whichever process, to stop.
"""

import logging
from collections.abc import Sequence

import anyio

from agent.messages import Chunk
from agent.turn import Turn
from api.house import House
from tools import turns

LOOK_SECONDS = 1.0

log = logging.getLogger(__name__)


async def begin(
    house: House, chat_id: str, message_id: str, owner: str, before: Sequence[Chunk] = ()
) -> Turn:
    """Take the place; `TurnRunning` if a turn has it, here or in another process."""
    turn = house.turns.begin(chat_id, message_id, owner, before)
    try:
        studio = house.studio
        async with studio.database.transaction() as connection:
            taken = await turns.take(connection, chat_id, studio.kit.worker, studio.clock())
        turn.id = taken  # known from here on: before, nobody would find its place
    except BaseException:
        house.turns.leave(turn)
        raise
    return turn


async def leave(house: House, turn: Turn) -> None:
    """Give the place back first: whoever is told that this was all may say the next thing at once."""
    taken, turn.id = turn.id, None  # from here on nobody looks after it
    with anyio.CancelScope(shield=True):
        if taken is not None:
            await turns.leave(house.studio.database, taken)
        house.turns.leave(turn)


async def attend(house: House) -> None:
    """Look after the turns that are played here, for as long as the service runs."""
    while True:
        await anyio.sleep(LOOK_SECONDS)
        await look_after(house)


async def look_after(house: House) -> None:
    mine = {turn.id: turn for turn in house.turns.running.values() if turn.id is not None}
    standing = await turns.look_after(house.studio.database, mine, house.studio.clock()) if mine else None
    if standing is None:
        return
    for turn_id, turn in mine.items():
        if turn.id != turn_id:
            continue  # it has come to its end meanwhile
        if turn_id not in standing:
            log.warning("another process has taken the place of a turn in %s", turn.chat_id)
        if turn_id not in standing or standing[turn_id].stop_asked:
            turn.stop()


async def is_running(house: House, chat_id: str) -> bool:
    """Is a turn of this conversation played, here or in another process?"""
    return chat_id in house.turns.running or chat_id in await running(house)


async def running(house: House) -> set[str]:
    async with house.studio.database.reading() as connection:
        return house.turns.running.keys() | await turns.running(connection, house.studio.clock())


async def wait(house: House, chat_id: str, seconds_max: float) -> None:
    """Until no other process plays a turn here any more, or for so long."""
    with anyio.move_on_after(seconds_max):
        while chat_id in await running(house):  # noqa: ASYNC110 -- another process rings no bell here
            await anyio.sleep(LOOK_SECONDS)


async def stop(house: House, chat_id: str) -> bool:
    """Stop the turn that runs; one of another process hears of it at its next look. False if there is none."""
    turn = house.turns.running.get(chat_id)
    if turn is not None:
        turn.stop()
        return True
    async with house.studio.database.transaction() as connection:
        return await turns.ask_to_stop(connection, chat_id, house.studio.clock())

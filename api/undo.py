"""Taking words back: a message that is edited or answered anew, and what becomes of all that followed.

What was said is put aside, never deleted; the agent forgets it, and the plan is again what it was.
Where an offer was approved since, nothing is taken back: what a person paid for stays in sight.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.turn import Stage
from tools import conversations
from tools.conversations import Said
from tools.studio import Studio


@dataclass(frozen=True, slots=True)
class Undo:
    """What goes with a message: the rest of the conversation, and the offers in it.

    `state` is the agent's memory without all that, `plan` the version that counted before.
    """

    gone: Sequence[Said] = ()
    offers: Sequence[str] = ()
    state: str | None = None
    plan: int | None = None


async def undo_of(studio: Studio, stage: Stage, chat_id: str, message_id: str) -> Undo:
    """What goes with a message of a person's; nothing if it is not there yet."""
    async with studio.database.reading() as connection:
        kept = await conversations.messages(connection, chat_id)
        state = await conversations.state_of(connection, chat_id)
    first = next((n for n, said in enumerate(kept) if said.id == message_id and said.role == "user"), None)
    if first is None:
        return Undo()
    gone = kept[first:]
    versions = [part["data"]["version"] for part in _parts(kept[:first], "data-shots")]
    return Undo(
        gone,
        [part["id"] for part in _parts(gone, "data-quote")],
        stage.forget(state, [said.id for said in gone]) if state is not None else None,
        versions[-1] if versions else None,
    )


def _parts(said: Sequence[Said], kind: str) -> list[dict[str, Any]]:
    return [part for each in said for part in each.body["parts"] if part["type"] == kind]

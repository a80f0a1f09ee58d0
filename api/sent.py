"""Pictures whose addresses a person typed: brought in before anybody else sees the words.

This is the only place that fetches for a conversation, and it is handed nothing but the person's own
message. What is said from here on names pictures as if they had been sent along with it.
"""

import re

import anyio

from agent.addressed import addresses_in, with_names
from api.auth import Principal
from api.house import House
from tools import pictures
from tools.errors import Invalid

PICTURES_MAX = 4  # of one message
SECONDS = 20.0  # for all of them
SHOWN_CHARACTERS_MAX = 80
LOGIN = re.compile(r"//[^/?#]*@")


async def brought(house: House, person: Principal, text: str, seconds: float = SECONDS) -> str:
    """The message with the names of its pictures for their addresses; `Invalid` says which cannot be had, and why."""
    addresses = addresses_in(text)
    if len(addresses) > PICTURES_MAX:
        raise Invalid(
            "picture", f"at most {PICTURES_MAX} are fetched for one message; send the others after it"
        )
    names: dict[str, str] = {}
    with anyio.move_on_after(seconds):
        for address in addresses:
            names[address] = await _kept(house, person, address)
    if missed := next((each for each in addresses if each not in names), None):
        raise Invalid("picture", f"{_shown(missed)}: it did not come in time")
    return with_names(text, names)


async def _kept(house: House, person: Principal, address: str) -> str:
    house.sending.take(person.name)
    studio = house.studio
    album = studio.kit.album
    try:
        content = await house.fetch(album, address)
        kept = await pictures.take_in(studio.database, album, content, owner=person.name, at=studio.clock())
    except Invalid as error:
        raise Invalid("picture", f"{_shown(address)}: {error.why}") from None
    return kept.name


def _shown(address: str) -> str:
    """An address without what may be secret in it."""
    return LOGIN.sub("//", address).partition("?")[0].partition("#")[0][:SHOWN_CHARACTERS_MAX]

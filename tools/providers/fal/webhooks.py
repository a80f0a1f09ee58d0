"""fal's calls: who signs them, and what they claim.

Its keys are public and change; they are fetched beside everything else, and kept for a day. Until
they are there no call is believed, and nothing is lost by that: we ask anyway.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from anyio import sleep
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tools.providers.answers import as_object, as_objects
from tools.providers.base import Nudge
from tools.providers.wire import Client, get_json

KEYS = ".well-known/jwks.json"
KEYS_LIFE = timedelta(hours=23)  # its documentation: no longer than 24
KEYS_AGAIN = timedelta(minutes=1)
LATE = timedelta(minutes=5)  # its documentation: a call that is older, or newer, is not genuine
SIGNATURE = "x-fal-webhook-signature"
SIGNED = ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp")


class Keyring:
    """The keys that fal signs with, as it last told them."""

    def __init__(self, keys: tuple[Ed25519PublicKey, ...] = ()) -> None:
        self._keys = keys

    async def keep_fresh(self, client: Client) -> None:
        while True:
            heard = await get_json(client, KEYS)
            told = () if heard is None or heard.status >= 400 else tuple(_keys(heard.body))
            self._keys = told or self._keys
            await sleep((KEYS_LIFE if told else KEYS_AGAIN).total_seconds())

    def knows(self, signature: bytes, message: bytes) -> bool:
        return any(_fits(key, signature, message) for key in self._keys)


def read_nudge(keyring: Keyring, headers: Mapping[str, str], body: bytes, now: datetime) -> Nudge | None:
    """What a call claims, if fal signed it within the last minutes."""
    signed = [headers.get(name, "") for name in SIGNED]
    message = "\n".join([*signed, sha256(body).hexdigest()]).encode()
    with suppress(ValueError, RecursionError):  # no signature, a time that is none, or not to be read
        late = abs(int(now.timestamp()) - int(signed[-1])) > LATE // timedelta(seconds=1)
        if not late and keyring.knows(bytes.fromhex(headers.get(SIGNATURE, "")), message):
            return _claim(json.loads(body))
    return None


def _claim(said: Any) -> Nudge | None:
    """It names the request, and not its addresses."""
    match as_object(said):
        case {"request_id": str(name), "status": str(word)} if name:
            return Nudge(f"{name}:{word}"[:200], name)
        case _:
            return None


def _keys(body: Mapping[str, Any]) -> Iterator[Ed25519PublicKey]:
    """The keys of a set; what is none of this kind, or cannot be read, is left out."""
    for each in as_objects(body.get("keys")):
        if each.get("crv") == "Ed25519" and isinstance(each.get("x"), str):
            with suppress(ValueError):
                yield Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(each["x"] + "=="))


def _fits(key: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True

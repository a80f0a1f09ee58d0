"""Identifiers that say what they name: `quote_...`, `job_...`, `clip_...`, `chat_...`.

The random part is 100 bits from the system's generator, so an id cannot be guessed; the
prefix lets a person and a log reader see what it is.
"""

import secrets
from typing import NewType

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's, without the letters that look like digits
LENGTH = 20

ApprovalId = NewType("ApprovalId", str)
ChatId = NewType("ChatId", str)
ClipId = NewType("ClipId", str)
FilmId = NewType("FilmId", str)
JobId = NewType("JobId", str)
MessageId = NewType("MessageId", str)
QuoteId = NewType("QuoteId", str)
TakeId = NewType("TakeId", str)
TurnId = NewType("TurnId", str)


def _random(prefix: str) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_approval_id() -> ApprovalId:
    return ApprovalId(_random("approval"))


def new_chat_id() -> ChatId:
    return ChatId(_random("chat"))


def new_film_id() -> FilmId:
    return FilmId(_random("film"))


def new_job_id() -> JobId:
    return JobId(_random("job"))


def new_message_id() -> MessageId:
    return MessageId(_random("msg"))


def new_quote_id() -> QuoteId:
    return QuoteId(_random("quote"))


def new_take_id() -> TakeId:
    return TakeId(_random("take"))


def new_turn_id() -> TurnId:
    return TurnId(_random("turn"))

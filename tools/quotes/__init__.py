"""A quote: one exact offer, bound to a digest, that expires.

    issued -> approved | declined | expired | superseded

The digest covers the bytes of every request, every amount and the price they came from. An
approval names it, and it is checked again before anything is sent.
"""

from tools.quotes.book import (
    announce,
    card,
    close,
    conflict,
    decline,
    expire_due,
    get,
    is_any_due,
    issue,
    of_call,
    open_in,
    owned_clips,
    owned_work,
    recent,
    supersede,
)
from tools.quotes.offer import (
    Quote,
    QuoteLine,
    Terms,
    body_sha256,
    digest_of,
    offer_of,
    request_body,
    verify,
    work_of,
)
from tools.quotes.takes import takes, under_way

__all__ = [
    "Quote",
    "QuoteLine",
    "Terms",
    "announce",
    "body_sha256",
    "card",
    "close",
    "conflict",
    "decline",
    "digest_of",
    "expire_due",
    "get",
    "is_any_due",
    "issue",
    "of_call",
    "offer_of",
    "open_in",
    "owned_clips",
    "owned_work",
    "recent",
    "request_body",
    "supersede",
    "takes",
    "under_way",
    "verify",
    "work_of",
]

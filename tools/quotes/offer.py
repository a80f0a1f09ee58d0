"""An exact offer as values: every request in full, every amount, under one digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tools.audit import canonical
from tools.clock import stamp
from tools.estimate import Estimate, Line, Offer
from tools.ids import QuoteId, new_quote_id
from tools.money import Money
from tools.pictures import shown
from tools.prices import Kind, age_warning
from tools.shots import Shot

SETTINGS = frozenset({"model", "kind", "seconds", "resolution", "audio"})  # of a request: how, not what


@dataclass(frozen=True, slots=True)
class QuoteLine:
    n: int
    shot_id: str
    kind: Kind
    seconds: int
    body: Mapping[str, Any]
    body_sha256: str
    unit: Money
    expected: Money
    ceiling: Money
    reused_clip_id: str | None

    @property
    def drawn(self) -> bool:
        """Is it the animatic's drawing, which nobody was ever paid for?"""
        return self.reused_clip_id is not None and self.body["model"] == "animatic"


@dataclass(frozen=True, slots=True)
class Quote:
    """As stored. `headroom_before` is what the tightest budget had left when it was issued.

    `notes` are what a person should know about the vendor's way of selling, in words.
    """

    id: QuoteId
    owner: str
    conversation_id: str | None
    tool_call_id: str | None
    project: str
    title: str
    state: str
    digest: str
    offer: Offer
    aspect_ratio: str
    play_money: bool
    lines: tuple[QuoteLine, ...]
    expected: Money
    ceiling: Money
    headroom_before: Money
    price_source: str
    price_as_of: date
    notes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    reason: str | None
    superseded_by: str | None

    def line(self, n: int) -> QuoteLine:
        """The line of shot `n`; every job was made from one."""
        return next(line for line in self.lines if line.n == n)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "state": self.state,
            "digest": self.digest,
            "conversation_id": self.conversation_id,
            "project": self.project,
            "title": self.title,
            "provider": self.offer.provider,
            "model": self.offer.model,
            "resolution": self.offer.resolution,
            "aspect_ratio": self.aspect_ratio,
            "play_money": self.play_money,
            "lines": [self._line_json(line) for line in self.lines],
            "expected_usd": str(self.expected),
            "ceiling_usd": str(self.ceiling),
            "headroom_before_usd": str(self.headroom_before),
            "headroom_after_usd": str(self.headroom_before - self.ceiling),
            "price_source": self.price_source,
            "price_as_of": self.price_as_of.isoformat(),
            "price_warning": age_warning(self.price_as_of, self.issued_at.date()),
            "notes": list(self.notes),
            "issued_at": self.issued_at.isoformat(),
            "expires_at": self.expires_at.isoformat(),
            "reason": self.reason,
            "superseded_by": self.superseded_by,
        }

    def _line_json(self, line: QuoteLine) -> dict[str, Any]:
        pictures = {"pictures": shown(line.body["pictures"])} if "pictures" in line.body else {}
        return pictures | {
            "n": line.n,
            "shot_id": line.shot_id,
            "kind": line.kind,
            "prompt": line.body["prompt"],
            "caption": line.body["caption"],
            "seconds": line.seconds,
            "model": line.body["model"],
            "resolution": line.body["resolution"],
            "aspect_ratio": self.aspect_ratio,
            "audio": line.body["audio"],
            "unit_usd": str(line.unit),
            "expected_usd": str(line.expected),
            "ceiling_usd": str(line.ceiling),
            "reused_clip_id": line.reused_clip_id,
        }


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything about an offer that is not in its lines."""

    owner: str
    title: str
    headroom: Money
    issued_at: datetime
    life: timedelta
    project: str = "default"
    conversation_id: str | None = None
    tool_call_id: str | None = None


def request_body(shot: Shot, offer: Offer, aspect_ratio: str) -> dict[str, Any]:
    """The request for one shot, exactly as a vendor's adapter will be given it.

    The shot's number stays out: the same picture in another place of the film is the same work. What is
    no clip says so.
    """
    kind = {} if offer.kind == "video" else {"kind": offer.kind}
    settings = {
        "model": offer.model,
        "seconds": shot.duration,
        "resolution": offer.resolution,
        "audio": offer.audio,
    }
    return picture_of(shot, aspect_ratio) | settings | kind


def picture_of(shot: Shot, aspect_ratio: str) -> dict[str, Any]:
    """What a request says of the picture, whoever makes it how.

    Reference pictures are named by what is in them, so the digest covers their bytes.
    """
    pictures = {"pictures": shot.reference_images} if shot.reference_images else {}
    return pictures | {
        "prompt": shot.enhanced_prompt,
        "negative_prompt": shot.negative_prompt,
        "aspect_ratio": aspect_ratio,
        "caption": shot.caption,
        "title_card": shot.title_card,
        "camera": shot.camera,
        "styles": shot.styles,
        "mood": shot.mood,
    }


def pictured(body: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a request that was written down."""
    return {name: value for name, value in body.items() if name not in SETTINGS}


def body_sha256(provider: str, body: Mapping[str, Any]) -> str:
    """Names a piece of work: the same vendor asked for the same thing."""
    return hashlib.sha256(canonical([provider, body]).encode()).hexdigest()


def work_of(shot: Shot, offer: Offer, aspect_ratio: str) -> str:
    return body_sha256(offer.provider, request_body(shot, offer, aspect_ratio))


def digest_of(offer: Quote) -> str:
    """sha256 over everything that is shown, billed or sent. No two quotes share one."""
    # What offers did not say before there was a word for it is left out where they still do not.
    kind = () if offer.offer.kind == "video" else (offer.offer.kind,)
    notes = (list(offer.notes),) if offer.notes else ()
    terms = [
        [offer.id, offer.owner, offer.conversation_id, offer.tool_call_id, offer.project, offer.title],
        [offer.offer.provider, offer.offer.model, offer.offer.resolution, offer.offer.audio, *kind],
        [offer.aspect_ratio, offer.play_money, offer.expected.micros, offer.ceiling.micros],
        [offer.headroom_before.micros],
        [offer.price_source, offer.price_as_of.isoformat(), stamp(offer.issued_at), stamp(offer.expires_at)],
        *notes,
    ]
    rows = [
        [
            line.n,
            [line.shot_id, line.kind, line.seconds],
            line.body,
            line.body_sha256,
            line.unit.micros,
            line.expected.micros,
            line.ceiling.micros,
            line.reused_clip_id,
        ]
        for line in offer.lines
    ]
    return "sha256:" + hashlib.sha256(canonical([terms, rows]).encode()).hexdigest()


def verify(stored: Quote) -> bool:
    """Does the digest still cover what is stored? Nobody changed a byte or an amount since."""
    return digest_of(stored) == stored.digest


def offer_of(estimate: Estimate, terms: Terms) -> Quote:
    """An estimate made exact: every request in full, under one digest."""
    unsealed = Quote(
        id=new_quote_id(),
        owner=terms.owner,
        conversation_id=terms.conversation_id,
        tool_call_id=terms.tool_call_id,
        project=terms.project,
        title=terms.title,
        state="issued",
        digest="",
        offer=estimate.offer,
        aspect_ratio=estimate.aspect_ratio,
        play_money=estimate.play_money,
        lines=tuple(_line(estimate, line) for line in estimate.lines),
        expected=estimate.expected,
        ceiling=estimate.ceiling,
        headroom_before=terms.headroom,
        price_source=estimate.price_source,
        price_as_of=estimate.price_as_of,
        notes=_notes(estimate, terms),
        issued_at=terms.issued_at,
        expires_at=terms.issued_at + terms.life,
        reason=None,
        superseded_by=None,
    )
    return replace(unsealed, digest=digest_of(unsealed))


def _notes(estimate: Estimate, terms: Terms) -> tuple[str, ...]:
    """How old the price is, the offer says by itself."""
    age = age_warning(estimate.price_as_of, terms.issued_at.date())
    return tuple(note for note in estimate.notes if note != age)


def _line(estimate: Estimate, line: Line) -> QuoteLine:
    body = request_body(line.shot, line.offer, estimate.aspect_ratio)
    return QuoteLine(
        n=line.n,
        shot_id=line.shot.shot_id,
        kind=line.offer.kind,
        seconds=line.seconds,
        body=body,
        body_sha256=body_sha256(line.offer.provider, body),
        unit=line.unit,
        expected=line.expected,
        ceiling=line.ceiling,
        reused_clip_id=line.reused_clip_id,
    )

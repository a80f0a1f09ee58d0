"""The whole SQL schema on one page, with its CHECKs. Money is whole micro-dollars; stamps are UTC text.

Alembic revisions in `tools/migrations` lead here; a test compares the two.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_HEAD = "0007"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

# BIGINT in PostgreSQL; SQLite counts rows only in a column that is exactly INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")

QUOTE_STATES = ("issued", "approved", "declined", "expired", "superseded")
JOB_STATES = (
    "ready",
    "submitting",
    "running",
    "unknown",
    "succeeded",
    "failed",
    "canceled",
    "released",
    "quarantined",
)
OPEN_JOB_STATES = ("ready", "submitting", "running", "unknown", "quarantined")
ENTRY_KINDS = ("hold", "capture", "release", "adjustment")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


budget = Table(
    "budget",
    metadata,
    Column("scope", String(80), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("limit_micros", BigInteger, nullable=False),
    Column("limit_by", String(120)),  # the person who set this month's limit; the settings' own has none
    Column("held_micros", BigInteger, nullable=False, server_default="0"),
    Column("spent_micros", BigInteger, nullable=False, server_default="0"),
    Column("frozen_reason", Text),
    CheckConstraint("limit_micros >= 0", name="limit"),
    CheckConstraint("held_micros >= 0", name="held"),
    CheckConstraint("spent_micros >= 0", name="spent"),
)

quote = Table(
    "quote",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("conversation_id", String(80)),
    Column("tool_call_id", String(200)),
    Column("project", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("digest", String(80), nullable=False, unique=True),
    Column("provider", String(40), nullable=False),
    Column("model", String(120), nullable=False),
    Column("resolution", String(20), nullable=False),
    Column("aspect_ratio", String(8), nullable=False),
    Column("audio", Boolean, nullable=False),
    Column("play_money", Boolean, nullable=False),
    Column("expected_micros", BigInteger, nullable=False),
    Column("ceiling_micros", BigInteger, nullable=False),
    Column("headroom_micros", BigInteger, nullable=False),
    Column("price_source", Text, nullable=False),
    Column("price_as_of", String(10), nullable=False),
    Column("notes", Text),  # a line each; none where there was nothing to say
    Column("issued_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("decided_at", String(27)),
    Column("reason", Text),
    Column("superseded_by", String(40)),
    CheckConstraint(_one_of("state", QUOTE_STATES), name="state"),
    CheckConstraint("expected_micros >= 0 AND ceiling_micros >= expected_micros", name="ceiling"),
    Index("ix_quote_conversation", "conversation_id", "state"),
    Index("ix_quote_open", "state", "expires_at"),
)

quote_line = Table(
    "quote_line",
    metadata,
    Column("quote_id", String(40), ForeignKey("quote.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("shot_id", String(120), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("body_sha256", String(64), nullable=False),
    Column("unit_micros", BigInteger, nullable=False),
    Column("expected_micros", BigInteger, nullable=False),
    Column("ceiling_micros", BigInteger, nullable=False),
    Column("reused_clip_id", String(40), ForeignKey("clip.id")),
    CheckConstraint("expected_micros >= 0 AND ceiling_micros >= expected_micros", name="ceiling"),
)

approval = Table(
    "approval",
    metadata,
    Column("quote_id", String(40), ForeignKey("quote.id"), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("principal", String(120), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("digest", String(80), nullable=False),
    Column("at", String(27), nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("quote_id", String(40), ForeignKey("quote.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("owner", String(120), nullable=False),
    Column("shot_id", String(120), nullable=False),
    Column("provider", String(40), nullable=False),
    Column("model", String(120), nullable=False),
    Column("play_money", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("expected_micros", BigInteger, nullable=False),
    Column("ceiling_micros", BigInteger, nullable=False),
    Column("charged_micros", BigInteger),
    Column("charge_source", String(12)),
    Column("provider_job_id", String(200)),
    Column("progress", Float),
    Column("error", Text),
    Column("clip_id", String(40), ForeignKey("clip.id")),
    Column("takes", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("created_at", String(27), nullable=False),
    Column("submit_by", String(27), nullable=False),
    Column("submitted_at", String(27)),
    Column("lease_until", String(27)),  # until then only the worker that claimed the job may send it
    Column("next_poll_at", String(27)),
    Column(
        "missed", Integer, nullable=False, server_default="0"
    ),  # looks in a row at which the vendor knew it not
    Column("finished_at", String(27)),
    UniqueConstraint("quote_id", "n", name="uq_job_line"),
    UniqueConstraint("provider", "provider_job_id", name="uq_job_provider_job"),
    CheckConstraint(_one_of("state", JOB_STATES), name="state"),
    CheckConstraint("charged_micros IS NULL OR charged_micros >= 0", name="charged"),
    Index("ix_job_due", "state", "clip_id", "next_poll_at"),
)

take = Table(
    "take",
    metadata,
    Column("id", String(40), primary_key=True),  # idempotency key and client reference at once
    Column("job_id", String(40), ForeignKey("job.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("worker", String(40), nullable=False),
    Column("token", String(43)),  # the secret in the address that its vendor may call
    Column("balance_before", String(40)),  # of the account at its vendor, in the vendor's words
    Column("balance_after", String(40)),  # once its answer was lost
    Column("outcome", String(12)),
    Column("detail", Text),
    Column("at", String(27), nullable=False),
    UniqueConstraint("job_id", "n", name="uq_take_job"),
    Index("ix_take_token", "token", unique=True),
)

vendor_event = Table(  # a webhook, as it was claimed: nothing is believed before the vendor was asked
    "vendor_event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("provider", String(40), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("take_id", String(40), ForeignKey("take.id"), nullable=False),
    Column("provider_job_id", String(200)),
    Column("at", String(27), nullable=False),
    UniqueConstraint("take_id", "event_key", name="uq_vendor_event_key"),
)

orphan = Table(  # a job that the vendor made and no row of ours explains
    "orphan",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("provider_job_id", String(200), primary_key=True),
    Column("take_id", String(200)),
    Column("made_at", String(27), nullable=False),
    Column("seen_at", String(27), nullable=False),
)

standstill = Table(  # a vendor that nothing is sent to until its books and ours agree again
    "standstill",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("since", String(27), nullable=False),
)

entry = Table(  # append-only: triggers refuse UPDATE and DELETE
    "entry",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("job_id", String(40), ForeignKey("job.id"), nullable=False),
    Column("scope", String(80), nullable=False),
    Column("period", String(7), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("amount_micros", BigInteger, nullable=False),
    Column("at", String(27), nullable=False),
    UniqueConstraint("job_id", "scope", "kind", name="uq_entry_job"),
    CheckConstraint("amount_micros > 0", name="amount"),
    CheckConstraint(_one_of("kind", ENTRY_KINDS), name="kind"),
)

audit = Table(  # append-only and hash-chained
    "audit",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("at", String(27), nullable=False),
    Column("principal", String(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
)

clip = Table(
    "clip",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("seconds_millis", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("model", String(120), nullable=False),
    Column("request_sha256", String(64)),
    Column("title", Text, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("at", String(27), nullable=False),
    CheckConstraint(_one_of("kind", ("shot", "preview", "film")), name="kind"),
    Index("ix_clip_request", "owner", "request_sha256"),
)

picture = Table(  # reference pictures: one row for each person who has these bytes
    "picture",
    metadata,
    Column("owner", String(120), primary_key=True),
    Column("sha256", String(64), primary_key=True, index=True),
    Column("media_type", String(20), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("at", String(27), nullable=False),
)

film = Table(
    "film",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("quote_id", String(40), ForeignKey("quote.id"), unique=True),
    Column("clip_id", String(40), ForeignKey("clip.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("at", String(27), nullable=False),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("owner", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text),
    Column("created_at", String(27), nullable=False),
    Column("updated_at", String(27), nullable=False),
)

message = Table(
    "message",
    metadata,
    Column("conversation_id", String(80), ForeignKey("conversation.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("id", String(120), nullable=False),
    Column("role", String(10), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", String(27), nullable=False),
    CheckConstraint(_one_of("role", ("user", "assistant")), name="role"),
    UniqueConstraint("conversation_id", "id", name="uq_message_id"),
)

turn = Table(  # one that runs; a conversation that is about to begin has its first turn already
    "turn",
    metadata,
    Column("conversation_id", String(80), primary_key=True),
    Column("id", String(40), nullable=False, unique=True),
    Column("worker", String(40), nullable=False),
    Column("lease_until", String(27), nullable=False),  # until then nobody else may take the place
    Column("stop_asked", Boolean, nullable=False),
)

plan = Table(  # every version of a conversation's shot list; the highest one counts
    "plan",
    metadata,
    Column("conversation_id", String(80), ForeignKey("conversation.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("at", String(27), nullable=False),
)

event = Table(
    "event",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("owner", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", String(27), nullable=False),
)

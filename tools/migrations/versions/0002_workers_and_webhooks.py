"""Leases for many workers, webhooks, and what a vendor's books say beside ours."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("entry", "audit")


def upgrade() -> None:
    op.add_column("job", sa.Column("lease_until", sa.String(length=27), nullable=True))
    op.add_column("job", sa.Column("missed", sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_job_due", "job")
    op.create_index("ix_job_due", "job", ["state", "clip_id", "next_poll_at"])
    op.create_index("ix_quote_open", "quote", ["state", "expires_at"])
    op.add_column("take", sa.Column("token", sa.String(length=43), nullable=True))
    op.create_index("ix_take_token", "take", ["token"], unique=True)
    op.create_table(
        "vendor_event",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("take_id", sa.String(length=40), nullable=False),
        sa.Column("provider_job_id", sa.String(length=200), nullable=True),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["take_id"], ["take.id"], name=op.f("fk_vendor_event_take_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_vendor_event")),
        sa.UniqueConstraint("take_id", "event_key", name="uq_vendor_event_key"),
    )
    op.create_table(
        "orphan",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("provider_job_id", sa.String(length=200), nullable=False),
        sa.Column("take_id", sa.String(length=200), nullable=True),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("provider", "provider_job_id", name=op.f("pk_orphan")),
    )
    op.create_table(
        "standstill",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_standstill")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _forbid_truncate()


def _forbid_truncate() -> None:
    """In PostgreSQL rows can also go all at once; and a refusal has a name of its own."""
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
        )

"""A bill that comes after its hold was given back is an entry of its own kind."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KINDS = "kind IN ('hold', 'capture', 'release', 'adjustment')"


def upgrade() -> None:
    with op.batch_alter_table("entry") as entry:  # SQLite has it copied, and forgets its triggers
        entry.drop_constraint(op.f("ck_entry_kind"), type_="check")
        entry.create_check_constraint(op.f("ck_entry_kind"), KINDS)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER entry_no_{verb.lower()} BEFORE {verb} ON entry "
                "BEGIN SELECT RAISE(ABORT, 'entry is append-only'); END"
            )

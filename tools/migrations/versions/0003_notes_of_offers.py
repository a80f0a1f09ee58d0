"""What a person should know about a vendor's way of selling stands on the offer."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("notes", sa.Text(), nullable=True))

"""What a vendor's account had left before a take, and after its answer was lost."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("take", sa.Column("balance_before", sa.String(length=40), nullable=True))
    op.add_column("take", sa.Column("balance_after", sa.String(length=40), nullable=True))

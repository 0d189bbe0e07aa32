"""Gaps that were read from history, and signs of life that no history tells of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "active_day", sa.Column("unwritten", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "connected", sa.Column("read", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("connected", "read")
    op.drop_column("active_day", "unwritten")

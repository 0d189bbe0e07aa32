"""Noticing people early, and splits that people decide."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quiet_episode", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=8), server_default="quiet", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("quiet_episode", schema=None) as batch_op:
        batch_op.drop_column("kind")

"""Which letters named a quiet episode is found without reading every letter."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_letter_name_episode", "letter_name", ["episode_id"])


def downgrade() -> None:
    op.drop_index("ix_letter_name_episode", "letter_name")

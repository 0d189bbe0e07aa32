"""What groups do together: pairs, goals, gatherings, bridges, and rituals in depth."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "takedown",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_takedown_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takedown")),
        sa.UniqueConstraint(
            "channel_id", "target_id", "what", name=op.f("uq_takedown_channel_id_target_id_what")
        ),
    )
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_takedown_due_at"), ["due_at"], unique=False)

    op.create_table(
        "ritual_choice",
        sa.Column(
            "ritual_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(length=4), nullable=False),
        sa.Column("took_part", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ritual_id"],
            ["ritual.id"],
            name=op.f("fk_ritual_choice_ritual_id_ritual"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_ritual_choice_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ritual_id", "moment", "user_id", name=op.f("pk_ritual_choice")),
    )
    with op.batch_alter_table("ritual_choice", schema=None) as batch_op:
        batch_op.create_index("ix_ritual_choice_user", ["server_id", "user_id"], unique=False)

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("thread_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("closes_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("skips", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index("ix_occurrence_open", ["closed_at", "closes_at"], unique=False)

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("thread_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("channel_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("message_id", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("ritual", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=16), server_default="own", nullable=False)
        )
        batch_op.add_column(
            sa.Column("thread", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("type_ritual", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=16), server_default="check_in", nullable=False)
        )
        batch_op.drop_column("title")
        batch_op.drop_column("prompts")

    # What groups of a type usually do is one of the kinds of rituals now.
    op.execute(
        "UPDATE type_ritual SET kind = CASE (SELECT group_type.kind FROM group_type"
        " WHERE group_type.id = type_ritual.type_id)"
        " WHEN 'interest' THEN CASE cadence WHEN 'monthly' THEN 'show' ELSE 'question' END"
        " WHEN 'goal' THEN CASE weekday WHEN 4 THEN 'wins' ELSE 'check_in' END"
        " WHEN 'geographic' THEN CASE cadence WHEN 'monthly' THEN 'show' ELSE 'question' END"
        " WHEN 'experience' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'gratitude' END"
        " WHEN 'identity' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'question' END"
        " WHEN 'cohort' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'wins' END"
        " ELSE 'check_in' END"
    )


def downgrade() -> None:
    with op.batch_alter_table("type_ritual", schema=None) as batch_op:
        batch_op.add_column(sa.Column("prompts", sa.VARCHAR(), nullable=False))
        batch_op.add_column(sa.Column("title", sa.VARCHAR(length=60), nullable=False))
        batch_op.drop_column("kind")

    with op.batch_alter_table("ritual", schema=None) as batch_op:
        batch_op.drop_column("thread")
        batch_op.drop_column("kind")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_column("message_id")
        batch_op.drop_column("channel_id")
        batch_op.drop_column("thread_id")

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_index("ix_occurrence_open")
        batch_op.drop_column("skips")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("thread_id")
        batch_op.drop_column("channel_id")

    with op.batch_alter_table("ritual_choice", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_choice_user")

    op.drop_table("ritual_choice")
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_takedown_due_at"))

    op.drop_table("takedown")

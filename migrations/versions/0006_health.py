"""Health of groups, pulses, and people's trust."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lent",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column(
            "from_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "to_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_group_id"],
            ["groups.id"],
            name=op.f("fk_lent_from_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_lent_server_id_server"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["to_group_id"],
            ["groups.id"],
            name=op.f("fk_lent_to_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "server_id", "week", "from_group_id", "to_group_id", name=op.f("pk_lent")
        ),
    )
    op.create_table(
        "newcomer_answer",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("within", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_newcomer_answer_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_newcomer_answer_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "week", "within", name=op.f("pk_newcomer_answer")),
    )
    with op.batch_alter_table("newcomer_answer", schema=None) as batch_op:
        batch_op.create_index("ix_newcomer_answer_server", ["server_id", "week"], unique=False)

    op.create_table(
        "talk_day",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("conversations", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("peer_answers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_talk_day_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_talk_day_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "day", name=op.f("pk_talk_day")),
    )
    with op.batch_alter_table("talk_day", schema=None) as batch_op:
        batch_op.create_index("ix_talk_day_server", ["server_id", "day"], unique=False)

    op.create_table(
        "ritual_part",
        sa.Column(
            "occurrence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrence.id"],
            name=op.f("fk_ritual_part_occurrence_id_occurrence"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_ritual_part_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("occurrence_id", "user_id", name=op.f("pk_ritual_part")),
    )
    with op.batch_alter_table("ritual_part", schema=None) as batch_op:
        batch_op.create_index("ix_ritual_part_user", ["server_id", "user_id"], unique=False)

    with op.batch_alter_table("active_day", schema=None) as batch_op:
        batch_op.add_column(sa.Column("messages", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("low_answered", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("high_answered", sa.Integer(), server_default="0", nullable=False)
        )

    # What was not a reaction or a voice was a message, but for a few presses.
    op.execute("UPDATE active_day SET messages = signals - unwritten")


def downgrade() -> None:
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.drop_column("high_answered")
        batch_op.drop_column("low_answered")

    with op.batch_alter_table("active_day", schema=None) as batch_op:
        batch_op.drop_column("messages")

    with op.batch_alter_table("ritual_part", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_part_user")

    op.drop_table("ritual_part")
    with op.batch_alter_table("talk_day", schema=None) as batch_op:
        batch_op.drop_index("ix_talk_day_server")

    op.drop_table("talk_day")
    with op.batch_alter_table("newcomer_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_newcomer_answer_server")

    op.drop_table("newcomer_answer")
    op.drop_table("lent")

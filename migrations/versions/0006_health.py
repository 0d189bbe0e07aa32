"""Health of groups, pulses, and people's trust."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "health_figure",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("silent", sa.String(length=8), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_health_figure_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "server_id", "group_id", "week", "measure", name=op.f("pk_health_figure")
        ),
    )
    with op.batch_alter_table("health_figure", schema=None) as batch_op:
        batch_op.create_index("ix_health_figure_group", ["group_id", "week"], unique=False)

    op.create_table(
        "home_end",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began", sa.String(length=10), nullable=False),
        sa.Column("weeks", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "how IN ('left', 'moved', 'released', 'forgotten', 'closed', 'branched')",
            name=op.f("ck_home_end_how"),
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_home_end_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "server_id", "group_id", "began", "weeks", "how", name=op.f("pk_home_end")
        ),
    )
    op.create_table(
        "monthly_report",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_monthly_report_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_monthly_report")),
    )
    op.create_table(
        "roll_call",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("joined", sa.String(length=10), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("arm", sa.String(length=12), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "arm IN ('all', 'homed', 'unhomed', 'before', 'gone', 'forgotten')",
            name=op.f("ck_roll_call_arm"),
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_roll_call_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "joined", "week", "arm", name=op.f("pk_roll_call")),
    )
    op.create_table(
        "home_week",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=True),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_home_week_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_home_week_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "week", name=op.f("pk_home_week")),
    )
    with op.batch_alter_table("home_week", schema=None) as batch_op:
        batch_op.create_index("ix_home_week_server", ["server_id", "week"], unique=False)

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
        "pulse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closes_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("waiting", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("lines_done_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'shown', 'few', 'called_off', 'declined')",
            name=op.f("ck_pulse_state"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_pulse_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_pulse_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pulse")),
    )
    with op.batch_alter_table("pulse", schema=None) as batch_op:
        batch_op.create_index("ix_pulse_group", ["group_id", "started_at"], unique=False)
        batch_op.create_index(
            "uq_pulse_open",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "pulse_no",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_pulse_no_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_pulse_no_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_pulse_no")),
    )
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
        "pulse_answer",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("pulse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.CheckConstraint("step BETWEEN 1 AND 5", name=op.f("ck_pulse_answer_step")),
        sa.ForeignKeyConstraint(
            ["pulse_id"],
            ["pulse.id"],
            name=op.f("fk_pulse_answer_pulse_id_pulse"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pulse_answer")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("pulse_answer", schema=None) as batch_op:
        batch_op.create_index("ix_pulse_answer_pulse", ["pulse_id"], unique=False)

    op.create_table(
        "pulse_line",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("pulse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("said", sa.String(length=180), nullable=False),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pulse_id"],
            ["pulse.id"],
            name=op.f("fk_pulse_line_pulse_id_pulse"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pulse_line")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("pulse_line", schema=None) as batch_op:
        batch_op.create_index("ix_pulse_line_pulse", ["pulse_id"], unique=False)

    op.create_table(
        "pulse_part",
        sa.Column("pulse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["pulse_id"],
            ["pulse.id"],
            name=op.f("fk_pulse_part_pulse_id_pulse"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pulse_id", "user_id", name=op.f("pk_pulse_part")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pulse_tally",
        sa.Column("pulse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("question", sa.String(length=12), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pulse_id"],
            ["pulse.id"],
            name=op.f("fk_pulse_tally_pulse_id_pulse"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pulse_id", "question", "step", name=op.f("pk_pulse_tally")),
    )
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

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(sa.Column("course", sa.String(length=8), nullable=True))

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.add_column(sa.Column("health_week", sa.String(length=10), nullable=True))
        batch_op.add_column(
            sa.Column("talk_since", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("roll_week", sa.String(length=10), nullable=True))

    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("low_answered", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("high_answered", sa.Integer(), server_default="0", nullable=False)
        )

    # What was not a reaction or a voice was a message, but for a few presses.
    op.execute("UPDATE active_day SET messages = signals - unwritten")
    # Talk is counted from now on.
    op.execute("UPDATE server SET talk_since = CURRENT_TIMESTAMP")


def downgrade() -> None:
    with op.batch_alter_table("tie", schema=None) as batch_op:
        batch_op.drop_column("high_answered")
        batch_op.drop_column("low_answered")

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.drop_column("roll_week")
        batch_op.drop_column("talk_since")
        batch_op.drop_column("health_week")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("course")

    with op.batch_alter_table("active_day", schema=None) as batch_op:
        batch_op.drop_column("messages")

    with op.batch_alter_table("ritual_part", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_part_user")

    op.drop_table("ritual_part")
    op.drop_table("pulse_tally")
    op.drop_table("pulse_part")
    with op.batch_alter_table("pulse_line", schema=None) as batch_op:
        batch_op.drop_index("ix_pulse_line_pulse")

    op.drop_table("pulse_line")
    with op.batch_alter_table("pulse_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_pulse_answer_pulse")

    op.drop_table("pulse_answer")
    with op.batch_alter_table("talk_day", schema=None) as batch_op:
        batch_op.drop_index("ix_talk_day_server")

    op.drop_table("talk_day")
    op.drop_table("pulse_no")
    with op.batch_alter_table("pulse", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pulse_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_pulse_group")

    op.drop_table("pulse")
    with op.batch_alter_table("newcomer_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_newcomer_answer_server")

    op.drop_table("newcomer_answer")
    op.drop_table("lent")
    with op.batch_alter_table("home_week", schema=None) as batch_op:
        batch_op.drop_index("ix_home_week_server")

    op.drop_table("home_week")
    op.drop_table("roll_call")
    op.drop_table("monthly_report")
    op.drop_table("home_end")
    with op.batch_alter_table("health_figure", schema=None) as batch_op:
        batch_op.drop_index("ix_health_figure_group")

    op.drop_table("health_figure")

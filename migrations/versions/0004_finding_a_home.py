"""Finding a home: stages, pace, offers, what owners undo, and safety."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "setup_draft",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.String(), nullable=False),
        sa.Column("refused", sa.String(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_setup_draft")),
    )
    op.create_table(
        "adoption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("rests_until_split", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("undone_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("given_back_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_adoption_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
    )
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_adoption_group_id"), ["group_id"], unique=False)
        batch_op.create_index("ix_adoption_server", ["server_id"], unique=False)

    op.create_table(
        "house_room",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("opens_to", sa.String(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_house_room_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "part", name=op.f("pk_house_room")),
    )
    op.create_table(
        "log_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("undone_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("undone_by_user_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_log_entry_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entry")),
    )
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.create_index("ix_log_entry_server", ["server_id", "at"], unique=False)

    op.create_table(
        "panel",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("posted_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_panel_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
    )
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.create_index("ix_panel_server", ["server_id", "state"], unique=False)

    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=150), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_question_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("server_id", "name", name=op.f("uq_question_server_id_name")),
    )
    op.create_table(
        "setup_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["setup_draft.server_id"],
            name=op.f("fk_setup_group_server_id_setup_draft"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_group")),
    )
    with op.batch_alter_table("setup_group", schema=None) as batch_op:
        batch_op.create_index("ix_setup_group_server", ["server_id"], unique=False)

    op.create_table(
        "undertaking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("begun_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'done', 'cancelled')", name=op.f("ck_undertaking_state")
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_undertaking_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undertaking")),
    )
    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.create_index(
            "uq_undertaking_open",
            ["server_id", "kind"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "member_answer",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("answered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("shown", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("unlisted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_member_answer_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_member_answer_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "server_id", "user_id", "question_id", name=op.f("pk_member_answer")
        ),
    )
    op.create_table(
        "question_choice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "question_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=64), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["question.id"],
            name=op.f("fk_question_choice_question_id_question"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_choice")),
    )
    with op.batch_alter_table("question_choice", schema=None) as batch_op:
        batch_op.create_index("ix_question_choice_question", ["question_id"], unique=False)

    op.create_table(
        "undertaking_step",
        sa.Column(
            "undertaking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_id", sa.Integer(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'begun', 'done', 'stuck', 'left_out')",
            name=op.f("ck_undertaking_step_step_state"),
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_undertaking_step_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"],
            ["undertaking.id"],
            name=op.f("fk_undertaking_step_undertaking_id_undertaking"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("undertaking_id", "number", name=op.f("pk_undertaking_step")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_arrival_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_arrival_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index("ix_arrival_group", ["group_id", "at"], unique=False)
        batch_op.create_index("ix_arrival_server", ["server_id", "at"], unique=False)

    op.create_table(
        "concern",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("for_whom", sa.String(length=16), nullable=False),
        sa.Column("of_facilitator", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("passed_on", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("said", sa.String(length=1200), nullable=False),
        sa.Column("link", sa.String(length=120), nullable=True),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "for_whom IN ('facilitators', 'moderators')", name=op.f("ck_concern_for_whom")
        ),
        sa.CheckConstraint("state IN ('open', 'taken', 'closed')", name=op.f("ck_concern_state")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_concern_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_concern_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
    )
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.create_index("ix_concern_open", ["server_id", "state"], unique=False)
        batch_op.create_index("ix_concern_user", ["server_id", "user_id"], unique=False)

    op.create_table(
        "freed_seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_freed_seat_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_freed_seat_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freed_seat")),
    )
    with op.batch_alter_table("freed_seat", schema=None) as batch_op:
        batch_op.create_index("ix_freed_seat_group", ["group_id", "at"], unique=False)

    op.create_table(
        "greeter",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_greeter_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_greeter_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_greeter")),
    )
    op.create_table(
        "group_answer",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "choice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["choice_id"],
            ["question_choice.id"],
            name=op.f("fk_group_answer_choice_id_question_choice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_group_answer_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "choice_id", name=op.f("pk_group_answer")),
    )
    with op.batch_alter_table("group_answer", schema=None) as batch_op:
        batch_op.create_index("ix_group_answer_choice", ["choice_id"], unique=False)

    op.create_table(
        "introduction",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_introduction_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_introduction_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_introduction")),
    )
    op.create_table(
        "member_choice",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "choice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["choice_id"],
            ["question_choice.id"],
            name=op.f("fk_member_choice_choice_id_question_choice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_member_choice_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "user_id", "choice_id", name=op.f("pk_member_choice")),
    )
    op.create_table(
        "merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("into_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("planned_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("group_agreed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("into_agreed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("runs_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("moved_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'told', 'moving', 'done', 'dropped')", name=op.f("ck_merge_state")
        ),
        sa.CheckConstraint("group_id <> into_id", name=op.f("ck_merge_two")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_merge_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["into_id"], ["groups.id"], name=op.f("fk_merge_into_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_merge_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.create_index(
            "uq_merge_open_group",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "uq_merge_open_into",
            ["into_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "missed_offer",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_missed_offer_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_missed_offer_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "user_id", name=op.f("pk_missed_offer")),
    )
    op.create_table(
        "portrait",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warmth", sa.Double(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_portrait_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_portrait")),
    )
    with op.batch_alter_table("portrait", schema=None) as batch_op:
        batch_op.create_index("ix_portrait_at", ["at"], unique=False)

    op.create_table(
        "removal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("shut_until", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("shut", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("seen_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("over_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('removed', 'barred', 'asked-to-leave', 'visit-ended', 'held', 'left-out')",
            name=op.f("ck_removal_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_removal_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_removal_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal")),
    )
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.create_index("ix_removal_user", ["server_id", "user_id"], unique=False)

    op.create_table(
        "small_group",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ask_again_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_small_group_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_small_group_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_small_group")),
    )
    op.create_table(
        "welcome",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("greeter_id", sa.BigInteger(), nullable=True),
        sa.Column("taken_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_welcome_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_welcome_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome")),
    )
    with op.batch_alter_table("welcome", schema=None) as batch_op:
        batch_op.create_index("ix_welcome_group", ["group_id", "at"], unique=False)
        batch_op.create_index("ix_welcome_user", ["server_id", "user_id"], unique=False)

    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "removal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.String(length=1200), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("let_back", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("answer", sa.String(length=600), nullable=False),
        sa.Column("seen_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["removal_id"],
            ["removal.id"],
            name=op.f("fk_appeal_removal_id_removal"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_appeal_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sa.UniqueConstraint("removal_id", name=op.f("uq_appeal_removal_id")),
    )
    op.create_table(
        "concern_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "concern_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.String(length=1200), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["concern.id"],
            name=op.f("fk_concern_reply_concern_id_concern"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_concern_reply_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_reply")),
    )
    with op.batch_alter_table("concern_reply", schema=None) as batch_op:
        batch_op.create_index("ix_concern_reply_concern", ["concern_id"], unique=False)

    op.create_table(
        "merge_choice",
        sa.Column("merge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.String(length=9), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('elsewhere', 'left')", name=op.f("ck_merge_choice_choice")),
        sa.ForeignKeyConstraint(
            ["merge_id"],
            ["merge.id"],
            name=op.f("fk_merge_choice_merge_id_merge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("merge_id", "user_id", name=op.f("pk_merge_choice")),
    )
    with op.batch_alter_table("facilitator", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("absence_asked_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("absence_asked_of", sa.String(length=16), nullable=True))

    with op.batch_alter_table("group_type", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("newcomers_per_week", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("voice", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("lasts_days", sa.Integer(), nullable=True))

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("unites", sa.String(length=300), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("language", sa.String(length=16), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("zone", sa.String(length=64), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("city", sa.String(length=60), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("first_thing", sa.String(length=200), server_default="", nullable=False)
        )
        batch_op.add_column(
            sa.Column("venue", sa.String(length=120), server_default="", nullable=False)
        )
        batch_op.add_column(sa.Column("offered", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("opened_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("rests_since", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("closes_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("archived_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("small_since", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "seeks_facilitator_since", models.base.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("locked_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("voice_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("voice_written", sa.String(length=100), nullable=True))

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("needs_facilitator", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("shows_cities", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("brake_account_days", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("brake_joins_per_hour", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("braked_until", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("brake_lifted_until", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("panel_message_id", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("offered_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("offer_ends_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    # Groups that could be moved into have been open since they were made.
    op.execute("UPDATE groups SET opened_at = created_at")
    op.execute("UPDATE groups SET rests_since = created_at WHERE state = 'resting'")


def downgrade() -> None:
    with op.batch_alter_table("waiting", schema=None) as batch_op:
        batch_op.drop_column("offer_ends_at")
        batch_op.drop_column("offered_at")

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.drop_column("panel_message_id")
        batch_op.drop_column("brake_lifted_until")
        batch_op.drop_column("braked_until")
        batch_op.drop_column("brake_joins_per_hour")
        batch_op.drop_column("brake_account_days")
        batch_op.drop_column("shows_cities")
        batch_op.drop_column("needs_facilitator")

    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_column("voice_written")
        batch_op.drop_column("voice_id")
        batch_op.drop_column("locked_at")
        batch_op.drop_column("seeks_facilitator_since")
        batch_op.drop_column("small_since")
        batch_op.drop_column("archived_at")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("rests_since")
        batch_op.drop_column("opened_at")
        batch_op.drop_column("offered")
        batch_op.drop_column("venue")
        batch_op.drop_column("first_thing")
        batch_op.drop_column("city")
        batch_op.drop_column("zone")
        batch_op.drop_column("language")
        batch_op.drop_column("unites")

    with op.batch_alter_table("group_type", schema=None) as batch_op:
        batch_op.drop_column("lasts_days")
        batch_op.drop_column("voice")
        batch_op.drop_column("newcomers_per_week")

    with op.batch_alter_table("facilitator", schema=None) as batch_op:
        batch_op.drop_column("absence_asked_of")
        batch_op.drop_column("absence_asked_at")

    op.drop_table("merge_choice")
    with op.batch_alter_table("concern_reply", schema=None) as batch_op:
        batch_op.drop_index("ix_concern_reply_concern")

    op.drop_table("concern_reply")
    op.drop_table("appeal")
    with op.batch_alter_table("welcome", schema=None) as batch_op:
        batch_op.drop_index("ix_welcome_user")
        batch_op.drop_index("ix_welcome_group")

    op.drop_table("welcome")
    op.drop_table("small_group")
    with op.batch_alter_table("removal", schema=None) as batch_op:
        batch_op.drop_index("ix_removal_user")

    op.drop_table("removal")
    with op.batch_alter_table("portrait", schema=None) as batch_op:
        batch_op.drop_index("ix_portrait_at")

    op.drop_table("portrait")
    op.drop_table("missed_offer")
    with op.batch_alter_table("merge", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_merge_open_into",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_merge_open_group",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("merge")
    op.drop_table("member_choice")
    op.drop_table("introduction")
    with op.batch_alter_table("group_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_group_answer_choice")

    op.drop_table("group_answer")
    op.drop_table("greeter")
    with op.batch_alter_table("freed_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_freed_seat_group")

    op.drop_table("freed_seat")
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.drop_index("ix_concern_user")
        batch_op.drop_index("ix_concern_open")

    op.drop_table("concern")
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index("ix_arrival_server")
        batch_op.drop_index("ix_arrival_group")

    op.drop_table("arrival")
    op.drop_table("undertaking_step")
    with op.batch_alter_table("question_choice", schema=None) as batch_op:
        batch_op.drop_index("ix_question_choice_question")

    op.drop_table("question_choice")
    op.drop_table("member_answer")
    with op.batch_alter_table("undertaking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_undertaking_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("undertaking")
    with op.batch_alter_table("setup_group", schema=None) as batch_op:
        batch_op.drop_index("ix_setup_group_server")

    op.drop_table("setup_group")
    op.drop_table("question")
    with op.batch_alter_table("panel", schema=None) as batch_op:
        batch_op.drop_index("ix_panel_server")

    op.drop_table("panel")
    with op.batch_alter_table("log_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_log_entry_server")

    op.drop_table("log_entry")
    op.drop_table("house_room")
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.drop_index("ix_adoption_server")
        batch_op.drop_index(batch_op.f("ix_adoption_group_id"))

    op.drop_table("adoption")
    op.drop_table("setup_draft")

"""Noticing people early, and splits that people decide."""

# SQLAlchemy leaves the type of Double open.
# pyright: reportUnknownArgumentType=false

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circle_look",
        sa.Column("server_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("without_ties", sa.Integer(), nullable=False),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_circle_look_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", name=op.f("pk_circle_look")),
    )
    op.create_table(
        "commons_tie",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("low_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("high_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_commons_tie_ordered")),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_commons_tie_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "server_id", "low_id", "high_id", "week", name=op.f("pk_commons_tie")
        ),
    )
    with op.batch_alter_table("commons_tie", schema=None) as batch_op:
        batch_op.create_index("ix_commons_tie_week", ["server_id", "week"], unique=False)

    op.create_table(
        "wish",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('together', 'apart')", name=op.f("ck_wish_kind")),
        sa.CheckConstraint("user_id <> other_id", name=op.f("ck_wish_two")),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_wish_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("server_id", "user_id", "other_id", name=op.f("pk_wish")),
    )
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.create_index("ix_wish_other", ["server_id", "other_id"], unique=False)

    op.create_table(
        "bud",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("emoji", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("child_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'gathering', 'begun', 'dropped')", name=op.f("ck_bud_state")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["groups.id"], name=op.f("fk_bud_child_id_groups"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_bud_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_bud_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bud")),
    )
    with op.batch_alter_table("bud", schema=None) as batch_op:
        batch_op.create_index("ix_bud_user", ["server_id", "user_id"], unique=False)
        batch_op.create_index(
            "uq_bud_open",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "care",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("welcomed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revived", sa.Integer(), server_default="0", nullable=False),
        sa.Column("connected", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_care_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_care_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", "week", name=op.f("pk_care")),
    )
    with op.batch_alter_table("care", schema=None) as batch_op:
        batch_op.create_index("ix_care_server", ["server_id", "week"], unique=False)

    op.create_table(
        "care_pause",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("until", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_care_pause_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_care_pause_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_care_pause")),
    )
    with op.batch_alter_table("care_pause", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_care_pause_until"), ["until"], unique=False)

    op.create_table(
        "circle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at_home", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("found_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("type_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("charter", sa.String(), nullable=True),
        sa.Column("offered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('found', 'offered', 'founded', 'over')", name=op.f("ck_circle_state")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_circle_group_id_groups"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_circle_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["group_type.id"],
            name=op.f("fk_circle_type_id_group_type"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circle")),
    )
    with op.batch_alter_table("circle", schema=None) as batch_op:
        batch_op.create_index("ix_circle_server", ["server_id", "state"], unique=False)

    op.create_table(
        "facilitator_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.String(length=500), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_facilitator_note_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_facilitator_note_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilitator_note")),
    )
    with op.batch_alter_table("facilitator_note", schema=None) as batch_op:
        batch_op.create_index("ix_facilitator_note_group", ["group_id"], unique=False)

    op.create_table(
        "group_silence",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("usual", sa.Integer(), nullable=False),
        sa.Column("owners_asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_group_silence_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_group_silence_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_silence")),
    )
    op.create_table(
        "letter_outcome",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("back_after_word", sa.Integer(), nullable=False),
        sa.Column("back_alone", sa.Integer(), nullable=False),
        sa.Column("away", sa.Integer(), nullable=False),
        sa.Column("fine", sa.Integer(), nullable=False),
        sa.Column("lapsed", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_letter_outcome_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_letter_outcome_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "week", "kind", name=op.f("pk_letter_outcome")),
    )
    op.create_table(
        "prepared",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("mean_share", sa.Double(), nullable=False),
        sa.Column("kept_weight", sa.Double(), nullable=False),
        sa.Column("stranded", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_prepared_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_prepared_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_prepared")),
    )
    op.create_table(
        "room_word",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_room_word_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_room_word_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "kind", name=op.f("pk_room_word")),
    )
    op.create_table(
        "silent_seat",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("freed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_silent_seat_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_silent_seat_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "user_id", name=op.f("pk_silent_seat")),
    )
    with op.batch_alter_table("silent_seat", schema=None) as batch_op:
        batch_op.create_index("ix_silent_seat_group", ["group_id"], unique=False)

    op.create_table(
        "unanswered",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("in_talk", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_unanswered_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_unanswered_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_unanswered")),
    )
    with op.batch_alter_table("unanswered", schema=None) as batch_op:
        batch_op.create_index("ix_unanswered_group", ["group_id", "at"], unique=False)

    op.create_table(
        "bud_guest",
        sa.Column("bud_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(length=5), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer IN ('asked', 'yes', 'no')", name=op.f("ck_bud_guest_answer")),
        sa.ForeignKeyConstraint(
            ["bud_id"], ["bud.id"], name=op.f("fk_bud_guest_bud_id_bud"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("bud_id", "user_id", name=op.f("pk_bud_guest")),
    )
    op.create_table(
        "circle_member",
        sa.Column(
            "circle_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(length=4), nullable=False),
        sa.Column("answered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("would_help", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("invited_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('none', 'yes', 'no')", name=op.f("ck_circle_member_answer")),
        sa.ForeignKeyConstraint(
            ["circle_id"],
            ["circle.id"],
            name=op.f("fk_circle_member_circle_id_circle"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("circle_id", "user_id", name=op.f("pk_circle_member")),
    )
    with op.batch_alter_table("circle_member", schema=None) as batch_op:
        batch_op.create_index("ix_circle_member_user", ["user_id"], unique=False)

    op.create_table(
        "prepared_child",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("emoji", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("facilitator_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["prepared.group_id"],
            name=op.f("fk_prepared_child_group_id_prepared"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "index", name=op.f("pk_prepared_child")),
    )
    op.create_table(
        "split_change",
        sa.Column("split_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("was", sa.Integer(), nullable=False),
        sa.Column("child", sa.Integer(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("put_back_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["split_id"],
            ["split.id"],
            name=op.f("fk_split_change_split_id_split"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("split_id", "user_id", name=op.f("pk_split_change")),
    )
    op.create_table(
        "split_proposal",
        sa.Column("split_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("early", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proposed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("no_until", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("owners_asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("owner_agreed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("refused_by", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["split_id"],
            ["split.id"],
            name=op.f("fk_split_proposal_split_id_split"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("split_id", name=op.f("pk_split_proposal")),
    )
    with op.batch_alter_table("facilitator", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("letters_paused_until", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("group_type", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("patience", sa.String(length=8), server_default="usual", nullable=False)
        )
        batch_op.add_column(sa.Column("frees_after_days", sa.Integer(), nullable=True))

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sections", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("letter_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said", sa.String(length=8), nullable=True))

    with op.batch_alter_table("lineage", schema=None) as batch_op:
        batch_op.alter_column("split_id", existing_type=sa.INTEGER(), nullable=True)

    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("suggested_since", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("wrote_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("quiet_episode", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=8), server_default="quiet", nullable=False)
        )
        batch_op.add_column(
            sa.Column("named_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("outcome_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("ritual", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reconsidered_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.add_column(sa.Column("letters_looked_on", sa.String(length=10), nullable=True))

    with op.batch_alter_table("split", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("undone_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("split_child", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("named_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("split_seat", schema=None) as batch_op:
        batch_op.add_column(sa.Column("wishes", sa.Integer(), nullable=True))

    # Who was told of before the upgrade is not told of again.
    op.execute(
        "UPDATE quiet_episode SET"
        " named_at = (SELECT MAX(letter.written_at) FROM letter JOIN letter_name"
        " ON letter_name.letter_id = letter.id WHERE letter_name.episode_id = quiet_episode.id),"
        " told_at = (SELECT MIN(letter.opened_at) FROM letter JOIN letter_name"
        " ON letter_name.letter_id = letter.id WHERE letter_name.episode_id = quiet_episode.id)"
    )
    # What ended before the upgrade is not counted afterwards.
    op.execute("UPDATE quiet_episode SET outcome_at = closed_at")
    # Who lived somewhere before the upgrade is not taken for somebody who writes for the first time.
    op.execute("UPDATE membership SET wrote_at = since")
    # Who wished to change sides of a split before the upgrade wishes it still.
    op.execute("UPDATE split_seat SET wishes = 1 - child WHERE wished")
    with op.batch_alter_table("split_seat", schema=None) as batch_op:
        batch_op.drop_column("wished")
    # Patience is said in words now: a week is soon, two weeks are late.
    op.execute(
        "UPDATE group_type SET patience = CASE WHEN patience_days <= 8 THEN 'soon'"
        " WHEN patience_days >= 14 THEN 'late' ELSE 'usual' END"
    )
    with op.batch_alter_table("group_type", schema=None) as batch_op:
        batch_op.drop_column("patience_days")


def downgrade() -> None:
    with op.batch_alter_table("split_seat", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("wished", sa.BOOLEAN(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_column("wishes")

    with op.batch_alter_table("split_child", schema=None) as batch_op:
        batch_op.drop_column("named_at")

    with op.batch_alter_table("split", schema=None) as batch_op:
        batch_op.drop_column("undone_at")

    with op.batch_alter_table("server", schema=None) as batch_op:
        batch_op.drop_column("letters_looked_on")

    with op.batch_alter_table("ritual", schema=None) as batch_op:
        batch_op.drop_column("reconsidered_at")

    with op.batch_alter_table("quiet_episode", schema=None) as batch_op:
        batch_op.drop_column("outcome_at")
        batch_op.drop_column("told_at")
        batch_op.drop_column("named_at")
        batch_op.drop_column("kind")

    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_column("wrote_at")

    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_column("suggested_since")

    with op.batch_alter_table("lineage", schema=None) as batch_op:
        batch_op.alter_column("split_id", existing_type=sa.INTEGER(), nullable=False)

    with op.batch_alter_table("letter_name", schema=None) as batch_op:
        batch_op.drop_column("said")

    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_column("sections")

    with op.batch_alter_table("group_type", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("patience_days", sa.INTEGER(), server_default=sa.text("10"), nullable=False)
        )
        batch_op.drop_column("frees_after_days")
        batch_op.drop_column("patience")

    with op.batch_alter_table("facilitator", schema=None) as batch_op:
        batch_op.drop_column("letters_paused_until")

    op.drop_table("split_proposal")
    op.drop_table("split_change")
    op.drop_table("prepared_child")
    with op.batch_alter_table("circle_member", schema=None) as batch_op:
        batch_op.drop_index("ix_circle_member_user")

    op.drop_table("circle_member")
    op.drop_table("bud_guest")
    with op.batch_alter_table("unanswered", schema=None) as batch_op:
        batch_op.drop_index("ix_unanswered_group")

    op.drop_table("unanswered")
    with op.batch_alter_table("silent_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_silent_seat_group")

    op.drop_table("silent_seat")
    op.drop_table("room_word")
    op.drop_table("prepared")
    op.drop_table("letter_outcome")
    op.drop_table("group_silence")
    with op.batch_alter_table("facilitator_note", schema=None) as batch_op:
        batch_op.drop_index("ix_facilitator_note_group")

    op.drop_table("facilitator_note")
    with op.batch_alter_table("circle", schema=None) as batch_op:
        batch_op.drop_index("ix_circle_server")

    op.drop_table("circle")
    with op.batch_alter_table("care_pause", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_pause_until"))

    op.drop_table("care_pause")
    with op.batch_alter_table("care", schema=None) as batch_op:
        batch_op.drop_index("ix_care_server")

    op.drop_table("care")
    with op.batch_alter_table("bud", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bud_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_bud_user")

    op.drop_table("bud")
    with op.batch_alter_table("wish", schema=None) as batch_op:
        batch_op.drop_index("ix_wish_other")

    op.drop_table("wish")
    with op.batch_alter_table("commons_tie", schema=None) as batch_op:
        batch_op.drop_index("ix_commons_tie_week")

    op.drop_table("commons_tie")
    op.drop_table("circle_look")

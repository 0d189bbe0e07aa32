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

NUMBERED = (
    "adoption",
    "appeal",
    "arrival",
    "bud",
    "circle",
    "concern",
    "concern_reply",
    "connected",
    "door",
    "entry_request",
    "facilitator_note",
    "failed_effect",
    "freed_seat",
    "group_type",
    "groups",
    "letter",
    "log_entry",
    "merge",
    "occurrence",
    "outbox_message",
    "panel",
    "pulse",
    "question",
    "question_choice",
    "quiet_episode",
    "removal",
    "ritual",
    "ritual_prompt",
    "setup_group",
    "split",
    "type_ritual",
    "undertaking",
    "visit",
    "welcome",
)


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("ready_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'published', 'rests', 'over')", name=op.f("ck_edition_state")
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_edition_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.create_index(
            "uq_edition_open",
            ["server_id"],
            unique=True,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )

    op.create_table(
        "neighbourhood_host",
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("as_owner", sa.Boolean(), nullable=False),
        sa.Column("last_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_neighbourhood_host_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("server_id", "user_id", name=op.f("pk_neighbourhood_host")),
    )
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
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_takedown_due_at"), ["due_at"], unique=False)

    op.create_table(
        "bridge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("edited_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("said", sa.String(length=4000), nullable=False),
        sa.Column("cut", sa.Boolean(), nullable=False),
        sa.Column("left_there", sa.String(length=400), nullable=False),
        sa.Column("shared_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("checked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "edition_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("passed_over_in", sa.Integer(), nullable=True),
        sa.Column("post_channel_id", sa.BigInteger(), nullable=True),
        sa.Column("post_message_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('insight', 'story', 'learning')", name=op.f("ck_bridge_kind")),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'published', 'changed')", name=op.f("ck_bridge_state")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["edition.id"],
            name=op.f("fk_bridge_edition_id_edition"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_bridge_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_bridge_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge")),
        sa.UniqueConstraint("server_id", "message_id", name=op.f("uq_bridge_server_id_message_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("bridge", schema=None) as batch_op:
        batch_op.create_index("ix_bridge_author", ["server_id", "user_id"], unique=False)
        batch_op.create_index("ix_bridge_post", ["post_message_id"], unique=False)

    op.create_table(
        "bridge_ask",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("by_user_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_bridge_ask_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_bridge_ask_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge_ask")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("bridge_ask", schema=None) as batch_op:
        batch_op.create_index("ix_bridge_ask_user", ["server_id", "user_id"], unique=False)

    op.create_table(
        "cohort",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.String(length=10), nullable=False),
        sa.Column("starts_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("circle_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("circle_for", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_cohort_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_cohort_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_cohort")),
    )
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_starts_at", ["starts_at"], unique=False)

    op.create_table(
        "cohort_stage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("due_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_cohort_stage_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_cohort_stage_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_stage")),
        sa.UniqueConstraint("group_id", "day", name=op.f("uq_cohort_stage_group_id_day")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("cohort_stage", schema=None) as batch_op:
        batch_op.create_index("ix_cohort_stage_due", ["told_at", "due_at"], unique=False)

    op.create_table(
        "gathering",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("spot", sa.String(length=200), nullable=False),
        sa.Column("voice_id", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("first_local", sa.String(length=16), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=120), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("host_asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("event", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("opens_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("quiet", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "place IN ('', 'voice', 'link', 'place')", name=op.f("ck_gathering_place")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'proposed', 'declined', 'running', 'paused', 'over', 'off')",
            name=op.f("ck_gathering_state"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_gathering_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_gathering_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_group", ["group_id", "state"], unique=False)

    op.create_table(
        "goal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("counts", sa.String(length=300), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("grace", sa.Integer(), nullable=False),
        sa.Column("starts_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("half_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("begun_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("last_mark_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("half_told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("kept_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("named_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("paired", sa.Integer(), nullable=False),
        sa.Column("paired_completed", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'running', 'over', 'off')", name=op.f("ck_goal_state")
        ),
        sa.CheckConstraint("times BETWEEN 0 AND 7", name=op.f("ck_goal_times")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_goal_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_goal_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.create_index("ix_goal_message", ["message_id"], unique=False)
        batch_op.create_index("ix_goal_state", ["state", "ends_at"], unique=False)
        batch_op.create_index(
            "uq_goal_open",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'running')"),
            postgresql_where=sa.text("state IN ('draft', 'running')"),
        )

    op.create_table(
        "group_ask",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "to_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("passed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("put_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=8), nullable=True),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("there_room_id", sa.BigInteger(), nullable=True),
        sa.Column("there_message_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "ending IN ('over', 'lapsed', 'back', 'ended')", name=op.f("ck_group_ask_ending")
        ),
        sa.CheckConstraint("group_id <> to_group_id", name=op.f("ck_group_ask_two")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_group_ask_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_group_ask_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["to_group_id"],
            ["groups.id"],
            name=op.f("fk_group_ask_to_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_ask")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_ask", schema=None) as batch_op:
        batch_op.create_index(
            "uq_group_ask_open",
            ["group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "group_rest",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("first", sa.String(length=10), nullable=False),
        sa.Column("last", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_group_rest_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_group_rest_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_rest")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("group_rest", schema=None) as batch_op:
        batch_op.create_index("ix_group_rest_group", ["group_id", "last"], unique=False)

    op.create_table(
        "group_shown",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_group_shown_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_group_shown_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_shown")),
    )
    op.create_table(
        "guest_evening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "guest_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("by_door", sa.Boolean(), nullable=False),
        sa.Column("opens_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("opened_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stood_until", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ending", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "ending IN ('declined', 'lapsed', 'off', 'over', 'missed', 'by_hand')",
            name=op.f("ck_guest_evening_ending"),
        ),
        sa.CheckConstraint("group_id <> guest_group_id", name=op.f("ck_guest_evening_two")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_guest_evening_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["guest_group_id"],
            ["groups.id"],
            name=op.f("fk_guest_evening_guest_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_guest_evening_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_evening")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("guest_evening", schema=None) as batch_op:
        batch_op.create_index(
            "uq_guest_evening_open",
            ["group_id", "guest_group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "neighbourliness",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("takes_questions", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("offered_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "neighbour_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("not_for_us_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_neighbourliness_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["neighbour_id"],
            ["groups.id"],
            name=op.f("fk_neighbourliness_neighbour_id_groups"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_neighbourliness_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_neighbourliness")),
    )
    op.create_table(
        "pairing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=8), server_default="", nullable=False),
        sa.Column("cadence", sa.String(length=16), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("anchor", sa.String(length=10), nullable=False),
        sa.Column("next_due_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("threads", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("thin", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "sibling_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("sibling_state", sa.String(length=8), server_default="none", nullable=False),
        sa.Column("sibling_asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "sibling_state IN ('none', 'asked', 'yes')", name=op.f("ck_pairing_sibling_state")
        ),
        sa.CheckConstraint("state IN ('running', 'paused')", name=op.f("ck_pairing_state")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_pairing_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_pairing_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sibling_id"],
            ["groups.id"],
            name=op.f("fk_pairing_sibling_id_groups"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
        sa.UniqueConstraint("group_id", name=op.f("uq_pairing_group_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.create_index("ix_pairing_due", ["state", "next_due_at"], unique=False)
        batch_op.create_index("ix_pairing_sibling", ["sibling_id"], unique=False)

    op.create_table(
        "talk_hour",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_talk_hour_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_talk_hour_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("group_id", "week", "hour", name=op.f("pk_talk_hour")),
    )
    with op.batch_alter_table("talk_hour", schema=None) as batch_op:
        batch_op.create_index("ix_talk_hour_server", ["server_id", "week"], unique=False)

    op.create_table(
        "bridge_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "bridge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=1024), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            ["bridge.id"],
            name=op.f("fk_bridge_file_bridge_id_bridge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bridge_file")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("bridge_file", schema=None) as batch_op:
        batch_op.create_index("ix_bridge_file_bridge", ["bridge_id"], unique=False)

    op.create_table(
        "bridge_thanks",
        sa.Column(
            "bridge_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["bridge_id"],
            ["bridge.id"],
            name=op.f("fk_bridge_thanks_bridge_id_bridge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bridge_id", "user_id", name=op.f("pk_bridge_thanks")),
    )
    op.create_table(
        "gathering_date",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "gathering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("local_moment", sa.String(length=16), nullable=False),
        sa.Column("starts_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("moved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("early_told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("hour_told_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("event_state", sa.String(length=8), server_default="", nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("event_written", sa.String(length=64), nullable=True),
        sa.Column("event_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("yes", sa.Integer(), nullable=True),
        sa.Column("came", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "event_state IN ('', 'claimed', 'made', 'stands', 'refused', 'gone')",
            name=op.f("ck_gathering_date_event_state"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'open', 'left_out', 'over', 'off')",
            name=op.f("ck_gathering_date_state"),
        ),
        sa.ForeignKeyConstraint(
            ["gathering_id"],
            ["gathering.id"],
            name=op.f("fk_gathering_date_gathering_id_gathering"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_gathering_date_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gathering_date")),
        sa.UniqueConstraint(
            "gathering_id", "local_moment", name=op.f("uq_gathering_date_gathering_id_local_moment")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("gathering_date", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_date_due", ["state", "starts_at"], unique=False)

    op.create_table(
        "goal_break",
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_day", sa.String(length=10), nullable=False),
        sa.Column("until_day", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_break_goal_id_goal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "user_id", "from_day", name=op.f("pk_goal_break")),
    )
    op.create_table(
        "goal_mark",
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_mark_goal_id_goal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "user_id", "day", name=op.f("pk_goal_mark")),
    )
    op.create_table(
        "goal_part",
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("aim", sa.String(length=200), server_default="", nullable=False),
        sa.Column("named", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_part_goal_id_goal"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("goal_id", "user_id", name=op.f("pk_goal_part")),
    )
    op.create_table(
        "goal_partner",
        sa.Column("goal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("other_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'no', 'yes')", name=op.f("ck_goal_partner_state")),
        sa.CheckConstraint("user_id <> other_id", name=op.f("ck_goal_partner_two")),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["goal.id"], name=op.f("fk_goal_partner_goal_id_goal"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_goal_partner_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("goal_id", "user_id", "other_id", name=op.f("pk_goal_partner")),
    )
    with op.batch_alter_table("goal_partner", schema=None) as batch_op:
        batch_op.create_index("ix_goal_partner_other", ["other_id"], unique=False)

    op.create_table(
        "group_ask_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ask_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ask_id"],
            ["group_ask.id"],
            name=op.f("fk_group_ask_answer_ask_id_group_ask"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_ask_answer")),
        sa.UniqueConstraint("ask_id", "user_id", name=op.f("uq_group_ask_answer_ask_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guest_coming",
        sa.Column(
            "evening_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"],
            ["guest_evening.id"],
            name=op.f("fk_guest_coming_evening_id_guest_evening"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("evening_id", "user_id", name=op.f("pk_guest_coming")),
    )
    op.create_table(
        "pair_round",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "pairing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("local_moment", sa.String(length=16), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closes_at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("met", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["pairing_id"],
            ["pairing.id"],
            name=op.f("fk_pair_round_pairing_id_pairing"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_pair_round_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_round")),
        sa.UniqueConstraint(
            "pairing_id", "local_moment", name=op.f("uq_pair_round_pairing_id_local_moment")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pair_round", schema=None) as batch_op:
        batch_op.create_index("ix_pair_round_open", ["closed_at"], unique=False)

    op.create_table(
        "pair_wish",
        sa.Column(
            "pairing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("rests_since", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rests_why", sa.String(length=8), server_default="", nullable=False),
        sa.Column("misses", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("alone_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("hours", sa.String(length=60), server_default="", nullable=False),
        sa.Column("zone", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["pairing_id"],
            ["pairing.id"],
            name=op.f("fk_pair_wish_pairing_id_pairing"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_pair_wish_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pairing_id", "user_id", name=op.f("pk_pair_wish")),
    )
    with op.batch_alter_table("pair_wish", schema=None) as batch_op:
        batch_op.create_index("ix_pair_wish_user", ["server_id", "user_id"], unique=False)

    op.create_table(
        "ritual_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ritual_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("to", sa.String(length=60), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["groups.id"],
            name=op.f("fk_ritual_change_group_id_groups"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ritual_id"],
            ["ritual.id"],
            name=op.f("fk_ritual_change_ritual_id_ritual"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_ritual_change_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ritual_change")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ritual_change", schema=None) as batch_op:
        batch_op.create_index("ix_ritual_change_group", ["group_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ritual_change_ritual_id"), ["ritual_id"], unique=False)

    op.create_table(
        "ritual_choice",
        sa.Column(
            "ritual_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("choice", sa.String(length=8), nullable=False),
        sa.Column("counted", sa.Boolean(), server_default=sa.false(), nullable=False),
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

    op.create_table(
        "ritual_host",
        sa.Column(
            "ritual_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("since", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'hosts')", name=op.f("ck_ritual_host_state")),
        sa.ForeignKeyConstraint(
            ["ritual_id"],
            ["ritual.id"],
            name=op.f("fk_ritual_host_ritual_id_ritual"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ritual_id", "user_id", name=op.f("pk_ritual_host")),
    )
    with op.batch_alter_table("ritual_host", schema=None) as batch_op:
        batch_op.create_index("ix_ritual_host_user", ["user_id"], unique=False)

    op.create_table(
        "ritual_swap",
        sa.Column(
            "ritual_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("host_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["ritual_id"],
            ["ritual.id"],
            name=op.f("fk_ritual_swap_ritual_id_ritual"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ritual_id", "host_id", name=op.f("pk_ritual_swap")),
    )
    with op.batch_alter_table("ritual_swap", schema=None) as batch_op:
        batch_op.create_index("ix_ritual_swap_host", ["host_id"], unique=False)

    op.create_table(
        "gathering_answer",
        sa.Column("date_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("at", models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("early", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("tell", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("advanced_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("came_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer IN ('', 'yes', 'maybe', 'no', 'waits')", name=op.f("ck_gathering_answer_answer")
        ),
        sa.ForeignKeyConstraint(
            ["date_id"],
            ["gathering_date.id"],
            name=op.f("fk_gathering_answer_date_id_gathering_date"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("date_id", "user_id", name=op.f("pk_gathering_answer")),
    )
    with op.batch_alter_table("gathering_answer", schema=None) as batch_op:
        batch_op.create_index("ix_gathering_answer_user", ["user_id"], unique=False)

    op.create_table(
        "pair",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), server_default="1", nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_pair_group_id_groups"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["pair_round.id"],
            name=op.f("fk_pair_round_id_pair_round"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["server_id"], ["server.id"], name=op.f("fk_pair_server_id_server"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.create_index("ix_pair_round", ["round_id"], unique=False)
        batch_op.create_index("ix_pair_thread", ["thread_id"], unique=False)

    op.create_table(
        "pair_seat",
        sa.Column("pair_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=4), nullable=True),
        sa.Column("wrote", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("answer IN ('met', 'not')", name=op.f("ck_pair_seat_answer")),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["pair.id"], name=op.f("fk_pair_seat_pair_id_pair"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["server_id"],
            ["server.id"],
            name=op.f("fk_pair_seat_server_id_server"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pair_id", "user_id", name=op.f("pk_pair_seat")),
    )
    with op.batch_alter_table("pair_seat", schema=None) as batch_op:
        batch_op.create_index("ix_pair_seat_user", ["server_id", "user_id"], unique=False)

    with op.batch_alter_table("door", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reads_history", sa.Boolean(), server_default=sa.true(), nullable=False)
        )

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("thread_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column("closes_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("closed_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("people", sa.Integer(), nullable=True))
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
        batch_op.add_column(
            sa.Column("moved_from_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("paused_until", models.base.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("hostless_at", models.base.UtcDateTime(timezone=True), nullable=True)
        )

    with op.batch_alter_table("type_ritual", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=16), server_default="check_in", nullable=False)
        )
        batch_op.drop_column("prompts")
        batch_op.drop_column("title")

    # What groups of a type usually do is one of the kinds of rituals now.
    op.execute(
        "UPDATE type_ritual SET kind = CASE (SELECT group_type.kind FROM group_type"
        " WHERE group_type.id = type_ritual.type_id)"
        " WHEN 'interest' THEN CASE cadence WHEN 'monthly' THEN 'show' ELSE 'question' END"
        " WHEN 'goal' THEN CASE weekday WHEN 4 THEN 'wins' ELSE 'check_in' END"
        " WHEN 'geographic' THEN CASE cadence WHEN 'monthly' THEN 'newcomers' ELSE 'question' END"
        " WHEN 'experience' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'gratitude' END"
        " WHEN 'identity' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'gratitude' END"
        " WHEN 'cohort' THEN CASE cadence WHEN 'weekly' THEN 'check_in' ELSE 'wins' END"
        " ELSE 'check_in' END"
    )
    # The number of a row that is gone is given to no other any more: see models/base.py. What is
    # created from here on has it so from the start.
    if op.get_bind().dialect.name == "sqlite":
        for table in NUMBERED:
            with op.batch_alter_table(
                table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
            ):
                pass


def downgrade() -> None:
    with op.batch_alter_table("type_ritual", schema=None) as batch_op:
        batch_op.add_column(sa.Column("title", sa.VARCHAR(length=60), nullable=False))
        batch_op.add_column(sa.Column("prompts", sa.VARCHAR(), nullable=False))
        batch_op.drop_column("kind")

    with op.batch_alter_table("ritual", schema=None) as batch_op:
        batch_op.drop_column("hostless_at")
        batch_op.drop_column("paused_until")
        batch_op.drop_column("moved_from_at")
        batch_op.drop_column("thread")
        batch_op.drop_column("kind")

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_column("message_id")
        batch_op.drop_column("channel_id")
        batch_op.drop_column("thread_id")

    with op.batch_alter_table("occurrence", schema=None) as batch_op:
        batch_op.drop_index("ix_occurrence_open")
        batch_op.drop_column("skips")
        batch_op.drop_column("people")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("closes_at")
        batch_op.drop_column("thread_id")
        batch_op.drop_column("channel_id")

    with op.batch_alter_table("door", schema=None) as batch_op:
        batch_op.drop_column("reads_history")

    with op.batch_alter_table("pair_seat", schema=None) as batch_op:
        batch_op.drop_index("ix_pair_seat_user")

    op.drop_table("pair_seat")
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.drop_index("ix_pair_thread")
        batch_op.drop_index("ix_pair_round")

    op.drop_table("pair")
    with op.batch_alter_table("gathering_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_gathering_answer_user")

    op.drop_table("gathering_answer")
    with op.batch_alter_table("ritual_swap", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_swap_host")

    op.drop_table("ritual_swap")
    with op.batch_alter_table("ritual_host", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_host_user")

    op.drop_table("ritual_host")
    with op.batch_alter_table("ritual_choice", schema=None) as batch_op:
        batch_op.drop_index("ix_ritual_choice_user")

    op.drop_table("ritual_choice")
    with op.batch_alter_table("ritual_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ritual_change_ritual_id"))
        batch_op.drop_index("ix_ritual_change_group")

    op.drop_table("ritual_change")
    with op.batch_alter_table("pair_wish", schema=None) as batch_op:
        batch_op.drop_index("ix_pair_wish_user")

    op.drop_table("pair_wish")
    with op.batch_alter_table("pair_round", schema=None) as batch_op:
        batch_op.drop_index("ix_pair_round_open")

    op.drop_table("pair_round")
    op.drop_table("guest_coming")
    op.drop_table("group_ask_answer")
    with op.batch_alter_table("goal_partner", schema=None) as batch_op:
        batch_op.drop_index("ix_goal_partner_other")

    op.drop_table("goal_partner")
    op.drop_table("goal_part")
    op.drop_table("goal_mark")
    op.drop_table("goal_break")
    with op.batch_alter_table("gathering_date", schema=None) as batch_op:
        batch_op.drop_index("ix_gathering_date_due")

    op.drop_table("gathering_date")
    op.drop_table("bridge_thanks")
    with op.batch_alter_table("bridge_file", schema=None) as batch_op:
        batch_op.drop_index("ix_bridge_file_bridge")

    op.drop_table("bridge_file")
    with op.batch_alter_table("talk_hour", schema=None) as batch_op:
        batch_op.drop_index("ix_talk_hour_server")

    op.drop_table("talk_hour")
    with op.batch_alter_table("pairing", schema=None) as batch_op:
        batch_op.drop_index("ix_pairing_sibling")
        batch_op.drop_index("ix_pairing_due")

    op.drop_table("pairing")
    op.drop_table("neighbourliness")
    with op.batch_alter_table("guest_evening", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_guest_evening_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("guest_evening")
    op.drop_table("group_shown")
    with op.batch_alter_table("group_rest", schema=None) as batch_op:
        batch_op.drop_index("ix_group_rest_group")

    op.drop_table("group_rest")
    with op.batch_alter_table("group_ask", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_group_ask_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("group_ask")
    with op.batch_alter_table("goal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_goal_open",
            sqlite_where=sa.text("state IN ('draft', 'running')"),
            postgresql_where=sa.text("state IN ('draft', 'running')"),
        )
        batch_op.drop_index("ix_goal_state")
        batch_op.drop_index("ix_goal_message")

    op.drop_table("goal")
    with op.batch_alter_table("gathering", schema=None) as batch_op:
        batch_op.drop_index("ix_gathering_group")

    op.drop_table("gathering")
    with op.batch_alter_table("cohort_stage", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_stage_due")

    op.drop_table("cohort_stage")
    with op.batch_alter_table("cohort", schema=None) as batch_op:
        batch_op.drop_index("ix_cohort_starts_at")

    op.drop_table("cohort")
    with op.batch_alter_table("bridge_ask", schema=None) as batch_op:
        batch_op.drop_index("ix_bridge_ask_user")

    op.drop_table("bridge_ask")
    with op.batch_alter_table("bridge", schema=None) as batch_op:
        batch_op.drop_index("ix_bridge_post")
        batch_op.drop_index("ix_bridge_author")

    op.drop_table("bridge")
    with op.batch_alter_table("takedown", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_takedown_due_at"))

    op.drop_table("takedown")
    op.drop_table("neighbourhood_host")
    with op.batch_alter_table("edition", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_edition_open",
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )

    op.drop_table("edition")

"""What is counted: days with signs of life, ties, quiet episodes, and Hearth's own blindness."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class ActiveDay(Base):
    """How many signs of life a member gave in a group on one day of the server's zone."""

    __tablename__ = "active_day"
    __table_args__ = (
        Index("ix_active_day_group", "group_id", "day"),
        about(
            "Numbers of messages, replies, reactions, voice and buttons per member, group and day.",
            "Goes after {retention_days} days, {left_days} days after leaving the server, on"
            " opt-out and on forget.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: the commons
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # local ISO date
    signals: Mapped[int] = mapped_column(default=0)
    # reactions and voice among them: no history tells of those that were missed (without Hearth
    # nobody can press anything)
    unwritten: Mapped[int] = mapped_column(default=0, server_default="0")
    messages: Mapped[int] = mapped_column(default=0, server_default="0")  # among them


class Presence(Base):
    """When a member was last heard of, by Discord's own timestamps."""

    __tablename__ = "presence"
    __table_args__ = about(
        "The last sign of life of each counted member.",
        "Goes after {retention_days} days, {left_days} days after leaving the server, on"
        " opt-out and on forget.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    last_at: Mapped[datetime]


class Tie(Base):
    """How much two members of one group answered each other in one week; low_id < high_id."""

    __tablename__ = "tie"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="ordered"),
        Index("ix_tie_group", "group_id", "week"),
        about(
            "Numbers per pair, group and week: replies, mentions, reactions, writing after each"
            " other, and how often either answered the other. For splits, and for figures of whole"
            " groups; shown to nobody.",
            "Goes after {ties_days} days, {left_days} days after either left the server, on opt-out"
            " and on forget of either.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    low_id: Mapped[SnowflakeKey]
    high_id: Mapped[SnowflakeKey]
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    weight: Mapped[int] = mapped_column(default=0)
    # messages of the one that answered the other: see bot/rules/talking.py
    low_answered: Mapped[int] = mapped_column(default=0, server_default="0")
    high_answered: Mapped[int] = mapped_column(default=0, server_default="0")


class QuietEpisode(Base):
    """From the day a member's silence outlasts their patience until they return or are released."""

    __tablename__ = "quiet_episode"
    __table_args__ = (
        Index(
            "uq_quiet_episode_open",
            "server_id",
            "user_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_quiet_episode_group", "group_id"),
        about(
            "Who has gone quiet in their home, since when, and how it ended.",
            "Goes after {retention_days} days, {left_days} days after leaving the server, on"
            " opt-out and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    # quiet: was around, and is silent longer than their presence asks for;
    # faded: moved in, came a few times at most, and was not heard of again
    kind: Mapped[str] = mapped_column(String(8), default="quiet", server_default="quiet")
    silent_since: Mapped[datetime]  # their last sign of life
    began_at: Mapped[datetime]  # when the silence outlasted patience
    closed_at: Mapped[datetime | None]
    # how it ended: returned, away, released, moved, left, opted-out
    closed_by: Mapped[str | None] = mapped_column(String(16))
    snoozed_until: Mapped[datetime | None]  # [Not now]
    reached_out_at: Mapped[datetime | None]
    named_at: Mapped[datetime | None]  # when it last was among its group's names of a week
    told_at: Mapped[datetime | None]  # when a facilitator first read of it
    outcome_at: Mapped[datetime | None]  # when its end was counted (LetterOutcome)


class Connected(Base):
    """An interval in which Hearth heard a server, or read in its rooms' history what was written.

    What lies between ages nobody, and what was only read ages nobody whose signs of life are more
    than messages.
    """

    __tablename__ = "connected"
    __table_args__ = (
        Index("ix_connected_server", "server_id", "until"),
        about(
            "When Hearth was connected, and of which gaps it read the history: its own blindness"
            " is not a member's silence.",
            "Goes after {retention_days} days; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    read: Mapped[bool] = mapped_column(default=False, server_default=false())


class RoomCursor(Base):
    """How far a room's messages have been counted; history is read from here after a gap."""

    __tablename__ = "room_cursor"
    __table_args__ = about(
        "The last counted message of each room, for reading authors and times after a gap.",
        "Goes with the room; holds nothing about a person.",
    )

    room_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    message_id: Mapped[Snowflake]

"""Rituals, their prompts, and each due moment."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Ritual(Base):
    """Something a group does on a schedule; wall time in an IANA zone, next moment computed."""

    __tablename__ = "ritual"
    __table_args__ = (
        Index("ix_ritual_due", "state", "next_due_at"),
        about(
            "What a group does on a schedule, and who hosts it.",
            "Goes with its group or when removed; a host who leaves or is forgotten is taken out.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(60))
    # one of rules.ritual_kinds: how long it is open, and what taking part is
    kind: Mapped[str] = mapped_column(String(16), default="own", server_default="own")
    # a thread of its own for each occurrence
    thread: Mapped[bool] = mapped_column(default=False, server_default=false())
    cadence: Mapped[str] = mapped_column(String(16))  # weekly | fortnightly | monthly | cron
    weekday: Mapped[int | None]  # 0 Monday … 6 Sunday
    nth: Mapped[int | None]  # monthly: 1 … 4, or -1 for the last
    hour: Mapped[int] = mapped_column(default=18)
    minute: Mapped[int] = mapped_column(default=0)
    cron: Mapped[str | None] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    anchor: Mapped[str] = mapped_column(String(10))  # a local date; fortnights count from it
    pings: Mapped[str] = mapped_column(String(8), default="asked")  # asked | nobody | group
    host_id: Mapped[Snowflake | None]
    state: Mapped[str] = mapped_column(String(8), default="paused")  # paused | running
    next_due_at: Mapped[datetime | None]
    # where the next moment stands in the series, if that one alone was moved to `next_due_at`
    moved_from_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]  # paused: it goes on then by itself, if it has a host
    hostless_at: Mapped[datetime | None]  # when it came to rest because nobody hosted it any more
    unanswered: Mapped[int] = mapped_column(default=0)  # occurrences in a row without an answer
    # when those who look after the group last looked whether it is still right, or changed it
    reconsidered_at: Mapped[datetime | None]


class RitualPrompt(Base):
    """One prompt of a ritual; all are used once before any comes again."""

    __tablename__ = "ritual_prompt"
    __table_args__ = about(
        "The prompts that a ritual rotates through.",
        "Goes with its ritual; written by facilitators for the group.",
    )

    id: Mapped[RowId]
    ritual_id: Mapped[int] = mapped_column(ForeignKey("ritual.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    prompt: Mapped[str] = mapped_column(String(500))
    used: Mapped[int] = mapped_column(default=0)  # how often


class Occurrence(Base):
    """One due moment of a ritual: unique on its local date and time, so it happens once."""

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("ritual_id", "local_moment"),
        Index("ix_occurrence_message", "message_id"),
        Index("ix_occurrence_open", "closed_at", "closes_at"),
        about(
            "Each due moment of a ritual: claimed once, then posted, skipped or left out, and"
            " answers as numbers.",
            "Goes with its ritual or after {retention_days} days; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    ritual_id: Mapped[int] = mapped_column(ForeignKey("ritual.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), index=True)
    local_moment: Mapped[str] = mapped_column(String(16))  # 2026-11-21T18:00, in the ritual's zone
    due_at: Mapped[datetime]
    # claimed · posted · skipped: Hearth came too late · rests: left out, or on a day of rest
    state: Mapped[str] = mapped_column(String(8), default="claimed")
    message_id: Mapped[Snowflake | None]
    channel_id: Mapped[Snowflake | None]  # where it was posted
    thread_id: Mapped[Snowflake | None]  # the thread under it, where one could be opened
    closes_at: Mapped[datetime | None]  # how long it is open, from when it was posted
    closed_at: Mapped[datetime | None]  # when it was summed up and its thread closed
    answers: Mapped[int] = mapped_column(default=0)
    people: Mapped[int | None]  # how many different ones took part, once it is closed
    skips: Mapped[int] = mapped_column(default=0, server_default="0")  # who took this one off


class Reminder(Base):
    """Who pressed [Remind me] on a ritual."""

    __tablename__ = "reminder"
    __table_args__ = about(
        "Who wants to be mentioned when a ritual is due.",
        "Goes when pressed again, when they leave the group, or on forget.",
    )

    ritual_id: Mapped[int] = mapped_column(
        ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]


class RitualChoice(Base):
    """What somebody pressed about one moment of a ritual.

    The moment may be yet to come: its occurrence is written only when it is due.
    """

    __tablename__ = "ritual_choice"
    __table_args__ = (
        Index("ix_ritual_choice_user", "server_id", "user_id"),
        about(
            "Which of a ritual's buttons somebody pressed for one moment of it: that they are in,"
            " so that pressing twice counts once; that they take it off, so that it does not call"
            " them; or that, being new, they want to be greeted by name.",
            "Goes when that moment is over, with the ritual, when they leave the group, and on"
            " forget.",
        ),
    )

    ritual_id: Mapped[int] = mapped_column(
        ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True
    )
    moment: Mapped[str] = mapped_column(String(16), primary_key=True)  # Occurrence.local_moment
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # in · skip: they take it off · greet: they are new and would like to be greeted by name
    choice: Mapped[str] = mapped_column(String(8))
    # whether this press is one of the occurrence's answers
    counted: Mapped[bool] = mapped_column(default=False, server_default=false())

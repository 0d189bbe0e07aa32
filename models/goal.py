"""Challenges of a group, who takes part in them, and the stages of a cohort.

What somebody wrote when they checked in is not here: it stands in the challenge's thread, once its
author shared it, or nowhere.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about

OPEN = "state IN ('draft', 'running')"


class Goal(Base):
    """A challenge of a group: what, from when until when, how often, what counts.

    Days are the group's own: local dates in `zone`. One is open in a group at a time.
    """

    __tablename__ = "goal"
    __table_args__ = (
        Index(
            "uq_goal_open",
            "group_id",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index("ix_goal_state", "state", "ends_at"),
        Index("ix_goal_message", "message_id"),
        CheckConstraint("state IN ('draft', 'running', 'over', 'off')", name="state"),
        CheckConstraint("times BETWEEN 0 AND 7", name="times"),
        about(
            "What a group set out to do together, who hosts it, and how many completed it.",
            "Goes with its group, and two years after it ended; a host who leaves the group or is"
            " forgotten is taken out.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(80))
    counts: Mapped[str] = mapped_column(String(300))  # what counts
    first_day: Mapped[str] = mapped_column(String(10))  # 2026-03-09
    last_day: Mapped[str] = mapped_column(String(10))
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    times: Mapped[int]  # a week: 7 daily, 1 to 6; 0: once, until the last day
    grace: Mapped[int]  # how many days (or times) may be missed
    starts_at: Mapped[datetime]
    half_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # the last day is over
    host_id: Mapped[Snowflake | None]
    # draft: until its host begins it · running · over: its last day came · off: ended before
    state: Mapped[str] = mapped_column(String(8), default="draft")
    created_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]  # when its host pressed Begin
    message_id: Mapped[Snowflake | None]  # the post in the group's room
    thread_id: Mapped[Snowflake | None]
    last_mark_at: Mapped[datetime | None]  # when anybody checked in last
    half_told_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # its host was asked whether to end it kindly
    kept_at: Mapped[datetime | None]  # … and somebody said that it shall run
    closed_at: Mapped[datetime | None]
    named_at: Mapped[datetime | None]  # those who asked for it after the end were named
    # Counted when it closed: who took part and who completed it, in all and of those with a partner
    joined: Mapped[int] = mapped_column(default=0)
    completed: Mapped[int] = mapped_column(default=0)
    paired: Mapped[int] = mapped_column(default=0)
    paired_completed: Mapped[int] = mapped_column(default=0)


class GoalPart(Base):
    """That somebody takes part in a challenge, and their own goal in it."""

    __tablename__ = "goal_part"
    __table_args__ = about(
        "Who takes part in a group's challenge, with their own goal where they shared one.",
        "Goes when they step out or leave the group, 30 days after the challenge ended, and on"
        " forget.",
    )

    goal_id: Mapped[int] = mapped_column(
        ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    since: Mapped[datetime]
    first_day: Mapped[str] = mapped_column(String(10))  # from when on days count for them
    aim: Mapped[str] = mapped_column(String(200), default="", server_default="")  # shared by them
    named: Mapped[bool] = mapped_column(default=False, server_default=false())  # [Name me]
    # Written when the challenge closed; None before
    completed: Mapped[bool | None]


class GoalMark(Base):
    """One check-in: a day on which somebody did what they had set out to do."""

    __tablename__ = "goal_mark"
    __table_args__ = about(
        "On which days somebody checked in to a challenge, and where the word stands that they"
        " shared in its thread.",
        "Goes when they take it back, step out or leave the group, 30 days after the challenge"
        " ended, and on forget.",
    )

    goal_id: Mapped[int] = mapped_column(
        ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[datetime]
    channel_id: Mapped[Snowflake | None]  # where their shared word stands
    message_id: Mapped[Snowflake | None]


class GoalBreak(Base):
    """A stretch of days in which a challenge asks nothing of somebody."""

    __tablename__ = "goal_break"
    __table_args__ = about(
        "When somebody took a break from a challenge, so that nothing counts as missed.",
        "Goes when they step out or leave the group, 30 days after the challenge ended, and on"
        " forget.",
    )

    goal_id: Mapped[int] = mapped_column(
        ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    from_day: Mapped[str] = mapped_column(String(10), primary_key=True)
    until_day: Mapped[str | None] = mapped_column(String(10))  # the last one; None: it lasts


class GoalPartner(Base):
    """One side of two who see each other's check-ins; or an ask, or a no to one.

    Two partners have a row each. `other_id` is nobody's to ask for (personal.UNTOLD): a no is its
    author's, and whoever asked goes on waiting until the ask fades.
    """

    __tablename__ = "goal_partner"
    __table_args__ = (
        CheckConstraint("user_id <> other_id", name="two"),
        CheckConstraint("state IN ('asked', 'no', 'yes')", name="state"),
        Index("ix_goal_partner_other", "other_id"),
        about(
            "Whom somebody asked to be their partner in a challenge, whom they said yes to, and to"
            " whom they would rather not.",
            "Goes when either ends it, steps out or leaves the group, unanswered after seven days,"
            " 30 days after the challenge ended, and on forget of either.",
        ),
    )

    goal_id: Mapped[int] = mapped_column(
        ForeignKey("goal.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    user_id: Mapped[SnowflakeKey]
    other_id: Mapped[SnowflakeKey]
    state: Mapped[str] = mapped_column(String(8), default="asked")
    at: Mapped[datetime]


class Cohort(Base):
    """A group that begins together on a date."""

    __tablename__ = "cohort"
    __table_args__ = (
        Index("ix_cohort_starts_at", "starts_at"),
        about(
            "When a group begins together, and who says so in its room.",
            "Goes with its group; a host who leaves the group or is forgotten is taken out.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    starts_on: Mapped[str] = mapped_column(String(10))  # a local date
    starts_at: Mapped[datetime]  # that morning
    host_id: Mapped[Snowflake | None]
    told_at: Mapped[datetime | None]  # its room heard that it begins
    circle_at: Mapped[datetime | None]  # when the closing circle was, for this last day
    circle_for: Mapped[str | None] = mapped_column(String(10))  # which last day it was for


class CohortStage(Base):
    """One stage of a cohort: from its day until the next one's."""

    __tablename__ = "cohort_stage"
    __table_args__ = (
        UniqueConstraint("group_id", "day"),
        Index("ix_cohort_stage_due", "told_at", "due_at"),
        about(
            "The stages of a group that begins together: a title and the day it begins.",
            "Goes with its group or when taken out; written by who looks after the group.",
        ),
    )

    id: Mapped[RowId]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(80))
    day: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # its room heard of it, or it was too late to say so

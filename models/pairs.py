"""Pairs: who would like to meet somebody of their group now and then, and who met whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Pairing(Base):
    """That a group has pairs: how often, who hosts it, and whether a sibling takes part."""

    __tablename__ = "pairing"
    __table_args__ = (
        UniqueConstraint("group_id"),
        Index("ix_pairing_due", "state", "next_due_at"),
        Index("ix_pairing_sibling", "sibling_id"),
        CheckConstraint("state IN ('running', 'paused')", name="state"),
        CheckConstraint("sibling_state IN ('none', 'asked', 'yes')", name="sibling_state"),
        about(
            "How often a group's people are paired, since when, who hosts it, and which sibling"
            " group takes part.",
            "Goes with its group, or when whoever looks after the group ends it; a host who leaves"
            " or is forgotten is taken out.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    host_id: Mapped[Snowflake | None]
    state: Mapped[str] = mapped_column(String(8), default="running")  # running | paused
    # why it is paused: "" by a person · thin: few took part twice in a row · host: nobody hosts it
    why: Mapped[str] = mapped_column(String(8), default="", server_default="")
    cadence: Mapped[str] = mapped_column(String(16))  # weekly | fortnightly | monthly
    weekday: Mapped[int]  # 0 Monday … 6 Sunday
    nth: Mapped[int | None]  # monthly: 1 … 4, or -1 for the last
    hour: Mapped[int]
    minute: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    anchor: Mapped[str] = mapped_column(String(10))  # a local date; fortnights count from it
    next_due_at: Mapped[datetime | None]
    # each pair has a thread of its own; else they are named in the room
    threads: Mapped[bool] = mapped_column(default=True, server_default=true())
    thin: Mapped[int] = mapped_column(default=0, server_default="0")  # such rounds in a row
    begun_at: Mapped[datetime]
    # With whom this group's people may be paired, too: a group of the same lineage
    sibling_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    # none · asked: those who look after the sibling have not answered · yes
    sibling_state: Mapped[str] = mapped_column(String(8), default="none", server_default="none")
    sibling_asked_at: Mapped[datetime | None]


class PairWish(Base):
    """That somebody would like to be paired, and when they are awake if they said so."""

    __tablename__ = "pair_wish"
    __table_args__ = (
        Index("ix_pair_wish_user", "server_id", "user_id"),
        about(
            "Who would like to be paired with others of their group, since when, at what times of"
            " the day, and whether they rest.",
            "Goes when they press ‹Not any more›, when their home is another, and on forget.",
        ),
    )

    pairing_id: Mapped[int] = mapped_column(
        ForeignKey("pairing.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    rests_since: Mapped[datetime | None]  # they are left out until they press again
    # own: they asked for a break · missed: two rounds went by without a word
    rests_why: Mapped[str] = mapped_column(String(8), default="", server_default="")
    # rounds in a row without a press or a word; -1: they asked for another question in this one
    misses: Mapped[int] = mapped_column(default=0, server_default="0")
    # they had nobody to meet, or lost who they were to meet: nobody is seated before them
    first: Mapped[bool] = mapped_column(default=False, server_default=false())
    alone_at: Mapped[datetime | None]  # the last round had nobody for them; told at /home
    # times of the day in which they like to meet, in their own zone: rules.pair_hours
    hours: Mapped[str] = mapped_column(String(60), default="", server_default="")
    zone: Mapped[str] = mapped_column(String(64), default="", server_default="")


class PairRound(Base):
    """One round: everybody who would like to is paired once; unique on its local moment."""

    __tablename__ = "pair_round"
    __table_args__ = (
        UniqueConstraint("pairing_id", "local_moment"),
        Index("ix_pair_round_open", "closed_at"),
        about(
            "When a group's people were paired, how many they were, and how many pairs met.",
            "Goes a year after it began; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    # None: pairs have ended there since
    pairing_id: Mapped[int | None] = mapped_column(ForeignKey("pairing.id", ondelete="SET NULL"))
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    local_moment: Mapped[str] = mapped_column(String(16))  # 2026-11-21T18:00, in its zone
    at: Mapped[datetime]
    closes_at: Mapped[datetime]  # when the next one is due
    asked_at: Mapped[datetime | None]  # when pairs were asked whether they met
    closed_at: Mapped[datetime | None]
    people: Mapped[int] = mapped_column(default=0)
    pairs: Mapped[int] = mapped_column(default=0)
    met: Mapped[int] = mapped_column(default=0, server_default="0")  # pairs, when it was closed


class Pair(Base):
    """Two or three people who were put together in a round, and where they find each other."""

    __tablename__ = "pair"
    __table_args__ = (
        Index("ix_pair_thread", "thread_id"),
        Index("ix_pair_round", "round_id"),
        about(
            "Where two or three people of a round find each other, and which question they got.",
            "Goes with its round.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(ForeignKey("pair_round.id", ondelete="CASCADE"))
    # in whose room; None: in the commons, for people of two groups
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    question: Mapped[int]  # the last one they got: rules.pair_questions counts from 0
    questions: Mapped[int] = mapped_column(default=1, server_default="1")  # how many they got
    channel_id: Mapped[Snowflake | None]
    thread_id: Mapped[Snowflake | None]  # None: not made yet, or they were named in the room
    message_id: Mapped[Snowflake | None]
    closed_at: Mapped[datetime | None]  # over before its round is: somebody could not go on


class PairSeat(Base):
    """One person of a pair; what they pressed is erased when the round is over."""

    __tablename__ = "pair_seat"
    __table_args__ = (
        Index("ix_pair_seat_user", "server_id", "user_id"),
        CheckConstraint("answer IN ('met', 'not')", name="answer"),
        about(
            "Who was paired with whom, so that nobody is paired again while others are new; while"
            " the round lasts, whether they pressed or wrote.",
            "Goes a year after the round, and on forget.",
        ),
    )

    pair_id: Mapped[int] = mapped_column(
        ForeignKey("pair.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    answer: Mapped[str | None] = mapped_column(String(4))  # met | not
    wrote: Mapped[bool] = mapped_column(default=False, server_default=false())
    gone: Mapped[bool] = mapped_column(default=False, server_default=false())  # cannot go on

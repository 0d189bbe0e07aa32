"""Talk in groups' rooms, as numbers of groups; who took part in a ritual, for a short while."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, SnowflakeKey, about


class TalkDay(Base):
    """What was said in a group's room and its threads on one day, by how many turns and answers.

    See bot/rules/talking.py for what each of them is.
    """

    __tablename__ = "talk_day"
    __table_args__ = (
        Index("ix_talk_day_server", "server_id", "day"),
        about(
            "Numbers per group and day: messages, turns, conversations, answers, and those of them"
            " among members without a facilitator or Hearth.",
            "Goes after {retention_days} days; holds nothing about a person.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[str] = mapped_column(String(10), primary_key=True)  # ISO date, UTC
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    messages: Mapped[int] = mapped_column(default=0)
    turns: Mapped[int] = mapped_column(default=0)
    conversations: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    peer_answers: Mapped[int] = mapped_column(default=0)


class NewcomerAnswer(Base):
    """How many first messages of one week were answered how soon, in one group.

    `within` is the upper bound in minutes, one of bot.rules.health_newcomers.BOUNDS; 0 stands for
    those that nobody answered within seven days.
    """

    __tablename__ = "newcomer_answer"
    __table_args__ = (
        Index("ix_newcomer_answer_server", "server_id", "week"),
        about(
            "How soon the first messages of a group's newcomers were answered: counts per group and"
            " week.",
            "Goes after {retention_days} days; holds nothing about a person.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    # the Monday of the week in which the message was written, ISO date, UTC
    week: Mapped[str] = mapped_column(String(10), primary_key=True)
    within: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    people: Mapped[int] = mapped_column(default=0)


class RitualPart(Base):
    """That somebody took part in one occurrence of a ritual."""

    __tablename__ = "ritual_part"
    __table_args__ = (
        Index("ix_ritual_part_user", "server_id", "user_id"),
        about(
            "Who answered a ritual's post, reacted to it, wrote in its thread or pressed that they"
            " are in: only to count how many different people take part.",
            "Goes after eight weeks, with its ritual, on opt-out and on forget.",
        ),
    )

    occurrence_id: Mapped[int] = mapped_column(
        ForeignKey("occurrence.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))


class Lent(Base):
    """How many who live in one group were active in another, in four weeks: pairs from five on."""

    __tablename__ = "lent"
    __table_args__ = about(
        "How many people of one group were around in another, per pair of groups and week; only"
        " where they are five or more.",
        "Goes with either group, and two years after the week; holds nothing about a person.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    from_group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    to_group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    people: Mapped[int]

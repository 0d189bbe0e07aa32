"""Finding a home: what is asked, what fits a group, what members answered, what groups are like."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Question(Base):
    """One question of *Find a home*: for one kind of group types, or for all."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("server_id", "name"),
        about(
            "What people may be asked when they look for a home, as the owners want it.",
            "Stays while the server uses Hearth; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # As of group types; asked while a group of that kind can be moved into. Empty: of any kind
    kind: Mapped[str] = mapped_column(String(16), default="")
    # One of rules.questions, or own-<number>
    name: Mapped[str] = mapped_column(String(24))
    # fit: groups say which answers fit them · zone, language: read off the groups' own columns
    about: Mapped[str] = mapped_column(String(16), default="fit")
    text: Mapped[str] = mapped_column(String(150))
    most: Mapped[int] = mapped_column(default=1)  # how many answers one person may give
    place: Mapped[int] = mapped_column(default=0)  # the order in which they are asked
    off: Mapped[bool] = mapped_column(default=False, server_default=false())  # owners don't want it


class QuestionChoice(Base):
    """One answer that a question offers."""

    __tablename__ = "question_choice"
    __table_args__ = (
        Index("ix_question_choice_question", "question_id"),
        about(
            "The answers that a question offers, and which role says the same.",
            "Goes with its question; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(64), default="")  # an IANA zone, a language's code
    # Whoever has this role has given the answer already and is not asked
    role_id: Mapped[Snowflake | None]


class GroupAnswer(Base):
    """That an answer fits a group, as those who look after it say."""

    __tablename__ = "group_answer"
    __table_args__ = (
        Index("ix_group_answer_choice", "choice_id"),
        about(
            "Which answers fit which group, said by its facilitators or owners.",
            "Goes with the group or the answer; holds nothing about a person.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    choice_id: Mapped[int] = mapped_column(
        ForeignKey("question_choice.id", ondelete="CASCADE"), primary_key=True
    )


class MemberAnswer(Base):
    """That a member was asked a question, and what may be done with the answer.

    The answers themselves are in `member_choice`; none of them: the question was skipped.
    """

    __tablename__ = "member_answer"
    __table_args__ = about(
        "Which questions of Find a home a member answered or skipped, and what they allowed.",
        "Goes when they take it back, on forget, and {left_days} days after leaving the server.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True
    )
    answered_at: Mapped[datetime | None]  # None: not yet, only a tick was set
    shown: Mapped[bool] = mapped_column(default=False, server_default=false())  # to their group
    # They want to hear of groups that are not listed, too; for questions of such types
    unlisted: Mapped[bool] = mapped_column(default=False, server_default=false())


class MemberChoice(Base):
    """One answer of one member."""

    __tablename__ = "member_choice"
    __table_args__ = about(
        "What members answered when they looked for a home; read by the matching only.",
        "Goes when they change it or take it back, on forget, and with member_answer's row.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    choice_id: Mapped[int] = mapped_column(
        ForeignKey("question_choice.id", ondelete="CASCADE"), primary_key=True
    )


class Portrait(Base):
    """What the matching knows of a group: reckoned from the other tables, and never the truth."""

    __tablename__ = "portrait"
    __table_args__ = (
        Index("ix_portrait_at", "at"),
        about(
            "What fits a group and how warm it is, put together for suggestions: numbers over at"
            " least five people.",
            "Reckoned anew every few hours; goes with the group; holds nothing about a person.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    warmth: Mapped[float]  # 0 cold to 1 warm
    told: Mapped[str]  # JSON: see bot.rules.portraits
    at: Mapped[datetime]

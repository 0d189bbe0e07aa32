"""Letters to facilitators: whom they told of, what was done about it, and what came of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class Letter(Base):
    """One letter to one facilitator: a few names, shown only to them."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_facilitator", "group_id", "facilitator_id"),
        about(
            "Which names a facilitator was told, so that nobody is told twice.",
            "Goes after {letters_days} days and with its facilitator.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    facilitator_id: Mapped[Snowflake]
    written_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # the names reached them: pressed [Open], or sent by DM
    # the keys of the other matters that were told, with spaces between (services.letter_sections)
    sections: Mapped[str] = mapped_column(default="", server_default="")


class LetterName(Base):
    """One quiet episode in one letter."""

    __tablename__ = "letter_name"
    __table_args__ = (
        Index("ix_letter_name_episode", "episode_id"),
        about("Which quiet episodes a letter tells of.", "Goes with its letter or its episode."),
    )

    letter_id: Mapped[int] = mapped_column(
        ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True
    )
    episode_id: Mapped[int] = mapped_column(
        ForeignKey("quiet_episode.id", ondelete="CASCADE"), primary_key=True
    )
    # what the letter's facilitator said: reached, away, fine, later
    said: Mapped[str | None] = mapped_column(String(8))


class LetterOutcome(Base):
    """What was done about the people whom a group's letters told of in one week, and what came."""

    __tablename__ = "letter_outcome"
    __table_args__ = about(
        "Counts per group and week of what came of its letters: told, reached out to, back.",
        "Goes after a year and with its group; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    # the Monday of the week in which they were told of, ISO date, UTC
    week: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)  # quiet | faded
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    told: Mapped[int] = mapped_column(default=0)
    # How each of them ended:
    back_after_word: Mapped[int] = mapped_column(default=0)  # somebody had reached out
    back_alone: Mapped[int] = mapped_column(default=0)
    away: Mapped[int] = mapped_column(default=0)
    fine: Mapped[int] = mapped_column(default=0)  # a facilitator said so
    lapsed: Mapped[int] = mapped_column(default=0)  # silent to the end, or gone
    # of these, whoever they ended:
    reached: Mapped[int] = mapped_column(default=0)  # somebody reached out to them

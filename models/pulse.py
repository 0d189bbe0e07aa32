"""Pulses: short anonymous surveys of a group. Nothing here says who answered what.

Who took part and what was answered stand in tables without a link: no common key, no time, no order
of insertion. Both are written for five people at once or more, shuffled (bot/pulses.py), and both
go when the pulse closes: what stays are sums. Decision 14 says what could still be recovered.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about

# Rows lie in the order of their key, not of their insertion.
UNORDERED = {"sqlite_with_rowid": False}


class Pulse(Base):
    """One survey of one group; who asked for it stands in the room, not here."""

    __tablename__ = "pulse"
    __table_args__ = (
        Index(
            "uq_pulse_open",
            "group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_pulse_group", "group_id", "started_at"),
        CheckConstraint(
            "state IN ('open', 'shown', 'few', 'called_off', 'declined')", name="state"
        ),
        about(
            "When a group was asked how it is to live there, and what became of it.",
            "Goes with its group, and a year after it closed; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    # open · shown: closed, five or more had answered · few: closed, fewer had · called_off: by
    # those who look after the group, or with the group · declined: by those who live there
    state: Mapped[str] = mapped_column(String(10), default="open")
    started_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Whether answers wait in memory: if none does after all, a stop of Hearth's has lost them.
    waiting: Mapped[bool] = mapped_column(default=False, server_default=false())
    told_at: Mapped[datetime | None]  # when the room was owed what came of it
    people: Mapped[int | None]  # how many had answered when it closed; None where nobody counted
    lines: Mapped[int] = mapped_column(default=0)  # how many free lines there were at that moment
    lines_done_at: Mapped[datetime | None]  # they were read first, or are erased


class PulsePart(Base):
    """That somebody took part in a pulse that is still open; never what they answered."""

    __tablename__ = "pulse_part"
    __table_args__ = UNORDERED | about(
        "Who took part in a pulse that is open, so that everybody answers once.",
        "Goes when the pulse closes, after seven days, and on forget.",
    )

    pulse_id: Mapped[int] = mapped_column(
        ForeignKey("pulse.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]


class PulseAnswer(Base):
    """One step that somebody chose; the three of one person have nothing in common either."""

    __tablename__ = "pulse_answer"
    __table_args__ = (
        Index("ix_pulse_answer_pulse", "pulse_id"),
        CheckConstraint("step BETWEEN 1 AND 5", name="step"),
        about(
            "Answers to a pulse that is open: under random keys, without a person or a time.",
            "Goes when the pulse closes. Nobody can tell whose one is, so it stays on forget.",
        )
        | UNORDERED,
    )

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    pulse_id: Mapped[int] = mapped_column(ForeignKey("pulse.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(String(12))
    step: Mapped[int]


class PulseLine(Base):
    """A free line from a pulse, which its author wrote for their group."""

    __tablename__ = "pulse_line"
    __table_args__ = (
        Index("ix_pulse_line_pulse", "pulse_id"),
        about(
            "Free lines from a pulse, until somebody who looks after the group has read them.",
            "Goes when that was done, and 14 days after the pulse closed. Nobody can tell whose a"
            " line is, so it stays on forget.",
        )
        | UNORDERED,
    )

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    pulse_id: Mapped[int] = mapped_column(ForeignKey("pulse.id", ondelete="CASCADE"))
    said: Mapped[str] = mapped_column(String(180))
    ticked: Mapped[bool] = mapped_column(default=False)  # the group shall read it


class PulseTally(Base):
    """How many chose one step of one question, in a pulse that five people or more answered."""

    __tablename__ = "pulse_tally"
    __table_args__ = about(
        "How often each step was chosen in a pulse, where five people or more answered.",
        "Goes with its pulse; holds nothing about a person.",
    )

    pulse_id: Mapped[int] = mapped_column(
        ForeignKey("pulse.id", ondelete="CASCADE"), primary_key=True
    )
    question: Mapped[str] = mapped_column(String(12), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    people: Mapped[int]


class PulseNo(Base):
    """Somebody's word that pulses are not for their group."""

    __tablename__ = "pulse_no"
    __table_args__ = about(
        "Who would rather have no pulses in their home; nobody is shown who.",
        "Goes when it is taken back, when enough say so, when they move out, and on forget.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))

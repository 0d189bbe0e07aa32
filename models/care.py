"""Looking after a group together: who already does what facilitators do, and what they tell."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Care(Base):
    """How often a member did in one week what facilitators do: three numbers, no text."""

    __tablename__ = "care"
    __table_args__ = (
        Index("ix_care_server", "server_id", "week"),
        about(
            "Numbers per member, group and week: newcomers answered, silences of the room ended,"
            " people brought together. Only to suggest whom one could ask to help.",
            "Goes after 12 weeks, on opt-out and on forget.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    welcomed: Mapped[int] = mapped_column(default=0, server_default="0")
    revived: Mapped[int] = mapped_column(default=0, server_default="0")
    connected: Mapped[int] = mapped_column(default=0, server_default="0")


class CarePause(Base):
    """Somebody who is not suggested for a while: asked lately, or a facilitator said not now.

    Written when somebody is asked, whatever they answer: a no leaves no trace of its own.
    """

    __tablename__ = "care_pause"
    __table_args__ = about(
        "Whom not to suggest as a helper of a group for a while.",
        "Goes when its time is over, and on forget.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    until: Mapped[datetime] = mapped_column(index=True)


class FacilitatorNote(Base):
    """A note about a group that its facilitators share; never about single people."""

    __tablename__ = "facilitator_note"
    __table_args__ = (
        Index("ix_facilitator_note_group", "group_id"),
        about(
            "What a group's facilitators tell each other about the group, in their own words, for"
            " their eyes only.",
            "Goes when its author takes it back, when 25 newer ones stand, after {notes_days} days,"
            " with the group, and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    by_user_id: Mapped[Snowflake]
    said: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]


class RoomWord(Base):
    """When facilitators last had Hearth say something in a group's room, by what it was."""

    __tablename__ = "room_word"
    __table_args__ = about(
        "When a group's norms were recalled, a conversation started, everyone called: so that it"
        " stays rare.",
        "Goes with the group; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)  # norms | starter | call
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    at: Mapped[datetime]

"""What the lines for seats are told by: seats that came free, and offers that nobody took."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class FreedSeat(Base):
    """That a seat of a group came free, for an honest estimate of how long others will wait."""

    __tablename__ = "freed_seat"
    __table_args__ = (
        Index("ix_freed_seat_group", "group_id", "at"),
        about(
            "When seats of a group came free, so that who waits for one is told how long it takes.",
            "Goes after eight weeks; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class MissedOffer(Base):
    """A kept seat that went on to the next, because the person it was offered to did not answer.

    The first time they go to the end of the line; with this row still there, the second time takes
    them out of it. Saying that they have seen it, in /home, starts over.
    """

    __tablename__ = "missed_offer"
    __table_args__ = about(
        "The seat that was kept for someone who did not answer; told in /home.",
        "Goes when they have seen it, wait anew or move in, after 30 days, or on forget.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    at: Mapped[datetime]


class SilentSeat(Base):
    """A seat whose owner gave no sign of life for long, in a type that frees such seats.

    They are told some time before. Once the seat is free this row is why they come first when they
    are back.
    """

    __tablename__ = "silent_seat"
    __table_args__ = (
        Index("ix_silent_seat_group", "group_id"),
        about(
            "Whose seat goes, or went, to others by the owners' rule for long silences; they come"
            " first when they return.",
            "Goes with a sign of life, with a new home, a year after the seat was freed, and on"
            " forget.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    told_at: Mapped[datetime]  # that the seat will be free
    freed_at: Mapped[datetime | None]

"""Budding: a few people of a group begin a new one, each by their own word."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Bud(Base):
    """A new group that somebody would begin out of another one, with a few who say yes."""

    __tablename__ = "bud"
    __table_args__ = (
        Index(
            "uq_bud_open",
            "group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_bud_user", "server_id", "user_id"),
        CheckConstraint("state IN ('asked', 'gathering', 'begun', 'dropped')", name="state"),
        about(
            "Who would begin a new group out of which, under what name, and until when.",
            "Goes 30 days after it is over, when its founder says no, and on their forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]  # the founder
    # asked: the founder has a question · gathering: they ask people · begun: a group of its own
    state: Mapped[str] = mapped_column(String(9), default="asked")
    asked_at: Mapped[datetime]
    until: Mapped[datetime]  # when it is over without a beginning
    name: Mapped[str] = mapped_column(String(80), default="")
    emoji: Mapped[str] = mapped_column(String(64), default="")
    purpose: Mapped[str] = mapped_column(String(300), default="")
    child_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]


class BudGuest(Base):
    """Somebody whom a founder would like to have along, and what they said."""

    __tablename__ = "bud_guest"
    __table_args__ = (
        CheckConstraint("answer IN ('asked', 'yes', 'no')", name="answer"),
        about(
            "Who was asked along into a new group, and whether they said yes; a no is shown to"
            " nobody.",
            "Goes with the bud, when they leave the group, and on forget.",
        ),
    )

    bud_id: Mapped[int] = mapped_column(ForeignKey("bud.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[SnowflakeKey]
    answer: Mapped[str] = mapped_column(String(5), default="asked")
    asked_at: Mapped[datetime]

"""What is got ready before a group is full: how it would part, names, who might look after whom."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, about


class Prepared(Base):
    """A group that is nearly full, and how it would part if it were full today."""

    __tablename__ = "prepared"
    __table_args__ = about(
        "How a nearly full group would part: figures only, looked at weekly. Who would go where is"
        " not kept.",
        "Goes when the group splits, is no longer nearly full, rests or ends; holds nothing about"
        " a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    looked_at: Mapped[datetime]
    mean_share: Mapped[float]
    kept_weight: Mapped[float]
    stranded: Mapped[int]


class PreparedChild(Base):
    """One of the groups that a nearly full one would become; index 0 would keep the room."""

    __tablename__ = "prepared_child"
    __table_args__ = about(
        "The children of a split that is being prepared: name, size, who might look after it.",
        "Goes with what is prepared; somebody who is forgotten is taken out.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("prepared.group_id", ondelete="CASCADE"), primary_key=True
    )
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    emoji: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    facilitator_id: Mapped[Snowflake | None]

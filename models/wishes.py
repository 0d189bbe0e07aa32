"""Wishes: with whom somebody would like to live, and with whom they would rather not."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, SnowflakeKey, about


class Wish(Base):
    """That somebody would like to be in one group with another, or apart from them.

    Only its author is ever told of it: `other_id` is nobody's to ask for (personal.UNTOLD).
    """

    __tablename__ = "wish"
    __table_args__ = (
        CheckConstraint("kind IN ('together', 'apart')", name="kind"),
        CheckConstraint("user_id <> other_id", name="two"),
        Index("ix_wish_other", "server_id", "other_id"),
        about(
            "With whom somebody would like to stay together when a group becomes two, and with whom"
            " they would rather not; shown to nobody but themselves.",
            "Goes when they take it back, when either has left the server for the retention"
            " period, and on forget of either.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]  # whose wish it is
    other_id: Mapped[SnowflakeKey]
    kind: Mapped[str] = mapped_column(String(8))  # together | apart
    at: Mapped[datetime]

"""Roles and rooms that were there before Hearth, and groups made of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class Adoption(Base):
    """A role and a room that became a group, and how they were before, so that they can again."""

    __tablename__ = "adoption"
    __table_args__ = (
        Index("ix_adoption_server", "server_id"),
        about(
            "Which roles and rooms were adopted, and how the room was opened before.",
            "Goes a month after role and room were given back; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(index=True)  # outlives the group, to give the room back
    role_id: Mapped[Snowflake | None]  # None: the room is opened person by person
    room_id: Mapped[Snowflake]
    before: Mapped[str]  # JSON: names, and the entries of roles in the room; none of a person
    at: Mapped[datetime]
    # It holds more people than its type has seats: it rests until it has split.
    rests_until_split: Mapped[bool] = mapped_column(default=False, server_default=false())
    undone_at: Mapped[datetime | None]
    given_back_at: Mapped[datetime | None]

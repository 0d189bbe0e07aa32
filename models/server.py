"""A server that Hearth serves, as its owners set it up."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, SnowflakeKey, about


class Server(Base):
    """One row per Discord guild; the id is the guild's."""

    __tablename__ = "server"
    __table_args__ = about(
        "What the owners set in /hearth setup: rooms, owner role, time zone, language, pause.",
        "Goes with everything below it {grace_days} days after Hearth was removed from the server.",
    )

    id: Mapped[SnowflakeKey]
    commons_id: Mapped[Snowflake | None]
    facilitators_room_id: Mapped[Snowflake | None]
    moderators_room_id: Mapped[Snowflake | None]
    owners_room_id: Mapped[Snowflake | None]
    owner_role_id: Mapped[Snowflake | None]
    zone: Mapped[str] = mapped_column(String(64), default="UTC")  # IANA name
    language: Mapped[str] = mapped_column(String(16), default="en")
    counts_commons: Mapped[bool] = mapped_column(default=False)
    paused_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    # A group opens only once somebody has agreed to look after it
    needs_facilitator: Mapped[bool] = mapped_column(default=False, server_default=false())
    shows_cities: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The raid brake: 0 is off. How old an account must be to move in, in days, and how many may
    # move in within an hour before everyone waits
    brake_account_days: Mapped[int] = mapped_column(default=0, server_default="0")
    brake_joins_per_hour: Mapped[int] = mapped_column(default=0, server_default="0")
    braked_until: Mapped[datetime | None]  # moving in waits until then
    # Moderators let everybody in: no brake until then, however many come
    brake_lifted_until: Mapped[datetime | None]
    panel_message_id: Mapped[Snowflake | None]  # the panel that stands in the commons
    quiet_checked_on: Mapped[str | None] = mapped_column(String(10))  # local date of the last look
    letters_looked_on: Mapped[str | None] = mapped_column(String(10))  # local date of the last look
    health_week: Mapped[str | None] = mapped_column(String(10))  # Monday of the last closed week
    talk_since: Mapped[datetime | None]  # when talk began to be counted; None: since added_at
    roll_week: Mapped[str | None] = mapped_column(String(10))  # of the last one with a roll call


class SetupRole(Base):
    """A role with a part in safety: written into every room, or never to be touched."""

    __tablename__ = "setup_role"
    __table_args__ = about(
        "Which roles (bots' too) keep the server safe, and which mark restricted people.",
        "Goes when the owners take the role out of setup.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[SnowflakeKey]
    part: Mapped[str] = mapped_column(String(16), primary_key=True)  # safety | restricted


class RoomCategory(Base):
    """One category of the pool that rooms are put into."""

    __tablename__ = "room_category"
    __table_args__ = about(
        "The categories that Hearth made for rooms; a further one is made before 50 rooms.",
        "Goes when the category is deleted in Discord.",
    )

    id: Mapped[SnowflakeKey]  # the Discord channel id of the category
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))


class SpareName(Base):
    """A name that a new group of a split may take."""

    __tablename__ = "spare_name"
    __table_args__ = about(
        "Names kept per server for groups that come out of a split.",
        "Goes when a group takes the name or the owners remove it.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    emoji: Mapped[str] = mapped_column(String(64), default="🌱")

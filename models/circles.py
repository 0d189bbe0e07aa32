"""Circles: people who talk with each other a lot, among those who want to be suggested groups."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class CommonsTie(Base):
    """How much two people answered each other in the commons in one week; low_id < high_id.

    Only where the owners have the commons counted, and only while both want to be suggested.
    """

    __tablename__ = "commons_tie"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="ordered"),
        Index("ix_commons_tie_week", "server_id", "week"),
        about(
            "A number per pair and week among people who pressed Suggest me: replies, mentions,"
            " reactions, writing after each other in the commons. Finds circles, shown to nobody.",
            "Goes after {ties_days} days, when either takes Suggest me back, when the commons"
            " are no longer counted, on opt-out and on forget.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    low_id: Mapped[SnowflakeKey]
    high_id: Mapped[SnowflakeKey]
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    weight: Mapped[int] = mapped_column(default=0)


class CircleLook(Base):
    """The last look for circles in a server, in numbers, and when everyone was told of them."""

    __tablename__ = "circle_look"
    __table_args__ = about(
        "When circles were looked for last, among how many people, and how many have ties.",
        "Replaced by the next look; holds nothing about a person.",
    )

    server_id: Mapped[SnowflakeKey] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    at: Mapped[datetime | None]  # None: never looked yet
    people: Mapped[int] = mapped_column(default=0)  # who were looked at
    without_ties: Mapped[int] = mapped_column(default=0)  # of them, who talk with none of the rest
    told_at: Mapped[datetime | None]  # when the commons were told of Suggest me


class Circle(Base):
    """People who talk with each other a lot, and the group that may come of it."""

    __tablename__ = "circle"
    __table_args__ = (
        Index("ix_circle_server", "server_id", "state"),
        CheckConstraint("state IN ('found', 'offered', 'founded', 'over')", name="state"),
        about(
            "Circles that were found, which of them an owner offered a group, and what came of it.",
            "One that is not offered goes with the next look or after 14 days; one that is over"
            " after 60 days, its people with it.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # found: nobody knows of it · offered: its people are asked · founded: enough said yes, and
    # there is a group · over: too few did, or an owner called it off
    state: Mapped[str] = mapped_column(String(8), default="found")
    size: Mapped[int]  # people when it was found
    at_home: Mapped[bool] = mapped_column(default=False, server_default=false())  # one group's
    found_at: Mapped[datetime]
    by_user_id: Mapped[Snowflake | None]  # which owner offered it
    type_id: Mapped[int | None] = mapped_column(ForeignKey("group_type.id", ondelete="SET NULL"))
    charter: Mapped[str | None]  # JSON: what the owner wrote for the group, by a charter's fields
    offered_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]  # until when its people may answer
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    closed_at: Mapped[datetime | None]  # nobody can answer any more


class CircleMember(Base):
    """One person of a circle, and what they said when they were asked."""

    __tablename__ = "circle_member"
    __table_args__ = (
        Index("ix_circle_member_user", "user_id"),
        CheckConstraint("answer IN ('none', 'yes', 'no')", name="answer"),
        about(
            "Who is in which circle, and whether they would move into its group.",
            "Goes with its circle, when they take Suggest me back, on opt-out and on forget.",
        ),
    )

    circle_id: Mapped[int] = mapped_column(
        ForeignKey("circle.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    answer: Mapped[str] = mapped_column(String(4), default="none")
    answered_at: Mapped[datetime | None]
    would_help: Mapped[bool] = mapped_column(default=False, server_default=false())  # look after it
    invited_at: Mapped[datetime | None]  # the group is there, and they may move in

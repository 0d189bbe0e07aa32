"""Who hosts a ritual by turns, who is asked to stand in, when a group rests, what is suggested."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class RitualHost(Base):
    """Somebody in a ritual's rota, or asked to be; whose turn is next stands with the ritual."""

    __tablename__ = "ritual_host"
    __table_args__ = (
        Index("ix_ritual_host_user", "user_id"),
        CheckConstraint("state IN ('asked', 'hosts')", name="state"),
        about(
            "Who takes turns in hosting a ritual, in which order, and who was asked to.",
            "Goes when they say no or step out, when they leave the group, with the ritual, and on"
            " forget.",
        ),
    )

    ritual_id: Mapped[int] = mapped_column(
        ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    position: Mapped[int]  # turns go by it, round and round
    state: Mapped[str] = mapped_column(String(8))
    since: Mapped[datetime]


class RitualSwap(Base):
    """That the host of a ritual's next moment asked another host to take it over."""

    __tablename__ = "ritual_swap"
    __table_args__ = (
        Index("ix_ritual_swap_host", "host_id"),
        about(
            "Which host asked which other host to take the next moment of a ritual over.",
            "Goes with an answer, when that moment comes, when either steps out, and on forget.",
        ),
    )

    ritual_id: Mapped[int] = mapped_column(
        ForeignKey("ritual.id", ondelete="CASCADE"), primary_key=True
    )
    host_id: Mapped[SnowflakeKey]  # who is asked
    user_id: Mapped[Snowflake]  # who asks
    at: Mapped[datetime]


class GroupRest(Base):
    """Days on which a group holds no rituals: both the first and the last are free."""

    __tablename__ = "group_rest"
    __table_args__ = (
        Index("ix_group_rest_group", "group_id", "last"),
        about(
            "On which days a group rests, so that its rituals are left out.",
            "Goes a month after the last of its days; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    first: Mapped[str] = mapped_column(String(10))  # local ISO dates
    last: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(16))  # one of bot.rules.resting.REASONS


class RitualChange(Base):
    """One change that was suggested for a ritual; of a group one a month."""

    __tablename__ = "ritual_change"
    __table_args__ = (
        Index("ix_ritual_change_group", "group_id", "at"),
        about(
            "Which change of a ritual was suggested to those who look after its group, and when.",
            "Goes with the ritual, or after half a year; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    ritual_id: Mapped[int] = mapped_column(ForeignKey("ritual.id", ondelete="CASCADE"), index=True)
    what: Mapped[str] = mapped_column(String(16))  # one of bot.rules.reconsidering.CHANGES
    to: Mapped[str] = mapped_column(String(60), default="")  # what it would become, as it is typed
    at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # taken up, put away, or the ritual was changed


class TalkHour(Base):
    """How many turns of talk a group took in one hour of the day, through one week."""

    __tablename__ = "talk_hour"
    __table_args__ = (
        Index("ix_talk_hour_server", "server_id", "week"),
        about(
            "At which hours of the day a group talks, as numbers per week: so that a ritual can"
            " move to an hour when people are awake.",
            "Goes after twelve weeks; holds nothing about a person.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0 to 23, UTC
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    turns: Mapped[int] = mapped_column(default=0)

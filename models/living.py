"""Living together: who greets, who was welcomed by whom, who tells about themselves; the panel."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Greeter(Base):
    """Somebody who offered to show newcomers of their group around."""

    __tablename__ = "greeter"
    __table_args__ = about(
        "Who offered to show newcomers around in their home.",
        "Goes when they take the offer back, when they move out for good, and on forget.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    since: Mapped[datetime]


class Welcome(Base):
    """That a group welcomed somebody, and who was asked to show them around."""

    __tablename__ = "welcome"
    __table_args__ = (
        Index("ix_welcome_group", "group_id", "at"),
        Index("ix_welcome_user", "server_id", "user_id"),
        about(
            "Who was welcomed where and who shows them around, so that greeters take turns.",
            "Goes after 30 days, and when either of the two is forgotten.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]  # the newcomer
    at: Mapped[datetime]
    greeter_id: Mapped[Snowflake | None]  # asked in the room, or who took it on; None: nobody
    taken_at: Mapped[datetime | None]  # when somebody pressed "I'll show them around"


class Introduction(Base):
    """What somebody tells their group about themselves: theirs, and nobody else's."""

    __tablename__ = "introduction"
    __table_args__ = about(
        "What its author wrote about themselves for those who live in or visit their home.",
        "Goes when its author takes it away or moves out for good, and on forget.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    said: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]  # when it was last changed
    hidden_at: Mapped[datetime | None]  # facilitators took it down; its author may mend it


class Panel(Base):
    """The panel in the commons: where it stands, and what it said when it was posted."""

    __tablename__ = "panel"
    __table_args__ = (
        Index("ix_panel_server", "server_id", "state"),
        about(
            "Where the panel with Hearth's buttons stands in the commons.",
            "Goes when its message is taken down; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # owed: not sent yet · stands · over: a newer one stands, this one is to be taken down ·
    # removed: somebody deleted it by hand, so none is posted until an owner wants one
    state: Mapped[str] = mapped_column(String(8), default="owed")
    posted_at: Mapped[datetime]
    channel_id: Mapped[Snowflake | None]  # None: not sent yet
    message_id: Mapped[Snowflake | None]
    groups: Mapped[int]  # how many groups were open, and seats free, when it was posted
    seats: Mapped[int]

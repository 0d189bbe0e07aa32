"""Messages in groups' rooms that wait for an answer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, SnowflakeKey, about


class Unanswered(Base):
    """One message that nobody answered so far: where it stands, never what it says."""

    __tablename__ = "unanswered"
    __table_args__ = (
        Index("ix_unanswered_group", "group_id", "at"),
        about(
            "Where messages stand that nobody answered, so that those who look after the group can"
            " read them in the room. Ids and times, no text.",
            "Goes when somebody answers or the message is deleted, after seven days, on opt-out and"
            " on forget.",
        ),
    )

    message_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    channel_id: Mapped[Snowflake]  # the room, or a thread of it that all of the room can read
    user_id: Mapped[Snowflake]
    at: Mapped[datetime]
    # the first that its author wrote since they moved in
    first: Mapped[bool] = mapped_column(default=False, server_default=false())
    # written while others talked: who goes on talking may have overlooked it
    in_talk: Mapped[bool] = mapped_column(default=False, server_default=false())

"""What Hearth wants gone from Discord that it posted itself."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class Takedown(Base):
    """A message of ours that shall go, or a thread of ours that shall close."""

    __tablename__ = "takedown"
    __table_args__ = (
        UniqueConstraint("channel_id", "target_id", "what"),
        about(
            "Messages of Hearth's own that are to be deleted, and threads that are to be closed.",
            "Goes when that is done, or after 30 days; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(8))  # message | thread
    channel_id: Mapped[Snowflake]  # where the message stands; of a thread its own id
    target_id: Mapped[Snowflake]  # the message, or the thread
    wanted_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)

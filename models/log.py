"""The owners' log: who changed what, when, and what it was before."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class LogEntry(Base):
    """One change that an owner, a moderator or a facilitator made, with what undoes it."""

    __tablename__ = "log_entry"
    __table_args__ = (
        Index("ix_log_entry_server", "server_id", "at"),
        about(
            "Who changed what in a server, and when; owners read it in /hearth log and can undo.",
            "Goes after {log_days} days; on forget the name is taken off.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by_user_id: Mapped[Snowflake]  # 0: Hearth itself, or somebody who was forgotten
    action: Mapped[str] = mapped_column(String(40))  # group-edit, type-edit, rest, bar …
    group_id: Mapped[int | None]
    user_id: Mapped[Snowflake | None]  # whom it was about
    before: Mapped[str | None]  # JSON: what undoing brings back
    after: Mapped[str | None]  # JSON: what it became
    undone_at: Mapped[datetime | None]
    undone_by_user_id: Mapped[Snowflake | None]

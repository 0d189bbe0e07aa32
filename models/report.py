"""The monthly report to the owners' room."""

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, SnowflakeKey, about


class MonthlyReport(Base):
    """What a server's owners were last told, and whether they want to be told."""

    __tablename__ = "monthly_report"
    __table_args__ = about(
        "Of which month the owners' room was told last, and whether owners switched that off.",
        "Goes with the server; holds nothing about a person.",
    )

    server_id: Mapped[SnowflakeKey] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    month: Mapped[str | None] = mapped_column(String(7))  # as in 2026-03, in the server's zone
    off: Mapped[bool] = mapped_column(default=False, server_default=false())

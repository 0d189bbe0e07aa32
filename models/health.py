"""How groups and servers are: figures of closed weeks, written once."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, about


class HealthFigure(Base):
    """What one measure said of a group, or of the whole server, in one week."""

    __tablename__ = "health_figure"
    __table_args__ = (
        Index("ix_health_figure_group", "group_id", "week"),
        about(
            "Figures of groups and of the server, week by week: see docs/health.md. Nothing of"
            " fewer than five people.",
            "Goes two years after the week, and with its server; holds nothing about a person, so"
            " it stays when one is forgotten.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: the server
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    measure: Mapped[str] = mapped_column(String(24), primary_key=True)
    value: Mapped[float | None]  # None: silent
    low: Mapped[float | None]
    high: Mapped[float | None]
    people: Mapped[int] = mapped_column(default=0)  # 0 where fewer than five
    silent: Mapped[str | None] = mapped_column(String(8))  # few | young | nothing | blind

"""Groups that are too small, and merges: one group moving in with another."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class SmallGroup(Base):
    """That those who look after a small group were asked what it needs; asked once, not again."""

    __tablename__ = "small_group"
    __table_args__ = about(
        "Which groups have been small for long, and when their facilitators were asked about it.",
        "Goes when the group has grown; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ask_again_at: Mapped[datetime | None]  # after "leave it as it is"; None: asked once for all


class Merge(Base):
    """One group moving in with another; the rows of both change in one transaction."""

    __tablename__ = "merge"
    __table_args__ = (
        Index(
            "uq_merge_open_group",
            "group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_merge_open_into",
            "into_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("state IN ('planned', 'told', 'moving', 'done', 'dropped')", name="state"),
        CheckConstraint("group_id <> into_id", name="two"),
        about(
            "Which group moves in with which, who agreed for it, and how far it is.",
            "Stays as lineage; holds nothing about a person once its choices are gone.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))  # moves
    into_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))  # stays
    # planned: both groups' facilitators are asked · told: members may choose · moving: rows have
    # changed, Discord follows · done: no drift left · dropped
    state: Mapped[str] = mapped_column(String(8), default="planned")
    planned_at: Mapped[datetime]
    group_agreed_at: Mapped[datetime | None]  # said by who looks after the group that moves
    into_agreed_at: Mapped[datetime | None]  # said by who looks after the group that stays
    told_at: Mapped[datetime | None]
    runs_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]  # when the rows changed
    closed_at: Mapped[datetime | None]  # done or dropped
    moved: Mapped[int] = mapped_column(default=0)  # people whose home changed


class MergeChoice(Base):
    """A member who does not come along with their group: by their own wish, or because of a bar."""

    __tablename__ = "merge_choice"
    __table_args__ = (
        CheckConstraint("choice IN ('elsewhere', 'left')", name="choice"),
        about(
            "Who does not move along with their group and looks for another home.",
            "Goes 30 days after the merge is over, when they change their mind, and on forget.",
        ),
    )

    merge_id: Mapped[int] = mapped_column(
        ForeignKey("merge.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    # elsewhere: they said so · left: their seat could not come along
    choice: Mapped[str] = mapped_column(String(9))
    at: Mapped[datetime]

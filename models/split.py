"""Splits: the plan as rows, from the first look to the last move."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Split(Base):
    """One group becoming two or more."""

    __tablename__ = "split"
    __table_args__ = (
        Index(
            "uq_split_open",
            "group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("state IN ('planned', 'told', 'moving', 'done', 'dropped')", name="state"),
        about(
            "The plan of a split, what it keeps, and how far it is.",
            "Stays as lineage; holds nothing about a person once its seats are gone.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    # planned: facilitators look · told: members may choose · moving: rows have changed, Discord
    # follows · done: no drift left · dropped
    state: Mapped[str] = mapped_column(String(8), default="planned")
    planned_at: Mapped[datetime]
    looked_at: Mapped[datetime]  # when the ties were looked at last; anew each day while planned
    # When facilitators are asked again (approved), or the members told (auto)
    ask_again_at: Mapped[datetime | None]
    rounds: Mapped[int] = mapped_column(default=1)  # how often the deciders were asked
    unanswered: Mapped[int] = mapped_column(default=0)  # rounds in a row without an answer
    told_at: Mapped[datetime | None]
    runs_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]  # when the rows changed
    closed_at: Mapped[datetime | None]  # done or dropped
    undone_at: Mapped[datetime | None]  # when the children became one again
    mean_share: Mapped[float]  # mean share of their own ties that members keep
    kept_weight: Mapped[float]  # share of all weight that stays inside
    stranded: Mapped[int]  # members with ties who keep none and did not choose that themselves
    moved: Mapped[int] = mapped_column(default=0)  # people whose room changed


class SplitChild(Base):
    """One of the groups that a split makes; index 0 keeps the row, the room and its history."""

    __tablename__ = "split_child"
    __table_args__ = about(
        "The children of a split: name, facilitator, which one keeps the room.",
        "Goes with its split; a facilitator who is forgotten is taken out.",
    )

    split_id: Mapped[int] = mapped_column(
        ForeignKey("split.id", ondelete="CASCADE"), primary_key=True
    )
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    emoji: Mapped[str] = mapped_column(String(64))
    facilitator_id: Mapped[Snowflake | None]
    named_at: Mapped[datetime | None]  # when those who decide gave it a name; None: Hearth's own
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))


class SplitSeat(Base):
    """Where one member goes, and whether they chose it themselves."""

    __tablename__ = "split_seat"
    __table_args__ = about(
        "Where each member of a splitting group will live, and who stands between.",
        "Goes 30 days after the split is over, and on forget.",
    )

    split_id: Mapped[int] = mapped_column(
        ForeignKey("split.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    child: Mapped[int]
    planned: Mapped[int]  # the child that the ties spoke for
    between: Mapped[bool] = mapped_column(default=False)  # about as many ties on either side
    chosen: Mapped[bool] = mapped_column(default=False)
    # the child they would rather be in: they change places with whoever wishes the other way
    wishes: Mapped[int | None]

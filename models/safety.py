"""Safety: words said in private, what was taken from somebody, and their appeals."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class Concern(Base):
    """A private word to the facilitators of a group, or to the moderators."""

    __tablename__ = "concern"
    __table_args__ = (
        Index("ix_concern_open", "server_id", "state"),
        Index("ix_concern_user", "server_id", "user_id"),
        CheckConstraint("for_whom IN ('facilitators', 'moderators')", name="for_whom"),
        CheckConstraint("state IN ('open', 'taken', 'closed')", name="state"),
        about(
            "What somebody told facilitators or moderators on purpose; who it was is shown to"
            " nobody unless they said so, and replies reach them through /home.",
            "Goes {concerns_days} days after it was closed, or twice that after the last word;"
            " on forget of its author at once.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # whose facilitators it is for; None: only moderators ever read it
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]  # who wrote it
    named: Mapped[bool] = mapped_column(default=False, server_default=false())  # may be told who
    for_whom: Mapped[str] = mapped_column(String(16))  # facilitators | moderators
    # a message of somebody who looks after the group: why moderators got it instead
    of_facilitator: Mapped[bool] = mapped_column(default=False, server_default=false())
    passed_on: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # by facilitators
    said: Mapped[str] = mapped_column(String(1200))
    link: Mapped[str | None] = mapped_column(String(120))  # a message of this server
    at: Mapped[datetime]
    last_at: Mapped[datetime]  # of the last word or decision
    state: Mapped[str] = mapped_column(String(8), default="open")
    by_user_id: Mapped[Snowflake | None]  # who took it on
    closed_at: Mapped[datetime | None]


class ConcernReply(Base):
    """One more word about a concern, from either side."""

    __tablename__ = "concern_reply"
    __table_args__ = (
        Index("ix_concern_reply_concern", "concern_id"),
        about(
            "What was answered to a concern, and what its author wrote back.",
            "Goes with its concern; on forget the name is taken off an answer.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake | None]  # the author of the concern, where they write back
    by_user_id: Mapped[Snowflake | None]  # who answered them
    said: Mapped[str] = mapped_column(String(1200))
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # when the author of the concern opened it


class Removal(Base):
    """That somebody's home or visit was ended by others, and what they were told."""

    __tablename__ = "removal"
    __table_args__ = (
        Index("ix_removal_user", "server_id", "user_id"),
        CheckConstraint(
            "kind IN ('removed', 'barred', 'asked-to-leave', 'visit-ended', 'held', 'left-out')",
            name="kind",
        ),
        about(
            "Safety: whose home or visit moderators or facilitators ended, what they were told, and"
            " until when that group's door is shut for them.",
            "Goes {removals_days} days after it; stays on forget while its door is shut, and that"
            " is said.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # None: all groups
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    by_user_id: Mapped[Snowflake]  # 0: nobody knows, or somebody who was forgotten
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(300), default="")  # in words for whom it is about
    at: Mapped[datetime]
    shut_until: Mapped[datetime | None]  # they may not come back before, unless invited
    # whether the door is shut now: cleared when the time is over, by an invitation, on appeal
    shut: Mapped[bool] = mapped_column(default=False, server_default=false())
    seen_at: Mapped[datetime | None]  # they said "All right" to it in /home
    over_at: Mapped[datetime | None]  # taken back: what it says is no longer so


class Appeal(Base):
    """The one question whether a removal was right, and its answer."""

    __tablename__ = "appeal"
    __table_args__ = (
        UniqueConstraint("removal_id"),
        about(
            "What somebody who was removed asked the moderators to look at again, and the answer.",
            "Goes with the removal, and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    removal_id: Mapped[int] = mapped_column(ForeignKey("removal.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    said: Mapped[str] = mapped_column(String(1200))
    at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    by_user_id: Mapped[Snowflake | None]  # who answered
    let_back: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[str] = mapped_column(String(600), default="")
    seen_at: Mapped[datetime | None]  # they have read the answer

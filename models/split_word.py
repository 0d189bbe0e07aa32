"""What people said about a split before it happens: who suggests it, who is moved by hand."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, SnowflakeKey, about


class SplitProposal(Base):
    """How far a plan is with those who decide: suggested, open for a no, before the owners.

    Who suggested it stands in the owners' log only. A split without this row waits for somebody
    to suggest it.
    """

    __tablename__ = "split_proposal"
    __table_args__ = about(
        "Whether somebody suggested to tell the members of a split, and until when the others who"
        " look after the group may say no.",
        "Goes with its split; holds nothing about a person.",
    )

    split_id: Mapped[int] = mapped_column(
        ForeignKey("split.id", ondelete="CASCADE"), primary_key=True
    )
    # asked for by a facilitator before the group was full: it is no plan that the cap made
    early: Mapped[bool] = mapped_column(default=False, server_default=false())
    proposed_at: Mapped[datetime | None]
    no_until: Mapped[datetime | None]  # until when other facilitators may say no
    owners_asked_at: Mapped[datetime | None]  # when the owners were asked last
    owner_agreed_at: Mapped[datetime | None]
    refused_by: Mapped[str | None] = mapped_column(String(12))  # the last no: facilitators | owners


class SplitChange(Base):
    """A member whom facilitators put into another child than the plan did; they may go back."""

    __tablename__ = "split_change"
    __table_args__ = about(
        "Whom facilitators put into another part of a splitting group, so that the person is told"
        " and may go back.",
        "Goes 30 days after the split is over, when the plan is made anew, and on forget.",
    )

    split_id: Mapped[int] = mapped_column(
        ForeignKey("split.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    was: Mapped[int]  # the child where they were before anybody moved them
    child: Mapped[int]  # where facilitators put them
    at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when they were told: not before the members know
    put_back_at: Mapped[datetime | None]  # they said no: their word stands
    seen_at: Mapped[datetime | None]  # they said that it is fine

"""Members, their homes, visits, and what stands in the way."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Member(Base):
    """Someone who uses Hearth in a server: their wishes, never what they wrote."""

    __tablename__ = "member"
    __table_args__ = about(
        "A member's own choices: away, counting, moves. Made when they first use Hearth.",
        "Erased on forget, but for the opt-out itself; {left_days} days after leaving the server.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    counted_since: Mapped[datetime | None]  # consent: from the first join or visit that told them
    opted_out_at: Mapped[datetime | None]
    away_from: Mapped[datetime | None]
    away_until: Mapped[datetime | None]  # None with away_from set: until they say they are back
    first_home_at: Mapped[datetime | None]
    last_move_at: Mapped[datetime | None]  # starts the cool-down
    moves: Mapped[int] = mapped_column(default=0)
    free_move: Mapped[bool] = mapped_column(default=False)  # after a split, a merge or a refusal
    dms_closed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # left the server
    # They want to be suggested groups of people they talk with; since when that may be looked at
    suggested_since: Mapped[datetime | None]


class Membership(Base):
    """A member's one home: the primary key is (server, user), so there cannot be two."""

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_group", "group_id"),
        CheckConstraint("state IN ('here', 'kept', 'held', 'gone')", name="state"),
        about(
            "Who lives where. A row in any state holds a seat.",
            "Goes when the seat is given up or its time is over, on a ban or bar, and on forget.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    # here: lives there · kept: left, may come back until seat_until · held: the role was taken by
    # a person, moderators decide · gone: left the server, seat kept until seat_until
    state: Mapped[str] = mapped_column(String(8), default="here")
    since: Mapped[datetime]
    seat_until: Mapped[datetime | None]
    # the first counted message in the room of their home; before `since`: of an earlier home
    wrote_at: Mapped[datetime | None]
    # begun: they moved in here at `since` · carried: they moved in elsewhere at `since`, and came
    # along by a split, a merge or a bud · None: Hearth did not see it begin (adopted, imported)
    course: Mapped[str | None] = mapped_column(String(8))


class Visit(Base):
    """Time-boxed access of a member to another group's room."""

    __tablename__ = "visit"
    __table_args__ = (
        Index(
            "uq_visit_open",
            "group_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_visit_user", "server_id", "user_id"),
        about(
            "Who visits where and until when; an ended visit is kept 30 days (no repeat before).",
            "An ended visit goes after 30 days; all of a member's on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    # asked: counts to both limits · granted: after a move or a split's opposite choice, to neither
    # · office: the key of somebody who looks after the group and lives elsewhere, to neither
    # · guest: for one guest evening, to neither
    origin: Mapped[str] = mapped_column(String(8), default="asked")
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Arrival(Base):
    """That somebody moved into a group, for its pace; splits and returns are none."""

    __tablename__ = "arrival"
    __table_args__ = (
        Index("ix_arrival_group", "group_id", "at"),
        Index("ix_arrival_server", "server_id", "at"),
        about(
            "When newcomers moved into which group, so that no group grows too fast.",
            "Goes after 30 days, and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    at: Mapped[datetime]


class EntryRequest(Base):
    """A request to join or visit a group whose type lets people in on request."""

    __tablename__ = "entry_request"
    __table_args__ = (
        UniqueConstraint("group_id", "user_id", "kind"),
        about(
            "Who asked to join or visit a group; facilitators answer. A no is kept for the asker.",
            "Goes with a yes, when withdrawn, 14 days after it was asked, or on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    kind: Mapped[str] = mapped_column(String(8))  # join | visit
    asked_at: Mapped[datetime]
    refused_at: Mapped[datetime | None]  # answered with "not now"; shown to the asker in /home


class Waiting(Base):
    """Someone who waits for a seat in a full group; seats that come free are offered in order."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("ix_waiting_group", "group_id", "since"),
        about(
            "The waiting list of full groups: one place per member and server.",
            "Goes when they take the seat or let it go, find another home, leave, or on forget.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    # A seat is kept free for them from when it was offered until offer_ends_at; it counts in
    # groups.offered
    offered_at: Mapped[datetime | None]
    offer_ends_at: Mapped[datetime | None]


class Invitation(Base):
    """A facilitator's invitation of one member into a group that is entered by invitation."""

    __tablename__ = "invitation"
    __table_args__ = about(
        "Who may enter or visit a group again because a facilitator invited them.",
        "Goes when used, after 30 days, or on forget.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    by_user_id: Mapped[Snowflake]
    at: Mapped[datetime]


class Bar(Base):
    """Who may not enter: one group, or none at all (group_id 0)."""

    __tablename__ = "bar"
    __table_args__ = about(
        "Safety: who moderators barred from a group or from all of them.",
        "Goes only when a moderator lifts it; stays on forget, and that is said.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    group_id: Mapped[int] = mapped_column(primary_key=True, default=0, autoincrement=False)
    by_user_id: Mapped[Snowflake]
    at: Mapped[datetime]


class Apart(Base):
    """Two people who must not meet in one group; low_id < high_id."""

    __tablename__ = "apart"
    __table_args__ = (
        CheckConstraint("low_id < high_id", name="ordered"),
        about(
            "Safety: pairs whom moderators keep out of the same group.",
            "Goes only when a moderator lifts it; stays on forget, and that is said.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    low_id: Mapped[SnowflakeKey]
    high_id: Mapped[SnowflakeKey]
    by_user_id: Mapped[Snowflake]
    at: Mapped[datetime]


class Draft(Base):
    """A text that was refused, kept so that nothing typed is lost."""

    __tablename__ = "draft"
    __table_args__ = about(
        "What someone typed into a form that was refused, to fill the form again on [Fix it].",
        "Goes when the form is accepted, after {drafts_days} days, or on forget.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    form: Mapped[str] = mapped_column(String(60), primary_key=True)
    content: Mapped[str]  # JSON: field -> text
    at: Mapped[datetime]

"""Groups that live next door to each other: guest evenings, and questions from one to another."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class GuestEvening(Base):
    """One evening on which a group opens its door to another; both sides have to say yes."""

    __tablename__ = "guest_evening"
    __table_args__ = (
        Index(
            "uq_guest_evening_open",
            "group_id",
            "guest_group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("group_id <> guest_group_id", name="two"),
        CheckConstraint(
            "ending IN ('declined', 'lapsed', 'off', 'over', 'missed', 'by_hand')", name="ending"
        ),
        about(
            "Which group opens its door to which for an evening, when, and who hosts it.",
            "Goes 60 days after it is over; on forget it stays without its host.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    guest_group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    host_id: Mapped[Snowflake | None]  # who looks after the group and welcomes; None: nobody now
    # By the guests' role in the room; else each who said ‹I'd come› gets a visit for the evening.
    by_door: Mapped[bool]
    opens_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]  # the guests' side said yes
    opened_at: Mapped[datetime | None]
    # Until when a door stood open there anyway, as between siblings: it outlasts the evening.
    stood_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # declined · lapsed: nobody said yes in time · off: called off, before or meanwhile · over ·
    # missed: Hearth was away or paused all evening · by_hand: somebody shut the door in Discord
    ending: Mapped[str | None] = mapped_column(String(8))


class GuestComing(Base):
    """Somebody who said that they would come, where no door opens to a whole group."""

    __tablename__ = "guest_coming"
    __table_args__ = about(
        "Who said that they would come to a guest evening for which each guest gets a key.",
        "Goes when the evening is over, when they take it back, or on forget.",
    )

    evening_id: Mapped[int] = mapped_column(
        ForeignKey("guest_evening.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]


class GroupAsk(Base):
    """A question from one group, offered to another whose charter fits."""

    __tablename__ = "group_ask"
    __table_args__ = (
        Index(
            "uq_group_ask_open",
            "group_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("group_id <> to_group_id", name="two"),
        CheckConstraint("ending IN ('over', 'lapsed', 'back', 'ended')", name="ending"),
        about(
            "What one group asks another: the question, while it is open, and where it stands.",
            "The question goes when it is closed, its row 60 days later; on forget it is taken"
            " back and stays without its author.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    to_group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake | None]  # who asks; None: forgotten
    named: Mapped[bool]  # whether the other group reads who asks
    text: Mapped[str]  # what its author shares with both groups; empty once it is closed
    asked_at: Mapped[datetime]
    passed_at: Mapped[datetime | None]  # let pass by who looks after the other group
    put_at: Mapped[datetime | None]  # put to the other group
    ends_at: Mapped[datetime]  # nobody took it up by then; once it was put, the end of answering
    closed_at: Mapped[datetime | None]
    # over · lapsed: nobody took it up · back: taken back · ended: by what became of a group
    ending: Mapped[str | None] = mapped_column(String(8))
    # Where it stands, once it was posted: in the room of who asks, with the thread that answers
    # come to, and in the other group's room.
    room_id: Mapped[Snowflake | None]
    message_id: Mapped[Snowflake | None]
    thread_id: Mapped[Snowflake | None]
    there_room_id: Mapped[Snowflake | None]
    there_message_id: Mapped[Snowflake | None]


class GroupAskAnswer(Base):
    """An answer that its author sent to the group that asked."""

    __tablename__ = "group_ask_answer"
    __table_args__ = (
        UniqueConstraint("ask_id", "user_id"),
        about(
            "Answers to another group's question, which their authors sent there themselves.",
            "The words go when they are posted; the row 60 days after the question is closed, when"
            " the author takes the answer back, and on forget.",
        ),
    )

    id: Mapped[RowId]
    ask_id: Mapped[int] = mapped_column(ForeignKey("group_ask.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]
    named: Mapped[bool]
    text: Mapped[str]  # empty once it is posted
    at: Mapped[datetime]
    room_id: Mapped[Snowflake | None]  # where it was posted: the thread, or the room
    message_id: Mapped[Snowflake | None]


class Neighbourliness(Base):
    """What a group wants to have to do with others, and when something was offered to it."""

    __tablename__ = "neighbourliness"
    __table_args__ = about(
        "Whether a group takes questions from others, and when it was last offered a neighbour.",
        "Goes with the group; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    takes_questions: Mapped[bool] = mapped_column(server_default=true(), default=True)
    # As an island, of whom nobody was elsewhere and where nobody from elsewhere was:
    offered_at: Mapped[datetime | None]
    neighbour_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="SET NULL"))
    not_for_us_at: Mapped[datetime | None]  # said once, kept

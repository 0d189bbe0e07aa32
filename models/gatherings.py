"""Gatherings of a group: what was planned, each of its dates, and who comes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Gathering(Base):
    """Something that a group meets for, once or again and again: wall time in an IANA zone."""

    __tablename__ = "gathering"
    __table_args__ = (
        Index("ix_gathering_group", "group_id", "state"),
        CheckConstraint(
            "state IN ('draft', 'proposed', 'declined', 'running', 'paused', 'over', 'off')",
            name="state",
        ),
        CheckConstraint("place IN ('', 'voice', 'link', 'place')", name="place"),
        about(
            "What a group meets for: when, where, for how many, and who hosts it.",
            "Goes with its group, or 90 days after it is over; a draft {drafts_days} days after it"
            " was last changed, a proposal as long after its date; a host who leaves or is"
            " forgotten is taken out.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(400), default="")  # what one should know
    place: Mapped[str] = mapped_column(String(8), default="")  # voice | link | place | "" not said
    spot: Mapped[str] = mapped_column(String(200), default="")  # the link, or the place in words
    voice_id: Mapped[Snowflake | None]  # the voice room; None with place "voice": the group's own
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    first_local: Mapped[str] = mapped_column(String(16))  # 2026-11-21T18:00, of the first date
    minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(String(120), default="")  # RRULE in wall time; "": once
    most: Mapped[int | None]  # how many may come; None: everybody
    host_id: Mapped[Snowflake | None]
    host_asked_at: Mapped[datetime | None]  # since when somebody is looked for who would host it
    # draft: its host has not announced it · proposed: waits for those who look after the group
    # declined: not this time · running · paused: nobody came twice · over · off: called off
    state: Mapped[str] = mapped_column(String(12), default="draft")
    event: Mapped[bool] = mapped_column(default=False, server_default=false())  # on Discord, too
    opens_at: Mapped[datetime | None]  # when its next date comes into the room; None: it is there
    quiet: Mapped[int] = mapped_column(
        default=0
    )  # dates in a row for which nobody but its host was
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar file; counts changes
    created_at: Mapped[datetime]  # of what is not announced yet: when it was last changed
    closed_at: Mapped[datetime | None]  # declined, over or off since


class GatheringDate(Base):
    """One date of a gathering: unique on the wall time that it was planned for, so it is one."""

    __tablename__ = "gathering_date"
    __table_args__ = (
        UniqueConstraint("gathering_id", "local_moment"),
        Index("ix_gathering_date_due", "state", "starts_at"),
        CheckConstraint("state IN ('planned', 'open', 'left_out', 'over', 'off')", name="state"),
        CheckConstraint(
            "event_state IN ('', 'claimed', 'made', 'stands', 'refused', 'gone')",
            name="event_state",
        ),
        about(
            "Each date of a gathering: when it is, where it stands in the room, and afterwards how"
            " many came, as a number.",
            "Goes with its gathering, or a year after it; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    gathering_id: Mapped[int] = mapped_column(ForeignKey("gathering.id", ondelete="CASCADE"))
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    local_moment: Mapped[str] = mapped_column(String(16))  # as planned, before it was moved
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    # planned: moved or left as it is, and not in the room yet · open: in the room · left_out
    # over: looked back upon · off: called off, or nobody hosted it
    state: Mapped[str] = mapped_column(String(8), default="planned")
    moved: Mapped[bool] = mapped_column(default=False, server_default=false())
    message_id: Mapped[Snowflake | None]
    channel_id: Mapped[Snowflake | None]
    early_told_at: Mapped[datetime | None]  # the day before, to who wanted that
    hour_told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]  # looked back upon, left out, called off
    # Discord's scheduled event. claimed: about to be made, or made and not known yet · made
    # stands: a person deleted or ended it · refused: Discord did not let Hearth · gone: taken down
    event_state: Mapped[str] = mapped_column(String(8), default="", server_default="")
    event_id: Mapped[Snowflake | None]
    event_written: Mapped[str | None] = mapped_column(String(64))  # a digest of what it says
    event_at: Mapped[datetime | None]
    # Counted when it was looked back upon
    yes: Mapped[int | None]
    came: Mapped[int | None]


class GatheringAnswer(Base):
    """Whether somebody comes to one date, and whether they were there."""

    __tablename__ = "gathering_answer"
    __table_args__ = (
        Index("ix_gathering_answer_user", "user_id"),
        CheckConstraint("answer IN ('', 'yes', 'maybe', 'no', 'waits')", name="answer"),
        about(
            "Who comes to a gathering, waits for a seat, wants to be reminded, and said that they"
            " were there.",
            "Goes 30 days after the gathering, when they leave the group before it, or on forget.",
        ),
    )

    date_id: Mapped[int] = mapped_column(
        ForeignKey("gathering_date.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    answer: Mapped[str] = mapped_column(String(8), default="")  # yes | maybe | no | waits
    at: Mapped[datetime]  # since when it is this answer: the waiting list's order
    early: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # the day before, too
    tell: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # of a seat, in the room
    advanced_at: Mapped[datetime | None]  # a seat came free for them, and they have not looked yet
    came_at: Mapped[datetime | None]  # when they said that they are there

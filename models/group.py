"""Group types and groups."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class GroupType(Base):
    """A template for groups: cap, minimum, access, entry, visitor rules, patience."""

    __tablename__ = "group_type"
    __table_args__ = (
        UniqueConstraint("server_id", "name_key"),
        CheckConstraint("cap BETWEEN 10 AND 150", name="cap"),
        CheckConstraint("minimum >= 5 AND cap >= 2 * minimum", name="minimum"),
        CheckConstraint("access <> 'overwrites' OR cap <= 100", name="overwrites"),
        about(
            "How groups of one kind work in a server.",
            "Stays while the server uses Hearth; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    name_key: Mapped[str] = mapped_column(String(80))  # rules.naming.key(name)
    # interest | goal | geographic | experience | identity | cohort | own
    kind: Mapped[str] = mapped_column(String(16))
    cap: Mapped[int] = mapped_column(default=150)
    minimum: Mapped[int] = mapped_column(default=5)
    # soon | usual | late: how long silences may last, by rules.rhythm.PATIENCE
    patience: Mapped[str] = mapped_column(String(8), default="usual", server_default="usual")
    access: Mapped[str] = mapped_column(String(16), default="role")  # role | overwrites
    entry: Mapped[str] = mapped_column(String(16), default="open")  # open | request | invitation
    visits: Mapped[str] = mapped_column(String(16), default="open")  # open | request | closed
    visit_days: Mapped[int] = mapped_column(default=14)
    most_visitors: Mapped[int] = mapped_column(default=25)
    visitors_read_history: Mapped[bool] = mapped_column(default=False)
    listed: Mapped[bool] = mapped_column(default=True)
    splits: Mapped[str] = mapped_column(String(16), default="approved")  # approved | auto
    split_delay_days: Mapped[int] = mapped_column(default=2)  # between notice and move
    # How many may move in within any seven days; 0: as many as there are seats
    newcomers_per_week: Mapped[int] = mapped_column(default=0, server_default="0")
    voice: Mapped[bool] = mapped_column(default=False, server_default=false())  # a voice room too
    # How long a group of this type lives once it is open (cohorts, goals); None: for ever
    lasts_days: Mapped[int | None]
    # The seat of who gave no sign of life for so many days goes to others; None: never
    frees_after_days: Mapped[int | None]


class TypeRitual(Base):
    """A ritual that groups of a type start out with (paused until a host presses Start)."""

    __tablename__ = "type_ritual"
    __table_args__ = about(
        "The rituals that a new group of the type is offered.",
        "Goes with its type; holds nothing about a person.",
    )

    id: Mapped[RowId]
    type_id: Mapped[int] = mapped_column(ForeignKey("group_type.id", ondelete="CASCADE"))
    # one of rules.ritual_kinds, which has its title and its prompts
    kind: Mapped[str] = mapped_column(String(16), server_default="check_in")
    cadence: Mapped[str] = mapped_column(String(16))  # weekly | fortnightly | monthly | cron
    weekday: Mapped[int | None]  # 0 Monday … 6 Sunday
    nth: Mapped[int | None]  # monthly: 1 … 4, or -1 for the last
    hour: Mapped[int] = mapped_column(default=18)
    minute: Mapped[int] = mapped_column(default=0)
    cron: Mapped[str | None] = mapped_column(String(60))


class Group(Base):
    """One micro-community.

    `homes` and `visitors` are counted columns: a seat is taken by UPDATE … WHERE homes < cap in the
    transaction that writes the membership, so whatever arrives at once, the cap holds.
    """

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("server_id", "name_key"),
        CheckConstraint("homes >= 0 AND visitors >= 0", name="counts"),
        about(
            "The groups: charter, cap, where their role and room are.",
            "Stays while the server uses Hearth; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    type_id: Mapped[int] = mapped_column(ForeignKey("group_type.id"))
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80))  # rules.naming.key(name)
    emoji: Mapped[str] = mapped_column(String(64), default="🔥")
    colour: Mapped[int] = mapped_column(default=0xE07A3F)
    purpose: Mapped[str] = mapped_column(String(300), default="")
    for_whom: Mapped[str] = mapped_column(String(300), default="")
    unites: Mapped[str] = mapped_column(String(300), default="", server_default="")
    norms: Mapped[str] = mapped_column(String(600), default="")
    language: Mapped[str] = mapped_column(String(16), default="", server_default="")  # "": server's
    zone: Mapped[str] = mapped_column(String(64), default="", server_default="")  # "": server's
    city: Mapped[str] = mapped_column(String(60), default="", server_default="")
    first_thing: Mapped[str] = mapped_column(String(200), default="", server_default="")  # to do
    venue: Mapped[str] = mapped_column(String(120), default="", server_default="")  # room only
    # forming | open | resting | archived: what joins look at; "full" is read off the seats.
    # Derived from the facts below and written only by services.stages.
    state: Mapped[str] = mapped_column(String(16), default="open")
    cap: Mapped[int]  # copied from the type when made, so that one UPDATE can hold it
    homes: Mapped[int] = mapped_column(default=0)  # memberships in any state: kept and held too
    # seats that are kept free for people of the waiting list who were offered them
    offered: Mapped[int] = mapped_column(default=0, server_default="0")
    visitors: Mapped[int] = mapped_column(default=0)  # visits that count toward most_visitors
    role_id: Mapped[Snowflake | None]  # None: not made yet, or access = overwrites
    room_id: Mapped[Snowflake | None]  # None: not made yet
    # How Hearth wrote role and room last (colour and name; name): a name that a person gave stands
    # until the tables' own changes.
    role_written: Mapped[str | None] = mapped_column(String(120))
    room_written: Mapped[str | None] = mapped_column(String(100))
    charter_message_id: Mapped[Snowflake | None]
    pinged_at: Mapped[datetime | None]  # when a ritual last pinged the whole group
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]  # when it first could be moved into
    rests_since: Mapped[datetime | None]  # owners let it rest: nobody moves in, everyone stays
    closes_at: Mapped[datetime | None]  # a cohort's or goal's last day
    archived_at: Mapped[datetime | None]
    small_since: Mapped[datetime | None]  # below its type's minimum since
    # None: nobody is looked for. When the group was asked who would look after it
    seeks_facilitator_since: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]  # moderators locked the room: read, but not write
    voice_id: Mapped[Snowflake | None]  # None: not made, or the type has none
    voice_written: Mapped[str | None] = mapped_column(String(100))


class Lineage(Base):
    """Which group came out of which, by a split or as a bud."""

    __tablename__ = "lineage"
    __table_args__ = about(
        "Links a group and those that came out of it.",
        "Goes with the groups; holds nothing about a person.",
    )

    child_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    parent_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    split_id: Mapped[int | None]  # None: a bud
    at: Mapped[datetime]


class Door(Base):
    """Another group's role that may enter a room: a sibling's after a split, or for an evening."""

    __tablename__ = "door"
    __table_args__ = (
        UniqueConstraint("group_id", "for_group_id"),
        about(
            "Doors between groups: the other's role may enter the room until a date.",
            "Goes when the date is past; holds nothing about a person.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    for_group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    closes_at: Mapped[datetime] = mapped_column(index=True)
    # Siblings read what was theirs as well; guests of an evening only where the type says so.
    reads_history: Mapped[bool] = mapped_column(server_default=true(), default=True)


class Facilitator(Base):
    """Somebody asked to look after a group, or who does."""

    __tablename__ = "facilitator"
    __table_args__ = (
        Index("ix_facilitator_user", "server_id", "user_id"),
        about(
            "Who looks after a group, how they want their letters, and who was asked or offered.",
            "Goes when they step down, say no, are removed, leave the server, or on forget; an"
            " offer that nobody answers after 30 days.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[Snowflake] = mapped_column(primary_key=True)
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    # asked: by others, who wait for a yes · offered: by themselves, others confirm · active
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    letters: Mapped[str] = mapped_column(String(16), default="weekly")  # weekly | daily | none
    letters_by_dm: Mapped[bool] = mapped_column(default=False)
    last_letter_at: Mapped[datetime | None]
    letters_paused_until: Mapped[datetime | None]  # [Pause my letters]
    # Long absent: when others were asked what to do, and who: facilitators | owners
    absence_asked_at: Mapped[datetime | None]
    absence_asked_of: Mapped[str | None] = mapped_column(String(16))

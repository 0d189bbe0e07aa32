"""Undertakings: what an owner set off with one press and Hearth does step by step."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Undertaking(Base):
    """Something large that an owner decided once: its steps are rows, so it survives anything."""

    __tablename__ = "undertaking"
    __table_args__ = (
        Index(
            "uq_undertaking_open",
            "server_id",
            "kind",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("state IN ('running', 'paused', 'done', 'cancelled')", name="state"),
        about(
            "What an owner set off with one press: who, when, and how far it is.",
            "Goes 30 days after it is over; on forget the name is taken off.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))  # setup | import
    by_user_id: Mapped[Snowflake]  # 0: somebody who was forgotten
    state: Mapped[str] = mapped_column(String(12), default="running")
    begun_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]  # done or cancelled


class UndertakingStep(Base):
    """One step of an undertaking, done in their order."""

    __tablename__ = "undertaking_step"
    __table_args__ = (
        CheckConstraint(
            "state IN ('due', 'begun', 'done', 'stuck', 'left_out')", name="step_state"
        ),
        about(
            "What an undertaking consists of, and which parts are done.",
            "Goes with its undertaking; a step about a person goes on forget.",
        ),
    )

    undertaking_id: Mapped[int] = mapped_column(
        ForeignKey("undertaking.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # from 0
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(24))  # by this the step finds who does it
    content: Mapped[str] = mapped_column(default="{}")  # JSON: what it needs to know
    user_id: Mapped[Snowflake | None]  # the person that the step is about
    # due: not yet · begun: written down, Discord follows · done · stuck: an owner is needed
    state: Mapped[str] = mapped_column(String(8), default="due")
    made_id: Mapped[int | None]  # what came of it: a group's row id, for example
    trouble: Mapped[str | None]  # JSON: the key and fillings of the text that says what is wrong


class SetupDraft(Base):
    """How far an owner is in the guided setup, and what they chose so far."""

    __tablename__ = "setup_draft"
    __table_args__ = about(
        "What was chosen in the guided setup before the last press: rooms, roles, settings,"
        " charters to be mended.",
        "Goes when the setup is carried out, or 60 days after it was last touched; holds nothing"
        " about a person.",
    )

    # No key to `server`: a server's row is made by the press that ends the setup.
    server_id: Mapped[SnowflakeKey]
    step: Mapped[str] = mapped_column(String(16))
    answers: Mapped[str] = mapped_column(default="{}")  # JSON: see bot.rules.setup_answers
    # JSON: charters that were refused, by planned group or kind, to fill their form again
    refused: Mapped[str] = mapped_column(default="{}")
    at: Mapped[datetime]


class SetupGroup(Base):
    """A group that is planned in the guided setup and not made yet."""

    __tablename__ = "setup_group"
    __table_args__ = (
        Index("ix_setup_group_server", "server_id"),
        about(
            "The first groups as an owner plans them in the guided setup, and who shall be asked"
            " to look after them.",
            "Goes with the setup's draft; on forget the name is taken out.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("setup_draft.server_id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(16))  # the type's
    fields: Mapped[str]  # JSON: the charter's fields as they were typed
    facilitator_id: Mapped[Snowflake | None]


class HouseRoom(Base):
    """A room that setup has Hearth make: the commons, or one of the rooms for those who help."""

    __tablename__ = "house_room"
    __table_args__ = about(
        "Rooms that owners had Hearth make in setup, and which roles may enter them.",
        "Goes when setup names another room in its place; holds nothing about a person.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    # commons | facilitators_room | moderators_room | owners_room, as in the server's columns
    part: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    opens_to: Mapped[str] = mapped_column(default="[]")  # JSON: ids of roles
    room_id: Mapped[Snowflake | None]  # None: not made yet

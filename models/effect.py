"""What is owed to Discord: messages, creations, and effects that failed for good."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, about


class OutboxMessage(Base):
    """A message that is owed. Names group, kind and key; the room is resolved when sending."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("server_id", "key"),
        Index("ix_outbox_message_state", "state", "due_at"),
        about(
            "Messages that Hearth owes and has not confirmed yet: a text's key and its fillings.",
            "Erased when sent, expired, or refused for good; all to a member on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(24))  # welcome, ritual, letter, split-notice …
    key: Mapped[str] = mapped_column(String(80))  # what makes this message the same message
    # room | commons | facilitators | moderators | owners | dm | thread
    place: Mapped[str] = mapped_column(String(16))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake | None]  # whom a DM goes to
    content: Mapped[str]  # JSON: see bot.services.outbox.packed
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="owed")  # owed | claimed
    claimed_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    # The thread it goes into (place "thread"), or the one that was opened for it; then known
    # before the message is sent (private) or recorded (public)
    thread_id: Mapped[Snowflake | None]
    channel_id: Mapped[Snowflake | None]  # where it was sent; known when its keeper is told
    message_id: Mapped[Snowflake | None]  # known while its thread is still to be opened


class SentMessage(Base):
    """That a message was sent under a key, for as long as it could have been owed again."""

    __tablename__ = "sent_message"
    __table_args__ = about(
        "A hash per sent message, so that owing it again does not send it again.",
        "Goes when the message would have expired; holds nothing about a person.",
    )

    nonce: Mapped[str] = mapped_column(String(25), primary_key=True)  # hash of server and key
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    until: Mapped[datetime] = mapped_column(index=True)


class Creation(Base):
    """A role, room or category that is about to be made; adopted after a crash by its id."""

    __tablename__ = "creation"
    __table_args__ = (
        UniqueConstraint("server_id", "what", "subject_id"),
        about(
            "Creations are written down before they are made and carry this id in the audit"
            " reason, so that a crash between cannot make two.",
            "Goes when the made thing's id is stored; holds nothing about a person.",
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # random, hexadecimal
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    what: Mapped[str] = mapped_column(String(16))  # role | room | category
    subject_id: Mapped[int]  # the group; for a category 0
    begun_at: Mapped[datetime]


class FailedEffect(Base):
    """An effect that Discord refuses until a person changes something."""

    __tablename__ = "failed_effect"
    __table_args__ = (
        UniqueConstraint("server_id", "subject", "action"),
        about(
            "What Hearth could not do and why; shown to owners in /hearth check.",
            "Goes when the same effect succeeds or is no longer wanted, and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(60))  # member:1 | group:2 | server
    action: Mapped[str] = mapped_column(String(60))
    code: Mapped[int | None]  # Discord's JSON error code
    why: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime]


class AppState(Base):
    """A few facts about this installation, by name."""

    __tablename__ = "app_state"
    __table_args__ = about(
        "The hash of the synced command tree and the like.", "Holds nothing about a person."
    )

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))

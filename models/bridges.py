"""What authors share with the commons, and the weekly *From the neighbourhoods* that shows it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, Snowflake, SnowflakeKey, about


class Bridge(Base):
    """Something from a group that its author shares with the commons.

    The words are kept from ‹Share› until they stand in the commons; after that the row only links
    the source with what was posted, so that one goes with the other.
    """

    __tablename__ = "bridge"
    __table_args__ = (
        UniqueConstraint("server_id", "message_id"),
        Index("ix_bridge_author", "server_id", "user_id"),
        Index("ix_bridge_post", "post_message_id"),
        CheckConstraint("state IN ('waiting', 'sent', 'published', 'changed')", name="state"),
        CheckConstraint("kind IN ('insight', 'story', 'learning')", name="kind"),
        about(
            "What its author shared from a group with the commons: the words, and the files that"
            " were ticked, until they are posted; then where the message and the post stand.",
            "Goes, and the post with it, when the author takes it back, edits or deletes the"
            " message, leaves the group or the server, and on forget; after 60 days if nobody"
            " published it. Words and files go as soon as they stand in the commons.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]  # the author, and nobody else, shared it
    channel_id: Mapped[Snowflake]  # where the message stands: the room, or a thread in it
    message_id: Mapped[Snowflake]
    edited_at: Mapped[datetime | None]  # as Discord said when it was shared: later is an edit
    kind: Mapped[str] = mapped_column(String(8))
    named: Mapped[bool]
    said: Mapped[str] = mapped_column(String(4000))  # "": it stands in the commons by now
    cut: Mapped[bool]  # the message goes on where that came from
    left_there: Mapped[str] = mapped_column(String(400))  # names of files that were not copied
    shared_at: Mapped[datetime]
    # waiting · sent: on its way to the commons · published · changed: withdrawn since the message
    # was edited, without its words, until its author saw that
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    checked_at: Mapped[datetime | None]  # None: whether the message stands is to be asked
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("edition.id", ondelete="SET NULL"))
    passed_over_in: Mapped[int | None]  # the edition that its host left it out of
    post_channel_id: Mapped[Snowflake | None]
    post_message_id: Mapped[Snowflake | None]
    published_at: Mapped[datetime | None]


class BridgeFile(Base):
    """A file that the author ticked, copied until it is posted."""

    __tablename__ = "bridge_file"
    __table_args__ = (
        Index("ix_bridge_file_bridge", "bridge_id"),
        about(
            "Files of a message that its author chose to share with the commons.",
            "Goes as soon as it is posted, and with what it belongs to.",
        ),
    )

    id: Mapped[RowId]
    bridge_id: Mapped[int] = mapped_column(ForeignKey("bridge.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(1024))  # for who cannot see it; its author's
    content: Mapped[bytes]


class BridgeThanks(Base):
    """That somebody thanked for something in the commons, so that each thanks counts once."""

    __tablename__ = "bridge_thanks"
    __table_args__ = about(
        "Who thanked for something shared in the commons; its author reads how many did.",
        "Goes with what was thanked for, when it is taken back, and on forget.",
    )

    bridge_id: Mapped[int] = mapped_column(
        ForeignKey("bridge.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]


class BridgeAsk(Base):
    """An author who was asked to share a message of theirs; nothing of what it says."""

    __tablename__ = "bridge_ask"
    __table_args__ = (
        Index("ix_bridge_ask_user", "server_id", "user_id"),
        about(
            "Whom somebody would like to see a message of in the commons, where it stands, and"
            " who asked if they wanted that known. Nothing of what it says.",
            "Goes after 7 days, and on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[Snowflake]  # the author
    by_user_id: Mapped[Snowflake | None]  # None: they stay unnamed
    channel_id: Mapped[Snowflake]
    message_id: Mapped[Snowflake]
    at: Mapped[datetime]
    closed: Mapped[bool] = mapped_column(default=False)  # answered, whatever the answer was


class NeighbourhoodHost(Base):
    """Somebody who offered to publish *From the neighbourhoods* when it is their turn."""

    __tablename__ = "neighbourhood_host"
    __table_args__ = about(
        "Who publishes what groups share with the commons, whether as an owner, and when they last"
        " did.",
        "Goes when they say so, leave the server or look after nothing any more, and on forget.",
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[SnowflakeKey]
    since: Mapped[datetime]
    as_owner: Mapped[bool]  # whether they may as an owner, without looking after a group
    last_at: Mapped[datetime | None]  # when their turn last came


class Edition(Base):
    """One *From the neighbourhoods*: ready for its host, published, or left alone."""

    __tablename__ = "edition"
    __table_args__ = (
        Index(
            "uq_edition_open",
            "server_id",
            unique=True,
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        CheckConstraint("state IN ('ready', 'published', 'rests', 'over')", name="state"),
        about(
            "When what groups shared was ready to be published, whose turn it was, and where it"
            " stands.",
            "Goes after a year; its host's name on forget.",
        ),
    )

    id: Mapped[RowId]
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    host_id: Mapped[Snowflake | None]
    ready_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]  # when its host was asked whether it shall rest
    # ready · published · rests: nobody published it, and no other is made until somebody begins
    # again · over: somebody did
    state: Mapped[str] = mapped_column(String(10), default="ready")
    closed_at: Mapped[datetime | None]
    channel_id: Mapped[Snowflake | None]  # where its first lines stand
    message_id: Mapped[Snowflake | None]


class GroupShown(Base):
    """When a group last had something in *From the neighbourhoods*."""

    __tablename__ = "group_shown"
    __table_args__ = about(
        "When something of a group last stood in the commons, so that all groups get their turn.",
        "Goes with the group; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    at: Mapped[datetime]

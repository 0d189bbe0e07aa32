"""Groups that have gone quiet as a whole."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, about


class GroupSilence(Base):
    """That a whole group has been much quieter than it used to be, until it is lively again."""

    __tablename__ = "group_silence"
    __table_args__ = about(
        "Which groups have gone quiet as a whole, against their own weeks before, and whether the"
        " owners were asked about it.",
        "Goes when the group is lively again, rests or ends; holds nothing about a person.",
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    since: Mapped[datetime]  # when it was noticed
    usual: Mapped[int]  # people and days, per fortnight, of the weeks before
    owners_asked_at: Mapped[datetime | None]

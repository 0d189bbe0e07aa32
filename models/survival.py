"""How long people stay, in the server and in their homes: counts that know nobody."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Snowflake, about


class RollCall(Base):
    """How many of those who joined the server in one week were there at the end of another.

    Before the third week `arm` is `all`; from then on, those who had a home within fourteen days
    after they joined are counted apart from those who had none, and from those who had lived here
    before. In the week of joining `gone` are those who left before it ended. `forgotten` are those
    who erased their data that week: nobody knows any more that they had a home.
    """

    __tablename__ = "roll_call"
    __table_args__ = (
        CheckConstraint(
            "arm IN ('all', 'homed', 'unhomed', 'before', 'gone', 'forgotten')", name="arm"
        ),
        about(
            "How many of those who joined the server in a week are still there at the end of each"
            " later week, with or without a home: for curves of how long people stay.",
            "Goes two years after they joined; holds nothing about a person, so it stays when one"
            " is forgotten.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    joined: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # likewise
    arm: Mapped[str] = mapped_column(String(12), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)


class HomeEnd(Base):
    """How many homes that began in one week were seen no longer after so many whole weeks, and why.

    left, moved, released: they ended. forgotten, closed (the group ended), branched (they went on
    in another group by a split, a merge or a bud): nobody knows how much longer they would have
    lasted there. Group 0: homes that came along from another group.
    """

    __tablename__ = "home_end"
    __table_args__ = (
        CheckConstraint(
            "how IN ('left', 'moved', 'released', 'forgotten', 'closed', 'branched')", name="how"
        ),
        about(
            "After how many weeks homes ended, per group and the week in which they began: for"
            " curves of how long homes last.",
            "Goes two years after the homes began; holds nothing about a person, so it stays when"
            " one is forgotten.",
        ),
    )

    server_id: Mapped[Snowflake] = mapped_column(
        ForeignKey("server.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    weeks: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    how: Mapped[str] = mapped_column(String(12), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)


class HomeWeek(Base):
    """How many homes a group had at the end of a week, and how many ended in its course."""

    __tablename__ = "home_week"
    __table_args__ = (
        Index("ix_home_week_server", "server_id", "week"),
        about(
            "How many homes each group had and lost in a week, whenever they began: to compare the"
            " weeks before and after a split.",
            "Goes after two years, or with the group; holds nothing about a person, so it stays"
            " when one is forgotten.",
        ),
    )

    group_id: Mapped[int] = mapped_column(
        ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True
    )
    week: Mapped[str] = mapped_column(String(10), primary_key=True)  # the Monday, ISO date, UTC
    server_id: Mapped[Snowflake] = mapped_column(ForeignKey("server.id", ondelete="CASCADE"))
    homes: Mapped[int | None]  # None: nobody counted when the week ended
    ended: Mapped[int] = mapped_column(default=0)

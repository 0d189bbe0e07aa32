"""What all tables share: names of constraints, column types, and the duty to state a purpose."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

# Named constraints, so that a batch rebuild on SQLite and a later migration can find them again.
CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


SQLITE = sqlite.dialect()


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Refuse a naive moment; hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive moment cannot be stored: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return the moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table.

    Each table states in `__table_args__` an `info` with its `purpose` (why it is kept) and its
    `erase` rule (when a row goes, and what /privacy forget does with it); a test fails without.
    """

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}

    def __init_subclass__(cls, **options: Any) -> None:
        """Have a row's own number given once and never again.

        SQLite would give that of the last row anew once it is deleted, and numbers stand in buttons
        and in what was sent already.
        """
        super().__init_subclass__(**options)
        table = cls.__table__
        assert isinstance(table, Table)  # no table of ours is a view or a query
        keys = list(table.primary_key)
        counted = type(keys[0].type.dialect_impl(SQLITE)) is Integer and not keys[0].foreign_keys
        if len(keys) == 1 and counted:
            table.dialect_kwargs["sqlite_autoincrement"] = True


def about(purpose: str, erase: str) -> dict[str, Any]:
    """Return the table options that carry the purpose and the erase rule."""
    return {"info": {"purpose": purpose, "erase": erase}}


# Discord's ids: 64 bits, never ours to count up.
Snowflake = Annotated[int, mapped_column(BigInteger)]
SnowflakeKey = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
# Our own ids; SQLite counts up only a column that is called INTEGER.
RowId = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
]

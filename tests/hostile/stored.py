"""What stands in the tables after somebody typed what they should not."""

from sqlalchemy import text

from tests.conftest import Running
from tests.hostile.texts import unseen

# What is given back to whoever typed it, in the same form, and to nobody else: as it was typed.
# And what a room and a role were called before, so that they can be given back.
AS_TYPED = {"draft.content", "adoption.before"}
TABLES = text("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")


async def unclean(hearth: Running) -> list[str]:
    """Return which columns hold what cannot be seen, or turns the direction of writing."""
    found: set[str] = set()
    async with hearth.app.database.reading() as session:
        for table in (await session.scalars(TABLES)).all():
            rows = await session.execute(text(f'SELECT * FROM "{table}"'))  # noqa: S608 - a name of ours
            for row in rows.mappings():
                found |= {
                    f"{table}.{column}: {value[:60]!r}"
                    for column, value in row.items()
                    if isinstance(value, str)
                    and f"{table}.{column}" not in AS_TYPED
                    and unseen(value)
                }
    return sorted(found)

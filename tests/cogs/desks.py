"""How a facilitator gets to a page of the desk: the command, then one press."""

from sandbox.answers import Answer
from sandbox.people import Person


async def desk_page(person: Person, page: str, group: str | None = None) -> Answer:
    """Open somebody's desk and its page "People", "Room" or "Growth"."""
    options = {} if group is None else {"group": group}
    return await person.press(await person.command("desk", **options), page)

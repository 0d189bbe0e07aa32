"""A life lived through the commands, then /privacy forget: nothing of it is left, nor in memory."""

from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.storage.migrating import file_of
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running
from tests.trust.dumping import remembered, standing


@pytest.fixture
def file(settings: Settings) -> Path:
    """The file with the tables."""
    found = file_of(settings.database)
    assert found is not None
    return found


def roots(hearth: Running) -> list[Any]:
    """Return everything of ours that lives as long as the process."""
    app = hearth.app
    return [app, app.client, *app.client.cogs.values()]


async def lived(hearth: Running) -> dict[str, Person]:
    """Let Mara do much of what leaves traces; return the people."""
    owner = hearth.owner
    rooms = {name: await owner.create_channel(name) for name in ("watch", "care", "owners")}
    await set_up(
        hearth,
        moderators_room=rooms["watch"],
        facilitators_room=rooms["care"],
        owners_room=rooms["owners"],
    )
    await group(hearth)
    await group(hearth, "Millpond")
    people = {name: await at_home(hearth, name) for name in ("Mara", "Jo", "Lena", "Omar")}
    mara = people["Mara"]
    await looked_after(hearth, people["Lena"])
    await looked_after(hearth, mara)
    await hearth.settle()
    await mara.command("visit", group="Millpond")
    await mara.command("home")
    await hearth.owner.command("hearth facilitator ask", group="Millpond", user=mara)
    form = await mara.command("concern", to="moderators")
    await mara.fill(form, said="It is loud at night.")
    for one, other in ((mara, people["Jo"]), (people["Jo"], mara)):
        asked = await one.menu("Together or apart", other)
        await one.press(asked, asked.buttons[0])
    await mara.command("away")
    barring = await owner.command("safety bar", user=mara, group="Millpond")
    await owner.fill(barring, reason="A quarrel there.")
    await hearth.settle()
    room = channel(hearth, "🌊-riverside")
    first = await mara.write(room, "Who runs tonight?")
    await people["Jo"].write(room, "Me!", reply_to=first)
    await mara.react(first, "👋")
    await hearth.settle()
    # Not written down yet: it waits in memory.
    second = await people["Jo"].write(room, f"And you, {mara.mention}?")
    await mara.write(room, "Sure", reply_to=second)
    return people


async def test_a_life_is_erased(hearth: Running, file: Path) -> None:
    """Every cell of the tables, and everything that is reached from the bot's own objects."""
    people = await lived(hearth)
    mara = people["Mara"]
    before, (waits, _) = standing(file, mara.id), remembered(roots(hearth), mara.id)
    assert len(before) >= 8, before
    assert any("_buffer" in path or "_last" in path for path in waits), waits
    asked = await mara.command("privacy forget")
    done = await mara.press(asked, "Yes, forget me")
    assert "What the moderators decided about you stays" in done.text
    await hearth.settle()
    after, (left, seen) = standing(file, mara.id), remembered(roots(hearth), mara.id)
    print(  # noqa: T201 - a figure of the suite
        f"the id stood in {len(before)} columns and {len(waits)} places in memory; {seen} objects"
        f" seen, {len(after)} columns and {len(left)} places left"
    )
    assert after == {("bar", "user_id")}, after
    assert left == [], left

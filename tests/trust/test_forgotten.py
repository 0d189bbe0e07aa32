"""A life lived through the commands, then /privacy forget: nothing of it is left, nor in memory."""

from pathlib import Path
from typing import Any

from tests.conftest import Running
from tests.trust.dumping import cells, remembered, remembered_text, standing
from tests.trust.living import WORDS, lived, talk


def roots(hearth: Running) -> list[Any]:
    """Return everything of ours that lives as long as the process."""
    app = hearth.app
    return [app, app.client, *app.client.cogs.values()]


async def test_a_life_is_erased(hearth: Running, file: Path) -> None:
    """Every cell of the tables, and everything that is reached from the bot's own objects.

    What people wrote stands in neither, before as after.
    """
    people = await lived(hearth)
    await talk(hearth, people)
    mara = people["Mara"]
    # Discord sends the words of who mentions the bot, and of a message that a menu is used on.
    told = await mara.write(hearth.server.channel("general"), f"<@{hearth.sandbox.bot_id}> {WORDS}")
    await mara.menu("Tell the facilitators", told)
    assert not [cell for cell in cells(file) if WORDS in str(cell[2])]
    assert remembered_text(roots(hearth), WORDS) == []
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

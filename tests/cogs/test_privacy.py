"""/privacy in a server and in the bot's direct messages."""

import json

import pytest

from bot.services import privacy
from bot.settings import Settings
from models import ActiveDay, Member, Membership
from sandbox.app import Sandbox
from tests.cogs.listening import Listening, Town


@pytest.fixture
async def written(bot: Listening, town: Town, sandbox: Sandbox) -> None:  # noqa: ARG001 - the bot must hear it
    """Mara and Jo have talked."""
    first = await town.people["Mara"].write(town.room, "Hello")
    await town.people["Jo"].write(town.room, "Hello", reply_to=first)
    await sandbox.settle()


@pytest.mark.usefixtures("written")
async def test_show_in_plain_words(town: Town) -> None:
    """What is kept, since when, and what can be done about it; for nobody else's eyes."""
    shown = await town.people["Mara"].command("privacy show")
    assert shown.ephemeral
    assert "1 day on which you were around" in shown.text
    assert "I never keep what you write in a room" in shown.text
    assert shown.buttons == ["Give me a copy", "Don't count me", "Forget me"]


@pytest.mark.usefixtures("written")
async def test_export_is_a_file(bot: Listening, town: Town) -> None:
    """A JSON file with everything that the service hands over."""
    mara = town.people["Mara"]
    async with bot.database.reading() as session:
        everything = await privacy.export(session, mara.id, [town.server.id], settings=Settings())
    answer = await mara.command("privacy export")
    (attachment,) = answer.attachments
    assert attachment["filename"] == "hearth-data.json"
    file = json.loads(answer.opened(attachment))
    assert file["user_id"] == mara.id
    assert "Hearth never keeps what you write in a room." in file["read_me"]
    tables = {name: table for matter in file["kept"].values() for name, table in matter.items()}
    assert tables == json.loads(json.dumps(everything))
    assert list(file["kept"]) == ["Your places", "What was counted", "What you told me"]


@pytest.mark.usefixtures("written")
async def test_opting_out_and_in_again(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """What was counted goes at once, what is written afterwards is not counted."""
    mara = town.people["Mara"]
    answer = await mara.command("privacy opt-out")
    await mara.write(town.room, "Still here")
    await sandbox.settle()
    assert (mara.id,) not in await bot.rows(ActiveDay, "user_id")
    answer = await mara.press(answer, "Count me again")
    await mara.write(town.room, "And counted")
    await sandbox.settle()
    assert (mara.id,) in await bot.rows(ActiveDay, "user_id")
    assert "You are counted again" in answer.text


@pytest.mark.usefixtures("written")
async def test_forget_asks_once(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Before the button nothing happens; after it nothing is left, not by the press either."""
    mara = town.people["Mara"]
    asked = await mara.command("privacy forget")
    assert "no way back" in asked.text
    assert (mara.id,) in await bot.rows(Membership, "user_id")
    done = await mara.press(asked, "Yes, forget me")
    assert "seat is free" in done.text
    await sandbox.settle()
    for table in (Member, Membership, ActiveDay):
        assert (mara.id,) not in await bot.rows(table, "user_id")
    assert "Nothing at all" in (await mara.command("privacy show")).text


@pytest.mark.usefixtures("written")
async def test_in_a_direct_message_it_is_about_all_servers(town: Town) -> None:
    """The same command, in the conversation with the bot."""
    mara = town.people["Mara"]
    mara.room = mara.dm
    shown = await mara.command("privacy show")
    assert "in all servers" in shown.text
    assert "1 day on which you were around" in shown.text

"""*Share with the commons*: authors share, see first what it looks like, and take it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.rules.bridge_cards import PAGE
from models import Bridge, BridgeFile, Group, Membership, OutboxMessage, Server
from sandbox import acts
from tests.cogs.bridge_town import MENU, READY, Town, bridge_town
from tests.cogs.founding import at_home, channel, group
from tests.conftest import Running

pytestmark = pytest.mark.founded(by=bridge_town)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Kim and Lena in Riverside."""
    return hearth.founded


async def bridges(town: Town) -> list[Bridge]:
    """Return what is stored."""
    async with town.hearth.app.database.reading() as session:
        return list(await session.scalars(select(Bridge).order_by(Bridge.id)))


async def test_what_the_preview_shows_is_what_stands_there(town: Town) -> None:
    """Nothing is stored before ‹Share›; published it reads the same, and rings nobody."""
    typed = f"Thank you {town.lena.mention}, @everyone:\nwe *walk* <t:1700000000:R>"
    message = await town.kim.write(town.room, typed)
    preview = await town.kim.menu(MENU, message)
    assert preview.ephemeral
    assert "by <@" not in preview.text
    assert await bridges(town) == []
    preview = await town.kim.press(preview, "With my name")
    preview = await town.kim.choose(
        preview, "A success story", custom_id=f"bridge-kind:{message.id}"
    )
    expected = (
        f"🎉 **A success story** from 🌊 **Riverside**, by {town.kim.mention}\n"
        "> Thank you @…, @\u200beveryone:\n> we \\*walk\\* <t:1700000000:R>"
    )
    assert expected in preview.text
    assert await bridges(town) == []
    await town.kim.press(preview, "Share")
    (stored,) = await bridges(town)
    assert stored.said == "Thank you @…, @everyone:\nwe *walk* <t:1700000000:R>"
    assert "1 thing, in the commons" in (await town.publish()).text
    header, post = town.posts[-2:]
    assert header.startswith(f"🌉 **From the neighbourhoods**, put together by {town.lena.mention}")
    assert post == expected
    assert town.newest.mentions == []
    (stored,) = await bridges(town)
    assert (stored.state, stored.said) == ("published", "")


async def test_without_a_name_nobody_is_told_who(town: Town) -> None:
    """Not in the commons, and not the host who reads it through."""
    await town.shared("Small steps count.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    assert str(town.kim.id) not in draft.text
    await town.lena.press(draft, "Publish")
    await town.hearth.settle()
    assert town.posts[-1] == "💡 **An insight** from 🌊 **Riverside**\n> Small steps count."
    assert str(town.kim.id) not in str(town.newest.components)


async def test_one_changes_ones_mind_before_and_after(town: Town) -> None:
    """‹Never mind› stores nothing; ‹Take it back› erases, once."""
    message = await town.kim.write(town.room, "Hm.")
    preview = await town.kim.menu(MENU, message)
    dropped = await town.kim.press(preview, "Never mind")
    assert dropped.text == "Nothing was shared, and nothing is stored."
    assert await bridges(town) == []
    answer = await town.share(message)
    assert (await town.kim.menu(MENU, message)).text.startswith("You have shared this one.")
    again = await town.kim.menu(MENU, message)
    assert "Taken back" in (await town.kim.press(answer, "Take it back")).text
    assert await bridges(town) == []
    gone = await town.kim.press(again, "Take it back")
    assert gone.text == "That is not shared any more, so there is nothing to take back."


async def test_what_stands_in_the_commons_is_taken_back_too(town: Town) -> None:
    """With it goes the head of an edition that has nothing else."""
    await town.shared("One.")
    await town.publish()
    assert len(town.posts) >= 2
    mine = await town.mine(town.kim)
    assert "it stands in the commons" in mine.text
    await town.kim.choose(mine, mine.choices[0])
    await town.hearth.advance(timedelta(minutes=2))
    assert not any("neighbourhoods" in post or "One." in post for post in town.posts)
    assert (await town.kim.command("home")).text.count("🌉") == 0


async def test_a_deleted_message_takes_its_bridge_along(town: Town) -> None:
    """While it waits, and from the commons."""
    waiting = await town.shared("Waits.")
    await town.kim.delete(waiting)
    await town.hearth.settle()
    assert await bridges(town) == []
    standing = await town.shared("Stands.")
    await town.publish()
    await town.kim.delete(standing)
    await town.hearth.advance(timedelta(minutes=2))
    assert await bridges(town) == []
    assert not any("Stands." in post for post in town.posts)


async def test_a_room_that_is_deleted_takes_all_along(town: Town) -> None:
    """Their sources are gone with it."""
    await town.shared("Stands.")
    await town.publish()
    await town.shared("Waits.")
    await town.hearth.owner.delete_channel(town.room)
    await town.hearth.advance(timedelta(minutes=2))
    assert await bridges(town) == []
    assert not any("Stands." in post for post in town.posts)


async def test_an_edit_withdraws_it_and_its_author_is_asked_again(town: Town) -> None:
    """By /home, once; and it can be shared anew, as it reads now."""
    message = await town.shared("We walk.")
    await town.publish()
    await town.kim.edit(message, "We run.")
    await town.hearth.advance(timedelta(minutes=2))
    assert not any("We walk." in post for post in town.posts)
    (row,) = await bridges(town)
    assert (row.state, row.said, row.post_message_id) == ("changed", "", None)
    home = await town.kim.command("home")
    where = f"https://discord.com/channels/{town.hearth.server.id}/{town.room.id}/{message.id}"
    assert f"isn't shared any more: {where} To share it" in home.text
    seen = await town.kim.press(home, "Look at it")
    assert "was edited, so what you had shared went" in seen.text
    assert "Look at it" not in (await town.kim.command("home")).buttons
    await town.share(message)
    assert [row.said for row in await bridges(town)] == ["We run."]


async def test_discord_telling_of_a_message_anew_is_no_edit(town: Town) -> None:
    """A pin changes nothing of what was written, before it was shared or after."""
    message = await town.kim.write(town.room, "We wlak.")
    await town.kim.edit(message, "We walk.")
    await town.share(message)
    world = town.hearth.sandbox.world
    acts.pin(world, town.hearth.owner.user, town.room, message)
    await town.hearth.settle()
    assert [row.state for row in await bridges(town)] == ["waiting"]
    await town.publish()
    acts.unpin(world, town.hearth.owner.user, town.room, message)
    await town.hearth.settle()
    assert [row.state for row in await bridges(town)] == ["published"]
    assert "We walk." in town.posts[-1]


async def test_changes_between_preview_and_share_are_noticed(town: Town) -> None:
    """Nothing is stored of what reads differently by then, or is gone."""
    message = await town.kim.write(town.room, "First words.")
    preview = await town.kim.menu(MENU, message)
    await town.kim.edit(message, "Other words.")
    refused = await town.kim.press(preview, "Share")
    assert refused.text.startswith("That message was edited since you opened the preview.")
    preview = await town.kim.menu(MENU, message)
    await town.kim.delete(message)
    await town.hearth.settle()
    refused = await town.kim.press(preview, "Share")
    assert refused.text.startswith("That message is not there any more")
    assert await bridges(town) == []


async def test_what_an_older_card_shows_is_not_what_is_shared(town: Town) -> None:
    """Its ‹Share› shows how things are by now; once it is shared, it says that and nothing else."""
    message = await town.kim.write(town.room, "First words.")
    older = await town.kim.menu(MENU, message)
    await town.kim.edit(message, "Other words.")
    newer = await town.kim.press(await town.kim.menu(MENU, message), "With my name")
    shown = await town.kim.press(older, "Share")
    assert await bridges(town) == []
    assert "> Other words." in shown.text
    assert f"by {town.kim.mention}" in shown.text
    assert "Thank you" in (await town.kim.press(shown, "Share")).text
    for press in ("Share", "Without my name"):
        late = await town.kim.press(newer, press)
        assert late.text.startswith("You have shared this one by now.")
    assert len(await bridges(town)) == 1


async def test_a_preview_is_held_for_a_quarter_of_an_hour(town: Town) -> None:
    """And by nobody's memory but the one that showed it."""
    message = await town.kim.write(town.room, "Hm.")
    preview = await town.kim.menu(MENU, message)
    await town.hearth.advance(timedelta(minutes=16))
    for press in ("Share", "With my name"):
        refused = await town.kim.press(preview, press)
        assert refused.text.startswith("I don't hold that any more")
    assert await bridges(town) == []


async def test_files_come_along_when_they_are_ticked(town: Town) -> None:
    """Copied until they stand in the commons; the others are named only."""
    files = {"map.png": b"a map", "plan.txt": b"a plan", "tool.exe": b"MZ"}
    message = await town.kim.write(town.room, "Look at this.", files=files)
    preview = await town.kim.menu(MENU, message)
    assert "📎 map.png, plan.txt, tool.exe stayed in the room." in preview.text
    assert preview.choices[3:] == ["map.png", "plan.txt"]
    preview = await town.kim.choose(preview, ["map.png"], custom_id=f"bridge-files:{message.id}")
    assert "📎 plan.txt, tool.exe stayed in the room." in preview.text
    assert "📎 Comes along: map.png" in preview.text
    await town.kim.press(preview, "Share")
    async with town.hearth.app.database.reading() as session:
        (held,) = (await session.scalars(select(BridgeFile))).all()
        assert (held.name, held.content) == ("map.png", b"a map")
    await town.publish()
    (posted,) = town.newest.attachments
    assert posted["filename"] == "map.png"
    assert town.hearth.sandbox.world.state.files[int(posted["id"])] == b"a map"
    assert "📎 plan.txt, tool.exe stayed in the room." in town.newest.content
    async with town.hearth.app.database.reading() as session:
        assert (await session.scalars(select(BridgeFile))).all() == []


async def test_a_file_that_cannot_be_copied_stops_it(town: Town) -> None:
    """Rather than sharing something else than was shown."""
    message = await town.kim.write(town.room, "Look.", files={"map.png": b"a map"})
    preview = await town.kim.menu(MENU, message)
    preview = await town.kim.choose(preview, ["map.png"], custom_id=f"bridge-files:{message.id}")
    town.hearth.sandbox.world.state.files.clear()
    refused = await town.kim.press(preview, "Share")
    assert refused.text.startswith("A file could not be copied, so nothing was stored.")
    assert await bridges(town) == []


async def test_only_files_are_enough(town: Town) -> None:
    """A picture says something, too."""
    message = await town.kim.write(town.room, "", files={"map.png": b"a map"})
    preview = await town.kim.menu(MENU, message)
    await town.kim.choose(preview, ["map.png"], custom_id=f"bridge-files:{message.id}")
    await town.kim.press(preview, "Share")
    await town.publish()
    assert town.newest.content == "💡 **An insight** from 🌊 **Riverside**"


async def test_a_thread_counts_for_its_room(town: Town) -> None:
    """It is not linked from outside; deleted, it takes all along."""
    opener = await town.kim.write(town.room, "A thread?")
    thread = await town.kim.start_thread(opener, "Paths")
    message = await town.kim.write(thread, "We walk.")
    await town.share(message)
    await town.publish()
    told = await town.lena.press(town.newest, "See it there")
    assert told.text == f"It was said in a conversation below <#{town.room.id}>."
    await town.hearth.owner.delete_thread(thread)
    await town.hearth.advance(timedelta(minutes=2))
    assert await bridges(town) == []
    assert not any("We walk." in post for post in town.posts)


async def test_a_closed_thread_goes_with_its_room(town: Town) -> None:
    """Discord tells of the room alone, so what was said in threads is looked at again."""
    thread = await town.kim.start_thread(await town.kim.write(town.room, "A thread?"), "Paths")
    await town.share(await town.kim.write(thread, "We walk."))
    await town.publish()
    await town.hearth.owner.edit_thread(thread, archived=True)
    await town.hearth.settle()
    await town.hearth.owner.delete_channel(town.room)
    await town.hearth.advance(timedelta(minutes=3))
    assert await bridges(town) == []
    assert not any("We walk." in post for post in town.posts)


async def test_one_leafs_through_what_one_shared(town: Town) -> None:
    """The oldest, too, is there to be taken back."""
    async with town.hearth.app.database.writing() as session:
        riverside = await session.scalar(select(Group.id))
        session.add_all(
            Bridge(
                server_id=town.hearth.server.id,
                group_id=riverside,
                user_id=town.kim.id,
                channel_id=town.room.id,
                message_id=number,
                kind="insight",
                named=False,
                said="",
                cut=False,
                left_there="",
                shared_at=town.hearth.app.clock.now() - timedelta(days=number),
                state="published",
            )
            for number in range(1, PAGE + 2)
        )
    first = await town.mine(town.kim)
    assert (len(first.choices), "Newer" in first.buttons) == (PAGE, False)
    last = await town.kim.press(first, "Older")
    assert "Older" not in last.buttons
    (oldest,) = last.choices
    assert oldest.startswith(f"{PAGE + 1}. ")
    assert len((await town.kim.press(last, "Newer")).choices) == PAGE
    last = await town.kim.press(await town.mine(town.kim), "Older")
    assert "Taken back" in (await town.kim.choose(last, [oldest])).text
    assert len(await bridges(town)) == PAGE


async def test_readers_say_thanks_and_find_the_way(town: Town) -> None:
    """Each thanks counts once; its author reads how many; the link is for those inside."""
    message = await town.shared("We walk.")
    await town.publish()
    post = town.newest
    stranger = await town.hearth.person("Omar")
    assert "how many said thanks, not who" in (await town.lena.press(post, "Thanks 💛")).text
    assert "how many said thanks" in (await stranger.press(post, "Thanks 💛")).text
    assert "taken back" in (await stranger.press(post, "Thanks 💛")).text
    assert (await town.kim.press(post, "Thanks 💛")).text.startswith("That is your own.")
    assert "1 person said thanks." in (await town.mine(town.kim)).text
    inside = await town.lena.press(post, "See it there")
    assert str(message.id) in inside.text
    outside = await stranger.press(post, "See it there")
    assert str(message.id) not in outside.text
    assert outside.buttons == ["Visit Riverside"]
    assert "Riverside" in (await stranger.press(outside, "Visit Riverside")).text
    assert "at most" not in (await stranger.press(post, "Visit Riverside")).text


async def test_what_is_not_there_any_more_says_so(town: Town) -> None:
    """A press that comes before the post has gone."""
    await town.shared("We walk.")
    await town.publish()
    post = town.newest
    async with town.hearth.app.database.writing() as session:
        await session.delete((await session.scalars(select(Bridge))).one())
    for press in ("Thanks 💛", "See it there"):
        assert (await town.lena.press(post, press)).text.startswith(
            "What stood here was taken back"
        )


@pytest.mark.founded(by=None)
async def test_an_unlisted_group_is_not_named(hearth: Running) -> None:
    """Nor is who lives there; nothing leads to it."""
    town = await bridge_town(hearth)
    await group(hearth, "Quiet Oar", type="Identity", emoji="🛶")
    omar = await hearth.person("Omar")
    async with hearth.app.database.writing() as session:
        row = (await session.scalars(select(Group).where(Group.name == "Quiet Oar"))).one()
        session.add(
            Membership(
                server_id=hearth.server.id,
                user_id=omar.id,
                group_id=row.id,
                since=hearth.app.clock.now(),
            )
        )
        row.homes = 1
    await hearth.advance(timedelta(hours=1))
    room = channel(hearth, "🛶-quiet-oar")
    message = await omar.write(room, "We are many.")
    preview = await omar.menu(MENU, message)
    assert "Quiet Oar" not in preview.text
    assert "With my name" not in preview.buttons
    await omar.press(preview, "Share")
    await town.publish()
    assert town.posts[-1] == "💡 **An insight** from one of our groups\n> We are many."
    assert [button["label"] for row in town.newest.components for button in row["components"]] == [
        "Thanks 💛"
    ]


async def test_who_leaves_the_group_takes_it_along(town: Town) -> None:
    """By leaving, and by leaving the server: what they had shared goes."""
    await town.shared("Stands.")
    mara = await at_home(town.hearth, "Mara")
    await town.shared("Mara's.", by=mara)
    await town.publish()
    left = await town.kim.command("leave")
    await town.kim.press(left, left.buttons[0])
    await town.hearth.advance(timedelta(minutes=3))
    assert not any("Stands." in post for post in town.posts)
    await mara.leave()
    await town.hearth.advance(timedelta(minutes=3))
    assert await bridges(town) == []
    assert not any("neighbourhoods" in post for post in town.posts)


async def test_who_is_forgotten_takes_it_along(town: Town) -> None:
    """Also what is in the outbox at that moment, and what they had not decided about."""
    await town.shared("Stands.", "With my name")
    await town.publish()
    undecided = await town.kim.menu(MENU, await town.kim.write(town.room, "Or not?"))
    shown = await town.kim.command("privacy forget")
    await town.kim.press(shown, shown.buttons[0])
    chosen = await town.kim.press(undecided, "With my name")
    assert chosen.text.startswith("I don't hold that any more")
    await town.hearth.advance(timedelta(minutes=2))
    assert await bridges(town) == []
    assert not any("Stands." in post for post in town.posts)
    async with town.hearth.app.database.reading() as session:
        assert (await session.scalars(select(OutboxMessage))).all() == []


# --- refusals -----------------------------------------------------------------------------------


async def test_only_what_was_said_in_a_group(town: Town) -> None:
    """The commons stand in the commons already."""
    message = await town.kim.write(town.commons, "Hello.")
    refused = await town.kim.menu(MENU, message)
    assert refused.text.startswith(
        "*Share with the commons* is for what was said in a group's room"
    )


async def test_bots_and_empty_messages_are_nobodys_to_share(town: Town) -> None:
    """Nobody could say yes, or there is nothing."""
    charter = next(one for one in town.room.history if one.author.bot)
    assert (await town.kim.menu(MENU, charter)).text.startswith("A bot wrote that")
    message = await town.kim.write(town.room, "x")
    for nothing in (" ", "\u200b\u2060"):
        message.content = nothing
        refused = await town.kim.menu(MENU, message)
        assert refused.text.startswith("There is nothing in that message")
    message.content, message.type = "Paths", 18  # Discord's own words: a thread was begun
    assert (await town.kim.menu(MENU, message)).text.startswith("There is nothing in that message")


async def test_guests_share_from_their_own_home(town: Town) -> None:
    """A room is its people's."""
    omar = await town.hearth.person("Omar")
    await omar.command("visit", group="Riverside")
    await town.hearth.settle()
    message = await omar.write(town.room, "Nice here.")
    assert (await omar.menu(MENU, message)).text.startswith("A room is its people's")
    refused = await town.kim.menu(MENU, message)
    assert refused.text.startswith("Who wrote that doesn't belong to this group")


async def test_owners_who_read_along_share_nothing_from_there(town: Town) -> None:
    """They may see the room, and live elsewhere."""
    message = await town.hearth.owner.write(town.room, "Well done.")
    refused = await town.hearth.owner.menu(MENU, message)
    assert refused.text.startswith("That is for those who live in this group or visit it.")


async def test_a_locked_group_shares_nothing_meanwhile(town: Town) -> None:
    """And what waited is not shown until it is open again."""
    message = await town.shared("Before.")
    await town.hearth.owner.command("safety lock", group="Riverside")
    await town.hearth.advance(READY)
    assert "Read it through" not in (await town.lena.command("desk")).buttons
    assert (await town.kim.menu(MENU, message)).text.startswith("The moderators have closed")


async def test_so_much_waits_of_one_author(town: Town) -> None:
    """Five at a time."""
    for number in range(5):
        await town.shared(f"Thing {number}.")
    sixth = await town.kim.write(town.room, "Thing 6.")
    refused = await town.kim.menu(MENU, sixth)
    assert refused.text.startswith("You have 5 things waiting for the commons.")


async def test_without_commons_there_is_nowhere_to_share(town: Town) -> None:
    """And it says who could change that."""
    message = await town.kim.write(town.room, "Hm.")
    async with town.hearth.app.database.writing() as session:
        (await session.get_one(Server, town.hearth.server.id)).commons_id = None
    refused = await town.kim.menu(MENU, message)
    assert refused.text.startswith("This server has no commons yet.")


async def test_a_paused_hearth_lets_authors_take_back(town: Town) -> None:
    """Nothing new is shared; nothing of anybody's is held."""
    answer = await town.share(await town.kim.write(town.room, "Hm."))
    await town.hearth.owner.command("hearth pause")
    other = await town.kim.write(town.room, "Another.")
    assert "paused" in (await town.kim.menu(MENU, other)).text.lower()
    assert "Taken back" in (await town.kim.press(answer, "Take it back")).text
    assert await bridges(town) == []

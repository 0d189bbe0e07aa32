"""*From the neighbourhoods*: gathered by itself, published by a person, never by itself."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.settings import Settings
from models import Bridge, Edition, Facilitator, NeighbourhoodHost
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.bridge_town import READY, Town, bridge_town
from tests.cogs.founding import at_home, channel, group, looked_after
from tests.whole import Running, driven

WEEK = timedelta(days=7)


async def found(hearth: Running) -> Town:
    """Kim and Lena in Riverside; there is a room for those who look after groups."""
    await hearth.owner.create_channel("facilitators")
    return await bridge_town(hearth, facilitators_room=channel(hearth, "facilitators"))


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Kim and Lena in Riverside; there is a room for those who look after groups."""
    return hearth.founded


async def hosting(town: Town, name: str) -> Person:
    """Let somebody new look after Riverside and host, too."""
    person = await at_home(town.hearth, name)
    await looked_after(town.hearth, person)
    board = await the_board(person)
    await person.press(board, "I'd host it")
    return person


async def the_board(person: Person, **which: object) -> Answer:
    """Open the board at somebody's desk."""
    together = await person.press(await person.command("desk", **which), "Together")
    return await person.press(together, "From the neighbourhoods")


async def editions(town: Town) -> list[Edition]:
    """Return all of them."""
    async with town.hearth.app.database.reading() as session:
        return list(await session.scalars(select(Edition).order_by(Edition.id)))


def told(town: Town) -> Message:
    """Return the newest line about it in the facilitators' room."""
    return lines(town)[-1]


def lines(town: Town) -> list[Message]:
    """Return the lines about it in the facilitators' room, oldest first."""
    history = channel(town.hearth, "facilitators").history
    return [one for one in history if "neighbourhoods" in one.content]


async def test_whose_turn_it_is_is_told_and_nothing_goes_out_before(town: Town) -> None:
    """A day after something was shared, in the facilitators' room, at the desk and at /home."""
    await town.shared("We walk.")
    assert await editions(town) == []
    await town.hearth.advance(READY)
    assert told(town).content == (
        f"🌉 {town.lena.mention}, *From the neighbourhoods* is ready to be read through."
    )
    assert "it is your turn" in (await town.lena.command("home")).text
    assert "it is your turn" in (await town.lena.command("desk")).text
    await town.hearth.advance(timedelta(days=3))
    assert not any("We walk." in post for post in town.posts)
    draft = await town.lena.press(told(town), "Read it through")
    assert "**From the neighbourhoods**: 1 thing." in draft.text
    assert "> We walk." in draft.text
    assert "1 thing, in the commons" in (await town.lena.press(draft, "Publish")).text
    await town.hearth.settle()
    assert town.posts[-1].endswith("> We walk.")
    over = await town.lena.press(told(town), "Read it through")
    assert over.text.startswith("That one is over")
    await town.hearth.settle()
    assert sum("We walk." in post for post in town.posts) == 1


async def test_at_most_one_of_each_group_and_once_a_week(town: Town) -> None:
    """What did not find a place waits for the next."""
    for number in range(3):
        await town.shared(f"Thing {number}.")
    await group(town.hearth, "Millpond", emoji="🌿")
    omar = await at_home(town.hearth, "Omar", "Millpond")
    theirs = await omar.write(channel(town.hearth, "🌿-millpond"), "We sing.")
    await town.share(theirs, by=omar)
    await town.hearth.advance(READY)
    draft = await town.draft()
    assert "2 things." in draft.text
    assert "2 more things wait for the next time." in draft.text
    await town.lena.press(draft, "Publish")
    await town.hearth.settle()
    shown = [post for post in town.posts if "> " in post]
    assert sorted(post.split("> ")[1] for post in shown) == ["Thing 0.", "We sing."]
    await town.hearth.advance(timedelta(days=6))
    assert "Read it through" not in (await town.lena.command("desk")).buttons
    await town.hearth.advance(timedelta(days=1, hours=1))
    assert "> Thing 1." in (await town.draft()).text


async def test_the_host_reads_leaves_out_and_decides(town: Town) -> None:
    """What is left out waits; nothing of it is lost."""
    await town.shared("Long " * 100)
    await town.shared("Short.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    assert "Short." not in draft.text
    (edition,) = await editions(town)
    whole = await town.lena.choose(draft, draft.choices[0], custom_id=f"bridge-whole:{edition.id}")
    assert whole.text.count("Long") == 100
    draft = await town.lena.press(whole, "Back")
    draft = await town.lena.choose(draft, draft.choices[0], custom_id=f"bridge-out:{edition.id}")
    assert "> Short." in draft.text
    assert "Long" not in draft.text
    await town.lena.press(draft, "Publish")
    await town.hearth.settle()
    await town.hearth.advance(WEEK + timedelta(hours=1))
    assert "Long Long" in (await town.draft()).text


async def test_hosts_take_turns_and_pass_on(town: Town) -> None:
    """Who had none comes first; with nobody else there is nobody to pass it to."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    alone = await town.lena.press(await town.draft(), "Somebody else this time")
    assert alone.text.startswith("There is nobody else who hosts it.")
    mara = await hosting(town, "Mara")
    not_hers = await mara.press(told(town), "Read it through")
    not_hers = await mara.press(not_hers, "Somebody else this time")
    assert not_hers.text.startswith(f"It is {town.lena.mention}'s turn")
    passed = await town.lena.press(await town.draft(), "Somebody else this time")
    assert passed.text == f"Passed on to {mara.mention}."
    await town.hearth.settle()
    assert mara.mention in told(town).content
    assert "it is your turn" not in (await town.lena.command("home")).text
    draft = await mara.press(await mara.command("home"), "Read it through")
    await mara.press(draft, "Publish")
    await town.hearth.settle()
    assert f"put together by {mara.mention}" in town.posts[-2]
    await town.shared("We rest.")
    await town.hearth.advance(WEEK + timedelta(hours=1))
    assert town.lena.mention in told(town).content


async def test_what_nobody_publishes_rests(town: Town) -> None:
    """Asked once after two weeks; a week later it rests, until somebody begins again."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    await town.hearth.advance(timedelta(days=14, hours=1))
    assert "has waited for two weeks" in told(town).content
    before = len(lines(town))
    await town.hearth.advance(timedelta(days=7))
    assert [one.state for one in await editions(town)] == ["rests"]
    assert "Read it through" not in (await town.lena.command("desk")).buttons
    await town.hearth.advance(timedelta(days=14))
    assert len(lines(town)) == before
    board = await the_board(town.lena)
    assert "It rests" in board.text
    assert (await town.lena.press(board, "Begin again")).text.startswith("It begins again")
    await town.hearth.advance(timedelta(minutes=2))
    assert "We walk." in (await town.draft()).text


async def test_a_host_lets_it_rest(town: Town) -> None:
    """By a press; what waits keeps waiting, sixty days at most."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    rests = await town.lena.press(await town.draft(), "Let it rest")
    assert rests.text.startswith("It rests now.")
    await town.hearth.advance(timedelta(days=60))
    async with town.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Bridge))).all() == []


async def test_a_host_who_stops_hands_it_on_or_it_rests(town: Town) -> None:
    """Nobody is left with it who does not want it."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    mara = await hosting(town, "Mara")
    board = await the_board(town.lena)
    assert f"Hosts, in turn: {town.lena.mention}, {mara.mention}" in board.text
    assert (
        "you are not asked any more"
        in (await town.lena.press(board, "I'd rather not host it any more")).text
    )
    await town.hearth.advance(timedelta(minutes=2))
    assert mara.mention in told(town).content
    await mara.leave()
    await town.hearth.advance(timedelta(minutes=2))
    assert [one.state for one in await editions(town)] == ["rests"]
    assert "Nobody hosts it yet." in (await the_board(town.lena)).text


async def test_who_looks_after_nothing_any_more_hands_it_on(town: Town) -> None:
    """To who still does; an owner hosts as an owner."""
    owner = town.hearth.owner
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    mara = await hosting(town, "Mara")
    await town.hearth.advance(timedelta(minutes=1))
    await owner.press(await the_board(owner, group="Riverside"), "I'd host it")
    for person, follows in ((town.lena, mara), (mara, owner)):
        await owner.command("hearth facilitator remove", group="Riverside", user=person)
        await town.hearth.advance(timedelta(minutes=2))
        assert follows.mention in told(town).content
    assert f"Hosts, in turn: {owner.mention}" in (await the_board(owner, group="Riverside")).text


async def test_when_everything_was_taken_back_nobody_is_reminded(town: Town) -> None:
    """Not of nothing."""
    answer = await town.share(await town.kim.write(town.room, "We walk."))
    await town.hearth.advance(READY)
    draft = await town.draft()
    await town.kim.press(answer, "Take it back")
    again = await town.lena.press(told(town), "Read it through")
    assert again.text.endswith("The next time comes by itself.")
    refused = await town.lena.press(draft, "Publish")
    assert refused.text.startswith("None of it could be published")
    await town.hearth.advance(timedelta(minutes=2))
    assert await editions(town) == []
    over = await town.lena.press(told(town), "Read it through")
    assert over.text.startswith("That one is over")


async def test_only_hosts_who_still_may(town: Town) -> None:
    """Not who never offered; not who looks after nothing any more."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    refused = await town.kim.press(told(town), "Read it through")
    assert refused.text.startswith("That is for those who host")
    async with town.hearth.app.database.writing() as session:
        await session.delete((await session.scalars(select(Facilitator))).one())
    refused = await town.lena.press(draft, "Publish")
    assert refused.text.startswith("Who hosts it looks after a group or owns the server")


async def test_what_is_not_in_it_is_not_read(town: Town) -> None:
    """A choice from a card that is old."""
    answer = await town.share(await town.kim.write(town.room, "We walk."))
    await town.shared("We rest.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    (edition,) = await editions(town)
    await town.kim.press(answer, "Take it back")
    refused = await town.lena.choose(
        draft, draft.choices[0], custom_id=f"bridge-whole:{edition.id}"
    )
    assert refused.text == "That is not part of it any more."


async def test_a_post_deleted_by_hand_stays_away(town: Town) -> None:
    """A moderator's decision stands: it is not posted again, and nobody asks."""
    await town.shared("We walk.")
    await town.publish()
    await town.hearth.owner.delete(town.newest)
    await town.hearth.advance(WEEK * 2)
    assert not any("We walk." in post for post in town.posts)
    async with town.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Bridge))).all() == []


async def test_a_head_deleted_by_hand_takes_nothing_along(town: Town) -> None:
    """What stands below it stays, and can go as before."""
    message = await town.shared("We walk.")
    await town.publish()
    header = next(one for one in town.commons.history if "put together by" in one.content)
    await town.hearth.owner.delete(header)
    await town.hearth.settle()
    assert "We walk." in town.posts[-1]
    await town.kim.delete(message)
    await town.hearth.advance(timedelta(minutes=2))
    assert not any("We walk." in post for post in town.posts)


async def test_commons_that_are_shut_lose_nothing(town: Town) -> None:
    """Its host reads so at once, and publishes when they are open again, or others are named."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    bot = town.hearth.sandbox.world.state.bot
    role = next(r for r in town.hearth.server.roles.values() if r.name == bot.name or r.managed)
    await town.hearth.owner.set_overwrite(town.commons, role, deny=2048)
    await town.hearth.settle()
    shut = "I can't write in the commons just now"
    assert (await town.lena.press(draft, "Publish")).text.startswith(shut)
    async with town.hearth.app.database.reading() as session:
        (row,) = (await session.scalars(select(Bridge))).all()
        assert (row.state, row.said, row.edition_id) == ("waiting", "We walk.", 1)
    await town.hearth.owner.delete_channel(town.commons)
    await town.hearth.settle()
    draft = await town.draft()
    assert (await town.lena.press(draft, "Publish")).text.startswith(shut)
    square = await town.hearth.owner.create_channel("square")
    await town.hearth.owner.command("hearth setup", commons=square)
    await town.lena.press(await town.draft(), "Publish")
    await town.hearth.settle()
    assert list(square.history)[-1].content.endswith("> We walk.")


async def test_what_happened_while_hearth_was_away_is_followed(
    laid: Settings, now: datetime
) -> None:
    """Deleted and edited sources are found after the start, by asking for each once."""
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        async with driven(sandbox, laid) as app:
            town = await bridge_town(Running(sandbox, server, server.owner, app))
            gone = await town.shared("Gone.")
            edited = await town.shared("Edited.")
            await town.shared("Stands.")
        await town.kim.delete(gone)
        await town.kim.edit(edited, "Anew.")
        async with driven(sandbox, laid) as app:
            await sandbox.advance(timedelta(minutes=3))
            async with app.database.reading() as session:
                rows = (await session.scalars(select(Bridge).order_by(Bridge.id))).all()
    assert [(row.state, row.said) for row in rows] == [("changed", ""), ("waiting", "Stands.")]
    assert all(row.checked_at is not None for row in rows)


async def test_without_the_members_intent_who_left_is_found_out(
    laid: Settings, now: datetime
) -> None:
    """Nothing tells it: within a day everybody is asked for, and what is theirs goes."""
    reduced = laid.model_copy(update={"reduced": True})
    async with Sandbox(start=now, time_scale=1000) as sandbox:
        server = sandbox.add_server()
        async with driven(sandbox, reduced) as app:
            town = await bridge_town(Running(sandbox, server, server.owner, app))
            await town.shared("We walk.")
            await town.publish()
            assert town.posts[-1].endswith("> We walk.")
            await town.kim.leave()
            await sandbox.advance(timedelta(days=1, hours=1))
            await sandbox.advance(timedelta(minutes=2))
            async with app.database.reading() as session:
                assert (await session.scalars(select(Bridge))).all() == []
            assert not any("We walk." in post for post in town.posts)


async def test_a_source_nobody_may_look_at_waits(town: Town) -> None:
    """Hidden is not deleted: it is published once Discord says that it stands."""
    await town.shared("We walk.")
    await town.hearth.advance(READY)
    draft = await town.draft()
    town.hearth.sandbox.faults.add(
        "503", "GET", "/channels/{channel_id}/messages/{message_id}", times=None
    )
    refused = await town.lena.press(draft, "Publish")
    assert refused.text.startswith("None of it could be published")
    town.hearth.sandbox.faults.clear()
    await town.lena.press(await town.draft(), "Publish")
    await town.hearth.settle()
    assert town.posts[-1].endswith("> We walk.")


@pytest.mark.founded(by=None)
async def test_a_host_is_told_without_a_room_for_facilitators(hearth: Running) -> None:
    """By the neutral line in the commons."""
    town = await bridge_town(hearth)
    await town.shared("We walk.")
    await hearth.advance(READY)
    assert town.posts[-1] == f"{town.lena.mention}, something waits for you: /home"
    async with hearth.app.database.reading() as session:
        assert len((await session.scalars(select(NeighbourhoodHost))).all()) == 1

"""Private words, from /concern to the last reply: who reads what, and who never learns whose."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import ActiveDay, Concern, ConcernReply, Draft, Server
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


@dataclass(frozen=True, slots=True)
class Scene:
    """Riverside, where Kim, Jo and Lena live; Lena looks after it; Gus moderates."""

    hearth: Running
    kim: Person
    jo: Person
    lena: Person
    gus: Person
    facilitators: Channel
    moderators: Channel
    room: Channel

    async def last(self, where: Channel) -> Message:
        """Return the newest message of a room, once everything owed was sent."""
        await self.hearth.settle()
        return list(where.history)[-1]

    async def word(self, who: Person, to: str = "facilitators", **fields: object) -> Answer:
        """Write a private word up to its preview."""
        form = await who.command("concern", to=to)
        return await who.fill(form, **{"said": "Jo shouts.", **fields})


async def moderator(hearth: Running, name: str = "Gus") -> Person:
    """Let a moderator join the server."""
    role = next((r for r in hearth.server.roles.values() if r.name == "Guards"), None)
    if role is None:
        role = await hearth.owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    person = await hearth.person(name)
    await hearth.owner.give_role(person, role)
    return person


async def found(hearth: Running) -> Scene:
    """The town, set up by commands."""
    facilitators = await hearth.owner.create_channel("lodge")
    moderators = await hearth.owner.create_channel("watch")
    await set_up(hearth, facilitators_room=facilitators, moderators_room=moderators)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return Scene(
        hearth,
        kim=await at_home(hearth, "Kim"),
        jo=await at_home(hearth, "Jo"),
        lena=lena,
        gus=await moderator(hearth),
        facilitators=facilitators,
        moderators=moderators,
        room=channel(hearth, "🌊-riverside"),
    )


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def scene(hearth: Running) -> Scene:
    """The town, set up by commands."""
    return hearth.founded


async def everything_said(scene: Scene, *, but: Person) -> str:
    """Return all that stands in any room, with what its buttons carry, and all DMs of others."""
    await scene.hearth.settle()
    rooms = [
        f"{m.content} {m.components} {m.mentions}"
        for place in scene.hearth.server.channels.values()
        for m in place.history
        if m.author.id == scene.hearth.sandbox.bot_id
    ]
    dms = [m.content for p in (scene.jo, scene.lena, scene.gus) if p is not but for m in p.dms]
    return "\n".join([*rooms, *dms])


async def test_a_word_without_a_name_is_answered_and_nobody_learns_whose(scene: Scene) -> None:
    """Kim writes, Lena answers, Kim reads it in /home; no room, button or ping names Kim."""
    before = await everything_said(scene, but=scene.kim)
    preview = await scene.word(scene.kim)
    assert preview.ephemeral
    assert f"those who look after **Riverside**: <@{scene.lena.id}>" in preview.text
    sent = await scene.kim.press(preview, "Send without my name")
    assert "without your name" in sent.text
    line = await scene.last(scene.facilitators)
    assert [user.id for user in line.mentions] == [scene.lena.id]
    assert "Jo shouts" not in line.content
    assert "those it was written to" in (await scene.gus.press(line, "Open")).text
    card = await scene.lena.press(line, "Open")
    assert card.ephemeral
    assert "> Jo shouts." in card.text
    card = await scene.lena.press(card, "I look after this")
    assert f"<@{scene.lena.id}> looks after this." in card.text
    form = await scene.lena.press(card, "Answer")
    card = await scene.lena.fill(form, said="I'll talk with Jo.")
    after = await everything_said(scene, but=scene.kim)
    news = after.replace(before, "")
    for shown in (card.text, str(card.components), news):
        assert str(scene.kim.id) not in shown
        assert "Kim" not in shown
    home = await scene.kim.command("home")
    own = await scene.kim.press(home, "Read the answer")
    assert "> I'll talk with Jo." in own.text
    assert str(scene.lena.id) not in own.text
    assert "Read the answer" not in (await scene.kim.command("home")).buttons
    form = await scene.kim.press(own, "Write back")
    await scene.kim.fill(form, said="It went on.")
    card = await scene.lena.press(await scene.last(scene.facilitators), "Open")
    assert "> It went on." in card.text
    assert str(scene.kim.id) not in card.text
    assert "This is closed." in (await scene.lena.press(card, "Close it")).text
    own = await scene.kim.press(own, "Write back")
    own = await scene.kim.fill(own, said="Once more.")
    assert "Somebody looks after it" not in own.text  # open again, for anybody of them
    assert "It's closed" in (await scene.kim.press(own, "It's settled")).text
    assert "private word" not in (await scene.kim.command("home")).text


async def test_a_private_word_is_no_sign_of_life(scene: Scene) -> None:
    """Else who was quiet and is back at that very moment would be known by their letter."""

    async def signs() -> int:
        await scene.hearth.advance(timedelta(minutes=1))
        async with scene.hearth.app.database.reading() as session:
            wanted = select(func.sum(ActiveDay.signals)).where(ActiveDay.user_id == scene.kim.id)
            return await session.scalar(wanted) or 0

    scene.kim.room = scene.room
    before = await signs()
    said = await scene.jo.write(scene.room, "HEY")
    form = await scene.kim.menu("Tell the facilitators", said)
    await scene.kim.press(await scene.kim.fill(form, said="Loud."), "Send without my name")
    await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    assert await signs() == before
    await scene.kim.command("home")
    assert await signs() == before + 1


async def test_a_word_with_a_name_shows_it(scene: Scene) -> None:
    """Who says so is named to those who read it, and in no room."""
    await scene.kim.press(await scene.word(scene.kim), "Send with my name")
    line = await scene.last(scene.facilitators)
    assert str(scene.kim.id) not in line.content
    assert f"<@{scene.kim.id}> wrote" in (await scene.lena.press(line, "Open")).text


async def test_a_wrong_link_is_mended_and_nothing_typed_is_lost(scene: Scene) -> None:
    """Only messages of this server are evidence; the draft stands in /home until it is sent."""
    said = await scene.jo.write(scene.room, "HEY")
    refused = await scene.word(scene.kim, link="https://example.org/1")
    assert "doesn't lead to a message in this server" in refused.text
    elsewhere = f"https://discord.com/channels/1/{scene.room.id}/{said.id}"
    form = await scene.kim.press(refused, "Fix it")
    assert "Jo shouts." in str(form.modal)
    assert "Fix it" in (await scene.kim.fill(form, link=elsewhere)).buttons
    home = await scene.kim.command("home")
    assert "isn't sent yet" in home.text
    link = f"https://discord.com/channels/{scene.hearth.server.id}/{scene.room.id}/{said.id}"
    form = await scene.kim.press(home, "Go on writing")
    preview = await scene.kim.fill(form, link=f"<{link}>")
    older = await scene.kim.fill(await scene.kim.press(home, "Go on writing"))
    await scene.kim.press(preview, "Send without my name")
    card = await scene.lena.press(await scene.last(scene.facilitators), "Open")
    assert link in card.text
    gone = await scene.kim.press(older, "Send without my name")
    assert "sent or thrown away" in gone.text
    preview = await scene.word(scene.kim)
    assert "Nobody has read it" in (await scene.kim.press(preview, "Throw it away")).text
    async with scene.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Draft))).all() == []
        assert len((await session.scalars(select(Concern))).all()) == 1


async def test_a_word_about_a_facilitators_message_goes_to_the_moderators(scene: Scene) -> None:
    """From the message's menu: own reason, the link alone is kept, and Lena never sees it."""
    said = await scene.lena.write(scene.room, "No, because I say so.")
    before = len(list(scene.facilitators.history))
    form = await scene.kim.menu("Tell the facilitators", said)
    preview = await scene.kim.fill(form, said="Unfair.")
    assert "somebody who looks after the group" in preview.text
    assert "To the moderators instead" not in preview.buttons
    await scene.kim.press(preview, "Send without my name")
    line = await scene.last(scene.moderators)
    assert len(list(scene.facilitators.history)) == before
    card = await scene.gus.press(line, "Open")
    assert "it came to you and not to them" in card.text
    assert "because I say so" not in card.text
    assert str(said.id) in card.text
    assert "those it was written to" in (await scene.lena.press(line, "Open")).text
    async with scene.hearth.app.database.reading() as session:
        row = (await session.scalars(select(Concern))).one()
        assert (row.of_facilitator, row.for_whom) == (True, "moderators")


async def test_a_word_about_anybody_else_goes_to_the_facilitators(scene: Scene) -> None:
    """The menu in a group's room means that group; in the commons the own group is meant."""
    said = await scene.jo.write(scene.room, "HEY")
    form = await scene.kim.menu("Tell the facilitators", said)
    preview = await scene.kim.fill(form, said="Too loud.")
    assert "those who look after **Riverside**" in preview.text
    preview = await scene.kim.press(preview, "To the moderators instead")
    assert "It goes to the moderators" in preview.text
    form = await scene.kim.press(preview, "Change it")
    preview = await scene.kim.fill(form, said="Much too loud.")
    assert "It goes to the moderators" in preview.text
    await scene.kim.press(preview, "Send without my name")
    card = await scene.gus.press(await scene.last(scene.moderators), "Open")
    assert "> Much too loud." in card.text
    assert "came to you and not to them" not in card.text


async def test_facilitators_pass_a_word_on_and_read_no_more_of_it(scene: Scene) -> None:
    """The moderators get all that was said; Kim reads that it went on, and can do it too."""
    await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    line = await scene.last(scene.facilitators)
    card = await scene.lena.press(line, "Open")
    assert (
        "The moderators have it now"
        in (await scene.lena.press(card, "Pass on to the moderators")).text
    )
    assert "those it was written to" in (await scene.lena.press(line, "Open")).text
    card = await scene.gus.press(await scene.last(scene.moderators), "Open")
    assert "was passed on to you" in card.text
    assert str(scene.kim.id) not in card.text
    assert "Pass on to the moderators" not in card.buttons
    card = await scene.gus.press(card, "I look after this")
    again = await scene.hearth.owner.press(await scene.last(scene.moderators), "Open")
    assert "I look after this" not in again.buttons
    own = await scene.kim.press(await scene.kim.command("home"), "My private word")
    assert "It was passed on to the moderators" in own.text
    second = await scene.word(scene.kim)
    await scene.kim.press(second, "Send without my name")
    words = await scene.kim.press(await scene.kim.command("home"), "My private words")
    own = await scene.kim.choose(words, "To the facilitators: nobody has taken it on yet")
    own = await scene.kim.press(own, "To the moderators instead")
    assert "To the moderators instead" not in own.buttons
    listed = await scene.gus.command("safety concerns")
    assert "2 private words wait" in listed.text
    card = await scene.gus.choose(listed, "Nobody has taken it on yet")
    assert "> Jo shouts." in card.text


async def test_who_wrote_a_word_does_not_look_after_it(scene: Scene) -> None:
    """Lena, alone in her office, reaches the moderators; with Jo beside her, Jo and not herself."""
    preview = await scene.word(scene.lena)
    assert "Nobody else looks after that group" in preview.text
    await scene.lena.press(preview, "Throw it away")
    await looked_after(scene.hearth, scene.jo)
    await scene.lena.press(await scene.word(scene.lena), "Send without my name")
    line = await scene.last(scene.facilitators)
    assert [user.id for user in line.mentions] == [scene.jo.id]
    assert "wrote that yourself" in (await scene.lena.press(line, "Open")).text
    desk = await scene.lena.command("desk")
    assert "Private words" not in desk.buttons
    desk = await scene.jo.command("desk")
    assert "1 private word for you" in desk.text
    listed = await scene.jo.press(desk, "Private words")
    card = await scene.jo.choose(listed, "Nobody has taken it on yet")
    assert "stays unnamed" in card.text
    await scene.gus.press(await scene.word(scene.gus, "moderators"), "Send with my name")
    assert (
        "wrote that yourself"
        in (await scene.gus.press(await scene.last(scene.moderators), "Open")).text
    )
    assert "Nothing waits for you" in (await scene.gus.command("safety concerns")).text


async def test_who_has_no_group_reaches_the_moderators(scene: Scene) -> None:
    """And so does everybody where nobody looks after the group."""
    vera = await scene.hearth.person("Vera")
    preview = await scene.word(vera)
    assert "You live in no group and visit none" in preview.text
    await vera.press(preview, "Send without my name")
    card = await scene.gus.press(await scene.last(scene.moderators), "Open")
    assert "From the group" not in card.text


async def test_three_words_at_once_are_enough(scene: Scene) -> None:
    """A fourth is kept as a draft until one of them is settled."""
    for _ in range(3):
        await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    preview = await scene.word(scene.kim, said="A fourth.")
    refused = await scene.kim.press(preview, "Send without my name")
    assert "3 words waiting" in refused.text
    words = await scene.kim.press(await scene.kim.command("home"), "My private words")
    own = await scene.kim.choose(words, "To the facilitators: nobody has taken it on yet")
    await scene.kim.press(own, "It's settled")
    form = await scene.kim.press(await scene.kim.command("home"), "Go on writing")
    preview = await scene.kim.fill(form)
    assert "💌 Sent" in (await scene.kim.press(preview, "Send without my name")).text


async def test_nobody_calls_others_again_and_again(scene: Scene) -> None:
    """More words before an answer call nobody; and after five in a day the next waits."""
    await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    line = await scene.last(scene.facilitators)
    own = await scene.kim.press(await scene.kim.command("home"), "My private word")
    for said in ("And this.", "And that."):
        own = await scene.kim.fill(await scene.kim.press(own, "Write back"), said=said)
    lines = [m for m in scene.facilitators.history if scene.lena.mention in m.content]
    assert len(lines) == 2
    card = await scene.lena.press(line, "Open")
    assert "> And that." in card.text
    await scene.kim.press(own, "It's settled")
    for _ in range(4):
        await scene.kim.press(await scene.word(scene.kim), "Send without my name")
        own = await scene.kim.press(await scene.kim.command("home"), "My private word")
        await scene.kim.press(own, "It's settled")
    refused = await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    assert "5 words within a day" in refused.text
    await scene.hearth.advance(timedelta(days=1))
    form = await scene.kim.press(await scene.kim.command("home"), "Go on writing")
    preview = await scene.kim.fill(form)
    assert "💌 Sent" in (await scene.kim.press(preview, "Send without my name")).text


async def test_without_a_room_of_theirs_facilitators_find_it_in_home(scene: Scene) -> None:
    """The line in the commons tells them that something waits, and nobody else anything."""
    async with scene.hearth.app.database.writing() as session:
        server = await session.get_one(Server, scene.hearth.server.id)
        server.facilitators_room_id = None
    await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    line = await scene.last(channel(scene.hearth, "general"))
    assert [user.id for user in line.mentions] == [scene.lena.id]
    assert "concern" not in str(line.components)
    card = await scene.lena.press(await scene.lena.command("home"), "Open it")
    assert "> Jo shouts." in card.text
    assert "Open it" not in (await scene.jo.command("home")).buttons


async def test_words_work_while_hearth_is_paused(scene: Scene) -> None:
    """A pause silences nobody who has a concern."""
    await scene.hearth.owner.command("hearth pause")
    preview = await scene.word(scene.kim, "moderators")
    assert "💌 Sent" in (await scene.kim.press(preview, "Send without my name")).text
    listed = await scene.gus.command("safety concerns")
    card = await scene.gus.choose(listed, "Nobody has taken it on yet")
    form = await scene.gus.press(card, "Answer")
    await scene.gus.fill(form, said="We look into it.")
    async with scene.hearth.app.database.reading() as session:
        assert (await session.scalars(select(ConcernReply.said))).all() == ["We look into it."]


async def test_old_buttons_reach_nothing_that_is_not_ones_own(scene: Scene) -> None:
    """A concern of somebody else's answers like one that is over."""
    await scene.kim.press(await scene.word(scene.kim), "Send without my name")
    line = await scene.last(scene.facilitators)
    card = await scene.lena.press(line, "Open")
    own = await scene.kim.press(await scene.kim.command("home"), "My private word")
    with pytest.raises(PermissionError):
        await scene.jo.press(own, "Write back")
    taken = await scene.lena.press(card, "I look after this")
    assert "I look after this" not in taken.buttons
    owner = await scene.hearth.owner.press(line, "Open")
    assert "> Jo shouts." in owner.text  # owners may read what facilitators may, as it was said
    await scene.kim.press(await scene.kim.command("privacy forget"), "Yes, forget me")
    assert "over already" in (await scene.lena.press(line, "Open")).text

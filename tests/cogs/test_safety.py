"""`/safety`, from the command to what the other person reads, and their appeal."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Apart, Bar, Group, LogEntry, Membership, Removal
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


@dataclass(frozen=True, slots=True)
class Scene:
    """Riverside, where Kim, Jo and Lena live, and Millpond, where Omar does; Gus moderates."""

    hearth: Running
    kim: Person
    jo: Person
    lena: Person
    omar: Person
    gus: Person
    moderators: Channel
    commons: Channel
    room: Channel

    async def last(self, where: Channel) -> Message:
        """Return the newest message of a room, once everything owed was sent."""
        await self.hearth.settle()
        return list(where.history)[-1]

    async def removed(self, user: Person, reason: str = "", days: str = "30") -> Answer:
        """Let Gus end somebody's home."""
        form = await self.gus.command("safety remove", user=user)
        return await self.gus.fill(form, reason=reason, days=days)

    async def barred(self, user: Person, from_: str = "all", reason: str = "") -> Answer:
        """Let Gus bar somebody."""
        form = await self.gus.command("safety bar", user=user, group=from_)
        return await self.gus.fill(form, reason=reason)

    async def log(self) -> list[str]:
        """Return what the owners' log holds of the moderators' acts."""
        async with self.hearth.app.database.reading() as session:
            wanted = select(LogEntry.action).where(LogEntry.by_user_id == self.gus.id)
            return list(await session.scalars(wanted.order_by(LogEntry.id)))


async def found(hearth: Running) -> Scene:
    """The town, set up by commands."""
    moderators = await hearth.owner.create_channel("watch")
    lodge = await hearth.owner.create_channel("lodge")
    await set_up(hearth, facilitators_room=lodge, moderators_room=moderators)
    await group(hearth)
    await group(hearth, "Millpond", emoji="🦆")
    guards = await hearth.owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    gus = await hearth.person("Gus")
    await hearth.owner.give_role(gus, guards)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return Scene(
        hearth,
        kim=await at_home(hearth, "Kim"),
        jo=await at_home(hearth, "Jo"),
        lena=lena,
        omar=await at_home(hearth, "Omar", "Millpond"),
        gus=gus,
        moderators=moderators,
        commons=channel(hearth, "general"),
        room=channel(hearth, "🌊-riverside"),
    )


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def scene(hearth: Running) -> Scene:
    """The town, set up by commands."""
    return hearth.founded


async def test_only_moderators_see_and_use_it(scene: Scene) -> None:
    """Discord offers the commands to nobody else, and an old button says whose it is."""
    for who in (scene.kim, scene.lena):
        with pytest.raises(PermissionError):
            await who.command("safety concerns")
    assert "Nothing waits" in (await scene.hearth.owner.command("safety concerns")).text
    form = await scene.gus.command("safety remove", user=scene.jo)
    await scene.hearth.owner.take_role(scene.gus, scene.gus.roles[0])
    refused = await scene.gus.fill(form, reason="", days="30")
    assert "for this server's moderators" in refused.text
    async with scene.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Removal))).all() == []


async def test_who_is_removed_reads_why_and_by_whom_never(scene: Scene) -> None:
    """The seat is free at once, the line in the commons neutral, and the door shut for a time."""
    done = await scene.removed(scene.jo, "Shouting, *again*.")
    assert "home in **Riverside** has ended" in done.text
    await scene.hearth.settle()
    assert not scene.jo.sees(scene.room)
    line = await scene.last(scene.commons)
    assert [user.id for user in line.mentions] == [scene.jo.id]
    assert "removal" not in str(line.components)
    assert "Riverside" not in line.content
    home = await scene.jo.command("home")
    assert ":D> the moderators ended your home in **Riverside**" in home.text
    assert "🍂 On <t:" in home.text
    assert "> Shouting, \\*again\\*." in home.text
    assert str(scene.gus.id) not in home.text + str(home.components)
    assert "isn't open for you" in (await scene.jo.command("join", group="Riverside")).text
    assert "can't be opened for you" in (await scene.jo.command("visit", group="Riverside")).text
    assert "Welcome home" in (await scene.jo.command("join", group="Millpond")).text
    assert await scene.log() == ["member-remove"]


async def test_a_door_opens_again_when_its_time_is_over(scene: Scene) -> None:
    """After the days that were named, or at once where none were."""
    await scene.removed(scene.jo, days="7")
    await scene.removed(scene.kim, days="0")
    assert "Welcome home" in (await scene.kim.command("join", group="Riverside")).text
    await scene.hearth.advance(timedelta(days=6, hours=23))
    assert "isn't open for you" in (await scene.jo.command("join", group="Riverside")).text
    await scene.hearth.advance(timedelta(hours=2))
    assert "Welcome home" in (await scene.jo.command("join", group="Riverside")).text


async def test_an_invitation_opens_the_door_earlier(scene: Scene) -> None:
    """Those who look after the group may have somebody back; a bar they cannot lift."""
    await scene.removed(scene.jo)
    form = await scene.lena.press(await desk_page(scene.lena, "People"), "Invite")
    assert "finds the invitation" in (await scene.lena.fill(form, who="Jo")).text
    assert "Welcome home" in (await scene.jo.command("join", group="Riverside")).text
    await scene.barred(scene.jo, "Riverside")
    form = await scene.lena.press(await desk_page(scene.lena, "People"), "Invite")
    await scene.lena.fill(form, who="Jo")
    assert "isn't open for you" in (await scene.jo.command("join", group="Riverside")).text


@pytest.mark.parametrize(("days", "said"), [("x", "0 to 365"), ("400", "0 to 365")])
async def test_a_time_that_cannot_be_is_refused(scene: Scene, days: str, said: str) -> None:
    """Nothing has changed then."""
    assert said in (await scene.removed(scene.jo, days=days)).text
    assert scene.jo.sees(scene.room)


async def test_nobody_is_removed_who_lives_nowhere_nor_oneself(scene: Scene) -> None:
    """Each answer says what to do instead."""
    vera = await scene.hearth.person("Vera")
    assert "lives in no group" in (await scene.gus.command("safety remove", user=vera)).text
    assert "visits no group" in (await scene.gus.command("safety end-visit", user=vera)).text
    await scene.gus.command("join", group="Millpond")
    assert "can't do that to yourself" in (await scene.removed(scene.gus)).text
    assert "can't do that to yourself" in (await scene.barred(scene.gus)).text
    twice = await scene.gus.command("safety remove", user=scene.jo)
    await scene.removed(scene.jo)
    assert "lives in no group" in (await scene.gus.fill(twice, reason="", days="3")).text


async def test_an_appeal_is_asked_once_and_lets_somebody_back(scene: Scene) -> None:
    """Only moderators read it; a yes opens the door, invites, and makes the move free."""
    await scene.removed(scene.jo, "Shouting.")
    home = await scene.jo.command("home")
    form = await scene.jo.press(home, "Ask them to look again")
    again = await scene.jo.press(home, "Ask them to look again")
    assert "✋ Asked" in (await scene.jo.fill(form, said="I was hard of hearing.")).text
    assert "asked about that already" in (await scene.jo.fill(again, said="Please.")).text
    line = await scene.last(scene.moderators)
    assert "hard of hearing" not in line.content
    assert str(scene.jo.id) not in line.content + str(line.components)
    assert "moderators" in (await scene.kim.press(line, "Open")).text
    assert "1 person asks" in (await scene.gus.command("safety concerns")).text
    card = await scene.gus.press(line, "Open")
    assert "> I was hard of hearing." in card.text
    assert "your own decision" in card.text
    assert "your own decision" not in (await scene.hearth.owner.press(line, "Open")).text
    home = await scene.jo.command("home")
    assert "You asked them to look again" in home.text
    assert "Ask them to look again" not in home.buttons
    form = await scene.gus.press(card, "Let them back")
    done = await scene.gus.fill(form, answer="Our mistake.")
    assert "the door is open" in done.text
    assert "answered or settled" in (await scene.gus.press(line, "Open")).text
    home = await scene.jo.command("home")
    assert "> Our mistake." in home.text
    moved = await scene.jo.press(home, "Move into Riverside")
    assert "Welcome home" in moved.text
    home = await scene.jo.command("home")
    await scene.jo.press(home, "All right")
    assert "looked again" not in (await scene.jo.command("home")).text
    assert await scene.log() == ["member-remove", "appeal-let-back"]


async def test_an_appeal_may_end_with_a_no(scene: Scene) -> None:
    """The answer stands in /home until it is read, and the door stays shut."""
    await scene.barred(scene.jo, "Riverside", "Threats.")
    home = await scene.jo.command("home")
    assert "closed the door of **Riverside** for you" in home.text
    form = await scene.jo.press(home, "Ask them to look again")
    await scene.jo.fill(form, said="It was a joke.")
    listed = await scene.gus.command("safety concerns")
    card = await scene.gus.press(listed, "The next appeal")
    form = await scene.gus.press(card, "It stays")
    assert "stays as it is" in (await scene.gus.fill(form, answer="")).text
    home = await scene.jo.command("home")
    assert "it stays as it is" in home.text
    assert "isn't open for you" in (await scene.jo.command("join", group="Riverside")).text
    with pytest.raises(LookupError):
        await scene.gus.press(await scene.gus.command("safety concerns"), "The next appeal")


async def test_a_bar_ends_everything_and_can_be_lifted(scene: Scene) -> None:
    """From all groups or one; lifting it makes an appeal needless."""
    await scene.omar.command("visit", group="Riverside")
    assert "barred from all groups" in (await scene.barred(scene.omar)).text
    assert "already" in (await scene.barred(scene.omar)).text
    await scene.hearth.settle()
    assert not scene.omar.sees(scene.room)
    home = await scene.omar.command("home")
    assert "closed the doors of all groups" in home.text
    form = await scene.omar.press(home, "Ask them to look again")
    await scene.omar.fill(form, said="Why?")
    await scene.barred(scene.omar, "Millpond")
    card = await scene.gus.command("safety unbar", user=scene.omar)
    assert "2 places" in card.text
    card = await scene.gus.press(card, "Lift 1")
    card = await scene.gus.press(card, "Lift 1")
    assert "barred nowhere" in card.text
    assert "Nothing waits" in (await scene.gus.command("safety concerns")).text
    home = await scene.omar.command("home")
    assert "the door is open for you" in home.text
    assert "Ask them" not in str(home.buttons)
    assert "Welcome home" in (await scene.omar.command("join", group="Millpond")).text
    async with scene.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Bar))).all() == []


async def test_a_bar_of_somebody_who_was_never_there_is_not_told(scene: Scene) -> None:
    """Nothing was taken from them, so nothing waits for them; the door is shut all the same."""
    await scene.hearth.settle()
    before = len(list(scene.commons.history))
    await scene.barred(scene.omar, "Riverside")
    await scene.hearth.settle()
    assert len(list(scene.commons.history)) == before
    assert "🍂" not in (await scene.omar.command("home")).text
    assert "can't be opened" in (await scene.omar.command("visit", group="Riverside")).text


async def test_moderators_end_a_visit(scene: Scene) -> None:
    """With one visit at once; with several they choose; the visitor reads why."""
    await scene.omar.command("visit", group="Riverside")
    await scene.hearth.settle()
    assert scene.omar.sees(scene.room)
    form = await scene.gus.command("safety end-visit", user=scene.omar)
    assert "visit to **Riverside** is over" in (await scene.gus.fill(form, reason="Spam.")).text
    await scene.hearth.settle()
    assert not scene.omar.sees(scene.room)
    home = await scene.omar.command("home")
    assert "the moderators ended your visit to **Riverside**" in home.text
    assert "> Spam." in home.text
    assert "isn't open" in (await scene.omar.command("join", group="Riverside")).text
    await group(scene.hearth, "Thicket", emoji="🌳")
    await group(scene.hearth, "Meadow", emoji="🌾")
    await scene.omar.command("visit", group="Thicket")
    await scene.omar.command("visit", group="Meadow")
    which = await scene.gus.command("safety end-visit", user=scene.omar)
    form = await scene.gus.choose(which, "Thicket")
    assert "visit to **Thicket** is over" in (await scene.gus.fill(form, reason="")).text
    again = await scene.gus.choose(which, "Thicket")
    assert "over already" in (await scene.gus.fill(again, reason="")).text


async def test_facilitators_ask_a_visitor_to_leave(scene: Scene) -> None:
    """At the desk, with a word to them; the visitor may appeal, and the owners read who did it."""
    await scene.omar.command("visit", group="Riverside")
    visitors = await scene.lena.press(await desk_page(scene.lena, "People"), "Visitors")
    form = await scene.lena.choose(visitors, "Omar")
    left = await scene.lena.fill(form, reason="You wrote over others.")
    assert "without your name" in left.text
    assert "Nobody is visiting" in left.text
    await scene.hearth.settle()
    assert not scene.omar.sees(scene.room)
    home = await scene.omar.command("home")
    assert "those who look after **Riverside** asked you to end your visit" in home.text
    assert str(scene.lena.id) not in home.text
    form = await scene.omar.press(home, "Ask them to look again")
    assert "✋ Asked" in (await scene.omar.fill(form, said="Sorry.")).text
    logged = await scene.hearth.owner.command("hearth log")
    assert f"<@{scene.lena.id}> asked <@{scene.omar.id}> to leave **Riverside**" in logged.text


async def test_a_room_is_locked_and_opened_again(scene: Scene) -> None:
    """Everyone reads, nobody writes; the line in it says so, and by whom stands nowhere."""
    await scene.omar.command("visit", group="Riverside")
    assert "Which room?" in (await scene.gus.command("safety lock")).text
    locked = await scene.gus.command("safety lock", group="Riverside", reason="Let's breathe.")
    assert "only the safety roles and Hearth can write" in locked.text
    line = await scene.last(scene.room)
    assert "locked this room" in line.content
    assert "> Let's breathe." in line.content
    for person in (scene.kim, scene.lena, scene.omar):
        assert scene.kim.sees(scene.room)
        assert not person.can_send(scene.room)
    late = await at_home(scene.hearth, "Late")
    await scene.hearth.settle()
    assert late.sees(scene.room)
    assert not late.can_send(scene.room)
    assert "since" in (await scene.gus.command("safety lock", group="Riverside")).text
    assert f"<#{scene.room.id}>" in (await scene.gus.command("safety concerns")).text
    form = await scene.kim.press(line, "A word to the moderators")
    assert "goes to the moderators" in (await scene.kim.fill(form, said="Why?")).text
    assert "open again" in (await scene.gus.press(locked, "Unlock")).text
    assert "open again" in (await scene.last(scene.room)).content
    for person in (scene.kim, scene.lena, scene.omar):
        assert person.can_send(scene.room)
    old = await scene.gus.command("safety lock", group="Riverside")
    await scene.gus.press(await scene.gus.command("safety lock", group="Riverside"), "Unlock")
    assert "isn't locked any more" in (await scene.gus.press(old, "Unlock")).text


async def test_a_lock_is_for_the_voice_room_too(scene: Scene) -> None:
    """Nobody comes in to talk on where writing was stopped."""
    await scene.hearth.owner.command("hearth type edit", type="Interest", voice=True)
    await scene.hearth.settle()
    async with scene.hearth.app.database.reading() as session:
        found = await session.scalars(select(Group.voice_id).where(Group.name == "Riverside"))
        voice = scene.hearth.server.channels[found.one() or 0]
    await scene.kim.join_voice(voice)
    await scene.kim.leave_voice()
    locked = await scene.gus.command("safety lock", group="Riverside")
    await scene.hearth.settle()
    with pytest.raises(PermissionError):
        await scene.kim.join_voice(voice)
    await scene.gus.press(locked, "Unlock")
    await scene.hearth.settle()
    await scene.kim.join_voice(voice)


async def test_a_lock_holds_against_a_hand_in_discord(scene: Scene) -> None:
    """Whoever opens the room by its entries is put right; who was muted by hand stays so."""
    owner = scene.hearth.owner
    role = next(r for r in scene.hearth.server.roles.values() if "Riverside" in r.name)
    await scene.omar.command("visit", group="Riverside")
    await scene.hearth.settle()
    muted = Permission.VIEW_CHANNEL
    await owner.set_overwrite(scene.room, scene.omar, allow=muted, deny=Permission.SEND_MESSAGES)
    locked = await scene.gus.command("safety lock", group="Riverside")
    await scene.hearth.settle()
    await owner.set_overwrite(
        scene.room, role, allow=Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES
    )
    await scene.hearth.settle()
    assert not scene.kim.can_send(scene.room)
    await scene.gus.press(locked, "Unlock")
    await scene.hearth.settle()
    assert scene.kim.can_send(scene.room)
    assert scene.omar.sees(scene.room)
    assert not scene.omar.can_send(scene.room)


async def test_two_people_are_kept_apart(scene: Scene) -> None:
    """Who shares a home: one moves out, told as any other; neither learns of the other."""
    same = await scene.gus.command("safety apart", one=scene.kim, other=scene.kim)
    assert "two different people" in same.text
    asked = await scene.gus.command("safety apart", one=scene.kim, other=scene.jo)
    assert "both live in **Riverside**" in asked.text
    done = await scene.gus.press(asked, "Kim moves out")
    assert "kept apart from now on" in done.text
    home = await scene.kim.command("home")
    for shown in (home, await scene.kim.command("privacy show")):
        assert str(scene.jo.id) not in shown.text
    assert "isn't open for you" in (await scene.kim.command("join", group="Riverside")).text
    assert "can't be opened" in (await scene.kim.command("visit", group="Riverside")).text
    await scene.kim.command("join", group="Millpond")
    assert "can't be opened" in (await scene.jo.command("visit", group="Millpond")).text
    moving = await scene.jo.command("join", group="Millpond")
    assert "isn't open for you" in moving.text
    form = await scene.kim.press(home, "Ask them to look again")
    await scene.kim.fill(form, said="I'd like to be back.")
    card = await scene.gus.press(await scene.last(scene.moderators), "Open")
    back = await scene.gus.fill(await scene.gus.press(card, "Let them back"), answer="")
    assert "kept apart from somebody there" in back.text
    already = await scene.gus.command("safety apart", one=scene.jo, other=scene.kim)
    assert "have been kept apart since" in already.text
    assert "may share a room" in (await scene.gus.press(already, "Let them meet again")).text
    assert (
        "Welcome home"
        in (
            await scene.jo.press(
                await scene.jo.command("join", group="Millpond"), "Move to Millpond"
            )
        ).text
    )
    async with scene.hearth.app.database.reading() as session:
        assert (await session.scalars(select(Apart))).all() == []


async def test_visits_that_end_to_keep_people_apart_ping_nobody(scene: Scene) -> None:
    """Two lines beside each other in the commons would tell who the two are."""
    await scene.omar.command("visit", group="Riverside")
    await scene.hearth.settle()
    before = len(list(scene.commons.history))
    done = await scene.gus.command("safety apart", one=scene.kim, other=scene.omar)
    assert "1 visit has ended" in done.text
    await scene.hearth.settle()
    assert len(list(scene.commons.history)) == before
    assert "ended your visit to **Riverside**" in (await scene.omar.command("home")).text
    assert not scene.omar.sees(scene.room)


async def test_an_unlisted_group_is_named_nowhere(scene: Scene) -> None:
    """Not to moderators, not in /home, not in suggestions; it is locked from its own room."""
    await scene.hearth.owner.command("hearth type edit", type="Goal", listed=False)
    await group(scene.hearth, "Lantern", emoji="🏮", type="Goal")
    vera = await scene.hearth.person("Vera")
    async with scene.hearth.app.database.writing() as session:
        row = (await session.scalars(select(Group).where(Group.name == "Lantern"))).one()
        row.homes += 1
        now = scene.hearth.app.client.clock.now()
        session.add(
            Membership(
                server_id=scene.hearth.server.id,
                user_id=vera.id,
                group_id=row.id,
                state="here",
                since=now,
            )
        )
    offered = await scene.gus.autocomplete("safety bar", "group", "", user=vera)
    assert not any("Lantern" in label for label, _ in offered)
    guessed = await scene.gus.command("safety bar", user=vera, group="Lantern")
    assert "no such group" in guessed.text
    assert "no such group" in (await scene.gus.command("safety lock", group="Lantern")).text
    answers = [await scene.removed(vera, "Enough.")]
    home = await vera.command("home")
    answers.append(home)
    assert "ended your home in your group" in home.text
    await vera.fill(await vera.press(home, "Ask them to look again"), said="Why?")
    line = await scene.last(scene.moderators)
    answers.append(await scene.gus.press(line, "Open"))
    for answer in answers:
        assert "Lantern" not in answer.text
    commons = "".join(message.content for message in scene.commons.history)
    assert "Lantern" not in commons + line.content


async def test_a_home_that_is_held_can_be_asked_about(scene: Scene) -> None:
    """The role was taken by hand: /home says how to ask, and a yes gives the place back."""
    role = next(r for r in scene.hearth.server.roles.values() if "Riverside" in r.name)
    await scene.hearth.owner.take_role(scene.kim, role)
    await scene.hearth.settle()
    home = await scene.kim.command("home")
    assert "in the moderators' hands" in home.text
    form = await scene.kim.press(home, "Ask them to look again")
    await scene.kim.fill(form, said="A bot did it.")
    card = await scene.gus.press(await scene.last(scene.moderators), "Open")
    assert "whose role was taken by hand" in card.text
    await scene.gus.fill(await scene.gus.press(card, "Let them back"), answer="")
    await scene.hearth.settle()
    assert scene.kim.sees(scene.room)


async def test_safety_works_while_hearth_is_paused(scene: Scene) -> None:
    """Rows change at once and say so; the rooms follow when it goes on."""
    await scene.hearth.owner.command("hearth pause")
    assert "Hearth is paused here" in (await scene.removed(scene.jo)).text
    locked = await scene.gus.command("safety lock", group="Riverside")
    assert "Hearth is paused here" in locked.text
    form = await scene.jo.press(await scene.jo.command("home"), "Ask them to look again")
    assert "✋ Asked" in (await scene.jo.fill(form, said="Why?")).text
    await scene.hearth.settle()
    assert scene.jo.sees(scene.room)
    await scene.hearth.owner.command("hearth pause")
    await scene.hearth.settle()
    assert not scene.jo.sees(scene.room)
    assert not scene.kim.can_send(scene.room)

"""What members, visitors and hosts are refused: every reason, reached as they would reach it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Group, Visit
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.cogs.full_group import full_group
from tests.conftest import Running

INVISIBLE = "\u200b"
RITUAL = {"title": "Friday paths", "when": "weekly friday 18:00", "prompts": "Which path?"}


async def last(hearth: Running, room: Channel) -> Message:
    """Return the newest message of a room, once everything owed was sent."""
    await hearth.settle()
    return list(room.history)[-1]


async def found(hearth: Running) -> Person:
    """Lena, who lives in Riverside and looks after it."""
    await set_up(hearth, owners_room=await hearth.owner.create_channel("office"))
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Lena, who lives in Riverside and looks after it."""
    return hearth.founded


@pytest.fixture
async def rituals(lena: Person) -> Answer:
    """The list of Riverside's rituals, as Lena sees it."""
    return await lena.press(await lena.command("desk"), "Rituals")


# --- rituals ------------------------------------------------------------------------------------


async def test_a_ritual_that_cannot_be_is_refused_and_kept(lena: Person, rituals: Answer) -> None:
    """One line says what does not fit, ‹Fix it› opens what was typed, and nothing is added."""
    wrong = (
        ("title", INVISIBLE, "Give the ritual a title"),
        ("title", "x" * 61, "That title has 61 characters; 60 fit"),
        ("when", "weekly friday 18:00 blorp", "I don't understand “blorp” in the time"),
        ("when", "weekly 18:00", "Which day? Write it like"),
        ("when", "weekly friday", "At what time? Write it like"),
        ("when", "monthly sunday 17:00", "Which one in the month?"),
        ("when", "weekly last sunday 17:00", "First, second or last belongs to monthly"),
        ("when", "cron 0 18 * *", "`0 18 * *` has 4 parts"),
        ("when", "cron 0 25 * * 5", "I can't read `0 25 * * 5` as a cron line"),
        ("when", "cron 0 18 31 2 *", "`0 18 31 2 *` names a day that never comes"),
        ("when", "cron */5 18 * * 5", "`*/5 18 * * 5` comes more than once a day"),
        ("prompts", INVISIBLE, "A ritual needs at least one prompt"),
        ("prompts", "\n".join(f"Path {n}?" for n in range(61)), "61 prompts are a lot; 60 fit"),
        ("prompts", "y" * 501, f"begins “{'y' * 40}…” has 501 characters; 500 fit"),
        ("pings", "the mayor", "“the mayor” is not something I can ping"),
    )
    kinds = await lena.press(rituals, "Add")
    form = await lena.choose(kinds, "One of our own")
    for part, typed, said in wrong:
        refused = await lena.fill(form, **{**RITUAL, "pings": "", part: typed})
        assert said in refused.text, (part, typed)
        form = await lena.press(refused, "Fix it")
        assert f"{typed[:50]!r}"[1:-1] in str(form.components)
    assert "Friday paths" in (await lena.fill(form, **RITUAL, pings="")).text
    listed = await lena.press(await lena.command("desk"), "Rituals")
    assert listed.choices == ["Friday paths"]


async def test_a_group_has_so_many_rituals(lena: Person, rituals: Answer) -> None:
    """Twenty; the next is kept, and has its place once another went."""
    kinds = await lena.press(rituals, "Add")
    for number in range(20):
        form = await lena.choose(kinds, "One of our own")
        card = await lena.fill(form, **{**RITUAL, "title": f"Path {number}"}, pings="")
        assert f"Path {number}" in card.text
    form = await lena.choose(kinds, "One of our own")
    twice = await lena.fill(form, **{**RITUAL, "title": "PATH 3"}, pings="")
    assert "has a ritual called **PATH 3** already" in twice.text
    refused = await lena.fill(form, **RITUAL, pings="")
    assert "has 20 rituals already" in refused.text
    card, other = [
        await lena.choose(await lena.press(await lena.command("desk"), "Rituals"), "Path 19")
        for _ in range(2)
    ]
    sure = await lena.press(card, "Remove")
    assert "Path 18" in (await lena.press(sure, sure.buttons[0])).choices
    assert "not held any more" in (await lena.press(other, "Start")).text
    form = await lena.press(refused, "Fix it")
    assert "Friday paths" in (await lena.fill(form, **RITUAL, pings="")).text


# --- living together ----------------------------------------------------------------------------


async def test_old_buttons_of_a_room_are_for_those_inside(hearth: Running, lena: Person) -> None:
    """Who left reads nobody's lines with them and writes none; what is down is not taken again."""
    kim = await at_home(hearth, "Kim")
    page = await kim.press(await kim.command("home"), "Who lives here")
    form = await kim.press(page, "Tell who I am")
    told = await kim.fill(form, said="I knit.")
    facing = await lena.press(await lena.command("home"), "Who lives here")
    twice = await lena.press(await lena.command("home"), "Who lives here")
    assert "lines are down" in (await lena.choose(facing, "Kim")).text
    assert "gone already" in (await lena.choose(twice, "Kim")).text
    await kim.press(await kim.command("leave"), "Leave Riverside")
    outside = await kim.press(told, "Who lives here")
    assert "can be read inside the room only" in outside.text
    assert "I knit" not in outside.text
    assert "for those who live here" in (await kim.fill(form, said="I knit well.")).text


# --- visits -------------------------------------------------------------------------------------


async def test_a_visit_that_cannot_be(hearth: Running, lena: Person) -> None:
    """One's own home, a group without visitors, and one whose places are taken."""
    own = await lena.command("visit", group="Riverside")
    assert "**Riverside** is your own home" in own.text
    kim, jo = await hearth.person("Kim"), await hearth.person("Jo")
    await hearth.owner.command("hearth type edit", type="Interest", most_visitors=1)
    assert "is open for you" in (await kim.command("visit", group="Riverside")).text
    full = await jo.command("visit", group="Riverside")
    assert "**Riverside** has 1 visitor, as many as it takes" in full.text
    assert not jo.sees(channel(hearth, "🌊-riverside"))
    await hearth.owner.command("hearth type edit", type="Interest", visits="closed")
    closed = await jo.command("visit", group="Riverside")
    assert "**Riverside** keeps to itself and has no visitors" in closed.text


async def test_a_room_holds_so_many_keys(hearth: Running, lena: Person) -> None:
    """Discord takes a hundred overwrites with a room, fewer than an owner may plan visitors."""
    kim, jo = await hearth.person("Kim"), await hearth.person("Jo")
    movers = [await hearth.person(f"M{number}") for number in range(96)]
    await hearth.settle()
    started = hearth.app.client.clock.now()
    async with hearth.app.database.writing() as session:
        riverside = (await session.scalars(select(Group))).one()
        # As many as moved out of here lately, and may still come in.
        session.add_all(
            Visit(
                server_id=hearth.server.id,
                group_id=riverside.id,
                user_id=mover.id,
                origin="granted",
                started_at=started,
                ends_at=started + timedelta(days=30),
            )
            for mover in movers
        )
    assert "is open for you" in (await kim.command("visit", group="Riverside")).text
    refused = await jo.command("visit", group="Riverside")
    assert "There is no key left for **Riverside**'s room" in refused.text
    await hearth.settle()
    room = channel(hearth, "🌊-riverside")
    assert kim.sees(room)
    assert lena.sees(room)
    assert not jo.sees(room)


# --- homes --------------------------------------------------------------------------------------


async def test_a_seat_that_is_kept_or_held_is_not_left_again(hearth: Running, lena: Person) -> None:
    """Each way to leave says how it stands; and one decision is enough for what is held."""
    await group(hearth, "Millpond", emoji="🦆")
    kim, jo = await at_home(hearth, "Kim"), await at_home(hearth, "Jo")
    sure = await kim.command("leave")
    again = await kim.command("leave")
    assert "kept" in (await kim.press(sure, "Leave Riverside")).text
    assert "You have left **Riverside** already" in (await kim.press(again, "Leave Riverside")).text
    assert "You have left **Riverside** already" in (await kim.command("leave")).text
    role = next(role for role in hearth.server.roles.values() if "Riverside" in role.name)
    sure = await jo.command("leave")
    await hearth.owner.take_role(jo, role)
    await hearth.settle()
    for answer in (
        await jo.press(sure, "Leave Riverside"),
        await jo.command("leave"),
        await jo.command("join", group="Millpond"),
    ):
        assert "in the moderators' hands right now" in answer.text
    line = await last(hearth, channel(hearth, "office"))
    assert "taken away" in line.content
    assert "again" in (await hearth.owner.press(line, "Put back")).text
    for label in ("Put back", "Leave out"):
        late = await hearth.owner.press(line, label)
        assert f"Nothing is held for <@{jo.id}> any more" in late.text
    await hearth.settle()
    assert jo.has(role)
    assert lena.has(role)


async def test_a_request_is_answered_once_and_not_asked_at_once_again(
    hearth: Running, lena: Person
) -> None:
    """Who was told "not now" reads when to ask again; old cards have nothing left to decide."""
    await hearth.owner.command("hearth type edit", type="Interest", entry="request")
    kim = await hearth.person("Kim")
    await kim.command("join", group="Riverside")
    line = await last(hearth, channel(hearth, "office"))
    card, other = [await lena.press(line, "Open") for _ in range(2)]
    assert "finds a kind line" in (await lena.press(card, "Not now")).text
    for label in ("Let in", "Not now"):
        assert "answered or taken back meanwhile" in (await lena.press(other, label)).text
    again = await kim.command("join", group="Riverside")
    assert "can't take you in just now. Ask again from <t:" in again.text
    await hearth.settle()
    assert not kim.sees(channel(hearth, "🌊-riverside"))


async def test_nobody_leaves_where_they_are_not(hearth: Running, lena: Person) -> None:
    """Without a home there is none to leave, and another's group is nothing of one's own."""
    await group(hearth, "Millpond", emoji="🦆")
    kim = await hearth.person("Kim")
    assert "so there is none to leave" in (await kim.command("leave")).text
    elsewhere = await lena.command("leave", group="Millpond")
    assert "You neither live in that group nor visit it" in elsewhere.text
    sure = await kim.command("visit", group="Millpond")
    assert "is open for you" in sure.text
    one, two = [await kim.command("leave", group="Millpond") for _ in range(2)]
    await kim.press(one, one.buttons[0])
    assert "You neither live in that group" in (await kim.press(two, two.buttons[0])).text


@pytest.mark.usefixtures("lena")
async def test_who_is_let_in_is_the_groups_own_matter(hearth: Running) -> None:
    """An old ‹Wait› does not go past a group that asks first; one by invitation takes nobody."""
    owner = hearth.owner
    await owner.command("hearth type edit", type="Interest", cap=10, minimum=5)
    for number in range(9):
        await at_home(hearth, f"P{number}")
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Riverside")
    assert full.buttons[0].startswith("Wait for a seat")
    for entry, said in (
        ("request", "**Riverside** lets people in on request"),
        ("invitation", "**Riverside** is entered by invitation"),
    ):
        await owner.command("hearth type edit", type="Interest", entry=entry)
        assert said in (await kim.press(full, full.buttons[0])).text
    assert "is entered by invitation" in (await kim.command("join", group="Riverside")).text


# --- groups -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("lena")
async def test_a_rest_is_begun_and_ended_once(hearth: Running) -> None:
    """The second press says that it is so already, and how to turn it round."""
    owner = hearth.owner
    for path, said in (
        ("hearth group reopen", "**Riverside** is open already"),
        ("hearth group rest", ""),
        ("hearth group rest", "**Riverside** is resting already"),
    ):
        assert said in (await owner.command(path, group="Riverside")).text
    kim = await hearth.person("Kim")
    assert "so there is nobody to visit" in (await kim.command("visit", group="Riverside")).text
    assert "takes nobody in right now" in (await kim.command("join", group="Riverside")).text
    await owner.command("hearth setup", needs_facilitator=True)
    await group(hearth, "Millpond", emoji="🦆")
    soon = await kim.command("visit", group="Millpond")
    assert "so there is nobody to visit yet" in soon.text


@pytest.mark.usefixtures("lena")
async def test_for_whom_a_group_is_can_be_too_long(hearth: Running) -> None:
    """What stood there stays."""
    long = await hearth.owner.command("hearth group edit", group="Riverside", for_whom="x" * 301)
    assert "“For whom” has 301 characters; 300 fit" in long.text
    card = await hearth.owner.command("groups", find="Riverside")
    assert "xxx" not in card.text


# --- splits -------------------------------------------------------------------------------------


async def shown_out(hearth: Running, people: list[Person]) -> None:
    """Let the owner end somebody's home, at once."""
    for person in people:
        form = await hearth.owner.command("safety remove", user=person)
        assert "has ended" in (await hearth.owner.fill(form, reason="", days="0")).text


@pytest.mark.founded(by=None)
async def test_a_split_that_is_no_longer_needed(hearth: Running) -> None:
    """Three people fewer need no split; who pressed reads so, and then that it is over."""
    village = await full_group(hearth)
    preview, other = [await village.preview() for _ in range(2)]
    await shown_out(hearth, village.people[-2:])
    if "Tell the members" in (answer := await village.lena.press(preview, "Tell the members")).text:
        answer = await village.lena.press(answer, "Tell the members")
    assert "So many have left **Riverside**" in answer.text
    await hearth.advance(timedelta(hours=1))
    assert "no longer open" in (await village.lena.press(other, "Names")).text
    assert "no longer open" in (await village.lena.press(other, "Tell the members")).text
    room = village.room("riverside")
    assert not any("grown too big" in message.content for message in room.history)


@pytest.mark.founded(by=None)
async def test_a_split_that_was_called_off(hearth: Running) -> None:
    """Old buttons choose no half of it, and it is not called off twice."""
    village = await full_group(hearth)
    notice = await village.told()
    place = await village.people[1].press(notice, "Where am I?")
    desks = [
        await village.lena.press(await village.lena.command("desk"), custom_id="split-look:1")
        for _ in range(2)
    ]
    await village.lena.press(desks[0], "Call it off")
    assert "no longer open" in (await village.lena.press(desks[1], "Call it off")).text
    late = await village.people[1].press(place, "I'd rather be with Riverside")
    assert "no longer open" in late.text


@pytest.mark.founded(by=None)
async def test_a_split_that_is_done(hearth: Running) -> None:
    """Nobody chooses or calls it off any more; the neighbours' door stands open without a visit."""
    village = await full_group(hearth)
    notice = await village.told()
    stays, goes, out = village.people[2], village.people[1], village.people[3]
    places = [await person.press(notice, "Where am I?") for person in (stays, out)]
    desk = await village.lena.press(await village.lena.command("desk"), custom_id="split-look:1")
    await shown_out(hearth, [out])
    gone = await out.press(places[1], "I'd rather be with Riverside")
    assert "You don't live in that group, so nothing changes for you" in gone.text
    await hearth.advance(timedelta(days=5))
    assert [role.name for role in goes.roles if "Evening Star" in role.name]
    late = await stays.press(places[0], "I'd rather be with Evening Star")
    assert "You have parted already" in late.text
    assert "You have parted already" in (await village.lena.press(desk, "Call it off")).text
    for person, other in ((stays, "Evening Star"), (goes, "Riverside")):
        answer = await person.command("visit", group=other)
        assert f"**{other}** is your neighbour: its door stands open" in answer.text

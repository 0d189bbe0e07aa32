"""Circles, from Suggest me to a group that people move into by themselves."""

import json
import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.rules.ties import week_of
from models import Circle, CircleMember, CommonsTie, Facilitator, Group, Member, Membership, Server
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NINE = ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay", "Gus", "Hal", "Ivy")


@pytest.fixture
def cogs() -> Sequence[str]:
    """The parts of the conversation that are met here."""
    return (
        *("cogs.home", "cogs.circles", "cogs.owners", "cogs.groups", "cogs.seats", "cogs.visits"),
        *("cogs.privacy", "cogs.signals", "cogs.server_events", "cogs.facilitators", "cogs.desk"),
    )


async def count_commons(hearth: Running) -> Answer:
    """Let the owner have the commons counted."""
    owner = hearth.owner
    asked = await owner.press(await owner.command("hearth discover"), "Count the commons")
    return await owner.press(asked, "Count them, and tell everyone")


async def suggest_me(person: Person) -> Answer:
    """Let somebody press Suggest me, read what it is, and say yes."""
    about = await person.press(await person.command("home"), "Suggest me")
    return await person.press(about, "Yes, suggest me")


async def talk(hearth: Running, people: Sequence[Person]) -> None:
    """Let people answer each other in the commons."""
    room = channel(hearth, "general")
    for turn in range(3):
        said = [await person.write(room, "Hello") for person in people]
        for place, person in enumerate(people):
            await person.write(room, "Yes", reply_to=said[(place + turn + 1) % len(people)])
    await hearth.advance(MINUTE)


async def tied(hearth: Running, people: Sequence[Person]) -> None:
    """Have it that these people want suggestions and have answered each other in the commons."""
    now = hearth.app.clock.now()
    server = {"server_id": hearth.server.id}
    async with hearth.app.database.writing() as session:
        for person in people:
            member = await session.get(Member, (hearth.server.id, person.id))
            if member is None:
                member = Member(**server, user_id=person.id, counted_since=now)
                session.add(member)
            member.suggested_since = now
        week = week_of(int(now.timestamp() * 1000))
        for one, other in combinations(sorted(person.id for person in people), 2):
            session.add(CommonsTie(**server, low_id=one, high_id=other, week=week, weight=6))


async def seated(hearth: Running, names: Sequence[str] = NINE) -> list[Person]:
    """Let people join the server who are tied in the commons, which are counted."""
    await count_commons(hearth)
    people = [await hearth.person(name) for name in names]
    await tied(hearth, people)
    return people


async def found(hearth: Running) -> list[Person]:
    """Nine who talk with each other in the commons, and have no home."""
    await set_up(hearth, owners_room=await hearth.owner.create_channel("owners"))
    return await seated(hearth)


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def nine(hearth: Running) -> list[Person]:
    """Nine who talk with each other in the commons, and have no home."""
    return hearth.founded


async def look(hearth: Running) -> Answer:
    """Let the owner look for circles."""
    return await hearth.owner.press(await hearth.owner.command("hearth discover"), "Look now")


async def form_of(hearth: Running, shown: Answer, size: int = 9, kind: str = "Interest") -> Answer:
    """Let the owner choose the circle of a size and a type; return the form that opens."""
    which = await hearth.owner.choose(shown, f"A circle of {size} people")
    return await hearth.owner.choose(which, kind)


async def form(hearth: Running, size: int = 9, kind: str = "Interest") -> Answer:
    """Let the owner look, and choose as above."""
    return await form_of(hearth, await look(hearth), size, kind)


async def offer(hearth: Running, size: int = 9, kind: str = "Interest", **typed: str) -> Answer:
    """Let the owner offer a circle a group called Lakeside, and everybody be told."""
    opened = await form(hearth, size, kind)
    done = await hearth.owner.fill(opened, **{"name": "Lakeside", **typed})
    assert "is offered to" in done.text, done.text
    await hearth.advance(DAY)
    return done


async def suggestion(person: Person) -> Answer:
    """Let somebody open what they are asked."""
    return await person.press(await person.command("home"), "See the suggestion")


async def say_yes(people: Sequence[Person]) -> None:
    """Let people say that they would move in."""
    for person in people:
        answer = await person.press(await suggestion(person), "Yes, I'd move in")
        assert "Thank you" in answer.text


async def count(hearth: Running, table: type[Any], *which: Any) -> int:
    """Return how many rows a table holds."""
    async with hearth.app.database.reading() as session:
        found = await session.scalar(select(func.count()).select_from(table).where(*which))
    return found or 0


def waits(hearth: Running, people: Sequence[Person]) -> list[Person]:
    """Return who of these was told in the commons that something waits, in that order."""
    said = [m.content for m in channel(hearth, "general").history if "something waits" in m.content]
    by_id = {f"<@{person.id}>": person for person in people}
    return [by_id[line.split(",", 1)[0]] for line in said]


# --- Suggest me -----------------------------------------------------------------------------------


@pytest.mark.founded(by=None)
async def test_from_a_talk_to_a_group(hearth: Running) -> None:
    """People press, talk, are asked, and begin; nobody is moved, and nobody sees who talks."""
    await set_up(hearth, owners_room=await hearth.owner.create_channel("owners"))
    assert "The commons are counted from now on" in (await count_commons(hearth)).text
    await hearth.settle()
    told = next(m for m in channel(hearth, "general").history if "From now on" in m.content)
    people = [await hearth.person(name) for name in NINE]
    about = await people[0].press(told, "Suggest me")
    assert about.ephemeral
    assert "never at what is written" in about.text
    done = await people[0].press(about, "Yes, suggest me")
    assert "From now on I count" in done.text  # being counted begins with it, and is said
    for person in people[1:]:
        await suggest_me(person)
    await talk(hearth, people)
    shown = await look(hearth)
    assert "9 people want to be suggested groups." in shown.text
    assert "**9 people in 1 circle**. How many in it: 9." in shown.text
    await hearth.advance(timedelta(minutes=11))
    answer = await offer(hearth)
    assert "begins once 8 of them would move in" in answer.text
    for seen in (shown, answer):
        assert not re.search(r"<@|\d{17,}", seen.text)  # sizes only, nobody's name
    assert set(waits(hearth, people)) == set(people)
    asked = await suggestion(people[0])
    assert "Lakeside" in asked.text
    assert "What is told here stays here" in asked.text
    helps = await people[0].press(asked, "Yes, and I'd look after it")
    assert "you look after it from the first day" in helps.text
    await say_yes(people[1:8])
    assert "All right" in (await people[8].press(await suggestion(people[8]), "No, thanks")).text
    assert await count(hearth, Group) == 0
    await hearth.advance(MINUTE)
    assert await count(hearth, Group) == 1
    assert await count(hearth, Membership) == 0
    assert await count(hearth, Facilitator, Facilitator.user_id == people[0].id) == 1
    owners = [m.content for m in channel(hearth, "owners").history]
    assert any("**Lakeside** has begun" in line for line in owners)
    for person in people[:8]:
        home = await person.command("home")
        joined = await person.press(home, "Move into Lakeside")
        assert "Welcome home" in joined.text
    assert await count(hearth, Membership) == 8
    assert "Move into Lakeside" not in (await people[8].command("home")).buttons
    shown = await hearth.owner.command("hearth discover")
    assert "**Lakeside** has begun: enough of a circle of 9" in shown.text
    assert "no further circle stands out" in shown.text
    assert "enough people of a circle said yes" in (await hearth.owner.command("hearth log")).text


async def test_suggest_me_is_taken_back(hearth: Running, nine: list[Person]) -> None:
    """What tied somebody to others goes at once, the question too, and others' stays."""
    await offer(hearth)
    ada = nine[0]
    off = await ada.press(await suggestion(ada), "Stop suggesting me")
    assert "what tied you to others in the commons is erased" in off.text
    assert "See the suggestion" not in (await ada.command("home")).buttons
    mine = (CommonsTie.low_id == ada.id) | (CommonsTie.high_id == ada.id)
    assert await count(hearth, CommonsTie, mine) == 0
    assert await count(hearth, CommonsTie) == 28
    assert await count(hearth, CircleMember) == 8
    assert "Do you talk with the same people" in (await ada.press(off, "Suggest me")).text


async def test_who_is_not_counted_is_not_suggested(hearth: Running, nine: list[Person]) -> None:
    """Opting out ends it; the button is gone from /home, and an old one says what to do first."""
    ada = nine[0]
    about = await ada.press(await ada.command("home"), "Stop suggesting me")
    assert "You are suggested groups" in about.text
    await ada.command("privacy opt-out")
    assert "Suggest me" not in (await ada.command("home")).buttons
    assert await count(hearth, Member, Member.suggested_since.is_not(None)) == 8
    told = next(m for m in channel(hearth, "general").history if "From now on" in m.content)
    assert "You asked not to be counted" in (await ada.press(told, "Suggest me")).text


async def test_a_yes_after_opting_out_elsewhere_is_refused(
    hearth: Running, nine: list[Person]
) -> None:
    """The card that was open before says no more than the others."""
    zoe = await hearth.person("Zoe")
    about = await zoe.press(await zoe.command("home"), "Suggest me")
    await zoe.command("privacy opt-out")
    assert "You asked not to be counted" in (await zoe.press(about, "Yes, suggest me")).text
    assert len(nine) == 9


# --- owners ---------------------------------------------------------------------------------------


@pytest.mark.founded(by=None)
async def test_few_people_are_no_figure(hearth: Running) -> None:
    """Below five nobody is counted out loud; everyone can be told, once a month."""
    await set_up(hearth)
    await tied(hearth, [await hearth.person("Ada")])
    shown = await hearth.owner.command("hearth discover")
    open_before = await hearth.owner.command("hearth discover")
    assert "Fewer than five people" in shown.text
    told = await hearth.owner.press(shown, "Tell everyone")
    assert "tells everyone of ‹Suggest me›" in told.text
    await hearth.settle()
    line = next(m for m in channel(hearth, "general").history if "Press the button" in m.content)
    assert not line.mentions
    assert "Tell everyone" not in (await hearth.owner.command("hearth discover")).buttons
    again = await hearth.owner.press(open_before, "Tell everyone")
    assert "not long ago" in again.text


async def test_without_commons_nobody_can_be_told(hearth: Running, nine: list[Person]) -> None:
    """Where their room is gone that is said before anything is offered, told or counted."""
    assert len(nine) == 9
    opened = await form(hearth)
    before = await hearth.owner.command("hearth discover")
    await hearth.owner.press(
        await hearth.owner.command("hearth discover"), "Stop counting the commons"
    )
    async with hearth.app.database.writing() as session:
        (await session.get_one(Server, hearth.server.id)).commons_id = None
    shown = await hearth.owner.command("hearth discover")
    assert "Tell everyone" not in shown.buttons
    asked = await hearth.owner.press(shown, "Count the commons")
    for refused in (
        await hearth.owner.press(before, "Tell everyone"),
        await hearth.owner.press(asked, "Count them, and tell everyone"),
        await hearth.owner.fill(opened),
    ):
        assert "none are set" in refused.text


async def test_commons_that_are_counted_no_longer(hearth: Running, nine: list[Person]) -> None:
    """What was counted there goes; nobody is found by it."""
    assert len(nine) == 9
    shown = await hearth.owner.command("hearth discover")
    done = await hearth.owner.press(shown, "Stop counting the commons")
    assert "is erased" in done.text
    assert await count(hearth, CommonsTie) == 0
    assert "no circle stands out" in (await look(hearth)).text


async def test_looking_again_at_once_is_no_use(hearth: Running, nine: list[Person]) -> None:
    """An owner who presses twice reads when it was looked."""
    assert len(nine) == 9
    shown = await look(hearth)
    assert "ties hardly change" in (await hearth.owner.press(shown, "Look now")).text
    await hearth.advance(timedelta(minutes=11))
    assert "1 circle" in (await hearth.owner.press(shown, "Look now")).text


async def test_owners_only(hearth: Running, nine: list[Person]) -> None:
    """Whoever is no owner is not offered it; a card that an owner left open is of no use."""
    with pytest.raises(PermissionError):
        await nine[0].command("hearth discover")
    shown = await look(hearth)
    opened = await form_of(hearth, await hearth.owner.command("hearth discover"))
    server = hearth.server
    server.owner_id = nine[0].id
    for label in ("Look now", "Tell everyone", "Stop counting the commons"):
        refused = await hearth.owner.press(shown, label)
        assert "for the owners" in refused.text, refused.text
    for refused in (
        await hearth.owner.choose(shown, "A circle of 9 people"),
        await hearth.owner.fill(opened),
    ):
        assert "for the owners" in refused.text, refused.text


async def test_a_refused_text_is_kept(hearth: Running, nine: list[Person]) -> None:
    """A name that is taken, norms that are too few: mended in the form, filled as it was."""
    assert len(nine) == 9
    await group(hearth, "Riverside")
    opened = await form(hearth)
    refused = await hearth.owner.fill(opened, name="riverside", purpose="We meet every morning.")
    assert "another group" in refused.text.lower() or "already" in refused.text
    again = await hearth.owner.press(refused, "Fix it")
    assert "We meet every morning." in str(again.modal)
    few = await hearth.owner.fill(again, name="Lakeside", norms="Be kind")
    assert "Fix it" in few.buttons
    mended = await hearth.owner.press(few, "Fix it")
    done = await hearth.owner.fill(mended, norms="Be kind\nSay hello\nAsk first")
    assert "**Lakeside** is offered to 9 people" in done.text
    other = await hearth.owner.command("hearth group create", name="Lakeside", type="Interest")
    assert other.kind == "modal" or "made" not in other.text


async def test_offers_that_cannot_be(hearth: Running, nine: list[Person]) -> None:
    """Offered already, gone, the type changed, people changed their mind, no type at all."""
    opened = await form(hearth)
    which, open_before = [
        await hearth.owner.choose(
            await hearth.owner.command("hearth discover"), "A circle of 9 people"
        )
        for _ in range(2)
    ]
    await hearth.owner.command("hearth type edit", type="Interest", minimum=10)
    assert "doesn't fit this circle any more" in (await hearth.owner.fill(opened)).text
    await hearth.owner.command("hearth type edit", type="Interest", minimum=9)
    for person in nine[:2]:
        about = await person.press(await person.command("home"), "Stop suggesting me")
        await person.press(about, "Stop suggesting me")
    assert "changed their mind" in (await hearth.owner.fill(opened)).text
    await hearth.owner.fill(await hearth.owner.choose(which, "Our own"), name="Lakeside")
    assert "offered a group already" in (await hearth.owner.fill(opened)).text
    await hearth.advance(timedelta(days=15))
    assert "no longer there" in (await hearth.owner.choose(open_before, "Our own")).text


@pytest.mark.founded(by=None)
async def test_a_circle_that_no_type_takes(hearth: Running) -> None:
    """Five people, and every type begins with more; identity groups and unlisted ones never."""
    await set_up(hearth)
    await seated(hearth, NINE[:5])
    for kind in ("Experience", "Our own"):
        await hearth.owner.command("hearth type edit", type=kind, minimum=6)
    listed = await hearth.owner.command("hearth type list")
    assert "Identity" in listed.text
    which = await hearth.owner.choose(await look(hearth), "A circle of 5 people")
    assert "No type of group here takes 5 people" in which.text


# --- answers --------------------------------------------------------------------------------------


async def test_too_few_yeses_change_nothing(hearth: Running, nine: list[Person]) -> None:
    """Who said yes is thanked, the owners hear of it, nobody else of anything."""
    await offer(hearth)
    await say_yes(nine[:3])
    shown = await hearth.owner.command("hearth discover")
    assert "fewer than five said yes so far" in shown.text
    await hearth.advance(timedelta(days=14))
    assert await count(hearth, Group) == 0
    ada, gus = nine[0], nine[6]
    home = await ada.command("home")
    assert "**Lakeside** didn't come together this time" in home.text
    await ada.press(home, "All right")
    assert "Lakeside" not in (await ada.command("home")).text
    assert "Lakeside" not in (await gus.command("home")).text
    owners = [m.content for m in channel(hearth, "owners").history]
    assert any("**Lakeside** didn't come together" in line for line in owners)
    assert "too few of 9 said yes" in (await hearth.owner.command("hearth discover")).text
    # Who said nothing is left in peace; the three are too few for another circle.
    assert "no circle stands out" in (await look(hearth)).text


async def test_an_old_suggestion_is_over(hearth: Running, nine: list[Person]) -> None:
    """Pressed after its end, by somebody it was never for, or changed in time."""
    await offer(hearth)
    ada, bo = nine[:2]
    card, late_one = await suggestion(ada), await suggestion(ada)
    theirs, other = await suggestion(bo), await suggestion(bo)
    said = await ada.press(card, "No, thanks")
    card = await ada.press(said, "See it again")
    assert "You said no." in card.text
    said = await ada.press(card, "Yes, I'd move in")
    card = await ada.press(await ada.command("home"), "See it again")
    assert "You said yes." in card.text
    await bo.press(other, "Stop suggesting me")
    late = await bo.press(theirs, "Yes, I'd move in")
    assert "no such suggestion for you" in late.text
    await hearth.advance(timedelta(days=14))
    assert "That suggestion is over" in (await ada.press(late_one, "No, thanks")).text


async def test_an_offer_that_is_called_off(hearth: Running, nine: list[Person]) -> None:
    """Lines that were not sent are taken back; who said yes reads that nothing came of it."""
    done = await hearth.owner.fill(await form(hearth), name="Lakeside")
    await hearth.advance(timedelta(hours=6))
    told = waits(hearth, nine)
    assert 0 < len(told) < 9  # a few at a time, over a day
    await say_yes(told[:1])
    shown = await hearth.owner.press(done, "Back to circles")
    open_before = await hearth.owner.command("hearth discover")
    off = await hearth.owner.press(shown, "Call off: Lakeside")
    assert "**Lakeside** is no longer offered" in off.text
    await hearth.advance(2 * DAY)
    assert waits(hearth, nine) == told
    assert "didn't come together" in (await told[0].command("home")).text
    again = await hearth.owner.press(open_before, "Call off: Lakeside")
    assert "no longer there" in again.text
    log = (await hearth.owner.command("hearth log")).text
    assert "called off the offer of **Lakeside**" in log


@pytest.mark.founded(by=None)
async def test_a_large_server_asks_many_circles_at_once(hearth: Running) -> None:
    """However many: Discord takes the card, and any of the offers can be ended."""
    await set_up(hearth)
    now = hearth.app.clock.now()
    here = {"server_id": hearth.server.id, "size": 9, "found_at": now, "by_user_id": 1}
    offered = {"state": "offered", "offered_at": now, "ends_at": now + 14 * DAY}
    async with hearth.app.database.writing() as session:
        for number in range(30):
            name = f"{'*' * 50} {number}"
            said = json.dumps({"name": name, "purpose": "To meet."})
            session.add(Circle(**here, **offered, charter=said))
            session.add(Circle(server_id=hearth.server.id, size=5, state="found", found_at=now))
    shown = await hearth.owner.command("hearth discover")
    assert "and 20 more circles that were asked" in shown.text
    assert "shown to nobody" in shown.text
    off = await hearth.owner.choose(shown, f"{'*' * 50} 3", custom_id="circle-off-one")
    assert "is no longer offered" in off.text
    async with hearth.app.database.reading() as session:
        over = (await session.scalars(select(Circle).where(Circle.state == "over"))).one()
    assert "* 3" in str(over.charter)


async def test_late_yeses_are_asked_in_until_nobody_is(hearth: Running, nine: list[Person]) -> None:
    """The group is there; who says yes now has an invitation within a minute."""
    await offer(hearth, kind="Our own")
    await say_yes(nine[:5])
    await hearth.advance(MINUTE)
    gus, hal = nine[6], nine[7]
    card = await suggestion(gus)
    assert "This group has just begun" in card.text
    said = await gus.press(card, "Yes, I'd move in")
    assert "Your invitation is in /home within a minute" in said.text
    await hearth.advance(MINUTE)
    assert "Move into Lakeside" in (await gus.command("home")).buttons
    shown = await hearth.owner.command("hearth discover")
    stopped = await hearth.owner.press(shown, "Ask nobody further: Lakeside")
    assert "nobody further is asked" in stopped.text
    assert "See the suggestion" not in (await hal.command("home")).buttons


@pytest.mark.founded(by=None)
async def test_a_group_that_waits_for_somebody_to_look_after_it(hearth: Running) -> None:
    """Where the server wants that, it begins closed; people are asked in once it opens."""
    owners = await hearth.owner.create_channel("owners")
    await set_up(hearth, needs_facilitator=True, owners_room=owners)
    people = await seated(hearth)
    await offer(hearth, kind="Our own")
    await say_yes(people[:5])
    await hearth.advance(MINUTE)
    assert (
        "waits for somebody to look after it"
        in (await hearth.owner.command("hearth discover")).text
    )
    assert any("It waits for somebody" in m.content for m in owners.history)
    ada = people[0]
    assert "Move into Lakeside" not in (await ada.command("home")).buttons
    await hearth.owner.command("hearth facilitator ask", group="Lakeside", user=ada)
    await hearth.settle()
    question = await ada.press(await ada.command("home"), "A question for you")
    await ada.press(question, "Yes, gladly")
    await hearth.advance(MINUTE)
    assert "Move into Lakeside" in (await ada.command("home")).buttons


@pytest.mark.founded(by=None)
async def test_whoever_lives_somewhere_reads_what_ends(hearth: Running) -> None:
    """A move obeys what holds for every move: who moved lately is no help to begin it yet."""
    await set_up(hearth)
    await group(hearth, "Riverside")
    await group(hearth, "Millpond")
    ada = await at_home(hearth, "Ada")
    await hearth.advance(timedelta(days=15))
    for name in ("Millpond", "Riverside"):
        moving = await ada.command("join", group=name)
        if name == "Millpond":
            await ada.press(moving, "Move to Millpond")
    await count_commons(hearth)
    others = [await hearth.person(name) for name in NINE[1:5]]
    await tied(hearth, [ada, *others])
    await offer(hearth, size=5, kind="Our own")
    card = await suggestion(ada)
    assert "You live in **Millpond** now" in card.text
    assert "You can move again from" in card.text
    said = await ada.press(card, "Yes, I'd move in")
    assert "doesn't help to begin it" in said.text
    await say_yes(others)
    await hearth.advance(MINUTE)
    assert await count(hearth, Group) == 2
    async with hearth.app.database.writing() as session:
        member = await session.get_one(Member, (hearth.server.id, ada.id))
        member.free_move = True
    await hearth.advance(MINUTE)
    assert await count(hearth, Group) == 3

"""A cohort that reaches its last day, and a group that its facilitators give one."""

from datetime import timedelta

from sqlalchemy import select

from models import Group, GroupType, Member
from sandbox.state import Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

ROOM = "🌊-riverside"


async def lasts(hearth: Running, days: int) -> None:
    """Let groups of the type Interest live for so many days."""
    async with hearth.app.client.database.writing() as session:
        for type_ in await session.scalars(select(GroupType).where(GroupType.name == "Interest")):
            type_.lasts_days = days


async def row(hearth: Running, name: str = "Riverside") -> Group:
    """Return a group's row."""
    async with hearth.app.client.database.reading() as session:
        return (await session.scalars(select(Group).where(Group.name == name))).one()


def lines(hearth: Running, having: str) -> list[Message]:
    """Return the messages of Riverside's room that hold these words."""
    return [m for m in channel(hearth, ROOM).history if having in m.content]


async def test_a_cohort_reaches_its_last_day(hearth: Running) -> None:
    """Said a week before and on the day; then the room is read, and everybody has a way on."""
    await set_up(hearth)
    await lasts(hearth, 20)
    await group(hearth)
    await lasts(hearth, 90)
    await group(hearth, "Millpond", emoji="🪷")
    kim, jo = await at_home(hearth, "Kim"), await at_home(hearth, "Jo")
    vera = await hearth.person("Vera")
    room = channel(hearth, ROOM)
    ends = (await row(hearth)).closes_at
    assert ends is not None
    await hearth.advance(ends - timedelta(days=8))
    assert lines(hearth, "One more week") == []
    await hearth.advance(ends - timedelta(days=6, hours=23))
    (week,) = lines(hearth, "One more week")
    assert "whom do you want to thank?" in week.content
    then = await kim.press(week, "What happens then?")
    assert "Nothing is deleted" in then.text
    assert "is the last day of **Riverside**, your home" in (await kim.command("home")).text
    await hearth.advance(ends - timedelta(hours=10))
    assert len(lines(hearth, "Today is **Riverside**'s last day.")) == 1
    assert jo.can_send(room)
    desk = await hearth.owner.command("desk", group="Riverside")
    await hearth.advance(ends + timedelta(minutes=2))
    (over,) = lines(hearth, "has come to its end")
    assert (await row(hearth)).state == "archived"
    assert "has come to its end" in (await hearth.owner.press(desk, "Together")).text
    assert "Together" not in (await hearth.owner.command("desk", group="Riverside")).buttons
    assert kim.sees(room)
    assert not kim.can_send(room)
    assert "has come to its end" in (await vera.command("join", group="Riverside")).text
    assert "has come to its end" in (await vera.command("visit", group="Riverside")).text
    home = await kim.command("home")
    assert "your home, has come to its end" in home.text
    for where in (home, over):
        suggested = await kim.press(where, "Where next?")
        assert "**Millpond**" in suggested.text
        assert "Live in Millpond" in suggested.buttons
    async with hearth.app.client.database.reading() as session:
        member = await session.get_one(Member, (hearth.server.id, kim.id))
    assert member.free_move
    sure = await kim.press(suggested, "Live in Millpond")
    moved = await kim.press(sure, sure.buttons[0])
    assert "Millpond" in moved.text
    await hearth.settle()
    assert channel(hearth, "🪷-millpond")
    assert kim.can_send(channel(hearth, "🪷-millpond"))
    refused = await vera.press(await vera.command("groups", find="Riverside"), "All groups")
    assert refused.text
    # Nothing is said twice, however long the room stays.
    await hearth.advance(ends + timedelta(days=30))
    assert len(lines(hearth, "has come to its end")) == 1


async def test_the_archive_gives_a_group_back(hearth: Running) -> None:
    """Owners take it out; it goes on without a last day, and people can write again."""
    await set_up(hearth)
    await lasts(hearth, 10)
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    await hearth.advance(timedelta(days=12))
    room = channel(hearth, ROOM)
    assert not kim.can_send(room)
    archived = await hearth.owner.command("hearth group rest", group="Riverside")
    assert "stands in the archive" in archived.text
    desk = await hearth.owner.command("desk", group="Riverside")
    assert "has come to its end" in desk.text
    assert "Growth" not in desk.buttons
    assert "Invite" not in (await hearth.owner.press(desk, "People")).buttons
    assert "Charter" in (await desk_page(hearth.owner, "Room", group="Riverside")).buttons
    again = await hearth.owner.command("hearth group reopen", group="Riverside")
    assert "is open again" in again.text
    await hearth.settle()
    assert kim.can_send(room)
    found = await row(hearth)
    assert (found.state, found.closes_at, found.archived_at) == ("open", None, None)
    await at_home(hearth, "Jo")


async def test_facilitators_set_a_last_day(hearth: Running) -> None:
    """As people write it, with a refusal for what is no day; empty takes it off again."""
    await set_up(hearth, time_zone="Berlin")
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    card = await lena.press(await desk_page(lena, "Room"), "Charter")
    for typed, line in (
        ("whenever", "I don't know that day."),
        ("tomorrow", "at least two days ahead"),
        ("2027-12-24", "at most a year ahead"),
    ):
        form = await lena.press(card, "Last day")
        assert line in (await lena.fill(form, day=typed)).text
    said = await lena.fill(await lena.press(card, "Last day"), day="24 July")
    assert "The last day of **Riverside** is <t:" in said.text
    card = await lena.press(await desk_page(lena, "Room"), "Charter")
    assert "Its last day: <t:" in card.text
    form = await lena.press(card, "Last day")
    assert "2026-07-24" in str(form.components)
    await hearth.advance(timedelta(days=143))  # 23 July, noon
    week = lines(hearth, "One more week")[-1]
    form = await lena.press(card, "Last day")
    assert "it goes on" in (await lena.fill(form, day="")).text
    assert (await row(hearth)).closes_at is None
    gone = await lena.press(week, "What happens then?")
    assert "has no last day any more" in gone.text
    await hearth.advance(timedelta(days=3))
    assert (await row(hearth)).state == "open"


async def test_the_way_on_is_for_those_whose_home_it_is(hearth: Running) -> None:
    """A visitor of the last days reads where to find a home of their own."""
    await set_up(hearth)
    await lasts(hearth, 10)
    await group(hearth)
    await at_home(hearth, "Kim")
    vera = await hearth.person("Vera")
    await vera.command("visit", group="Riverside")
    await hearth.advance(timedelta(days=11))
    (over,) = lines(hearth, "has come to its end")
    assert "for those whose home is here" in (await vera.press(over, "Where next?")).text

"""Gatherings in the room: who comes, who waits, who is reminded, who was there."""

from datetime import timedelta
from typing import Any, cast

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from models import Door, Gathering, GatheringAnswer, GatheringDate, Group, Membership
from sandbox.state import Message
from tests.cogs.founding import at_home, group
from tests.cogs.gathering_town import DAY, HOUR, MINUTE, Town, town_of
from tests.conftest import Running

pytestmark = pytest.mark.founded(by=town_of)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Riverside, with people."""
    return hearth.founded


def mentioned(message: Message) -> set[int]:
    """Return whom a message mentions."""
    return {user.id for user in message.mentions}


async def test_yes_maybe_and_no(town: Town) -> None:
    """Yes is seen by all, maybe is a number, a no is seen by nobody; each can be taken back."""
    post = await town.announced()
    assert "**Lake walk**" in post.content
    assert "Bring boots." in post.content
    assert f"Hosted by <@{town['Lena'].id}>" in post.content
    assert "You're coming to **Lake walk**" in (await town.says("Kim", post)).text
    assert "maybe" in (await town.says("Jo", post, "Maybe")).text
    assert "Nobody is told" in (await town.says("Mo", post, "Not this time")).text
    seen = await town.says("Lena", post, "Details")
    assert f"2 come: <@{town['Lena'].id}> <@{town['Kim'].id}>" in seen.text
    assert "1 says maybe" in seen.text
    assert f"<@{town['Mo'].id}>" not in seen.text
    assert (
        "You said not this time; only you see that."
        in (await town.says("Mo", post, "Details")).text
    )
    await town.says("Kim", post, "Maybe")
    assert "1 comes" in (await town.says("Lena", post, "Details")).text


async def test_the_waiting_list_moves_in_order(town: Town) -> None:
    """Full is full; a seat goes to who waited longest, who reads it at /home."""
    post = await town.announced(most="2")
    await town.says("Kim", post)
    assert "You're number 1 in line" in (await town.says("Jo", post)).text
    waits = await town.says("Mo", post)
    assert "You're number 2 in line" in waits.text
    assert (
        "I'll mention you" in (await town["Mo"].press(waits, "Mention me when a seat is free")).text
    )
    assert "2 wait for a seat" in (await town.says("Lena", post, "Details")).text
    assert "wait for a seat" not in (await town.says("Kim", post, "Details")).text
    before = len(await town.heard())
    await town.says("Kim", post, "Not this time")
    assert len(await town.heard()) == before  # Jo did not ask to be mentioned
    card = await town["Jo"].command("home")
    assert "A seat came free for you at **Lake walk**" in card.text
    assert "You're coming." in (await town["Jo"].press(card, "Details")).text
    assert "A seat came free" not in (await town["Jo"].command("home")).text
    await town.says("Jo", post, "Maybe")
    line = await town.last()
    assert f"<@{town['Mo'].id}>, a seat came free" in line.content
    assert mentioned(line) == {town["Mo"].id}
    assert "You're number 1 in line" in (await town.says("Kim", post)).text


async def test_who_leaves_gives_the_seat_up(town: Town) -> None:
    """Within the hour, whoever waits has it; what the leaver said is gone."""
    post = await town.announced(most="2")
    await town.says("Kim", post)
    await town.says("Jo", post)
    sure = await town["Kim"].command("leave")
    await town["Kim"].press(sure, "Leave Riverside")
    await town.hearth.advance(HOUR)
    assert "You're coming." in (await town.says("Jo", post, "Details")).text
    refused = await town["Kim"].command("home")
    assert "Lake walk" not in refused.text


async def test_reminders_are_for_those_who_come(town: Town) -> None:
    """An hour before, in the room; the day before only for who pressed for it."""
    post = await town.announced()
    yes = await town.says("Kim", post)
    await town.says("Jo", post)
    await town.says("Mo", post, "Maybe")
    on = await town["Kim"].press(yes, "Remind me the day before")
    assert "also remind you the day before" in on.text
    await town.until_friday(before=DAY - MINUTE)
    early = await town.last()
    assert "Tomorrow: **Lake walk**" in early.content
    assert mentioned(early) == {town["Kim"].id}
    await town.until_friday(before=HOUR - MINUTE)
    hour = await town.last()
    assert "begins" in hour.content
    assert mentioned(hour) == {town[name].id for name in ("Lena", "Kim", "Jo")}
    assert not hour.flags & 1 << 12  # it notifies
    count = len(await town.heard())
    await town.hearth.advance(30 * MINUTE)
    assert len(await town.heard()) == count


async def test_a_reminder_that_was_taken_back(town: Town) -> None:
    """Pressed twice is not pressed; who does not come is not reminded either."""
    post = await town.announced()
    yes = await town.says("Kim", post)
    on = await town["Kim"].press(yes, "Remind me the day before")
    off = await town["Kim"].press(on, "No reminder the day before")
    assert "no reminder the day before" in off.text
    count = len(await town.heard())
    await town.until_friday(before=DAY - MINUTE)
    assert len(await town.heard()) == count
    late = await town["Kim"].press(yes, "Remind me the day before")
    assert "less than a day away" in late.text
    await town.says("Kim", post, "Not this time")
    first = await town["Kim"].press(yes, "Remind me the day before")
    assert "Press ‹I'm coming› first" in first.text


async def test_who_came_and_the_look_back(town: Town) -> None:
    """Each for themselves, from half an hour before to a day after; then a thread for a line."""
    for name in ("Ada", "Bo"):
        town.people[name] = await at_home(town.hearth, name)
    post = await town.announced()
    for name in ("Kim", "Jo", "Mo", "Ada"):
        await town.says(name, post)
    await town.until_friday(before=HOUR - MINUTE)
    hour = await town.last()
    early = await town.says("Kim", hour, "I'm here")
    assert "It hasn't begun yet" in early.text
    await town.until_friday(before=20 * MINUTE)
    for name in ("Kim", "Jo", "Ada", "Lena"):
        assert "Good to have you" in (await town.says(name, hour, "I'm here")).text
    await town.hearth.advance(HOUR)
    begun = await town.says("Mo", post)
    assert "has begun" in begun.text
    await town.hearth.advance(3 * HOUR)
    card = await town.says("Bo", post, "Details")
    assert "I was there" in card.buttons
    await town["Bo"].press(card, "I was there")
    await town.hearth.advance(DAY)
    back = await town.last()
    assert "is over, and 5 of you were there" in back.content
    assert town.hearth.server.threads[back.id].name == "After Lake walk"
    late = await town.says("Mo", hour, "I'm here")
    assert "over for more than a day" in late.text
    over = await town.says("Kim", post, "Details")
    assert "It is over." in over.text
    assert "**Lake walk** is over" in (await town.says("Mo", post)).text
    assert "Nothing is planned after that" in (await town.says("Mo", back, "What's next?")).text
    await town.says("Kim", back, "What's next?")


async def test_fewer_than_five_are_no_number(town: Town) -> None:
    """Thanks, and no number; where nobody but the host said anything, nothing at all."""
    post = await town.announced()
    await town.says("Kim", post)
    await town.until_friday(before=-2 * HOUR - DAY - MINUTE)
    back = await town.last()
    assert "Thank you to everybody who was there" in back.content
    count = len(await town.heard())
    await town.announced(what="Empty room", when="friday 18:00")
    await town.hearth.advance(5 * DAY)
    await town.until_friday(before=-2 * HOUR - DAY - MINUTE)
    said = [line for line in await town.heard() if "Empty room" in line]
    assert not any("is over" in line for line in said), said
    assert len(await town.heard()) > count


async def test_a_calendar_file(town: Town) -> None:
    """With the series, for who is inside; another program reads it."""
    post = await town.announced("weekly", where="https://example.org/room")
    answer = await town["Kim"].press(await town.says("Kim", post), "Calendar file")
    (file,) = answer.attachments
    assert file["filename"] == "calendar.ics"
    content = cast("Any", Calendar).from_ical(answer.opened(file))
    (event,) = content.walk("VEVENT")
    assert str(event["LOCATION"]) == "https://example.org/room"
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]


async def test_a_link_is_only_behind_the_button(town: Town) -> None:
    """The room reads that it is online; who is inside and asks reads where."""
    post = await town.announced(where="https://example.org/room")
    assert "example.org" not in post.content
    assert "<https://example.org/room>" in (await town.says("Kim", post, "Details")).text


async def test_who_is_not_inside_learns_nothing(town: Town) -> None:
    """Neither what it is nor when; whatever they press."""
    await town.announced()
    zoe = await town.hearth.person("Zoe")
    for press in ("yes:1", "maybe:1", "no:1", "look:1", "here:1", "early:1", "tell:1", "file:1"):
        answer = await town.presses(zoe, f"gathering-{press}")
        assert "for those who live in this group or visit it" in answer.text, press
    for press in ("take:1", "next:1"):
        answer = await town.presses(zoe, f"gathering-{press}")
        assert "for those who live in this group or visit it" in answer.text, press
    for press in ("yes:99", "next:99", "take:99", "plan:99"):
        answer = await town.presses(zoe, f"gathering-{press}")
        assert "isn't planned any more" in answer.text, press


async def test_visitors_come_and_do_not_host(town: Town) -> None:
    """A visitor may come along; hosting is for who lives there."""
    post = await town.announced()
    await group(town.hearth, "Millpond")
    zoe = await at_home(town.hearth, "Zoe", "Millpond")
    await zoe.command("visit", group="Riverside")
    await town.hearth.settle()
    assert "You're coming" in (await zoe.press(post, "I'm coming")).text
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(Gathering).values(host_id=None))
    refused = await town.presses(zoe, "gathering-take:1")
    assert "for those who live in this group" in refused.text


async def test_a_host_who_left_is_asked_for(town: Town) -> None:
    """The room is asked; who says yes hosts, and comes."""
    await _kim_hosts(town)
    sure = await town["Kim"].command("leave")
    await town["Kim"].press(sure, "Leave Riverside")
    await town.hearth.advance(HOUR)
    question = await town.last()
    assert "nobody to host it any more" in question.content
    assert "**Tea** has nobody to host it." in (await town["Lena"].command("desk")).text
    assert "you host **Tea** now" in (await town.says("Jo", question, "I'll host it")).text
    assert f"<@{town['Jo'].id}> hosts **Tea** now" in (await town.last()).content
    again = await town.says("Mo", question, "I'll host it")
    assert f"<@{town['Jo'].id}> hosts it already" in again.text
    await town.hearth.advance(HOUR)
    assert "nobody to host" not in (await town.last()).content


async def test_without_a_host_it_is_called_off_a_day_before(town: Town) -> None:
    """Who said yes hears of it, and nobody is reminded of what is not held."""
    post = await _kim_hosts(town)
    await town.says("Mo", post)
    sure = await town["Kim"].command("leave")
    await town["Kim"].press(sure, "Leave Riverside")
    await town.hearth.advance(HOUR)
    await town.until_friday(before=DAY - MINUTE)
    off = await town.last()
    assert "nobody was left to host it" in off.content
    assert mentioned(off) == {town["Mo"].id}
    assert "is called off" in (await town.says("Jo", post)).text
    await town.until_friday(before=MINUTE)
    assert (await town.last()).id == off.id


async def test_a_room_that_has_ended(town: Town) -> None:
    """What was planned there is off; in a locked room nobody is called together."""
    post = await town.announced()
    await town.says("Kim", post)
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(Group).values(locked_at=town.hearth.app.clock.now()))
    count = len(await town.heard())
    await town.until_friday(before=HOUR - MINUTE)
    assert len(await town.heard()) == count
    refused = await town["Lena"].press(await town.draft(when="next friday 18:00"), "Announce it")
    assert "locked" in refused.text
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(Group).values(locked_at=None))
    post = await town.announced(when="next friday 18:00")
    async with town.hearth.app.client.database.writing() as session:
        now = town.hearth.app.clock.now()
        await session.execute(update(Group).values(state="archived", archived_at=now))
    await town.hearth.advance(HOUR)
    assert "because the group has ended" in (await town.last()).content
    assert "is called off" in (await town.says("Kim", post)).text


async def test_what_was_missed_is_not_made_up_for(town: Town) -> None:
    """While Hearth is paused nobody is reminded, and what is long over is closed without a word."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    await town.hearth.owner.command("hearth pause")
    count = len(await town.heard())
    await town.hearth.advance(9 * DAY)
    assert len(await town.heard()) == count
    await town.hearth.owner.command("hearth pause")
    await town.hearth.advance(2 * MINUTE)
    heard = await town.heard()
    assert not any("is over" in line or "begins" in line for line in heard), heard
    async with town.hearth.app.client.database.reading() as session:
        rows = (await session.scalars(select(GatheringDate).order_by(GatheringDate.id))).all()
    assert [(row.local_moment, row.state) for row in rows] == [
        ("2026-03-06T18:00", "over"),
        ("2026-03-13T18:00", "open"),
    ]


async def test_doors_let_neighbours_come(town: Town) -> None:
    """Who comes by a sibling's door may say yes; when it shuts, their seat moves on."""
    post = await town.announced(most="2")
    await group(town.hearth, "Millpond")
    zoe = await at_home(town.hearth, "Zoe", "Millpond")
    now = town.hearth.app.clock.now()
    async with town.hearth.app.client.database.writing() as session:
        home = await session.get_one(Membership, (zoe.server.id, zoe.id))
        riverside = await session.scalar(select(Group.id).where(Group.name == "Riverside"))
        session.add(
            Door(
                server_id=zoe.server.id,
                group_id=riverside,
                for_group_id=home.group_id,
                closes_at=now + timedelta(hours=5),
            )
        )
    await town.hearth.advance(MINUTE)
    assert "You're coming" in (await zoe.press(post, "I'm coming")).text
    assert "in line" in (await town.says("Jo", post)).text
    await town.hearth.advance(6 * HOUR)
    assert "You're coming." in (await town.says("Jo", post, "Details")).text


async def test_being_forgotten_leaves_no_name(town: Town) -> None:
    """Their answers and proposals go; what they hosted asks for somebody else."""
    post = await _kim_hosts(town)
    await town.says("Jo", post)
    await _propose(town, "Jo")
    for name in ("Jo", "Kim"):
        sure = await town[name].command("privacy forget")
        done = await town[name].press(sure, sure.buttons[0])
        assert "erased" in done.text.lower(), done.text
    async with town.hearth.app.client.database.reading() as session:
        hosts = (await session.scalars(select(Gathering.host_id))).all()
        people = set(await session.scalars(select(GatheringAnswer.user_id)))
    assert list(hosts) == [None]
    assert not people & {town["Jo"].id, town["Kim"].id}


async def test_a_post_that_somebody_deleted(town: Town) -> None:
    """The gathering goes on: it stands under ‹Together›, and its reminder comes."""
    post = await town.announced()
    await town.says("Kim", post)
    await town.hearth.owner.delete(post)
    await town.hearth.advance(HOUR)
    card = await town["Jo"].press(await town["Jo"].command("home"), "Together")
    look = await town["Jo"].press(card, "Lake walk")
    assert "You're coming" in (await town["Jo"].press(look, "I'm coming")).text
    await town.until_friday(before=HOUR - MINUTE)
    assert mentioned(await town.last()) == {town[name].id for name in ("Lena", "Kim", "Jo")}


async def _propose(town: Town, who: str) -> None:
    card = await town[who].press(await town[who].command("home"), "Together")
    form = await town[who].press(card, "Propose a gathering")
    done = await town[who].fill(form, what="Tea", when="friday 18:00", where="", long="", most="")
    assert "waits for those who look after the group" in done.text


async def _kim_hosts(town: Town) -> Message:
    """Let Kim propose a gathering and Lena announce it."""
    await _propose(town, "Kim")
    desk = await town["Lena"].command("desk")
    assert f"<@{town['Kim'].id}> proposes a gathering: **Tea**." in desk.text
    plan = await town["Lena"].press(desk, "Look at it")
    await town["Lena"].press(plan, "Announce it")
    return await town.last()

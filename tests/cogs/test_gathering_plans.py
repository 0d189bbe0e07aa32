"""Gatherings at the desk: planned, proposed, changed, moved, left out, called off."""

import pytest
from sqlalchemy import select, update

from models import Gathering, GatheringDate, Group, GroupType
from sandbox.answers import Answer
from sandbox.state import ChannelType, Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group
from tests.cogs.gathering_town import DAY, HOUR, WALK, Town, town_of
from tests.conftest import Running

pytestmark = pytest.mark.founded(by=town_of)


@pytest.fixture
def town(hearth: Running) -> Town:
    """Riverside, with people."""
    return hearth.founded


async def test_nothing_typed_is_lost(town: Town) -> None:
    """A form that does not fit is kept, and opens filled."""
    refused = await town.draft(when="friday", most="12")
    assert "At what time?" in refused.text
    form = await town["Lena"].press(refused, "Fix it")
    assert "Bring boots." in str(form.components)
    plan = await town["Lena"].fill(form, **{**WALK, "most": "12"})
    assert "nobody sees it until you announce it" in plan.text
    assert "12 can come" in plan.text
    assert await town.heard() == []
    fresh = await town.form()
    assert "Bring boots." not in str(fresh.components)


async def test_a_draft_is_changed_and_removed(town: Town) -> None:
    """Until it is announced all of it can be changed, and nobody hears of it."""
    plan = await town.draft()
    form = await town["Lena"].press(plan, "Edit")
    plan = await town["Lena"].fill(
        form, what="Tea", when="saturday 10:00 Lisbon", where="", long="30 min", most=""
    )
    assert "**Tea**" in plan.text
    assert "30 min" in plan.text
    weekly = await town["Lena"].choose(plan, "weekly")
    assert "every week" in weekly.text
    until = await town["Lena"].press(weekly, "Until when?")
    refused = await town["Lena"].fill(until, until="soon")
    assert "I don't understand “soon”" in refused.text
    ended = await town["Lena"].fill(await town["Lena"].press(refused, "Fix it"), until="5 times")
    assert "It ends after 5 dates." in ended.text
    sure = await town["Lena"].press(ended, "Remove")
    assert "nobody needs to be told" in sure.text
    assert "Removed" in (await town["Lena"].press(sure, "Yes, remove it")).text
    page = await desk_page(town["Lena"], "Together")
    assert "None is planned" in (await town["Lena"].press(page, "Gatherings")).text
    assert await town.heard() == []


async def test_a_date_of_a_series_is_moved(town: Town) -> None:
    """Alone, between its neighbours; who said yes is asked whether they still can."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    one = await _date(town, post, 0)
    for typed, said in (
        ("friday", "At what time?"),
        ("2026-03-01 10:00", "That moment is over"),
        ("1 march 10:00", "2026-03-01 is over. If you mean next year's"),
        ("today 12:10", "less than half an hour"),
        ("2026-03-14 10:00", "after the date at"),
    ):
        form = await town["Lena"].press(one, "Move it")
        refused = await town["Lena"].fill(form, when=typed)
        assert said in refused.text, typed
        assert "Fix it" in refused.buttons
    moved = await town["Lena"].fill(await town["Lena"].press(one, "Move it"), when="saturday 10:00")
    assert "the other dates are as they were" in moved.text
    said = await town.last()
    assert "moved: it is" in said.content
    assert {user.id for user in said.mentions} == {town["Lena"].id, town["Kim"].id}
    assert "Not this time" in str(said.components)
    second = await _date(town, post, 1)
    before = await town["Lena"].fill(
        await town["Lena"].press(second, "Move it"), when="friday 10:00"
    )
    assert "before the date at" in before.text
    last = await _date(town, post, 5)  # behind it stands one that the menu does not show
    after = await town["Lena"].fill(
        await town["Lena"].press(last, "Move it"), when="2026-04-30 10:00"
    )
    assert "after the date at" in after.text
    one = await _date(town, post, 0)
    back = await town["Lena"].fill(await town["Lena"].press(one, "Move it"), when="friday 18:00")
    assert "It was moved" not in back.text
    async with town.hearth.app.client.database.reading() as session:
        rows = (await session.scalars(select(GatheringDate))).all()
    assert [(row.local_moment, row.moved, row.state) for row in rows] == [
        ("2026-03-06T18:00", False, "open")
    ]


async def test_what_is_held_once_is_moved_and_called_off(town: Town) -> None:
    """It has no other dates; the calendar file calls it off where it was last."""
    post = await town.announced()
    one = await town["Lena"].press(await town.plan(post), "Move it")
    moved = await town["Lena"].fill(await town["Lena"].press(one, "Move it"), when="saturday 10:00")
    assert "It was moved; who said yes reads it in the room." in moved.text
    sure = await town["Lena"].press(await town.plan(post), "Call it off")
    await town["Lena"].press(sure, "Yes, call it off")
    file = await town["Kim"].press(await town["Kim"].press(post, "Details"), "Calendar file")
    content = file.opened(file.attachments[0])
    assert b"DTSTART:20260307T100000Z" in content
    assert b"STATUS:CANCELLED" in content


async def test_a_date_is_left_out_and_put_back(town: Town) -> None:
    """The room hears of what stood there; what comes later is only written down."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    one = await _date(town, post, 0)
    left = await town["Lena"].press(one, "Leave it out")
    assert "It is left out." in left.text
    assert "is left out on" in (await town.last()).content
    assert "is left out on that date" in (await town.says("Jo", post)).text
    await town["Lena"].press(left, "Hold it after all")
    assert "takes place after all" in (await town.last()).content
    assert "You're coming." in (await town.says("Kim", post, "Details")).text
    later = await _date(town, post, 1)
    count = len(await town.heard())
    await town["Lena"].press(later, "Leave it out")
    assert len(await town.heard()) == count
    listed = await town["Lena"].press(await town.plan(post), "Dates")
    assert "left out" in listed.text
    await town.hearth.advance(8 * DAY)
    async with town.hearth.app.client.database.reading() as session:
        rows = await session.execute(
            select(GatheringDate.local_moment, GatheringDate.state).order_by(
                GatheringDate.local_moment
            )
        )
    assert [tuple(row) for row in rows] == [
        ("2026-03-06T18:00", "over"),
        ("2026-03-13T18:00", "left_out"),
    ]
    await town.hearth.advance(4 * DAY)
    assert "<t:1774029600:F>" in (await town.last()).content  # the twentieth, 18:00


async def test_a_series_ends_by_itself(town: Town) -> None:
    """After its last date nothing comes any more, and nothing is announced."""
    plan = await town["Lena"].choose(await town.draft(), "weekly")
    form = await town["Lena"].press(plan, "Until when?")
    plan = await town["Lena"].fill(form, until="2 times")
    await town["Lena"].press(plan, "Announce it")
    await town.hearth.settle()
    for _ in range(4):
        newest = await town.last()
        if "I'm coming" in str(newest.components):
            await town.says("Kim", newest)
        await town.hearth.advance(7 * DAY)
    async with town.hearth.app.client.database.reading() as session:
        gathering = (await session.scalars(select(Gathering))).one()
        dates = (await session.scalars(select(GatheringDate.state))).all()
    assert gathering.state == "over"
    assert list(dates) == ["over", "over"]


async def test_a_series_that_nobody_wants_rests(town: Town) -> None:
    """Twice nobody but the host: no third date; the host is asked, privately."""
    post = await town.announced("weekly")
    await town.hearth.advance(21 * DAY)
    await town.hearth.advance(21 * DAY)
    assert len([line for line in await town.heard() if "Bring boots" in line]) == 2
    home = await town["Lena"].command("home")
    assert "**Lake walk** rests: nobody but you came twice in a row" in home.text
    assert "rests" in (await town["Lena"].command("desk")).text
    assert "rests" not in (await town["Kim"].command("home")).text
    plan = await town["Lena"].press(home, "Look at it")
    on = await town["Lena"].press(plan, "Let it go on")
    assert "**Lake walk** goes on" in on.text
    await town.hearth.advance(7 * DAY)
    assert len([line for line in await town.heard() if "Bring boots" in line]) == 3
    assert post.id != (await town.last()).id


async def test_calling_off(town: Town) -> None:
    """Asked once; who said yes is told in the room; nothing of it comes after."""
    post = await town.announced("weekly")
    await town.says("Kim", post)
    sure = await town["Lena"].press(await town.plan(post), "Call it off")
    assert "1 person said yes" in sure.text
    done = await town["Lena"].press(sure, "Yes, call it off")
    assert "told in the room" in done.text
    off = await town.last()
    assert "is called off" in off.content
    assert {user.id for user in off.mentions} == {town["Lena"].id, town["Kim"].id}
    again = await town.presses(town["Lena"], "gathering-off-yes:1")
    assert "is called off" in again.text
    await town.hearth.advance(14 * DAY)
    assert (await town.last()).id == off.id


async def test_proposals(town: Town) -> None:
    """Whoever lives there may propose; a no is seen by nobody else, and its words go."""
    card = await town["Kim"].press(await town["Kim"].command("home"), "Together")
    for _ in range(2):
        form = await town["Kim"].press(card, "Propose a gathering")
        done = await town["Kim"].fill(form, **WALK)
        assert "**Lake walk** now waits" in done.text
    form = await town["Kim"].press(card, "Propose a gathering")
    assert "2 of your proposals wait already" in (await town["Kim"].fill(form, **WALK)).text
    assert await town.heard() == []
    desk = await town["Lena"].command("desk")
    assert desk.text.count("proposes a gathering") == 2
    plan = await town["Lena"].press(desk, "Look at it")
    none = await town["Lena"].press(plan, "Leave it for now")
    assert "Only who proposed it sees that" in none.text
    mine = await town["Kim"].press(await town["Kim"].command("home"), "Together")
    assert "wasn't taken up this time" in mine.text
    theirs = await town["Jo"].press(await town["Jo"].command("home"), "Together")
    assert "taken up" not in theirs.text
    async with town.hearth.app.client.database.reading() as session:
        gone = (await session.scalars(select(Gathering).where(Gathering.state == "declined"))).one()
    assert (gone.words, gone.spot, gone.place) == ("", "", "")
    for press in ("announce:2", "decline:2", "event:2:on", "off-yes:2", "desk:1"):
        refused = await town.presses(town["Jo"], f"gathering-{press}")
        assert "for the facilitators of Riverside" in refused.text, press
    own = await town.presses(town["Kim"], "gathering-announce:2")
    assert "for the facilitators of Riverside" in own.text


async def test_a_member_hosts_what_they_proposed(town: Town) -> None:
    """Announced by a facilitator, hosted by who proposed it, who may change it."""
    card = await town["Kim"].press(await town["Kim"].command("home"), "Together")
    await town["Kim"].fill(await town["Kim"].press(card, "Propose a gathering"), **WALK)
    desk = await town["Lena"].command("desk")
    plan = await town["Lena"].press(desk, "Look at it")
    await town["Lena"].press(plan, "Announce it")
    post = await town.last()
    assert f"Hosted by <@{town['Kim'].id}>" in post.content
    mine = await town.plan(post, "Kim")
    assert "All gatherings" not in mine.buttons
    form = await town["Kim"].press(mine, "Edit")
    assert "When?" not in form.text
    changed = await town["Kim"].fill(
        form, what="Lake walk", where="The bridge", long="1 h", most="2"
    )
    assert "The bridge" in changed.text
    said = await town.last()
    assert "changed a little" in said.content
    assert "The bridge" in said.content
    assert said.mentions == []
    await town.says("Jo", post)
    assert "in line" in (await town.says("Mo", post)).text
    form = await town["Kim"].press(await town.plan(post, "Kim"), "Edit")
    await town["Kim"].fill(form, what="Lake walk", where="The bridge", long="1 h", most="")
    assert "You're coming." in (await town.says("Mo", post, "Details")).text
    again = await town.presses(town["Lena"], "gathering-announce:1")
    assert "**Lake walk** is announced already" in again.text


async def test_where_it_can_be(town: Town) -> None:
    """In the group's own voice room where it has one, in another that the host sees."""
    refused = await town.draft(where="voice")
    assert "no voice room of its own" in refused.text
    refused = await town.draft(where="#attic")
    assert "I don't find the voice room" in refused.text
    lounge = await _voice(town, "lounge")
    post = await town.announced(where="#lounge")
    assert f"In <#{lounge}>." in post.content
    form = await town["Lena"].press(await town.plan(post), "Edit")
    assert "#lounge" in str(form.components)


async def test_who_may_announce(town: Town) -> None:
    """An owner who lives elsewhere plans, and somebody of the group hosts; not before its date."""
    owner = town.hearth.owner
    page = await owner.press(await owner.command("desk", group="Riverside"), "Together")
    form = await owner.press(await owner.press(page, "Gatherings"), "New gathering")
    plan = await owner.fill(form, **WALK)
    refused = await owner.press(plan, "Announce it")
    assert "hosted by somebody who lives in the group" in refused.text
    await town.hearth.advance(5 * DAY)
    plan = await town.draft()
    await town.hearth.advance(6 * DAY + 7 * HOUR)
    late = await town["Lena"].press(plan, "Announce it")
    assert "Its date is over by now" in late.text
    gone = await town.presses(town["Lena"], "gathering-until:99")
    assert "isn't planned any more" in gone.text


async def test_as_many_as_a_group_can_hold(town: Town) -> None:
    """Twenty at the same time; then one has to go first."""
    await town.draft()
    async with town.hearth.app.client.database.writing() as session:
        row = (await session.scalars(select(Gathering))).one()
        columns = {c.name: getattr(row, c.name) for c in Gathering.__table__.columns}
        del columns["id"]
        session.add_all([Gathering(**columns) for _ in range(19)])
    assert "20 gatherings are planned here already" in (await town.draft()).text


async def test_a_host_who_goes_along(town: Town) -> None:
    """What somebody drafted goes when they leave; the desk keeps nothing of who is gone."""
    card = await town["Kim"].press(await town["Kim"].command("home"), "Together")
    await town["Kim"].fill(await town["Kim"].press(card, "Propose a gathering"), **WALK)
    sure = await town["Kim"].command("leave")
    await town["Kim"].press(sure, "Leave Riverside")
    await town.hearth.advance(HOUR)
    assert "proposes a gathering" not in (await town["Lena"].command("desk")).text


async def test_an_archived_group_plans_nothing(town: Town) -> None:
    """Neither at the desk nor under ‹Together›."""
    async with town.hearth.app.client.database.writing() as session:
        now = town.hearth.app.clock.now()
        await session.execute(update(Group).values(state="archived", archived_at=now))
    refused = await town.presses(town["Lena"], "gathering-new:1")
    assert "has come to its end" in refused.text
    card = await town.presses(town["Kim"], "together:1")
    assert "Propose a gathering" not in card.buttons
    nobody = await town.hearth.person("Zoe")
    assert "hosting and proposing" in (await town.presses(nobody, "gathering-new:1")).text.lower()


async def test_hosts_of_an_unlisted_group(town: Town) -> None:
    """It meets like any other; Discord's events are not for what is named nowhere else."""
    await group(town.hearth, "Quiet Oar", type="Interest", emoji="🛶")
    await at_home(town.hearth, "Zoe", "Quiet Oar")
    await _voice(town, "lounge")
    async with town.hearth.app.client.database.writing() as session:
        await session.execute(update(GroupType).values(listed=False))
    post = await town.announced(where="#lounge")
    plan = await town.plan(post)
    assert "Show it as a Discord event" not in plan.buttons
    refused = await town.presses(town["Lena"], "gathering-event:1:on")
    assert "named nowhere outside its room" in refused.text
    assert channel(town.hearth, "general") is not None


async def _date(town: Town, post: Message, number: int) -> Answer:
    """Open one of the next dates."""
    dates = await town["Lena"].press(await town.plan(post), "Dates")
    return await town["Lena"].choose(dates, dates.choices[number])


async def _voice(town: Town, name: str) -> int:
    room = await town.hearth.owner.create_channel(name, ChannelType.VOICE)
    await town.hearth.settle()
    return room.id

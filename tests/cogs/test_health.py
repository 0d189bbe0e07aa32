"""/hearth health, the desk's ‹Health›, and the monthly report, from the command to the picture."""

import io
from datetime import datetime, timedelta

from PIL import Image
from sqlalchemy import select

from bot.rules.health import SERVER, Week
from models import Group, GroupType, Lent, LogEntry, MonthlyReport
from sandbox.permissions import Permission
from sandbox.state import Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running
from tests.measured import line, lines, usual, written

NAMES = ("Riverside", "Millpond", "Cairn")


async def measured(hearth: Running, *, last: Week | None = None) -> None:
    """Set three groups up and close their weeks: Riverside's people take part less and less."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    for name in NAMES:
        await group(hearth, name)
    await hearth.settle()
    await figures(hearth, last or Week.of(hearth.app.client.clock.now()).later(-1))


async def figures(hearth: Running, last: Week) -> None:
    """Write what the groups' weeks until `last` showed."""
    async with hearth.app.client.database.writing() as session:
        ids = {one.name: one.id for one in await session.scalars(select(Group))}
        falls = {**usual(last=last), "active": line("active", 0.3, rise=-0.02, last=last)}
        by_group = {
            SERVER: {**usual(last=last), "islands": line("islands", 1, half=0, last=last)},
            ids["Riverside"]: falls,
            ids["Millpond"]: usual(last=last, active=0.6),
            ids["Cairn"]: {
                **usual(last=last),
                **lines(line("lends", 0, half=0, last=last), line("borrows", 0, half=0, last=last)),
            },
        }
        await written(session, hearth.server.id, by_group, last)
        session.add(
            Lent(
                server_id=hearth.server.id,
                week=last.key,
                from_group_id=ids["Riverside"],
                to_group_id=ids["Millpond"],
                people=9,
            )
        )


async def unlist(hearth: Running, name: str) -> None:
    """Make a group one that is not listed."""
    async with hearth.app.client.database.writing() as session:
        one = (await session.scalars(select(Group).where(Group.name == name))).one()
        type_ = await session.get_one(GroupType, one.type_id)
        hidden = GroupType(
            server_id=one.server_id, name="Own", name_key="own", kind=type_.kind, listed=False
        )
        session.add(hidden)
        await session.flush()
        one.type_id = hidden.id


def report(hearth: Running) -> list[Message]:
    """Return the reports that stand in the owners' room."""
    return [m for m in channel(hearth, "welcome").history if m.attachments]


async def test_owners_see_all_groups_in_a_picture_and_three_sentences(hearth: Running) -> None:
    """What is well, what changed, what could be tried; the picture opens and has its words."""
    await measured(hearth)
    shown = await hearth.owner.command("hearth health")
    assert shown.ephemeral
    assert "**How 3 groups are going**" in shown.text
    assert "**Well:**" in shown.text
    assert "**Changed:** nothing that I could be sure of" in shown.text
    assert "**To try:** it is quieter than it was in 1 group." in shown.text
    (picture,) = shown.attachments
    assert (picture["filename"], picture["content_type"]) == ("groups.png", "image/png")
    assert picture["description"].startswith("3 groups beside each other, in the week until 2026-")
    with Image.open(io.BytesIO(shown.opened(picture))) as image:
        assert image.size == (picture["width"], picture["height"])


async def test_before_the_first_week_is_over_it_says_when(hearth: Running) -> None:
    """Not an empty picture."""
    await set_up(hearth)
    await group(hearth)
    shown = await hearth.owner.command("hearth health")
    # The first whole week, half a day for its Sunday to be over everywhere, and an hourly look.
    first = Week.of(hearth.app.client.clock.now()).later(1).ends + timedelta(hours=13)
    ends = int(first.timestamp())
    assert f"look again <t:{ends}:R>" in shown.text
    assert shown.attachments == []
    page = await hearth.owner.press(await hearth.owner.command("desk", group="Riverside"), "Room")
    page = await hearth.owner.press(page, "Health")
    assert f"look again <t:{ends}:R>" in page.text
    await hearth.advance(first)
    shown = await hearth.owner.command("hearth health")
    assert "**How 1 group is going**" in shown.text
    assert shown.buttons == ["Who stays"], "a map of one group shows nothing"


async def test_owners_look_at_one_group_the_map_and_who_stays(hearth: Running) -> None:
    """Each takes the place of the one before, its picture too."""
    await measured(hearth)
    shown = await hearth.owner.command("hearth health")
    one = await hearth.owner.choose(shown, "Riverside")
    assert "**🌊 Riverside: how it is going**" in one.text
    assert "**Changed:** fewer members take part than 11 weeks ago; now it is 30 %." in one.text
    assert [file["filename"] for file in one.attachments] == ["group.png"]
    every = await hearth.owner.press(one, "All groups")
    assert [file["filename"] for file in every.attachments] == ["groups.png"]
    sights = await hearth.owner.press(every, "Map of groups")
    assert "• **Riverside** → **Millpond**: 9 people look in" in sights.text
    assert "1 group knows only itself: Cairn." in sights.text
    assert [file["filename"] for file in sights.attachments] == ["map.png"]
    stays = await hearth.owner.press(await hearth.owner.press(sights, "All groups"), "Who stays")
    assert "once five of each" in stays.text
    assert stays.attachments == [], "a picture stayed from the card before"


async def test_a_group_that_is_not_listed_is_named_nowhere_outside(hearth: Running) -> None:
    """Not in the text, the menu, the map, or the words of a picture."""
    await measured(hearth)
    await unlist(hearth, "Cairn")
    shown = await hearth.owner.command("hearth health")
    assert shown.choices == ["Millpond", "Riverside"]
    read = [shown.text, *(file["description"] for file in shown.attachments)]
    sights = await hearth.owner.press(shown, "Map of groups")
    read += [sights.text, *(file["description"] for file in sights.attachments)]
    assert "Cairn" not in "\n".join(read)
    assert "Riverside" in "\n".join(read)
    assert "1 group that is not listed knows only itself." in sights.text


async def test_who_looks_after_a_group_sees_its_health_and_begins_what_helps(
    hearth: Running,
) -> None:
    """From the desk's page to the question for everyone, and the picture goes with the card."""
    await measured(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    page = await lena.press(await lena.command("desk"), "Room")
    shown = await lena.press(page, "Health")
    assert "**To try:** one easy question for everyone." in shown.text
    assert shown.buttons == ["Ask a question", "Back"]
    assert shown.attachments[0]["description"].startswith("How Riverside went in the 20 weeks")
    question = await lena.press(shown, "Ask a question")
    assert question.attachments == []
    assert "Post it" in question.buttons


async def test_who_no_longer_looks_after_a_group_does_not_see_its_health(hearth: Running) -> None:
    """The desk's button is still there when the office has ended."""
    await measured(hearth)
    kim = await at_home(hearth, "Kim", "Millpond")
    await looked_after(hearth, kim, "Millpond")
    page = await kim.press(await kim.command("desk"), "Room")
    await hearth.owner.command("hearth facilitator remove", group="Millpond", user=kim)
    late = await kim.press(page, "Health")
    assert "how it is going" not in late.text
    assert late.attachments == []


async def test_the_month_is_told_once_in_the_owners_room(hearth: Running) -> None:
    """With its picture, silently; an hour later and after a restart nothing more comes."""
    await measured(hearth, last=Week.of(datetime.fromisoformat("2026-02-22T12:00:00+00:00")))
    await hearth.advance(timedelta(hours=2))
    (told,) = report(hearth)
    assert told.content.startswith("**February 2026 in your groups**\n40 people live in 3 groups")
    assert "**Worth a look:** Riverside." in told.content
    assert [file["filename"] for file in told.attachments] == ["groups-1.png", "map-2.png"]
    for file in told.attachments:
        assert file["description"].endswith(".")
        with Image.open(io.BytesIO(hearth.sandbox.state.files[int(file["id"])])) as image:
            assert image.width == 1600
    assert told.flags & 4096, "it is sent silently"
    await hearth.advance(timedelta(hours=5))
    assert len(report(hearth)) == 1
    kim = await hearth.person("Kim")
    for button in ("All groups", "Map of groups", "Who stays"):
        refused = await kim.press(told, button)
        assert "owners of this server" in refused.text
        assert refused.attachments == []
    every = await hearth.owner.press(told, "All groups")
    assert every.ephemeral
    assert "**How 3 groups are going**" in every.text


async def test_owners_switch_the_monthly_report_off_and_on(hearth: Running) -> None:
    """One press ends it, the log says who; nobody else can."""
    await measured(hearth, last=Week.of(datetime.fromisoformat("2026-02-22T12:00:00+00:00")))
    await hearth.advance(timedelta(hours=2))
    (told,) = report(hearth)
    kim = await hearth.person("Kim")
    refused = await kim.press(told, "No more monthly reports")
    assert "owners of this server" in refused.text
    off = await hearth.owner.press(told, "No more monthly reports")
    assert "No more reports" in off.text
    april = datetime.fromisoformat("2026-04-01T12:00:00+00:00")
    await hearth.advance(april)
    assert len(report(hearth)) == 1
    on = await hearth.owner.press(off, "Monthly reports again")
    assert "At the beginning of each month" in on.text
    async with hearth.app.client.database.reading() as session:
        acts = set(await session.scalars(select(LogEntry.action)))
        row = (await session.scalars(select(MonthlyReport))).one()
    assert {"report-off", "report-on"} <= acts
    assert not row.off
    log = await hearth.owner.command("hearth log")
    assert "switched the monthly report on" in log.text


async def test_a_room_that_takes_no_pictures_gets_the_words(hearth: Running) -> None:
    """Where Hearth may write but not attach, the month is told all the same."""
    await measured(hearth, last=Week.of(datetime.fromisoformat("2026-02-22T12:00:00+00:00")))
    room, everyone = channel(hearth, "welcome"), hearth.server.roles[hearth.server.id]
    await hearth.owner.set_overwrite(room, everyone, deny=Permission.ATTACH_FILES)
    bot = hearth.server.members[hearth.sandbox.state.bot.id]
    for role in bot.roles:
        await hearth.owner.set_overwrite(
            room, hearth.server.roles[role], deny=Permission.ATTACH_FILES
        )
    await hearth.advance(timedelta(hours=2))
    (told,) = [m for m in room.history if "in your groups" in m.content]
    assert told.content.startswith("**February 2026 in your groups**")
    assert told.attachments == []


async def test_a_server_with_nothing_to_tell_gets_no_report(hearth: Running) -> None:
    """Where groups are too small for any figure, nothing comes, and it is not looked for again."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await group(hearth)
    await hearth.settle()
    last = Week.of(datetime.fromisoformat("2026-02-22T12:00:00+00:00"))
    async with hearth.app.client.database.writing() as session:
        few = {SERVER: lines(line("homes", 7, half=0, last=last))}
        await written(session, hearth.server.id, few, last)
    await hearth.advance(timedelta(hours=2))
    assert report(hearth) == []
    async with hearth.app.client.database.reading() as session:
        row = (await session.scalars(select(MonthlyReport))).one()
    assert row.month == "2026-02"

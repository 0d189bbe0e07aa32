"""/hearth log: who changed what, when, and what can be undone."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.rules.actor import Actor
from bot.services import locking, safety
from models import Bar, Group, LogEntry
from sandbox.answers import Answer
from tests.cogs import founding
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def undo(hearth: Running, shown: Answer, place: int) -> Answer:
    """Press the undo beside one line, and say yes."""
    asked = await hearth.owner.press(shown, f"Undo {place}")
    assert "Undo this?" in asked.text
    return await hearth.owner.press(asked, "Undo it")


@pytest.mark.founded(by=founding.riverside)
async def test_the_log_says_who_changed_what(hearth: Running) -> None:
    """Newest first, with what it was and what it became; ids of our own are not shown."""
    owner = hearth.owner
    await owner.command("hearth group edit", group="Riverside", norms="Nobody is left behind")
    await owner.command("hearth type edit", type="Interest", cap=120, patience="late")
    await owner.command("hearth setup", time_zone="Europe/Lisbon")
    log = await owner.command("hearth log")
    lines = log.text.splitlines()
    assert "What changed here" in lines[0]
    assert f"<@{owner.id}> changed the setup" in lines[1]
    assert lines[2] == "-# time zone: UTC → Europe/Lisbon"
    assert "changed the type **Interest**" in lines[3]
    assert lines[4:6] == ["-# seats: 150 → 120", "-# patience with silence: usual → late"]
    assert "changed the charter of **Riverside**" in lines[6]
    assert lines[7] == "-# norms: — → Nobody is left behind"
    assert "made **Riverside**" in lines[8]
    assert "set Hearth up" in lines[9]
    assert log.buttons == ["Undo 1", "Undo 2", "Undo 3"]


async def test_a_charter_a_type_and_the_setup_are_undone(hearth: Running) -> None:
    """Each becomes as it was, and the log says who undid it."""
    owner = hearth.owner
    mods = await owner.create_role("Mods")
    await set_up(hearth)
    await group(hearth)
    await owner.command("hearth group edit", group="Riverside", name="Lakeside", emoji="🪷")
    done = await undo(hearth, await owner.command("hearth log"), 1)
    assert "↩️ Undone." in done.text
    await hearth.settle()
    assert channel(hearth, "🌊-riverside")
    log = await owner.press(done, "Back to the log")
    assert f"by <@{owner.id}>" in log.text
    assert "-# ↩️ undone" in log.text
    await owner.command("hearth type edit", type="Interest", cap=120)
    await undo(hearth, await owner.command("hearth log"), 1)
    assert "at most 150 people" in (await owner.command("hearth type list")).text
    await owner.command("hearth setup", safety_role_1=mods, time_zone="Lisbon")
    await undo(hearth, await owner.command("hearth log"), 1)
    shown = await owner.command("hearth setup")
    assert f"<@&{mods.id}>" not in shown.text
    assert "UTC" in shown.text


@pytest.mark.founded(by=founding.riverside)
async def test_rest_and_pause_are_undone(hearth: Running) -> None:
    """And an undo is a line that can be undone itself."""
    owner = hearth.owner
    await owner.command("hearth group rest", group="Riverside")
    kim = await hearth.person("Kim")
    done = await undo(hearth, await owner.command("hearth log"), 1)
    assert "Welcome home" in (await kim.command("join", group="Riverside")).text
    await undo(hearth, await owner.press(done, "Back to the log"), 1)
    lou = await hearth.person("Lou")
    assert "is resting" in (await lou.command("join", group="Riverside")).text
    await owner.command("hearth pause")
    await undo(hearth, await owner.command("hearth log"), 1)
    assert "let Hearth go on" in (await owner.command("hearth log")).text


@pytest.mark.founded(by=founding.riverside)
async def test_what_changed_since_is_not_undone(hearth: Running) -> None:
    """Undoing the older change would take the newer one back, too; nothing changes."""
    owner = hearth.owner
    await owner.command(
        "hearth group edit", group="Riverside", purpose="Morning runs, by the lake."
    )
    old = await owner.command("hearth log")
    await owner.command("hearth group edit", group="Riverside", purpose="Night runs, with torches.")
    refused = await undo(hearth, old, 1)
    assert "has been changed again since" in refused.text
    kim = await at_home(hearth, "Kim")
    charter = await kim.press(await kim.command("home"), "Charter")
    assert "Night runs" in charter.text
    # The newer change first, then the older one.
    await undo(hearth, await owner.command("hearth log"), 1)
    log = await owner.command("hearth log")
    done = await undo(hearth, log, 3)
    assert "Morning runs" in done.text
    log = await owner.press(done, "Back to the log")
    assert log.text.count("↩️ undone") == 2
    await owner.command("hearth group rest", group="Riverside")
    resting = await owner.command("hearth log")
    await owner.command("hearth group reopen", group="Riverside")
    assert "has been changed again since" in (await undo(hearth, resting, 1)).text


@pytest.mark.founded(by=founding.riverside)
async def test_a_question_a_lock_and_a_bar_are_undone(hearth: Running) -> None:
    """As long as nobody answered, unlocked or lifted it meanwhile."""
    owner = hearth.owner
    kim = await at_home(hearth, "Kim")
    lou = await at_home(hearth, "Lou")
    await owner.command("hearth facilitator ask", group="Riverside", user=kim)
    await undo(hearth, await owner.command("hearth log"), 1)
    assert "Nobody has been asked yet" in (await owner.command("hearth facilitator list")).text
    await hearth.settle()
    guard = Actor(hearth.server.id, owner.id, manages_server=True, moderates_members=True)
    now = hearth.app.client.clock.now()
    async with hearth.app.database.writing() as session:
        (riverside,) = (await session.scalars(select(Group.id))).all()
        await locking.lock(session, guard, riverside, "", now=now)
        await safety.bar(session, guard, lou.id, riverside, now=now)
    log = await owner.command("hearth log")
    assert f"barred <@{lou.id}> from **Riverside**" in log.text
    stale = await owner.command("hearth log")
    await undo(hearth, log, 1)
    assert "has been changed again since" not in (await owner.command("hearth log")).text
    assert "was undone already" in (await owner.press(stale, "Undo 1")).text
    await undo(hearth, await owner.command("hearth log"), 3)
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(Group.locked_at)) is None
        assert (await session.scalars(select(Bar))).all() == []
    await owner.command("hearth facilitator ask", group="Riverside", user=kim)
    asked = await owner.command("hearth log")
    await looked_after(hearth, kim)
    assert "has been changed again since" in (await undo(hearth, asked, 1)).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_what_an_older_hearth_wrote_down_otherwise_is_not_undone(hearth: Running) -> None:
    """Patience was a number of days once: the line is still read, and undoing it is refused."""
    owner = hearth.owner
    await owner.command("hearth type edit", type="Interest", cap=120)
    async with hearth.app.database.writing() as session:
        row = (await session.scalars(select(LogEntry).order_by(LogEntry.id.desc()))).first()
        assert row is not None
        row.before = json.dumps({**json.loads(row.before or ""), "patience_days": 10})
        row.after = json.dumps({**json.loads(row.after or ""), "patience_days": 12})
    log = await owner.command("hearth log")
    assert "-# patience in days: 10 → 12" in log.text
    refused = await owner.press(await owner.press(log, "Undo 1"), "Undo it")
    assert "has been changed again since" in refused.text
    types = await owner.command("hearth type list")
    while "at most 120 people" not in types.text:
        types = await owner.press(types, "More")


@pytest.mark.founded(by=founding.riverside)
async def test_the_same_line_is_undone_once(hearth: Running) -> None:
    """Two owners may have the same page open."""
    owner = hearth.owner
    await owner.command("hearth group rest", group="Riverside")
    mine, theirs = await owner.command("hearth log"), await owner.command("hearth log")
    late = await owner.press(theirs, "Undo 1")
    await undo(hearth, mine, 1)
    assert "was undone already" in (await owner.press(late, "Undo it")).text


@pytest.mark.founded(by=founding.set_up_only)
async def test_the_log_is_for_owners(hearth: Running) -> None:
    """Discord hides it from others, and its buttons refuse them."""
    kim = await hearth.person("Kim")
    with pytest.raises(PermissionError):
        await kim.command("hearth log")


async def test_a_long_log_has_pages(hearth: Running) -> None:
    """Six acts a page, older ones behind a button, and the way back."""
    owner = hearth.owner
    assert "isn't set up" in (await owner.command("hearth log")).text
    await set_up(hearth)
    for cap in range(100, 108):
        await owner.command("hearth type edit", type="Interest", cap=cap)
    first = await owner.command("hearth log")
    assert "seats: 106 → 107" in first.text
    assert "Newer" not in first.buttons
    second = await owner.press(first, "Older")
    assert "set Hearth up" in second.text
    assert "Older" not in second.buttons
    assert "seats: 106 → 107" in (await owner.press(second, "Newer")).text


@pytest.mark.founded(by=founding.riverside)
async def test_a_last_day_is_undone(hearth: Running) -> None:
    """A group that had none goes on; one that had another has it again, while it is to come."""

    async def last_day(day: str) -> None:
        desk = await desk_page(hearth.owner, "Room", group="Riverside")
        card = await hearth.owner.press(desk, "Charter")
        await hearth.owner.fill(await hearth.owner.press(card, "Last day"), day=day)

    async def closes() -> datetime | None:
        async with hearth.app.database.reading() as session:
            return (await session.scalars(select(Group.closes_at))).one()

    await last_day("2026-04-10")
    first = await closes()
    assert first is not None
    log = await hearth.owner.command("hearth log")
    assert f"-# last day: — → <t:{int(first.timestamp()) - 1}:D>" in log.text
    await last_day("2026-05-10")
    older = await hearth.owner.press(await hearth.owner.command("hearth log"), "Undo 2")
    assert "changed again since" in (await hearth.owner.press(older, "Undo it")).text
    await undo(hearth, await hearth.owner.command("hearth log"), 1)
    assert await closes() == first
    await undo(hearth, await hearth.owner.command("hearth log"), 3)
    assert await closes() is None
    await last_day("2026-03-20")
    await last_day("2026-05-10")
    await hearth.advance(timedelta(days=20))
    late = await undo(hearth, await hearth.owner.command("hearth log"), 1)
    assert "at least two days" in late.text
    assert await closes() is not None

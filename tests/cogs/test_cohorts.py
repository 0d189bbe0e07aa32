"""Cohorts: begun together on a date, told of their stages, closed with a circle."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from models import Cohort, CohortStage, Group
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

ROOM = "🌱-seedlings"
DAY = timedelta(days=1)
DAYS = {
    "starts": "9 march",
    "stages": "Getting to know\n23 march First drafts",
    "last": "2026-04-05",
}


async def found(hearth: Running) -> Person:
    """Seedlings, a cohort that Lena lives in and looks after."""
    await set_up(hearth, time_zone="Berlin")
    await group(hearth, "Seedlings", type="Cohort", emoji="🌱")
    lena = await hearth.person("Lena")
    await hearth.owner.command("hearth facilitator ask", group="Seedlings", user=lena)
    await hearth.settle()
    question = await lena.press(await lena.command("home"), "A question for you")
    await lena.press(question, "Yes, gladly")
    return lena


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Seedlings, a cohort that Lena lives in and looks after."""
    return hearth.founded


def last(hearth: Running) -> Message:
    """Return the newest message of the room."""
    return list(channel(hearth, ROOM).history)[-1]


def said(hearth: Running) -> list[str]:
    """Return what stands in the room."""
    return [message.content for message in channel(hearth, ROOM).history]


async def desk(lena: Person) -> Answer:
    """Return the desk's card of the group's days."""
    return await lena.press(await desk_page(lena, "Together"), "Days and stages")


async def days_set(lena: Person, **fields: str) -> Answer:
    """Let Lena set the days; return the answer."""
    form = await lena.press(await desk(lena), "Set the days")
    return await lena.fill(form, **{**DAYS, **fields})


async def test_from_the_first_morning_to_the_last_evening(hearth: Running, lena: Person) -> None:
    """Each day that matters is told once, in the host's name; then homes are offered."""
    front = await lena.command("desk")
    assert "its first day and its stages aren't set yet" in front.text
    card = await days_set(lena)
    assert "The days are set." in card.text
    assert "**2** · <t:1774256400:D> · First drafts" in card.text
    assert "its first day" not in (await lena.command("desk")).text
    await hearth.advance(datetime.fromisoformat("2026-03-09T08:59:00+00:00"))
    assert not any("Today you begin" in line for line in said(hearth))
    await hearth.advance(timedelta(minutes=1))
    first = last(hearth)
    assert first.content.startswith("🌱 Today you begin, all of you together: welcome to **Seed")
    assert f"{lena.mention} goes along with you." in first.content
    assert "There are 2 stages ahead:\n**1**" in first.content
    assert not first.mentions
    shown = await lena.press(first, "All days")
    assert "The days of Seedlings" in shown.text
    together = await lena.press(shown, "Together")
    assert "Stage 1 of 2: **Getting to know**" in together.text
    await hearth.advance(datetime.fromisoformat("2026-03-23T09:01:00+00:00"))
    assert last(hearth).content.startswith("🪜 Stage 2 of 2: **First drafts**.")
    assert len([line for line in said(hearth) if line.startswith("🪜")]) == 1
    # Summer time has begun meanwhile: six in the evening is an hour earlier.
    await hearth.advance(datetime.fromisoformat("2026-04-05T15:59:00+00:00"))
    assert not any("closing circle" in line for line in said(hearth))
    await hearth.advance(timedelta(minutes=2))
    circle = last(hearth)
    assert circle.content.startswith("🕯️ The last evening of **Seedlings**.")
    assert circle.content.count("\n• ") == 3
    (thread,) = hearth.server.threads.values()
    assert (thread.id, thread.name) == (circle.id, "🕯️ Closing circle of Seedlings")
    assert not (await lena.press(circle, "Where next?")).failed
    await hearth.advance(DAY)
    assert any("Where next?" in line or "is over" in line for line in said(hearth)[-2:])
    async with hearth.app.database.reading() as session:
        assert (await session.scalars(select(Group))).one().state == "archived"
    assert "are over" in (await lena.press(card, "Set the days")).text


async def test_without_a_last_day_the_type_says_how_long(hearth: Running, lena: Person) -> None:
    """Twelve weeks from the first day, not from when the group was made."""
    await days_set(lena, last="")
    async with hearth.app.database.reading() as session:
        closes_at = (await session.scalars(select(Group.closes_at))).one()
    assert closes_at == datetime.fromisoformat("2026-05-31T22:00:00+00:00")


async def test_more_time(hearth: Running, lena: Person) -> None:
    """A week or two more, by one press; the circle waits for the new last day."""
    await days_set(lena)
    more = await lena.press(await desk(lena), "A week more")
    assert "The last day is <t:1776031199:D> now." in more.text  # 12 April, in Berlin
    await lena.press(await desk(lena), "Two weeks more")
    await hearth.advance(datetime.fromisoformat("2026-04-12T17:00:00+00:00"))
    assert not any("closing circle" in line for line in said(hearth))
    await hearth.advance(datetime.fromisoformat("2026-04-26T17:00:00+00:00"))
    assert len([line for line in said(hearth) if "closing circle" in line]) == 1


async def test_a_last_evening_that_is_none_after_all(hearth: Running, lena: Person) -> None:
    """Who has read that today is the last day reads at once that it goes on."""
    await days_set(lena, starts="today", stages="", last="2026-03-20")
    await hearth.advance(datetime.fromisoformat("2026-03-20T17:01:00+00:00"))
    assert "The last evening of **Seedlings**" in last(hearth).content
    await lena.press(await desk(lena), "Two weeks more")
    await hearth.settle()
    on = "🌱 **Seedlings** goes on for a while: its last day is <t:1775253599:D> now."
    assert last(hearth).content.startswith(on)
    assert "The days of Seedlings" in (await lena.press(last(hearth), "All days")).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"starts": "some day"}, "“some day” is no day that I can read"),
        ({"starts": "2026-03-01"}, "That day is over."),
        ({"stages": "week 2"}, "has no title"),
        ({"stages": "2026-04-06 Late"}, "begins after the last day"),
        ({"last": "2026-03-08", "stages": ""}, "The last day is before the first one."),
        ({"last": "tomorrow"}, "two days"),
    ],
)
async def test_nothing_typed_is_lost(
    hearth: Running, lena: Person, change: dict[str, str], words: str
) -> None:
    """A form that does not fit says why, and opens as it was typed; nothing was set."""
    refused = await days_set(lena, **change)
    assert words in refused.text, refused.text
    form = await lena.press(refused, "Fix it")
    for typed in change.values():
        assert typed in form.text
    async with hearth.app.database.reading() as session:
        assert await session.scalar(select(Cohort)) is None
        assert await session.scalar(select(CohortStage)) is None


async def test_days_can_be_moved(hearth: Running, lena: Person) -> None:
    """What was told stays told; what is new is told on its day, and what is past is not."""
    await days_set(lena)
    await hearth.advance(datetime.fromisoformat("2026-03-10T12:00:00+00:00"))
    form = await lena.press(await desk(lena), "Set the days")
    assert "2026-03-09 Getting to know\n2026-03-23 First drafts" in form.text
    moved = "2026-03-09 Hello\n2026-03-16 First drafts"
    card = await lena.fill(form, stages=moved)
    assert "**1** · <t:1773046800:D> · Hello" in card.text
    await hearth.advance(datetime.fromisoformat("2026-03-16T12:00:00+00:00"))
    assert [line[:20] for line in said(hearth) if line[0] in "🪜🌱"][-2:] == [
        "🌱 Today you begin, a"[:20],
        "🪜 Stage 2 of 2: **Fi"[:20],
    ]


async def test_a_host_who_leaves(hearth: Running, lena: Person) -> None:
    """The room reads it in nobody's name until somebody takes over."""
    await days_set(lena)
    async with hearth.app.database.writing() as session:
        await session.execute(update(Cohort).values(host_id=None))
    await hearth.advance(datetime.fromisoformat("2026-03-09T12:00:00+00:00"))
    assert "welcome to **Seedlings**.\n" in last(hearth).content
    card = await desk(lena)
    assert "Nobody hosts it just now" in card.text
    assert "in your name from now on" in (await lena.press(card, "I'll host it")).text
    await hearth.advance(datetime.fromisoformat("2026-03-23T12:00:00+00:00"))
    assert f"{lena.mention} goes along with you." in last(hearth).content


async def test_what_comes_too_late_is_not_told(hearth: Running, lena: Person) -> None:
    """Paused over a beginning and a stage: of what is days ago the room hears nothing."""
    await days_set(lena)
    await hearth.owner.command("hearth pause")
    await hearth.advance(datetime.fromisoformat("2026-03-26T12:00:00+00:00"))
    await hearth.owner.command("hearth pause")
    await hearth.advance(timedelta(minutes=2))
    assert not any(line.startswith(("🪜", "🌱 Today")) for line in said(hearth))


async def test_other_groups_have_no_stages(hearth: Running, lena: Person) -> None:
    """Their desk does not offer them, and a made-up press is told so."""
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    await looked_after(hearth, kim)
    page = await desk_page(kim, "Together")
    assert "Days and stages" not in page.buttons
    await days_set(lena)
    await hearth.advance(datetime.fromisoformat("2026-03-09T12:00:00+00:00"))
    assert "Stage" not in (await kim.press(await kim.command("home"), "Together")).text

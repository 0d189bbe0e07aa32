"""What a ritual does and the one change that is suggested, through the real commands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.texts.prompts import of_kind
from models import Draft, Group, Membership, Occurrence, Ritual, RitualChange, RitualPrompt
from sandbox.answers import Answer
from tests.cogs.ritual_town import MONDAY, QUESTION, WEEK, Village, village
from tests.conftest import Running

DAY = timedelta(days=1)


async def found_first(hearth: Running) -> Village:
    """The village with its ritual, hosted by Lena."""
    found = await village(hearth)
    await found.begun()
    return found


pytestmark = pytest.mark.founded(by=found_first)


@pytest.fixture
def town(hearth: Running) -> Village:
    """The village with its ritual, hosted by Lena."""
    return hearth.founded


async def held(town: Village, *people: int) -> None:
    """Write down weeks of the ritual that are over, the last a week ago, and how many took part."""
    async with town.hearth.app.database.writing() as session:
        ritual = await session.scalar(select(Ritual).where(Ritual.title == QUESTION))
        assert ritual is not None
        for week, count in enumerate(reversed(people), start=1):
            due = MONDAY - week * WEEK
            session.add(
                Occurrence(
                    ritual_id=ritual.id,
                    group_id=ritual.group_id,
                    local_moment=f"{due:%Y-%m-%dT%H:%M}",
                    due_at=due,
                    closes_at=due + 2 * DAY,
                    closed_at=due + 2 * DAY,
                    state="posted",
                    answers=count,
                    people=count,
                )
            )


async def effects(town: Village) -> Answer:
    """Open what the ritual does."""
    return await town.lena.press(await town.shown(), "What it does")


async def test_a_picture_with_words(town: Village) -> None:
    """How many took part each time; too young a ritual has none yet."""
    young = await effects(town)
    assert "too few times" in young.text
    assert young.message is not None
    assert not young.message.attachments
    await held(town, 6, 7, 8, 12, 11, 13)
    shown = await effects(town)
    assert "Lately about 12 people took part each time; before, it was about 7." in shown.text
    assert shown.message is not None
    (picture,) = shown.message.attachments
    assert picture["filename"] == "ritual.png"
    assert "Between 6 and 13 people." in picture["description"]
    assert "Pause" in (await town.lena.press(shown, "Back")).buttons


async def test_first_words_are_counted_as_a_whole(town: Village) -> None:
    """Only those who moved in since, and only from five on."""
    await held(town, 9, 9, 9)
    begins = MONDAY - 3 * WEEK
    people = [await town.hearth.person(f"New {n}") for n in range(7)]
    for person in people:
        await person.command("join", group="Riverside")
    async with town.hearth.app.database.writing() as session:
        for number, person in enumerate(people):
            wrote = begins + (WEEK + DAY if number < 6 else 5 * DAY)
            await session.execute(
                update(Membership)
                .where(Membership.user_id == person.id)
                .values(since=begins + timedelta(hours=1), wrote_at=wrote)
            )
    told = (await effects(town)).text
    assert "6 people who moved in meanwhile wrote their first words here" in told
    assert "of 7" not in told  # how many did not is a small number


async def test_one_change_a_month_is_suggested(town: Village) -> None:
    """On the desk's page of what a group does together, and where the ritual's picture is."""
    await held(town, 12, 11, 12, 13, 3, 2, 2)
    await town.hearth.advance(MONDAY)
    desk = await town.lena.press(await town.lena.command("desk"), "Together")
    assert f"There is one idea for **{QUESTION}**" in desk.text
    shown = await town.lena.press(desk, f"An idea for {QUESTION}")
    assert "Every second week it may become something to look forward to" in shown.text
    form = await town.lena.press(shown, "Show me the form")
    assert "fortnightly monday 18:00" in str(form.modal)
    refused = await town.lena.fill(form, when="whenever")
    again = await town.lena.press(refused, "Fix it")
    assert "whenever" in str(again.modal)
    changed = await town.lena.fill(again, when="fortnightly monday 18:00")
    assert "Changed. This is how it stands now." in changed.text
    assert "fortnightly monday 18:00" in changed.text
    assert await town.rows(Draft, "form") == []
    assert (
        "one idea" not in (await town.lena.press(await town.lena.command("desk"), "Together")).text
    )
    await town.hearth.advance(MONDAY + 20 * DAY)
    assert len(await town.rows(RitualChange, "id")) == 1


async def test_not_for_us_is_enough(town: Village) -> None:
    """What was put away is over, for every card that is still open, and is not told again soon."""
    await held(town, 12, 11, 12, 13, 3, 2, 2)
    await town.hearth.advance(MONDAY)
    first, second = await effects(town), await effects(town)
    form = await town.lena.press(second, "Show me the form")
    told = await town.lena.press(first, "Not for us")
    assert "Nothing is suggested here for the next weeks" in told.text
    assert "Not for us" not in told.buttons
    assert "suggestion is over" in (await town.lena.press(second, "Not for us")).text
    assert "suggestion is over" in (await town.lena.fill(form)).text
    assert await town.rows(Draft, "form") == []


async def test_fresh_prompts_a_thread_and_another_kind(town: Village) -> None:
    """Each form is filled with what is suggested, and taken as it stands."""
    await held(town, 9, 9, 9, 9)
    async with town.hearth.app.database.writing() as session:
        await session.execute(update(Ritual).values(thread=False))
        await session.execute(update(RitualPrompt).values(used=2))
    old = of_kind("question").prompts

    async def suggested(what: str, to: str = "") -> Answer:
        async with town.hearth.app.database.writing() as session:
            ritual = await session.scalar(select(Ritual).where(Ritual.title == QUESTION))
            assert ritual is not None
            session.add(
                RitualChange(
                    server_id=ritual.server_id,
                    group_id=ritual.group_id,
                    ritual_id=ritual.id,
                    what=what,
                    to=to,
                    at=town.hearth.app.client.clock.now(),
                )
            )
        return await town.lena.press(await effects(town), "Show me the form")

    form = await suggested("prompts")
    assert not any(prompt in str(form.modal) for prompt in old)
    assert "Question of the week" in (await town.lena.fill(form)).text
    await town.lena.fill(await suggested("thread"))
    assert (True,) in await town.rows(Ritual, "thread")
    form = await suggested("hour", "20")
    assert "weekly monday 20:00" in (await town.lena.fill(form)).text
    form = await suggested("kind", "wins")
    assert of_kind("wins").prompts[0] in str(form.modal)
    assert "Wins of the week" in (await town.lena.fill(form)).text
    assert "wins" in {kind for (kind,) in await town.rows(Ritual, "kind")}


async def test_a_group_that_has_ended_is_left_in_peace(town: Village) -> None:
    """Nothing is suggested where nothing is held."""
    await held(town, 12, 11, 12, 13, 3, 2, 2)
    async with town.hearth.app.database.writing() as session:
        await session.execute(update(Group).values(locked_at=datetime(2026, 3, 2, tzinfo=UTC)))
    await town.hearth.advance(MONDAY)
    assert await town.rows(RitualChange, "id") == []

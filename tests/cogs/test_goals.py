"""Challenges as those who look after a group have them: drafted, begun, told, ended, gone on."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models import Goal, Group
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.cogs.goals import (
    WALK,
    all_check_in,
    all_in,
    begun,
    desk,
    drafted,
    last,
    thread,
)
from tests.conftest import Running

DAY = timedelta(days=1)


async def alone(hearth: Running) -> list[Person]:
    """Riverside, looked after by Lena who lives there; facilitators have #welcome."""
    await set_up(hearth, facilitators_room=channel(hearth, "welcome"))
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    await hearth.advance(timedelta(minutes=1))  # since when Hearth hears the server
    return [lena]


async def found(hearth: Running) -> list[Person]:
    """Lena, and five others who live there."""
    lena = await alone(hearth)
    names = ("Mara", "Jo", "Kim", "Ben", "Ida")
    return [*lena, *await asyncio.gather(*(at_home(hearth, name) for name in names))]


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Riverside, looked after by Lena who lives there; facilitators have #welcome."""
    return hearth.founded[0]


@pytest.fixture
def others(hearth: Running) -> list[Person]:
    """Five others who live there."""
    return hearth.founded[1:]


async def the_goal(hearth: Running) -> Goal:
    """Return the only challenge there is."""
    async with hearth.app.database.reading() as session:
        return (await session.scalars(select(Goal))).one()


async def test_a_challenge_from_the_desk_to_what_comes_next(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Drafted, begun by its host, half-time, the end, names of those who like it; and on."""
    draft = await drafted(lena)
    assert "is not public yet" in draft.text
    assert "every day" in draft.text
    assert draft.buttons == ["Begin", "Change", "Drop it", "Back"]
    done = await lena.press(draft, "Begin")
    assert "with you as its host" in done.text
    await hearth.settle()
    post = last(hearth)
    assert post.content.startswith(f"🎯 {lena.mention} begins a challenge: **Walk every day**")
    assert "What counts: Twenty minutes outside" in post.content
    assert not post.mentions
    assert thread(hearth).id == post.id
    assert thread(hearth).name == "🎯 Walk every day"
    everybody = [lena, *others]
    await all_in(everybody, post)
    await all_check_in(everybody, post)
    card = await desk(lena)
    assert "6 take part, 6 of them on their way." in card.text
    assert card.buttons == ["End it", "Back"]
    await hearth.advance(DAY)
    await all_check_in(everybody[:5], post)
    await hearth.advance(DAY)
    half = last(hearth)
    assert half.content.startswith("🎯 Half-time of **Walk every day**: day 3 of 4.")
    assert "6 of 6 are on their way." in half.content
    (picture,) = half.attachments
    assert "Most people checked in on 2026-03-02: 6." in picture["description"]
    assert not any(person.name in half.content for person in everybody)
    await all_check_in(everybody[:5], post)
    await hearth.advance(DAY)
    await all_check_in(everybody[:5], post)
    await hearth.advance(DAY)
    end = last(hearth)
    assert end.content.startswith("🎯 **Walk every day** is over.\n5 of 6 kept it up to the end.")
    assert "Noted: when **Walk every day**" in (await others[0].press(end, "Name me")).text
    assert "You took part" in (await others[4].press(end, "Name me")).text
    await hearth.advance(DAY + timedelta(hours=1))
    named = last(hearth)
    assert named.content == (
        f"🎉 They completed **Walk every day**, and like you to know: {others[0].mention}"
    )
    assert not named.mentions
    assert thread(hearth).archived
    assert thread(hearth).locked
    late = await others[1].press(end, "Name me")
    assert "there is no second list" in late.text
    card = await desk(lena)
    assert "5 of 6 completed it." in card.text
    form = await lena.press(card, "Go on")
    assert "2026-03-09 to 2026-03-12" in form.text
    assert "Begin" in (await lena.fill(form)).buttons


@pytest.mark.founded(by=alone)
async def test_nothing_typed_is_lost(hearth: Running, lena: Person) -> None:
    """A form that does not fit is kept, and opens as it was typed."""
    refused = await drafted(lena, when="some time soon")
    assert "“some time soon” is no day that I can read" in refused.text
    form = await lena.press(refused, "Fix it")
    assert "some time soon" in form.text
    draft = await lena.fill(form, **{**WALK, "when": "monday for 2 weeks"})
    assert "Begin" in draft.buttons
    changed = await lena.fill(await lena.press(draft, "Change"), title="Run")
    assert "🎯 **Run**" in changed.text
    again = await lena.press(await desk(lena), "Change")
    assert "2026-03-09 to 2026-03-22" in again.text
    gone = await lena.press(changed, "Drop it")
    assert "The draft of **Run** is gone." in gone.text
    assert (await lena.press(gone, "Back")).buttons == ["Plan one", "Back"]
    assert "over or was taken back" in (await lena.press(draft, "Begin")).text
    del hearth


@pytest.mark.founded(by=alone)
async def test_one_at_a_time(hearth: Running, lena: Person) -> None:
    """A second one waits until the first is over; whoever planned it keeps what they typed."""
    form = await lena.press(await desk(lena), "Plan one")
    await begun(hearth, lena)
    assert "One at a time keeps it simple" in (await lena.fill(form, **WALK)).text


@pytest.mark.founded(by=alone)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "archived", "archived_at": True}, "has ended"),
        ({"locked_at": True}, "is locked just now"),
        ({"room_id": None}, "isn't made yet"),
    ],
)
async def test_where_no_challenge_can_begin(
    hearth: Running, lena: Person, change: dict[str, object], words: str
) -> None:
    """In a room that is only read, locked, or not there."""
    draft = await drafted(lena)
    now = hearth.app.clock.now()
    values = {key: now if value is True else value for key, value in change.items()}
    async with hearth.app.database.writing() as session:
        await session.execute(update(Group).values(**values))
    assert words in (await lena.press(draft, "Begin")).text


@pytest.mark.founded(by=alone)
async def test_days_that_went_by_while_it_was_a_draft(hearth: Running, lena: Person) -> None:
    """It begins today then; where too little is left, other days are asked for."""
    draft = await drafted(lena, when="today for 5 days")
    await hearth.advance(DAY)
    await lena.press(draft, "Begin")
    assert (await the_goal(hearth)).first_day == "2026-03-03"
    await hearth.settle()
    card = await lena.press(await lena.press(await desk(lena), "End it"), "Yes, end it")
    assert "has ended" in card.text
    late = await lena.fill(await lena.press(await desk(lena), "Another"), **WALK)
    await hearth.advance(3 * DAY)
    assert "choose other days" in (await lena.press(late, "Begin")).text


@pytest.mark.founded(by=alone)
async def test_one_that_nobody_checks_in_to_asks_its_host(hearth: Running, lena: Person) -> None:
    """Once, without naming it outside; it is ended kindly, or let be."""
    await begun(hearth, lena, when="today for 9 days", title="Secret walk")
    await hearth.advance(5 * DAY)
    await hearth.advance(timedelta(minutes=1))  # the one before told half-time
    asked = last(hearth, "welcome")
    assert asked.content == f"{lena.mention}, one of your challenges asks whether it shall go on."
    assert "Secret walk" in (await lena.command("desk")).text
    home = await lena.command("home")
    assert "Nobody has checked in to **Secret walk**, which you host" in home.text
    question = await lena.press(asked, "Open")
    kept = await lena.press(question, "Let it run")
    assert "I won't ask again" in kept.text
    assert "Secret walk" not in (await lena.command("home")).text
    assert "Secret walk" not in (await lena.command("desk")).text
    await hearth.advance(2 * DAY)
    assert last(hearth, "welcome").id == asked.id
    sure = await lena.press(await lena.press(asked, "Open"), "End it")
    done = await lena.press(sure, "Yes, end it")
    assert "the room reads what came of it" in done.text
    await hearth.settle()
    assert last(hearth).content.startswith("🎯 **Secret walk** ends here, earlier than planned")
    assert (await the_goal(hearth)).state == "off"
    assert "over or was taken back" in (await lena.press(asked, "Open")).text


async def test_a_host_who_leaves_is_followed_by_another(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Those who look after the group are asked at the desk; the challenge runs on meanwhile."""
    post = await begun(hearth, lena)
    await all_in(others, post)
    await looked_after(hearth, others[0])
    left = await lena.command("leave")
    await lena.press(left, left.buttons[0])
    await hearth.settle()
    assert (await the_goal(hearth)).host_id is None
    front = await others[0].command("desk")
    assert "**Walk every day** has no host any more" in front.text
    assert (
        "you host **Walk every day** from now on"
        in (await others[0].press(front, "I'll host it")).text
    )
    assert (await the_goal(hearth)).host_id == others[0].id
    card = await desk(others[0])
    assert f"Hosted by {others[0].mention}." in card.text


@pytest.mark.founded(by=alone)
async def test_a_goal_group_is_offered_one_at_its_start(hearth: Running, lena: Person) -> None:
    """On the desk's front, until it had one or is no longer new; other groups find it behind."""
    assert "often begins with a challenge" not in (await lena.command("desk")).text
    await group(hearth, "Finishers", type="Goal", emoji="🏁")
    kim = await at_home(hearth, "Kim", "Finishers")
    await looked_after(hearth, kim, "Finishers")
    front = await kim.command("desk")
    assert "often begins with a challenge" in front.text
    assert (await kim.press(front, "Plan one")).kind == "modal"
    async with hearth.app.database.writing() as session:
        early = hearth.app.clock.now() - 31 * DAY
        await session.execute(
            update(Group).where(Group.name == "Finishers").values(opened_at=early)
        )
    assert "often begins with a challenge" not in (await kim.command("desk")).text

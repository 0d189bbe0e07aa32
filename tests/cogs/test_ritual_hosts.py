"""Hosts of rituals through the real commands: turns, swaps, questions, and nobody left to host."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from models import Group, Membership, Ritual, RitualHost, RitualSwap, Server
from sandbox.people import Person
from tests.cogs.ritual_town import MINE, MONDAY, QUESTION, TOO, WEEK, Village, together, village
from tests.conftest import Running

ASK, SWAP, TAKE_OUT = (f"ritual-{what}:1" for what in ("host-ask", "swap", "host-take-out"))


pytestmark = pytest.mark.founded(by=village)


@pytest.fixture
def town(hearth: Running) -> Village:
    """The village, with nothing begun."""
    return hearth.founded


async def both(town: Village) -> tuple[Person, Person]:
    """Let Lena and Jo host by turns."""
    await town.hosted_by_two()
    return town.lena, town.jo


async def test_hosts_take_turns(town: Village) -> None:
    """Jo offers from ‹Together›; each post names the host of the day, who is not pinged."""
    lena, jo = town.lena, town.jo
    card = await town.begun()
    assert f"Hosted by {lena.mention}." in card.text
    before = await together(jo)
    assert f"hosted by {lena.mention}" in before.text
    joined = await jo.press(before, TOO)
    assert f"You're in the round for **{QUESTION}**" in joined.text
    assert f"Turns go round like this: {lena.mention}, {jo.mention}." in joined.text
    assert MINE in (await together(jo)).buttons
    for week in range(3):
        await town.hearth.advance(MONDAY + week * WEEK)
    assert town.hosts() == [one.mention for one in (lena, jo, lena)]
    assert not any(post.mentions for post in town.posts())


async def test_a_turn_is_told_within_a_week_and_nobody_is_written_to(town: Village) -> None:
    """At /home and at the desk's front, to who hosts next and to nobody else."""
    lena, jo = await both(town)
    told = f"Your turn to host **{QUESTION}**: <t:{int(MONDAY.timestamp())}:F>"
    assert told in (await lena.command("desk")).text
    assert told in (await lena.command("home")).text
    assert "Your turn" not in (await jo.command("home")).text
    await town.hearth.advance(MONDAY)
    assert "Your turn" not in (await lena.command("desk")).text
    home = await jo.command("home")
    assert "Your turn" in home.text
    card = await jo.press(home, f"My turn: {QUESTION}")
    assert card.buttons == ["Someone else this time", "The next one", "Stop hosting"]
    assert jo.dms == []
    assert not any("question is waiting" in message.content for message in town.room.history)


async def test_another_host_takes_one_over(town: Village) -> None:
    """Asked, Jo says yes at a press of their own; Lena has Jo's turn then."""
    lena, jo = await both(town)
    card = await lena.press(await lena.command("desk"), f"My turn: {QUESTION}")
    asked = await lena.press(card, "Someone else this time")
    assert "Nobody has said yes so far" in asked.text
    assert "Someone else this time" not in asked.buttons
    await town.hearth.settle()
    question = await jo.press(town.line_for(jo), "Open")
    assert f"{lena.mention} can't host **{QUESTION}** on <t:" in question.text
    assert "swap turns" in (await jo.command("home")).text
    old = await jo.press(town.line_for(jo), "Open")
    done = await jo.press(question, "Yes, let's swap")
    assert f"Next is {jo.mention}" in done.text
    assert await town.rows(RitualSwap, "host_id") == []
    again = await jo.press(old, "Yes, let's swap")
    assert "settled already, or was taken back" in again.text
    for week in range(3):
        await town.hearth.advance(MONDAY + week * WEEK)
    assert town.hosts() == [one.mention for one in (jo, lena, jo)]


async def test_a_swap_that_is_refused_or_taken_back_changes_nothing(town: Village) -> None:
    """A no leaves the others free to say yes; taken back, nobody is asked any more."""
    lena, jo = await both(town)
    mara = town.mara
    await mara.press(await together(mara), TOO)
    card = await lena.press(await lena.command("desk"), f"My turn: {QUESTION}")
    asked = await lena.press(card, "Someone else this time")
    await town.hearth.settle()
    refused = await jo.press(await jo.press(town.line_for(jo), "Open"), "I can't")
    assert "everything stays as it was" in refused.text
    assert "swap turns" not in (await jo.command("home")).text
    assert await town.rows(RitualSwap, "host_id") == [(mara.id,)]
    line = town.line_for(mara)
    back = await lena.press(asked, "I'll do it after all")
    assert "Someone else this time" in back.buttons
    over = await mara.press(line, "Open")
    assert "settled already, or was taken back" in over.text
    mine = await mara.choose(await mara.press(await together(mara), MINE), "Lena")
    assert "You asked another host to swap" in mine.text
    home = await lena.command("home")
    assert "Another host asks whether you would swap" in home.text
    question = await lena.press(home, "A question about hosting")
    assert f"{mara.mention} would like your turn" in question.text
    twice = await jo.choose(await jo.press(await together(jo), MINE), "Lena")
    assert "being asked about a swap already" in twice.text


async def test_a_facilitator_asks_and_a_no_vanishes(town: Village) -> None:
    """The line in the room names no ritual; who says no is not told on, and may be asked again."""
    lena, jo, mara = town.lena, town.jo, town.mara
    card = await lena.press(await town.begun(), "Hosts")
    assert "A second host makes it lighter" in card.text
    asked = await lena.choose(card, jo, custom_id=ASK)
    assert f"Asked. If {jo.mention} says yes" in asked.text
    assert "nothing more to do" in (await lena.choose(asked, jo, custom_id=ASK)).text
    await town.hearth.settle()
    line = town.line_for(jo)
    assert QUESTION not in line.content
    assert "question is over" in (await mara.press(line, "Open")).text
    assert "Would you host a ritual now and then?" in (await jo.command("home")).text
    question = await jo.press(line, "Open")
    assert f"take turns hosting **{QUESTION}** (weekly monday 18:00)" in question.text
    old = await jo.press(line, "Open")
    assert "Nobody is told" in (await jo.press(question, "Not for me")).text
    assert "question is over" in (await jo.press(old, "Yes, gladly")).text
    assert "Would you host" not in (await jo.command("home")).text
    assert await town.rows(RitualHost, "user_id", "state") == [(lena.id, "hosts")]
    await lena.choose(asked, jo, custom_id=ASK)
    question = await jo.press(await jo.command("home"), "A question about hosting")
    assert "in the round" in (await jo.press(question, "Yes, gladly")).text
    assert len(await town.rows(RitualHost, "user_id")) == 2
    card = await lena.press(await town.shown(), "Hosts")
    card = await lena.choose(card, "Jo", custom_id=TAKE_OUT)
    assert f"Next is {lena.mention}" in card.text
    assert await town.rows(RitualHost, "user_id") == [(lena.id,)]


async def test_only_people_of_the_group_host(town: Village) -> None:
    """Whoever lives elsewhere is not asked, and cannot press themselves in; others see no rota."""
    lena, jo = town.lena, town.jo
    card = await town.begun()
    before = await together(jo)
    rota_card = await lena.press(card, "Hosts")
    async with town.hearth.app.database.writing() as session:
        await session.execute(delete(Membership).where(Membership.user_id == jo.id))
    assert "doesn't live in **Riverside**" in (await lena.choose(rota_card, jo, custom_id=ASK)).text
    assert "people who live in the group" in (await jo.press(before, TOO)).text
    assert await town.rows(RitualHost, "user_id") == [(lena.id,)]


async def test_who_steps_out_is_out(town: Village) -> None:
    """The next host's turn comes; whoever looks after the group can take somebody out, too."""
    lena, jo = await both(town)
    card = await lena.press(await town.shown(), "Hosts")
    old = await lena.press(await town.shown(), "Hosts")
    gone = await lena.press(card, "Stop hosting")
    assert f"You no longer host **{QUESTION}**" in gone.text
    assert "You don't host that ritual" in (await lena.press(old, "Stop hosting")).text
    assert ("running", jo.id) in await town.rows(Ritual, "state", "host_id")
    await town.hearth.advance(MONDAY)
    assert town.hosts() == [jo.mention]


async def test_who_is_away_is_passed_over(town: Village) -> None:
    """While anybody is there; when all are away, it comes without a host's name."""
    lena, jo = await both(town)
    await lena.command("away", until="two weeks")
    assert "Away just now, and passed over" in (await lena.press(await town.shown(), "Hosts")).text
    await town.hearth.advance(MONDAY)
    await jo.command("away", until="two weeks")
    assert "All of them are away" in (await town.shown()).text
    await town.hearth.advance(MONDAY + WEEK)
    assert town.hosts() == [jo.mention, ""]
    assert ("running", lena.id) in await town.rows(Ritual, "state", "host_id")


async def test_without_a_host_it_rests_and_asks(town: Village) -> None:
    """Those who look after the group are asked once; whoever says yes hosts it from the next on."""
    lena, jo = town.lena, town.jo
    await town.begun()
    await lena.press(await lena.press(await town.shown(), "Hosts"), "Stop hosting")
    await town.hearth.advance(MONDAY - timedelta(hours=1))
    await town.hearth.advance(MONDAY)
    await town.hearth.advance(MONDAY + WEEK)
    assert town.posts() == []
    (line,) = [m for m in town.office.history if "a question is waiting" in m.content]
    assert line.content == f"{lena.mention}, a question is waiting for you."
    assert "for the facilitators" in (await jo.press(line, "Open")).text
    desk = await lena.command("desk")
    assert f"**{QUESTION}** has nobody to host it, so it rests." in desk.text
    question = await lena.press(desk, f"Who hosts {QUESTION}?")
    assert "(weekly monday 18:00) has nobody to host it any more" in question.text
    again = await lena.press(question, "I'll host it")
    assert f"Hosted by {lena.mention}." in again.text
    assert "nobody to host" not in (await lena.command("desk")).text
    assert "Pause" in (await lena.press(line, "Open")).buttons
    await town.hearth.advance(MONDAY + 2 * WEEK)
    assert town.hosts() == [lena.mention]


async def test_a_paused_server_a_closed_group_and_a_ritual_that_went(town: Village) -> None:
    """Nothing is asked where nothing is held; old buttons say so."""
    lena, jo = await both(town)
    card = await lena.press(await town.shown(), "Hosts")
    mine = await jo.press(await together(jo), MINE)
    async with town.hearth.app.database.writing() as session:
        await session.execute(update(Ritual).values(host_id=None))
        await session.execute(delete(RitualHost))
        await session.execute(update(Server).values(paused_at=MONDAY))
    await town.hearth.advance(MONDAY + timedelta(minutes=5))
    assert not any("question is waiting" in m.content for m in town.office.history)
    assert "paused" in (await jo.press(mine, "Stop hosting")).text
    async with town.hearth.app.database.writing() as session:
        await session.execute(update(Server).values(paused_at=None))
        await session.execute(update(Group).values(archived_at=MONDAY, state="archived"))
    await town.hearth.advance(MONDAY + timedelta(minutes=10))
    assert not any("question is waiting" in m.content for m in town.office.history)
    assert "not held any more" in (await lena.choose(card, jo, custom_id=ASK)).text
    assert "Your turn" not in (await lena.command("home")).text
    async with town.hearth.app.database.writing() as session:
        await session.execute(delete(Ritual))
    assert "not held any more" in (await jo.press(mine, "Stop hosting")).text

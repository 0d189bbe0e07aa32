"""What those who look after a group are refused: at the desk, and about who looks after it."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import User
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def riverside(hearth: Running) -> Person:
    """Found Riverside; return Lena, who looks after it."""
    await set_up(hearth, owners_room=channel(hearth, "welcome"))
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return lena


async def named(lena: Person, label: str, who: str) -> str:
    """Have Lena name somebody in one of the desk's forms; return what she reads."""
    form = await lena.press(await desk_page(lena, "People"), label)
    return (await lena.fill(form, who=who)).text


def bot(hearth: Running) -> User:
    """Return Hearth's own account."""
    return hearth.server.members[hearth.sandbox.world.state.bot.id].user


@pytest.mark.parametrize("label", ["Ask someone to help", "Invite"])
async def test_who_is_meant(hearth: Running, label: str) -> None:
    """A bot, two of one name, nobody of that name: each is one line, and nobody is written to."""
    lena = await riverside(hearth)
    twins = await hearth.owner.create_role("Twins")
    for name in ("Kim", "Jo"):
        twin = await hearth.person(name)
        twin.member.nick = "Twin"
        await hearth.owner.give_role(twin, twins)  # with it everybody's client hears of the name
    await hearth.settle()
    before = len(channel(hearth, "general").history)
    assert "would accept anything" in await named(lena, label, bot(hearth).mention)
    assert "Several people are called “twin”" in await named(lena, label, "twin")
    assert "I don't find “Qqxzzv” among the members here" in await named(lena, label, "Qqxzzv")
    await hearth.settle()
    assert len(channel(hearth, "general").history) == before


async def test_whom_a_facilitator_cannot_ask(hearth: Running) -> None:
    """To help: nobody who lives elsewhere. To come: nobody who lives there already."""
    lena = await riverside(hearth)
    kim, jo = await hearth.person("Kim"), await at_home(hearth, "Jo")
    helps = await named(lena, "Ask someone to help", kim.mention)
    assert f"{kim.mention} doesn't live in **Riverside**" in helps
    assert f"{jo.mention} lives there already" in await named(lena, "Invite", jo.mention)
    assert "A question for you" not in (await kim.command("home")).buttons


async def test_an_invitation_is_not_kept_for_ever(hearth: Running) -> None:
    """After a month its line opens nothing any more."""
    lena = await riverside(hearth)
    kim = await hearth.person("Kim")
    assert "good for 30 days" in await named(lena, "Invite", kim.mention)
    await hearth.settle()
    line = next(m for m in channel(hearth, "general").history if kim.user in m.mentions)
    assert "invited to **Riverside**" in (await kim.press(line, "Open")).text
    await hearth.advance(timedelta(days=31))
    assert "invitation is not open any more" in (await kim.press(line, "Open")).text


async def test_who_asks_is_answered_once(hearth: Running) -> None:
    """A desk left open still offers to show who asks, when nobody does any more."""
    await set_up(hearth)
    await group(hearth, "Circle", type="Experience")
    mo = await hearth.person("Mo")
    asks = await mo.command("join", group="Circle")
    assert not asks.failed
    owner = hearth.owner
    desk, old = [await owner.command("desk", group="Circle") for _ in range(2)]
    listed = await owner.press(desk, "Who asks?")
    card = await owner.choose(listed, "Mo")
    let_in = await owner.press(card, "Let in")
    assert "Circle" in let_in.text
    assert "Nobody asks to come in right now" in (await owner.press(old, "Who asks?")).text


async def question(hearth: Running, person: Person) -> Answer:
    """Have an owner ask somebody to look after Riverside; return the question as they open it."""
    await hearth.owner.command("hearth facilitator ask", group="Riverside", user=person)
    await hearth.settle()
    return await person.press(await person.command("home"), "A question for you")


async def test_a_question_that_was_taken_back(hearth: Running) -> None:
    """The late yes changes nothing; and who was never asked cannot be taken out."""
    await riverside(hearth)
    kim, jo = await hearth.person("Kim"), await at_home(hearth, "Jo")
    opened = await question(hearth, jo)
    taken = {"group": "Riverside", "user": jo}
    await hearth.owner.command("hearth facilitator remove", **taken)
    late = await jo.press(opened, "Yes, gladly")
    assert "has been taken back meanwhile" in late.text
    again = await hearth.owner.command("hearth facilitator remove", **taken)
    assert f"{jo.mention} does not look after Riverside" in again.text
    never = await hearth.owner.command("hearth facilitator remove", group="Riverside", user=kim)
    assert f"{kim.mention} does not look after Riverside" in never.text
    assert "A desk belongs to" in (await jo.command("desk")).text


async def test_a_yes_without_a_key(hearth: Running) -> None:
    """Who must not meet somebody there by the time of the yes looks after nothing."""
    await riverside(hearth)
    kim, jo = await hearth.person("Kim"), await at_home(hearth, "Jo")
    opened = await question(hearth, kim)
    apart = await hearth.owner.command("safety apart", one=kim, other=jo)
    assert not apart.failed
    await hearth.settle()
    late = await kim.press(opened, "Yes, gladly")
    assert "There is no key to **Riverside**'s room for you" in late.text
    assert "A desk belongs to" in (await kim.command("desk")).text
    assert not kim.sees(channel(hearth, "🌊-riverside"))


async def test_a_group_that_rests_is_not_asked(hearth: Running) -> None:
    """The card that was open before the rest asks nobody."""
    lena = await riverside(hearth)
    charter = await lena.press(await desk_page(lena, "Room"), "Charter")
    await hearth.owner.command("hearth group rest", group="Riverside")
    await hearth.settle()
    before = len(channel(hearth, "🌊-riverside").history)
    asked = await lena.press(charter, "Ask the group for help")
    assert "**Riverside** is not open, so there is nobody to ask" in asked.text
    await hearth.settle()
    assert len(channel(hearth, "🌊-riverside").history) == before

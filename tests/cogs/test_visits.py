"""Visits as people make them: a door that opens, a room that is linked, an end."""

from datetime import timedelta

import pytest

from sandbox.people import Person
from sandbox.state import Channel
from tests.cogs.desks import desk_page
from tests.cogs.founding import looked_after
from tests.conftest import Running


@pytest.fixture
async def riverside(hearth: Running) -> Channel:
    """Return the room of a group that takes visitors."""
    desk = await hearth.owner.create_channel("desk")
    await hearth.owner.command(
        "hearth setup", commons=hearth.server.channel("general"), facilitators_room=desk
    )
    return await group(hearth, "Riverside", "Interest")


@pytest.fixture
async def kim(hearth: Running) -> Person:
    """Somebody new."""
    return await hearth.person("Kim")


async def group(hearth: Running, name: str, type_: str) -> Channel:
    """Make a group; return its room."""
    made = await hearth.owner.command(
        "hearth group create",
        name=name,
        type=type_,
        purpose="Evening runs around the lake.",
        emoji="🌊",
    )
    assert "is made" in made.text, made.text
    await hearth.settle()
    channels = hearth.server.channels.values()
    return next(c for c in channels if c.name == f"🌊-{name.casefold().replace(' ', '-')}")


async def lena_looks_after(hearth: Running, name: str, room: Channel) -> Person:
    """Let Lena move in and look after the group."""
    lena = await hearth.person("Lena")
    await lena.command("join", group=name)
    await hearth.owner.command("hearth facilitator ask", group=name, user=lena)
    await hearth.settle()
    asked = next(m for m in room.history if "there is a question for you" in m.content)
    await lena.press(await lena.press(asked, "Open"), "Yes, gladly")
    return lena


async def test_the_reply_links_a_room_that_opens(
    hearth: Running, riverside: Channel, kim: Person
) -> None:
    """The answer comes when the door is open; after fourteen days it is closed again."""
    assert not kim.sees(riverside)
    answer = await kim.command("visit", group="Riverside")
    assert answer.ephemeral
    assert f"<#{riverside.id}>" in answer.text
    assert "Don't count me" in answer.buttons
    assert kim.sees(riverside)
    assert kim.can_send(riverside)
    await hearth.advance(timedelta(days=13, hours=23))
    assert kim.sees(riverside)
    await hearth.advance(timedelta(hours=2))
    assert not kim.sees(riverside)
    again = await kim.command("visit", group="Riverside")
    assert "You were in **Riverside** not long ago" in again.text


async def test_a_button_means_the_same(riverside: Channel, kim: Person) -> None:
    """From the directory, one press; the second answer says that the door is open already."""
    shown = await kim.command("groups", find="Riverside")
    visited = await kim.press(shown, custom_id="visit:1")
    assert f"<#{riverside.id}>" in visited.text
    assert kim.sees(riverside)
    again = await kim.command("visit", group=f"<#{riverside.id}>")
    assert "You are visiting **Riverside** already" in again.text


async def test_an_unlisted_group_answers_like_a_typo(hearth: Running, kim: Person) -> None:
    """Neither its name nor its id gives away that it exists."""
    await hearth.owner.command("hearth setup", commons=hearth.server.channel("general"))
    await group(hearth, "Quiet Corner", "Identity")
    typo = await kim.command("visit", group="Quiet Cornet")
    assert (await kim.command("visit", group="Quiet Corner")).text == typo.text
    assert (await kim.command("visit", group="1")).text == typo.text
    assert await kim.autocomplete("visit", "group", "Quiet") == []


async def test_on_request_facilitators_let_them_in(hearth: Running, kim: Person) -> None:
    """A neutral line in their room; the name and the answer are behind its button."""
    desk = await hearth.owner.create_channel("desk")
    await hearth.owner.command(
        "hearth setup", commons=hearth.server.channel("general"), facilitators_room=desk
    )
    room = await group(hearth, "Letters", "Goal")
    changed = await hearth.owner.command("hearth type edit", type="Goal", visits="request")
    assert not changed.failed
    lena = await lena_looks_after(hearth, "Letters", room)
    asked = await kim.command("visit", group="Letters")
    assert "I have asked the people who look after **Letters**" in asked.text
    again = await kim.command("visit", group="Letters")
    assert "have your question already" in again.text
    await hearth.settle()
    (line,) = (m for m in desk.history if lena.mention in m.content)
    assert kim.mention not in line.content
    card = await lena.press(line, "Open")
    assert kim.mention in card.text
    assert not kim.sees(room)
    await lena.press(card, "Let in")
    await hearth.settle()
    assert kim.sees(room)


async def test_facilitators_see_and_end_visits(
    hearth: Running, riverside: Channel, kim: Person
) -> None:
    """The list is for them alone; the door is closed at once."""
    await kim.command("visit", group="Riverside")
    lena = await lena_looks_after(hearth, "Riverside", riverside)
    desk = await desk_page(lena, "People")
    shown = await lena.press(desk, custom_id="visitors:1")
    assert kim.mention in shown.text
    assert shown.choices == ["Kim"]
    form = await lena.choose(shown, "Kim")
    left = await lena.fill(form, reason="")
    assert "Nobody is visiting **Riverside**" in left.text
    assert left.buttons == ["Back"]
    await hearth.settle()
    assert not kim.sees(riverside)


async def test_who_looks_after_a_group_is_no_visitor(
    hearth: Running, riverside: Channel, kim: Person
) -> None:
    """Their key goes with their office: it has no end date, and no menu that takes it."""
    lena = await hearth.person("Lena")
    await looked_after(hearth, lena)
    await hearth.settle()
    assert lena.sees(riverside)
    desk = await desk_page(lena, "People")
    assert "Nobody is visiting **Riverside**" in (await lena.press(desk, "Visitors")).text
    await kim.command("visit", group="Riverside")
    shown = await lena.press(await desk_page(lena, "People"), "Visitors")
    assert "has 1 visitor:" in shown.text
    assert shown.choices == ["Kim"]


@pytest.mark.usefixtures("riverside")
async def test_a_fourth_visit_has_to_wait(hearth: Running, kim: Person) -> None:
    """Three at once; ending one makes room."""
    for name in ("Alder", "Birch", "Cedar"):
        await group(hearth, name, "Interest")
        assert "is open for you" in (await kim.command("visit", group=name)).text
    refused = await kim.command("visit", group="Riverside")
    assert "You are on 3 visits already" in refused.text
    sure = await kim.command("leave", group="Alder")
    await kim.press(sure, sure.buttons[0])
    assert "is open for you" in (await kim.command("visit", group="Riverside")).text

"""A split from the first word in the facilitators' room to people standing in their new one."""

from datetime import timedelta

import pytest

from tests.cogs.full_group import CAP, Village, full_group
from tests.conftest import Running

pytestmark = pytest.mark.founded(by=full_group)


@pytest.fixture
def village(hearth: Running) -> Village:
    """Return Riverside, full of two circles of friends; Lena looks after it."""
    return hearth.founded


async def test_from_the_preview_to_two_rooms(village: Village, hearth: Running) -> None:
    """Lena says yes, everyone is told, and five days later each circle is in a room of its own."""
    notice = await village.told()
    river = village.room("riverside")
    role = next(role for role in hearth.server.roles.values() if "Riverside" in role.name)
    assert f"<@&{role.id}>" in notice.content
    before = hearth.sandbox.requests.snapshot()
    await hearth.advance(timedelta(days=5))
    asked = hearth.sandbox.requests.since(before)
    # The hourly comparison with Discord only reads, and is no part of a split.
    looks = sum(n for route, n in asked.by_route.items() if route.startswith("GET /guilds/"))
    assert asked.total - looks <= CAP // 2 + 8, asked.by_route
    assert asked.errors == []
    pond = village.room("evening star")
    assert village.members(pond) == village.members(river) == {p.name for p in village.people}
    texts = [message.content for message in pond.history]
    assert any("This is **Evening Star** now, all 6 of you" in text for text in texts)
    moved = {p.name for p in village.people if any("Evening" in r.name for r in p.roles)}
    assert moved == {p.name for p in village.people[1::2]}  # Lena's circle keeps the room
    await hearth.advance(timedelta(days=30, hours=1))
    assert village.members(pond) == moved
    assert village.members(river) == {p.name for p in village.people} - moved


async def test_everyone_gets_the_button_and_a_private_answer(
    village: Village, hearth: Running
) -> None:
    """Where am I: a half, who leads it, and the other one for the asking."""
    notice = await village.told()
    place = await village.people[2].press(notice, "Where am I?")
    assert place.ephemeral
    assert "You'll be with **Riverside**" in place.text
    assert f"<@{village.lena.id}> looks after" in place.text
    refused = await village.people[2].press(place, "I'd rather be with Evening Star")
    assert "about the same size" in refused.text
    assert len(refused.buttons) == 2
    there = await village.people[1].press(notice, "Where am I?")
    swapped = await village.people[1].press(there, "I'd rather be with Riverside")
    assert "As you chose: you'll be with **Riverside**" in swapped.text
    assert "with **Evening Star**" in (await village.people[2].press(notice, "Where am I?")).text
    visitor = await hearth.person("Vera")
    await visitor.command("visit", group="Riverside")
    assert "nothing changes for you" in (await visitor.press(notice, "I'd like to be with…")).text


async def test_a_choice_is_kept(village: Village, hearth: Running) -> None:
    """Once somebody has left the other half there is room, and the move follows the choice."""
    notice = await village.told()
    leaver, chooser = village.people[1], village.people[2]
    sure = await leaver.command("leave", group="Riverside")
    left = await leaver.press(sure, sure.buttons[0])
    assert "kept" in left.text, left.text
    await hearth.advance(timedelta(hours=49))
    place = await chooser.press(notice, "I'd like to be with…")
    chosen = await chooser.press(place, "I'd rather be with Evening Star")
    assert "As you chose: you'll be with **Evening Star**, with 5 others" in chosen.text
    await hearth.advance(timedelta(days=4))
    assert [role.name for role in chooser.roles if "Evening Star" in role.name]
    assert (
        f"<#{village.room('evening star').id}>" in (await chooser.press(notice, "Where am I?")).text
    )


async def test_every_group_is_named_and_nothing_typed_is_lost(
    village: Village, hearth: Running
) -> None:
    """A name that cannot be is refused with a line, and the form comes back as it was typed."""
    line = await village.plan()
    preview, other = [await village.lena.press(line, "Open") for _ in range(2)]
    names = await village.lena.press(preview, "Names")
    assert "🌊 **Riverside** keeps the room." in names.text
    opened = await village.lena.press(names, "Rename Evening Star")
    refused = await village.lena.fill(opened, name="riverside", emoji="🌊")
    assert "is a group here already" in refused.text
    again = await village.lena.press(refused, "Fix it")
    assert "riverside" in str(again.modal)
    named = await village.lena.fill(again, name="Millpond", emoji="🦆")
    assert "🦆 **Millpond**" in named.text
    opened = await village.lena.press(named, "Rename Riverside")
    taken = await village.lena.fill(opened, name="millpond")
    assert "is a group here already" in taken.text
    opened = await village.lena.press(taken, "Fix it")
    both = await village.lena.fill(opened, name="Upper River", emoji="🏞️")
    assert "🏞️ **Upper River** keeps the room." in both.text
    back = await village.lena.press(both, "Back to the plan")
    assert "**Upper River**, 6 people, keeps the room" in back.text
    notice = await village.told()
    assert "**Upper River** and **Millpond**" in notice.content
    late = await village.lena.press(other, "Names")
    assert "told already" in late.text
    await hearth.advance(timedelta(days=5))
    assert village.room("upper river").id == notice.channel_id
    assert {role.name for role in hearth.server.roles.values()} >= {"🏞️ Upper River", "🦆 Millpond"}


async def test_others_cannot_decide(village: Village, hearth: Running) -> None:
    """Who sees the facilitators' room is not yet a facilitator; an owner may."""
    line = await village.plan()
    answer = await village.people[3].press(line, "Open")
    assert "for the facilitators of Riverside" in answer.text
    put_off = await hearth.owner.press(await hearth.owner.press(line, "Open"), "Not now")
    assert "Nothing moves" in put_off.text


async def test_the_desk_shows_how_it_stands(village: Village) -> None:
    """The same plan behind the desk's button, for Lena alone."""
    await village.plan()
    desk = await village.lena.command("desk")
    shown = await village.lena.press(desk, custom_id="split-look:1")
    assert "It could become two" in shown.text
    assert "Tell the members" in shown.buttons

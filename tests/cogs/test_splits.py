"""A split from the first word in the facilitators' room to people standing in their new one."""

from datetime import timedelta

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message
from tests.conftest import Running

CAP = 12


class Village:
    """A full group of twelve, in two circles of friends, and its rooms."""

    def __init__(self, hearth: Running, people: list[Person], desk: Channel) -> None:
        self.hearth = hearth
        self.people = people
        self.lena = people[0]
        self.desk = desk

    def room(self, name: str) -> Channel:
        """Return a room by the end of its name."""
        channels = self.hearth.server.channels.values()
        return next(c for c in channels if c.name.endswith(name.casefold().replace(" ", "-")))

    def found(self, channel: Channel, text: str) -> Message:
        """Return the newest message with `text` in it."""
        return next(m for m in reversed(list(channel.history)) if text in m.content)

    def members(self, room: Channel) -> set[str]:
        """Return the names of those who see a room."""
        return {person.name for person in self.people if person.sees(room)}

    async def plan(self) -> Message:
        """Wait until the ties of the first day are in the plan; return its line."""
        await self.hearth.advance(timedelta(days=1, hours=1))
        return self.found(self.desk, "something about your group")

    async def preview(self) -> Answer:
        """Return the plan as Lena opens it."""
        return await self.lena.press(await self.plan(), "Open")

    async def told(self) -> Message:
        """Have Lena say yes; return the notice."""
        answer = await self.lena.press(await self.preview(), "Tell the members")
        assert "The members are told" in answer.text, answer.text
        await self.hearth.settle()
        return self.found(self.room("riverside"), "We've grown too big")


@pytest.fixture
async def village(hearth: Running) -> Village:
    """Riverside is full; six write with each other, and six others do; Lena looks after it."""
    owner = hearth.owner
    desk = await owner.create_channel("desk")
    office = await owner.create_channel("office")
    await owner.command(
        "hearth setup",
        commons=hearth.server.channel("general"),
        facilitators_room=desk,
        owners_room=office,
    )
    added = await owner.command(
        "hearth type add", name="Small", cap=CAP, minimum=5, split_delay_days=5
    )
    assert "Small" in added.text, added.text
    made = await owner.command(
        "hearth group create",
        name="Riverside",
        type="Small",
        purpose="Evening runs around the lake.",
        emoji="🌊",
    )
    assert "is made" in made.text, made.text
    people = [await hearth.person(f"P{number}") for number in range(CAP)]
    for person in people:
        joined = await person.command("join", group="Riverside")
        assert not joined.failed
    village = Village(hearth, people, desk)
    asked = await owner.command("hearth facilitator ask", group="Riverside", user=people[0])
    assert not asked.failed
    await hearth.settle()
    question = await people[0].press(village.found(village.room("riverside"), "question"), "Open")
    await people[0].press(question, "Yes, gladly")
    room = village.room("riverside")
    for circle in (people[::2], people[1::2]):
        first = await circle[0].write(room, "Who runs tonight?")
        for person in circle[1:]:
            await person.write(room, "Me!", reply_to=first)
        await hearth.advance(timedelta(hours=2))
    return village


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


async def test_the_new_group_is_named_and_nothing_typed_is_lost(village: Village) -> None:
    """A name that cannot be is refused with a line, and the form comes back as it was typed."""
    line = await village.plan()
    preview, other = [await village.lena.press(line, "Open") for _ in range(2)]
    opened = await village.lena.press(preview, "Name it")
    refused = await village.lena.fill(opened, name="riverside", emoji="🌊")
    assert "is a group here already" in refused.text
    again = await village.lena.press(refused, "Fix it")
    assert "riverside" in str(again.modal)
    named = await village.lena.fill(again, name="Millpond", emoji="🦆")
    assert "🦆 **Millpond**" in named.text
    told = await village.lena.press(preview, "Tell the members")
    assert not told.failed
    late = await village.lena.press(other, "Name it")
    assert "told already" in late.text


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

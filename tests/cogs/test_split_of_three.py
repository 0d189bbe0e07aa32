"""A group that was adopted with far too many people becomes three, in the sandbox."""

from datetime import timedelta

from sandbox.state import Channel
from tests.cogs.founding import set_up
from tests.cogs.test_adopting import adopt, old_room
from tests.conftest import Running


def found(channel: Channel, text: str) -> str:
    """Return the newest message of a room with `text` in it, as it reads."""
    return next(m.content for m in reversed(list(channel.history)) if text in m.content)


async def test_a_crowd_becomes_three_and_visits_each_other(hearth: Running) -> None:
    """An owner says yes; three rooms, each with a circle, and all doors open for a month."""
    owner = hearth.owner
    office = await owner.create_channel("office")
    await set_up(hearth, owners_room=office)
    await owner.command("hearth type add", name="Tiny", cap=10, minimum=5, split_delay_days=1)
    people = [await hearth.person(f"C{number}") for number in range(24)]
    circles = (people[:8], people[8:16], people[16:])
    role, room = await old_room(hearth, "Crowd", people)
    await adopt(hearth, role, room, "Tiny")
    notice = next(m for m in room.history if "one of the server's groups" in m.content)
    for person in people:
        await person.press(notice, "I'm part of it")
    for circle in circles:
        first = await circle[0].write(room, "Who is up for Sunday?")
        for person in circle[1:]:
            await person.write(room, "Me!", reply_to=first)
        await hearth.advance(timedelta(hours=1))
    assert "(24 of 10). It could become 3 groups" in found(office, "outgrown its table")
    await hearth.advance(timedelta(days=1, hours=1))  # then the talk of today is in the plan
    line = next(m for m in reversed(list(office.history)) if "outgrown its table" in m.content)
    shown = await owner.press(line, "Tell the members")
    if "The plan has changed" in shown.text:
        shown = await owner.press(shown, "Tell the members")
    assert "The members are told" in shown.text, shown.text
    await hearth.settle()
    assert "we become 3 groups: **Crowd** · **" in found(room, "grown too big")
    told = next(m for m in reversed(list(room.history)) if "grown too big" in m.content)
    place = await people[0].press(told, "Where am I?")
    assert len([label for label in place.buttons if label.startswith("I'd rather be with")]) == 2
    await hearth.advance(timedelta(days=2))
    rooms = [
        channel
        for channel in hearth.server.channels.values()
        if any("This is **" in message.content for message in channel.history)
    ]
    assert len(rooms) == 2
    homes = [{role for role in person.roles if role.color} for person in people]
    assert all(len(roles) == 1 for roles in homes)
    for circle in circles:
        assert len({frozenset(person.roles) for person in circle}) == 1
    assert len({frozenset(person.roles) for person in people}) == 3
    assert all(person.sees(one) for person in people for one in (room, *rooms))
    for new in rooms:
        assert found(new, "This is **").count("The door to **") == 2
    await hearth.advance(timedelta(days=30, hours=1))
    for new in rooms:
        assert sum(person.sees(new) for person in people) == 8
    joined = await (await hearth.person("Mo")).command("join", group="Crowd")
    assert "Welcome home" in joined.text  # it rested only until it had split

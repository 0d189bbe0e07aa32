"""Names that come from Discord are shown as names: of people, of roles, of rooms."""

import pytest

from tests.cogs.founding import group, looked_after, set_up
from tests.conftest import Running
from tests.hostile.reading import read_all
from tests.hostile.stored import unclean
from tests.hostile.texts import short
from tests.hostile.town import Town, bystanders, town

NAME_MOST = 32  # of an account's name and a nickname (Discord)
MANY = 14  # who get a home each, with the next of the names


async def lodged(hearth: Running) -> Town:
    """Found Riverside, whose people are called what nobody should be called."""
    who = await bystanders(hearth)
    rooms = {
        f"{name}_room": await hearth.owner.create_channel(name)
        for name in ("owners", "facilitators", "moderators")
    }
    await set_up(hearth, **rooms)
    await group(hearth)
    lodgers = {"owner": hearth.owner}
    names = [text[:NAME_MOST] for text in short(who).values() if text.strip()]
    for number, name in enumerate(names):
        person = await hearth.person(f"Lodger {number}")
        person.member.nick = person.user.global_name = name
        if number < MANY:
            await person.command("join", group="Riverside")
        elif number < 2 * MANY:
            await person.command("visit", group="Riverside")
        if number in {0, 1}:
            lodgers[("Lena", "Jo")[number]] = person
        lodgers["Guest"] = person
    for name in names:
        await hearth.owner.create_role(name[:100])
    await looked_after(hearth, lodgers["Lena"])
    theirs = set(hearth.server.roles)
    made = await town(hearth, lodgers, who)
    made.watch.theirs |= theirs
    return made


@pytest.fixture
def named(hearth: Running) -> Town:
    """Riverside, as it was founded."""
    found = hearth.founded
    assert isinstance(found, Town)
    return found


@pytest.mark.founded(by=lodged)
async def test_names_of_people_and_roles(named: Town, hearth: Running) -> None:
    """In menus, lists, letters and answers, wherever Hearth speaks of somebody."""
    owner = hearth.owner
    for press in ("visitors:1", "living-who:1:0", "desk-page:1:people", "desk-page:1:growth"):
        await named.look(press, named.press("Lena", press))
    for number, role in enumerate(list(hearth.server.roles.values())[-12:]):
        form = await named.press("owner", "questions-form:0")
        typed = {"text": f"Tea or coffee, {number}?", "choices": f"Tea = {role.name}\nCoffee"}
        await named.look("a role that is named", owner.fill(form, **typed, most="1"))
    for who in ("owner", "Lena", "Jo", "Guest"):
        await read_all(named, who, 60)
    print(  # noqa: T201 - the counts are a part of the promise
        f"names from Discord: {named.watch.answers} answers and"
        f" {named.watch.messages} messages read"
    )
    assert named.watch.wrong == {}
    assert await unclean(hearth) == []


@pytest.mark.founded(by=lodged)
async def test_a_room_and_a_role_that_are_taken_over(named: Town, hearth: Running) -> None:
    """What was called so before Hearth came becomes a group with a name that can be shown."""
    owner = hearth.owner
    made = 0
    for number, text in enumerate(short(named.who).values()):
        if not text.strip() or number % 3:
            continue
        room = await owner.create_channel(text.strip()[:100])
        role = await owner.create_role(text[:100])
        named.watch.theirs |= {room.id, role.id}
        await owner.give_role(await hearth.person(), role)
        answer = await owner.command("hearth group adopt", room=room, role=role, type="Interest")
        named.watch.saw("taking over", answer)
        for label in answer.buttons[:1]:
            named.watch.saw("taken over", await owner.press(answer, label))
            made += 1
    await hearth.settle()
    named.watch.rooms("taken over")
    await read_all(named, "owner", 30)
    assert named.watch.wrong == {}
    assert await unclean(hearth) == []
    assert made > 5

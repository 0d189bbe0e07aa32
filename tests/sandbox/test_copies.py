"""A copied sandbox: the same town, in which nothing that is done reaches the original."""

import copy
from datetime import UTC, datetime, timedelta

from sandbox.app import Sandbox
from sandbox.copies import copied

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


async def test_a_copy_is_the_same_down_to_the_ids_and_goes_its_own_way() -> None:
    """People, rooms, roles and messages are found again through the memo, as new ones."""
    original = Sandbox(start=START, time_scale=7, seed=3)
    server = original.add_server(members=2)
    kim = await original.person(server, "Kim")
    role = await server.owner.create_role("Runners")
    await server.owner.give_role(kim, role)
    hello = await kim.write(server.channel("general"), "Hello")
    new, memo = copied(original)
    ours, same_kim, same_hello = copy.deepcopy((server, kim, hello), memo)
    assert (new.token, new.time_scale, new.clock.now()) == (original.token, 7, START)
    assert new.state.servers == {server.id: ours}
    assert (ours.owner.id, same_kim.id) == (server.owner.id, kim.id)
    assert [one.id for one in same_kim.roles] == [role.id]
    assert list(ours.channel("general").history)[-1] is same_hello
    assert (same_hello.id, same_hello.author) == (hello.id, same_kim.user)
    assert new.state.bot is ours.members[new.bot_id].user
    new.clock.set(START + timedelta(days=1))
    await ours.owner.take_role(same_kim, ours.role("Runners"))
    later = await same_kim.write(ours.channel("general"), "Still here")
    assert later.id > hello.id
    assert kim.roles == [role]
    assert list(server.channel("general").history) == [hello]
    assert original.clock.now() == START


async def test_both_draw_the_same_names() -> None:
    """Whoever comes next to either has the name and the id that the other one's guest has."""
    original = Sandbox(start=START, seed=3)
    server = original.add_server(members=2)
    new, _ = copied(original)
    here = await original.person(server)
    there = await new.person(new.state.servers[server.id])
    assert (here.id, here.name) == (there.id, there.name)
    assert here.user is not there.user

"""Guest evenings in the tables: whatever becomes of the two groups, doors open and close once."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.guest_evenings import Span
from bot.services import (
    desired,
    guest_doors,
    guest_evenings,
    merge_followings,
    privacy,
    rights,
    safety,
    splits,
    visits,
)
from models import (
    Door,
    Facilitator,
    Group,
    GroupType,
    GuestComing,
    GuestEvening,
    Membership,
    OutboxMessage,
    Server,
    Visit,
)
from tests.services.conftest import (
    JO,
    LENA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    SERVER,
    VERA,
    Town,
)

HOUR = timedelta(hours=1)
HER, HIM = Actor(SERVER, LENA), Actor(SERVER, OMAR)
GUARD = Actor(SERVER, 99, moderates_members=True)
RIVER_ROLE, POND_ROLE = 601, 602


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """A transaction in the town; Omar looks after Millpond, both groups have their roles."""
    async with database.writing() as opened:
        await town(opened)
        opened.add(
            Facilitator(
                group_id=MILLPOND, user_id=OMAR, server_id=SERVER, state="active", since=now
            )
        )
        (await opened.get_one(Group, RIVERSIDE)).role_id = RIVER_ROLE
        (await opened.get_one(Group, MILLPOND)).role_id = POND_ROLE
        await opened.flush()
        yield opened


async def asked(session: AsyncSession, now: datetime) -> GuestEvening:
    """Let Lena have Millpond asked over, in an hour, for three hours."""
    span = Span(now + HOUR, now + 4 * HOUR)
    await guest_evenings.ask(session, HER, RIVERSIDE, MILLPOND, span, now)
    return (await session.scalars(select(GuestEvening))).one()


async def agreed(session: AsyncSession, now: datetime) -> GuestEvening:
    """Let Omar say yes."""
    row = await asked(session, now)
    await guest_evenings.agree(session, HIM, row.id, now)
    return row


async def opened(session: AsyncSession, now: datetime) -> GuestEvening:
    """Let the hour come."""
    row = await agreed(session, now)
    await guest_doors.step_due(session, now + HOUR)
    assert row.opened_at is not None
    return row


async def doors(session: AsyncSession) -> list[tuple[int, int, datetime]]:
    """Return the doors there are."""
    rows = await session.scalars(select(Door).order_by(Door.id))
    return [(row.group_id, row.for_group_id, row.closes_at) for row in rows]


async def posts(session: AsyncSession) -> list[str]:
    """Return the keys of what is owed to rooms."""
    rows = await session.scalars(
        select(OutboxMessage.key).where(OutboxMessage.place == "room").order_by(OutboxMessage.id)
    )
    return [key.partition(":")[2].partition(":")[2] for key in rows]


async def test_one_door_in_its_time(session: AsyncSession, now: datetime) -> None:
    """Asked and agreed nothing opens; one door without the past, and none again."""
    row = await agreed(session, now)
    await guest_doors.step_due(session, now + timedelta(minutes=59))
    assert await doors(session) == []
    assert await guest_doors.step_due(session, now + HOUR) == 1
    assert await guest_doors.step_due(session, now + HOUR) == 0
    assert await doors(session) == [(RIVERSIDE, MILLPOND, now + 4 * HOUR)]
    wanted = await desired.load(session, SERVER, now=now + HOUR)
    assert wanted is not None
    assert wanted.groups[RIVERSIDE].doors == {MILLPOND}
    assert wanted.groups[RIVERSIDE].blind_doors == {MILLPOND}
    assert wanted.groups[MILLPOND].doors == frozenset()
    assert await guest_doors.step_due(session, now + 4 * HOUR) == 1
    assert await doors(session) == []
    assert (row.ending, row.closed_at) == ("over", now + 4 * HOUR)
    assert await posts(session) == ["here:agreed", "there:agreed", "here:open", "there:open"]


async def test_a_type_whose_guests_read_history_lets_these_read_it(
    session: AsyncSession, now: datetime
) -> None:
    """What the owners decided about visitors holds for guests."""
    (await session.get_one(GroupType, 1)).visitors_read_history = True
    await opened(session, now)
    wanted = await desired.load(session, SERVER, now=now + HOUR)
    assert wanted is not None
    assert wanted.groups[RIVERSIDE].blind_doors == frozenset()


@pytest.mark.parametrize("late", [4 * HOUR, timedelta(days=7)])
async def test_who_was_away_all_evening_opens_nothing(
    session: AsyncSession, now: datetime, late: timedelta
) -> None:
    """A bot that comes back after the end says so at the desk, and nothing in rooms."""
    row = await agreed(session, now)
    await guest_doors.step_due(session, now + late)
    assert (row.ending, await doors(session)) == ("missed", [])
    assert await posts(session) == ["here:agreed", "there:agreed"]
    assert [one.id for one in await guest_evenings.missed(session, MILLPOND, now)] == [row.id]


async def test_who_comes_back_in_between_opens_late_and_closes_in_time(
    session: AsyncSession, now: datetime
) -> None:
    """Two hours late, and for the two that are left."""
    await agreed(session, now)
    await guest_doors.step_due(session, now + 3 * HOUR)
    assert await doors(session) == [(RIVERSIDE, MILLPOND, now + 4 * HOUR)]
    await guest_doors.step_due(session, now + timedelta(days=7))
    assert await doors(session) == []


async def test_the_door_of_siblings_outlasts_an_evening(
    session: AsyncSession, now: datetime
) -> None:
    """One that stood open anyway is not closed with the evening; one that ends in it lasts."""
    for days, left in ((30, True), (0.1, False)):
        until = now + timedelta(days=days)
        door = Door(server_id=SERVER, group_id=RIVERSIDE, for_group_id=MILLPOND, closes_at=until)
        session.add(door)
        await session.flush()
        row = await opened(session, now)
        assert await doors(session) == [(RIVERSIDE, MILLPOND, max(until, now + 4 * HOUR))]
        await guest_evenings.call_off(session, HER, row.id, RIVERSIDE, now + 2 * HOUR)
        assert await doors(session) == [(RIVERSIDE, MILLPOND, until)]
        await splits.doors_due(session, now + 4 * HOUR)
        assert bool(await doors(session)) is left
        for one in (row, *(await session.scalars(select(Door))).all()):
            await session.delete(one)
        await session.flush()


async def test_called_off_before_nothing_opens(session: AsyncSession, now: datetime) -> None:
    """Either side can; rooms that were not told yet are not told that it is off."""
    row = await agreed(session, now)
    await guest_evenings.call_off(session, HIM, row.id, MILLPOND, now)
    await guest_doors.step_due(session, now + HOUR)
    assert (row.ending, await doors(session), await posts(session)) == ("off", [], [])


async def test_ended_early_the_door_closes_at_once(session: AsyncSession, now: datetime) -> None:
    """Both rooms hear of it."""
    row = await opened(session, now)
    await guest_evenings.call_off(session, HER, row.id, RIVERSIDE, now + 2 * HOUR)
    assert await doors(session) == []
    assert (await posts(session))[-2:] == ["here:off", "there:off"]
    with pytest.raises(UserError, match=r"guests\.gone"):
        await guest_evenings.call_off(session, HER, row.id, RIVERSIDE, now + 2 * HOUR)


@pytest.mark.parametrize("what", ["locked", "resting", "archived", "unlisted"])
@pytest.mark.parametrize("group_id", [RIVERSIDE, MILLPOND])
@pytest.mark.parametrize("runs", [False, True])
async def test_what_becomes_of_a_group_ends_it(
    session: AsyncSession, now: datetime, what: str, group_id: int, *, runs: bool
) -> None:
    """Locked, resting, archived or named nowhere: before, and while the door stands open."""
    row = await (opened if runs else agreed)(session, now)
    group = await session.get_one(Group, group_id)
    if what == "locked":
        group.locked_at = now
    elif what == "unlisted":
        (await session.get_one(GroupType, 1)).listed = False
    else:
        group.state = what
    await session.flush()
    await guest_doors.step_due(session, now + 2 * HOUR)
    assert (row.ending, await doors(session)) == ("off", [])


async def test_a_merge_ends_it_and_keeps_the_new_door(session: AsyncSession, now: datetime) -> None:
    """The door that lets everybody read the old room is another one."""
    row = await opened(session, now)
    here, there = [await session.get_one(Group, one) for one in (RIVERSIDE, MILLPOND)]
    await merge_followings.end_what_the_room_offered(session, here, there, now + HOUR)
    until = now + timedelta(days=30)
    await merge_followings.may_read(session, here, there, until, now + HOUR)
    here.state = "archived"
    await guest_doors.step_due(session, now + 2 * HOUR)
    assert row.ending == "off"
    assert await doors(session) == [(RIVERSIDE, MILLPOND, until)]


async def test_those_who_move_out_with_a_split_stay_invited(
    session: AsyncSession, now: datetime
) -> None:
    """The half with a room of its own gets the same evening, and reads of it."""
    row = await agreed(session, now)
    child = Group(
        server_id=SERVER,
        type_id=1,
        name="Brook",
        name_key="brook",
        cap=150,
        role_id=603,
        created_at=now,
    )
    session.add(child)
    await session.flush()
    await guest_doors.follow_offshoot(session, MILLPOND, [child.id], now)
    await guest_doors.step_due(session, now + HOUR)
    assert {(one, whose) for one, whose, _ in await doors(session)} == {
        (RIVERSIDE, MILLPOND),
        (RIVERSIDE, child.id),
    }
    both = (await session.scalars(select(GuestEvening))).all()
    assert {one.opens_at for one in both} == {row.opens_at}


async def test_paused_servers_are_left_alone(session: AsyncSession, now: datetime) -> None:
    """What was to open meanwhile stays shut; going on, it opens if there is time left."""
    row = await agreed(session, now)
    server = await session.get_one(Server, SERVER)
    server.paused_at = now
    await guest_doors.step_due(session, now + 2 * HOUR)
    assert (row.opened_at, await doors(session)) == (None, [])
    server.paused_at = None
    await guest_doors.step_due(session, now + 3 * HOUR)
    assert len(await doors(session)) == 1


async def test_without_a_host_the_door_stays_shut(session: AsyncSession, now: datetime) -> None:
    """Who looks after the group is asked, once; whoever takes it over saves the evening."""
    row = await agreed(session, now)
    her = await session.get_one(Facilitator, (RIVERSIDE, LENA))
    her.user_id = JO
    await session.flush()
    for _ in range(2):
        await guest_doors.step_due(session, now)
    lines = select(OutboxMessage.key).where(OutboxMessage.key.contains("host"))
    assert len((await session.scalars(lines)).all()) == 1
    assert row.host_id is None
    with pytest.raises(NotAllowed, match="facilitators_only"):
        await guest_evenings.host_it(session, HER, row.id)
    await guest_evenings.host_it(session, Actor(SERVER, JO), row.id)
    with pytest.raises(UserError, match="nobody_hosts_yet"):
        await guest_evenings.host_it(session, Actor(SERVER, JO), row.id)
    await guest_doors.step_due(session, now + HOUR)
    assert len(await doors(session)) == 1


async def test_nobody_takes_it_over(session: AsyncSession, now: datetime) -> None:
    """Then it is called off when it would begin, and both rooms hear of it if they had heard."""
    row = await agreed(session, now)
    await session.delete(await session.get_one(Facilitator, (RIVERSIDE, LENA)))
    await session.flush()
    await guest_doors.step_due(session, now)
    await guest_doors.step_due(session, now + HOUR)
    assert (row.ending, await doors(session)) == ("off", [])


async def test_a_forgotten_host_leaves_it_without_one(session: AsyncSession, now: datetime) -> None:
    """Their name goes; the evening waits for somebody else."""
    row = await agreed(session, now)
    await privacy.forget(session, LENA, [SERVER], now)
    await session.refresh(row)
    assert row.host_id is None
    assert row.closed_at is None


async def test_a_full_room_takes_no_guests(session: AsyncSession, now: datetime) -> None:
    """Within the hundred overwrites of a call; said at the yes, and at the door."""
    row = await asked(session, now)
    session.add_all(
        Visit(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=user_id,
            started_at=now,
            ends_at=now + timedelta(days=9),
        )
        for user_id in range(1000, 1097)
    )
    await session.flush()
    with pytest.raises(UserError, match="room_full"):
        await guest_evenings.agree(session, HIM, row.id, now)
    row.agreed_at = now
    await guest_doors.step_due(session, now + HOUR)
    assert (row.ending, await doors(session)) == ("off", [])


async def test_who_is_shut_out_by_name_takes_a_place_as_well(
    session: AsyncSession, now: datetime
) -> None:
    """A guest who must not come in needs an entry of their own beside the door."""
    row = await asked(session, now)
    session.add_all(
        Visit(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=user_id,
            started_at=now,
            ends_at=now + timedelta(days=9),
        )
        for user_id in range(1000, 1096)  # 2 + 1 + 96, and the door: 100
    )
    await session.flush()
    await safety.apart(session, GUARD, OMAR, JO, now=now)
    with pytest.raises(UserError, match="room_full"):
        await guest_evenings.agree(session, HIM, row.id, now)
    await safety.together(session, GUARD, OMAR, JO, now=now)
    await guest_evenings.agree(session, HIM, row.id, now)


async def test_a_door_shut_by_hand_stays_shut(session: AsyncSession, now: datetime) -> None:
    """It ends the evening; what was done before it began, or to another role, does not."""
    row = await opened(session, now)
    at = now + 2 * HOUR
    assert not await guest_doors.shut_by_hand(session, SERVER, RIVERSIDE, {RIVER_ROLE}, at)
    assert not await guest_doors.shut_by_hand(session, SERVER, RIVERSIDE, {POND_ROLE}, at, at=now)
    assert await guest_doors.shut_by_hand(session, SERVER, RIVERSIDE, {POND_ROLE}, at)
    assert (row.ending, await doors(session)) == ("by_hand", [])


async def test_the_door_of_siblings_is_put_right_all_the_same(
    session: AsyncSession, now: datetime
) -> None:
    """As without an evening."""
    until = now + timedelta(days=30)
    session.add(Door(server_id=SERVER, group_id=RIVERSIDE, for_group_id=MILLPOND, closes_at=until))
    await session.flush()
    await opened(session, now)
    at = now + 2 * HOUR
    assert not await guest_doors.shut_by_hand(session, SERVER, RIVERSIDE, {POND_ROLE}, at)
    assert await doors(session) == [(RIVERSIDE, MILLPOND, until)]


async def keys(session: AsyncSession, now: datetime) -> GuestEvening:
    """Let the groups be of a type without roles, and Omar say that he would come."""
    type_ = await session.get_one(GroupType, 1)
    type_.cap, type_.access = 50, "overwrites"
    row = await agreed(session, now)
    assert not row.by_door
    await guest_evenings.come(session, HIM, row.id, now)
    return row


async def test_without_roles_each_guest_gets_a_key(session: AsyncSession, now: datetime) -> None:
    """From when it opens until it closes, and no door."""
    row = await keys(session, now)
    assert await visits.of_member(session, SERVER, OMAR) == []
    await guest_doors.step_due(session, now + HOUR)
    (visit,) = await visits.of_member(session, SERVER, OMAR)
    assert (visit.origin, visit.ends_at) == ("guest", row.ends_at)
    assert await doors(session) == []
    await guest_doors.step_due(session, now + 4 * HOUR)
    assert await visits.of_member(session, SERVER, OMAR) == []
    assert (await session.scalars(select(GuestComing))).all() == []


async def test_who_cannot_come_after_all(session: AsyncSession, now: datetime) -> None:
    """A press takes it back, with the key if there was one; another comes in at once."""
    row = await keys(session, now)
    await guest_doors.step_due(session, now + HOUR)
    await guest_evenings.stay(session, HIM, row.id, now + 2 * HOUR)
    assert await visits.of_member(session, SERVER, OMAR) == []
    await guest_evenings.come(session, HIM, row.id, now + 2 * HOUR)
    assert len(await visits.of_member(session, SERVER, OMAR)) == 1


async def test_a_guest_who_moved_or_must_not_come_gets_no_key(
    session: AsyncSession, now: datetime
) -> None:
    """Looked at again when it opens: where they live, and whom they must not meet."""
    row = await keys(session, now)
    await safety.apart(session, GUARD, OMAR, JO, now=now)
    await guest_doors.step_due(session, now + HOUR)
    assert await visits.of_member(session, SERVER, OMAR) == []
    with pytest.raises(UserError, match="door_closed"):
        await guest_evenings.come(session, HIM, row.id, now + HOUR)
    (await session.get_one(Membership, (SERVER, OMAR))).group_id = RIVERSIDE
    with pytest.raises(NotAllowed, match="guests_only"):
        await guest_evenings.come(session, HIM, row.id, now + HOUR)


async def test_who_has_a_key_already_keeps_it(session: AsyncSession, now: datetime) -> None:
    """A visit of their own outlasts the evening."""
    row = await keys(session, now)
    until = now + timedelta(days=9)
    visit = Visit(server_id=SERVER, group_id=RIVERSIDE, user_id=OMAR, started_at=now, ends_at=until)
    session.add(visit)
    await session.flush()
    await guest_doors.step_due(session, now + HOUR)
    await guest_doors.close(session, row, "off", now + 2 * HOUR)
    assert visit.ended_at is None


async def test_what_is_refused_before_anybody_is_asked(
    session: AsyncSession, now: datetime
) -> None:
    """One evening for two groups at a time, three in all, and a host who looks after the group."""
    span = Span(now + HOUR, now + 4 * HOUR)
    owner = Actor(SERVER, VERA, manages_server=True)
    with pytest.raises(NotAllowed, match="host_needed"):
        await guest_evenings.ask(session, owner, RIVERSIDE, MILLPOND, span, now)
    with pytest.raises(NotAllowed, match="facilitators_only"):
        await guest_evenings.ask(session, HIM, RIVERSIDE, MILLPOND, span, now)
    with pytest.raises(UserError, match="not_same"):
        await guest_evenings.ask(session, HER, RIVERSIDE, RIVERSIDE, span, now)
    await asked(session, now)
    with pytest.raises(UserError, match="there_is_one"):
        await guest_evenings.ask(session, HER, RIVERSIDE, MILLPOND, span, now)
    for number in range(3):
        other = Group(
            server_id=SERVER,
            type_id=1,
            name=f"More {number}",
            name_key=f"more {number}",
            cap=150,
            created_at=now,
        )
        session.add(other)
        await session.flush()
        if number < 2:
            await guest_evenings.ask(session, HER, RIVERSIDE, other.id, span, now)
        else:
            with pytest.raises(UserError, match="too_many"):
                await guest_evenings.ask(session, HER, RIVERSIDE, other.id, span, now)


async def test_the_word_is_the_guests_and_given_once(session: AsyncSession, now: datetime) -> None:
    """A no is told as nothing more than that; late words come too late."""
    row = await asked(session, now)
    with pytest.raises(NotAllowed, match="facilitators_only"):
        await guest_evenings.agree(session, HER, row.id, now)
    await guest_evenings.decline(session, HIM, row.id, now)
    for word in (guest_evenings.agree, guest_evenings.decline):
        with pytest.raises(UserError, match=r"guests\.gone"):
            await word(session, HIM, row.id, now)
    shown = await guest_evenings.look(session, HER, row.id, RIVERSIDE)
    assert [line.key for line in shown.lines] == ["guests.ended_declined_host"]
    assert await posts(session) == []


async def test_nobody_answers(session: AsyncSession, now: datetime) -> None:
    """When it would begin, the question is taken back, without a word in any room."""
    row = await asked(session, now)
    with pytest.raises(UserError, match=r"guests\.gone"):
        await guest_evenings.agree(session, HIM, row.id, now + HOUR)
    await guest_doors.step_due(session, now + HOUR)
    assert (row.ending, await posts(session)) == ("lapsed", [])


async def test_an_open_door_lets_in_everybody_but_who_is_kept_out(
    session: AsyncSession, now: datetime
) -> None:
    """Who must not meet somebody there is not inside, whatever their button says."""
    await opened(session, now)
    assert await rights.is_inside(session, SERVER, OMAR, RIVERSIDE)
    await safety.apart(session, GUARD, OMAR, JO, now=now)
    assert not await rights.is_inside(session, SERVER, OMAR, RIVERSIDE)
    assert await rights.is_inside(session, SERVER, JO, RIVERSIDE)
    assert not await rights.is_inside(session, SERVER, VERA, RIVERSIDE)


async def test_only_what_is_of_this_server(session: AsyncSession, now: datetime) -> None:
    """Numbers of evenings and groups that are made up, or another server's, are not known."""
    row = await agreed(session, now)
    stranger = Actor(SERVER + 1, OMAR, manages_server=True)
    session.add(Server(id=SERVER + 1, added_at=now))
    await session.flush()
    made_up = SimpleNamespace(id=row.id + 999)
    for who, one in ((stranger, row), (HIM, made_up)):
        for act in (guest_evenings.stay, guest_evenings.come):
            with pytest.raises(UserError, match=r"guests\.gone"):
                await act(session, who, one.id, now)
        with pytest.raises(UserError, match=r"guests\.gone"):
            await guest_evenings.how(session, who, one.id)
    with pytest.raises(UserError, match="not_guest_unlisted"):
        await guest_evenings.may_ask(session, HER, RIVERSIDE, 999)

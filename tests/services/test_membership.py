"""Homes in the tables: one each, never past the cap, and what begins and ends with them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.membership import Full
from bot.rules.scope import MemberScope
from bot.services import departures, membership, visits
from bot.settings import Settings
from models import (
    Apart,
    Bar,
    EntryRequest,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    Member,
    Membership,
    OutboxMessage,
    QuietEpisode,
    Reminder,
    Ritual,
    Server,
    Visit,
    Waiting,
)
from tests.services.conftest import (
    JO,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    SERVER,
    VERA,
    Town,
)

STRANGER = 99
MODERATOR = Actor(SERVER, 77, moderates_members=True)


class Homes:
    """The membership services in one transaction, at a moment that the test moves."""

    def __init__(self, session: AsyncSession, settings: Settings, now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now

    async def join(self, user_id: int, group_id: int) -> membership.Joined:
        return await membership.join(
            self.session, SERVER, user_id, group_id, now=self.now, settings=self.settings
        )

    async def leave(self, user_id: int) -> membership.Left:
        return await membership.leave(
            self.session, SERVER, user_id, now=self.now, settings=self.settings
        )

    async def refused(self, user_id: int, group_id: int) -> str:
        with pytest.raises(UserError) as refused:
            await self.join(user_id, group_id)
        return refused.value.key

    async def state(self, user_id: int) -> tuple[int, str] | None:
        row = await self.session.get(Membership, (SERVER, user_id))
        return None if row is None else (row.group_id, row.state)

    async def count(self, group_id: int) -> int:
        """Return the counted column, after checking it against the rows."""
        counted = await self.session.scalar(select(Group.homes).where(Group.id == group_id))
        rows = await self.session.scalar(
            select(func.count()).select_from(Membership).where(Membership.group_id == group_id)
        )
        assert counted == rows
        return rows or 0

    async def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)
        await departures.release_due(self.session, self.now)

    async def cap(self, group_id: int, cap: int) -> None:
        (await self.session.get_one(Group, group_id)).cap = cap
        await self.session.flush()

    async def type(self, **columns: object) -> None:
        row = await self.session.get_one(GroupType, 1)
        for name, value in columns.items():
            setattr(row, name, value)
        await self.session.flush()


@pytest.fixture
async def homes(
    database: Database, town: Town, settings: Settings, now: datetime
) -> AsyncGenerator[Homes]:
    """One transaction in the town."""
    async with database.writing() as session:
        await town(session)
        await session.flush()
        yield Homes(session, settings, now)


async def test_a_first_home(homes: Homes) -> None:
    """A seat, a row, the consent told once, a welcome, and where Discord must follow."""
    joined = await homes.join(STRANGER, RIVERSIDE)
    assert (joined.group, joined.told, joined.left) == ("Riverside", True, None)
    assert await homes.state(STRANGER) == (RIVERSIDE, "here")
    assert await homes.count(RIVERSIDE) == 5
    assert MemberScope(SERVER, STRANGER) in homes.session.info[AFTER_COMMIT]
    owed = (await homes.session.scalars(select(OutboxMessage))).one()
    assert (owed.kind, owed.place, owed.group_id) == ("welcome", "room", RIVERSIDE)
    member = await homes.session.get_one(Member, (SERVER, STRANGER))
    assert (member.first_home_at, member.counted_since, member.moves) == (homes.now, homes.now, 0)


async def test_who_opted_out_is_not_told_or_counted_again(homes: Homes) -> None:
    """An opt-out outlives joins."""
    homes.session.add(Member(server_id=SERVER, user_id=STRANGER, opted_out_at=homes.now))
    assert not (await homes.join(STRANGER, RIVERSIDE)).told
    assert (await homes.session.get_one(Member, (SERVER, STRANGER))).counted_since is None


async def test_two_homes_cannot_be_written(homes: Homes) -> None:
    """The table itself refuses a second home, whoever writes it."""
    homes.session.add(
        Membership(server_id=SERVER, user_id=MARA, group_id=MILLPOND, since=homes.now)
    )
    with pytest.raises(IntegrityError):
        await homes.session.flush()
    await homes.session.rollback()


async def test_a_move_changes_the_row_and_both_counts(homes: Homes) -> None:
    """The old seat is free, a granted visit of thirty days stays, the cool-down begins."""
    joined = await homes.join(MARA, MILLPOND)
    assert (joined.left, joined.visit_until) == ("Riverside", homes.now + timedelta(days=30))
    assert await homes.state(MARA) == (MILLPOND, "here")
    assert (await homes.count(RIVERSIDE), await homes.count(MILLPOND)) == (3, 2)
    (visit,) = await visits.of_member(homes.session, SERVER, MARA)
    assert (visit.group_id, visit.origin) == (RIVERSIDE, "granted")
    assert (await homes.session.get_one(Group, RIVERSIDE)).visitors == 0


async def test_the_cooldown(homes: Homes) -> None:
    """The first move soon after the first home is free; the next one starts thirty days."""
    await homes.join(STRANGER, RIVERSIDE)
    await homes.later(days=3)
    assert (await homes.join(STRANGER, MILLPOND)).next_move_at is None
    await homes.later(days=3)
    moved = await homes.join(STRANGER, RIVERSIDE)
    assert moved.next_move_at == homes.now + timedelta(days=30)
    await homes.later(days=29)
    assert await homes.refused(STRANGER, MILLPOND) == "home.too_soon"
    await homes.later(days=1)
    await homes.join(STRANGER, MILLPOND)


async def test_leaving_does_not_get_around_the_cooldown(homes: Homes) -> None:
    """Leaving and waiting for the seat to lapse is no shortcut."""
    for group in (RIVERSIDE, MILLPOND, RIVERSIDE):
        await homes.join(STRANGER, group)
    await homes.leave(STRANGER)
    await homes.later(days=3)
    assert await homes.state(STRANGER) is None
    assert await homes.refused(STRANGER, MILLPOND) == "home.too_soon"


async def test_a_move_after_a_split_or_a_refusal_is_free_once(homes: Homes) -> None:
    """`free_move` lifts the cool-down, starts none, and is used up."""
    await homes.join(STRANGER, RIVERSIDE)
    for group in (MILLPOND, RIVERSIDE):
        await homes.join(STRANGER, group)
    (await homes.session.get_one(Member, (SERVER, STRANGER))).free_move = True
    await homes.join(STRANGER, MILLPOND)
    assert not (await homes.session.get_one(Member, (SERVER, STRANGER))).free_move
    assert await homes.refused(STRANGER, RIVERSIDE) == "home.too_soon"


async def test_moving_ends_what_went_with_the_home(homes: Homes) -> None:
    """The office, hosting, reminders and a quiet episode stay behind."""
    homes.session.add(
        Ritual(
            id=1,
            server_id=SERVER,
            group_id=RIVERSIDE,
            title="Friday paths",
            cadence="weekly",
            weekday=4,
            zone="UTC",
            anchor="2026-03-02",
            host_id=LENA,
        )
    )
    await homes.session.flush()
    homes.session.add(Reminder(ritual_id=1, user_id=LENA))
    homes.session.add(
        QuietEpisode(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=LENA,
            silent_since=homes.now,
            began_at=homes.now,
        )
    )
    await homes.join(LENA, MILLPOND)
    homes.session.expire_all()
    assert await homes.session.get(Facilitator, (RIVERSIDE, LENA)) is None
    assert (await homes.session.get_one(Ritual, 1)).host_id is None
    assert await homes.session.get(Reminder, (1, LENA)) is None
    assert (await homes.session.scalars(select(QuietEpisode.closed_by))).all() == ["moved"]


async def test_a_home_ends_the_visit_there(homes: Homes) -> None:
    """Nobody visits where they live, and the visitor's place is free again."""
    await visits.begin(
        homes.session, server_id=SERVER, user_id=STRANGER, group_id=RIVERSIDE, now=homes.now
    )
    await homes.join(STRANGER, RIVERSIDE)
    homes.session.expire_all()
    assert await visits.of_member(homes.session, SERVER, STRANGER) == []
    assert (await homes.session.get_one(Group, RIVERSIDE)).visitors == 0
    # That visit had told them of counting already.
    assert not (await homes.join(VERA, RIVERSIDE)).told


async def test_a_full_group_answers_with_alternatives(homes: Homes) -> None:
    """Every seat taken: a place in line, a visit, a group that is like it."""
    await homes.cap(RIVERSIDE, 10)
    for user_id in range(100, 106):
        await homes.join(user_id, RIVERSIDE)
    homes.session.add(Waiting(server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, since=homes.now))
    with pytest.raises(Full) as full:
        await homes.join(STRANGER, RIVERSIDE)
    assert full.value.params == {"group": "Riverside", "n": 10}
    other = full.value.alternatives
    assert (other.place, other.visit_days) == (2, 14)
    assert other.similar is not None
    assert (other.similar.name, other.similar.seats) == ("Millpond", 149)
    assert await homes.state(STRANGER) is None


async def test_no_alternative_gives_a_bar_away(homes: Homes) -> None:
    """A group that someone is barred from is not offered to them."""
    await homes.cap(RIVERSIDE, 10)
    for user_id in range(100, 106):
        await homes.join(user_id, RIVERSIDE)
    homes.session.add(
        Bar(server_id=SERVER, user_id=STRANGER, group_id=MILLPOND, by_user_id=1, at=homes.now)
    )
    await homes.type(visits="closed")
    with pytest.raises(Full) as full:
        await homes.join(STRANGER, RIVERSIDE)
    assert full.value.alternatives.similar is None
    assert full.value.alternatives.visit_days is None


async def test_an_owners_act_may_leave_a_group_above_its_cap(homes: Homes) -> None:
    """Nobody loses their home when the cap is lowered, and nobody comes in."""
    for user_id in range(100, 110):
        await homes.join(user_id, RIVERSIDE)
    await homes.cap(RIVERSIDE, 10)
    assert await homes.count(RIVERSIDE) == 14
    with pytest.raises(Full):
        await homes.join(STRANGER, RIVERSIDE)


async def test_bars_and_aparts_sound_the_same(homes: Homes) -> None:
    """One group, all groups, or someone there whom they must not meet: the same closed door."""
    homes.session.add(
        Bar(server_id=SERVER, user_id=100, group_id=RIVERSIDE, by_user_id=1, at=homes.now)
    )
    homes.session.add(Bar(server_id=SERVER, user_id=101, group_id=0, by_user_id=1, at=homes.now))
    for low, high in ((OMAR, 102), (VERA, 103)):
        homes.session.add(
            Apart(server_id=SERVER, low_id=low, high_id=high, by_user_id=1, at=homes.now)
        )
    await visits.begin(
        homes.session, server_id=SERVER, user_id=VERA, group_id=RIVERSIDE, now=homes.now
    )
    assert await homes.refused(100, RIVERSIDE) == "home.door_closed"
    assert await homes.refused(101, MILLPOND) == "home.door_closed"
    assert await homes.refused(102, MILLPOND) == "home.door_closed"
    assert await homes.refused(103, RIVERSIDE) == "home.door_closed"
    await homes.join(100, MILLPOND)
    await homes.join(102, RIVERSIDE)


async def test_an_invitation_opens_a_closed_door_once(homes: Homes) -> None:
    """By invitation, and the invitation is used up."""
    await homes.type(entry="invitation")
    assert await homes.refused(STRANGER, RIVERSIDE) == "home.invitation_only"
    homes.session.add(
        Invitation(
            group_id=RIVERSIDE, user_id=STRANGER, server_id=SERVER, by_user_id=LENA, at=homes.now
        )
    )
    await homes.join(STRANGER, RIVERSIDE)
    assert await homes.session.get(Invitation, (RIVERSIDE, STRANGER)) is None


async def test_a_left_seat_is_kept_and_counts(homes: Homes) -> None:
    """For two days the seat is still theirs; coming back is no move and needs no free seat."""
    await homes.cap(RIVERSIDE, 10)
    for user_id in range(100, 106):
        await homes.join(user_id, RIVERSIDE)
    left = await homes.leave(MARA)
    assert left.seat_until == homes.now + timedelta(hours=48)
    assert await homes.count(RIVERSIDE) == 10
    await homes.later(hours=47)
    assert (await homes.join(MARA, RIVERSIDE)).returned
    assert await homes.state(MARA) == (RIVERSIDE, "here")
    assert (await homes.session.get_one(Member, (SERVER, MARA))).moves == 0


async def test_a_kept_seat_lapses(homes: Homes) -> None:
    """After two days it is free, and coming back is moving in anew."""
    await homes.leave(MARA)
    await homes.later(hours=48)
    assert await homes.state(MARA) is None
    assert await homes.count(RIVERSIDE) == 3
    assert not (await homes.join(MARA, RIVERSIDE)).returned


async def test_joining_elsewhere_gives_a_kept_seat_up(homes: Homes) -> None:
    """One row, one seat; and no visit is granted to where they had left."""
    await homes.leave(MARA)
    joined = await homes.join(MARA, MILLPOND)
    assert (joined.left, joined.visit_until) == (None, None)
    assert (await homes.count(RIVERSIDE), await homes.count(MILLPOND)) == (3, 2)


async def test_leaving_twice_or_without_a_home(homes: Homes) -> None:
    """Each says how things stand."""
    await homes.leave(MARA)
    for user_id, key in ((MARA, "home.left_already"), (STRANGER, "home.none")):
        with pytest.raises(UserError) as refused:
            await homes.leave(user_id)
        assert refused.value.key == key


async def test_being_away_closes_a_quiet_episode(homes: Homes) -> None:
    """Who says that they are away is not missed; a past day is refused; back is back."""
    homes.session.add(
        QuietEpisode(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=MARA,
            silent_since=homes.now,
            began_at=homes.now,
        )
    )
    await homes.session.flush()
    until = homes.now + timedelta(days=7)
    await membership.away(homes.session, SERVER, MARA, until=until, now=homes.now)
    assert (await homes.session.scalars(select(QuietEpisode.closed_by))).all() == ["away"]
    assert await membership.back(homes.session, SERVER, MARA)
    assert not await membership.back(homes.session, SERVER, MARA)
    with pytest.raises(UserError):
        await membership.away(homes.session, SERVER, MARA, until=homes.now, now=homes.now)


async def test_leaving_the_server_keeps_the_seat_for_a_while(homes: Homes) -> None:
    """Home kept, everything else ends; back in time, the home is theirs again."""
    homes.session.add(Waiting(server_id=SERVER, user_id=LENA, group_id=MILLPOND, since=homes.now))
    await visits.begin(
        homes.session, server_id=SERVER, user_id=LENA, group_id=MILLPOND, now=homes.now
    )
    await departures.member_left_server(
        homes.session, SERVER, LENA, now=homes.now, settings=homes.settings
    )
    assert await homes.state(LENA) == (RIVERSIDE, "gone")
    assert await homes.session.get(Waiting, (SERVER, LENA)) is None
    assert await visits.of_member(homes.session, SERVER, LENA) == []
    assert await homes.session.get(Facilitator, (RIVERSIDE, LENA)) is None
    await homes.later(hours=47)
    assert await departures.member_returned(homes.session, SERVER, LENA, now=homes.now)
    assert await homes.state(LENA) == (RIVERSIDE, "here")


async def test_back_on_the_server_too_late(homes: Homes) -> None:
    """The seat has lapsed, whether or not the tick came first."""
    await departures.member_left_server(
        homes.session, SERVER, MARA, now=homes.now, settings=homes.settings
    )
    homes.now += timedelta(hours=48)
    assert not await departures.member_returned(homes.session, SERVER, MARA, now=homes.now)
    assert await homes.state(MARA) is None
    assert await homes.count(RIVERSIDE) == 3


async def test_leaving_the_server_undoes_no_moderators_act(homes: Homes) -> None:
    """A held home stays held through leaving and coming back."""
    assert await departures.home_taken_by_hand(homes.session, SERVER, MARA, now=homes.now)
    await departures.member_left_server(
        homes.session, SERVER, MARA, now=homes.now, settings=homes.settings
    )
    await departures.member_returned(homes.session, SERVER, MARA, now=homes.now)
    assert await homes.state(MARA) == (RIVERSIDE, "held")
    await homes.later(days=30)
    assert await homes.state(MARA) == (RIVERSIDE, "held")


async def test_a_held_home(homes: Homes) -> None:
    """Asked once, not left, not moved from; moderators put it back or free the seat."""
    assert await departures.home_taken_by_hand(
        homes.session, SERVER, MARA, now=homes.now, by_user_id=77
    )
    assert not await departures.home_taken_by_hand(homes.session, SERVER, MARA, now=homes.now)
    owed = (await homes.session.scalars(select(OutboxMessage))).one()
    assert (owed.kind, owed.place) == ("held", "owners")
    assert await homes.refused(MARA, MILLPOND) == "home.held"
    with pytest.raises(UserError):
        await homes.leave(MARA)
    with pytest.raises(UserError) as refused:
        await departures.put_back(homes.session, Actor(SERVER, JO), MARA, now=homes.now)
    assert refused.value.key == "errors.moderators_only"
    assert await departures.put_back(homes.session, MODERATOR, MARA, now=homes.now) == "Riverside"
    assert await homes.state(MARA) == (RIVERSIDE, "here")
    await departures.home_taken_by_hand(homes.session, SERVER, MARA, now=homes.now)
    await departures.leave_out(homes.session, MODERATOR, MARA, now=homes.now)
    assert await homes.state(MARA) is None
    assert await homes.count(RIVERSIDE) == 3
    with pytest.raises(UserError) as over:
        await departures.leave_out(homes.session, MODERATOR, MARA, now=homes.now)
    assert over.value.key == "home.not_held"


async def test_an_unlisted_group_is_not_named_to_moderators(homes: Homes) -> None:
    """Identity groups are named nowhere outside their room, not even here."""
    await homes.type(listed=False)
    await departures.home_taken_by_hand(homes.session, SERVER, MARA, now=homes.now)
    assert "Riverside" not in (await homes.session.scalars(select(OutboxMessage.content))).one()


async def test_a_ban_ends_everything_at_once(homes: Homes) -> None:
    """Seat, visits, line, requests, office."""
    homes.session.add(
        EntryRequest(
            server_id=SERVER, group_id=MILLPOND, user_id=LENA, kind="join", asked_at=homes.now
        )
    )
    await visits.begin(
        homes.session, server_id=SERVER, user_id=LENA, group_id=MILLPOND, now=homes.now
    )
    await departures.banned(homes.session, SERVER, LENA, now=homes.now)
    assert await homes.state(LENA) is None
    assert await homes.count(RIVERSIDE) == 3
    assert await visits.of_member(homes.session, SERVER, LENA) == []
    for table in (EntryRequest, Facilitator):
        assert (await homes.session.scalars(select(table))).all() == []


async def test_a_bar_from_one_group_leaves_the_others(homes: Homes) -> None:
    """Barred from Millpond, at home in Riverside."""
    await visits.begin(
        homes.session, server_id=SERVER, user_id=MARA, group_id=MILLPOND, now=homes.now
    )
    await departures.barred(homes.session, SERVER, MARA, MILLPOND, now=homes.now)
    assert await visits.of_member(homes.session, SERVER, MARA) == []
    assert await homes.state(MARA) == (RIVERSIDE, "here")
    await departures.barred(homes.session, SERVER, MARA, RIVERSIDE, now=homes.now)
    assert await homes.state(MARA) is None


async def test_500_joins_at_once_into_150_seats(
    database: Database, settings: Settings, now: datetime
) -> None:
    """Exactly 150 homes, and 350 people with a clear answer, whatever arrives at once."""
    async with database.writing() as session:
        session.add(Server(id=SERVER, added_at=now))
        await session.flush()
        session.add(
            GroupType(id=1, server_id=SERVER, name="Place", name_key="place", kind="geographic")
        )
        await session.flush()
        for group_id, name in ((RIVERSIDE, "Riverside"), (MILLPOND, "Millpond")):
            session.add(
                Group(
                    id=group_id,
                    server_id=SERVER,
                    type_id=1,
                    name=name,
                    name_key=name.casefold(),
                    cap=150,
                    created_at=now,
                )
            )

    async def join(user_id: int) -> str:
        try:
            async with database.writing() as session:
                await membership.join(
                    session, SERVER, user_id, RIVERSIDE, now=now, settings=settings
                )
        except Full as full:
            similar = full.alternatives.similar
            return "no answer" if similar is None else f"full, {similar.name} is like it"
        return "in"

    answers = Counter(await asyncio.gather(*(join(user_id) for user_id in range(1, 501))))
    assert answers == {"in": 150, "full, Millpond is like it": 350}
    async with database.reading() as session:
        rows = (await session.scalars(select(Membership.user_id))).all()
        assert len(rows) == len(set(rows)) == 150
        assert await session.scalar(select(Group.homes).where(Group.id == RIVERSIDE)) == 150
        assert await session.scalar(select(func.count()).select_from(OutboxMessage)) == 150


async def test_one_person_joining_many_groups_at_once(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Twenty presses at the same moment leave one home, and counts that are right."""
    async with database.writing() as session:
        await town(session)

    async def join(group_id: int) -> None:
        try:
            async with database.writing() as session:
                await membership.join(
                    session, SERVER, STRANGER, group_id, now=now, settings=settings
                )
        except UserError:
            return

    await asyncio.gather(*(join(group_id) for group_id in [RIVERSIDE, MILLPOND] * 10))
    async with database.reading() as session:
        (home,) = (
            await session.scalars(select(Membership).where(Membership.user_id == STRANGER))
        ).all()
        for group_id, others in ((RIVERSIDE, 4), (MILLPOND, 1)):
            counted = await session.scalar(select(Group.homes).where(Group.id == group_id))
            assert counted == others + (home.group_id == group_id)
        visits_now = select(Visit.group_id).where(Visit.ended_at.is_(None))
        other = MILLPOND if home.group_id == RIVERSIDE else RIVERSIDE
        assert (await session.scalars(visits_now)).all() == [other]

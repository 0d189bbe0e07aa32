"""Splits in the tables: planned, asked about, told, chosen, run, done; and killed in between."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules import split_messages
from bot.rules.actor import Actor
from bot.rules.capacity import Room, Use
from bot.rules.message import Message
from bot.rules.scope import GroupScope, MemberScope
from bot.services import (
    limits,
    split_approval,
    split_changes,
    split_names,
    split_proposals,
    split_seats,
    splits,
    stages,
)
from bot.services import ties as ties_service
from bot.settings import Settings
from models import (
    Adoption,
    Apart,
    Base,
    Door,
    Facilitator,
    Group,
    GroupType,
    Lineage,
    Member,
    Membership,
    OutboxMessage,
    QuietEpisode,
    Reminder,
    Ritual,
    RitualPrompt,
    Server,
    SpareName,
    Split,
    SplitChild,
    SplitSeat,
    Tie,
    Visit,
)

SERVER, HARBOUR = 9_000, 1
FRIENDS = range(100, 111)  # eleven who talk with each other: the larger half
OTHERS = range(200, 209)  # nine who talk with each other
LENA, OMAR = 100, 200
OWNER = Actor(SERVER, 1, manages_server=True)
ROLE = 777
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Harbour:
    """A full group of two circles, and what happens to it; every step in a transaction anew."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self.database = database
        self.settings = settings
        self.now = now
        self.noted: set[object] = set()
        database.after_commit = self.noted.update

    async def build(self, **type_: Any) -> None:
        """Found the group, at its cap of twenty; Lena looks after it."""
        async with self.database.writing() as session:
            session.add(
                Server(
                    id=SERVER,
                    added_at=self.now,
                    facilitators_room_id=51,
                    owners_room_id=52,
                    commons_id=50,
                )
            )
            await session.flush()
            session.add(
                GroupType(
                    id=1,
                    server_id=SERVER,
                    name="Place",
                    name_key="place",
                    kind="geographic",
                    **{"cap": 20, **type_},
                )
            )
            session.add(SpareName(server_id=SERVER, name="Millpond", emoji="🌊"))
            await session.flush()
            session.add(
                Group(
                    id=HARBOUR,
                    server_id=SERVER,
                    type_id=1,
                    name="Harbour",
                    name_key="harbour",
                    purpose="Boats and the people on them.",
                    cap=20,
                    homes=20,
                    role_id=None if type_.get("access") == "overwrites" else ROLE,
                    room_id=501,
                    created_at=self.now,
                )
            )
            await session.flush()
            for user_id in (*FRIENDS, *OTHERS):
                await self.move_in(session, user_id)
            self.office(session, LENA)
            for circle in (FRIENDS, OTHERS):
                for one in circle:
                    for other in circle:
                        if one < other and (one + other) % 3:
                            self.tie(session, one, other, 6)
            self.tie(session, 101, 201, 2)

    async def move_in(self, session: AsyncSession, user_id: int) -> None:
        """Let someone live here; the counted column is the caller's."""
        session.add(Member(server_id=SERVER, user_id=user_id, counted_since=self.now))
        session.add(Membership(server_id=SERVER, user_id=user_id, group_id=HARBOUR, since=self.now))

    def office(self, session: AsyncSession, user_id: int, state: str = "active") -> None:
        """Let someone look after the group."""
        session.add(
            Facilitator(
                group_id=HARBOUR, user_id=user_id, server_id=SERVER, state=state, since=self.now
            )
        )

    def tie(self, session: AsyncSession, low: int, high: int, weight: int) -> None:
        """Let two people have answered each other this week."""
        session.add(
            Tie(
                group_id=HARBOUR,
                low_id=low,
                high_id=high,
                week=self.now.date().isoformat(),
                server_id=SERVER,
                weight=weight,
            )
        )

    async def look(self, fits: Room | None = None) -> int:
        """Look for full groups, as the hour does."""
        return await splits.look(self.database, SERVER, self.now, self.settings, fits=fits)

    async def step(self, after: timedelta = timedelta()) -> int:
        """Let time pass and do what is due, as the tick does."""
        self.now += after
        async with self.database.writing() as session:
            return await splits.step_due(session, self.now, self.settings)

    async def suggest(self, actor: int | Actor = LENA, seen: str | None = None) -> Message:
        """Press [Tell the members]."""
        who = actor if isinstance(actor, Actor) else Actor(SERVER, actor)
        async with self.database.writing() as session:
            return await split_proposals.suggest(
                session, who, 1, self.now, self.settings, seen=seen
            )

    async def tell(self) -> datetime:
        """Have Lena suggest it, and an owner say yes; return when it will happen."""
        await self.suggest()
        told = await self.suggest(OWNER)
        if told.lines[0].key == "splits.suggested_and_agreed":
            await self.step(DAY)  # somebody else who looks after it keeps silent
        runs_at = (await self.split()).runs_at
        assert runs_at is not None
        return runs_at

    async def refuse(self, actor: int | Actor = LENA) -> Message:
        """Press [Not now]."""
        who = actor if isinstance(actor, Actor) else Actor(SERVER, actor)
        async with self.database.writing() as session:
            return await split_proposals.refuse(session, who, 1, self.now, self.settings)

    async def choose(self, user_id: int, child: int) -> Any:
        """Press one of the two buttons behind [Where am I?]."""
        async with self.database.writing() as session:
            return await split_seats.choose(
                session,
                server_id=SERVER,
                user_id=user_id,
                split_id=1,
                child=child,
                now=self.now,
            )

    async def where(self, user_id: int) -> Any:
        """Press [Where am I?]."""
        async with self.database.writing() as session:
            return await split_seats.where(
                session, server_id=SERVER, user_id=user_id, split_id=1, now=self.now
            )

    async def split(self) -> Split:
        """Return the first split as it stands."""
        async with self.database.reading() as session:
            return await session.get_one(Split, 1)

    async def all(self, table: type[Base], *which: Any) -> list[Any]:
        """Return rows of a table."""
        async with self.database.reading() as session:
            return list((await session.scalars(select(table).where(*which))).all())

    async def owed(self, kind: str) -> list[dict[str, Any]]:
        """Return what is owed of one kind, as it was packed."""
        rows = await self.all(OutboxMessage, OutboxMessage.kind == kind)
        return [
            {**json.loads(row.content)[0], "place": row.place, "at": row.group_id}
            for row in sorted(rows, key=lambda row: row.id)
        ]

    async def change(self, statement: Any) -> None:
        """Change rows as other parts of Hearth do."""
        async with self.database.writing() as session:
            await session.execute(statement)

    async def homes(self) -> dict[int, set[int]]:
        """Return who lives where, after checking that the counted columns agree."""
        found: dict[int, set[int]] = {}
        for home in await self.all(Membership):
            found.setdefault(home.group_id, set()).add(home.user_id)
        for group in await self.all(Group):
            assert group.homes == len(found.get(group.id, ()))
        return found


@pytest.fixture
async def harbour(database: Database, settings: Settings, now: datetime) -> Harbour:
    """The full group, which asks before it splits."""
    made = Harbour(database, settings, now)
    await made.build()
    return made


async def test_a_full_group_gets_a_plan_and_its_facilitators_see_it(harbour: Harbour) -> None:
    """Once, with figures and seats; those who decide are mentioned, and nobody else is told."""
    assert await harbour.look() == 1
    assert await harbour.look() == 0
    split = await harbour.split()
    assert (split.state, split.stranded) == ("planned", 0)
    assert split.ask_again_at == harbour.now + 5 * DAY
    assert 0.9 < split.mean_share < 1
    seats = await harbour.all(SplitSeat)
    assert {seat.user_id for seat in seats if seat.child == 1} == set(OTHERS)
    assert all(seat.child == seat.planned and not seat.chosen for seat in seats)
    children = await harbour.all(SplitChild)
    assert [(c.index, c.name, c.facilitator_id) for c in children] == [
        (0, "Harbour", LENA),
        (1, "Millpond", 201),
    ]
    (preview,) = await harbour.owed("split-preview")
    assert (preview["place"], preview["users"], preview["loud"]) == ("facilitators", [LENA], False)
    assert await harbour.owed("split-notice") == []


async def test_no_split_is_planned_that_discord_has_no_place_for(harbour: Harbour) -> None:
    """In a server with 250 roles nobody is promised a room that cannot be made."""
    assert await harbour.look(Room(by_role=0, without_role=40)) == 0
    assert await harbour.look(Room(by_role=1, without_role=40)) == 1


async def test_a_group_that_cannot_split_stays_full_and_those_who_decide_hear_why(
    harbour: Harbour,
) -> None:
    """Once a month, in the facilitators' room; the desk says what could be done about it."""
    full = Room(by_role=0, without_role=40)
    await harbour.look(full)
    await harbour.look(full)
    (word,) = await harbour.owed("split-no-place")
    assert (word["place"], word["users"]) == ("facilitators", [LENA])
    async with harbour.database.writing() as session:
        await limits.take_in(
            session, SERVER, Use(roles=238, channels=10, categories=1), now=harbour.now
        )
        shown = await split_approval.desk(session, Actor(SERVER, LENA), HARBOUR)
    assert shown.lines[0].key == "splits.no_place"
    await harbour.change(delete(Facilitator))
    harbour.now += 31 * DAY
    await harbour.look(full)
    assert [word["place"] for word in await harbour.owed("split-no-place")] == [
        "facilitators",
        "owners",
    ]


async def test_a_group_below_its_cap_needs_none(harbour: Harbour) -> None:
    """One seat left is enough, and so is resting."""
    await harbour.change(update(Group).values(homes=19))
    assert await harbour.look() == 0
    await harbour.change(update(Group).values(homes=20, state="resting"))
    assert await harbour.look() == 0


async def test_without_facilitators_the_owners_decide(harbour: Harbour) -> None:
    """The preview goes to the owners' room, and an owner's word counts."""
    await harbour.change(delete(Facilitator))
    await harbour.look()
    (preview,) = await harbour.owed("split-preview")
    assert (preview["place"], preview["users"]) == ("owners", [])
    assert (await harbour.suggest(OWNER)).lines[0].key == "splits.told"
    assert (await harbour.split()).runs_at == harbour.now + 2 * DAY


async def test_the_shared_room_names_neither_group_nor_candidate(harbour: Harbour) -> None:
    """Facilitators of other groups read there: only that something waits, and for whom."""
    await harbour.look()
    (line,) = await harbour.owed("split-preview")
    assert [one["key"] for one in line["lines"]] == ["splits.for_you"]
    assert line["lines"][0]["params"] == {"people": f"<@{LENA}>"}


async def test_an_unlisted_group_is_named_to_nobody_outside(harbour: Harbour) -> None:
    """Not in the owners' room, and not to a facilitator of another group who presses."""
    await harbour.change(update(GroupType).values(listed=False))
    stranger = Actor(SERVER, 999)
    await harbour.look()
    async with harbour.database.reading() as session:
        for actor, why in ((stranger, "_there"), (Actor(SERVER, 101), "")):
            with pytest.raises(UserError) as error:
                await split_approval.desk(session, actor, HARBOUR)
            assert error.value.key == f"errors.facilitators_only{why}"
    await harbour.step(5 * DAY)
    await harbour.change(delete(Facilitator))
    await harbour.step(5 * DAY)
    told = [*await harbour.owed("split-unanswered"), *await harbour.owed("split-preview")]
    assert {line["place"] for line in told} == {"facilitators", "owners"}
    assert "Harbour" not in json.dumps(told)


@pytest.mark.parametrize("counted", [True, False])
async def test_figures_are_claimed_only_where_somebody_talked(
    harbour: Harbour, *, counted: bool
) -> None:
    """Without a single tie "100 % stay together" would be true and say nothing."""
    if not counted:
        await harbour.change(delete(Tie))
    await harbour.look()
    async with harbour.database.reading() as session:
        shown = await split_approval.desk(session, Actor(SERVER, LENA), HARBOUR)
    keys = {line.key for line in shown.lines}
    assert ({"splits.kept", "splits.nobody_alone"} <= keys) == counted
    assert ("splits.nothing_counted" in keys) != counted


async def test_only_the_plan_that_was_seen_is_told(harbour: Harbour) -> None:
    """Whoever agrees to a plan that was rewritten meanwhile is shown the new one instead."""
    await harbour.look()
    async with harbour.database.reading() as session:
        before = await split_approval.mark(session, 1)
    async with harbour.database.writing() as session:
        for other in FRIENDS:
            harbour.tie(session, other, 208, 90)
    harbour.now += DAY
    await harbour.look()
    for who in (LENA, OWNER):
        shown = await harbour.suggest(who, seen=before)
        assert shown.lines[0].key == "splits.changed"
        assert await harbour.owed("split-notice") == []
        again = shown.buttons[0].press.split(":")[-1]
        await harbour.suggest(who, seen=again)
    assert (await harbour.split()).runs_at == harbour.now + 2 * DAY


async def test_nobody_answers(harbour: Harbour) -> None:
    """The question comes again, and after two rounds the owners hear of it, once."""
    await harbour.look()
    assert await harbour.step(5 * DAY - HOUR) == 0
    assert await harbour.step(HOUR) == 1
    assert len(await harbour.owed("split-preview")) == 2
    assert await harbour.owed("split-unanswered") == []
    await harbour.step(5 * DAY)
    (line,) = await harbour.owed("split-unanswered")
    assert line["place"] == "owners"
    await harbour.step(5 * DAY)
    assert len(await harbour.owed("split-unanswered")) == 1
    assert len(await harbour.owed("split-preview")) == 4


async def test_not_now_is_an_answer(harbour: Harbour) -> None:
    """It puts the question off and is no unanswered round."""
    await harbour.look()
    await harbour.step(5 * DAY)
    said = await harbour.refuse()
    assert said.lines[0].params["at"] == int((harbour.now + 5 * DAY).timestamp())
    await harbour.step(5 * DAY)
    assert await harbour.owed("split-unanswered") == []
    assert len(await harbour.owed("split-preview")) == 3


async def test_only_those_who_decide_may(harbour: Harbour) -> None:
    """A member cannot tell, put off, name or look; nor can an owner of another server."""
    await harbour.look()
    for actor in (Actor(SERVER, 101), Actor(SERVER + 1, 1, manages_server=True)):
        async with harbour.database.writing() as session:
            for act in (
                split_proposals.suggest(session, actor, 1, harbour.now, harbour.settings),
                split_proposals.refuse(session, actor, 1, harbour.now, harbour.settings),
                split_names.name_it(session, actor, 1, 1, name="Ours", emoji="", now=harbour.now),
                split_changes.card(session, actor, 1),
                split_approval.desk(session, actor, HARBOUR),
            ):
                with pytest.raises(UserError):
                    await act
    assert (await harbour.split()).state == "planned"


async def test_a_plan_that_waits_is_figured_anew_each_day(harbour: Harbour) -> None:
    """The ties go on; the name and the question stay."""
    await harbour.look()
    async with harbour.database.writing() as session:
        for other in FRIENDS:
            harbour.tie(session, other, 208, 90)
    await harbour.look()
    assert {s.user_id for s in await harbour.all(SplitSeat, SplitSeat.child == 1)} == set(OTHERS)
    harbour.now += DAY
    assert await harbour.look() == 0
    seats = {s.user_id: s.child for s in await harbour.all(SplitSeat)}
    assert seats[208] == seats[LENA]
    assert len(await harbour.owed("split-preview")) == 1
    assert (await harbour.all(SplitChild))[1].name == "Millpond"


async def test_the_new_group_is_named(harbour: Harbour) -> None:
    """By those who decide; not like a group that is there, nor with what would ring a bell."""
    await harbour.look()

    async def name(text: str, emoji: str = "") -> Message:
        async with harbour.database.writing() as session:
            return await split_names.name_it(
                session, Actor(SERVER, LENA), 1, 1, name=text, emoji=emoji, now=harbour.now
            )

    shown = await name("Lower  Harbour", "⚓")
    assert shown.lines[0].params == {"emoji": "⚓", "name": "Lower Harbour"}
    for bad in ("HARBOUR", "", "@everyone", "x" * 41):
        with pytest.raises(UserError):
            await name(bad)
    assert (await harbour.all(SplitChild))[1].name == "Lower Harbour"


async def test_the_members_are_told_once_and_loudly(harbour: Harbour) -> None:
    """The notice pings the group's role and nobody else; the move waits for the type's delay."""
    await harbour.look()
    runs_at = await harbour.tell()
    assert runs_at == harbour.now + 2 * DAY
    (notice,) = await harbour.owed("split-notice")
    assert (notice["place"], notice["at"], notice["roles"], notice["loud"]) == (
        "room",
        HARBOUR,
        [ROLE],
        True,
    )
    assert notice["users"] == []
    with pytest.raises(UserError) as error:
        await harbour.tell()
    assert error.value.key == "splits.told_already"
    assert len(await harbour.owed("split-notice")) == 1


async def test_a_type_may_split_by_itself(
    database: Database, settings: Settings, now: datetime
) -> None:
    """After its delay members are told without a word from anyone, but not at night."""
    harbour = Harbour(database, settings, now.replace(hour=23))
    await harbour.build(splits="auto", split_delay_days=1)
    await harbour.look()
    assert await harbour.step(DAY) == 0
    assert await harbour.step(timedelta(hours=10)) == 1  # nine in the morning
    assert (await harbour.split()).runs_at == harbour.now + DAY
    await harbour.step(DAY)
    assert (await harbour.split()).state == "moving"


async def test_the_rows_after_the_move(harbour: Harbour) -> None:
    """Everything that goes with a home has moved, and nothing else."""
    async with harbour.database.writing() as session:
        harbour.office(session, OMAR)
        session.add(
            Ritual(
                id=7,
                server_id=SERVER,
                group_id=HARBOUR,
                title="Friday",
                cadence="weekly",
                weekday=4,
                zone="UTC",
                anchor="2026-03-02",
                state="running",
                host_id=LENA,
                next_due_at=harbour.now + 3 * DAY,
            )
        )
        await session.flush()
        session.add(RitualPrompt(ritual_id=7, position=0, prompt="What floats?", used=2))
        session.add_all(Reminder(ritual_id=7, user_id=user) for user in (101, 201))
        for user in (102, 202):
            session.add(
                QuietEpisode(
                    server_id=SERVER,
                    group_id=HARBOUR,
                    user_id=user,
                    silent_since=harbour.now,
                    began_at=harbour.now,
                )
            )
        await session.execute(
            update(Membership).where(Membership.user_id == 203).values(state="held")
        )
    await harbour.look()
    await harbour.tell()
    assert await harbour.step(2 * DAY - HOUR) == 0
    harbour.noted.clear()
    assert await harbour.step(HOUR) == 1

    homes = await harbour.homes()
    (child,) = await harbour.all(Group, Group.id != HARBOUR)
    assert homes == {HARBOUR: set(FRIENDS), child.id: set(OTHERS)}
    assert (child.name, child.emoji, child.purpose) == (
        "Millpond",
        "🌊",
        "Boats and the people on them.",
    )
    assert (child.type_id, child.cap, child.room_id, child.visitors) == (1, 20, None, 0)
    assert await harbour.all(SpareName) == []
    split = await harbour.split()
    assert (split.state, split.moved, split.moved_at) == ("moving", 8, harbour.now)
    (lineage,) = await harbour.all(Lineage)
    assert (lineage.child_id, lineage.parent_id, lineage.split_id) == (child.id, HARBOUR, 1)
    assert all(member.free_move for member in await harbour.all(Member))
    offices = await harbour.all(Facilitator)
    assert {(office.group_id, office.user_id) for office in offices} == {
        (HARBOUR, LENA),
        (child.id, OMAR),
    }
    doors = await harbour.all(Door)
    assert {(door.group_id, door.for_group_id) for door in doors} == {
        (HARBOUR, child.id),
        (child.id, HARBOUR),
    }
    assert {door.closes_at for door in doors} == {harbour.now + 30 * DAY}
    episodes = await harbour.all(QuietEpisode)
    assert {e.user_id: e.group_id for e in episodes} == {102: HARBOUR, 202: child.id}
    rituals = {ritual.group_id: ritual for ritual in await harbour.all(Ritual)}
    assert (rituals[HARBOUR].state, rituals[HARBOUR].host_id) == ("running", LENA)
    assert (rituals[child.id].state, rituals[child.id].host_id) == ("paused", None)
    reminders = await harbour.all(Reminder)
    assert {(r.ritual_id, r.user_id) for r in reminders} == {(7, 101), (rituals[child.id].id, 201)}
    async with harbour.database.reading() as session:
        there = await ties_service.weights(session, child.id, harbour.now)
        here = await ties_service.weights(session, HARBOUR, harbour.now)
    assert {who for low, high, _ in there for who in (low, high)} == set(OTHERS)
    assert {who for low, high, _ in here for who in (low, high)} == set(FRIENDS)
    assert harbour.noted >= {
        GroupScope(SERVER, HARBOUR),
        GroupScope(SERVER, child.id),
        *(MemberScope(SERVER, user_id) for user_id in OTHERS),
    }
    assert not {MemberScope(SERVER, user_id) for user_id in FRIENDS} & harbour.noted


async def test_a_host_who_goes_along_hosts_on(harbour: Harbour) -> None:
    """The ritual runs on in both groups: one keeps its host, the other is taken care of."""
    async with harbour.database.writing() as session:
        harbour.office(session, OMAR)
        session.add(
            Ritual(
                server_id=SERVER,
                group_id=HARBOUR,
                title="Friday",
                cadence="weekly",
                weekday=4,
                zone="UTC",
                anchor="2026-03-02",
                state="running",
                host_id=OMAR,
                next_due_at=harbour.now + 3 * DAY,
            )
        )
    await harbour.look()
    await harbour.tell()
    await harbour.step(2 * DAY)
    rituals = {ritual.group_id: ritual for ritual in await harbour.all(Ritual)}
    assert {(r.state, r.host_id) for r in rituals.values()} == {
        ("running", LENA),
        ("running", OMAR),
    }


async def test_who_has_nobody_to_look_after_them_asks_the_most_tied(harbour: Harbour) -> None:
    """One person is asked in private; not one who is away, nor anybody on the other side."""
    await harbour.change(update(Member).where(Member.user_id == 201).values(away_from=harbour.now))
    await harbour.look()
    await harbour.tell()
    await harbour.step(2 * DAY)
    (asked,) = await harbour.all(Facilitator, Facilitator.state == "asked")
    assert asked.group_id != HARBOUR
    assert asked.user_id in OTHERS
    assert asked.user_id != 201
    (question,) = await harbour.owed("question")
    assert question["users"] == [asked.user_id]


async def test_everyone_may_ask_where_they_will_be(harbour: Harbour) -> None:
    """Members hear their half and its size, others that nothing changes for them."""
    await harbour.look()
    with pytest.raises(UserError):
        await harbour.where(LENA)
    await harbour.tell()
    mine = await harbour.where(201)
    assert (mine.child, mine.children[1].name, mine.children[1].size) == (1, "Millpond", 9)
    assert mine.children[1].agreed is False
    assert (await harbour.where(LENA)).children[0].agreed is True
    assert (await harbour.where(999)).child is None
    await harbour.step(2 * DAY)
    assert (await harbour.where(201)).child == 1
    assert (await harbour.where(LENA)).room_id == 501


async def test_members_choose_within_the_bounds(harbour: Harbour) -> None:
    """Sizes 11 and 9: the smaller half cannot lose one, the larger can lose two."""
    await harbour.look()
    await harbour.tell()
    place = await harbour.choose(201, 0)
    assert (place.child, place.wishes, place.chosen) == (1, 0, False)
    stays = await harbour.choose(201, 1)
    assert (stays.wishes, stays.chosen) == (None, True)
    for user_id in (101, 102):
        place = await harbour.choose(user_id, 1)
        assert (place.child, place.chosen) == (1, True)
    assert (await harbour.choose(202, 0)).child == 0  # now there is room
    for wrong in (2, -1):
        with pytest.raises(UserError):
            await harbour.choose(LENA, wrong)
    with pytest.raises(UserError):
        await harbour.choose(999, 1)
    await harbour.step(2 * DAY)
    homes = await harbour.homes()
    assert homes[HARBOUR] == {*FRIENDS, 202} - {101, 102}
    with pytest.raises(UserError) as error:
        await harbour.choose(103, 1)
    assert error.value.key == "splits.too_late"


async def test_whom_moderators_keep_apart_cannot_choose_each_other(harbour: Harbour) -> None:
    """They hear what anyone hears who finds the half full."""
    async with harbour.database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=101, high_id=205, by_user_id=1, at=harbour.now))
    await harbour.look()
    await harbour.tell()
    assert (await harbour.choose(101, 1)).wishes == 1
    assert (await harbour.choose(102, 1)).child == 1
    assert (await harbour.choose(203, 0)).child == 0  # there was room; nobody met by a swap
    assert (await harbour.where(101)).wishes == 1


async def test_a_told_split_is_called_off(harbour: Harbour) -> None:
    """By those who decide, from the desk; the room hears of it, and nobody moves."""
    await harbour.look()
    await harbour.tell()
    async with harbour.database.writing() as session:
        shown = await split_approval.desk(session, Actor(SERVER, LENA), HARBOUR)
        assert "split-off:1" in {button.press for button in shown.buttons}
        with pytest.raises(UserError):
            await split_approval.call_off(session, Actor(SERVER, 101), 1, harbour.now)
        await split_approval.call_off(session, Actor(SERVER, LENA), 1, harbour.now)
        with pytest.raises(UserError):
            await split_approval.call_off(session, Actor(SERVER, LENA), 1, harbour.now)
    (line,) = await harbour.owed("split-off")
    assert line["place"] == "room"
    assert await harbour.step(2 * DAY) == 0
    assert len(await harbour.homes()) == 1
    assert await harbour.look() == 0
    harbour.now += 14 * DAY
    assert await harbour.look() == 1


async def test_two_who_wish_the_opposite_change_places(harbour: Harbour) -> None:
    """Who asks first is not refused: the wish is kept, with the card, until the other one asks."""
    await harbour.look()
    await harbour.tell()
    shown = split_messages.place(await harbour.choose(201, 0))
    assert "splits.wish_kept" in {line.key for line in shown.lines}
    assert len(shown.buttons) == 2
    sizes = [half.size for half in (await harbour.where(201)).children]
    assert (await harbour.choose(101, 1)).child == 1
    first = await harbour.where(201)
    assert (first.child, first.chosen, first.wishes) == (0, True, None)
    assert [half.size for half in first.children] == sizes
    await harbour.step(2 * DAY)
    assert (await harbour.homes())[HARBOUR] == {*FRIENDS, 201} - {101}


async def test_a_choice_against_the_ties_is_a_visit_where_no_door_opens(
    database: Database, settings: Settings, now: datetime
) -> None:
    """A group without a role opens no door; the few who chose get thirty days in the other room."""
    harbour = Harbour(database, settings, now)
    await harbour.build(access="overwrites")
    await harbour.look()
    await harbour.tell()
    (notice,) = await harbour.owed("split-notice")
    assert notice["roles"] == []
    await harbour.choose(101, 1)
    await harbour.choose(201, 1)
    await harbour.step(2 * DAY)
    assert await harbour.all(Door) == []
    (visit,) = await harbour.all(Visit)
    assert (visit.user_id, visit.group_id, visit.origin) == (101, HARBOUR, "granted")
    assert visit.ends_at == harbour.now + 30 * DAY


async def test_with_doors_a_choice_needs_no_visit(harbour: Harbour) -> None:
    """A member's own overwrite would hide the past that the door shows."""
    await harbour.look()
    await harbour.tell()
    await harbour.choose(101, 1)
    await harbour.step(2 * DAY)
    assert await harbour.all(Visit) == []


async def test_who_comes_and_goes_meanwhile(harbour: Harbour) -> None:
    """Newcomers go where their ties are, seats of leavers are gone, all others keep theirs."""
    await harbour.look()
    await harbour.tell()
    async with harbour.database.writing() as session:
        for gone in (103, 203):
            await session.delete(await session.get_one(Membership, (SERVER, gone)))
        for new, friend in ((298, 204), (199, 104)):
            await harbour.move_in(session, new)
            harbour.tie(session, friend, new, 5) if friend < new else harbour.tie(
                session, new, friend, 5
            )
    assert (await harbour.where(298)).child == 1
    await harbour.step(2 * DAY)
    homes = await harbour.homes()
    assert homes[HARBOUR] == {*FRIENDS, 199} - {103}


async def test_nobody_is_left_alone_by_what_happened_since(harbour: Harbour) -> None:
    """Someone who came to talk with the other half only goes with it; who chose is not "left"."""
    await harbour.look()
    await harbour.tell()
    await harbour.choose(105, 0)
    async with harbour.database.writing() as session:
        mine = (Tie.low_id.in_((104, 105))) | (Tie.high_id.in_((104, 105)))
        await session.execute(delete(Tie).where(mine))
        harbour.tie(session, 104, 204, 3)
        harbour.tie(session, 105, 205, 3)
    await harbour.step(2 * DAY)
    homes = await harbour.homes()
    assert 104 not in homes[HARBOUR]
    assert 105 in homes[HARBOUR]
    assert (await harbour.split()).stranded == 0


@pytest.mark.parametrize("told", [False, True])
async def test_a_split_that_became_pointless_is_dropped(harbour: Harbour, *, told: bool) -> None:
    """Below nine tenths of the cap it is off; who was told hears so, and a new one may come."""
    await harbour.look()
    if told:
        await harbour.tell()
    async with harbour.database.writing() as session:
        for gone in (103, 104, 203):
            await session.delete(await session.get_one(Membership, (SERVER, gone)))
        await session.execute(update(Group).values(homes=17))
    assert await harbour.step(HOUR) == 1
    split = await harbour.split()
    assert (split.state, split.closed_at) == ("dropped", harbour.now)
    assert len(await harbour.owed("split-off")) == told
    assert await harbour.step(9 * DAY) == 0
    assert len(await harbour.homes()) == 1
    await harbour.change(update(Group).values(homes=20))
    assert await harbour.look() == 1


async def test_it_is_done_when_discord_shows_it(harbour: Harbour) -> None:
    """Until then it is open, and the group gets no other plan."""
    await harbour.look()
    await harbour.tell()
    await harbour.step(2 * DAY)
    async with harbour.database.reading() as session:
        (moving,) = await splits.unsettled(session, SERVER)
        assert await splits.unsettled(session, SERVER + 1) == []
    (child,) = await harbour.all(Group, Group.id != HARBOUR)
    assert set(moving.scopes) == {
        GroupScope(SERVER, HARBOUR),
        GroupScope(SERVER, child.id),
        *(MemberScope(SERVER, user_id) for user_id in OTHERS),
    }
    async with harbour.database.writing() as session:
        await splits.mark_done(session, moving.split_id, harbour.now)
        assert await splits.unsettled(session, SERVER) == []
    assert (await harbour.split()).state == "done"


async def test_doors_close_after_thirty_days(harbour: Harbour) -> None:
    """Both, and the rooms are looked at again."""
    await harbour.look()
    await harbour.tell()
    await harbour.step(2 * DAY)
    for after, closed in ((30 * DAY - HOUR, 0), (HOUR, 2)):
        harbour.now += after
        harbour.noted.clear()
        async with harbour.database.writing() as session:
            assert await splits.doors_due(session, harbour.now) == closed
    assert len(harbour.noted) == 2
    assert await harbour.all(Door) == []


async def test_a_paused_server_does_not_go_on(harbour: Harbour) -> None:
    """No plan, no notice, no move until the owners let Hearth go on."""
    await harbour.change(update(Server).values(paused_at=harbour.now))
    assert await harbour.look() == 0
    await harbour.change(update(Server).values(paused_at=None))
    await harbour.look()
    await harbour.tell()
    await harbour.change(update(Server).values(paused_at=harbour.now))
    assert await harbour.step(9 * DAY) == 0
    await harbour.change(update(Server).values(paused_at=None))
    assert await harbour.step() == 1


async def test_names_never_clash(harbour: Harbour) -> None:
    """A name that a group took meanwhile is not given a second time, and names never run out."""
    await harbour.look()
    await harbour.tell()
    async with harbour.database.writing() as session:
        session.add(
            Group(
                server_id=SERVER,
                type_id=1,
                name="MILLPOND",
                name_key="millpond",
                cap=20,
                created_at=harbour.now,
            )
        )
    await harbour.step(2 * DAY)
    names = [group.name for group in await harbour.all(Group)]
    assert len({name.casefold() for name in names}) == len(names) == 3


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("share", [0.05, 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
async def test_killed_while_rows_change(harbour: Harbour, share: float) -> None:
    """Wherever it dies, the next tick finds the group whole, or two groups; never a part."""
    await harbour.look()
    await harbour.tell()
    harbour.now += 2 * DAY
    statements, deadly = 0, 0

    def counted(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements == deadly:
            raise Killed

    engine = harbour.database._write.kw["bind"].sync_engine  # pyright: ignore[reportPrivateUsage] - statements are counted at the engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        async with harbour.database.writing() as session:
            await splits.step_due(session, harbour.now, harbour.settings)
            await session.rollback()  # this was to count
        assert statements > 40
        deadly, statements = round(statements * share), 0
        with pytest.raises(Killed):
            await harbour.step()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    assert (await harbour.split()).state == "told"
    assert await harbour.homes() == {HARBOUR: {*FRIENDS, *OTHERS}}
    assert await harbour.step() == 1
    assert (await harbour.split()).state == "moving"
    assert sorted(map(len, (await harbour.homes()).values())) == [9, 11]
    assert await harbour.step() == 0
    assert len(await harbour.owed("charter")) == 1


async def test_each_step_is_found_again_by_a_new_process(settings: Settings, now: datetime) -> None:
    """Between any two steps everything is closed and opened anew; the rows are all it needs."""
    moment = now
    for number in range(6):
        async with Database.open(settings.database) as database:
            harbour = Harbour(database, settings, moment)
            match number:
                case 0:
                    await harbour.build()
                case 1:
                    assert await harbour.look() == 1
                case 2:
                    await harbour.tell()
                case 3:
                    await harbour.choose(101, 1)
                case 4:
                    assert await harbour.step(2 * DAY) == 1
                case _:
                    async with database.writing() as session:
                        (moving,) = await splits.unsettled(session, SERVER)
                        await splits.mark_done(session, moving.split_id, moment)
            moment = harbour.now
    async with Database.open(settings.database) as database:
        harbour = Harbour(database, settings, moment)
        assert (await harbour.split()).state == "done"
        assert sorted(map(len, (await harbour.homes()).values())) == [10, 10]
        async with database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(Group)) == 2


@pytest.mark.parametrize("over", [stages.archive, stages.rest])
@pytest.mark.parametrize("told", [False, True])
async def test_a_group_that_ends_or_rests_does_not_split(
    harbour: Harbour, over: Any, *, told: bool
) -> None:
    """What was planned for it is off: no half of it opens beside the old room."""
    await harbour.look()
    if told:
        await harbour.tell()
    async with harbour.database.writing() as session:
        await over(session, await session.get_one(Group, HARBOUR), harbour.now)
    await harbour.step(9 * DAY)
    assert (await harbour.split()).state == "dropped"
    assert len(await harbour.homes()) == 1
    assert len(await harbour.owed("split-preview")) == 1
    assert await harbour.look() == 0


async def test_a_group_that_rests_until_it_has_split_does_so(harbour: Harbour) -> None:
    """It was adopted with too many people: its rest is no wish of anybody's."""
    async with harbour.database.writing() as session:
        session.add(
            Adoption(
                server_id=SERVER,
                group_id=HARBOUR,
                room_id=501,
                before="{}",
                at=harbour.now,
                rests_until_split=True,
            )
        )
        await stages.rest(session, await session.get_one(Group, HARBOUR), harbour.now)
    assert await harbour.look() == 1
    await harbour.tell()
    assert await harbour.step(9 * DAY) == 1
    assert len(await harbour.homes()) == 2

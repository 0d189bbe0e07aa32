"""Circles in the tables: who is looked at, what is kept, how offers go on and end."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.circle_cards import Overview
from bot.rules.ties import week_of
from bot.services import (
    circle_founding,
    circle_members,
    circle_ties,
    circles,
    departures,
    installation,
    privacy,
    retention,
    servers,
    suggest_me,
)
from bot.settings import Settings
from models import (
    Apart,
    Bar,
    Circle,
    CircleMember,
    CommonsTie,
    Facilitator,
    Group,
    GroupType,
    Invitation,
    LogEntry,
    Member,
    Membership,
    OutboxMessage,
    Server,
    Tie,
    Wish,
)

SERVER, OWNER, DAY = 9_000, 1, timedelta(days=1)
LISTED, IDENTITY, HIDDEN = 1, 2, 3  # types, and a group of each
SEVEN = range(100, 107)
WORDS = {
    "name": "Lakeside",
    "purpose": "A table for people who talk a lot.",
    "for_whom": "Those who keep meeting.",
    "unites": "We know each other's names.",
    "norms": "Say hello\nAsk first\nStay kind",
}


def actor(user_id: int) -> Actor:
    """Return someone who asks; OWNER runs the server."""
    return Actor(
        server_id=SERVER,
        user_id=user_id,
        role_ids=frozenset(),
        manages_server=user_id == OWNER,
        moderates_members=False,
    )


class Place:
    """A server with three types and a group of each, and people who want suggestions."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self.database = database
        self.settings = settings
        self.now = now

    async def build(self) -> None:
        """Make the server; the commons are counted."""
        async with self.database.writing() as session:
            session.add(
                Server(
                    id=SERVER,
                    added_at=self.now,
                    commons_id=50,
                    owners_room_id=52,
                    counts_commons=True,
                )
            )
            await session.flush()
            for number, kind in ((LISTED, "interest"), (IDENTITY, "identity"), (HIDDEN, "own")):
                type_ = {"server_id": SERVER, "name": kind, "name_key": kind, "kind": kind}
                listed = number == LISTED or kind == "identity"
                session.add(GroupType(id=number, **type_, listed=listed, cap=20, minimum=5))
                await session.flush()
                session.add(
                    Group(
                        id=number,
                        server_id=SERVER,
                        type_id=number,
                        name=f"Home {number}",
                        name_key=f"home {number}",
                        purpose="It is there.",
                        cap=20,
                        homes=0,
                        created_at=self.now - 99 * DAY,
                    )
                )
                await session.flush()

    async def people(self, ids: Iterable[int], **member: Any) -> None:
        """Let people want suggestions."""
        async with self.database.writing() as session:
            for user_id in ids:
                wishes = {"counted_since": self.now, "suggested_since": self.now, **member}
                session.add(Member(server_id=SERVER, user_id=user_id, **wishes))

    async def tied(self, ids: Iterable[int], group_id: int = 0, weight: int = 6) -> None:
        """Let people have answered each other this week, in a group or in the commons."""
        here = {"server_id": SERVER, "week": week_of(int(self.now.timestamp() * 1000))}
        async with self.database.writing() as session:
            for low, high in combinations(sorted(ids), 2):
                pair = {**here, "low_id": low, "high_id": high, "weight": weight}
                session.add(Tie(group_id=group_id, **pair) if group_id else CommonsTie(**pair))

    async def live(self, ids: Iterable[int], group_id: int, **home: Any) -> None:
        """Let people have their home in a group."""
        async with self.database.writing() as session:
            for user_id in ids:
                row = {"server_id": SERVER, "user_id": user_id, "group_id": group_id, **home}
                session.add(Membership(since=self.now, **row))

    async def add(self, *rows: Any) -> None:
        """Write rows."""
        async with self.database.writing() as session:
            session.add_all(rows)

    async def look(self) -> Overview:
        """Let the owner look, long enough after the last time."""
        self.now += timedelta(minutes=15)
        return await circles.look(self.database, actor(OWNER), self.now)

    async def found(self) -> list[set[int]]:
        """Look, and return the people of the circles that were found."""
        await self.look()
        return await self.members("found")

    async def members(self, state: str) -> list[set[int]]:
        """Return the people of the circles in a state, the largest circle first."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(Circle.id, CircleMember.user_id)
                .join(CircleMember, CircleMember.circle_id == Circle.id)
                .where(Circle.state == state)
                .order_by(Circle.id)
            )
            found: dict[int, set[int]] = {}
            for circle_id, user_id in rows:
                found.setdefault(circle_id, set()).add(user_id)
        return sorted(found.values(), key=len, reverse=True)

    async def offer(self, **typed: str) -> Circle:
        """Let the owner offer the circle that was found last a group."""
        async with self.database.writing() as session:
            newest = select(Circle.id).where(Circle.state == "found").order_by(Circle.id.desc())
            circle_id = await session.scalar(newest.limit(1))
            assert circle_id is not None
            circle, _ = await circles.offer(
                session, actor(OWNER), circle_id, LISTED, {**WORDS, **typed}, now=self.now
            )
            return circle

    async def offered(self, ids: Iterable[int] = SEVEN, **typed: str) -> Circle:
        """Let a circle be there and be offered a group."""
        people = list(ids)
        await self.people(people)
        await self.tied(people)
        assert await self.found() == [set(people)]
        return await self.offer(**typed)

    async def say(self, circle: Circle, *ids: int, yes: bool = True, helps: bool = False) -> None:
        """Let people answer."""
        async with self.database.writing() as session:
            for user_id in ids:
                await circle_members.say(
                    session,
                    actor(user_id),
                    circle.id,
                    self.now,
                    self.settings,
                    yes=yes,
                    would_help=helps,
                )

    async def step(self) -> int:
        """Let the tick take the circles as far as they can go."""
        async with self.database.writing() as session:
            return await circle_founding.step_due(session, self.now, self.settings)

    async def rows(self, table: type[Any], *which: Any) -> list[Any]:
        """Return a table's rows."""
        async with self.database.reading() as session:
            return list(await session.scalars(select(table).where(*which)))

    async def count(self, table: type[Any], *which: Any) -> int:
        """Return how many rows a table holds."""
        async with self.database.reading() as session:
            wanted = select(func.count()).select_from(table).where(*which)
            return await session.scalar(wanted) or 0


@pytest.fixture
async def place(database: Database, settings: Settings, now: datetime) -> Place:
    """A server in which nobody wants anything yet."""
    built = Place(database, settings, now)
    await built.build()
    return built


# --- who is looked at -----------------------------------------------------------------------------


async def test_only_who_wants_it_is_looked_at(place: Place) -> None:
    """A friend of all seven who did not press is in no circle, and no tie to them counts."""
    await place.people(SEVEN)
    await place.people([200], suggested_since=None)
    await place.people([201], counted_since=None)
    await place.people([202], left_at=place.now)
    await place.people([203], opted_out_at=place.now)
    await place.tied([*SEVEN, 200, 201, 202, 203])
    assert await place.found() == [set(SEVEN)]


async def test_barred_and_held_people_are_left_out(place: Place) -> None:
    """Who may enter no group at all, or whose place moderators have in hand."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    await place.add(Bar(server_id=SERVER, user_id=100, group_id=0, by_user_id=OWNER, at=place.now))
    await place.live([101], LISTED, state="held")
    await place.add(
        Bar(server_id=SERVER, user_id=102, group_id=LISTED, by_user_id=OWNER, at=place.now)
    )
    assert await place.found() == [set(range(102, 107))]


@pytest.mark.parametrize(
    ("group_id", "expected"), [(LISTED, True), (IDENTITY, False), (HIDDEN, False), (0, True)]
)
async def test_ties_of_which_rooms_are_looked_at(
    place: Place, *, group_id: int, expected: bool
) -> None:
    """Groups that may be named, and the commons; never identity groups, nor unlisted ones."""
    await place.people(SEVEN)
    await place.tied(SEVEN, group_id)
    assert bool(await place.found()) == expected


async def test_commons_that_are_not_counted_say_nothing(place: Place) -> None:
    """Even where ties of them are still there."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    async with place.database.writing() as session:
        (await session.get_one(Server, SERVER)).counts_commons = False
    assert await place.found() == []


async def test_ties_fade_and_add_up(place: Place) -> None:
    """Of two places the sum; of a month ago half."""
    await place.people([100, 101])
    await place.tied([100, 101], LISTED, weight=8)
    await place.tied([100, 101], weight=4)
    async with place.database.reading() as session:
        server = await session.get_one(Server, SERVER)
        web = await circle_ties.read(session, server, place.now)
        later = await circle_ties.read(session, server, place.now + 33 * DAY)
    assert (web.people, web.low.tolist(), web.high.tolist()) == (2, [100, 100], [101, 101])
    assert sorted(web.weight.tolist()) == [4, 8]
    assert 0.4 * 12 < later.weight.sum() < 0.6 * 12


async def test_people_who_are_kept_apart_are_in_no_circle_together(place: Place) -> None:
    """Moderators' word holds; whose wish it is goes themselves, and nobody learns of either."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    await place.add(
        Apart(server_id=SERVER, low_id=100, high_id=101, by_user_id=OWNER, at=place.now),
        Wish(server_id=SERVER, user_id=105, other_id=106, kind="apart", at=place.now),
        Wish(server_id=SERVER, user_id=104, other_id=103, kind="together", at=place.now),
    )
    (circle,) = await place.found()
    assert len(circle & {100, 101}) == 1
    assert 105 not in circle
    assert {102, 103, 104, 106} < circle


async def test_a_group_that_is_together_already_is_left_as_it_is(place: Place) -> None:
    """Four of seven live in one group: the circle is counted, and not offered."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    await place.live(range(100, 104), LISTED)
    shown = await place.look()
    assert [(one.size, one.at_home) for one in shown.found] == [(7, True)]


async def test_a_look_replaces_what_was_found(place: Place) -> None:
    """Numbers and people as they are now; what is offered already stays, and is not found again."""
    first = await place.offered()
    await place.people(range(200, 206))
    await place.tied([*SEVEN, *range(200, 206)], LISTED)
    assert await place.found() == [set(range(200, 206))]
    assert await place.found() == [set(range(200, 206))]
    assert await place.members("offered") == [set(SEVEN)]
    async with place.database.writing() as session:
        await circles.call_off(session, actor(OWNER), first.id, place.now)
    # Those who said nothing are left in peace for two months.
    assert await place.found() == [set(range(200, 206))]
    place.now += 61 * DAY
    await place.tied(SEVEN, HIDDEN)
    (everyone,) = await place.found()
    assert everyone == {*SEVEN, *range(200, 206)}


async def test_who_said_yes_may_be_asked_again_soon(place: Place) -> None:
    """It did not come together for want of others; who said no is left in peace."""
    circle = await place.offered()
    await place.say(circle, 100, 101, 102, 103)
    await place.say(circle, 104, yes=False)
    await place.people(range(200, 203))
    await place.tied([100, 101, 102, 103, 104, 200, 201, 202], LISTED)
    place.now += 14 * DAY
    await place.step()
    assert await place.found() == [{100, 101, 102, 103, 200, 201, 202}]


async def test_two_owners_look_at_once(place: Place) -> None:
    """Who was offered a group meanwhile is not found beside it."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    async with place.database.reading() as session:
        server = await session.get_one(Server, SERVER)
        web = await circle_ties.read(session, server, place.now)
    found = circles.rules.find(web.low, web.high, web.weight)
    await place.found()
    await place.offer()
    async with place.database.writing() as session:
        await circles.keep(session, SERVER, web.people, found, place.now)
    assert await place.members("found") == []


# --- offers ---------------------------------------------------------------------------------------


async def test_enough_is_enough_only_of_those_who_can_move(place: Place) -> None:
    """Five yeses, one of them of somebody who moved lately: not yet; then a sixth."""
    circle = await place.offered()
    async with place.database.writing() as session:
        member = await session.get_one(Member, (SERVER, 100))
        member.first_home_at, member.last_move_at = place.now - 90 * DAY, place.now - DAY
        member.moves = 3
    await place.live([100], HIDDEN)
    await place.say(circle, 100, 101, 102, 103, 104)
    assert await place.step() == 0
    await place.say(circle, 105)
    assert await place.step() == 1
    assert await place.count(Invitation) == 6  # all who said yes, the one who waits too
    assert await place.count(Membership) == 1
    (told,) = await place.rows(OutboxMessage, OutboxMessage.kind == "circle-ended")
    assert "circles.ended_founded" in told.content


@pytest.mark.parametrize("what", ["left", "held", "barred"])
async def test_yeses_that_count_for_nothing(place: Place, what: str) -> None:
    """Of people who have left the server, or may enter nowhere by now."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105))
    if what == "left":
        async with place.database.writing() as session:
            (await session.get_one(Member, (SERVER, 100))).left_at = place.now
    elif what == "held":
        await place.live([100], LISTED, state="held")
    else:
        bar = {"server_id": SERVER, "user_id": 100, "group_id": 0, "by_user_id": OWNER}
        await place.add(Bar(**bar, at=place.now))
    assert await place.step() == 0
    await place.say(circle, 105)
    assert await place.step() == 1
    assert await place.count(Group) == 4


async def test_a_name_that_was_taken_meanwhile(place: Place) -> None:
    """The group begins under a spare one; what was promised is the people, not the name."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105))
    here = {"server_id": SERVER, "type_id": LISTED, "cap": 20, "created_at": place.now}
    await place.add(Group(**here, name="Lakeside", name_key="lakeside", homes=0))
    await place.step()
    newest = (await place.rows(Group, Group.id > 4))[0]
    assert newest.name != "Lakeside"
    assert newest.purpose == WORDS["purpose"]


async def test_no_place_for_a_further_group(place: Place) -> None:
    """Discord's limit is reached: nothing is promised that cannot be made; later it is."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105))
    limit = f"limit:{SERVER}:channels"
    async with place.database.writing() as session:
        await installation.remember(session, limit, "stop")
    assert await place.step() == 0
    async with place.database.writing() as session:
        await installation.forget(session, limit)
    assert await place.step() == 1


async def test_volunteers_look_after_it_from_the_first_day(place: Place) -> None:
    """The first two who said so, and may enter; the others live there like everybody."""
    circle = await place.offered()
    await place.say(circle, 104)
    place.now += timedelta(minutes=1)
    await place.say(circle, 100, 101, 102, 103, helps=True)
    await place.step()
    active = await place.rows(Facilitator, Facilitator.state == "active")
    assert {row.user_id for row in active} == {100, 101}
    (group,) = await place.rows(Group, Group.id > 3)
    assert group.state == "open"


async def test_who_is_gone_or_kept_out_neither_helps_nor_is_asked_in(place: Place) -> None:
    """Whoever said that they would look after the group, and left the server since or is held."""
    circle = await place.offered()
    await place.say(circle, 100, 101, helps=True)
    await place.say(circle, 102, 103, 104, 105, 106)
    async with place.database.writing() as session:
        (await session.get_one(Member, (SERVER, 100))).left_at = place.now
    await place.live([101], LISTED, state="held")
    assert await place.step() == 1
    assert await place.count(Facilitator) == 0
    async with place.database.writing() as session:
        await session.execute(update(Group).values(state="open"))
    await place.step()
    asked = await place.rows(Invitation)
    assert {row.user_id for row in asked} == set(range(102, 107))


async def test_lines_to_who_is_asked_in_do_not_come_together(place: Place) -> None:
    """Nobody reads off the commons who said yes; a later yes, alone, is told of at once."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105), helps=True)
    await place.step()
    lines = await place.rows(OutboxMessage, OutboxMessage.kind == "invitation")
    assert len({row.due_at for row in lines}) == 5
    assert max(row.due_at for row in lines) - place.now > timedelta(hours=16)
    await place.say(circle, 105)
    await place.step()
    late = (OutboxMessage.user_id == 105, OutboxMessage.kind == "invitation")
    (alone,) = await place.rows(OutboxMessage, *late)
    assert alone.due_at == place.now


@pytest.mark.parametrize("change", [{"listed": False}, {"kind": "identity"}])
async def test_a_type_that_became_private_takes_no_circle(
    place: Place, change: dict[str, Any]
) -> None:
    """What the owners changed after the offer holds: nobody's belonging is guessed."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105))
    async with place.database.writing() as session:
        await session.execute(update(GroupType).where(GroupType.id == LISTED).values(**change))
    assert await place.step() == 0
    with pytest.raises(UserError, match=r"circles\.too_late"):
        await place.say(circle, 105)


async def test_a_pause_takes_nobodys_time(place: Place) -> None:
    """Nothing is founded or ended meanwhile; afterwards everybody has as long as before."""
    circle = await place.offered()
    await place.say(circle, *range(100, 105))
    async with place.database.writing() as session:
        await servers.pause(session, actor(OWNER), now=place.now)
    place.now += 20 * DAY
    assert await place.step() == 0
    async with place.database.writing() as session:
        await servers.pause(session, actor(OWNER), now=place.now)
    (after,) = await place.rows(Circle)
    assert after.ends_at == place.now + 14 * DAY
    assert await place.step() == 1
    assert await place.count(Group) == 4


async def test_one_that_fails_holds_up_no_other(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """A circle whose type is gone stays; the next one is founded in the same tick."""
    first = await place.offered()
    second = await place.offered(range(300, 307), name="Hillside")
    async with place.database.writing() as session:
        (await session.get_one(Circle, first.id)).charter = "no JSON"
    await place.say(second, *range(300, 305))
    async with place.database.writing() as session:
        rows = await session.scalars(select(CircleMember).where(CircleMember.user_id < 200))
        for row in rows:
            row.answer, row.answered_at = "yes", place.now
    assert await place.step() == 1
    assert "could not go on" in caplog.text
    assert [len(people) for people in await place.members("founded")] == [7]


async def test_names_that_two_circles_mean_to_take(place: Place) -> None:
    """The second one is refused, and the spare names that are shown differ."""
    await place.offered()
    await place.people(range(300, 307))
    await place.tied(range(300, 307))
    await place.found()
    with pytest.raises(UserError, match=r"groups\.name_taken"):
        await place.offer(name="LAKESIDE")
    async with place.database.reading() as session:
        (circle,) = await session.scalars(select(Circle).where(Circle.state == "found"))
        first = await circles.spare_name(session, circle)
        assert first == await circles.spare_name(session, circle)
        circle.charter = None
    assert (await place.offer(name=first[1])).state == "offered"


async def test_kept_apart_after_the_look(place: Place) -> None:
    """Whom moderators part before it is offered are not both asked."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    await place.found()
    await place.add(
        Apart(server_id=SERVER, low_id=100, high_id=106, by_user_id=OWNER, at=place.now)
    )
    circle = await place.offer()
    assert circle.size == 6
    assert len(await place.rows(OutboxMessage, OutboxMessage.kind == "waits")) == 6
    assert not {100, 106} <= (await place.members("offered"))[0]


# --- what is kept ---------------------------------------------------------------------------------


async def test_what_is_kept_goes_by_itself(place: Place) -> None:
    """Found circles after a fortnight, what came to nothing after two months, ties with time."""
    await place.offered()
    await place.people(range(300, 307))
    await place.tied(range(300, 307))
    await place.found()
    place.now += 15 * DAY
    await place.step()

    async def swept(days: int) -> list[str]:
        async with place.database.writing() as session:
            await retention.sweep(session, place.now + days * DAY, place.settings)
        return sorted(row.state for row in await place.rows(Circle))

    assert await swept(0) == ["over"]
    assert await swept(59) == ["over"]
    assert await swept(61) == []
    assert await place.count(CircleMember) == 0
    assert await place.count(CommonsTie) > 0
    await swept(190)
    assert await place.count(CommonsTie) == 0


async def test_opting_out_leaves_nothing_of_it(place: Place) -> None:
    """Neither ties nor a place in a circle; the wish is gone, too, and nobody is called."""
    await place.offered()
    assert await place.count(OutboxMessage, OutboxMessage.user_id == 100) == 1
    async with place.database.writing() as session:
        await privacy.opt_out(session, 100, [SERVER], place.now)
        await privacy.opt_in(session, 100, [SERVER], place.now)
    assert await place.count(CircleMember, CircleMember.user_id == 100) == 0
    assert await place.count(CommonsTie, CommonsTie.low_id == 100) == 0
    assert await place.count(OutboxMessage, OutboxMessage.user_id == 100) == 0
    (member,) = await place.rows(Member, Member.user_id == 100)
    assert member.suggested_since is None
    assert member.counted_since == place.now


async def test_who_left_the_server_is_not_called(place: Place) -> None:
    """Their line is taken back; the question itself waits in case they return."""
    await place.offered()
    async with place.database.writing() as session:
        await departures.member_left_server(
            session, SERVER, 100, now=place.now, settings=place.settings
        )
    assert await place.count(OutboxMessage, OutboxMessage.user_id == 100) == 0
    assert await place.count(OutboxMessage, OutboxMessage.kind == "waits") == 6
    assert await place.count(CircleMember, CircleMember.user_id == 100) == 1


async def test_being_forgotten(place: Place) -> None:
    """A person of a circle goes from it; an owner's offer stays, without their name."""
    await place.offered()
    async with place.database.writing() as session:
        kept = await privacy.show(session, OWNER, [SERVER])
        assert kept.rows["circle"] == 1
        await privacy.forget(session, OWNER, [SERVER], place.now)
        await privacy.forget(session, 100, [SERVER], place.now)
        assert (await privacy.show(session, 100, [SERVER])).rows == {}
    (circle,) = await place.rows(Circle)
    assert circle.by_user_id == 0
    assert await place.members("offered") == [set(range(101, 107))]


async def test_commons_are_counted_once_and_told_once(place: Place) -> None:
    """Turning on what is on says nothing; every turn stands in the owners' log."""
    await place.people(SEVEN)
    await place.tied(SEVEN)
    async with place.database.writing() as session:
        for on in (True, False, False, True, True):
            await suggest_me.count_commons(session, actor(OWNER), place.now, on=on)
    told = await place.rows(OutboxMessage, OutboxMessage.kind == "commons-counted")
    assert len(told) == 1
    assert await place.count(CommonsTie) == 0
    log = [row.action for row in await place.rows(LogEntry)]
    assert log == ["commons-uncount", "commons-count"]


async def test_nobody_but_owners(place: Place) -> None:
    """Each act asks again who may do it, whatever the button says."""
    circle = await place.offered()
    stranger = actor(4711)
    async with place.database.writing() as session:
        for refused in (
            circles.overview(session, stranger, place.now),
            circles.found_one(session, stranger, circle.id, place.now),
            circles.offer(session, stranger, circle.id, LISTED, WORDS, now=place.now),
            circles.call_off(session, stranger, circle.id, place.now),
            suggest_me.tell(session, stranger, place.now),
            suggest_me.count_commons(session, stranger, place.now, on=False),
        ):
            with pytest.raises(UserError, match=r"errors\.owners_only"):
                await refused
    with pytest.raises(UserError, match=r"errors\.owners_only"):
        await circles.look(place.database, stranger, place.now)


async def test_what_came_to_nothing_is_put_out_of_sight_by_its_own_people(place: Place) -> None:
    """Once it is over; before that the press does nothing, and a stranger's never."""
    circle = await place.offered()
    async with place.database.writing() as session:
        await circle_members.seen(session, actor(100), circle.id)
        await circle_members.seen(session, actor(4711), circle.id)
    assert await place.count(CircleMember) == 7
    async with place.database.writing() as session:
        await circles.call_off(session, actor(OWNER), circle.id, place.now)
        await circle_members.seen(session, actor(100), circle.id)
    assert await place.count(CircleMember) == 6


async def test_a_type_that_is_gone_ends_the_question(place: Place) -> None:
    """Nobody is asked about a group that cannot be made."""
    circle = await place.offered()
    async with place.database.writing() as session:
        await session.execute(delete(Group).where(Group.type_id == LISTED))
        await session.execute(delete(GroupType).where(GroupType.id == LISTED))
    with pytest.raises(UserError, match=r"circles\.too_late"):
        await place.say(circle, 100)
    assert await place.step() == 0

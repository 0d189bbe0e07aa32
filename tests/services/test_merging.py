"""Merges in the tables: asked, agreed on, told, chosen, run, done; and killed in between."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.message import Message
from bot.rules.scope import GroupScope, MemberScope
from bot.services import merge_approval, merge_members, merge_sides, merging, ties
from bot.settings import Settings
from models import (
    Apart,
    Bar,
    Door,
    Draft,
    EntryRequest,
    Facilitator,
    Greeter,
    Group,
    GroupType,
    Introduction,
    Invitation,
    Lineage,
    LogEntry,
    Member,
    Membership,
    Merge,
    MergeChoice,
    QuietEpisode,
    Reminder,
    Ritual,
    RitualPrompt,
    Split,
    Tie,
    Visit,
    Waiting,
)
from tests.services.shore import (
    DAY,
    LAKE,
    LENA,
    OMAR,
    OWNER,
    POND,
    POND_PEOPLE,
    RIVER,
    RIVER_PEOPLE,
    SERVER,
    STRANGER,
    Shore,
    keys_of,
)

APART_FROM_LENA, BARRED, LEAVES = 201, 202, 203


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
async def shore(database: Database, settings: Settings, now: Any) -> Shore:
    """Riverside and Millpond."""
    built = Shore(database, settings, now)
    await built.build()
    return built


def key_of(message: Message) -> str:
    """Return the key of a message's first line."""
    return message.lines[0].key


# --- asking ---------------------------------------------------------------------------------------


async def test_both_must_say_yes_before_anybody_is_told(shore: Shore) -> None:
    """Omar asks, Lena finds a neutral line; with her yes both rooms read when it will be."""
    assert key_of(await shore.ask()) == "merging.asked"
    merge = await shore.merge()
    assert (merge.group_id, merge.into_id, merge.state) == (POND, RIVER, "planned")
    assert merge.group_agreed_at == shore.now
    assert merge.into_agreed_at is None
    (line,) = await shore.owed("merge")
    assert (line.place, line.group_id) == ("facilitators", RIVER)
    assert await shore.owed("merge-notice") == []
    assert key_of(await shore.agree()) == "merging.told"
    merge = await shore.merge()
    assert (merge.state, merge.runs_at) == ("told", shore.now + 3 * DAY)
    notices = await shore.owed("merge-notice")
    assert [notice.group_id for notice in notices] == [POND, RIVER]
    assert keys_of(notices[0]) == ["splits.notice_role", "merging.notice_moving"]
    assert keys_of(notices[1]) == ["merging.notice_staying"]
    assert await shore.count(LogEntry, LogEntry.action == "merge-ask") == 1


async def test_a_no_needs_no_reason_and_says_nothing_more(shore: Shore) -> None:
    """The side that asked reads that it is off; it may ask somebody else at once."""
    await shore.ask()
    merge = await shore.merge()
    async with shore.database.writing() as session:
        said = await merge_approval.decline(session, shore.actor(LENA), merge.id, shore.now)
    assert key_of(said) == "merging.said_no"
    lines = await shore.owed("merge")
    assert [line.group_id for line in lines] == [RIVER, POND]
    async with shore.database.reading() as session:
        seen = await merge_approval.card(session, shore.actor(OMAR), merge.id, shore.now)
    assert key_of(seen) == "merging.refused_note"
    await shore.ask()


async def test_a_question_may_be_taken_back(shore: Shore) -> None:
    """By who asked; nobody else hears of it, and the other's button says that it is gone."""
    await shore.ask()
    merge = await shore.merge()
    async with shore.database.writing() as session:
        await merge_approval.decline(session, shore.actor(OMAR), merge.id, shore.now)
    assert len(await shore.owed("merge")) == 1
    with pytest.raises(UserError, match=r"merging\.gone"):
        await shore.agree()


async def test_what_nobody_answers_is_over_after_two_weeks(shore: Shore) -> None:
    """Silence is a no."""
    await shore.ask()
    shore.now += 13 * DAY
    assert await shore.step() == 0
    shore.now += 2 * DAY
    assert await shore.step() == 1
    assert (await shore.merge()).state == "dropped"


async def test_who_may_decide(shore: Shore) -> None:
    """Each side's facilitators for their side; an owner only where nobody looks after it."""
    await shore.ask()
    with pytest.raises(UserError, match=r"merging\.already_said"):
        await shore.agree(OMAR)
    with pytest.raises(UserError, match=r"merging\.not_yours"):
        await shore.agree(STRANGER)
    with pytest.raises(UserError, match=r"merging\.already_said"):  # none is the owner's to give
        await shore.agree(OWNER)
    async with shore.database.writing() as session:
        await session.delete(await session.get_one(Facilitator, (RIVER, LENA)))
    assert key_of(await shore.agree(OWNER)) == "merging.told"
    with pytest.raises(UserError, match=r"merging\.told_already"):
        await shore.agree(LENA)


async def test_an_owner_brings_any_two_together(shore: Shore) -> None:
    """Their facilitators are asked all the same; where there are none, the owner's word is both."""
    owner = shore.actor(OWNER)
    async with shore.database.writing() as session:
        river, pond = [await session.get_one(Group, id_) for id_ in (RIVER, POND)]
        seen = await merge_approval.brought_together(session, owner, river, pond, shore.now)
        assert seen.buttons[0].press == f"merge-bring:{POND}:{RIVER}"
        said = await merge_approval.bring_together(session, owner, RIVER, POND, shore.now)
        assert key_of(said) == "merging.owner_asked"
        again = await merge_approval.brought_together(session, owner, river, pond, shore.now)
        assert again.buttons[0].press.startswith("merge-no:")
    assert [line.group_id for line in await shore.owed("merge")] == [POND, RIVER]
    merge = await shore.merge()
    async with shore.database.writing() as session:
        await merge_approval.decline(session, owner, merge.id, shore.now)
        for group_id, user_id in ((RIVER, LENA), (POND, OMAR)):
            await session.delete(await session.get_one(Facilitator, (group_id, user_id)))
        await session.flush()
        said = await merge_approval.bring_together(session, owner, RIVER, POND, shore.now)
    assert key_of(said) == "merging.owner_both"
    assert (await shore.merge()).state == "told"


async def test_facilitators_may_ask_only_what_was_suggested(shore: Shore) -> None:
    """Not a group that is named nowhere, nor one that could not be, whatever a button says."""
    async with shore.database.writing() as session:
        session.add(
            GroupType(
                id=2,
                server_id=SERVER,
                name="Own",
                name_key="own",
                kind="identity",
                cap=20,
                access="overwrites",
                listed=False,
            )
        )
        await session.flush()
        await shore.another(session, type_id=2)
    for other in (LAKE, POND):
        async with shore.database.writing() as session:
            with pytest.raises(UserError, match=r"merging\.gone"):
                await merge_approval.ask(session, shore.actor(OMAR), POND, other, shore.now)
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"errors\.facilitators_only"):
            await merge_approval.ask(session, shore.actor(LENA), POND, RIVER, shore.now)
        with pytest.raises(UserError, match=r"errors\.owners_only"):
            await merge_approval.bring_together(session, shore.actor(LENA), POND, RIVER, shore.now)
        with pytest.raises(UserError, match=r"merging\.roles_are_public"):
            await merge_approval.bring_together(session, shore.actor(OWNER), LAKE, RIVER, shore.now)


async def test_one_merge_at_a_time_and_none_beside_a_split(shore: Shore) -> None:
    """A group that is asked is asked once; one that parts is left alone."""
    await shore.ask()
    owner = shore.actor(OWNER)
    async with shore.database.writing() as session:
        await shore.another(session)
        for one in (POND, RIVER):
            with pytest.raises(UserError, match=r"merging\.busy"):
                await merge_approval.bring_together(session, owner, LAKE, one, shore.now)
        lake = await session.get_one(Group, LAKE)
        assert await merge_sides.suggested(session, lake, shore.now) == {}
        merge = await session.get_one(Merge, 1)
        await merge_approval.decline(session, owner, merge.id, shore.now)
        assert await merge_sides.suggested(session, lake, shore.now)
        session.add(
            Split(
                server_id=SERVER,
                group_id=RIVER,
                planned_at=shore.now,
                looked_at=shore.now,
                mean_share=1.0,
                kept_weight=1.0,
                stranded=0,
            )
        )
        await session.flush()
        with pytest.raises(UserError, match=r"merging\.splitting"):
            await merge_approval.bring_together(session, owner, POND, RIVER, shore.now)
        assert set(await merge_sides.suggested(session, lake, shore.now)) == {POND}


async def test_where_somebody_could_not_come_along_nothing_is_suggested(shore: Shore) -> None:
    """So that nobody who looks after a group learns what moderators decided; owners see."""
    await _keep_out(shore)
    async with shore.database.reading() as session:
        pond = await session.get_one(Group, POND)
        assert await merge_sides.suggested(session, pond, shore.now) == {}
        river = await session.get_one(Group, RIVER)
        seen = await merge_approval.brought_together(
            session, shore.actor(OWNER), pond, river, shore.now
        )
    (line,) = [line for line in seen.lines if line.key == "merging.some_left"]
    assert line.params["n"] == 2


async def test_kin_and_guests_are_told_of(shore: Shore) -> None:
    """Two halves of one split come first, then those who visit each other."""
    async with shore.database.writing() as session:
        await shore.another(session, homes=0)
        session.add(
            Visit(
                server_id=SERVER,
                group_id=LAKE,
                user_id=OMAR,
                started_at=shore.now,
                ends_at=shore.now + DAY,
            )
        )
        await session.flush()
        pond = await session.get_one(Group, POND)
        found = await merge_sides.suggested(session, pond, shore.now)
        assert list(found) == [LAKE, RIVER]
        assert found[LAKE].visits == 1
        session.add(Lineage(child_id=POND, parent_id=RIVER, split_id=1, at=shore.now))
        await session.flush()
        found = await merge_sides.suggested(session, pond, shore.now)
        assert list(found) == [RIVER, LAKE]
        assert found[RIVER].kin


# --- moving ---------------------------------------------------------------------------------------


async def _keep_out(shore: Shore) -> None:
    async with shore.database.writing() as session:
        session.add(
            Apart(
                server_id=SERVER,
                low_id=LENA,
                high_id=APART_FROM_LENA,
                by_user_id=OWNER,
                at=shore.now,
            )
        )
        session.add(
            Bar(server_id=SERVER, user_id=BARRED, group_id=RIVER, by_user_id=OWNER, at=shore.now)
        )


async def test_everybody_lives_at_one_table(shore: Shore) -> None:
    """Seats, offices and everyone's next move; the old room is archived and both may read it."""
    await shore.run()
    assert await shore.homes() == {RIVER: {*RIVER_PEOPLE, *POND_PEOPLE}}
    merge = await shore.merge()
    assert (merge.state, merge.moved) == ("moving", 4)
    async with shore.database.reading() as session:
        pond, river = [await session.get_one(Group, id_) for id_ in (POND, RIVER)]
        assert (pond.state, pond.archived_at, pond.homes) == ("archived", shore.now, 0)
        assert (river.state, river.homes) == ("open", 12)
        door = (await session.scalars(select(Door))).one()
        assert (door.group_id, door.for_group_id) == (POND, RIVER)
        assert door.closes_at == shore.now + 30 * DAY
        offices = await session.scalars(select(Facilitator).order_by(Facilitator.user_id))
        assert [(o.group_id, o.user_id, o.state) for o in offices] == [
            (RIVER, LENA, "active"),
            (RIVER, OMAR, "active"),
        ]
        members = await session.scalars(select(Member))
        assert all(member.free_move for member in members)
        since = await session.scalars(select(Membership.since))
        assert set(since) == {shore.now - 3 * DAY}  # a merge is no new beginning
    assert {GroupScope(SERVER, POND), GroupScope(SERVER, RIVER)} <= shore.noted
    assert {MemberScope(SERVER, user_id) for user_id in POND_PEOPLE} <= shore.noted
    words = await shore.owed("merged")
    assert [(m.group_id, keys_of(m)) for m in words] == [
        (RIVER, ["merging.arrived"]),
        (POND, ["merging.farewell"]),
    ]


async def test_what_people_have_in_their_home_comes_along(shore: Shore) -> None:
    """Ties, what they told of themselves, the offer to greet, rituals and reminders."""
    async with shore.database.writing() as session:
        session.add(
            Tie(
                group_id=POND,
                low_id=200,
                high_id=203,
                week="2026-03-02",
                server_id=SERVER,
                weight=3,
            )
        )
        session.add(
            Introduction(group_id=POND, user_id=203, server_id=SERVER, said="Hi", at=shore.now)
        )
        session.add(Greeter(group_id=POND, user_id=203, server_id=SERVER, since=shore.now))
        session.add(
            QuietEpisode(
                server_id=SERVER,
                user_id=203,
                group_id=POND,
                silent_since=shore.now,
                began_at=shore.now,
            )
        )
        for number, (group_id, title, host) in enumerate(
            ((RIVER, "Monday run", LENA), (POND, "monday RUN", OMAR), (POND, "Tea", OMAR)), start=1
        ):
            session.add(
                Ritual(
                    id=number,
                    server_id=SERVER,
                    group_id=group_id,
                    title=title,
                    cadence="weekly",
                    weekday=0,
                    zone="UTC",
                    anchor="2026-03-02",
                    host_id=host,
                    state="running",
                    next_due_at=shore.now + 40 * DAY,
                )
            )
        await session.flush()
        session.add(RitualPrompt(ritual_id=3, position=0, prompt="Which leaf?"))
        session.add(Reminder(ritual_id=3, user_id=203))
        session.add(Reminder(ritual_id=2, user_id=203))
    await shore.run()
    async with shore.database.reading() as session:
        assert await ties.weights(session, RIVER, shore.now)
        assert await ties.weights(session, POND, shore.now) == []
        assert await session.get(Introduction, (RIVER, 203)) is None  # others would read it there
        assert (await session.scalars(select(Draft.user_id))).all() == [203]
        assert await session.get(Greeter, (RIVER, 203)) is not None
        assert (await session.scalars(select(QuietEpisode.group_id))).all() == [RIVER]
        rituals = (await session.scalars(select(Ritual).order_by(Ritual.id))).all()
        assert [(r.group_id, r.title, r.state, r.host_id) for r in rituals] == [
            (RIVER, "Monday run", "running", LENA),
            (POND, "monday RUN", "paused", None),
            (POND, "Tea", "paused", None),
            (RIVER, "Tea", "paused", OMAR),
        ]
        reminders = (await session.scalars(select(Reminder))).all()
        assert [(r.ritual_id, r.user_id) for r in reminders] == [(rituals[3].id, 203)]
    arrived = (await shore.owed("merged"))[0]
    assert keys_of(arrived) == ["merging.arrived", "merging.rituals_wait"]


async def test_what_the_old_room_offered_ends(shore: Shore) -> None:
    """Visits, requests and invitations; who waited there waits on here, as long as before."""
    async with shore.database.writing() as session:
        for user_id in (300, 301):
            session.add(Member(server_id=SERVER, user_id=user_id))
        for group_id, user_id in ((POND, 300), (RIVER, 203)):
            session.add(
                Visit(
                    server_id=SERVER,
                    group_id=group_id,
                    user_id=user_id,
                    started_at=shore.now,
                    ends_at=shore.now + 20 * DAY,
                )
            )
        for group_id, user_id in ((POND, 300), (RIVER, 203)):
            session.add(
                EntryRequest(
                    server_id=SERVER,
                    group_id=group_id,
                    user_id=user_id,
                    kind="join",
                    asked_at=shore.now,
                )
            )
            session.add(
                Invitation(
                    server_id=SERVER,
                    group_id=group_id,
                    user_id=user_id,
                    by_user_id=LENA,
                    at=shore.now,
                )
            )
        session.add(
            Waiting(
                server_id=SERVER,
                user_id=301,
                group_id=POND,
                since=shore.now - DAY,
                offered_at=shore.now,
                offer_ends_at=shore.now + DAY,
            )
        )
        session.add(Waiting(server_id=SERVER, user_id=107, group_id=POND, since=shore.now))
        session.add(Waiting(server_id=SERVER, user_id=203, group_id=RIVER, since=shore.now))
        await session.flush()
        await session.execute(update(Group).where(Group.id == POND).values(offered=1, visitors=1))
        await session.execute(update(Group).where(Group.id == RIVER).values(visitors=1))
    began = shore.now
    await shore.run()
    assert await shore.count(Visit, Visit.ended_at.is_(None)) == 0
    assert await shore.count(EntryRequest) == await shore.count(Invitation) == 0
    async with shore.database.reading() as session:
        (line,) = (await session.scalars(select(Waiting))).all()
        assert (line.user_id, line.group_id, line.since) == (301, RIVER, began - DAY)
        assert line.offered_at is None
        assert (await session.get_one(Group, POND)).offered == 0
        assert (await session.get_one(Group, RIVER)).visitors == 0


async def test_kept_and_held_seats_move_too(shore: Shore) -> None:
    """Their people have no key to move, and come back to the new table."""
    async with shore.database.writing() as session:
        for user_id, state in ((201, "kept"), (202, "held"), (203, "gone")):
            home = await session.get_one(Membership, (SERVER, user_id))
            home.state = state
    await shore.run()
    assert (await shore.homes())[RIVER] == {*RIVER_PEOPLE, *POND_PEOPLE}
    assert (await shore.merge()).moved == 1


async def test_who_must_not_meet_is_not_brought_together(shore: Shore) -> None:
    """A bar and a pair kept apart hold: those seats end, and only their people read why not."""
    await shore.told()
    await _keep_out(shore)
    shore.now += 3 * DAY
    assert await shore.step() == 1
    assert await shore.homes() == {RIVER: {*RIVER_PEOPLE, OMAR, LEAVES}}
    lines = await shore.owed("merge-left")
    assert [(m.place, m.user_id) for m in lines] == [
        ("commons", APART_FROM_LENA),
        ("commons", BARRED),
    ]
    async with shore.database.reading() as session:
        for user_id in (APART_FROM_LENA, BARRED):
            assert (await session.get_one(Member, (SERVER, user_id))).free_move
            seen = await merge_members.home_note(
                session, shore.actor(user_id), shore.now, shore.settings
            )
            assert seen is not None
            assert seen.lines[0].key == "merging.left_note"
        nothing = await merge_members.home_note(
            session, shore.actor(LEAVES), shore.now, shore.settings
        )
    assert nothing is None
    assert await shore.count(Visit, Visit.ended_at.is_(None)) == 0


async def test_who_would_rather_not_does_not_move(shore: Shore) -> None:
    """Their seat ends that day, their move is free, and the old room can be read for a while."""
    await shore.told()
    merge_id = (await shore.merge()).id
    async with shore.database.writing() as session:
        place = await merge_members.without_me(session, SERVER, LEAVES, merge_id, shore.now)
        assert place.elsewhere
        await merge_members.without_me(session, SERVER, BARRED, merge_id, shore.now)
        place = await merge_members.along(session, SERVER, BARRED, merge_id)
        assert not place.elsewhere
        seen = [
            await merge_members.home_note(session, shore.actor(who), shore.now, shore.settings)
            for who in (LEAVES, BARRED)
        ]
        assert [note and note.lines[0].key for note in seen] == [
            "merging.you_go_elsewhere",
            "merging.note_told",
        ]
        with pytest.raises(UserError, match=r"merging\.nothing_for_you"):
            await merge_members.without_me(session, SERVER, LENA, merge_id, shore.now)
    shore.now += 3 * DAY
    assert await shore.step() == 1
    assert await shore.homes() == {RIVER: {*RIVER_PEOPLE, OMAR, 201, BARRED}}
    async with shore.database.writing() as session:
        (visit,) = (await session.scalars(select(Visit))).all()
        assert (visit.group_id, visit.user_id, visit.ends_at) == (
            POND,
            LEAVES,
            shore.now + 30 * DAY,
        )
        with pytest.raises(UserError, match=r"merging\.too_late"):
            await merge_members.along(session, SERVER, LEAVES, merge_id)


async def test_where_rooms_have_no_roles_people_visit_the_old_one(
    database: Database, settings: Settings, now: Any
) -> None:
    """No door stands open for a role that is not there; everybody has 30 days as a guest."""
    shore = Shore(database, settings, now)
    await shore.build(access="overwrites")
    await shore.run()
    assert await shore.count(Door) == 0
    async with shore.database.reading() as session:
        guests = await session.scalars(select(Visit.user_id).where(Visit.group_id == POND))
        assert set(guests) == {*RIVER_PEOPLE, *POND_PEOPLE}


@pytest.mark.parametrize(
    "change",
    [{"cap": 11}, {"offered": 9}, {"rests_since": "now", "state": "resting"}, {"locked_at": "now"}],
)
async def test_what_no_longer_fits_is_called_off(shore: Shore, change: dict[str, Any]) -> None:
    """Seats that are gone, a rest, a lock: both stay as they are, and both rooms are told."""
    await shore.told()
    before = await shore.homes()
    values = {key: shore.now if value == "now" else value for key, value in change.items()}
    async with shore.database.writing() as session:
        await session.execute(update(Group).where(Group.id == RIVER).values(**values))
    shore.now += 3 * DAY
    assert await shore.step() == 1
    assert (await shore.merge()).state == "dropped"
    assert await shore.homes() == before
    off = await shore.owed("merge-off")
    assert [(m.group_id, keys_of(m)) for m in off] == [
        (POND, ["merging.off_full"]),
        (RIVER, ["merging.off_full"]),
    ]


async def test_it_can_be_called_off_until_they_move(shore: Shore) -> None:
    """By either side or an owner; who said that they go elsewhere is not held to it."""
    await shore.told()
    merge_id = (await shore.merge()).id
    async with shore.database.writing() as session:
        await merge_members.without_me(session, SERVER, LEAVES, merge_id, shore.now)
        with pytest.raises(UserError, match=r"merging\.not_yours"):
            await merge_approval.call_off(session, shore.actor(LEAVES), merge_id, shore.now)
        said = await merge_approval.call_off(session, shore.actor(OMAR), merge_id, shore.now)
    assert key_of(said) == "merging.is_off"
    assert await shore.count(MergeChoice) == 0
    assert len(await shore.owed("merge-off")) == 2
    shore.now += 9 * DAY
    assert await shore.step() == 0
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"merging\.gone"):
            await merge_approval.call_off(session, shore.actor(OMAR), merge_id, shore.now)


async def test_after_the_move_it_is_not_undone(shore: Shore) -> None:
    """What was promised is that it can be called off until then."""
    await shore.run()
    async with shore.database.writing() as session:
        with pytest.raises(UserError, match=r"merging\.too_late"):
            await merge_approval.call_off(
                session, shore.actor(OWNER), (await shore.merge()).id, shore.now
            )


async def test_it_is_done_once_discord_shows_it(shore: Shore) -> None:
    """Until then a restart finds whose keys have to be moved."""
    await shore.run()
    async with shore.database.writing() as session:
        (moving,) = await merging.unsettled(session, SERVER)
        assert {GroupScope(SERVER, POND), GroupScope(SERVER, RIVER)} <= set(moving.scopes)
        assert {MemberScope(SERVER, u) for u in POND_PEOPLE} <= set(moving.scopes)
        await merging.mark_done(session, moving.merge_id, shore.now)
        assert await merging.unsettled(session, SERVER) == []
    assert (await shore.merge()).state == "done"


async def test_home_says_what_waits(shore: Shore) -> None:
    """A word for who decides, the date for everybody, nothing for others."""

    async def note(user_id: int) -> str | None:
        async with shore.database.reading() as session:
            found = await merge_members.home_note(
                session, shore.actor(user_id), shore.now, shore.settings
            )
        return None if found is None else found.lines[0].key

    await shore.ask()
    assert await note(LENA) == "merging.note_waits"
    assert await note(OMAR) is None
    await shore.agree()
    assert [await note(user) for user in (LENA, OMAR, LEAVES)] == ["merging.note_told"] * 3
    assert await note(STRANGER) is None
    shore.now += 3 * DAY
    await shore.step()
    assert await note(LEAVES) is None


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.9, 0.99])
async def test_killed_while_rows_change(shore: Shore, share: float) -> None:
    """Wherever it dies, the next tick finds two groups, or one; never a part."""
    await shore.told()
    shore.now += 3 * DAY
    before = await shore.homes()
    statements, deadly = 0, 0

    def counted(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if statements == deadly:
            raise Killed

    engine = shore.database._write.kw["bind"].sync_engine  # pyright: ignore[reportPrivateUsage] - statements are counted at the engine
    event.listen(engine, "before_cursor_execute", counted)
    try:
        async with shore.database.writing() as session:
            await merging.step_due(session, shore.now)
            await session.rollback()  # this was to count
        assert statements > 40
        deadly, statements = max(1, round(statements * share)), 0
        with pytest.raises(Killed):
            await shore.step()
    finally:
        event.remove(engine, "before_cursor_execute", counted)
    assert (await shore.merge()).state == "told"
    assert await shore.homes() == before
    assert await shore.step() == 1
    assert await shore.homes() == {RIVER: {*RIVER_PEOPLE, *POND_PEOPLE}}
    assert await shore.step() == 0
    assert len(await shore.owed("merged")) == 2


async def test_each_step_is_found_again_by_a_new_process(settings: Settings, now: Any) -> None:
    """Between any two steps everything is closed and opened anew; the rows are all it needs."""
    moment = now
    for number in range(6):
        async with Database.open(settings.database) as database:
            shore = Shore(database, settings, moment)
            match number:
                case 0:
                    await shore.build()
                case 1:
                    await shore.ask()
                case 2:
                    await shore.agree()
                case 3:
                    moment += timedelta(days=3)
                    assert await shore.step() == 0
                case 4:
                    assert await shore.step() == 1
                case _:
                    assert await shore.step() == 0
                    assert await shore.homes() == {RIVER: {*RIVER_PEOPLE, *POND_PEOPLE}}

"""Splits in the tables: a word and a no, early plans, moves by hand and what people say to them."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import delete, select, update

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.message import Message
from bot.services import retention, split_changes, split_plans, split_veto, splits, wishes
from bot.settings import Settings
from models import (
    Apart,
    Group,
    GroupType,
    LogEntry,
    Membership,
    Split,
    SplitChange,
    SplitProposal,
    SplitSeat,
)
from tests.services.test_splits import (
    DAY,
    FRIENDS,
    HARBOUR,
    HOUR,
    LENA,
    OMAR,
    OTHERS,
    OWNER,
    SERVER,
    Harbour,
)

LENA_ACTS = Actor(SERVER, LENA)


@pytest.fixture
async def harbour(database: Database, settings: Settings, now: datetime) -> Harbour:
    """A full group of two circles; Lena and Omar look after it."""
    made = Harbour(database, settings, now)
    await made.build()
    async with database.writing() as session:
        made.office(session, OMAR)
    return made


async def early(harbour: Harbour, actor: Actor = LENA_ACTS) -> Message:
    """Press [Could it become two already?]."""
    return await splits.plan_early(harbour.database, actor, HARBOUR, harbour.now, harbour.settings)


async def emptier(harbour: Harbour, people: Sequence[int] = (109, 110, 208)) -> None:
    """Let some have left long ago."""
    async with harbour.database.writing() as session:
        await session.execute(delete(Membership).where(Membership.user_id.in_(people)))
        await session.execute(update(Group).values(homes=Group.homes - len(people)))


async def put(harbour: Harbour, user_id: int, child: int) -> Message:
    """Put somebody into another child."""
    async with harbour.database.writing() as session:
        return await split_changes.put(
            session, LENA_ACTS, 1, user_id=user_id, child=child, now=harbour.now
        )


async def sides(harbour: Harbour) -> dict[int, int]:
    """Return where everybody goes."""
    return {seat.user_id: seat.child for seat in await harbour.all(SplitSeat)}


# --- a word -------------------------------------------------------------------------------------


async def test_the_others_have_a_day(harbour: Harbour) -> None:
    """Not an hour less; then the owners are asked, and asked again, until one of them answers."""
    await harbour.look()
    await harbour.suggest()
    (line,) = await harbour.owed("split-suggested")
    assert (line["place"], line["users"]) == ("facilitators", [OMAR])
    assert await harbour.step(DAY - HOUR) >= 0
    assert await harbour.owed("split-owners") == []
    await harbour.step(HOUR)
    await harbour.step(4 * DAY)
    assert len(await harbour.owed("split-owners")) == 1
    await harbour.step(DAY)
    assert [line["place"] for line in await harbour.owed("split-owners")] == ["owners", "owners"]
    assert (await harbour.split()).state == "planned"
    assert (await harbour.suggest(OWNER)).lines[0].key == "splits.told"


async def test_a_plan_that_waits_for_a_word_is_not_made_anew(harbour: Harbour) -> None:
    """Who keeps silent says yes to what they read, and to nothing else."""
    await harbour.look()
    before = await sides(harbour)
    await harbour.suggest()
    async with harbour.database.writing() as session:
        for other in FRIENDS:
            harbour.tie(session, other, 208, 90)
    harbour.now += DAY
    await harbour.look()
    assert await sides(harbour) == before
    await harbour.refuse(OMAR)
    harbour.now += DAY
    await harbour.look()
    assert await sides(harbour) != before


async def test_a_no_is_kept_without_a_name(harbour: Harbour) -> None:
    """Only that it was somebody who looks after the group, or an owner; it ends what was said."""
    await harbour.look()
    for who, named in ((OMAR, "facilitators"), (OWNER, "owners")):
        await harbour.suggest()
        await harbour.refuse(who)
        (word,) = await harbour.all(SplitProposal)
        assert (word.refused_by, word.proposed_at, word.no_until) == (named, None, None)
    assert (await harbour.split()).ask_again_at == harbour.now + 5 * DAY
    (no, *_) = await harbour.owed("split-no")
    assert no["users"] == [LENA]
    assert [entry.action for entry in await harbour.all(LogEntry)] == [
        "split-suggest",
        "split-no",
    ] * 2


async def test_whoever_left_the_question_unanswered_is_not_waited_for(harbour: Harbour) -> None:
    """After two rounds an owner's word is enough: a full group lets nobody in."""
    await harbour.look()
    for _ in range(2):
        await harbour.step(5 * DAY)
    assert (await harbour.suggest(OWNER)).lines[0].key == "splits.told"


async def test_a_type_that_splits_by_itself_needs_nobodys_word(
    database: Database, settings: Settings, now: datetime
) -> None:
    """Whoever looks after it may only be quicker."""
    harbour = Harbour(database, settings, now)
    await harbour.build(splits="auto", split_delay_days=4)
    async with database.writing() as session:
        harbour.office(session, OMAR)
    await harbour.look()
    assert (await harbour.suggest()).lines[0].key == "splits.told"


async def test_an_unlisted_group_is_named_to_owners_behind_a_press_only(harbour: Harbour) -> None:
    """The owners' room says that something waits."""
    await harbour.change(update(GroupType).values(listed=False))
    await harbour.look()
    await harbour.suggest()
    await harbour.step(DAY)
    (line,) = await harbour.owed("split-owners")
    assert [one["key"] for one in line["lines"]] == ["splits.for_owners"]


# --- before it is full --------------------------------------------------------------------------


async def test_an_early_plan_is_seen_by_who_asked(harbour: Harbour) -> None:
    """Nobody is pinged, no seat is closed, and asking twice shows the same plan."""
    await emptier(harbour)
    shown = await early(harbour)
    assert shown.lines[0].key == "splits.preview_early"
    assert await harbour.owed("split-preview") == []
    assert (await early(harbour)).lines == shown.lines
    assert await harbour.step(7 * DAY - HOUR) == 0
    assert await harbour.step(HOUR) == 1
    assert (await harbour.split()).state == "dropped"
    assert await harbour.owed("split-off") == []


async def test_an_early_plan_becomes_one_like_any_other_when_the_group_is_full(
    harbour: Harbour,
) -> None:
    """Those who look after it are asked, as if the cap had made it."""
    await emptier(harbour, (110,))
    await early(harbour)
    async with harbour.database.writing() as session:
        await harbour.move_in(session, 150)
        await session.execute(update(Group).values(homes=20))
    assert await harbour.step(HOUR) == 1
    (preview,) = await harbour.owed("split-preview")
    assert preview["users"] == [LENA, OMAR]
    (word,) = await harbour.all(SplitProposal)
    assert not word.early
    await harbour.tell()
    assert 150 in await sides(harbour)


async def test_an_early_split_happens(harbour: Harbour) -> None:
    """Suggested, not refused, an owner's yes: told, and the two part though nobody was too many."""
    await emptier(harbour)
    await early(harbour)
    await harbour.tell()
    assert await harbour.step(2 * DAY) == 1
    assert sorted(map(len, (await harbour.homes()).values())) == [8, 9]


@pytest.mark.parametrize("left", [range(102, 110), ()])
async def test_what_could_not_be_two_is_not_planned(harbour: Harbour, left: Sequence[int]) -> None:
    """Too few people, or a group that rests; strangers may not ask at all."""
    await emptier(harbour, (*left, 208, 207, 206) if left else (110,))
    if not left:
        await harbour.change(update(Group).values(state="resting"))
    with pytest.raises(UserError) as refused:
        await early(harbour)
    assert refused.value.key == "splits.early_too_small"
    with pytest.raises(UserError) as refused:
        await early(harbour, Actor(SERVER, 101))
    assert refused.value.key == "errors.facilitators_only"
    assert await harbour.all(Split) == []


# --- moves by hand ------------------------------------------------------------------------------


async def test_a_move_is_logged_measured_and_kept(harbour: Harbour) -> None:
    """The figures follow, and the plan is not made anew over it."""
    await harbour.look()
    before = (await harbour.split()).kept_weight
    await put(harbour, 101, 1)
    split = await harbour.split()
    assert split.kept_weight < before
    (entry,) = await harbour.all(LogEntry)
    assert (entry.action, entry.by_user_id, entry.user_id) == ("split-change", LENA, 101)
    harbour.now += 2 * DAY
    await harbour.look()
    assert (await sides(harbour))[101] == 1
    assert await harbour.owed("split-change") == []
    await harbour.tell()
    (told,) = await harbour.owed("split-change")
    assert (told["place"], told["users"]) == ("commons", [101])
    await harbour.step(2 * DAY)
    assert 101 not in (await harbour.homes())[HARBOUR]


async def test_moved_there_and_back_is_no_news(harbour: Harbour) -> None:
    """Nobody is told of what is as the plan had it."""
    await harbour.look()
    await put(harbour, 101, 1)
    await put(harbour, 101, 0)
    await harbour.tell()
    assert await harbour.owed("split-change") == []


async def test_whom_moderators_keep_apart_is_not_put_together(harbour: Harbour) -> None:
    """Nor exchanged; the answer says who knows more."""
    async with harbour.database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=101, high_id=205, by_user_id=1, at=harbour.now))
    await harbour.look()
    with pytest.raises(UserError) as refused:
        await put(harbour, 101, 1)
    assert refused.value.key == "splits.person_cannot"
    async with harbour.database.writing() as session:
        with pytest.raises(UserError) as refused:
            await split_changes.exchange(
                session, LENA_ACTS, 1, pair=(101, 206), child=1, now=harbour.now
            )
        assert refused.value.key == "splits.person_cannot"
        await split_changes.exchange(
            session, LENA_ACTS, 1, pair=(101, 205), child=1, now=harbour.now
        )
    now = await sides(harbour)
    assert (now[101], now[205]) == (1, 0)


async def test_who_looks_after_a_part_follows_the_people(harbour: Harbour) -> None:
    """When its facilitator is put elsewhere, another one is found for it."""
    await harbour.look()
    await put(harbour, LENA, 1)
    async with harbour.database.reading() as session:
        first, second = await split_plans.children(session, 1)
    assert second.facilitator_id in {LENA, OMAR}
    assert first.facilitator_id not in {LENA, OMAR, None}


async def test_going_back_stands_whatever_the_sizes(harbour: Harbour) -> None:
    """Eleven to nine, three put over and everybody else chose: each of the three may go back."""
    await harbour.look()
    await put(harbour, 101, 1)
    await harbour.tell()
    (note_before,) = await harbour.all(SplitChange)
    assert note_before.told_at is not None
    async with harbour.database.writing() as session:
        for user_id in (*FRIENDS, *OTHERS):
            if user_id != 101:
                seat = await session.get_one(SplitSeat, (1, user_id))
                seat.chosen = True
        (await session.get_one(SplitSeat, (1, 208))).child = 0
        await session.flush()
        said = await split_veto.put_back(session, Actor(SERVER, 101), 1, harbour.now)
    assert said.lines[0].key == "splits.put_back"
    seats = {seat.user_id: seat for seat in await harbour.all(SplitSeat)}
    assert (seats[101].child, seats[101].chosen) == (0, True)
    with pytest.raises(UserError) as refused:
        await put(harbour, 101, 1)
    assert refused.value.key == "splits.person_is_firm"


async def test_going_back_to_whom_one_must_not_meet_is_a_wish_like_any_other(
    harbour: Harbour,
) -> None:
    """They hear what everybody hears who finds a part full."""
    await harbour.look()
    await put(harbour, 101, 1)
    await harbour.tell()
    async with harbour.database.writing() as session:
        session.add(Apart(server_id=SERVER, low_id=101, high_id=105, by_user_id=1, at=harbour.now))
        await session.flush()
        said = await split_veto.put_back(session, Actor(SERVER, 101), 1, harbour.now)
    assert "splits.wish_kept" in {line.key for line in said.lines}
    assert (await sides(harbour))[101] == 1


async def test_only_who_was_moved_may_go_back(harbour: Harbour) -> None:
    """Not before anybody knows, not somebody else, not after the parting."""
    await harbour.look()
    await put(harbour, 101, 1)

    async def back(user_id: int) -> str:
        async with harbour.database.writing() as session:
            with pytest.raises(UserError) as refused:
                await split_veto.put_back(session, Actor(SERVER, user_id), 1, harbour.now)
            return refused.value.key

    assert await back(101) == "splits.gone"
    await harbour.tell()
    assert await back(102) == "splits.gone"
    await harbour.step(2 * DAY)
    assert await back(101) == "splits.too_late"


async def test_what_was_moved_by_hand_is_erased_in_time(harbour: Harbour) -> None:
    """Thirty days after the split is over."""
    await harbour.look()
    await put(harbour, 101, 1)
    await harbour.tell()
    await harbour.step(2 * DAY)
    async with harbour.database.writing() as session:
        await splits.mark_done(session, 1, harbour.now)
        for later, rows in ((30 * DAY - HOUR, 1), (30 * DAY, 0)):
            await retention.sweep(session, harbour.now + later, harbour.settings)
            assert len((await session.scalars(select(SplitChange))).all()) == rows


# --- wishes in the plan -------------------------------------------------------------------------


async def test_who_wish_each_other_stay_together(harbour: Harbour) -> None:
    """Somebody with a tie to either side goes with the person they wish, and who wishes them."""
    await emptier(harbour, (110,))
    async with harbour.database.writing() as session:
        await harbour.move_in(session, 150)
        await session.execute(update(Group).values(homes=20))
        harbour.tie(session, 101, 150, 5)
        harbour.tie(session, 150, 201, 5)
    found: set[int] = set()
    for friend in (101, 201):
        async with harbour.database.writing() as session:
            for one, other in ((150, friend), (friend, 150)):
                await wishes.replace(session, Actor(SERVER, one), "together", [other], harbour.now)
        harbour.now += DAY
        await harbour.look()
        now = await sides(harbour)
        assert now[150] == now[friend]
        found.add(now[150])
    assert found == {0, 1}


async def test_a_wish_to_be_apart_is_minded(harbour: Harbour) -> None:
    """It decides where ties do not."""
    await emptier(harbour, (110,))
    async with harbour.database.writing() as session:
        await harbour.move_in(session, 150)
        await session.execute(update(Group).values(homes=20))
    for other in (101, 201):
        async with harbour.database.writing() as session:
            await wishes.replace(session, Actor(SERVER, 150), "apart", [other], harbour.now)
        harbour.now += DAY
        await harbour.look()
        now = await sides(harbour)
        assert now[150] != now[other]

"""Questions between groups in the tables: who may ask whom, what is kept, and what goes when."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules import ask_cards
from bot.rules.actor import Actor
from bot.services import ask_posts, drafts, group_answers, group_asks, privacy, safety, sending
from bot.services.sending import Delivered
from models import (
    Facilitator,
    Group,
    GroupAsk,
    GroupAskAnswer,
    GroupType,
    Membership,
    OutboxMessage,
    Server,
    Takedown,
)
from tests.services.conftest import (
    JO,
    KIM,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    VERA,
    Town,
)

DAY = timedelta(days=1)
HIM, ASKER = Actor(SERVER, OMAR), Actor(SERVER, KIM)
GUARD = Actor(SERVER, 99, moderates_members=True)
QUESTION = "Which shoes survive a winter of mud?"
ANSWER = "Old ones."
SEEN = ask_cards.seen(ANSWER)
THREAD = 7_700


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """A transaction in the town; Omar looks after Millpond, and lives there."""
    async with database.writing() as opened:
        await town(opened)
        opened.add(
            Facilitator(
                group_id=MILLPOND, user_id=OMAR, server_id=SERVER, state="active", since=now
            )
        )
        await opened.flush()
        yield opened


async def typed(session: AsyncSession, user_id: int, form: str, words: str, now: datetime) -> None:
    """Let somebody have typed something, which waits as their draft."""
    field = "question" if form.startswith(group_asks.WORDS) else "answer"
    await drafts.keep(
        session, server_id=SERVER, user_id=user_id, form=form, fields={field: words}, now=now
    )


async def asked(session: AsyncSession, now: datetime, *, named: bool = False) -> GroupAsk:
    """Let Kim ask Millpond for Riverside."""
    await typed(session, KIM, group_asks.draft_of(RIVERSIDE), QUESTION, now)
    await group_asks.send(session, ASKER, RIVERSIDE, MILLPOND, named=named, now=now)
    newest = select(GroupAsk).order_by(GroupAsk.id.desc()).limit(1)
    return (await session.scalars(newest)).one()


async def put(session: AsyncSession, now: datetime) -> GroupAsk:
    """Let Omar put it to his group."""
    row = await asked(session, now)
    await group_asks.put(session, HIM, row.id, now)
    return row


async def answered(session: AsyncSession, row: GroupAsk, now: datetime) -> GroupAskAnswer:
    """Let Omar answer with his name."""
    await typed(session, OMAR, group_answers.draft_of(row.id), ANSWER, now)
    await group_answers.send(session, HIM, row.id, named=True, seen=SEEN, now=now)
    return (await session.scalars(select(GroupAskAnswer))).one()


async def takes_back(
    session: AsyncSession, who: Actor, answer: GroupAskAnswer, now: datetime
) -> None:
    """Let somebody press to take an answer back."""
    number, stamp = ask_posts.mark(answer).split(":")
    await group_answers.take_back(session, who, int(number), stamp, now)


async def owed(session: AsyncSession, kind: str) -> OutboxMessage | None:
    """Return the message of a kind that is owed."""
    return await session.scalar(select(OutboxMessage).where(OutboxMessage.kind == kind))


async def sends(
    session: AsyncSession, kind: str, message_id: int, now: datetime, *, thread: int | None = None
) -> None:
    """Let the outbox have sent the message of a kind."""
    row = await owed(session, kind)
    assert row is not None
    where = Delivered(message_id, row.thread_id or RIVERSIDE_ROOM, thread_id=thread)
    await sending.sent(session, row.id, where, now)


async def gone(session: AsyncSession) -> set[int]:
    """Return what is wanted gone from Discord."""
    return set(await session.scalars(select(Takedown.target_id)))


async def test_words_are_kept_no_longer_than_they_are_on_their_way(
    session: AsyncSession, now: datetime
) -> None:
    """An answer waits for its thread, is posted there, and leaves the tables."""
    row = await put(session, now)
    answer = await answered(session, row, now)
    assert await owed(session, ask_posts.ANSWER) is None
    await sends(session, ask_posts.HOME, 801, now, thread=THREAD)
    post = await owed(session, ask_posts.ANSWER)
    assert post is not None
    assert (post.place, post.thread_id) == ("thread", THREAD)
    await sends(session, ask_posts.ANSWER, 802, now)
    assert (answer.text, answer.room_id, answer.message_id) == ("", THREAD, 802)
    assert row.text == QUESTION
    await ask_posts.step_due(session, now + 7 * DAY)
    assert (row.ending, row.text) == ("over", "")
    assert await gone(session) == {THREAD}


async def test_without_a_thread_answers_stand_in_the_room(
    session: AsyncSession, now: datetime
) -> None:
    """Where Discord lets none be opened."""
    row = await put(session, now)
    await sends(session, ask_posts.HOME, 801, now)
    await answered(session, row, now)
    post = await owed(session, ask_posts.ANSWER)
    assert post is not None
    assert (post.place, post.group_id) == ("room", RIVERSIDE)


async def test_an_older_card_sends_nothing_else(session: AsyncSession, now: datetime) -> None:
    """What was typed since is shown once more, and goes only from the card that shows it."""
    row = await put(session, now)
    form = group_answers.draft_of(row.id)
    await typed(session, OMAR, form, "New ones.", now)
    shown = await group_answers.send(session, HIM, row.id, named=True, seen=SEEN, now=now)
    assert shown == await group_answers.preview(session, HIM, row.id, "New ones.")
    assert await session.scalar(select(func.count()).select_from(GroupAskAnswer)) == 0
    seen = shown.buttons[0].press.rpartition(":")[2]
    await group_answers.send(session, HIM, row.id, named=True, seen=seen, now=now)
    assert (await session.scalars(select(GroupAskAnswer.text))).all() == ["New ones."]


async def test_an_answer_is_taken_back_wherever_it_is(session: AsyncSession, now: datetime) -> None:
    """Before it is sent, while it is, and where it stands."""
    row = await put(session, now)
    await sends(session, ask_posts.HOME, 801, now, thread=THREAD)
    answer = await answered(session, row, now)
    with pytest.raises(NotAllowed, match="not_your_answer"):
        await takes_back(session, ASKER, answer, now)
    await takes_back(session, HIM, answer, now)
    assert await owed(session, ask_posts.ANSWER) is None
    with pytest.raises(UserError, match="answer_unknown"):
        await takes_back(session, HIM, answer, now)
    again = await answered(session, row, now + timedelta(minutes=1))
    post = await owed(session, ask_posts.ANSWER)
    assert post is not None
    post.state = "claimed"
    await takes_back(session, HIM, again, now)
    other = await answered(session, row, now + timedelta(minutes=2))
    await sends(session, ask_posts.ANSWER, 803, now)
    assert await gone(session) == {803}
    assert other.message_id is None
    await takes_back(session, HIM, other, now)
    third = await answered(session, row, now + DAY)
    await sends(session, ask_posts.ANSWER, 804, now)
    await ask_posts.step_due(session, now + 7 * DAY)
    await takes_back(session, HIM, third, now + 30 * DAY)
    assert await gone(session) == {803, 804, THREAD}


async def test_a_question_that_is_taken_back_goes_from_both_rooms(
    session: AsyncSession, now: datetime
) -> None:
    """What stands, and what is on its way; answers are their authors'."""
    row = await put(session, now)
    await sends(session, ask_posts.HOME, 801, now, thread=THREAD)
    there = await owed(session, ask_posts.THERE)
    assert there is not None
    there.state = "claimed"
    with pytest.raises(NotAllowed, match="not_yours"):
        await group_asks.take_back(session, Actor(SERVER, JO), row.id, now)
    await group_asks.take_back(session, Actor(SERVER, LENA), row.id, now)
    await sends(session, ask_posts.THERE, 805, now)
    assert await gone(session) == {801, 805, THREAD}
    with pytest.raises(UserError, match=r"asks\.gone"):
        await group_asks.take_back(session, ASKER, row.id, now)


async def test_one_at_a_time_and_two_a_month(session: AsyncSession, now: datetime) -> None:
    """A group asks one, and is asked two; then it is not among those to choose."""
    for number in range(2):
        row = await asked(session, now + number * DAY)
        with pytest.raises(UserError, match="one_at_a_time"):
            await asked(session, now + number * DAY)
        await group_asks.take_back(session, ASKER, row.id, now + number * DAY)
    with pytest.raises(UserError, match="not_that_group"):
        await asked(session, now + 2 * DAY)
    assert await asked(session, now + 31 * DAY)


async def test_nobody_takes_it_up(session: AsyncSession, now: datetime) -> None:
    """Passed or not, it ends after a week without a word in any room."""
    row = await asked(session, now)
    await group_asks.let_pass(session, HIM, row.id, now)
    assert await ask_posts.step_due(session, now + 6 * DAY) == 0
    assert await ask_posts.step_due(session, now + 7 * DAY) == 1
    assert (row.ending, row.text) == ("lapsed", "")
    with pytest.raises(UserError, match=r"asks\.gone"):
        await group_asks.put(session, HIM, row.id, now + 7 * DAY)


@pytest.mark.parametrize("when", ["offered", "put"])
async def test_who_asked_moves_away(session: AsyncSession, now: datetime, when: str) -> None:
    """Before it was put the question goes along; afterwards it is the group's."""
    row = await (asked if when == "offered" else put)(session, now)
    (await session.get_one(Membership, (SERVER, KIM))).group_id = MILLPOND
    await session.flush()
    await ask_posts.step_due(session, now)
    assert row.ending == ("back" if when == "offered" else None)


@pytest.mark.parametrize("what", ["asking archived", "asked archived", "asked unlisted"])
async def test_what_becomes_of_a_group_ends_it(
    session: AsyncSession, now: datetime, what: str
) -> None:
    """A group that is archived, or named nowhere any more."""
    row = await put(session, now)
    if what == "asked unlisted":
        (await session.get_one(GroupType, 1)).listed = False
    else:
        group_id = RIVERSIDE if what.startswith("asking") else MILLPOND
        (await session.get_one(Group, group_id)).state = "archived"
    await session.flush()
    await ask_posts.step_due(session, now)
    assert row.ending == "ended"


async def test_a_group_that_is_named_nowhere_asks_without_a_name(
    session: AsyncSession, now: datetime
) -> None:
    """Neither its own nor that of who asks, whatever was pressed."""
    hidden = GroupType(
        id=2, server_id=SERVER, name="Den", name_key="den", kind="identity", listed=False
    )
    session.add(hidden)
    await session.flush()
    (await session.get_one(Group, RIVERSIDE)).type_id = 2
    row = await asked(session, now, named=True)
    shown = await ask_posts.shown(session, row)
    assert (row.named, shown.group) == (False, None)
    assert [line.key for line in (await group_asks.read(session, HIM, row.id)).lines] == [
        "asks.from_somewhere",
        "asks.text",
        "asks.decide",
    ]


async def test_who_is_kept_out_neither_asks_nor_answers_there(
    session: AsyncSession, now: datetime
) -> None:
    """By a bar or for somebody's sake; nobody is told which."""
    row = await put(session, now)
    await safety.apart(session, GUARD, OMAR, JO, now=now)
    with pytest.raises(UserError, match="not_from_here"):
        await group_answers.mine(session, HIM, row.id)
    await group_asks.take_back(session, ASKER, row.id, now)
    await safety.apart(session, GUARD, OMAR, KIM, now=now)
    with pytest.raises(UserError, match="not_that_group"):
        await asked(session, now)


async def test_who_may_not(session: AsyncSession, now: datetime) -> None:
    """Strangers and visitors ask nothing; only where it was put is answered."""
    for stranger in (VERA, OMAR):
        with pytest.raises(NotAllowed, match="inside_only"):
            await group_asks.may_ask(session, Actor(SERVER, stranger), RIVERSIDE)
    row = await asked(session, now)
    with pytest.raises(UserError, match=r"asks\.gone"):
        await group_answers.mine(session, HIM, row.id)
    with pytest.raises(NotAllowed, match="facilitators_only"):
        await group_asks.put(session, ASKER, row.id, now)
    await group_asks.put(session, HIM, row.id, now)
    with pytest.raises(NotAllowed, match="answers_only"):
        await group_answers.mine(session, Actor(SERVER, MARA), row.id)
    with pytest.raises(UserError, match="words_gone"):
        await group_answers.send(session, HIM, row.id, named=True, seen=SEEN, now=now)


async def test_being_forgotten_takes_words_back(session: AsyncSession, now: datetime) -> None:
    """What somebody asked goes from both rooms, what they answered from where it stands."""
    row = await put(session, now)
    await sends(session, ask_posts.HOME, 801, now, thread=THREAD)
    await sends(session, ask_posts.THERE, 802, now)
    await answered(session, row, now)
    await sends(session, ask_posts.ANSWER, 803, now)
    await privacy.forget(session, OMAR, [SERVER], now)
    assert await gone(session) == {803}
    assert await session.scalar(select(func.count()).select_from(GroupAskAnswer)) == 0
    await privacy.forget(session, KIM, [SERVER], now)
    await session.refresh(row)
    assert (row.user_id, row.text, row.ending) == (None, "", "back")
    assert await gone(session) == {801, 802, 803, THREAD}


@pytest.mark.parametrize(
    ("user_id", "kinds"),
    [(OMAR, [ask_posts.ANSWER]), (KIM, [ask_posts.HOME, ask_posts.THERE])],
    ids=["answer", "question"],
)
async def test_being_forgotten_reaches_what_is_on_its_way(
    session: AsyncSession, now: datetime, user_id: int, kinds: list[str]
) -> None:
    """Words and person leave what was begun to be sent, and it goes once it stands."""
    row = await put(session, now)
    if user_id == OMAR:
        await sends(session, ask_posts.HOME, 801, now, thread=THREAD)
        await answered(session, row, now)
    for kind in kinds:
        way = await owed(session, kind)
        assert way is not None
        way.state, way.claimed_at = "claimed", now
    await privacy.forget(session, user_id, [SERVER], now)
    for number, kind in enumerate(kinds, 901):
        way = await owed(session, kind)
        assert way is not None
        assert way.user_id is None
        assert not any(words in way.content for words in (QUESTION, ANSWER, str(user_id)))
        thread = 7_900 if kind == ask_posts.HOME else None
        await sends(session, kind, number, now, thread=thread)
        assert {number, *([thread] if thread else [])} <= await gone(session)


async def test_a_paused_server_is_left_alone(session: AsyncSession, now: datetime) -> None:
    """Nothing ends meanwhile."""
    row = await asked(session, now)
    (await session.get_one(Server, SERVER)).paused_at = now
    await session.flush()
    await ask_posts.step_due(session, now + 30 * DAY)
    assert row.ending is None
    with pytest.raises(UserError, match="paused"):
        await group_asks.put(session, HIM, row.id, now)

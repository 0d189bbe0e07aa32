"""Suggestions from the tables: who is suggested what, and what is never suggested."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.rules.matching import Suggestion
from bot.rules.portraits import unpacked
from bot.services import (
    answers,
    finding,
    fitting,
    matching,
    pace,
    portraits,
    privacy,
    questions,
    retention,
    standing,
)
from bot.settings import Settings
from models import (
    ActiveDay,
    Apart,
    Arrival,
    Bar,
    EntryRequest,
    Group,
    GroupType,
    Invitation,
    Member,
    MemberAnswer,
    MemberChoice,
    Membership,
    OutboxMessage,
    Portrait,
    Question,
    QuestionChoice,
    Removal,
    Server,
    Tie,
    Visit,
    Waiting,
)
from tests.services.conftest import JO, LENA, MARA, MILLPOND, OMAR, RIVERSIDE, SERVER, VERA, Town

OWNER = Actor(SERVER, 99, manages_server=True)
PORCH = 3
ZOE = 77  # new in the server


class Hall:
    """One transaction in a town whose questions are planted."""

    def __init__(self, session: AsyncSession, settings: Settings, now: datetime) -> None:
        self.session, self.settings, self.now = session, settings, now

    async def suggested(
        self,
        user_id: int = ZOE,
        *,
        role_ids: frozenset[int] = frozenset(),
        without: frozenset[int] = frozenset(),
    ) -> list[Suggestion]:
        return await matching.suggest(
            self.session,
            SERVER,
            user_id,
            now=self.now,
            settings=self.settings,
            role_ids=role_ids,
            without=without,
        )

    async def groups(self, user_id: int = ZOE) -> set[int]:
        return {one.group_id for one in await self.suggested(user_id)}

    async def question(self, name: str) -> int:
        found = await self.session.scalar(select(Question.id).where(Question.name == name))
        assert found is not None
        return found

    async def choice(self, label: str) -> int:
        found = await self.session.scalar(
            select(QuestionChoice.id).where(QuestionChoice.label == label)
        )
        assert found is not None
        return found

    async def says(self, user_id: int, name: str, *labels: str) -> None:
        choices = [await self.choice(label) for label in labels]
        question = await self.question(name)
        await answers.give(self.session, SERVER, user_id, question, choices, now=self.now)

    async def fits(self, group_id: int, name: str, *labels: str) -> None:
        choices = [await self.choice(label) for label in labels]
        question = await self.question(name)
        await fitting.say(self.session, OWNER, group_id, question, choices, now=self.now)

    async def change(self, group_id: int, **columns: object) -> None:
        row = await self.session.get_one(Group, group_id)
        for column, value in columns.items():
            setattr(row, column, value)
        await self.session.flush()

    async def add(self, *rows: object) -> None:
        self.session.add_all(rows)
        await self.session.flush()

    async def porch(self, **columns: object) -> None:
        """Add a group that is not listed, with what fits it."""
        await self.add(
            GroupType(
                id=9,
                server_id=SERVER,
                name="Shared",
                name_key="shared",
                kind="identity",
                listed=False,
                **{"entry": "request", "visits": "closed", **columns},
            )
        )
        await self.add(
            Group(
                id=PORCH,
                server_id=SERVER,
                type_id=9,
                name="Porch",
                name_key="porch",
                cap=80,
                created_at=self.now,
            )
        )
        await questions.plant(self.session, await self.session.get_one(Server, SERVER))
        await self.fits(PORCH, "identity", "Queer people")


@pytest.fixture
async def hall(
    database: Database, town: Town, now: datetime, settings: Settings
) -> AsyncGenerator[Hall]:
    """A town that asks what every server asks at first."""
    async with database.writing() as session:
        await town(session)
        await session.flush()
        await questions.plant(session, await session.get_one(Server, SERVER))
        yield Hall(session, settings, now)


async def test_answers_decide(hall: Hall) -> None:
    """What somebody said and a group says of itself brings them together, with the reason."""
    await hall.fits(MILLPOND, "company", "We do things together")
    await hall.fits(RIVERSIDE, "company", "Calm: a few words now and then")
    await hall.says(ZOE, "company", "We do things together")
    first, second = await hall.suggested()
    assert (first.group_id, second.group_id) == (MILLPOND, RIVERSIDE)
    assert first.reasons[0].key == "find.because_answers"
    assert first.reasons[0].params == {"answers": "We do things together"}
    await hall.says(ZOE, "company", "Calm: a few words now and then")
    assert [one.group_id for one in await hall.suggested()] == [RIVERSIDE, MILLPOND]


async def test_without_an_answer(hall: Hall) -> None:
    """Groups with seats are suggested, with who would greet there."""
    found = {one.group_id: one for one in await hall.suggested()}
    assert found.keys() == {RIVERSIDE, MILLPOND}
    assert found[RIVERSIDE].greeter == LENA
    assert found[RIVERSIDE].reasons[0].key == "find.because_seats"


async def test_how_many(hall: Hall) -> None:
    """No more than asked for, and none that was ruled out."""
    found = await matching.suggest(
        hall.session, SERVER, ZOE, now=hall.now, settings=hall.settings, count=1
    )
    assert len(found) == 1
    assert [one.group_id for one in await hall.suggested(without=frozenset({RIVERSIDE}))] == [
        MILLPOND
    ]


async def test_not_their_own_home(hall: Hall) -> None:
    """Who lives somewhere is suggested the others."""
    assert await hall.groups(OMAR) == {RIVERSIDE}


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "resting"},
        {"state": "forming"},
        {"state": "archived"},
        {"homes": 150},
        {"homes": 149, "offered": 1},
        {"locked_at": datetime(2026, 3, 1, tzinfo=UTC)},
        {"closes_at": datetime(2026, 3, 10, tzinfo=UTC)},
    ],
    ids=",".join,
)
async def test_groups_that_take_nobody_in(hall: Hall, columns: dict[str, object]) -> None:
    """Not open, full, every free seat kept for somebody, locked, or about to end."""
    await hall.change(MILLPOND, **columns)
    assert await hall.groups() == {RIVERSIDE}


async def test_the_pace_of_a_group(hall: Hall) -> None:
    """Who would have to wait a week is not sent there; a week later they are."""
    (await hall.session.get_one(GroupType, 1)).newcomers_per_week = 1
    await hall.add(
        Arrival(server_id=SERVER, group_id=MILLPOND, user_id=OMAR, at=hall.now - timedelta(days=2))
    )
    assert await hall.groups() == {RIVERSIDE}
    hall.now += timedelta(days=6)
    assert await hall.groups() == {RIVERSIDE, MILLPOND}


async def test_free_seats_are_those_that_could_be_taken_now(hall: Hall) -> None:
    """The same figure as in the directory: what the week's pace leaves, never more than seats."""
    type_ = await hall.session.get_one(GroupType, 1)
    type_.newcomers_per_week = 20
    await hall.change(MILLPOND, homes=137)
    at = hall.now - timedelta(days=2)
    await hall.add(
        *(Arrival(server_id=SERVER, group_id=RIVERSIDE, user_id=n, at=at) for n in (1, 2))
    )
    seats = {one.group_id: one.seats for one in await hall.suggested()}
    assert seats == await pace.free_seats(hall.session, SERVER, hall.now)
    assert seats == {RIVERSIDE: 18, MILLPOND: 13}


async def test_those_in_line_come_first(hall: Hall) -> None:
    """A seat that somebody in line will be offered is nobody else's."""
    await hall.change(MILLPOND, homes=149)
    await hall.add(Waiting(server_id=SERVER, group_id=MILLPOND, user_id=VERA, since=hall.now))
    assert await hall.groups() == {RIVERSIDE}


@pytest.mark.parametrize("everywhere", [False, True])
async def test_who_is_barred(hall: Hall, *, everywhere: bool) -> None:
    """Neither the group they are barred from, nor any if they are barred from all."""
    bar = Bar(
        server_id=SERVER,
        user_id=ZOE,
        group_id=0 if everywhere else RIVERSIDE,
        by_user_id=99,
        at=hall.now,
    )
    await hall.add(bar)
    assert await hall.groups() == (set[int]() if everywhere else {MILLPOND})


@pytest.mark.parametrize("other", [MARA, VERA], ids=["lives there", "visits"])
async def test_who_must_not_meet(hall: Hall, other: int) -> None:
    """The group where the other lives or visits is passed over; the next one takes its place."""
    await hall.add(
        Visit(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=VERA,
            started_at=hall.now,
            ends_at=hall.now + timedelta(days=3),
        ),
        Apart(server_id=SERVER, low_id=other, high_id=ZOE, by_user_id=99, at=hall.now),
    )
    await hall.fits(RIVERSIDE, "company", "We do things together")
    await hall.says(ZOE, "company", "We do things together")
    assert await hall.groups() == {MILLPOND}


@pytest.mark.parametrize("user_id", [MARA, OMAR, VERA, ZOE])
async def test_closed_is_what_standing_says(hall: Hall, user_id: int) -> None:
    """All groups at once are looked at as each of them is when somebody moves in."""
    end = hall.now + timedelta(days=3)
    await hall.add(
        Bar(server_id=SERVER, user_id=ZOE, group_id=MILLPOND, by_user_id=99, at=hall.now),
        Apart(server_id=SERVER, low_id=OMAR, high_id=VERA, by_user_id=99, at=hall.now),
        Apart(server_id=SERVER, low_id=MARA, high_id=ZOE, by_user_id=99, at=hall.now),
        Visit(server_id=SERVER, group_id=RIVERSIDE, user_id=VERA, started_at=hall.now, ends_at=end),
        Removal(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=OMAR,
            kind="removed",
            by_user_id=99,
            at=hall.now,
            shut=True,
        ),
    )
    closed = await standing.closed_to(hall.session, SERVER, user_id)
    for group_id in (RIVERSIDE, MILLPOND):
        one = await standing.standing(hall.session, SERVER, user_id, group_id)
        assert (group_id in closed) == (one.barred or one.apart)


async def test_by_invitation(hall: Hall) -> None:
    """A group that is entered by invitation is for those who have one."""
    (await hall.session.get_one(GroupType, 1)).entry = "invitation"
    assert await hall.groups() == set()
    await hall.add(
        Invitation(group_id=MILLPOND, user_id=ZOE, server_id=SERVER, by_user_id=OMAR, at=hall.now)
    )
    (one,) = await hall.suggested()
    assert (one.group_id, one.entry) == (MILLPOND, "open")


async def test_a_role_speaks_until_they_do(hall: Hall) -> None:
    """Who has a role that says it is not asked; their own word counts more."""
    choice = await hall.choice("We do things together")
    (await hall.session.get_one(QuestionChoice, choice)).role_id = 4_000
    await hall.fits(MILLPOND, "company", "We do things together")
    await hall.fits(RIVERSIDE, "company", "Calm: a few words now and then")
    with_role, without = frozenset({4_000}), frozenset[int]()
    for roles, asked in ((with_role, []), (without, ["company"])):
        way = await finding.way(hall.session, SERVER, ZOE, role_ids=roles, now=hall.now)
        assert [one.name for one in way.asked] == asked
    (first, _) = await hall.suggested(role_ids=with_role)
    assert first.group_id == MILLPOND
    await hall.says(ZOE, "company", "Calm: a few words now and then")
    (first, _) = await hall.suggested(role_ids=with_role)
    assert first.group_id == RIVERSIDE


class TestGroupsThatAreNotListed:
    """Suggested to who asks for such groups in so many words, and never by name."""

    async def test_only_where_they_ask_for_them(self, hall: Hall) -> None:
        """The answer alone is not enough, nor the tick alone, nor another answer."""
        await hall.porch()
        question = await hall.question("identity")
        assert PORCH not in await hall.groups()
        await hall.says(ZOE, "identity", "Queer people")
        assert PORCH not in await hall.groups()
        await answers.tick(hall.session, SERVER, ZOE, question, "unlisted")
        assert PORCH in await hall.groups()
        await hall.says(ZOE, "identity", "Women")
        assert PORCH not in await hall.groups()
        await hall.says(ZOE, "identity")
        await hall.says(ZOE, "identity", "Queer people")
        assert PORCH not in await hall.groups(), "taking an answer back takes the tick along"

    async def test_without_a_name(self, hall: Hall) -> None:
        """Nothing of what is suggested tells which group it is."""
        await hall.porch()
        await answers.tick(hall.session, SERVER, ZOE, await hall.question("identity"), "unlisted")
        await hall.says(ZOE, "identity", "Queer people")
        (one,) = [one for one in await hall.suggested() if one.group_id == PORCH]
        assert (one.listed, one.name, one.emoji, one.purpose) == (False, "", "", "")
        assert one.greeter is None

    @pytest.mark.parametrize("entry", ["open", "invitation"])
    async def test_only_where_its_people_decide(self, hall: Hall, entry: str) -> None:
        """Whoever presses a door that is open would learn what is behind it."""
        await hall.porch(entry=entry)
        await answers.tick(hall.session, SERVER, ZOE, await hall.question("identity"), "unlisted")
        await hall.says(ZOE, "identity", "Queer people")
        assert PORCH not in await hall.groups()

    async def test_asking_it(self, hall: Hall) -> None:
        """It is asked once, its facilitators find the request, and it is suggested no more."""
        await hall.porch()
        who = Actor(SERVER, ZOE)
        with pytest.raises(UserError, match=r"find.hidden_closed"):
            await finding.ask_hidden(hall.session, who, PORCH, now=hall.now, settings=hall.settings)
        await answers.tick(hall.session, SERVER, ZOE, await hall.question("identity"), "unlisted")
        await hall.says(ZOE, "identity", "Queer people")
        assert await finding.ask_hidden(
            hall.session, who, PORCH, now=hall.now, settings=hall.settings
        )
        row = (await hall.session.scalars(select(EntryRequest))).one()
        assert (row.group_id, row.user_id, row.kind) == (PORCH, ZOE, "join")
        assert await hall.session.scalar(select(func.count()).select_from(OutboxMessage))
        assert PORCH not in await hall.groups()
        with pytest.raises(UserError, match=r"find.hidden_closed"):
            await finding.ask_hidden(
                hall.session, who, RIVERSIDE, now=hall.now, settings=hall.settings
            )

    async def test_its_question_is_never_answered_by_a_role(self, hall: Hall) -> None:
        """Roles are public; what is asked for such groups is asked in private."""
        await hall.porch()
        choice = await hall.choice("Queer people")
        (await hall.session.get_one(QuestionChoice, choice)).role_id = 4_000
        await hall.fits(RIVERSIDE, "company", "We do things together")
        await hall.fits(MILLPOND, "company", "We learn from each other")
        way = await finding.way(
            hall.session, SERVER, ZOE, role_ids=frozenset({4_000}), now=hall.now
        )
        assert [one.name for one in way.asked] == ["company", "identity"]
        assert not any(one.by_role for one in way.mine())


class TestAnswers:
    """What people said is theirs."""

    async def test_more_than_may_be_given(self, hall: Hall) -> None:
        """Neither more choices than the question takes, nor those of another, nor no question."""
        company, zone = await hall.question("company"), await hall.question("zone")
        labels = [
            "Calm: a few words now and then",
            "We do things together",
            "We talk things through",
        ]
        three = [await hall.choice(label) for label in labels]
        for question, choices in ((company, three), (zone, three[:1]), (4_711, [])):
            with pytest.raises(UserError, match=r"find.question_gone"):
                await answers.give(hall.session, SERVER, ZOE, question, choices, now=hall.now)

    async def test_of_another_server(self, hall: Hall) -> None:
        """A question is asked in its own server only."""
        await hall.add(Server(id=1, added_at=hall.now))
        with pytest.raises(UserError, match=r"find.question_gone"):
            await answers.give(
                hall.session, 1, ZOE, await hall.question("company"), [], now=hall.now
            )

    async def test_only_what_was_ticked_is_shown(self, hall: Hall) -> None:
        """Nothing by default; a tick shows that answer; taking it back hides it."""
        await hall.says(ZOE, "company", "We do things together")
        await hall.says(ZOE, "zone", "Japan, Korea")
        assert await answers.shown(hall.session, SERVER, ZOE) == []
        company = await hall.question("company")
        await answers.tick(hall.session, SERVER, ZOE, company, "shown")
        assert await answers.shown(hall.session, SERVER, ZOE) == ["We do things together"]
        assert await answers.tick(hall.session, SERVER, ZOE, company, "shown") is False
        assert await answers.shown(hall.session, SERVER, ZOE) == []

    async def test_who_looks_for_a_home(self, hall: Hall) -> None:
        """Who answered and lives nowhere; who only skipped is not looking, nor who was asked in."""
        await hall.says(ZOE, "company", "We do things together")
        await hall.says(VERA, "company")
        await hall.says(JO, "company", "We do things together")
        for group_id, most, found in ((MILLPOND, 9, [ZOE]), (MILLPOND, 0, [])):
            assert (
                await answers.seeking(hall.session, SERVER, for_group=group_id, most=most) == found
            )
        await hall.add(
            Invitation(
                group_id=MILLPOND, user_id=ZOE, server_id=SERVER, by_user_id=OMAR, at=hall.now
            )
        )
        assert await answers.seeking(hall.session, SERVER, for_group=MILLPOND, most=9) == []

    async def test_all_taken_back(self, hall: Hall) -> None:
        """Nothing stays of it, and others keep theirs."""
        for person in (ZOE, VERA):
            await hall.says(person, "company", "We do things together")
        await answers.forget(hall.session, SERVER, ZOE)
        assert await answers.of_member(hall.session, SERVER, ZOE) == {}
        assert await answers.of_member(hall.session, SERVER, VERA)

    async def test_privacy(self, hall: Hall) -> None:
        """Shown, handed over, and gone on forget."""
        await hall.says(ZOE, "company", "We do things together")
        kept = await privacy.show(hall.session, ZOE, [SERVER])
        assert kept.rows["member_answer"] == kept.rows["member_choice"] == 1
        copy = await privacy.export(hall.session, ZOE, [SERVER], settings=hall.settings)
        assert copy["member_choice"]["rows"]
        await privacy.forget(hall.session, ZOE, [SERVER], hall.now)
        assert await answers.of_member(hall.session, SERVER, ZOE) == {}

    async def test_who_left_long_ago(self, hall: Hall) -> None:
        """Their answers go a month later; those of others stay."""
        for person in (ZOE, VERA):
            await hall.says(person, "company", "We do things together")
        row = await hall.session.get_one(Member, (SERVER, ZOE))
        row.left_at = hall.now - timedelta(days=hall.settings.left_days + 1)
        await hall.session.flush()
        await retention.sweep(hall.session, hall.now, hall.settings)
        for table in (MemberAnswer, MemberChoice):
            people = await hall.session.scalars(select(table.user_id))
            assert people.all() == [VERA]


class TestPlanting:
    """The questions that a server starts out with."""

    async def test_again(self, hall: Hall) -> None:
        """What is there stays, with the owners' words, also what they switched off."""
        server = await hall.session.get_one(Server, SERVER)
        row = await hall.session.get_one(Question, await hall.question("company"))
        row.text, row.off = "What is it like?", True
        await hall.session.flush()
        assert await questions.plant(hall.session, server) == 0
        names = {one.name for one in await questions.read(hall.session, SERVER)}
        assert names == {"language", "zone", "part"}

    async def test_a_new_kind(self, hall: Hall) -> None:
        """Its question comes with it, and is asked once such a group can be moved into."""
        server = await hall.session.get_one(Server, SERVER)
        await hall.add(
            GroupType(id=8, server_id=SERVER, name="Hobby", name_key="hobby", kind="interest")
        )
        assert await questions.plant(hall.session, server) == 1
        names = [one.name for one in await questions.read(hall.session, SERVER)]
        assert "interest" not in names
        await hall.change(MILLPOND, type_id=8)
        names = [one.name for one in await questions.read(hall.session, SERVER)]
        assert names == ["language", "zone", "company", "interest", "part"]


class TestFitting:
    """What fits a group is said by those who look after it."""

    async def test_by_its_facilitators_only(self, hall: Hall) -> None:
        """Not by who lives there, nor by a facilitator of another group."""
        company = await hall.question("company")
        for actor, group_id in ((Actor(SERVER, MARA), RIVERSIDE), (Actor(SERVER, LENA), MILLPOND)):
            with pytest.raises(UserError, match=r"errors.facilitators_only"):
                await fitting.say(hall.session, actor, group_id, company, [], now=hall.now)
        _group, fits = await fitting.read(hall.session, Actor(SERVER, LENA), RIVERSIDE)
        assert next(one.text for one in fits) == "What should it feel like to be there?"

    async def test_a_choice_of_another_question(self, hall: Hall) -> None:
        """It is refused, and so is a question that has no choices to tick."""
        calm = await hall.choice("Calm: a few words now and then")
        for name in ("part", "zone"):
            with pytest.raises(UserError, match=r"find.question_gone"):
                await fitting.say(
                    hall.session, OWNER, RIVERSIDE, await hall.question(name), [calm], now=hall.now
                )

    async def test_in_place_of_what_was_said(self, hall: Hall) -> None:
        """The matching knows of it at once, and of nothing when it is taken back."""
        company = await hall.question("company")
        await hall.fits(RIVERSIDE, "company", "We do things together")
        await hall.fits(RIVERSIDE, "company", "We learn from each other")
        choice = await hall.choice("We learn from each other")
        row = await hall.session.get_one(Portrait, RIVERSIDE, populate_existing=True)
        assert unpacked(row.told)[company].fits == {choice}
        await hall.fits(RIVERSIDE, "company")
        await hall.session.refresh(row)
        assert unpacked(row.told) == {}


class TestPortraits:
    """What is reckoned of groups."""

    async def test_what_those_who_live_there_answered(self, hall: Hall) -> None:
        """Counted from five people on, and nobody's own answer can be read off it."""
        company = await hall.question("company")
        choice = await hall.choice("We do things together")
        for person in range(200, 206):
            await hall.add(
                Membership(server_id=SERVER, user_id=person, group_id=MILLPOND, since=hall.now)
            )
            label = "We do things together" if person < 205 else "We talk things through"
            await hall.says(person, "company", label)
        await hall.says(MARA, "company", "We do things together")
        await portraits.step_due(hall.session, hall.now)
        row = await hall.session.get_one(Portrait, MILLPOND)
        told = unpacked(row.told)[company]
        assert (told.people, dict(told.gave)) == (6, {choice: 5})
        riverside = await hall.session.get_one(Portrait, RIVERSIDE)
        assert unpacked(riverside.told) == {}

    async def test_nothing_of_what_is_asked_for_hidden_groups(self, hall: Hall) -> None:
        """However many answered it."""
        await hall.porch()
        for person in range(200, 208):
            await hall.add(
                Membership(server_id=SERVER, user_id=person, group_id=MILLPOND, since=hall.now)
            )
            await hall.says(person, "identity", "Queer people")
        await portraits.portray(hall.session, [MILLPOND], hall.now)
        row = await hall.session.get_one(Portrait, MILLPOND)
        assert unpacked(row.told) == {}

    async def test_warmth(self, hall: Hall) -> None:
        """Who was around within a week, and whether newcomers were answered, of those counted."""
        await portraits.portray(hall.session, [RIVERSIDE], hall.now)
        row = await hall.session.get_one(Portrait, RIVERSIDE)
        before = row.warmth
        day = hall.now.date()
        for person in (MARA, JO, LENA):
            await hall.add(
                ActiveDay(
                    server_id=SERVER,
                    user_id=person,
                    group_id=RIVERSIDE,
                    day=(day - timedelta(days=2)).isoformat(),
                    signals=3,
                )
            )
        await portraits.portray(hall.session, [RIVERSIDE], hall.now)
        await hall.session.refresh(row)
        lively = row.warmth
        assert lively > before
        jo = await hall.session.get_one(Membership, (SERVER, JO))
        jo.since = hall.now - timedelta(days=5)
        await hall.session.flush()
        await portraits.portray(hall.session, [RIVERSIDE], hall.now)
        await hall.session.refresh(row)
        unmet = row.warmth
        await hall.add(
            Tie(
                group_id=RIVERSIDE,
                low_id=MARA,
                high_id=JO,
                week="2026-02-23",
                server_id=SERVER,
                weight=2,
            )
        )
        await portraits.portray(hall.session, [RIVERSIDE], hall.now)
        await hall.session.refresh(row)
        assert unmet < lively < row.warmth

    async def test_renewed_by_the_clock(self, hall: Hall) -> None:
        """Those that are missing or six hours old; nothing of a server that is gone."""
        await portraits.step_due(hall.session, hall.now)
        rows = (await hall.session.scalars(select(Portrait))).all()
        assert {row.group_id for row in rows} == {RIVERSIDE, MILLPOND}
        later = hall.now + timedelta(hours=5)
        await portraits.step_due(hall.session, later)
        for row in rows:
            await hall.session.refresh(row)
        assert {row.at for row in rows} == {hall.now}
        later = hall.now + timedelta(hours=6)
        await portraits.step_due(hall.session, later)
        for row in rows:
            await hall.session.refresh(row)
        assert {row.at for row in rows} == {later}
        (await hall.session.get_one(Server, SERVER)).removed_at = later
        await hall.session.flush()
        await portraits.step_due(hall.session, later + timedelta(hours=7))
        for row in rows:
            await hall.session.refresh(row)
        assert {row.at for row in rows} == {later}


async def test_what_came_out_of_a_split(hall: Hall) -> None:
    """What fits a group fits its child, until somebody there says otherwise."""
    await hall.fits(RIVERSIDE, "company", "We do things together")
    await fitting.inherit(hall.session, RIVERSIDE, MILLPOND)
    await portraits.portray(hall.session, [MILLPOND], hall.now)
    company = await hall.question("company")
    row = await hall.session.get_one(Portrait, MILLPOND)
    assert unpacked(row.told)[company].fits == {await hall.choice("We do things together")}

"""What is kept about a person is shown, handed over, and goes when they say so."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import AFTER_COMMIT, Database
from bot.rules.message import Button, Line, Message
from bot.rules.privacy_messages import forgotten, opted_in, opted_out, shown, sure
from bot.rules.scope import MemberScope
from bot.services import outbox, personal, privacy, retention
from bot.settings import Settings
from bot.texts import catalogue
from models import (
    ActiveDay,
    Apart,
    Appeal,
    Arrival,
    Bar,
    Base,
    Bud,
    BudGuest,
    Care,
    CarePause,
    Circle,
    CircleMember,
    CommonsTie,
    Concern,
    ConcernReply,
    Connected,
    Draft,
    EntryRequest,
    Facilitator,
    FacilitatorNote,
    FailedEffect,
    Greeter,
    Group,
    Introduction,
    Invitation,
    Letter,
    LetterName,
    LogEntry,
    Member,
    MemberAnswer,
    MemberChoice,
    Membership,
    Merge,
    MergeChoice,
    MissedOffer,
    Occurrence,
    Prepared,
    PreparedChild,
    Presence,
    Question,
    QuestionChoice,
    QuietEpisode,
    Reminder,
    Removal,
    Ritual,
    RoomCursor,
    Server,
    SetupDraft,
    SetupGroup,
    SilentSeat,
    Split,
    SplitChange,
    SplitChild,
    SplitSeat,
    Tie,
    Unanswered,
    Undertaking,
    UndertakingStep,
    Visit,
    Waiting,
    Welcome,
    Wish,
)

SERVER, ELSEWHERE = 9_000, 9_001
SEATS = {"arrival", "missed_offer"}
RIVERSIDE, MILLPOND = 1, 2
MARA = 11_111_111_111
LENA, JO = 14, 12

Town = Callable[[AsyncSession], Awaitable[None]]


async def everything(session: AsyncSession, now: datetime, server_id: int, group_id: int) -> None:
    """Put a row about Mara into every table that can hold one."""
    here: dict[str, Any] = {"server_id": server_id}
    mara: dict[str, Any] = {**here, "user_id": MARA}
    in_group: dict[str, Any] = {**mara, "group_id": group_id}
    session.add(
        Ritual(
            id=group_id,
            **here,
            group_id=group_id,
            title="Campfire",
            cadence="weekly",
            zone="UTC",
            anchor="2026-03-02",
            host_id=MARA,
        )
    )
    session.add(
        Split(
            id=group_id,
            **here,
            group_id=group_id,
            planned_at=now,
            looked_at=now,
            mean_share=1,
            kept_weight=1,
            stranded=0,
        )
    )
    session.add(Question(id=group_id, **here, kind="", name="own-1", text="Tea?"))
    session.add(SetupDraft(**here, step="groups", at=now))
    session.add(
        Undertaking(id=group_id, **here, kind="setup", by_user_id=MARA, begun_at=now, closed_at=now)
    )
    session.add_all(
        [
            Concern(id=group_id, **mara, for_whom="moderators", said="Mine.", at=now, last_at=now),
            Concern(
                id=100 + group_id,
                **{**in_group, "user_id": JO},
                for_whom="facilitators",
                said="Jo's.",
                at=now,
                last_at=now,
                by_user_id=MARA,
            ),
            Removal(
                id=group_id, **in_group, by_user_id=LENA, kind="removed", reason="Enough.", at=now
            ),
            Removal(
                id=100 + group_id,
                **{**in_group, "user_id": JO},
                by_user_id=MARA,
                kind="barred",
                reason="Never.",
                at=now,
                shut=True,
            ),
        ]
    )
    await session.flush()
    into = RIVERSIDE if group_id != RIVERSIDE else MILLPOND
    session.add(Merge(id=group_id, **here, group_id=group_id, into_id=into, planned_at=now))
    session.add(
        Prepared(**here, group_id=group_id, looked_at=now, mean_share=1, kept_weight=1, stranded=0)
    )
    session.add(QuestionChoice(id=group_id, question_id=group_id, label="Yes"))
    episode = QuietEpisode(**in_group, silent_since=now, began_at=now)
    letter = Letter(**here, group_id=group_id, facilitator_id=MARA, written_at=now)
    session.add_all([episode, letter])
    await session.flush()
    session.add_all(
        [
            Member(**mara, counted_since=now - timedelta(days=9)),
            Visit(**in_group, started_at=now, ends_at=now + timedelta(days=9)),
            EntryRequest(**in_group, kind="join", asked_at=now),
            Waiting(**in_group, since=now),
            Invitation(**in_group, by_user_id=LENA, at=now),
            Invitation(**{**in_group, "user_id": JO}, by_user_id=MARA, at=now),
            Bar(**in_group, by_user_id=LENA, at=now),
            Bar(**{**in_group, "user_id": JO}, by_user_id=MARA, at=now),
            Apart(**here, low_id=JO, high_id=MARA, by_user_id=LENA, at=now),
            MemberAnswer(**mara, question_id=group_id, answered_at=now),
            MemberChoice(**mara, choice_id=group_id),
            Draft(**mara, form="charter", content='{"purpose": "mine"}', at=now),
            Arrival(**in_group, at=now),
            LogEntry(**in_group, at=now, by_user_id=LENA, action="member-bar"),
            LogEntry(
                **here,
                at=now,
                by_user_id=MARA,
                action="group-rest",
                group_id=group_id,
                undone_at=now,
                undone_by_user_id=MARA,
            ),
            MissedOffer(**in_group, at=now),
            SilentSeat(**in_group, told_at=now, freed_at=now),
            Greeter(**in_group, since=now),
            Introduction(**in_group, said="I knit.", at=now),
            Welcome(**in_group, greeter_id=LENA, at=now),
            Facilitator(**in_group, state="active", since=now),
            Reminder(ritual_id=group_id, user_id=MARA),
            ActiveDay(**in_group, day="2026-03-02", signals=3),
            Presence(**mara, last_at=now),
            CommonsTie(**here, low_id=JO, high_id=MARA, week="2026-03-02", weight=5),
            Circle(
                id=group_id,
                **here,
                state="over",
                size=7,
                found_at=now,
                by_user_id=MARA,
                closed_at=now,
            ),
            CircleMember(circle_id=group_id, user_id=MARA),
            Bud(
                id=group_id,
                **in_group,
                state="dropped",
                asked_at=now,
                until=now + timedelta(days=7),
                closed_at=now,
            ),
            # Somebody else's, which Mara is asked along to.
            Bud(
                id=100 + group_id,
                **{**in_group, "user_id": JO},
                state="gathering",
                asked_at=now,
                until=now + timedelta(days=7),
            ),
            BudGuest(bud_id=group_id, user_id=JO, asked_at=now),
            BudGuest(bud_id=100 + group_id, user_id=MARA, asked_at=now),
            Tie(**here, group_id=group_id, low_id=JO, high_id=MARA, week="2026-03-02", weight=7),
            Care(**in_group, week="2026-03-02", welcomed=3),
            CarePause(**in_group, until=now + timedelta(days=90)),
            FacilitatorNote(
                **here, group_id=group_id, by_user_id=MARA, said="Mondays are slow.", at=now
            ),
            LetterName(letter_id=letter.id, episode_id=episode.id),
            SetupGroup(**here, kind="interest", fields="{}", facilitator_id=MARA),
            UndertakingStep(undertaking_id=group_id, number=0, **mara, what="setup-ask"),
            SplitSeat(split_id=group_id, user_id=MARA, child=1, planned=1),
            SplitChange(split_id=group_id, user_id=MARA, was=0, child=1, at=now),
            Wish(**mara, other_id=JO, kind="together", at=now),
            MergeChoice(merge_id=group_id, user_id=MARA, choice="elsewhere", at=now),
            SplitChild(
                split_id=group_id, index=0, name="Riverside", emoji="🌊", facilitator_id=MARA
            ),
            PreparedChild(
                group_id=group_id, index=1, name="Weir", emoji="🌉", size=9, facilitator_id=MARA
            ),
            ConcernReply(**here, concern_id=group_id, by_user_id=LENA, said="Noted.", at=now),
            ConcernReply(**here, concern_id=100 + group_id, by_user_id=MARA, said="Hm.", at=now),
            Appeal(**mara, removal_id=group_id, said="Why?", at=now),
            Appeal(
                **{**mara, "user_id": JO},
                removal_id=100 + group_id,
                said="Please.",
                at=now,
                by_user_id=MARA,
            ),
            Unanswered(message_id=500 + group_id, **in_group, channel_id=5, at=now),
            FailedEffect(**here, subject=f"member:{MARA}", action="role", why="no", at=now),
        ]
    )
    await session.flush()
    for key, user_id in (("dm", MARA), ("line", LENA)):
        await outbox.owe(
            session,
            server_id=server_id,
            kind="test",
            key=key,
            place="dm",
            user_id=user_id,
            message=Message((Line("x", {"user": MARA}),), (Button("x", "x"),)),
            now=now,
        )


@pytest.fixture
async def session(database: Database, town: Town, now: datetime) -> AsyncGenerator[AsyncSession]:
    """The town and a server elsewhere, with something about Mara in every table of both."""
    async with database.writing() as opened:
        await town(opened)
        opened.add(Server(id=ELSEWHERE, added_at=now))
        await opened.flush()
        opened.add(
            Group(
                id=3,
                server_id=ELSEWHERE,
                type_id=1,
                name="Far",
                name_key="far",
                cap=150,
                created_at=now,
            )
        )
        await opened.flush()
        await everything(opened, now, SERVER, RIVERSIDE)
        await everything(opened, now, ELSEWHERE, 3)
        opened.add(Membership(server_id=SERVER, user_id=MARA, group_id=MILLPOND, since=now))
        await opened.flush()
        yield opened


async def left(session: AsyncSession, condition: ColumnElement[bool], table: Table) -> int:
    """Return how many rows of a table fulfil a condition."""
    return await session.scalar(select(func.count()).select_from(table).where(condition)) or 0


async def test_show_counts_every_table(session: AsyncSession) -> None:
    """In one server only its own rows, and each table that can hold a person is among them."""
    here = await privacy.show(session, MARA, [SERVER])
    everywhere = await privacy.show(session, MARA)
    assert set(here.rows) == {table.name for table in personal.tables()}
    assert here.rows["bar"] == 2
    assert everywhere.rows["tie"] == 2 * here.rows["tie"] == 2
    assert here.counted_since is not None
    assert not here.opted_out
    assert (await privacy.show(session, 4711)).rows == {}


async def test_export_is_json_and_names_nobody_else(session: AsyncSession) -> None:
    """All rows, purposes and erase rules; the ids of others are left out."""
    found = json.loads(json.dumps(await privacy.export(session, MARA, [SERVER])))
    assert found["user_id"] == MARA
    assert set(found["tables"]) == {table.name for table in personal.tables()}
    for table in found["tables"].values():
        assert table["purpose"]
        assert table["erased"]
        for row in table["rows"]:
            people = {row[name] for name in personal.PEOPLE if name in row}
            assert people <= {MARA}
    assert found["tables"]["tie"]["rows"][0]["weight"] == 7
    assert found["tables"]["draft"]["rows"][0]["content"] == '{"purpose": "mine"}'


async def test_opting_out_erases_what_was_counted(session: AsyncSession, now: datetime) -> None:
    """Home and visits stay, others' rows too; and the way back begins from now."""
    assert await privacy.opt_out(session, MARA, [SERVER], now) == 8
    kept = await privacy.show(session, MARA, [SERVER])
    assert kept.opted_out
    assert kept.counted_since is None
    counted = {"active_day", "presence", "tie", "quiet_episode", "unanswered", "care"}
    assert not (counted | {"commons_tie", "circle_member"}) & set(kept.rows)
    assert kept.rows["membership"] == kept.rows["visit"] == 1
    assert (await privacy.show(session, MARA, [ELSEWHERE])).rows["tie"] == 1
    await privacy.opt_in(session, MARA, [SERVER], now + timedelta(days=1))
    kept = await privacy.show(session, MARA, [SERVER])
    assert kept.counted_since == now + timedelta(days=1)
    assert not kept.opted_out


async def test_opting_in_without_having_opted_out_changes_nothing(
    session: AsyncSession, now: datetime
) -> None:
    """Counting does not begin by a press on an old button."""
    await privacy.opt_in(session, 4711, [SERVER], now)
    assert (await privacy.show(session, 4711, [SERVER])).counted_since is None


async def test_opting_out_before_anything_is_kept(session: AsyncSession, now: datetime) -> None:
    """The wish alone is remembered, where Hearth is; elsewhere there is nothing to remember."""
    where = await privacy.servers(session, 4711, None, [SERVER, 1])
    assert await privacy.opt_out(session, 4711, where, now) == 0
    assert (await privacy.show(session, 4711)).rows == {"member": 1}
    assert await privacy.servers(session, MARA, None, []) == [SERVER, ELSEWHERE]
    assert await privacy.servers(session, MARA, [5], [6]) == [5]


async def test_forget_leaves_nothing_but_what_moderators_decided(
    session: AsyncSession, now: datetime
) -> None:
    """Walked over every column that holds a person's id, in this server only."""
    elsewhere = (await privacy.show(session, MARA, [ELSEWHERE])).rows
    done = await privacy.forget(session, MARA, [SERVER], now)
    assert (done.homes_left, done.bars_kept, done.opt_outs_kept) == (1, 2, 0)
    for table in Base.metadata.sorted_tables:
        for column in personal.people_columns(table):
            mine = (column == MARA) & personal.in_servers(table, [SERVER])
            stays = (table.name, column.name) in {("bar", "user_id"), ("apart", "high_id")}
            assert await left(session, mine, table) == stays, (table.name, column.name)
    assert await personal.owed_naming(session, MARA, [SERVER]) == []
    assert (await privacy.show(session, MARA, [SERVER])).rows == {"bar": 1, "apart": 1}
    assert (await privacy.show(session, MARA, [ELSEWHERE])).rows == elsewhere


async def test_forget_frees_the_seat_and_keeps_the_ritual(
    session: AsyncSession, now: datetime
) -> None:
    """Somebody else may move in; what Mara hosted and looked after is left without her."""
    await privacy.forget(session, MARA, None, now)
    assert await session.scalar(select(Group.homes).where(Group.id == MILLPOND)) == 0
    assert set(await session.scalars(select(Ritual.host_id))) == {None}
    assert set(await session.scalars(select(SplitChild.facilitator_id))) == {None}
    assert set(await session.scalars(select(PreparedChild.facilitator_id))) == {None}
    assert set(await session.scalars(select(Bar.by_user_id))) == {LENA, 0}
    lines = await session.execute(
        select(LogEntry.by_user_id, LogEntry.user_id, LogEntry.undone_by_user_id).order_by(
            LogEntry.action, LogEntry.id
        )
    )
    # What was done stays in the owners' log, without her name.
    assert list(map(tuple, lines)) == [(0, None, 0)] * 2 + [(LENA, None, None)] * 2
    assert MemberScope(SERVER, MARA) in session.info[AFTER_COMMIT]
    assert (await privacy.show(session, MARA)).rows == {"bar": 2, "apart": 2}


async def test_forget_keeps_the_wish_not_to_be_counted(
    session: AsyncSession, now: datetime
) -> None:
    """The opt-out stays, alone in its row."""
    await privacy.opt_out(session, MARA, [SERVER], now)
    done = await privacy.forget(session, MARA, [SERVER], now + timedelta(days=1))
    assert done.opt_outs_kept == 1
    row = await session.get_one(Member, (SERVER, MARA), populate_existing=True)
    assert (row.opted_out_at, row.counted_since, row.first_home_at, row.moves) == (
        now,
        None,
        None,
        0,
    )


async def test_forget_of_somebody_unknown_is_no_error(session: AsyncSession, now: datetime) -> None:
    """There is nothing to erase."""
    done = await privacy.forget(session, 4711, None, now)
    assert (done.rows, done.homes_left, done.bars_kept) == (0, 0, 0)


async def test_what_is_past_its_time_goes(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    """After the retention period nothing counted is left, and short-lived rows went before."""
    session.add_all(
        [
            Connected(server_id=SERVER, since=now, until=now),
            RoomCursor(room_id=1, server_id=SERVER, message_id=1),
            Occurrence(ritual_id=1, group_id=1, local_moment="x", due_at=now),
        ]
    )
    for visit in await session.scalars(select(Visit)):
        visit.ended_at = now
    for episode in await session.scalars(select(QuietEpisode)):
        episode.closed_at = now
    for split in await session.scalars(select(Split)):
        split.closed_at = now
    for merge in await session.scalars(select(Merge)):
        merge.closed_at = now
    for bud in await session.scalars(select(Bud)):
        bud.closed_at = now
    (await session.get_one(Member, (SERVER, MARA))).left_at = now
    (await session.get_one(Member, (ELSEWHERE, MARA))).left_at = now
    (await session.get_one(Server, ELSEWHERE)).removed_at = now
    await session.flush()
    session.expunge_all()

    async def gone_after(days: int) -> set[str]:
        await retention.sweep(session, now + timedelta(days=days), settings)
        kept = (await privacy.show(session, MARA)).rows
        return {table.name for table in personal.tables()} - set(kept)

    assert await gone_after(1) == set()
    short = {"draft", "entry_request", "unanswered"}
    assert await gone_after(15) == short
    assert await gone_after(31) == short | {
        "visit",
        "invitation",
        "split_seat",
        "split_change",
        "merge_choice",
        "bud",
        "bud_guest",
        "welcome",
    } | SEATS | {
        "undertaking",
        "undertaking_step",
    }
    assert (await privacy.show(session, MARA, [ELSEWHERE])).rows == {}
    assert "letter" in await gone_after(61)
    over = await gone_after(settings.retention_days + 9)
    assert {"active_day", "presence", "tie", "quiet_episode"} <= over
    assert {"care", "care_pause", "facilitator_note"} <= over
    assert "member" not in over  # she still lives here
    assert "log_entry" in await gone_after(366)
    assert "log_entry" not in over
    for table in (Connected, RoomCursor, Occurrence):
        assert await session.scalar(select(func.count()).select_from(table)) == 0


def test_every_answer_reads_well() -> None:
    """Plurals and places are there for each table, however much is kept."""
    say = catalogue("en")
    tables = {table.name: 1 for table in personal.tables()}
    pages = [
        shown(
            tables,
            counted_since=None,
            opted_out=True,
            everywhere=False,
            retention_days=180,
            page=page,
        )
        for page in range(len(tables))  # more than there are: those are the last again
    ]
    kept = {line.key for message in pages for line in message.lines}
    assert kept >= {f"privacy.kept_{table}" for table in tables}
    everything_said = [
        *pages,
        shown({}, counted_since=None, opted_out=False, everywhere=True, retention_days=180),
        opted_out(1),
        opted_in(),
        sure(everywhere=True),
        sure(everywhere=False),
        forgotten(2, homes_left=1, bars_kept=1, opted_out=True),
    ]
    for message in everything_said:
        text = "\n".join(say(line.key, **line.params) for line in message.lines)
        assert text
        assert len(text) <= 2000
        assert all(say(button.label) for button in message.buttons)
    assert "Nothing at all." in say("privacy.kept_nothing")


async def test_words_about_others_are_their_authors_alone(
    session: AsyncSession, now: datetime
) -> None:
    """Who looked after a concern or answered an appeal is handed over nothing that others wrote."""
    handed = json.dumps((await privacy.export(session, MARA, [SERVER]))["tables"])
    for own in ("Mine.", "Enough.", "Why?", "Hm."):
        assert own in handed
    for theirs in ("Jo's.", "Never.", "Please.", "Noted."):
        assert theirs not in handed
    await privacy.forget(session, MARA, [SERVER], now)
    assert set(await session.scalars(select(Concern.said).where(Concern.server_id == SERVER))) == {
        "Jo's."
    }
    replies = select(ConcernReply.by_user_id, ConcernReply.said)
    found = await session.execute(replies.where(ConcernReply.server_id == SERVER))
    assert list(map(tuple, found)) == [(None, "Hm.")]


async def test_being_forgotten_opens_no_door_that_is_shut(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    """The removal stays while its door is shut, without a word; then it goes like the others."""
    row = await session.get_one(Removal, RIVERSIDE)
    row.shut, row.shut_until = True, now + timedelta(days=30)
    await session.flush()
    assert (await privacy.forget(session, MARA, [SERVER], now)).bars_kept == 3
    await session.refresh(row)
    assert (row.user_id, row.reason, row.shut) == (MARA, "", True)
    row.shut = False
    await session.flush()
    await retention.sweep(session, now + timedelta(days=366), settings)
    assert await session.scalar(select(Removal.id).where(Removal.id == RIVERSIDE)) is None

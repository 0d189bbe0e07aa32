"""One person in every table that can hold one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.message import Button, Line, Message
from bot.services import outbox
from models import (
    ActiveDay,
    Apart,
    Appeal,
    Arrival,
    Bar,
    Bridge,
    BridgeAsk,
    BridgeThanks,
    Bud,
    BudGuest,
    Care,
    CarePause,
    Circle,
    CircleMember,
    Cohort,
    CommonsTie,
    Concern,
    ConcernReply,
    Draft,
    Edition,
    EntryRequest,
    Facilitator,
    FacilitatorNote,
    FailedEffect,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    Goal,
    GoalBreak,
    GoalMark,
    GoalPart,
    GoalPartner,
    Greeter,
    GroupAsk,
    GroupAskAnswer,
    GuestComing,
    GuestEvening,
    Introduction,
    Invitation,
    Letter,
    LetterName,
    LogEntry,
    Member,
    MemberAnswer,
    MemberChoice,
    Merge,
    MergeChoice,
    MissedOffer,
    NeighbourhoodHost,
    Occurrence,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Prepared,
    PreparedChild,
    Presence,
    Pulse,
    PulseNo,
    PulsePart,
    Question,
    QuestionChoice,
    QuietEpisode,
    Reminder,
    Removal,
    Ritual,
    RitualChoice,
    RitualHost,
    RitualPart,
    RitualSwap,
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
RIVERSIDE, MILLPOND = 1, 2
MARA = 11_111_111_111
LENA, JO = 14, 12


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
    other_id = MILLPOND if group_id != MILLPOND else RIVERSIDE
    session.add(
        GuestEvening(
            id=group_id,
            **here,
            group_id=group_id,
            guest_group_id=other_id,
            host_id=MARA,
            by_door=True,
            opens_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=1, hours=3),
            asked_at=now,
        )
    )
    session.add(
        GroupAsk(
            id=group_id,
            **in_group,
            to_group_id=other_id,
            named=False,
            text="How do you begin?",
            asked_at=now,
            ends_at=now + timedelta(days=7),
        )
    )
    session.add(
        Pairing(
            id=group_id,
            **here,
            group_id=group_id,
            host_id=MARA,
            cadence="weekly",
            weekday=0,
            hour=10,
            minute=0,
            zone="UTC",
            anchor="2026-03-02",
            begun_at=now,
        )
    )
    await session.flush()
    session.add(
        PairRound(
            id=group_id,
            **here,
            pairing_id=group_id,
            local_moment="2026-03-02T10:00",
            at=now,
            closes_at=now + timedelta(days=7),
        )
    )
    await session.flush()
    session.add(Pair(id=group_id, **here, round_id=group_id, question=1))
    session.add(
        Gathering(
            id=group_id,
            **here,
            group_id=group_id,
            title="Lake walk",
            zone="UTC",
            first_local="2026-03-06T18:00",
            minutes=120,
            host_id=MARA,
            state="over",
            created_at=now,
            closed_at=now,
        )
    )
    await session.flush()
    session.add(
        GatheringDate(
            id=group_id,
            **here,
            gathering_id=group_id,
            local_moment="2026-03-06T18:00",
            starts_at=now,
            ends_at=now,
            state="over",
            closed_at=now,
        )
    )
    session.add(
        Goal(
            id=group_id,
            **here,
            group_id=group_id,
            title="Walk",
            counts="Outside.",
            first_day="2026-02-01",
            last_day="2026-02-28",
            zone="UTC",
            times=7,
            grace=4,
            starts_at=now,
            half_at=now,
            ends_at=now,
            host_id=MARA,
            state="over",
            created_at=now,
            closed_at=now,
        )
    )
    session.add(
        Cohort(**here, group_id=group_id, starts_on="2026-03-02", starts_at=now, host_id=MARA)
    )
    await session.flush()
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
    session.add(
        Occurrence(id=group_id, ritual_id=group_id, group_id=group_id, local_moment="x", due_at=now)
    )
    words: dict[str, Any] = {"kind": "story", "named": True, "cut": False, "left_there": ""}
    shared: dict[str, Any] = {"group_id": group_id, "channel_id": 5, "shared_at": now}
    session.add_all(
        [
            Bridge(
                id=group_id, **mara, message_id=900 + group_id, said="We walk.", **words, **shared
            ),
            Bridge(
                id=100 + group_id,
                **{**here, "user_id": JO},
                message_id=950 + group_id,
                said="We sing.",
                **words,
                **shared,
            ),
        ]
    )
    session.add(Pulse(id=group_id, **here, group_id=group_id, started_at=now, closes_at=now))
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
            Facilitator(**in_group, state="active", since=now, letters_by_dm=True),
            Reminder(ritual_id=group_id, user_id=MARA),
            RitualHost(ritual_id=group_id, user_id=MARA, position=1, state="hosts", since=now),
            RitualSwap(ritual_id=group_id, host_id=JO, user_id=MARA, at=now),
            ActiveDay(**in_group, day="2026-03-02", signals=3),
            RitualPart(occurrence_id=group_id, **mara),
            RitualChoice(ritual_id=group_id, moment="x", **mara, choice="in"),
            PulsePart(pulse_id=group_id, user_id=MARA),
            PulseNo(**in_group),
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
            GuestComing(evening_id=group_id, user_id=MARA),
            GroupAskAnswer(ask_id=group_id, user_id=MARA, named=True, text="Rye.", at=now),
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
            PairWish(**mara, pairing_id=group_id, since=now),
            PairSeat(**mara, pair_id=group_id),
            GatheringAnswer(date_id=group_id, user_id=MARA, answer="yes", at=now),
            GoalPart(goal_id=group_id, user_id=MARA, since=now, first_day="2026-02-01"),
            GoalMark(goal_id=group_id, user_id=MARA, day="2026-02-02", at=now),
            GoalBreak(goal_id=group_id, user_id=MARA, from_day="2026-02-03"),
            GoalPartner(**mara, goal_id=group_id, other_id=JO, state="yes", at=now),
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
            BridgeThanks(bridge_id=100 + group_id, user_id=MARA),
            BridgeAsk(**in_group, by_user_id=JO, channel_id=5, message_id=7, at=now),
            NeighbourhoodHost(**mara, since=now, as_owner=False),
            Edition(**here, host_id=MARA, ready_at=now, state="published", closed_at=now),
            Unanswered(message_id=500 + group_id, **in_group, channel_id=5, at=now),
            FailedEffect(**here, subject=f"member:{MARA}", action="role", why="no", at=now),
        ]
    )
    await session.flush()
    owed: tuple[tuple[str, outbox.Place, int], ...] = (
        ("letter:1", "dm", MARA),
        ("line", "commons", LENA),
    )
    for key, place, user_id in owed:
        await outbox.owe(
            session,
            server_id=server_id,
            kind="letter" if place == "dm" else "test",
            key=key,
            place=place,
            group_id=group_id,
            user_id=user_id,
            message=Message((Line("x", {"user": MARA}),), (Button("x", "x"),)),
            now=now,
        )

"""What there is to press on: rows as they stand when a button that leads to them was given out.

A scene is set on top of the founded harbour and taken away with it. `every_day` holds in all of
them; the others are what cannot all be at once.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import ask_cards
from bot.rules.actor import Actor
from bot.services import room_words
from bot.services.desired import ADOPTED
from models import (
    Apart,
    Appeal,
    Bar,
    Bridge,
    BridgeAsk,
    Bud,
    BudGuest,
    Care,
    Circle,
    CircleMember,
    Cohort,
    CohortStage,
    Concern,
    Draft,
    Edition,
    EntryRequest,
    Facilitator,
    FacilitatorNote,
    Gathering,
    GatheringAnswer,
    GatheringDate,
    Goal,
    GoalBreak,
    GoalMark,
    GoalPart,
    GoalPartner,
    Group,
    GroupAnswer,
    GroupAsk,
    GroupAskAnswer,
    GroupRest,
    GroupSilence,
    GuestEvening,
    Introduction,
    Invitation,
    Letter,
    LetterName,
    Lineage,
    Member,
    MemberAnswer,
    MemberChoice,
    Membership,
    Merge,
    MissedOffer,
    NeighbourhoodHost,
    Occurrence,
    Pair,
    Pairing,
    PairRound,
    PairSeat,
    PairWish,
    Portrait,
    Prepared,
    PreparedChild,
    Pulse,
    PulseLine,
    Question,
    QuestionChoice,
    QuietEpisode,
    Removal,
    Ritual,
    RitualChange,
    RitualHost,
    RitualPrompt,
    RitualSwap,
    Server,
    SetupDraft,
    SetupGroup,
    SilentSeat,
    Split,
    SplitChange,
    SplitChild,
    SplitProposal,
    SplitSeat,
    Undertaking,
    UndertakingStep,
    Visit,
    Waiting,
    Welcome,
)
from tests.rights.harbour import LANTERNGLOW, LIVE_HERE, MILLPOND, RIVERSIDE, Harbour

Scene = Callable[[AsyncSession, Harbour], Awaitable[None]]
WEEK = timedelta(days=7)


class Setting:
    """A scene being set: adds rows and keeps their ids under the names that the table uses."""

    def __init__(self, session: AsyncSession, harbour: Harbour) -> None:
        self.session = session
        self.now = harbour.hearth.app.client.clock.now()
        self.server_id = harbour.hearth.server.id
        self.here: dict[str, Any] = {"server_id": self.server_id}
        self.there: dict[str, Any] = {**self.here, "group_id": RIVERSIDE}
        self.ids = harbour.ids

    def who(self, name: str) -> int:
        """Return somebody's id."""
        return int(self.ids[name])

    def id_of(self, name: str) -> int:
        """Return the id of a row that was added under a name."""
        return int(self.ids[name])

    async def add(self, *rows: Any, **named: Any) -> None:
        """Write rows; the ids of the named ones can be pressed on."""
        self.session.add_all([*rows, *named.values()])
        await self.session.flush()
        for name, row in named.items():
            self.ids[name] = row.id


async def every_day(session: AsyncSession, harbour: Harbour) -> None:
    """Write down what can stand beside anything else."""
    at = Setting(session, harbour)
    now, here, there, ada = at.now, at.here, at.there, at.who("ada")
    lena, kim, nia, mara = at.who("lena"), at.who("kim"), at.who("nia"), at.who("mara")
    await at.add(
        ritual=Ritual(
            **there, title="Campfire", cadence="weekly", weekday=4, zone="UTC", anchor="2026-03-02"
        ),
        letter=Letter(**there, facilitator_id=lena, written_at=now, opened_at=now),
        episode=QuietEpisode(
            **there, user_id=kim, silent_since=now - 3 * WEEK, began_at=now - WEEK, told_at=now
        ),
        words=Concern(
            **there, user_id=ada, for_whom="facilitators", said="Too loud.", at=now, last_at=now
        ),
        mods_words=Concern(
            **here, user_id=ada, for_whom="moderators", said="Help.", at=now, last_at=now
        ),
        removal=Removal(
            **{**here, "group_id": MILLPOND},
            user_id=ada,
            by_user_id=at.who("mo"),
            kind="visit-ended",
            reason="Enough.",
            at=now,
        ),
        appealed=Removal(
            **{**here, "group_id": MILLPOND},
            user_id=nia,
            by_user_id=at.who("mo"),
            kind="removed",
            reason="Enough.",
            at=now,
            shut=True,
        ),
        request=EntryRequest(**there, user_id=nia, kind="join", asked_at=now),
        mine=EntryRequest(
            **{**here, "group_id": MILLPOND}, user_id=ada, kind="visit", asked_at=now
        ),
        question=Question(**here, name="own-1", text="Tea or coffee?"),
        circle=Circle(
            **here,
            state="offered",
            size=7,
            found_at=now,
            by_user_id=at.who("owner"),
            type_id=1,
            charter=json.dumps(
                {
                    "name": "Weir",
                    "emoji": "🌉",
                    "purpose": "Bridges over the river, and who built them.",
                }
            ),
            offered_at=now,
            ends_at=now + WEEK,
        ),
        found=Circle(**here, state="found", size=7, found_at=now),
        note=FacilitatorNote(**there, by_user_id=lena, said="Mondays are slow.", at=now),
    )
    ritual, question = int(harbour.ids["ritual"]), int(harbour.ids["question"])
    await _bridges(at, harbour)
    await at.add(
        RitualPrompt(ritual_id=ritual, position=0, prompt="Which path?"),
        LetterName(letter_id=int(harbour.ids["letter"]), episode_id=int(harbour.ids["episode"])),
        CircleMember(circle_id=int(harbour.ids["circle"]), user_id=ada),
        *(
            CircleMember(circle_id=int(harbour.ids["found"]), user_id=at.who(name.lower()))
            for name in LIVE_HERE[4:]
        ),
        *(
            Care(**there, user_id=mara, week=week, welcomed=3)
            for week in ("2026-02-16", "2026-02-23")
        ),
        Introduction(**there, user_id=kim, said="I knit.", at=now),
        Invitation(
            **{**here, "group_id": MILLPOND}, user_id=ada, by_user_id=at.who("omar"), at=now
        ),
        Facilitator(**there, user_id=ada, state="asked", since=now),
        SilentSeat(**there, user_id=ada, told_at=now),
        MissedOffer(**{**here, "group_id": MILLPOND}, user_id=ada, at=now),
        GroupSilence(**there, since=now, usual=40, owners_asked_at=now),
        Welcome(**there, user_id=mara, at=now),
        Draft(
            **here,
            user_id=ada,
            form="concern:0",
            content=json.dumps({"said": "Hm.", "link": "", "reach": "moderators:0::0"}),
            at=now,
        ),
        Draft(
            **here,
            user_id=at.who("owner"),
            form="group",
            content=json.dumps(
                {
                    "name": "Cairn",
                    "type": "1",
                    "purpose": "Stones along the coast, and what they tell.",
                    "emoji": "🪨",
                }
            ),
            at=now,
        ),
        occurrence=Occurrence(
            ritual_id=ritual,
            group_id=RIVERSIDE,
            local_moment="2026-03-02T11:00",
            due_at=now - timedelta(hours=1),
            state="posted",
            message_id=harbour.here.message.id,
        ),
        appeal=Appeal(
            **here, removal_id=int(harbour.ids["appealed"]), user_id=nia, said="Why?", at=now
        ),
        tea=QuestionChoice(question_id=question, label="Tea"),
        coffee=QuestionChoice(question_id=question, place=1, label="Coffee"),
        visit=Visit(
            **{**here, "group_id": MILLPOND}, user_id=ada, started_at=now, ends_at=now + WEEK
        ),
        guest=Visit(**there, user_id=at.who("ivo"), started_at=now, ends_at=now + WEEK),
    )
    looks_after = Actor(at.server_id, lena)
    card = await room_words.starter(session, looks_after, RIVERSIDE, 0, now)
    posts = next(b for b in card.buttons if b.press.startswith("room-starter-post:"))
    harbour.ids["starter"] = posts.press.split(":")[2]
    await session.execute(
        update(Member)
        .where(Member.user_id.in_([at.who(name.lower()) for name in LIVE_HERE[4:]]))
        .values(suggested_since=now - WEEK)
    )
    await session.execute(
        update(Group).where(Group.id.in_([RIVERSIDE, MILLPOND])).values(visitors=Group.visitors + 1)
    )


async def _bridges(at: Setting, harbour: Harbour) -> None:
    """Ada shared two things and was asked for a third; the owner is to publish one of them."""
    here, now = at.here, at.now
    shared: dict[str, Any] = {
        **at.there,
        "user_id": at.who("ada"),
        "channel_id": int(harbour.ids["room"]),
        "kind": "story",
        "named": True,
        "cut": False,
        "left_there": "",
        "shared_at": now,
        "checked_at": now,
    }
    await at.add(
        *(
            NeighbourhoodHost(**here, user_id=at.who(name), since=now, as_owner=name == "owner")
            for name in ("owner", "omar")
        ),
        edition=Edition(**here, host_id=at.who("owner"), ready_at=now),
        bridge_ask=BridgeAsk(
            **at.there,
            user_id=at.who("ada"),
            channel_id=int(harbour.ids["room"]),
            message_id=9003,
            at=now,
        ),
    )
    await at.add(
        bridge=Bridge(
            **shared, message_id=9001, said="We walk.", edition_id=int(harbour.ids["edition"])
        ),
        bridge_up=Bridge(
            **shared,
            message_id=9002,
            said="",
            state="published",
            published_at=now,
            post_channel_id=int(harbour.ids["commons"]),
            post_message_id=9004,
        ),
    )
    # Buttons name the messages.
    harbour.ids["shared"], harbour.ids["shared_up"] = 9001, 9002


async def kept(session: AsyncSession, harbour: Harbour) -> None:
    """Ada left Riverside, and her seat is kept; one in Millpond is offered to her."""
    at = Setting(session, harbour)
    home = await session.get_one(Membership, (at.server_id, at.who("ada")))
    home.state, home.seat_until = "kept", at.now + WEEK
    await at.add(
        Waiting(
            **{**at.here, "group_id": MILLPOND},
            user_id=at.who("ada"),
            since=at.now,
            offered_at=at.now,
            offer_ends_at=at.now + WEEK,
        )
    )
    (await session.get_one(Group, MILLPOND)).offered = 1


async def held(session: AsyncSession, harbour: Harbour) -> None:
    """Somebody took the role of Kim's home."""
    at = Setting(session, harbour)
    (await session.get_one(Membership, (at.server_id, at.who("kim")))).state = "held"


async def freed(session: AsyncSession, harbour: Harbour) -> None:
    """Ada was silent for so long that her seat went to others."""
    at = Setting(session, harbour)
    ada = at.who("ada")
    await session.delete(await session.get_one(Membership, (at.server_id, ada)))
    (await session.get_one(SilentSeat, (at.server_id, ada))).freed_at = at.now
    (await session.get_one(Group, RIVERSIDE)).homes -= 1


async def full(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has no seat left; Ada waits for one in Millpond."""
    at = Setting(session, harbour)
    group = await session.get_one(Group, RIVERSIDE)
    group.cap = group.homes
    await at.add(Waiting(**{**at.here, "group_id": MILLPOND}, user_id=at.who("ada"), since=at.now))


async def cared(session: AsyncSession, harbour: Harbour) -> None:
    """Ada and Ben offered to look after Riverside, which looks for somebody."""
    at = Setting(session, harbour)
    office = await session.get_one(Facilitator, (RIVERSIDE, at.who("ada")))
    office.state = "offered"
    await at.add(Facilitator(**at.there, user_id=at.who("ben"), state="offered", since=at.now))
    (await session.get_one(Group, RIVERSIDE)).seeks_facilitator_since = at.now


async def absent(session: AsyncSession, harbour: Harbour) -> None:
    """Kim looks after Riverside, too, and has not been heard of for long."""
    at = Setting(session, harbour)
    await at.add(
        Facilitator(
            **at.there,
            user_id=at.who("kim"),
            state="active",
            since=at.now - 20 * WEEK,
            absence_asked_at=at.now,
            absence_asked_of="facilitators",
        )
    )
    kim = await session.get_one(Member, (at.server_id, at.who("kim")))
    kim.away_from, kim.away_until = at.now - 8 * WEEK, at.now + 8 * WEEK


async def adopted(session: AsyncSession, harbour: Harbour) -> None:
    """Ada had the roles of two groups before Hearth came; one of them was made her home."""
    at = Setting(session, harbour)
    visit = await session.get_one(Visit, int(harbour.ids["visit"]))
    visit.origin, visit.ends_at = ADOPTED, at.now + 500 * WEEK
    (await session.get_one(Member, (at.server_id, at.who("ada")))).counted_since = None


async def away(session: AsyncSession, harbour: Harbour) -> None:
    """Ada is away, is not counted, and is suggested groups."""
    at = Setting(session, harbour)
    ada = await session.get_one(Member, (at.server_id, at.who("ada")))
    ada.away_from, ada.opted_out_at, ada.counted_since = at.now, at.now, None
    ada.suggested_since = at.now


async def ending(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has a last day."""
    at = Setting(session, harbour)
    (await session.get_one(Group, RIVERSIDE)).closes_at = at.now + WEEK


async def locked(session: AsyncSession, harbour: Harbour) -> None:
    """Moderators locked Riverside's room, barred Nia, and keep Nia and Zed apart."""
    at = Setting(session, harbour)
    (await session.get_one(Group, RIVERSIDE)).locked_at = at.now
    low, high = sorted((at.who("nia"), at.who("zed")))
    await at.add(
        Bar(**at.here, user_id=at.who("nia"), group_id=0, by_user_id=at.who("mo"), at=at.now)
    )
    await at.add(Apart(**at.here, low_id=low, high_id=high, by_user_id=at.who("mo"), at=at.now))
    harbour.ids["low"], harbour.ids["high"] = low, high


async def budding(session: AsyncSession, harbour: Harbour) -> None:
    """Ada is asked whether she would begin a group."""
    at = Setting(session, harbour)
    await at.add(
        bud=Bud(
            **at.there, user_id=at.who("ada"), state="asked", asked_at=at.now, until=at.now + WEEK
        )
    )


async def gathering(session: AsyncSession, harbour: Harbour) -> None:
    """Ada begins a group, and has asked four people, of whom four said yes."""
    at = Setting(session, harbour)
    await at.add(
        bud=Bud(
            **at.there,
            user_id=at.who("ada"),
            state="gathering",
            asked_at=at.now,
            until=at.now + WEEK,
            name="Weir",
            emoji="🌉",
            purpose="Bridges over the river, and who built them.",
        )
    )
    for name in ("kim", "ben", "lena", "una", "finn", "gus"):
        await at.add(
            BudGuest(
                bud_id=int(harbour.ids["bud"]),
                user_id=at.who(name),
                answer="yes",
                asked_at=at.now,
            )
        )


async def guested(session: AsyncSession, harbour: Harbour) -> None:
    """Kim begins a group, and has asked Ada along."""
    at = Setting(session, harbour)
    await at.add(
        bud=Bud(
            **at.there,
            user_id=at.who("kim"),
            state="gathering",
            asked_at=at.now,
            until=at.now + WEEK,
            name="Weir",
            emoji="🌉",
            purpose="Bridges over the river, and who built them.",
        )
    )
    await at.add(BudGuest(bud_id=int(harbour.ids["bud"]), user_id=at.who("ada"), asked_at=at.now))


async def _split(at: Setting, harbour: Harbour, **state: Any) -> int:
    await at.add(
        split=Split(
            **at.there,
            planned_at=at.now,
            looked_at=at.now,
            mean_share=0.9,
            kept_weight=0.9,
            stranded=0,
            **state,
        )
    )
    split_id = int(harbour.ids["split"])
    homes = await at.session.scalars(
        select(Membership.user_id)
        .where(Membership.group_id == RIVERSIDE)
        .order_by(Membership.user_id)
    )
    await at.add(
        SplitProposal(split_id=split_id),
        SplitChild(split_id=split_id, index=0, name="Riverside", emoji="🌊"),
        SplitChild(split_id=split_id, index=1, name="Weir", emoji="🌉"),
        *(
            SplitSeat(split_id=split_id, user_id=user, child=number % 2, planned=number % 2)
            for number, user in enumerate(homes)
        ),
    )
    group = await at.session.get_one(Group, RIVERSIDE)
    group.cap = group.homes
    return split_id


async def planned(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside is full, and there is a plan of two groups."""
    await _split(Setting(session, harbour), harbour)


async def told(session: AsyncSession, harbour: Harbour) -> None:
    """The members of Riverside were told; Ada was moved by hand."""
    at = Setting(session, harbour)
    split_id = await _split(
        at, harbour, state="told", told_at=at.now, runs_at=at.now + timedelta(days=2)
    )
    seat = await session.get_one(SplitSeat, (split_id, at.who("ada")))
    await at.add(
        SplitChange(
            split_id=split_id,
            user_id=at.who("ada"),
            was=1 - seat.child,
            child=seat.child,
            at=at.now,
            told_at=at.now,
        )
    )


async def parted(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside became two lately: Millpond came out of it."""
    at = Setting(session, harbour)
    split_id = await _split(
        at, harbour, state="done", told_at=at.now, moved_at=at.now, closed_at=at.now
    )
    child = await session.get_one(SplitChild, (split_id, 1))
    child.group_id = MILLPOND
    (await session.get_one(SplitChild, (split_id, 0))).group_id = RIVERSIDE
    (await session.get_one(Group, RIVERSIDE)).cap = 150
    for name in ("ivo", "vera"):
        await at.add(SplitSeat(split_id=split_id, user_id=at.who(name), child=1, planned=1))
    await at.add(
        Lineage(child_id=MILLPOND, parent_id=RIVERSIDE, split_id=split_id, at=at.now),
    )


async def joining(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside would move in with Millpond; neither side has said yes."""
    at = Setting(session, harbour)
    await at.add(merge=Merge(**at.there, into_id=MILLPOND, planned_at=at.now))


async def joined(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside moves in with Millpond in two days; everybody knows."""
    at = Setting(session, harbour)
    await at.add(
        merge=Merge(
            **at.there,
            into_id=MILLPOND,
            state="told",
            planned_at=at.now,
            group_agreed_at=at.now,
            into_agreed_at=at.now,
            told_at=at.now,
            runs_at=at.now + timedelta(days=2),
        )
    )


async def preparing(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside is nearly full, and what it would become is looked at."""
    at = Setting(session, harbour)
    group = await session.get_one(Group, RIVERSIDE)
    group.cap = group.homes + 1
    await at.add(Prepared(**at.there, looked_at=at.now, mean_share=1, kept_weight=1, stranded=0))
    await at.add(
        PreparedChild(group_id=RIVERSIDE, index=0, name="Riverside", emoji="🌊", size=9),
        PreparedChild(group_id=RIVERSIDE, index=1, name="Weir", emoji="🌉", size=9),
    )


async def setting_up(session: AsyncSession, harbour: Harbour) -> None:
    """An owner is at the setup again, and plans a group."""
    at = Setting(session, harbour)
    await at.add(SetupDraft(**at.here, step="groups", at=at.now))
    fields = {
        "name": "Weir",
        "emoji": "🌉",
        "purpose": "Bridges over the river, and who built them.",
        "norms": "Be kind.\nListen.\nShare the path.",
    }
    await at.add(plan=SetupGroup(**at.here, kind="interest", fields=json.dumps(fields)))


async def at_work(session: AsyncSession, harbour: Harbour) -> None:
    """What an owner set off is being done, and one step of it is stuck."""
    at = Setting(session, harbour)
    await at.add(
        work=Undertaking(**at.here, kind="setup", by_user_id=at.who("owner"), begun_at=at.now)
    )
    await at.add(
        UndertakingStep(
            undertaking_id=int(harbour.ids["work"]),
            number=0,
            **at.here,
            what="setup-panel",
            state="stuck",
            trouble=json.dumps(["errors.not_set_up", {}]),
        )
    )


async def braked(session: AsyncSession, harbour: Harbour) -> None:
    """Nobody may move in for an hour."""
    at = Setting(session, harbour)
    server = await session.get_one(Server, at.server_id)
    server.braked_until = at.now + timedelta(hours=1)


async def hidden(session: AsyncSession, harbour: Harbour) -> None:
    """What Ada answered fits a group that is not listed, and she wants to hear of such."""
    at = Setting(session, harbour)
    await at.add(asked=Question(**at.here, kind="identity", name="own-2", text="Lamps?"))
    question = int(harbour.ids["asked"])
    await at.add(lamps=QuestionChoice(question_id=question, label="Yes"))
    mine: dict[str, Any] = {**at.here, "user_id": at.who("ada")}
    await at.add(
        GroupAnswer(group_id=LANTERNGLOW, choice_id=int(harbour.ids["lamps"])),
        MemberAnswer(**mine, question_id=question, answered_at=at.now, unlisted=True),
        MemberChoice(**mine, choice_id=int(harbour.ids["lamps"])),
    )
    await session.execute(delete(Portrait))


async def asked(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside is asked how it is to live there."""
    at = Setting(session, harbour)
    await at.add(pulse=Pulse(**at.there, started_at=at.now, closes_at=at.now + WEEK))


async def paired(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has pairs, and Ada and Mara are one; Millpond was asked to take part."""
    await _paired(Setting(session, harbour), sibling_id=MILLPOND, sibling_state="asked")


async def paired_alone(session: AsyncSession, harbour: Harbour) -> None:
    """The same; nobody was asked, and Millpond came out of Riverside."""
    at = Setting(session, harbour)
    await _paired(at)
    await at.add(Lineage(child_id=MILLPOND, parent_id=RIVERSIDE, at=at.now))


async def rested(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's pairs rest, and nobody hosts them; Ada and Mara rest, too."""
    at = Setting(session, harbour)
    resting = {"state": "paused", "why": "host", "host_id": None, "next_due_at": None}
    await _paired(at, **resting)
    await session.execute(update(PairWish).values(rests_since=at.now, rests_why="missed"))


async def wondering(session: AsyncSession, harbour: Harbour) -> None:
    """Ada has written down what Riverside would ask Millpond, and has not sent it yet."""
    at = Setting(session, harbour)
    words = json.dumps({"question": "Which shoes survive a winter of mud?"})
    form = f"ask-group-words:{RIVERSIDE}"
    await at.add(Draft(**at.here, user_id=at.who("ada"), form=form, content=words, at=at.now))


async def neighbourly(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has Millpond over and is asked over; it asked Millpond, and is asked twice.

    Ada has answered the one of the questions that was put to Riverside, Mara has written down hers.
    """
    at = Setting(session, harbour)
    evening: dict[str, Any] = {
        **at.here,
        "by_door": False,
        "opens_at": at.now + timedelta(days=1),
        "ends_at": at.now + timedelta(days=1, hours=3),
        "asked_at": at.now,
    }
    asked: dict[str, Any] = {
        **at.here,
        "named": False,
        "text": "Which shoes survive a winter of mud?",
        "asked_at": at.now,
        "ends_at": at.now + WEEK,
    }
    put = {"put_at": at.now, "user_id": at.who("lou")}
    await at.add(
        evening=GuestEvening(
            **evening, group_id=RIVERSIDE, guest_group_id=MILLPOND, agreed_at=at.now
        ),
        evening_asked=GuestEvening(
            **evening, group_id=MILLPOND, guest_group_id=RIVERSIDE, host_id=at.who("omar")
        ),
        ask_own=GroupAsk(**asked, group_id=RIVERSIDE, to_group_id=MILLPOND, user_id=at.who("ada")),
        ask_offered=GroupAsk(
            **asked, group_id=MILLPOND, to_group_id=RIVERSIDE, user_id=at.who("omar")
        ),
        ask_put=GroupAsk(**asked, **put, group_id=LANTERNGLOW, to_group_id=RIVERSIDE),
    )
    ask_id, words = at.id_of("ask_put"), json.dumps({"answer": "Old ones."})
    await at.add(
        Draft(
            **at.here,
            user_id=at.who("mara"),
            form=f"ask-group-said:{ask_id}",
            content=words,
            at=at.now,
        ),
        ask_answer=GroupAskAnswer(
            ask_id=ask_id, user_id=at.who("ada"), named=True, text="Two pairs.", at=at.now
        ),
    )
    harbour.ids["ask_seen"] = ask_cards.seen("Old ones.")
    harbour.ids["ask_answered"] = str(int(at.now.timestamp() * 1000))


async def _paired(at: Setting, **more: Any) -> None:
    """Write Riverside's pairs, and Ada and Mara as one of them."""
    row: dict[str, Any] = {
        **at.there,
        "host_id": at.who("lena"),
        "cadence": "weekly",
        "weekday": 0,
        "hour": 10,
        "minute": 0,
        "zone": "UTC",
        "anchor": "2026-03-02",
        "next_due_at": at.now + WEEK,
        "begun_at": at.now,
    }
    await at.add(pairing=Pairing(**{**row, **more}))
    pairing_id = at.id_of("pairing")
    await at.add(
        pair_round=PairRound(
            **at.here,
            pairing_id=pairing_id,
            local_moment="2026-03-02T10:00",
            at=at.now,
            closes_at=at.now + WEEK,
        )
    )
    await at.add(
        pair=Pair(**at.there, round_id=at.id_of("pair_round"), question=0, message_id=9100)
    )
    for name in ("ada", "mara"):
        await at.add(
            PairWish(**at.here, pairing_id=pairing_id, user_id=at.who(name), since=at.now),
            PairSeat(**at.here, pair_id=at.id_of("pair"), user_id=at.who(name)),
        )


async def heard(session: AsyncSession, harbour: Harbour) -> None:
    """Six answered how it is to live in Riverside, and their lines wait to be read first."""
    at = Setting(session, harbour)
    await at.add(
        pulse=Pulse(
            **at.there,
            state="shown",
            started_at=at.now - WEEK,
            closes_at=at.now,
            closed_at=at.now,
            told_at=at.now,
            people=6,
            lines=2,
        )
    )
    pulse_id = int(harbour.ids["pulse"])
    await at.add(
        PulseLine(key="a" * 32, pulse_id=pulse_id, said="More walks, please.", ticked=True),
        PulseLine(key="b" * 32, pulse_id=pulse_id, said="I like it here."),
    )
    harbour.ids["line"] = "a" * 32


async def circling(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's ritual is a circle for newcomers, and comes in three days."""
    ritual = await session.get_one(Ritual, int(harbour.ids["ritual"]))
    ritual.kind, ritual.state = "newcomers", "running"
    ritual.next_due_at = Setting(session, harbour).now + timedelta(days=3)


async def hosted(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's ritual is hosted by Lena, Ada and Mara in turn.

    It comes in three days; a moment before was left out, the group rests soon, and a change is
    suggested.
    """
    at = Setting(session, harbour)
    number = int(harbour.ids["ritual"])
    ritual = await session.get_one(Ritual, number)
    place = at.now + timedelta(days=3)
    lena, ada, mara = at.who("lena"), at.who("ada"), at.who("mara")
    ritual.state, ritual.host_id, ritual.next_due_at = "running", lena, place
    harbour.ids["place_at"] = int(place.timestamp())
    await at.add(
        *(
            RitualHost(ritual_id=number, user_id=who, position=at_, state="hosts", since=at.now)
            for at_, who in enumerate((lena, ada, mara))
        ),
        Occurrence(
            ritual_id=number,
            group_id=ritual.group_id,
            local_moment="left out",
            due_at=at.now + timedelta(days=1),
            state="rests",
        ),
        rest=GroupRest(**at.there, first="2027-07-01", last="2027-07-02", why="summer"),
        change=RitualChange(
            **at.there, ritual_id=number, what="fewer", to="fortnightly", at=at.now
        ),
    )


async def swapping(session: AsyncSession, harbour: Harbour) -> None:
    """The same, and Lena asked both others to swap."""
    await hosted(session, harbour)
    at = Setting(session, harbour)
    number, lena = int(harbour.ids["ritual"]), at.who("lena")
    for name in ("ada", "mara"):
        swap = RitualSwap(ritual_id=number, host_id=at.who(name), user_id=lena, at=at.now)
        await at.add(swap)


async def wanted_to_host(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's ritual is hosted by Lena; Ada and Mara were asked to take turns."""
    await hosted(session, harbour)
    await session.execute(update(RitualHost).where(RitualHost.position > 0).values(state="asked"))


async def alone(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's ritual rests, because nobody hosts it any more."""
    await hosted(session, harbour)
    await session.execute(delete(RitualHost))
    ritual = await session.get_one(Ritual, int(harbour.ids["ritual"]))
    ritual.state, ritual.host_id, ritual.next_due_at = "paused", None, None
    ritual.hostless_at = Setting(session, harbour).now


async def drafted(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has a challenge that nobody has begun yet."""
    await _challenge(Setting(session, harbour), state="draft", host_id=None)


async def set_out(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has a challenge that nobody takes part in yet."""
    await _challenge(Setting(session, harbour))


async def challenged(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside has a challenge in which Ada, Mara and Lena checked in; Mara asked Ada."""
    at = Setting(session, harbour)
    await _challenge(at, message_id=9300, thread_id=9300)
    goal = at.id_of("goal")
    today = at.now.date().isoformat()
    for name in ("ada", "mara", "lena"):
        user = at.who(name)
        await at.add(
            GoalPart(goal_id=goal, user_id=user, since=at.now, first_day=today),
            GoalMark(goal_id=goal, user_id=user, day=today, at=at.now),
            Draft(
                **at.here,
                user_id=user,
                form=f"goal-word:{goal}",
                content='{"said": "Rain."}',
                at=at.now,
            ),
        )
    ada, mara, lena = at.who("ada"), at.who("mara"), at.who("lena")
    for user, other, state in ((mara, ada, "asked"), (ada, lena, "yes"), (lena, ada, "yes")):
        await at.add(
            GoalPartner(
                **at.here, goal_id=goal, user_id=user, other_id=other, state=state, at=at.now
            )
        )


async def worded(session: AsyncSession, harbour: Harbour) -> None:
    """In Riverside's challenge Ada shared a word, and takes a break; Mara lives there, too."""
    await challenged(session, harbour)
    at = Setting(session, harbour)
    mark = await session.get_one(
        GoalMark, (at.id_of("goal"), at.who("ada"), at.now.date().isoformat())
    )
    mark.channel_id, mark.message_id = int(harbour.ids["room"]), 9200
    await at.add(
        GoalBreak(
            goal_id=at.id_of("goal"),
            user_id=at.who("ada"),
            from_day=(at.now - timedelta(days=1)).date().isoformat(),
        )
    )


async def not_checked(session: AsyncSession, harbour: Harbour) -> None:
    """In Riverside's challenge nobody has checked in."""
    await challenged(session, harbour)
    await session.execute(delete(GoalMark))


async def completed(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside's challenge is over."""
    at = Setting(session, harbour)
    await _challenge(at, state="over", closed_at=at.now, joined=12, completed=7)


async def cohorted(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside began together and has a last day."""
    at = Setting(session, harbour)
    await ending(session, harbour)
    starts = at.now - WEEK
    await at.add(
        Cohort(**at.there, starts_on=starts.date().isoformat(), starts_at=starts, told_at=starts),
        CohortStage(
            **at.there,
            title="First drafts",
            day=(at.now + timedelta(days=2)).date().isoformat(),
            due_at=at.now + timedelta(days=2),
        ),
    )


async def _challenge(at: Setting, **more: Any) -> None:
    """Write Riverside's challenge, which Lena hosts."""
    first, last = at.now - WEEK, at.now + 2 * WEEK
    row: dict[str, Any] = {
        **at.there,
        "title": "Walk",
        "counts": "Outside.",
        "first_day": first.date().isoformat(),
        "last_day": last.date().isoformat(),
        "zone": "UTC",
        "times": 7,
        "grace": 3,
        "starts_at": first,
        "half_at": at.now + timedelta(days=3),
        "ends_at": last,
        "host_id": at.who("lena"),
        "state": "running",
        "created_at": first,
        "begun_at": first,
    }
    await at.add(goal=Goal(**{**row, **more}))


async def gathered(session: AsyncSession, harbour: Harbour) -> None:
    """Riverside walks round the lake each week; Ada hosts it and comes."""
    await _walk(Setting(session, harbour))


async def gathering_now(session: AsyncSession, harbour: Harbour) -> None:
    """The walk has just begun."""
    at = Setting(session, harbour)
    await _walk(at, starts=at.now - timedelta(minutes=10))


async def gathering_full(session: AsyncSession, harbour: Harbour) -> None:
    """Two can come to the walk, two do, and Ada waits for a seat."""
    at = Setting(session, harbour)
    await _walk(at, most=2)
    date_id = int(harbour.ids["date"])
    await session.execute(
        update(GatheringAnswer).where(GatheringAnswer.date_id == date_id).values(answer="waits")
    )
    await at.add(
        *(
            GatheringAnswer(date_id=date_id, user_id=at.who(name), answer="yes", at=at.now)
            for name in ("mara", "lena")
        )
    )


async def gathering_proposed(session: AsyncSession, harbour: Harbour) -> None:
    """Ada proposes a walk."""
    await _walk(Setting(session, harbour), state="proposed")


async def gathering_hostless(session: AsyncSession, harbour: Harbour) -> None:
    """Nobody hosts the walk any more."""
    at = Setting(session, harbour)
    await _walk(at, host_id=None, host_asked_at=at.now)


async def gathering_rests(session: AsyncSession, harbour: Harbour) -> None:
    """Nobody but its host came to the walk twice."""
    await _walk(Setting(session, harbour), state="paused", quiet=2)


async def gathering_left_out(session: AsyncSession, harbour: Harbour) -> None:
    """One date of the walk is left out."""
    at = Setting(session, harbour)
    await _walk(at)
    await session.execute(
        update(GatheringDate)
        .where(GatheringDate.id == int(harbour.ids["date"]))
        .values(state="left_out", closed_at=at.now)
    )


async def _walk(at: Setting, *, starts: datetime | None = None, **columns: Any) -> None:
    """Write a weekly walk down, with its next date."""
    when = starts or at.now + timedelta(days=3)
    first = when.replace(tzinfo=None, second=0, microsecond=0)
    at.ids["moment"] = first.strftime("%Y-%m-%dT%H.%M")
    at.ids["plain_moment"] = first.strftime("%Y-%m-%dT%H:%M")
    day = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    settings: dict[str, Any] = {
        "state": "running",
        "host_id": at.who("ada"),
        "rule": f"FREQ=WEEKLY;BYDAY={day}",
        **columns,
    }
    await at.add(
        walk=Gathering(
            **at.there,
            title="Lake walk",
            place="link",
            spot="https://example.org/walk",
            zone="UTC",
            first_local=at.ids["plain_moment"],
            minutes=120,
            created_at=at.now,
            **settings,
        )
    )
    planned = settings["state"] in {"proposed", "paused"}
    await at.add(
        date=GatheringDate(
            **at.here,
            gathering_id=int(at.ids["walk"]),
            local_moment=at.ids["plain_moment"],
            starts_at=when,
            ends_at=when + timedelta(hours=2),
            state="planned" if planned else "open",
        )
    )
    await at.add(
        GatheringAnswer(date_id=int(at.ids["date"]), user_id=at.who("ada"), answer="yes", at=at.now)
    )


SCENES: dict[str, Scene] = {
    one.__name__: one
    for one in (
        every_day,
        kept,
        held,
        freed,
        full,
        cared,
        gathered,
        gathering_full,
        gathering_hostless,
        gathering_left_out,
        gathering_now,
        gathering_proposed,
        gathering_rests,
        absent,
        adopted,
        away,
        ending,
        locked,
        budding,
        gathering,
        guested,
        planned,
        told,
        parted,
        joining,
        joined,
        preparing,
        setting_up,
        at_work,
        braked,
        hidden,
        asked,
        paired,
        paired_alone,
        rested,
        wondering,
        neighbourly,
        heard,
        circling,
        hosted,
        swapping,
        wanted_to_host,
        alone,
        drafted,
        set_out,
        challenged,
        worded,
        not_checked,
        completed,
        cohorted,
    )
}


async def set_scene(harbour: Harbour, name: str) -> None:
    """Set a scene on the founded harbour; every day is in all of them."""
    harbour.tables.clear()
    async with harbour.hearth.app.database.writing() as session:
        await every_day(session, harbour)
        if name != "every_day":
            await SCENES[name](session, harbour)
    harbour.tables.keep()

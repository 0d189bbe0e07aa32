"""Everything that could be pressed on is over: what the buttons are about has ended or is gone."""

from typing import Any

from sqlalchemy import delete, update

from models import (
    Apart,
    Bar,
    Base,
    Bud,
    Circle,
    Concern,
    Draft,
    EntryRequest,
    Facilitator,
    Gathering,
    GatheringDate,
    Goal,
    Group,
    GroupAsk,
    GroupAskAnswer,
    GroupSilence,
    GuestEvening,
    Introduction,
    Invitation,
    LogEntry,
    Member,
    Merge,
    MissedOffer,
    Pairing,
    PairRound,
    Portrait,
    Prepared,
    Pulse,
    Question,
    QuietEpisode,
    Removal,
    Ritual,
    SetupDraft,
    SilentSeat,
    Split,
    Undertaking,
    Visit,
    Waiting,
)
from tests.rights.harbour import RIVERSIDE, Harbour

# What is taken away; what hangs on it goes with it.
GONE: tuple[type[Base], ...] = (
    Apart,
    Bar,
    Draft,
    EntryRequest,
    Goal,
    GroupAskAnswer,
    GroupSilence,
    Introduction,
    Invitation,
    MissedOffer,
    Pairing,
    Portrait,
    Prepared,
    Question,
    Ritual,
    SetupDraft,
    SilentSeat,
    Waiting,
)


async def end_all(harbour: Harbour) -> None:
    """End every thing of the scene, and the group itself; people and offices stay."""
    now = harbour.hearth.app.client.clock.now()
    closed: dict[type[Base], dict[str, Any]] = {
        Bud: {"state": "dropped", "closed_at": now},
        Circle: {"state": "over", "closed_at": now},
        Concern: {"state": "closed", "closed_at": now},
        Gathering: {"state": "off", "closed_at": now},
        GatheringDate: {"state": "off", "closed_at": now},
        GroupAsk: {"ending": "over", "closed_at": now, "text": ""},
        GuestEvening: {"ending": "over", "closed_at": now},
        LogEntry: {"undone_at": now},
        Merge: {"state": "dropped", "closed_at": now},
        PairRound: {"closed_at": now},
        Pulse: {"state": "called_off", "closed_at": now, "lines_done_at": now},
        QuietEpisode: {"closed_at": now, "closed_by": "returned"},
        Removal: {"over_at": now, "seen_at": now, "shut": False},
        Split: {"state": "dropped", "closed_at": now},
        Undertaking: {"state": "done", "closed_at": now},
        Visit: {"ended_at": now},
    }
    async with harbour.hearth.app.database.writing() as session:
        for table in GONE:
            await session.execute(delete(table))
        for table, values in closed.items():
            await session.execute(update(table).values(**values))
        await session.execute(delete(Facilitator).where(Facilitator.state != "active"))
        await session.execute(update(Member).values(away_from=None, away_until=None))
        await session.execute(
            update(Group)
            .where(Group.id == RIVERSIDE)
            .values(state="archived", archived_at=now, offered=0, visitors=0)
        )
    harbour.tables.keep()

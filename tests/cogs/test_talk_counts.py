"""From words in a room to the week's figures: what people say is counted, and never kept."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.rules.health import SERVER
from models import HealthFigure, TalkDay
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

TUESDAY = datetime(2026, 4, 7, 18, tzinfo=UTC)  # five weeks after Hearth came
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)


@pytest.fixture
def cogs() -> list[str]:
    """What people need for moving in, looking after a group, and being heard."""
    return ["cogs.owners", "cogs.groups", "cogs.home", "cogs.facilitators", "cogs.signals"]


async def figures(hearth: Running, week: str) -> dict[tuple[int, str], float | None]:
    """Return what was written down of a week, by group and measure."""
    async with hearth.app.database.reading() as session:
        rows = await session.scalars(select(HealthFigure).where(HealthFigure.week == week))
        return {(row.group_id, row.measure): row.value for row in rows}


async def test_an_evening_in_the_room_is_the_weeks_conversation(hearth: Running) -> None:
    """Six live there, five of them talk; Lena looks after them, and is answered once."""
    await set_up(hearth)
    await group(hearth)
    names = ("Mara", "Jo", "Kim", "Omar", "Lena", "Vera")
    mara, jo, kim, omar, lena, _ = [await at_home(hearth, name) for name in names]
    await looked_after(hearth, lena)
    await hearth.advance(MINUTE)  # from now on Hearth knows that it hears the server
    await hearth.advance(TUESDAY)
    room = channel(hearth, "🌊-riverside")
    first = await mara.write(room, "Who runs tonight?")
    for minute, (who, answered) in enumerate(
        ((jo, None), (kim, None), (omar, first), (lena, None), (mara, None)), 1
    ):
        await hearth.advance(TUESDAY + minute * MINUTE)
        await who.write(room, "Me!", reply_to=answered)
    await hearth.advance(datetime(2026, 4, 13, 6, tzinfo=UTC))
    assert await figures(hearth, "2026-04-06") == {}  # it is still Sunday somewhere
    await hearth.advance(datetime(2026, 4, 13, 14, tzinfo=UTC))
    async with hearth.app.database.reading() as session:
        talk = (await session.scalars(select(TalkDay))).one()
    assert (talk.day, talk.messages, talk.turns, talk.conversations) == ("2026-04-07", 6, 6, 1)
    # Jo, Kim and Omar answered Mara, Jo and Mara; Lena answered Omar, and Mara Lena.
    assert (talk.answers, talk.peer_answers) == (5, 3)
    said = await figures(hearth, "2026-04-06")
    for whose in (talk.group_id, SERVER):
        assert said[whose, "active"] == pytest.approx(5 / 6)
        assert said[whose, "conversations"] == pytest.approx(1 / 4)
        assert said[whose, "peer"] == pytest.approx(3 / 5)
    # Mara wrote twice, four others once: 36 / (4 + 4) voices of five.
    assert said[talk.group_id, "voices"] == pytest.approx(36 / 8 / 5)
    assert said[SERVER, "islands"] == 1

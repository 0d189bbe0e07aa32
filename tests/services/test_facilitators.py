"""Who looks after a group: asked privately, free to say no and to stop today; who is invited."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import desk, facilitators, inviting, membership
from bot.services.outbox import unpacked
from bot.settings import Settings
from models import Bar, GroupType, OutboxMessage
from tests.services.conftest import JO, KIM, LENA, MARA, OMAR, RIVERSIDE, SERVER, VERA, Town

LENAS = Actor(SERVER, LENA)


async def rows(session: AsyncSession, table: Any) -> list[Any]:
    return list(await session.scalars(select(table).order_by(table.id)))


async def test_a_question_is_asked_once_and_answered_without_a_trace(
    database: Database, town: Town, now: datetime
) -> None:
    """Asked in their own room without naming it; a no leaves nothing behind; a yes is an office."""
    async with database.writing() as session:
        await town(session)

        async def ask(user_id: int, actor: Actor | None = None) -> bool:
            return await facilitators.ask(
                session,
                server_id=SERVER,
                group_id=RIVERSIDE,
                user_id=user_id,
                now=now,
                actor=actor,
            )

        assert await ask(MARA, LENAS)
        assert not await ask(MARA)
        assert not await ask(LENA)
        assert await ask(JO)
        for elsewhere in (OMAR, VERA):
            with pytest.raises(UserError) as refused:
                await ask(elsewhere, LENAS)
            assert refused.value.key == "facilitators.lives_elsewhere"
        places = [(r.user_id, r.place) for r in await rows(session, OutboxMessage)]
        assert places == [(MARA, "room"), (JO, "room")]
        with pytest.raises(UserError) as refused:
            await ask(KIM, Actor(SERVER, MARA))
        assert refused.value.key == "errors.facilitators_only"
        (question,) = await facilitators.pending(session, SERVER, MARA)
        assert question.group == "Riverside"
        await facilitators.decline(session, server_id=SERVER, group_id=RIVERSIDE, user_id=MARA)
        assert await facilitators.pending(session, SERVER, MARA) == []
        with pytest.raises(UserError) as refused:
            await facilitators.accept(
                session, server_id=SERVER, group_id=RIVERSIDE, user_id=MARA, now=now
            )
        assert refused.value.key == "facilitators.question_gone"
        await facilitators.accept(
            session, server_id=SERVER, group_id=RIVERSIDE, user_id=JO, now=now
        )
        # A no to what was said yes to is not a way to step down, and does not pretend to be one.
        with pytest.raises(UserError) as refused:
            await facilitators.decline(session, server_id=SERVER, group_id=RIVERSIDE, user_id=JO)
        assert refused.value.key == "facilitators.said_yes"
        assert await facilitators.active(session, RIVERSIDE) == [LENA, JO]


async def test_stepping_down_works_today(database: Database, town: Town, now: datetime) -> None:
    """Without a successor; the owners' room is told; owners can end an office too."""
    async with database.writing() as session:
        await town(session)

        async def step_down() -> int:
            return await facilitators.step_down(
                session, server_id=SERVER, group_id=RIVERSIDE, user_id=LENA, now=now
            )

        assert await step_down() == 0
        card, owed = await rows(session, OutboxMessage)
        assert (card.kind, card.place) == ("seeking", "room")
        assert owed.place == "owners"
        assert unpacked(owed.content)[0].lines[-1].key == "facilitators.nobody_stays_asked"
        with pytest.raises(UserError):
            await step_down()
        await facilitators.ask(session, server_id=SERVER, group_id=RIVERSIDE, user_id=LENA, now=now)
        owner = Actor(SERVER, OMAR, manages_server=True)
        with pytest.raises(UserError):
            await facilitators.remove(session, LENAS, group_id=RIVERSIDE, user_id=LENA, now=now)
        await facilitators.remove(session, owner, group_id=RIVERSIDE, user_id=LENA, now=now)
        assert await facilitators.list_(session, SERVER) == []


@pytest.mark.parametrize("listed", [True, False])
async def test_who_moves_out_leaves_the_office_and_the_owners_hear_of_it(
    database: Database, town: Town, settings: Settings, now: datetime, *, listed: bool
) -> None:
    """As when they step down; a group that is not listed is not named there."""
    async with database.writing() as session:
        await town(session)
        await session.execute(update(GroupType).values(listed=listed))
        await membership.leave(session, SERVER, LENA, now=now, settings=settings)
        assert await facilitators.active(session, RIVERSIDE) == []
        card, owed = await rows(session, OutboxMessage)
        assert (card.kind, card.place) == ("seeking", "room")
        assert owed.place == "owners"
        assert ("Riverside" in owed.content) == listed
        assert ("nobody_stays" in owed.content) == listed
        back = await membership.join(
            session, SERVER, LENA, RIVERSIDE, now=now, settings=settings, admitted=True
        )
        assert back.returned
        assert back.office_open


async def test_an_invitation_is_for_one_person(
    database: Database, town: Town, now: datetime
) -> None:
    """A neutral line in the commons; only the invited read it; who lives there or is barred, no."""
    async with database.writing() as session:
        await town(session)
        session.add(Bar(server_id=SERVER, user_id=OMAR, group_id=0, by_user_id=1, at=now))
        await inviting.invite(session, LENAS, group_id=RIVERSIDE, user_id=VERA, now=now)
        (owed,) = await rows(session, OutboxMessage)
        assert (owed.place, unpacked(owed.content)[0].users) == ("commons", (VERA,))
        shown = await inviting.shown(session, Actor(SERVER, VERA), RIVERSIDE)
        assert [b.press for b in shown.buttons] == [f"join:{RIVERSIDE}", f"visit:{RIVERSIDE}"]
        for act, why in (
            (inviting.shown(session, Actor(SERVER, KIM), RIVERSIDE), "desk.invitation_gone"),
            (
                inviting.invite(session, LENAS, group_id=RIVERSIDE, user_id=JO, now=now),
                "desk.invited_lives",
            ),
            (
                inviting.invite(session, LENAS, group_id=RIVERSIDE, user_id=OMAR, now=now),
                "desk.invited_barred",
            ),
            (
                inviting.invite(
                    session, Actor(SERVER, MARA), group_id=RIVERSIDE, user_id=KIM, now=now
                ),
                "errors.facilitators_only",
            ),
        ):
            with pytest.raises(UserError) as refused:
                await act
            assert refused.value.key == why


async def test_the_desk_is_for_those_who_look_after_the_group(
    database: Database, town: Town, settings: Settings, now: datetime
) -> None:
    """Its facilitator with letters, an owner without; nobody else."""
    async with database.writing() as session:
        await town(session)
        mine = await desk.card(session, LENAS, RIVERSIDE, now, settings)
        assert (mine.homes, mine.facilitators, mine.letters) == (4, (LENA,), "weekly")
        owner = await desk.card(
            session, Actor(SERVER, 1, manages_server=True), RIVERSIDE, now, settings
        )
        assert owner.letters is None
        with pytest.raises(UserError) as refused:
            await desk.card(session, Actor(SERVER, MARA), RIVERSIDE, now, settings)
        assert refused.value.key == "errors.facilitators_only"
        assert [one.name for one in await desk.choices(session, LENAS)] == ["Riverside"]
        assert await desk.choices(session, Actor(SERVER, MARA)) == []

"""How a group receives newcomers, for those who look after it: who greets, what they begin with."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import living
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import greeting, rights
from bot.services.groups import of_server
from bot.settings import Settings
from models import Draft, Facilitator, Greeter, Group, Membership


async def desk(session: AsyncSession, who: Actor, group_id: int) -> Message:
    """Return how a group receives newcomers, to those who look after it."""
    await rights.require_facilitator(session, who, group_id)
    group = await of_server(session, who.server_id, group_id)
    greeters = await session.scalars(
        select(Greeter.user_id)
        .join(
            Membership,
            (Membership.server_id == Greeter.server_id)
            & (Membership.user_id == Greeter.user_id)
            & (Membership.group_id == Greeter.group_id),
        )
        .where(Greeter.group_id == group_id, Membership.state == "here")
        .order_by(Greeter.since, Greeter.user_id)
    )
    return living.greeting_card(
        group.id,
        group.name,
        greeters=greeters.all(),
        first=await greeting.first(session, group, who.user_id),
        own=bool(group.first_thing),
        greets=await greeting.greets(session, group_id, who.user_id),
        lives_here=await greeting.lives_here(session, who, group_id),
    )


async def first_thing(session: AsyncSession, who: Actor, group_id: int) -> str:
    """Return what the group asks newcomers to begin with, "" for Hearth's own."""
    await rights.require_facilitator(session, who, group_id)
    return (await of_server(session, who.server_id, group_id)).first_thing


async def set_first_thing(session: AsyncSession, who: Actor, group_id: int, typed: str) -> None:
    """Let those who look after a group say what newcomers begin with; "" goes back to Hearth's."""
    await rights.require_facilitator(session, who, group_id)
    group = await of_server(session, who.server_id, group_id)
    group.first_thing = living.first_thing_typed(typed)
    await session.flush()


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what stands in /home for who began to change how newcomers begin, and is not done."""
    del now, settings
    for group_id in await session.scalars(
        select(Facilitator.group_id).where(
            Facilitator.server_id == who.server_id,
            Facilitator.user_id == who.user_id,
            Facilitator.state == "active",
        )
    ):
        half_done = (who.server_id, who.user_id, f"living-first:{group_id}")
        if await session.get(Draft, half_done) is not None:
            group = await session.get_one(Group, group_id)
            return Note(
                lines=(Line("living.home_first", {"group": safe(group.name)}),),
                buttons=(Button("living.home_go_on", f"living-first:{group_id}"),),
            )
    return None

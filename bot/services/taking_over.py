"""Prompts of the server's onboarding, taken over as questions with role links; for owners."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import taking_over as rules
from bot.rules.actor import Actor
from bot.rules.question_forms import NEW, Owned
from bot.rules.taking_over import Offer, Prompt
from bot.services import asking
from models import Group


async def offers(
    session: AsyncSession, actor: Actor, prompts: Sequence[Prompt]
) -> tuple[Offer, ...]:
    """Return what could be taken over and is not there yet."""
    there = await asking.read(session, actor)
    keys = await session.scalars(
        select(Group.role_id).where(Group.server_id == actor.server_id, Group.role_id.is_not(None))
    )
    keys_of_groups = {role for role in keys if role is not None}
    found = [rules.offer(prompt, keys_of_groups) for prompt in prompts]
    return rules.new([one for one in found if one is not None], there)


async def take(
    session: AsyncSession,
    actor: Actor,
    prompts: Sequence[Prompt],
    prompt_id: int,
    *,
    now: datetime,
) -> Owned:
    """Make a question of a prompt; UserError when it is no offer any more."""
    for one in await offers(session, actor, prompts):
        if one.prompt_id == prompt_id:
            return await asking.keep(session, actor, NEW, one.typed, roles=one.roles, now=now)
    raise UserError("taking.gone")

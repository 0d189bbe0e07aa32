"""Who may take part in a group's challenge: those who live there."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.naming import safe
from bot.services import facilitators, rights
from bot.services.groups import of_server
from models import Goal, GoalPart


async def living_there(
    session: AsyncSession, actor: Actor, goal_id: int, *, running: bool = False
) -> Goal:
    """Return a challenge to somebody who lives in its group; NotAllowed for others.

    With `running` UserError once it is over.
    """
    await rights.server_row(session, actor.server_id)
    goal = await session.get(Goal, goal_id)
    if goal is None or goal.server_id != actor.server_id or goal.state == "draft":
        raise NotAllowed("goals.gone")
    group = await of_server(session, actor.server_id, goal.group_id)
    if not await facilitators.lives_in(session, group, actor.user_id):
        raise NotAllowed("goals.for_residents")
    if running and goal.state != "running":
        raise UserError("goals.over", title=safe(goal.title))
    return goal


async def taking_part(
    session: AsyncSession, actor: Actor, goal_id: int, *, running: bool = False
) -> Goal:
    """Return a challenge to somebody who lives there and takes part; UserError for others."""
    goal = await living_there(session, actor, goal_id, running=running)
    if await session.get(GoalPart, (goal_id, actor.user_id)) is None:
        raise UserError("goals.not_in")
    return goal

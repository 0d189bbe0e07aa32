"""Partners in a challenge: two who see each other's check-ins, by choice of both.

Who asks always hears the same, whether the other takes part, would rather not, or is kept apart
from them; a no looks like no answer, and an ask fades after a week. Whom moderators keep apart, or
who wished to be apart from each other, is never shown to the other here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import goal_mine_cards as cards
from bot.rules import goals as rules
from bot.rules.actor import Actor
from bot.rules.goal_mine_cards import Side
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import goals
from bot.services.goal_rights import taking_part
from bot.settings import Settings
from models import Apart, Goal, GoalPart, GoalPartner, Membership, Wish

UNANSWERED = GoalPartner.state != "yes"


@dataclass(frozen=True, slots=True)
class Around:
    """Who is around somebody in a challenge: partners, who asks them, whom they asked."""

    partners: tuple[int, ...]
    asking: tuple[int, ...]
    asked: tuple[int, ...]


async def around(session: AsyncSession, goal: Goal, user_id: int, now: datetime) -> Around:
    """Return who is around somebody, without whom they must not meet there."""
    rows = (
        await session.scalars(
            select(GoalPartner)
            .where(
                GoalPartner.goal_id == goal.id,
                or_(GoalPartner.user_id == user_id, GoalPartner.other_id == user_id),
            )
            .order_by(GoalPartner.at, GoalPartner.user_id)
        )
    ).all()
    shut = await kept_apart(session, goal.server_id, user_id)
    here = await _there(session, goal)
    mine = {row.other_id: row.state for row in rows if row.user_id == user_id}
    fades = now - rules.ASK_FADES
    partners = [one for one, state in mine.items() if state == "yes"]
    asking = [
        row.user_id
        for row in rows
        if row.other_id == user_id and row.state == "asked" and row.at > fades
    ]
    asked = [
        row.other_id
        for row in rows
        if row.user_id == user_id and row.state == "asked" and row.at > fades
    ]
    return Around(
        tuple(one for one in partners if one in here and one not in shut),
        tuple(
            one
            for one in asking
            if one in here and one not in shut and mine.get(one) not in {"no", "yes"}
        ),
        tuple(asked),
    )


async def with_partner(session: AsyncSession, goal: Goal, people: Collection[int]) -> set[int]:
    """Return who of these has a partner among them whom they may meet."""
    rows = await session.execute(
        select(GoalPartner.user_id, GoalPartner.other_id).where(
            GoalPartner.goal_id == goal.id, GoalPartner.state == "yes"
        )
    )
    found: set[int] = set()
    for user_id, other_id in rows:
        if user_id not in people or other_id not in people:
            continue
        if other_id not in await kept_apart(session, goal.server_id, user_id):
            found.add(user_id)
    return found


async def card(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Message:
    """Return somebody's partners with their check-ins, and who would like to be one."""
    goal = await taking_part(session, actor, goal_id)
    found = await around(session, goal, actor.user_id, now)
    course = goals.course_of(goal)
    sides: list[Side] = []
    for user_id in found.partners:
        (other,) = await goals.members(session, goal.id, of=user_id)
        today = course.today(now)
        shown = cards.strip(course, other.mine.marks, now)
        sides.append(Side(user_id, shown, other.mine.rests(today)))
    return cards.partners(goals.shown(goal), sides, found.asking, found.asked)


async def ask(
    session: AsyncSession, actor: Actor, goal_id: int, other_id: int, now: datetime
) -> None:
    """Ask somebody to be one's partner; nothing tells whether they can see it.

    Asking who asks is a yes. UserError only for what the asker knows themselves.
    """
    goal = await taking_part(session, actor, goal_id, running=True)
    me = actor.user_id
    if other_id == me:
        raise UserError("goals.partner_self")
    found = await around(session, goal, me, now)
    if other_id in found.partners:
        raise UserError("goals.partner_already")
    if len(found.partners) >= rules.PARTNERS_MOST:
        raise UserError("goals.partner_many", most=rules.PARTNERS_MOST)
    if other_id in found.asking:
        await _say_yes(session, goal, me, other_id, now)
        return
    if other_id in found.asked:
        raise UserError("goals.partner_asked_already")
    if len(found.asked) >= rules.ASKS_MOST:
        raise UserError("goals.partner_asks_many", most=rules.ASKS_MOST)
    await _write(session, goal, me, other_id, "asked", now)
    await session.flush()


async def say_yes(
    session: AsyncSession, actor: Actor, goal_id: int, other_id: int, now: datetime
) -> None:
    """Be somebody's partner who asked."""
    goal = await taking_part(session, actor, goal_id, running=True)
    found = await around(session, goal, actor.user_id, now)
    if other_id not in found.asking:
        raise UserError("goals.partner_gone")
    if len(found.partners) >= rules.PARTNERS_MOST:
        raise UserError("goals.partner_many", most=rules.PARTNERS_MOST)
    theirs = await around(session, goal, other_id, now)
    if len(theirs.partners) >= rules.PARTNERS_MOST:
        raise UserError("goals.partner_gone")
    await _say_yes(session, goal, actor.user_id, other_id, now)


async def say_no(
    session: AsyncSession, actor: Actor, goal_id: int, other_id: int, now: datetime
) -> None:
    """Rather not; whoever asked sees what they saw before."""
    goal = await taking_part(session, actor, goal_id)
    found = await around(session, goal, actor.user_id, now)
    if other_id not in found.asking:
        raise UserError("goals.partner_gone")
    await _write(session, goal, actor.user_id, other_id, "no", now)
    await session.flush()


async def end(session: AsyncSession, actor: Actor, goal_id: int, other_id: int) -> None:
    """Be partners no more; for both at once, and nobody is told."""
    goal = await taking_part(session, actor, goal_id)
    await session.execute(
        delete(GoalPartner).where(GoalPartner.goal_id == goal.id, _between(actor.user_id, other_id))
    )


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return that somebody would like to be a partner of who asks."""
    del settings
    goal = await session.scalar(
        select(Goal)
        .join(GoalPart, GoalPart.goal_id == Goal.id)
        .join(Membership, Membership.group_id == Goal.group_id)
        .where(
            Goal.server_id == who.server_id,
            Goal.state == "running",
            GoalPart.user_id == who.user_id,
            Membership.server_id == who.server_id,
            Membership.user_id == who.user_id,
            Membership.state == "here",
        )
        .limit(1)
    )
    if goal is None:
        return None
    found = await around(session, goal, who.user_id, now)
    if not found.asking or len(found.partners) >= rules.PARTNERS_MOST:
        return None
    line = Line("goals.home_ask", {"user": found.asking[0], "title": safe(goal.title)})
    return Note((line,), (Button("goals.look", f"goal-partner:{goal.id}"),))


async def fade(session: AsyncSession, now: datetime) -> None:
    """Erase asks that nobody answered within a week, and the noes that went with them."""
    await session.execute(
        delete(GoalPartner).where(UNANSWERED, GoalPartner.at <= now - rules.ASK_FADES)
    )


async def kept_apart(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    """Return whom somebody must not meet: by moderators, or by the wish of either."""
    bars = await session.execute(
        select(Apart.low_id, Apart.high_id).where(
            Apart.server_id == server_id, or_(Apart.low_id == user_id, Apart.high_id == user_id)
        )
    )
    wishes = await session.execute(
        select(Wish.user_id, Wish.other_id).where(
            Wish.server_id == server_id,
            Wish.kind == "apart",
            or_(Wish.user_id == user_id, Wish.other_id == user_id),
        )
    )
    pairs = [(one, other) for one, other in (*bars, *wishes)]
    return {other if one == user_id else one for one, other in pairs}


async def _say_yes(
    session: AsyncSession, goal: Goal, user_id: int, other_id: int, now: datetime
) -> None:
    await _write(session, goal, user_id, other_id, "yes", now)
    await _write(session, goal, other_id, user_id, "yes", now)
    await session.flush()


async def _write(  # noqa: PLR0917 - whose, about whom, what
    session: AsyncSession, goal: Goal, user_id: int, other_id: int, state: str, now: datetime
) -> None:
    await session.merge(
        GoalPartner(
            goal_id=goal.id,
            server_id=goal.server_id,
            user_id=user_id,
            other_id=other_id,
            state=state,
            at=now,
        )
    )


async def _there(session: AsyncSession, goal: Goal) -> set[int]:
    rows = await session.scalars(
        select(GoalPart.user_id)
        .join(
            Membership,
            and_(
                Membership.server_id == goal.server_id,
                Membership.user_id == GoalPart.user_id,
                Membership.group_id == goal.group_id,
                Membership.state == "here",
            ),
        )
        .where(GoalPart.goal_id == goal.id)
    )
    return set(rows.all())


def _between(one: int, other: int) -> ColumnElement[bool]:
    return or_(
        and_(GoalPartner.user_id == one, GoalPartner.other_id == other),
        and_(GoalPartner.user_id == other, GoalPartner.other_id == one),
    )

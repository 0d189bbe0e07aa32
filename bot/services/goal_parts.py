"""Somebody's own part in a challenge: coming in, checking in, breaks, their own goal.

A check-in keeps the day and nothing else; a word to it is the matter of `goal_words`.
"""

from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import goal_forms
from bot.rules import goal_mine_cards as cards
from bot.rules import goals as rules
from bot.rules.actor import Actor
from bot.rules.goal_mine_cards import Checked, MyPart
from bot.rules.goals import DAY, Mine, Standing
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.together_cards import Part
from bot.services import drafts, facilitators, goal_partners, goal_words, goals
from bot.services.goal_rights import living_there, taking_part
from bot.settings import Settings
from models import Goal, GoalBreak, GoalMark, GoalPart, GoalPartner, Group


async def together_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Part | None:
    """Return what the card of what a group does together says of its challenge, to a resident."""
    del settings
    goal = await goals.open_one(session, group.id)
    if goal is None or goal.state != "running":
        return None
    if not await facilitators.lives_in(session, group, actor.user_id):
        return None
    one, course = goals.shown(goal), goals.course_of(goal)
    title = {"title": safe(goal.title), "until": one.until, "since": one.since}
    if now < goal.starts_at:
        line = Line("goals.together_before", title)
    elif await session.get(GoalPart, (goal.id, actor.user_id)) is None:
        line = Line("goals.together_not_in", title)
    else:
        day = course.number(course.today(now))
        line = Line("goals.together_in", {**title, "day": day, "days": course.days})
    return Part((line,), (Button("goals.desk_button", f"goal-mine:{goal.id}"),))


async def card(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Message:
    """Return somebody's own part, or the way in."""
    goal = await living_there(session, actor, goal_id)
    return cards.mine(goals.shown(goal), await _my_part(session, goal, actor.user_id, now), now)


async def come_in(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Message:
    """Take part from tomorrow on."""
    goal = await living_there(session, actor, goal_id, running=True)
    row = await session.get(GoalPart, (goal_id, actor.user_id))
    already = row is not None
    if row is None:
        course = goals.course_of(goal)
        first = rules.first_counted(course, now)
        if course.today(now) > course.last or (course.times != rules.ONCE and first > course.last):
            raise UserError("goals.in_too_late", title=safe(goal.title))
        row = GoalPart(
            goal_id=goal_id, user_id=actor.user_id, since=now, first_day=first.isoformat()
        )
        session.add(row)
        await session.flush()
    mine = Mine(date.fromisoformat(row.first_day))
    return cards.came_in(goals.shown(goal), mine, already=already)


async def check_in(
    session: AsyncSession, actor: Actor, goal_id: int, now: datetime, *, yesterday: bool = False
) -> Message | None:
    """Note today, or yesterday; None for who lives there and does not take part.

    UserError before it begins and after it ended.
    """
    goal = await living_there(session, actor, goal_id, running=True)
    if await session.get(GoalPart, (goal_id, actor.user_id)) is None:
        return None
    course = goals.course_of(goal)
    today = course.today(now)
    day = today - DAY if yesterday or today > course.last else today
    if now < goal.starts_at:
        starts = int(goal.starts_at.timestamp())
        raise UserError("goals.check_before", title=safe(goal.title), since=starts)
    if not rules.may_mark(course, day, now):
        raise UserError("goals.check_not_then")
    before = await _standing(session, goal, actor.user_id, now)
    then = await _standing(session, goal, actor.user_id, await _last_at(session, goal, actor))
    taken = then.missed < before.missed <= course.grace
    row = await session.get(GoalMark, (goal_id, actor.user_id, day.isoformat()))
    if row is None:
        session.add(GoalMark(goal_id=goal_id, user_id=actor.user_id, day=day.isoformat(), at=now))
        goal.last_mark_at = now
        await session.flush()
    after = await _standing(session, goal, actor.user_id, now)
    may_say = day == today and goal.message_id is not None
    if row is not None and row.message_id is not None:
        may_say = False
    did = Checked(row is None, day != today, taken, after.done, before.grace_left, may_say)
    return cards.checked(goals.shown(goal), did)


async def take_back(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """Take today's check-in back, and the word that was shared with it."""
    goal = await taking_part(session, actor, goal_id, running=True)
    day = goals.course_of(goal).today(now).isoformat()
    row = await session.get(GoalMark, (goal_id, actor.user_id, day))
    if row is not None:
        await goal_words.unsay_all(session, goal, actor.user_id, now, day=day)
        await session.delete(row)
        await session.flush()


async def aim(session: AsyncSession, actor: Actor, goal_id: int) -> str:
    """Return somebody's own goal as they wrote it."""
    await taking_part(session, actor, goal_id, running=True)
    return (await session.get_one(GoalPart, (goal_id, actor.user_id))).aim


async def set_aim(session: AsyncSession, actor: Actor, goal_id: int, typed: str) -> str:
    """Write somebody's own goal down for those who live there, or erase it; return it."""
    await taking_part(session, actor, goal_id)
    row = await session.get_one(GoalPart, (goal_id, actor.user_id))
    row.aim = goal_forms.line(typed, goal_forms.AIM_MOST, "goals.own_long")
    await session.flush()
    return row.aim


async def aims(session: AsyncSession, actor: Actor, goal_id: int, page: int) -> Message:
    """Return the goals that people wrote down, to those who live there."""
    goal = await living_there(session, actor, goal_id)
    there = [one.user_id for one in await goals.members(session, goal_id)]
    rows = await session.execute(
        select(GoalPart.user_id, GoalPart.aim)
        .where(GoalPart.goal_id == goal_id, GoalPart.aim != "", GoalPart.user_id.in_(there))
        .order_by(GoalPart.since, GoalPart.user_id)
    )
    found = [(user_id, said) for user_id, said in rows]
    return cards.aims(goals.shown(goal), found, page)


async def how_we_do(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Message:
    """Return how the group is doing, in sums and one picture."""
    goal = await living_there(session, actor, goal_id)
    found = await goals.progress(session, goal, now)
    return cards.progress(goals.shown(goal), found, goals.picture(goal, found))


async def rest(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """Begin a break today; one that lasts already goes on."""
    goal = await taking_part(session, actor, goal_id, running=True)
    course = goals.course_of(goal)
    day = max(course.today(now), course.first).isoformat()
    lasting = await _lasting(session, goal_id, actor.user_id)
    if lasting is None:
        await session.merge(
            GoalBreak(goal_id=goal_id, user_id=actor.user_id, from_day=day, until_day=None)
        )
        await session.flush()


async def come_back(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """End a break; today counts again."""
    goal = await taking_part(session, actor, goal_id, running=True)
    row = await _lasting(session, goal_id, actor.user_id)
    if row is None:
        return
    today = goals.course_of(goal).today(now)
    if row.from_day >= today.isoformat():
        await session.delete(row)
    else:
        row.until_day = (today - DAY).isoformat()
    await session.flush()


async def name_me(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> Message:
    """Turn on or off whether the room may read one's name among those who completed it."""
    goal = await taking_part(session, actor, goal_id)
    row = await session.get_one(GoalPart, (goal_id, actor.user_id))
    late = goal.named_at is not None or goal.state == "off"
    if late or row.completed is False:
        raise UserError("goals.too_late_named" if late else "goals.mine_took_part")
    row.named = not row.named
    await session.flush()
    del now
    key = "goals.named" if row.named else "goals.not_named"
    return cards.after(key, goal_id, title=safe(goal.title))


async def step_out(session: AsyncSession, actor: Actor, goal_id: int, now: datetime) -> None:
    """Erase somebody's part at once."""
    goal = await taking_part(session, actor, goal_id)
    await erase(session, goal, actor.user_id, now)


async def erase(session: AsyncSession, goal: Goal, user_id: int, now: datetime) -> None:
    """Erase all of somebody's part, and have their shared words taken down."""
    await goal_words.unsay_all(session, goal, user_id, now)
    await drafts.done(
        session, server_id=goal.server_id, user_id=user_id, form=goal_words.form_of(goal.id)
    )
    for table in (GoalMark, GoalBreak, GoalPart):
        await session.execute(
            delete(table).where(table.goal_id == goal.id, table.user_id == user_id)
        )
    for column in (GoalPartner.user_id, GoalPartner.other_id):
        await session.execute(
            delete(GoalPartner).where(GoalPartner.goal_id == goal.id, column == user_id)
        )
    await session.flush()


async def _my_part(session: AsyncSession, goal: Goal, user_id: int, now: datetime) -> MyPart | None:
    row = await session.get(GoalPart, (goal.id, user_id))
    if row is None:
        return None
    found = await goal_partners.around(session, goal, user_id, now)
    mine = await _mine(session, goal, user_id)
    shared = await session.scalar(
        select(GoalMark.day)
        .where(
            GoalMark.goal_id == goal.id,
            GoalMark.user_id == user_id,
            GoalMark.message_id.is_not(None),
        )
        .limit(1)
    )
    return MyPart(
        aim=row.aim,
        mine=mine,
        standing=await _standing(session, goal, user_id, now),
        named=row.named,
        completed=row.completed,
        partners=found.partners,
        asked=bool(found.asking),
        shares=shared is not None,
    )


async def _mine(session: AsyncSession, goal: Goal, user_id: int) -> Mine:
    found = await goals.members(session, goal.id, of=user_id)
    return found[0].mine  # who asks lives there and takes part


async def _standing(session: AsyncSession, goal: Goal, user_id: int, now: datetime) -> Standing:
    mine = await _mine(session, goal, user_id)
    blind = await goals.blind(session, goal, now)
    return rules.standing(goals.course_of(goal), mine, now, blind)


async def _last_at(session: AsyncSession, goal: Goal, actor: Actor) -> datetime:
    """Return when somebody checked in last, or came in."""
    last = await session.scalar(
        select(func.max(GoalMark.at)).where(
            GoalMark.goal_id == goal.id, GoalMark.user_id == actor.user_id
        )
    )
    return last or (await session.get_one(GoalPart, (goal.id, actor.user_id))).since


async def _lasting(session: AsyncSession, goal_id: int, user_id: int) -> GoalBreak | None:
    return await session.scalar(
        select(GoalBreak).where(
            GoalBreak.goal_id == goal_id,
            GoalBreak.user_id == user_id,
            GoalBreak.until_day.is_(None),
        )
    )

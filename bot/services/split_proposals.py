"""Who says that a group parts: one suggests it, the others may say no, an owner has the last word.

Any facilitator of the group may suggest a plan to its members; silence of the others for 24 hours
is a yes. Then the owners are asked, and with their yes the members are told. Where nobody looks
after the group the owners' word is enough, and a type that splits by itself needs nobody's.
"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import split_messages, split_words
from bot.rules.actor import Actor
from bot.rules.message import Message, say
from bot.rules.naming import safe
from bot.rules.split_times import pings_allowed_at
from bot.services import facilitators, rights, split_approval, split_plans
from bot.services.log import note
from bot.services.outbox import owe
from bot.services.split_seats import tell_members
from bot.settings import Settings
from models import Group, GroupType, Server, Split, SplitProposal

NO_WITHIN = timedelta(hours=24)  # for the others who look after the group
EARLY_WAITS = timedelta(days=7)  # how long a plan that was asked for early waits to be suggested
QUESTION_WAITS = timedelta(days=30)


async def suggest(
    session: AsyncSession,
    actor: Actor,
    split_id: int,
    now: datetime,
    settings: Settings,
    *,
    seen: str | None = None,
) -> Message:
    """Take in that somebody would tell the members, or as an owner that they shall be told.

    Where the plan is not the one that was `seen` (its mark), nothing is taken in: the plan as it is
    now is returned instead, to be agreed on.
    """
    split = await split_approval.decided_by(session, actor, split_id)
    group = await session.get_one(Group, split.group_id)
    by_owner = await rights.is_owner(session, actor)
    if seen is not None and seen != await split_approval.mark(session, split.id):
        now_ = await split_approval.outline(session, split, by_owner=by_owner)
        return split_messages.changed(now_, group.id)
    if await split_approval.drop_if_pointless(session, split, now):
        raise UserError("splits.too_few_left", group=safe(group.name))
    type_ = await session.get_one(GroupType, group.type_id)
    word = await _word(session, split)
    others = [u for u in await facilitators.active(session, group.id) if u != actor.user_id]
    # Who left the question unanswered again and again is not waited for once more.
    heard_out = by_owner and split.unanswered >= split_approval.ROUNDS_UNANSWERED
    if word.proposed_at is None:
        waits = bool(others) and not heard_out and type_.splits != "auto"
        word.proposed_at, word.refused_by = now, None
        word.no_until = now + NO_WITHIN if waits else now
        split.unanswered = 0
        await _noted(session, actor, split, "split-suggest", now)
        if waits:
            await _ask_others(session, split, others, now)
    if by_owner or type_.splits == "auto":
        word.owner_agreed_at = now
    await session.flush()
    await advance(session, split, now, settings)
    return _how_it_stands(split, word)


async def advance(session: AsyncSession, split: Split, now: datetime, settings: Settings) -> bool:
    """Take a suggested plan as far as it can go by now; False where nobody suggested it."""
    word = await session.get(SplitProposal, split.id)
    if word is None or word.proposed_at is None or word.no_until is None:
        return False
    server = await session.get_one(Server, split.server_id)
    if now < word.no_until:
        agreed = word.owner_agreed_at is not None
        split.ask_again_at = (
            pings_allowed_at(word.no_until, server.zone) if agreed else word.no_until
        )
    elif word.owner_agreed_at is not None:
        await tell_members(session, split, now)
    else:
        word.owners_asked_at = now
        split.ask_again_at = now + timedelta(days=settings.split_approval_days)
        await _ask_owners(session, split, now)
    await session.flush()
    return True


async def refuse(
    session: AsyncSession, actor: Actor, split_id: int, now: datetime, settings: Settings
) -> Message:
    """Leave everything as it is for now: no plan is told, and the question comes again later.

    A plan that was asked for before the group was full ends with it, unless it is full by now. Who
    suggested it, and the others, read that somebody said no, not who.
    """
    split = await split_approval.decided_by(session, actor, split_id)
    word = await _word(session, split)
    suggested = word.proposed_at is not None
    looks_after = actor.user_id in await facilitators.active(session, split.group_id)
    word.refused_by = ("facilitators" if looks_after else "owners") if suggested else None
    word.proposed_at = word.no_until = word.owners_asked_at = word.owner_agreed_at = None
    split.unanswered = 0  # this is an answer
    again = now + timedelta(days=settings.split_approval_days)
    if suggested:
        await _noted(session, actor, split, "split-no", now)
    group = await session.get_one(Group, split.group_id)
    # A full group would get another plan within the hour: this one waits instead.
    word.early = word.early and group.homes < group.cap
    if word.early:
        await split_approval.drop(session, split, now)
    else:
        split.ask_again_at = again
    await session.flush()
    if suggested:
        await _tell_no(session, actor, split, now)
    if word.early:
        return split_messages.with_way_back(say("splits.early_put_off"), split.group_id)
    return say("splits.put_off", at=int(again.timestamp()))


async def early_is_due(
    session: AsyncSession, split: Split, now: datetime, settings: Settings
) -> bool:
    """Look after a plan that was asked for before the group was full; True if it changed.

    When the group has become full it is a plan like any other, and those who decide are asked. One
    that nobody suggested within a week goes without a word.
    """
    word = await session.get(SplitProposal, split.id)
    if word is None or not word.early or word.proposed_at is not None:
        return False
    group = await session.get_one(Group, split.group_id)
    if group.homes >= group.cap:
        type_ = await session.get_one(GroupType, group.type_id)
        server = await session.get_one(Server, split.server_id)
        word.early = False
        split.ask_again_at = split_plans.asks_again_at(type_, server, now, settings)
        await session.flush()
        await split_approval.show(session, split, now)
        return True
    if now < split.planned_at + EARLY_WAITS:
        return False
    await split_approval.drop(session, split, now)
    return True


async def _word(session: AsyncSession, split: Split) -> SplitProposal:
    word = await session.get(SplitProposal, split.id)
    if word is None:
        word = SplitProposal(split_id=split.id, early=False)
        session.add(word)
        await session.flush()
    return word


def _how_it_stands(split: Split, word: SplitProposal) -> Message:
    """Return what comes next, to who has just given their word."""
    if split.state == "told" and split.runs_at is not None:
        return say("splits.told", at=int(split.runs_at.timestamp()))
    if word.owners_asked_at is not None:
        return split_messages.with_way_back(say("splits.owners_asked"), split.group_id)
    until = 0 if word.no_until is None else int(word.no_until.timestamp())
    key = "splits.suggested_and_agreed" if word.owner_agreed_at is not None else "splits.suggested"
    return split_messages.with_way_back(say(key, at=until), split.group_id)


async def _ask_others(
    session: AsyncSession, split: Split, others: list[int], now: datetime
) -> None:
    place, _ = await split_approval.where_to_ask(session, split)
    await owe(
        session,
        server_id=split.server_id,
        kind="split-suggested",
        key=f"split-suggested:{split.id}:{int(now.timestamp())}",
        place=place,
        group_id=split.group_id,
        message=split_words.something(
            split.id, split.group_id, f"s{int(now.timestamp())}", others, for_owners=False
        ),
        now=now,
        expires_in=NO_WITHIN,
    )


async def _ask_owners(session: AsyncSession, split: Split, now: datetime) -> None:
    group = await session.get_one(Group, split.group_id)
    mark = f"o{int(now.timestamp())}"
    if await rights.listed(session, group):
        shown = await split_approval.outline(session, split, by_owner=True)
        message = split_messages.preview(shown, mark)
    else:
        message = split_words.something(split.id, group.id, mark, (), for_owners=True)
    await owe(
        session,
        server_id=split.server_id,
        kind="split-owners",
        key=f"split-owners:{split.id}:{int(now.timestamp())}",
        place="owners",
        group_id=group.id,
        message=message,
        now=now,
        expires_in=QUESTION_WAITS,
    )


async def _tell_no(session: AsyncSession, actor: Actor, split: Split, now: datetime) -> None:
    place, asked = await split_approval.where_to_ask(session, split)
    others = [user_id for user_id in asked if user_id != actor.user_id]
    if place != "facilitators" or not others:
        return
    mark = f"n{int(now.timestamp())}"
    await owe(
        session,
        server_id=split.server_id,
        kind="split-no",
        key=f"split-no:{split.id}:{int(now.timestamp())}",
        place=place,
        group_id=split.group_id,
        message=split_words.something(split.id, split.group_id, mark, others, for_owners=False),
        now=now,
    )


async def _noted(
    session: AsyncSession, actor: Actor, split: Split, action: str, now: datetime
) -> None:
    await note(
        session,
        server_id=split.server_id,
        by_user_id=actor.user_id,
        action=action,
        now=now,
        group_id=split.group_id,
    )

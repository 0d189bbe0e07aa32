"""Budding: who is asked, what they say, and what each of them may see of it.

A founder is asked, asks people who live in the same group, and the new group begins with those who
say yes (`bud_begin`). Everybody is asked privately; a no is shown to nobody and counted nowhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import bud_cards, budding, charter, naming
from bot.rules.actor import Actor
from bot.rules.bud_cards import Bud as Shown
from bot.rules.budding import GATHERS_FOR, MOST, MOST_ASKED, Stem
from bot.rules.desk_parts import Part
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.services import facilitators, limits, rights
from bot.services.group_names import taken_names
from bot.services.groups import of_server
from bot.services.outbox import owe
from bot.settings import Settings
from models import Bud, BudGuest, Group, GroupType, Membership, Merge, Split

OPEN = ("asked", "gathering")


async def desk(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return how it stands with a bud of the group, or how one begins, for its facilitators."""
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    bud = await open_bud(session, group_id)
    if bud is not None:
        return bud_cards.waits(await shown(session, bud))
    await may_grow(session, group)
    lives = await facilitators.lives_in(session, group, actor.user_id)
    return bud_cards.offer(group.id, group.name, lives_there=lives)


async def ask_founder(
    session: AsyncSession, actor: Actor, group_id: int, user_id: int, now: datetime
) -> Bud:
    """Ask somebody who lives in the group whether they would begin a new one.

    For facilitators. Who asks themself has said yes with it. UserError where that cannot be.
    """
    group = await of_server(session, actor.server_id, group_id)
    await rights.require_facilitator(session, actor, group_id)
    if await open_bud(session, group_id) is not None:
        raise UserError("buds.open_already", group=safe(group.name))
    await may_grow(session, group)
    if not await facilitators.lives_in(session, group, user_id):
        raise UserError("buds.lives_elsewhere", user=user_id, group=safe(group.name))
    bud = Bud(
        server_id=group.server_id,
        group_id=group.id,
        user_id=user_id,
        state="asked",
        asked_at=now,
        until=now + GATHERS_FOR,
        name="",
        emoji="",
        purpose="",
    )
    session.add(bud)
    await session.flush()
    if user_id != actor.user_id:
        await _line(session, bud, user_id, now)
    return bud


async def look(session: AsyncSession, actor: Actor, bud_id: int, now: datetime) -> Message:
    """Return what a bud means for who asks: the founder's card, or the question to them."""
    if await _said_yes_in_vain(session, actor, bud_id):
        return bud_cards.over(bud_id)
    bud = await _open(session, actor, bud_id, now)
    if bud.user_id == actor.user_id:
        card = await shown(session, bud)
        return bud_cards.question(card) if bud.state == "asked" else bud_cards.gathering(card)
    guest = await _guest(session, bud, actor)
    return bud_cards.invitation(await shown(session, bud), said_yes=guest.answer == "yes")


async def founders(
    session: AsyncSession, actor: Actor, bud_id: int, now: datetime
) -> tuple[Bud, Group]:
    """Return a bud that is open, and the group it grows out of, to its founder only."""
    await rights.server_row(session, actor.server_id)
    bud = await _open(session, actor, bud_id, now)
    if bud.user_id != actor.user_id:
        raise NotAllowed("buds.gone")
    group = await session.get_one(Group, bud.group_id)
    if not await facilitators.lives_in(session, group, actor.user_id):
        raise UserError("buds.not_a_member", group=safe(group.name))
    return bud, group


async def name_it(
    session: AsyncSession,
    actor: Actor,
    bud_id: int,
    *,
    name: str,
    emoji: str,
    purpose: str,
    now: datetime,
) -> Message:
    """Take the founder's yes with a name, a sign and a purpose, or change these."""
    bud, group = await founders(session, actor, bud_id, now)
    wanted, why = charter.name(name), charter.purpose(purpose)
    sign = charter.emoji(emoji) if emoji.strip() else bud.emoji or group.emoji
    if naming.key(wanted) in await taken_names(session, group):
        raise UserError("splits.name_taken", name=safe(wanted))
    if bud.state == "asked":
        await may_grow(session, group)
        bud.state, bud.until = "gathering", now + GATHERS_FOR
    bud.name, bud.emoji, bud.purpose = wanted, sign, why
    await session.flush()
    return bud_cards.gathering(await shown(session, bud))


async def ask_guests(
    session: AsyncSession, actor: Actor, bud_id: int, user_ids: Collection[int], now: datetime
) -> tuple[int, int, Message]:
    """Ask people along; return how many were asked, how many do not live here, and the card."""
    bud, group = await founders(session, actor, bud_id, now)
    if bud.state != "gathering":
        raise NotAllowed("buds.gone")
    known = set(await session.scalars(select(BudGuest.user_id).where(BudGuest.bud_id == bud.id)))
    wanted = sorted(set(user_ids) - known - {bud.user_id})
    if len(known) + len(wanted) > MOST_ASKED:
        raise UserError("buds.asked_enough")
    here = [one for one in wanted if await facilitators.lives_in(session, group, one)]
    if not here:
        raise UserError("buds.nobody_new")
    for user_id in here:
        session.add(BudGuest(bud_id=bud.id, user_id=user_id, answer="asked", asked_at=now))
        await session.flush()
        await _line(session, bud, user_id, now)
    return len(here), len(wanted) - len(here), bud_cards.gathering(await shown(session, bud))


async def say(
    session: AsyncSession, actor: Actor, bud_id: int, now: datetime, *, along: bool
) -> Bud:
    """Take in what somebody who was asked along says; until it begins they may change it."""
    await rights.server_row(session, actor.server_id)
    bud = await _open(session, actor, bud_id, now)
    guest = await _guest(session, bud, actor)
    if along:
        group = await session.get_one(Group, bud.group_id)
        if not await facilitators.lives_in(session, group, actor.user_id):
            raise UserError("buds.not_a_member", group=safe(group.name))
    guest.answer = "yes" if along else "no"
    await session.flush()
    return bud


async def decline(session: AsyncSession, actor: Actor, bud_id: int, now: datetime) -> None:
    """Take in the founder's no: nothing of the question is left."""
    await rights.server_row(session, actor.server_id)
    bud = await _open(session, actor, bud_id, now)
    if bud.user_id != actor.user_id or bud.state != "asked":
        raise NotAllowed("buds.gone")
    await session.delete(bud)
    await session.flush()


async def call_off(session: AsyncSession, actor: Actor, bud_id: int, now: datetime) -> None:
    """Let it be, as the founder or as those who look after the group; who said yes is told."""
    await rights.server_row(session, actor.server_id)
    bud = await _open(session, actor, bud_id, now)
    if bud.user_id != actor.user_id:
        await rights.require_facilitator(session, actor, bud.group_id)
    await drop(session, bud, now)


async def drop(session: AsyncSession, bud: Bud, now: datetime) -> None:
    """Close a bud that does not begin; who said yes is told, and the room reads no name of a group.

    Their yes is kept until the bud is swept, for the line they press; all other answers go at once.
    """
    bud.state, bud.closed_at = "dropped", now
    told = await along(session, bud)
    await session.execute(
        delete(BudGuest).where(BudGuest.bud_id == bud.id, BudGuest.user_id.not_in(told))
    )
    await session.flush()
    for user_id in told:
        await _line(session, bud, user_id, now, kind="bud-over")


async def _said_yes_in_vain(session: AsyncSession, actor: Actor, bud_id: int) -> bool:
    bud = await session.get(Bud, bud_id)
    if bud is None or bud.server_id != actor.server_id or bud.state != "dropped":
        return False
    return await session.get(BudGuest, (bud.id, actor.user_id)) is not None


async def open_bud(session: AsyncSession, group_id: int) -> Bud | None:
    """Return the bud that a group has now."""
    return await session.scalar(
        select(Bud).where(Bud.group_id == group_id, Bud.closed_at.is_(None))
    )


async def along(session: AsyncSession, bud: Bud) -> list[int]:
    """Return who said yes and lives in the group still, those first who were asked first."""
    found = await session.scalars(
        select(BudGuest.user_id)
        .join(
            Membership,
            (Membership.user_id == BudGuest.user_id) & (Membership.group_id == bud.group_id),
        )
        .where(BudGuest.bud_id == bud.id, BudGuest.answer == "yes", Membership.state == "here")
        .order_by(BudGuest.asked_at, BudGuest.user_id)
    )
    return list(found)


async def stem(session: AsyncSession, group: Group) -> Stem:
    """Return what the rules need to know of the group that a bud grows out of."""
    type_ = await session.get_one(GroupType, group.type_id)
    parts = select(func.count()).where(
        Split.group_id == group.id, Split.state.in_(("told", "moving")), Split.closed_at.is_(None)
    )
    joins = (
        select(func.count())
        .select_from(Merge)
        .where(
            or_(Merge.group_id == group.id, Merge.into_id == group.id),
            Merge.state.in_(("told", "moving")),
            Merge.closed_at.is_(None),
        )
    )
    moving = await session.scalar(parts) or await session.scalar(joins)
    return Stem(group.state, group.homes, type_.minimum, group.cap, moving=bool(moving))


async def may_grow(session: AsyncSession, group: Group) -> None:
    """UserError with what keeps a group from having a bud now."""
    reason = budding.why_not(await stem(session, group))
    if reason is not None:
        raise UserError(f"buds.{reason}", group=safe(group.name), n=group.homes, most=MOST)
    if await limits.no_place(session, group):
        raise UserError("buds.no_place")


async def shown(session: AsyncSession, bud: Bud) -> Shown:
    """Return a bud as its cards show it."""
    group = await session.get_one(Group, bud.group_id)
    whole = await stem(session, group)
    asked = await session.scalar(select(func.count()).where(BudGuest.bud_id == bud.id))
    return Shown(
        id=bud.id,
        group_id=group.id,
        group=group.name,
        founder_id=bud.user_id,
        name=bud.name,
        emoji=bud.emoji,
        purpose=bud.purpose,
        yes=len(await along(session, bud)),
        asked=asked or 0,
        least=budding.least_along(whole.minimum) or MOST,
        most=budding.most_along(whole),
        until=bud.until,
    )


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what a bud has to say on someone's /home."""
    del settings
    lives_there = (
        (Membership.server_id == Bud.server_id)
        & (Membership.group_id == Bud.group_id)
        & (Membership.user_id == who.user_id)
    )
    mine = await session.scalar(
        select(Bud)
        .join(Membership, lives_there)
        .where(
            Bud.server_id == who.server_id,
            Bud.user_id == who.user_id,
            Bud.closed_at.is_(None),
            Bud.until > now,
        )
        .order_by(Bud.id)
        .limit(1)
    )
    if mine is not None:
        group = await session.get_one(Group, mine.group_id)
        if mine.state == "asked":
            line = Line("buds.home_founder", {"group": safe(group.name)})
        else:
            line = Line("buds.home_gathers", {"n": len(await along(session, mine))})
        return Note((line,), (Button("buds.look", f"bud-look:{mine.id}:home"),), urgent=True)
    row = (
        await session.execute(
            select(Bud, BudGuest.answer)
            .join(BudGuest, BudGuest.bud_id == Bud.id)
            .join(Membership, lives_there)
            .where(
                Bud.server_id == who.server_id,
                Bud.state == "gathering",
                Bud.until > now,
                BudGuest.user_id == who.user_id,
                BudGuest.answer.in_(("asked", "yes")),
            )
            .order_by(Bud.id)
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    bud, answer = row
    group = await session.get_one(Group, bud.group_id)
    key = "buds.home_guest" if answer == "asked" else "buds.home_guest_in"
    return Note(
        (Line(key, {"user": bud.user_id, "group": safe(group.name)}),),
        (Button("buds.look", f"bud-look:{bud.id}:home"),),
        urgent=answer == "asked",
    )


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the desk's way to a bud, and that one is under way."""
    del actor, now, settings
    if group.state != "open":
        return ()
    lines = (Line("buds.desk"),) if await open_bud(session, group.id) is not None else ()
    return (Part("growth", lines, (Button("buds.desk_button", f"bud-open:{group.id}"),)),)


async def _open(session: AsyncSession, actor: Actor, bud_id: int, now: datetime) -> Bud:
    bud = await session.get(Bud, bud_id)
    if bud is None or bud.server_id != actor.server_id:
        raise NotAllowed("buds.gone")
    if bud.state == "begun":
        raise UserError("buds.begun_already", bud=safe(f"{bud.emoji} {bud.name}".strip()))
    if bud.closed_at is not None or bud.until <= now:
        raise NotAllowed("buds.gone")
    return bud


async def _guest(session: AsyncSession, bud: Bud, actor: Actor) -> BudGuest:
    guest = await session.get(BudGuest, (bud.id, actor.user_id))
    if guest is None or bud.state != "gathering":
        raise NotAllowed("buds.gone")
    return guest


async def _line(
    session: AsyncSession, bud: Bud, user_id: int, now: datetime, *, kind: str = "bud-question"
) -> None:
    """Owe the neutral line to the room that both live in: the same, whatever it is about."""
    await owe(
        session,
        server_id=bud.server_id,
        kind=kind,
        key=f"{kind}:{bud.id}:{user_id}",
        place="room",
        group_id=bud.group_id,
        user_id=user_id,
        message=bud_cards.line(user_id, bud.id, now),
        now=now,
        expires_in=GATHERS_FOR,
    )

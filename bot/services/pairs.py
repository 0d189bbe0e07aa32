"""Pairs, as those see them who would like to meet somebody: taking part, resting, one's hours.

Everybody says so by a press of their own. Whether they still may is looked at in each round (see
bot/services/pair_rounds.py), so a wish outlives a seat that is only kept, and nothing else.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import NotAllowed, UserError
from bot.rules import pair_cards, pair_hours, zones
from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line
from bot.rules.pair_cards import Mine
from bot.rules.rituals import Cadence, Schedule
from bot.rules.together_cards import Part
from bot.services import rights
from bot.settings import Settings
from models import Group, Membership, Pair, Pairing, PairRound, PairSeat, PairWish, Server


def schedule_of(pairing: Pairing) -> Schedule:
    """Return when rounds are due, as the rules see it."""
    return Schedule(
        cadence=cast("Cadence", pairing.cadence),
        zone=pairing.zone,
        anchor=date.fromisoformat(pairing.anchor),
        weekday=pairing.weekday,
        nth=pairing.nth or 1,
        hour=pairing.hour,
        minute=pairing.minute,
    )


def homes(pairing: Pairing) -> tuple[int, ...]:
    """Return the groups whose people may take part."""
    if pairing.sibling_id is not None and pairing.sibling_state == "yes":
        return (pairing.group_id, pairing.sibling_id)
    return (pairing.group_id,)


def takes_part(group_id: int) -> ColumnElement[bool]:
    """Return the condition for pairings in which a group's people may take part."""
    with_them = and_(Pairing.sibling_id == group_id, Pairing.sibling_state == "yes")
    return or_(Pairing.group_id == group_id, with_them)


async def of_group(session: AsyncSession, group_id: int) -> Pairing | None:
    """Return the group's own pairing."""
    return await session.scalar(select(Pairing).where(Pairing.group_id == group_id))


async def card(session: AsyncSession, who: Actor, pairing_id: int) -> Mine:
    """Return how somebody stands with pairs; NotAllowed for who does not live there."""
    pairing, home = await _mine(session, who, pairing_id)
    wish = await session.get(PairWish, (pairing.id, who.user_id))
    people, thread_id = await _now(session, pairing.id, who.user_id)
    return Mine(
        pairing_id=pairing.id,
        group_id=home.group_id,
        often=pairing.cadence,
        next_at=pairing.next_due_at if pairing.state == "running" else None,
        takes_part=wish is not None,
        rests="" if wish is None or wish.rests_since is None else wish.rests_why,
        alone=wish is not None and wish.first and wish.alone_at is not None,
        people=people,
        thread_id=thread_id,
        zone="" if wish is None or not wish.hours else wish.zone,
    )


async def join(session: AsyncSession, who: Actor, pairing_id: int, now: datetime) -> bool:
    """Take part from the next round on; False if somebody does already."""
    pairing, _ = await _mine(session, who, pairing_id)
    wish = await session.get(PairWish, (pairing.id, who.user_id))
    if wish is not None:
        if wish.rests_since is None:
            return False
        _is_back(wish)
    else:
        session.add(
            PairWish(pairing_id=pairing.id, user_id=who.user_id, server_id=who.server_id, since=now)
        )
    await session.flush()
    return True


async def leave(session: AsyncSession, who: Actor, pairing_id: int) -> None:
    """Take part no more, wherever somebody lives by now."""
    wish = await session.get(PairWish, (pairing_id, who.user_id))
    if wish is None or wish.server_id != who.server_id:
        raise NotAllowed("pairs.not_in")
    await session.delete(wish)
    await session.flush()


async def rest(session: AsyncSession, who: Actor, pairing_id: int, now: datetime) -> None:
    """Have a break until they press again."""
    wish = await _wish(session, who, pairing_id)
    if wish.rests_since is None:
        wish.rests_since = now
    wish.rests_why = "own"
    await session.flush()


async def come_back(session: AsyncSession, who: Actor, pairing_id: int) -> None:
    """End a break."""
    _is_back(await _wish(session, who, pairing_id))
    await session.flush()


async def noted(session: AsyncSession, who: Actor, pairing_id: int) -> None:
    """Take down what stands on somebody's /home about pairs."""
    wish = await _wish(session, who, pairing_id)
    wish.alone_at = None
    if wish.rests_since is not None:
        wish.rests_why = "own"
    await session.flush()


async def hours(session: AsyncSession, who: Actor, pairing_id: int) -> tuple[str, Sequence[str]]:
    """Return somebody's zone, their group's if they told none, and their times of the day."""
    wish = await _wish(session, who, pairing_id)
    return await _zone(session, wish), pair_hours.read(wish.hours)


async def set_hours(
    session: AsyncSession, who: Actor, pairing_id: int, parts: Collection[str]
) -> None:
    """Keep somebody's times of the day; none takes them back."""
    if not set(parts) <= pair_hours.PARTS.keys():
        raise UserError("errors.expired")
    wish = await _wish(session, who, pairing_id)
    wish.zone = await _zone(session, wish)
    wish.hours = pair_hours.written(parts)
    await session.flush()


async def set_city(session: AsyncSession, who: Actor, pairing_id: int, typed: str) -> None:
    """Keep on whose clock their times are; UserError with near misses."""
    wish = await _wish(session, who, pairing_id)
    wish.zone = zones.zone(typed)
    await session.flush()


async def together_part(
    session: AsyncSession, who: Actor, group: Group, now: datetime, settings: Settings
) -> Part | None:
    """Return what somebody reads of pairs on the card of what their group does together."""
    del now, settings
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None or home.group_id != group.id or home.state != "here":
        return None
    found = await session.scalars(
        select(Pairing).where(takes_part(group.id)).order_by(Pairing.group_id != group.id)
    )
    cards = [await card(session, who, pairing.id) for pairing in found.all()]
    if not cards:
        return None
    return Part(
        tuple(pair_cards.line_of(one) for one in cards),
        tuple(Button("pairs.open", f"pair-mine:{one.pairing_id}:card") for one in cards),
    )


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return what waits for somebody about pairs: that they rest, or that nobody was there."""
    del now, settings
    row = (
        await session.execute(
            select(PairWish, Pairing)
            .join(Pairing, Pairing.id == PairWish.pairing_id)
            .join(
                Membership,
                and_(
                    Membership.server_id == PairWish.server_id,
                    Membership.user_id == PairWish.user_id,
                    Membership.state == "here",
                ),
            )
            .where(
                PairWish.server_id == who.server_id,
                PairWish.user_id == who.user_id,
                or_(PairWish.rests_why == "missed", PairWish.alone_at.is_not(None)),
                or_(
                    Pairing.group_id == Membership.group_id,
                    and_(Pairing.sibling_id == Membership.group_id, Pairing.sibling_state == "yes"),
                ),
            )
            .order_by(PairWish.pairing_id)
            .limit(1)
        )
    ).first()
    if row is None:
        return None
    wish, pairing = row
    if wish.rests_since is not None:
        return Note(
            (Line("pairs.home_missed"),),
            (
                Button("pairs.back", f"pair-back:{pairing.id}:home", "primary"),
                Button("pairs.leave_it", f"pair-noted:{pairing.id}"),
            ),
        )
    line = Line("pairs.home_alone_open")
    if pairing.next_due_at is not None and pairing.state == "running":
        line = Line("pairs.home_alone", {"at": int(pairing.next_due_at.timestamp())})
    return Note((line,), (Button("pairs.all_right", f"pair-noted:{pairing.id}"),))


async def row(session: AsyncSession, server_id: int, pairing_id: int) -> Pairing:
    """Return a pairing of this server; NotAllowed when it is gone."""
    pairing = await session.get(Pairing, pairing_id)
    if pairing is None or pairing.server_id != server_id:
        raise NotAllowed("pairs.gone")
    return pairing


def _is_back(wish: PairWish) -> None:
    wish.rests_since, wish.rests_why, wish.misses = None, "", 0


async def _mine(session: AsyncSession, who: Actor, pairing_id: int) -> tuple[Pairing, Membership]:
    """Return a pairing and the home by which somebody may take part in it."""
    await rights.server_row(session, who.server_id)
    pairing = await row(session, who.server_id, pairing_id)
    home = await session.get(Membership, (who.server_id, who.user_id))
    if home is None or home.state != "here" or home.group_id not in homes(pairing):
        raise NotAllowed("pairs.inside_only")
    return pairing, home


async def _wish(session: AsyncSession, who: Actor, pairing_id: int) -> PairWish:
    await _mine(session, who, pairing_id)
    wish = await session.get(PairWish, (pairing_id, who.user_id))
    if wish is None:
        raise UserError("pairs.not_in")
    return wish


async def _zone(session: AsyncSession, wish: PairWish) -> str:
    if wish.zone:
        return wish.zone
    home = await session.get_one(Membership, (wish.server_id, wish.user_id))
    group = await session.get_one(Group, home.group_id)
    return group.zone or (await session.get_one(Server, wish.server_id)).zone


async def _now(
    session: AsyncSession, pairing_id: int, user_id: int
) -> tuple[tuple[int, ...], int | None]:
    """Return whom somebody is to meet now, and in which thread."""
    pair = await session.scalar(
        select(Pair)
        .join(PairRound, PairRound.id == Pair.round_id)
        .join(PairSeat, PairSeat.pair_id == Pair.id)
        .where(
            PairRound.pairing_id == pairing_id,
            PairRound.closed_at.is_(None),
            Pair.closed_at.is_(None),
            PairSeat.user_id == user_id,
            ~PairSeat.gone,
        )
        .order_by(Pair.id.desc())
        .limit(1)
    )
    if pair is None:
        return (), None
    others = await session.scalars(
        select(PairSeat.user_id)
        .where(PairSeat.pair_id == pair.id, PairSeat.user_id != user_id, ~PairSeat.gone)
        .order_by(PairSeat.user_id)
    )
    return tuple(others), pair.thread_id

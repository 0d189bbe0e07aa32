"""*From the neighbourhoods*: gathered by itself, read through and published by a person.

There is one `ready` edition of a server at a time, for the host whose turn it is. Which bridges it
shows is decided when it is read, and only what was read is published. Nobody who hosts is told more
than twice: what nobody publishes rests until somebody begins again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import neighbourhood_cards as cards
from bot.rules import neighbourhoods
from bot.rules.actor import Actor
from bot.rules.desk_parts import Part
from bot.rules.home_cards import Note
from bot.rules.home_messages import something_waits
from bot.rules.message import Button, Line, Message
from bot.rules.neighbourhood_cards import Board, State
from bot.rules.neighbourhoods import ASKED_AFTER, EVERY, RESTS_AFTER
from bot.services import editions, rights
from bot.services.outbox import owe
from bot.settings import Settings
from models import (
    Bridge,
    Edition,
    Facilitator,
    Group,
    Member,
    NeighbourhoodHost,
    Server,
)

GATHERS = timedelta(days=1)  # so that the first of a week finds company
KIND = "neighbourhood-turn"

_READY = select(Edition.server_id).where(Edition.state == "ready")
ANY_HOSTED = or_(exists(select(NeighbourhoodHost.server_id)), exists(_READY))


async def board(session: AsyncSession, actor: Actor, group_id: int) -> Message:
    """Return how it stands, at the desk of a group."""
    await rights.require_facilitator(session, actor, group_id)
    hosts = [host for host, _, _ in await _rota(session, actor.server_id)]
    edition = await _latest(session, actor.server_id)
    last = await session.scalar(
        select(func.max(Edition.closed_at)).where(
            Edition.server_id == actor.server_id, Edition.state == "published"
        )
    )
    state: State = "none"
    if edition is not None and edition.state in {"ready", "rests"}:
        state = "ready" if edition.state == "ready" else "rests"
    found = Board(
        hosts=tuple(hosts),
        waiting=len(await editions.waiting(session, actor.server_id)),
        state=state,
        edition_id=edition.id if edition is not None and edition.state == "ready" else None,
        host_id=None if edition is None else edition.host_id,
        last_at=last,
        is_host=actor.user_id in hosts,
    )
    return cards.board(group_id, found)


async def host(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, *, wants: bool
) -> str:
    """Put somebody on the rota or take them off; return the text that says so."""
    await rights.require_facilitator(session, actor, group_id)
    mine = await session.get(NeighbourhoodHost, (actor.server_id, actor.user_id))
    if wants and mine is None:
        session.add(
            NeighbourhoodHost(
                server_id=actor.server_id,
                user_id=actor.user_id,
                since=now,
                as_owner=await rights.is_owner(session, actor),
            )
        )
    elif not wants and mine is not None:
        await session.delete(mine)
    await session.flush()
    return "neighbourhoods.hosting" if wants else "neighbourhoods.hosting_not"


async def pass_on(session: AsyncSession, actor: Actor, edition_id: int, now: datetime) -> int:
    """Let somebody else have one's turn; return who. UserError when there is nobody else."""
    edition = await editions.opened(session, actor, edition_id)
    current = edition.host_id or 0
    if current != actor.user_id:
        raise UserError("neighbourhoods.not_your_turn", user=current)
    rota = await _rota(session, actor.server_id)
    follows = neighbourhoods.next_host(rota, but=current)
    if follows is None or follows == current:
        raise UserError("neighbourhoods.nobody_else")
    await editions.had_turn(session, actor.server_id, current, now)
    edition.host_id, edition.asked_at = follows, None
    edition.ready_at = now
    await session.flush()
    await _tell(session, edition, now)
    return follows


async def rest(session: AsyncSession, actor: Actor, edition_id: int, now: datetime) -> None:
    """Let it rest until somebody begins again."""
    await _rests(session, await editions.opened(session, actor, edition_id), now)


async def begin(session: AsyncSession, actor: Actor, group_id: int) -> None:
    """Begin again after a rest."""
    await rights.require_facilitator(session, actor, group_id)
    await editions.require_host(session, actor)
    latest = await _latest(session, actor.server_id)
    if latest is not None and latest.state == "rests":
        latest.state = "over"
        await session.flush()


async def step_due(session: AsyncSession, now: datetime) -> None:
    """Begin editions whose time has come, find hosts for those that lost theirs, let others rest.

    For all servers that anybody hosts in; none that is paused. Who left, or looks after nothing any
    more, hosts no more.
    """
    gone = exists().where(
        Member.server_id == NeighbourhoodHost.server_id,
        Member.user_id == NeighbourhoodHost.user_id,
        Member.left_at.is_not(None),
    )
    office = exists().where(
        Facilitator.server_id == NeighbourhoodHost.server_id,
        Facilitator.user_id == NeighbourhoodHost.user_id,
        Facilitator.state == "active",
    )
    await session.execute(
        delete(NeighbourhoodHost)
        .where(or_(gone, ~NeighbourhoodHost.as_owner & ~office))
        .execution_options(synchronize_session=False)
    )
    servers = await session.scalars(
        select(Server).where(
            Server.id.in_(select(NeighbourhoodHost.server_id).union(_READY)),
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
    )
    for server in servers.all():
        latest = await _latest(session, server.id)
        if latest is not None and latest.state == "ready":
            await _step(session, latest, now)
        elif latest is None or latest.state != "rests":
            await _begin(session, server, latest, now)


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the way to the board, and at the desk's front whose turn it is."""
    del now, settings
    found = [Part("together", buttons=(_button(group.id),))]
    edition = await _turn_of(session, actor)
    if edition is not None:
        read = Button("neighbourhoods.read", f"bridge-edition:{edition.id}")
        found.append(Part("front", (Line("neighbourhoods.front"),), (read,)))
    return found


async def home_note(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> Note | None:
    """Return that it is somebody's turn."""
    del now, settings
    edition = await _turn_of(session, who)
    if edition is None:
        return None
    read = Button("neighbourhoods.read", f"bridge-edition:{edition.id}")
    return Note((Line("neighbourhoods.note"),), (read,))


def _button(group_id: int) -> Button:
    return Button("neighbourhoods.button", f"bridge-board:{group_id}")


async def _step(session: AsyncSession, edition: Edition, now: datetime) -> None:
    """Go on with an edition that nobody has published yet."""
    if not await editions.waiting(session, edition.server_id):
        # Everything was taken back: there is nothing to remind anybody of.
        await session.delete(edition)
        await session.flush()
        return
    rota = await _rota(session, edition.server_id)
    if edition.host_id not in {person for person, _, _ in rota}:
        follows = neighbourhoods.next_host(rota)
        if follows is None:
            await _rests(session, edition, now)
            return
        edition.host_id, edition.ready_at, edition.asked_at = follows, now, None
        await session.flush()
        await _tell(session, edition, now)
    elif edition.ready_at + RESTS_AFTER <= now:
        await _rests(session, edition, now)
    elif edition.asked_at is None and edition.ready_at + ASKED_AFTER <= now:
        edition.asked_at = now
        await session.flush()
        await _tell(session, edition, now)


async def _begin(
    session: AsyncSession, server: Server, latest: Edition | None, now: datetime
) -> None:
    """Have an edition ready, if a week is over and something has waited for a day."""
    if server.commons_id is None:
        return
    if latest is not None and latest.closed_at is not None and latest.closed_at + EVERY > now:
        return
    waiting = await editions.waiting(session, server.id)
    if not waiting or min(one.shared_at for one in waiting) + GATHERS > now:
        return
    turn = neighbourhoods.next_host(await _rota(session, server.id))
    if turn is None:
        return
    edition = Edition(server_id=server.id, host_id=turn, ready_at=now)
    session.add(edition)
    await session.flush()
    await _tell(session, edition, now)


async def _tell(session: AsyncSession, edition: Edition, now: datetime) -> None:
    """Tell whose turn it is: in the facilitators' room, else by the neutral line."""
    assert edition.host_id is not None  # whoever calls has just found one
    server = await session.get_one(Server, edition.server_id)
    key = f"{KIND}:{edition.id}:{edition.host_id}:{int(edition.asked_at is not None)}"
    if server.facilitators_room_id is None:
        message = something_waits(edition.host_id, key)
    elif edition.asked_at is None:
        message = cards.ready(edition.id, edition.host_id)
    else:
        message = cards.shall_it_rest(edition.id, edition.host_id, edition.ready_at)
    await owe(
        session,
        server_id=server.id,
        kind=KIND,
        key=f"{key}:{int(edition.ready_at.timestamp())}",
        place="commons" if server.facilitators_room_id is None else "facilitators",
        message=message,
        now=now,
    )


async def _rests(session: AsyncSession, edition: Edition, now: datetime) -> None:
    edition.state, edition.closed_at = "rests", now
    await session.execute(
        update(Bridge)
        .where(Bridge.edition_id == edition.id, Bridge.state == "waiting")
        .values(edition_id=None)
    )
    await session.flush()


async def _turn_of(session: AsyncSession, who: Actor) -> Edition | None:
    return await session.scalar(
        select(Edition).where(
            Edition.server_id == who.server_id,
            Edition.state == "ready",
            Edition.host_id == who.user_id,
        )
    )


async def _latest(session: AsyncSession, server_id: int) -> Edition | None:
    return await session.scalar(
        select(Edition).where(Edition.server_id == server_id).order_by(Edition.id.desc()).limit(1)
    )


async def _rota(
    session: AsyncSession, server_id: int
) -> list[tuple[int, datetime | None, datetime]]:
    rows = await session.scalars(
        select(NeighbourhoodHost)
        .where(NeighbourhoodHost.server_id == server_id)
        .order_by(NeighbourhoodHost.since, NeighbourhoodHost.user_id)
    )
    return [(row.user_id, row.last_at, row.since) for row in rows]

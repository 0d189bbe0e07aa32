"""Making a group's role and room, once: written down, made, stored; adopted after a crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.clock import Clock
from bot.database import Database
from bot.errors import EffectError, Permanent, Temporary
from bot.gateway import audit, observe
from bot.gateway.apply import Hands
from bot.rules import capacity
from bot.rules.access import Overwrite
from bot.rules.planning import Desired, MakeRole, MakeRoom, Observed, keys
from bot.services import creations, upkeep
from bot.services.creations import Begun, What
from bot.texts import catalogue

log = logging.getLogger(__name__)

TOO_MANY_ROLES, TOO_MANY_CHANNELS = 30005, 30013  # Discord's codes, used before it must say so
INVALID_FORM = 50035


@dataclass(slots=True)
class Maker:
    """Makes roles, rooms and categories in one server, one after the other.

    Each creation is a row first and carries its id in the audit reason. If the answer is lost, by a
    crash or a broken connection, the row is still there: then the audit log is asked for that id
    before anything is made again.
    """

    hands: Hands
    database: Database
    clock: Clock
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _made: dict[str, int] = field(default_factory=dict[str, int])  # since the start, by creation
    _full: set[int] = field(default_factory=set[int])  # categories that Discord says are full

    async def heard(self, reason: str | None, made_id: int, *, role: bool) -> None:
        """Take in an audit entry of our own; what was made a second time is taken away.

        discord.py repeats a creation by itself when Discord answers with some failures (500, 502,
        504), though it may have been carried out.
        """
        creation_id = audit.creation_of(reason)
        async with self._turn:  # after a creation under way has been stored
            first = self._made.get(creation_id or "")
        if first is not None and first != made_id:
            log.warning("Server %s: %s was made twice; it goes", self.hands.server_id, made_id)
            await self.hands.unmake(made_id, role=role)

    async def clear_twins(self) -> None:
        """Take away what was made a second time while nobody listened; asked of the audit log.

        Only what carries a creation's id that something in use carries too, and that nobody uses.
        """
        for role in (True, False):
            try:
                twins = await audit.made_twice(self.hands, role=role)
            except EffectError as error:
                log.info("Server %s: no audit log (%s)", self.hands.server_id, error)
                return
            if not twins:
                continue
            async with self._turn:
                async with self.database.reading() as session:
                    used, under_way = await creations.ours(session, self.hands.server_id)
                for creation_id, made in twins.items():
                    if creation_id in under_way or not made & used:
                        continue
                    for made_id in sorted(made - used):
                        if observe.is_unused(self.hands, made_id, role=role):
                            await self._clear(made_id, role=role)

    async def _clear(self, made_id: int, *, role: bool) -> None:
        server = self.hands.server_id
        log.warning("Server %s: %s was made twice; it goes", server, made_id)
        try:
            await self.hands.unmake(made_id, role=role)
        except EffectError as error:  # it is in nobody's way, and the look has more to do
            log.warning("Server %s: %s could not be taken away: %s", server, made_id, error)

    async def role(self, desired: Desired, action: MakeRole) -> None:
        """Make a group's role."""
        group = desired.groups[action.group_id]

        async def make(reason: str) -> int:
            if observe.role_count(self.hands) >= capacity.ROLES:
                raise Permanent("the server has all the roles it can have", code=TOO_MANY_ROLES)
            return await self.hands.make_role(name=group.name, colour=group.colour, reason=reason)

        async with self._turn:
            await self._once("role", action.group_id, make, group.role_look, action.instead_of)

    async def room(self, desired: Desired, observed: Observed, action: MakeRoom) -> None:
        """Make a group's room or voice room, in the first category that has place, or a new one.

        A voice room stands in its room's own category, where there is place.
        """
        group = desired.groups[action.group_id]
        what: What = "voice" if action.voice else "room"
        name = group.voice_name if action.voice else group.room_name
        async with self._turn:
            beside = group.room_id if action.voice else None
            category_id = await self._category(desired, observed, action.group_id, beside)

            async def make(reason: str) -> int:
                self._check_channels()
                if action.voice:
                    return await self.hands.make_voice_room(
                        name=name,
                        category_id=category_id,
                        overwrites=action.overwrites,
                        reason=reason,
                    )
                return await self.hands.make_room(
                    name=name,
                    topic=group.topic,
                    category_id=category_id,
                    overwrites=action.overwrites,
                    reason=reason,
                )

            try:
                await self._once(what, action.group_id, make, name, action.instead_of)
            except Permanent as error:
                if error.code == INVALID_FORM and "parent_id" in str(error):
                    self._full.add(category_id)  # somebody put rooms of their own there meanwhile
                    raise Temporary("the category is full", delay=0) from error
                raise

    async def house_room(self, number: int, name: str, overwrites: tuple[Overwrite, ...]) -> int:
        """Make a room that setup asked for, by its part's number; owners put it where they like."""

        async def make(reason: str) -> int:
            self._check_channels()
            return await self.hands.make_room(
                name=name, topic="", category_id=None, overwrites=overwrites, reason=reason
            )

        async with self._turn:
            return await self._once("house", number, make, name, None)

    async def _category(
        self, desired: Desired, observed: Observed, group_id: int, beside: int | None = None
    ) -> int:
        async with self.database.reading() as session:
            pool = await creations.categories(session, self.hands.server_id)
        near = pool & observe.category_of(self.hands, beside)
        found = observe.free_category(self.hands, near, self._full, capacity.ROOMS_IN_A_CATEGORY)
        if found is not None:
            return found
        found = observe.free_category(self.hands, pool, self._full, capacity.ROOMS_IN_A_CATEGORY)
        if found is not None:
            return found
        name = catalogue(desired.language)("upkeep.category", number=len(pool) + 1)
        guards = keys(desired, observed, group_id)

        async def make(reason: str) -> int:
            self._check_channels()
            return await self.hands.make_category(name=name, keys=guards, reason=reason)

        return await self._once("category", creations.NO_GROUP, make, name, None)

    async def _once(
        self,
        what: What,
        group_id: int,
        make: Callable[[str], Awaitable[int]],
        written: str,
        instead_of: int | None,
    ) -> int:
        server_id, now = self.hands.server_id, self.clock.now()
        async with self.database.writing() as session:
            begun = await creations.begin(session, server_id, what, group_id, now=now)
        made_id = await self._adopted(begun, what) if begun.before else None
        if made_id is None:
            try:
                made_id = await make(audit.made(begun.id))
            except Permanent:
                async with self.database.writing() as session:
                    await creations.give_up(session, begun.id)
                raise
        self._made[begun.id] = made_id
        async with self.database.writing() as session:
            await creations.finish(session, begun.id, made_id, written)
            if instead_of is not None:
                await upkeep.remade(
                    session,
                    server_id,
                    what,
                    group_id,
                    made_id=made_id,
                    instead_of=instead_of,
                    now=now,
                )
        log.info("Server %s: %s %s made for group %s", server_id, what, made_id, group_id)
        return made_id

    async def _adopted(self, begun: Begun, what: What) -> int | None:
        is_role = what == "role"
        try:
            found = await audit.find_made(self.hands, begun.id, role=is_role)
        except Permanent as error:
            # Without the right to read the audit log, two of a kind are better than none.
            log.warning("Server %s: no audit log (%s)", self.hands.server_id, error)
            return None
        if found is None or not await audit.still_there(self.hands, found, role=is_role):
            return None
        log.info("Server %s: %s %s is adopted after a break", self.hands.server_id, what, found)
        return found

    def _check_channels(self) -> None:
        if observe.channel_count(self.hands) >= capacity.CHANNELS:
            raise Permanent("the server has all the channels it can have", code=TOO_MANY_CHANNELS)

"""The rooms that setup has Hearth make: made once, and the facilitators' keys kept.

Where these rooms stand, what they are called and who else may enter is the owners' from then on;
only who looks after a group is let into the facilitators' room, and out again.
"""

from collections.abc import Callable, Sequence

from bot.database import Database
from bot.errors import Permanent
from bot.gateway import observe
from bot.gateway.apply import Hands
from bot.reconciling.errands import Errands
from bot.reconciling.lane import Lanes
from bot.rules import access
from bot.rules.access import Keys, Overwrite, RoomEdit
from bot.services import house
from bot.services.house import Wanted

HOUSE = "house"  # the lane, and the name of stored failures


class HouseRooms:
    """One server's house rooms; each is dealt with by one worker at a time."""

    def __init__(
        self,
        hands: Hands,
        database: Database,
        errands: Errands,
        *,
        delays: Sequence[float],
        changed: Callable[[], None],
    ) -> None:
        self._hands = hands
        self._database = database
        self._errands = errands
        self.lanes = Lanes[int](
            self._do,
            self._refused,
            widths={HOUSE: 1},
            delays=delays,
            changed=changed,
            called="a room of the house ({})",
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do now."""
        return self.lanes.idle

    async def close(self, grace: float) -> None:
        """Stop working; what is under way has `grace` seconds."""
        await self.lanes.close(grace)

    async def look(self) -> None:
        """Take in what the tables say of these rooms."""
        for one in await self._read():
            self.lanes.put(one.number, HOUSE)

    async def _read(self) -> list[Wanted]:
        async with self._database.reading() as session:
            return await house.wanted(session, self._hands.server_id)

    async def _do(self, number: int, _lane: str) -> None:
        if not observe.reachable(self._hands):
            return  # when it comes back everything is looked at
        for one in await self._read():
            if one.number == number:
                await self._see_to(one)
                await self._errands.worked(one.subject)

    async def _refused(self, number: int, error: Permanent) -> None:
        for one in await self._read():
            if one.number == number:
                await self._errands.refused(one.subject, HOUSE, error)

    async def _see_to(self, one: Wanted) -> None:
        keys = self._keys(one)
        if one.room_id is None:
            await self._errands.maker.house_room(one.number, one.name, _fresh(one, keys))
        elif one.keyed:
            await self._keep_keys(one.room_id, keys)

    async def _keep_keys(self, room_id: int, keys: Keys) -> None:
        """Let people in and out; what an owner wrote for roles stands."""
        room = self._hands.guild.get_channel(room_id)
        if room is None or observe.is_hidden(room):
            return  # setup's rooms that are gone or hidden are told of elsewhere
        now = self._hands.echoes.overwrites(room_id, observe.overwrites(room))
        edit = access.edit(keys, now)
        people = RoomEdit(
            tuple(w for w in edit.writes if w.kind == "member" and w.target_id != keys.bot_id),
            tuple(e for e in edit.erases if e.kind == "member"),
        )
        if people:
            await self._hands.edit_room(room_id, people)

    def _keys(self, one: Wanted) -> Keys:
        guild = self._hands.guild
        return Keys(
            server_id=guild.id,
            bot_id=guild.me.id,
            bot_permissions=guild.me.guild_permissions.value,
            safety_roles=one.opens_to & {role.id for role in guild.roles},
            residents=one.people,
        )


def _fresh(one: Wanted, keys: Keys) -> tuple[Overwrite, ...]:
    """Return what a room is made with: the commons like any other, the rest private."""
    if one.private:
        return access.fresh(keys)
    return (Overwrite(keys.bot_id, "member", access.may(keys, access.BOT), 0),)

"""One step on Discord each: what the reconciler does with its hands.

discord.py's own route methods are called with ids and raw bits: the objects around them would look
things up again in a cache that lags behind.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import discord

from bot.errors import Permanent, Temporary
from bot.gateway.echoes import Echoes, Writing
from bot.gateway.errors import (
    MISSING_PERMISSIONS,
    RETRIED_BY_US,
    UNKNOWN_OVERWRITE,
    effects,
)
from bot.rules.access import BOT, VIEW, Keys, Overwrite, RoomEdit, may
from bot.rules.planning import ChangeRoles, ObservedMember

REASON = "Hearth: as the groups' tables say"
TWICE = "Hearth: made twice when an answer was lost"
KINDS = {"role": 0, "member": 1}  # Discord's numbers for whom an overwrite is for
TEXT, VOICE, CATEGORY = 0, 2, 4  # Discord's numbers for kinds of channels


@dataclass(frozen=True, slots=True)
class Hands:
    """What Hearth can do in one server; every write is announced to `echoes` first."""

    client: discord.Client
    server_id: int
    echoes: Echoes

    @property
    def guild(self) -> discord.Guild:
        """The server in the cache; Temporary while it cannot be seen."""
        guild = self.client.get_guild(self.server_id)
        if guild is None or guild.unavailable:
            raise Temporary("the server cannot be seen now")
        return guild

    @property
    def hears(self) -> bool:
        """Whether the gateway is connected, so that the cache is not old without being told."""
        gateway = cast("Any", self.client.ws)  # None until the first connection
        return gateway is not None and bool(gateway.open)

    async def change_singly(self, c: ChangeRoles) -> None:
        """Add and remove single roles: for clicks, in a bucket that bulk work does not use."""
        for role in sorted(c.give):
            self._check_reach(role)
            with effects(), _writing(self.echoes.writing(c.user_id, {role: True})):
                await self.client.http.add_role(self.server_id, c.user_id, role, reason=REASON)
        for role in sorted(c.take):
            self._check_reach(role)
            with effects(), _writing(self.echoes.writing(c.user_id, {role: False})):
                await self.client.http.remove_role(self.server_id, c.user_id, role, reason=REASON)

    async def change_at_once(self, c: ChangeRoles, roles: frozenset[int]) -> None:
        """Replace a member's whole role list, computed from `roles` that were read just before."""
        values = dict.fromkeys(c.give, True) | dict.fromkeys(c.take, False)
        wanted = [str(role) for role in sorted((roles | c.give) - c.take)]
        self._check_reach(*c.give, *c.take)
        with effects(), _writing(self.echoes.writing(c.user_id, values)):
            await self.client.http.edit_member(
                self.server_id, c.user_id, roles=wanted, reason=REASON
            )

    def _check_reach(self, *role_ids: int) -> None:
        """Refuse, Permanent, what Discord would refuse: asking counts towards a ban there.

        One group role above Hearth's own is met by every member of that group.
        """
        guild = self.guild
        if not guild.me.guild_permissions.manage_roles:
            raise Permanent("I lack the permission Manage Roles", code=MISSING_PERMISSIONS)
        for role in map(guild.get_role, role_ids):
            if role is not None and role >= guild.me.top_role:
                raise Permanent(f"the role {role.name} is above mine", code=MISSING_PERMISSIONS)

    async def bulk_turn(self) -> None:
        """Wait until discord.py would send the next member edit at once.

        It holds a request back while its bucket is empty, and what the request says grows old
        meanwhile: a role that somebody gave in those seconds would be overwritten. So the waiting
        is done before the role list is read.
        """
        http = cast("Any", self.client.http)
        route = "PATCH /guilds/{guild_id}/members/{user_id}"
        bucket = http._buckets.get(f"{http._bucket_hashes.get(route)}:{self.server_id}")  # noqa: SLF001 - discord.py tells this nowhere else
        if bucket is not None and bucket.remaining <= 0 and bucket.expires is not None:
            await asyncio.sleep(max(0.0, bucket.expires - asyncio.get_running_loop().time()))

    async def fetch_member(self, user_id: int, now: datetime) -> ObservedMember:
        """Ask Discord for a member's roles, where the cache does not know them."""
        with effects():
            data = await self.client.http.get_member(self.server_id, user_id)
        until = data.get("communication_disabled_until")
        return ObservedMember(
            roles=frozenset(int(role) for role in data["roles"]),
            timed_out=until is not None and datetime.fromisoformat(until) > now,
            pending=data.get("pending", False),
        )

    async def make_role(self, *, name: str, colour: int, reason: str) -> int:
        """Make a group's role: not shown apart, not to be mentioned, without rights of its own."""
        with effects():
            data = await self.client.http.create_role(
                self.server_id,
                reason=reason,
                name=name,
                color=colour,
                permissions="0",
                hoist=False,
                mentionable=False,
            )
        role_id = int(data["id"])
        if self.guild.get_role(role_id) is None:
            self.echoes.made_role(role_id, self.guild)
        return role_id

    async def make_room(
        self,
        *,
        name: str,
        topic: str,
        category_id: int | None,
        overwrites: tuple[Overwrite, ...],
        reason: str,
    ) -> int:
        """Make a room with everybody's keys in the same call; None: outside all categories."""
        with effects():
            data = await self.client.http.create_channel(
                self.server_id,
                TEXT,
                reason=reason,
                name=name,
                topic=topic,
                parent_id=category_id,
                permission_overwrites=[_payload(one) for one in overwrites],
            )
        room_id = int(data["id"])
        self._made_room(room_id, name, category_id or 0, overwrites)
        return room_id

    async def make_voice_room(
        self, *, name: str, category_id: int, overwrites: tuple[Overwrite, ...], reason: str
    ) -> int:
        """Make a voice room with everybody's keys in the same call."""
        with effects():
            data = await self.client.http.create_channel(
                self.server_id,
                VOICE,
                reason=reason,
                name=name,
                parent_id=category_id,
                permission_overwrites=[_payload(one) for one in overwrites],
            )
        room_id = int(data["id"])
        self._made_room(room_id, name, category_id, overwrites)
        return room_id

    async def make_category(self, *, name: str, keys: Keys, reason: str) -> int:
        """Make a category; what people create in it by hand is private, too."""
        overwrites = (
            Overwrite(self.server_id, "role", 0, VIEW),
            Overwrite(keys.bot_id, "member", may(keys, BOT), 0),
        )
        with effects():
            data = await self.client.http.create_channel(
                self.server_id,
                CATEGORY,
                reason=reason,
                name=name,
                permission_overwrites=[_payload(one) for one in overwrites],
            )
        category_id = int(data["id"])
        self._made_room(category_id, name, 0, overwrites)
        return category_id

    def _made_room(
        self, made_id: int, name: str, parent_id: int, overwrites: tuple[Overwrite, ...]
    ) -> None:
        if self.guild.get_channel(made_id) is None:
            written = {one.target_id: one for one in overwrites}
            self.echoes.made_room(made_id, (name, parent_id, written), self.guild)

    async def unmake(self, made_id: int, *, role: bool) -> None:
        """Delete what was made twice under one id."""
        with effects():
            if role:
                await self.client.http.delete_role(self.server_id, made_id, reason=TWICE)
            else:
                await self.client.http.delete_channel(made_id, reason=TWICE)

    async def name_role(self, role_id: int, *, name: str, colour: int) -> None:
        """Give a role a new name and colour."""
        with effects():
            await self.client.http.edit_role(
                self.server_id, role_id, name=name, color=colour, reason=REASON
            )

    async def name_room(self, room_id: int, *, name: str, topic: str) -> None:
        """Give a room a new name and topic; Discord allows that twice in ten minutes."""
        with effects():
            await self.client.http.edit_channel(room_id, name=name, topic=topic, reason=REASON)

    async def name_voice_room(self, room_id: int, *, name: str) -> None:
        """Give a voice room a new name; Discord allows that twice in ten minutes."""
        with effects():
            await self.client.http.edit_channel(room_id, name=name, reason=REASON)

    async def edit_room(self, room_id: int, edit: RoomEdit) -> None:
        """Put a room's overwrites right: in one edit where that is possible and worth it."""
        if edit.whole is not None:
            values: dict[int, Overwrite | None] = {one.target_id: one for one in edit.writes}
            values |= {one.target_id: None for one in edit.erases}
            payload = [_payload(one) for one in edit.whole]
            with effects(), _writing(self.echoes.writing(room_id, values)):
                await self.client.http.edit_channel(
                    room_id, permission_overwrites=payload, reason=REASON
                )
            return
        for one in edit.erases:  # first who must not come in any more
            with effects(), _writing(self.echoes.writing(room_id, {one.target_id: None})):
                try:
                    await self.client.http.delete_channel_permissions(
                        room_id, one.target_id, reason=REASON
                    )
                except discord.NotFound as error:
                    if error.code != UNKNOWN_OVERWRITE:
                        raise
        for one in edit.writes:
            with effects(), _writing(self.echoes.writing(room_id, {one.target_id: one})):
                await self.client.http.edit_channel_permissions(
                    room_id,
                    one.target_id,
                    str(one.allow),
                    str(one.deny),
                    KINDS[one.kind],  # pyright: ignore[reportArgumentType] - 0 or 1
                    reason=REASON,
                )


class _writing:  # noqa: N801 - read as a word in a with statement
    """Announces writes, and says what became of them: landed, refused, or nobody knows."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._writing.landed()
        elif isinstance(error, discord.RateLimited) or (
            isinstance(error, discord.HTTPException) and error.status < RETRIED_BY_US
        ):
            self._writing.refused()


def _payload(one: Overwrite) -> Any:
    return {
        "id": str(one.target_id),
        "type": KINDS[one.kind],
        "allow": str(one.allow),
        "deny": str(one.deny),
    }

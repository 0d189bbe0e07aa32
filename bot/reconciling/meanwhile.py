"""What people did in a server while nobody told Hearth."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Database
from bot.gateway import audit, observe
from bot.gateway.apply import Hands
from bot.rules.access import MOST_SHUT_OUT_AT_ONCE, lets_in
from bot.rules.planning import ChangeRoles, Desired, Observed
from bot.services import departures, guest_doors, upkeep
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Compares the tables with who is there, and asks the audit log after a gap."""

    hands: Hands
    database: Database
    clock: Clock
    settings: Settings

    async def take_in(
        self,
        wanted: Desired,
        seen: Observed,
        users: set[int] | None,
        changes: Iterable[ChangeRoles],
        *,
        gap: bool,
    ) -> set[int]:
        """Write down who left or came back and, after a gap, whose home's role a person took.

        `users` are those who were looked at, None for everybody. Returns whose home is held now.
        """
        gone, back = set[int](), set[int]()
        if seen.complete:
            gone, back = self._absent(wanted, seen, users)
        held = await self._taken(wanted, [c for c in changes if c.give]) if gap else set[int]()
        if not gone and not back and not held:
            return held
        server, now = self.hands.server_id, self.clock.now()
        async with self.database.writing() as session:
            for user in sorted(gone):
                await departures.member_left_server(
                    session, server, user, now=now, settings=self.settings
                )
            for user in sorted(back):
                await departures.member_returned(session, server, user, now=now)
            for user in sorted(held):
                await departures.home_taken_by_hand(session, server, user, now=now)
        return held

    async def keys_taken(self, wanted: Desired, seen: Observed) -> None:
        """Hold the homes of those whose entry in their group's room a person took after a gap.

        Before any room is put right: the entries are these members' only keys.
        """
        shut_out: dict[tuple[int, int], int] = {}
        for group_id in wanted.complete:
            group = wanted.groups[group_id]
            room = seen.rooms.get(group.room_id or 0)
            if group.by_role or room is None or room.hidden or group.room_id is None:
                continue
            lack = [u for u in group.residents if not lets_in(room.overwrites.get(u))]
            if len(lack) <= MOST_SHUT_OUT_AT_ONCE:
                shut_out |= {(group.room_id, user): user for user in lack}
        if not shut_out:
            return
        acts = await audit.shut_out_by_people(self.hands)
        held = {
            user
            for place, user in shut_out.items()
            if place in acts and acts[place] > wanted.homes[user].since
        }
        if not held:
            return
        async with self.database.writing() as session:
            for user in sorted(held):
                await departures.home_taken_by_hand(
                    session, self.hands.server_id, user, now=self.clock.now()
                )

    async def doors_shut(self, wanted: Desired, seen: Observed) -> None:
        """End the guest evenings whose entry in a room a person took after a gap.

        Before any room is put right. Of whom the log knows nothing, the entry was never written.
        """
        lack: dict[tuple[int, int], int] = {}
        for group_id in wanted.complete:
            group = wanted.groups[group_id]
            room = seen.rooms.get(group.room_id or 0)
            if not group.by_role or room is None or room.hidden or group.room_id is None:
                continue
            if not lets_in(room.overwrites.get(group.role_id or 0)):
                continue  # the room was cleared, which is nobody's decision about one door
            roles = {wanted.groups[door].role_id for door in group.doors if door in wanted.groups}
            lack |= {
                (group.room_id, role): group_id
                for role in roles
                if role in seen.roles and not lets_in(room.overwrites.get(role))
            }
        if not lack:
            return
        acts = await audit.shut_out_by_people(self.hands)
        taken = {place: acts[place] for place in lack if place in acts}
        if not taken:
            return
        async with self.database.writing() as session:
            for (room_id, role_id), at in taken.items():
                await guest_doors.shut_by_hand(
                    session,
                    self.hands.server_id,
                    lack[room_id, role_id],
                    {role_id},
                    self.clock.now(),
                    at=at,
                )

    async def rooms_gone(self) -> None:
        """Tell of setup's rooms that were deleted."""
        async with self.database.writing() as session:
            await upkeep.setup_rooms_gone(
                session, self.hands.server_id, observe.channels(self.hands), now=self.clock.now()
            )

    def _absent(
        self, wanted: Desired, seen: Observed, users: set[int] | None
    ) -> tuple[set[int], set[int]]:
        """Return who is not in the server any more, and who is again.

        Who was seen is there; who was not may have come meanwhile.
        """
        lacking: set[int] = set()
        back: set[int] = set()
        for user in wanted.homes if users is None else users & wanted.homes.keys():
            state = wanted.homes[user].state
            if state == "here" and user not in seen.members:
                lacking.add(user)
            elif state == "gone":
                back.add(user)
        for group_id in wanted.complete:
            lacking |= {u for u in wanted.groups[group_id].visitors if u not in seen.members}
        return lacking - observe.present(self.hands, lacking), observe.present(self.hands, back)

    async def _taken(self, wanted: Desired, lacking: list[ChangeRoles]) -> set[int]:
        """Return whose role was taken by a person since they moved in.

        Of whom the log knows nothing, the role was never given: a write that was lost.
        """
        if not lacking:
            return set()
        taken = await audit.taken_by_people(self.hands)
        return {
            change.user_id
            for change in lacking
            for role in change.give
            if (at := taken.get((change.user_id, role))) is not None
            and at > wanted.homes[change.user_id].since
        }

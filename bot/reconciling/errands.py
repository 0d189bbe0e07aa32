"""What is done in one server: members' roles in two lanes, groups' roles and rooms in a third."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.database import Database
from bot.errors import Permanent, Temporary
from bot.gateway import observe
from bot.gateway.apply import Hands
from bot.gateway.errors import MISSING_ACCESS, UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_ROLE
from bot.reconciling.lane import Lanes
from bot.reconciling.making import Maker
from bot.rules import planning
from bot.rules.planning import (
    ChangeRoles,
    Desired,
    EditRoom,
    MakeRole,
    MakeRoom,
    NameRole,
    Observed,
    ObservedMember,
)
from bot.services import creations, departures, desired, effects, upkeep
from bot.settings import Settings

log = logging.getLogger(__name__)

# A person's click goes before bulk work, through another of Discord's buckets.
URGENT, BULK, ROOMS = "urgent", "bulk", "rooms"
MEMBER_LANES = {URGENT: 5, BULK: 1}  # a member edit must not grow old behind others
ROOM_LANES = {ROOMS: 8}  # each room has buckets of its own
SPILL = 10  # so many clicks waiting: the bulk lane helps
STAGES = 5  # a role, a room, a voice room, what people did meanwhile, nothing left

ROLES, ROOM = "roles", "room"  # names of stored failures


class Errands:
    """One server's errands; each member and each group is dealt with by one worker at a time.

    Members are changed to what the tables said at the last look, on what the cache says right
    before each try. Groups are read again, for making them takes several steps. What Discord
    refuses is stored, and forgotten as soon as it works or is no longer wanted.
    """

    def __init__(
        self,
        hands: Hands,
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        delays: Sequence[float],
        changed: Callable[[], None],
    ) -> None:
        self._hands = hands
        self._database = database
        self._clock = clock
        self._settings = settings
        self.maker = Maker(hands, database, clock)
        self._wanted: dict[int, Desired] = {}
        self._foreign: dict[int, dict[int, bool]] = {}  # heard while a member edit was under way
        self._failed: set[str] | None = None  # subjects with a stored failure; None: not read yet
        self.members = Lanes[int](
            self._do_member,
            lambda user, error: self.refused(f"member:{user}", ROLES, error),
            widths=MEMBER_LANES,
            delays=delays,
            changed=changed,
            called="somebody's roles",
        )
        self.groups = Lanes[int](
            self._do_group,
            lambda group, error: self.refused(f"group:{group}", ROOM, error),
            widths=ROOM_LANES,
            delays=delays,
            changed=changed,
            called="group {}",
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do now."""
        return self.members.idle and self.groups.idle

    async def close(self, grace: float) -> None:
        """Stop working; what is under way has `grace` seconds."""
        await asyncio.gather(self.members.close(grace), self.groups.close(grace))

    def put_member(self, user_id: int, wanted: Desired, *, urgent: bool) -> None:
        """Have a member's roles made what `wanted` says."""
        self._wanted[user_id] = wanted
        lanes = self.members
        spills = lanes.waiting(URGENT) >= SPILL and lanes.waiting(BULK) < lanes.waiting(URGENT)
        lanes.put(user_id, URGENT if urgent and not spills else BULK)

    def put_group(self, group_id: int) -> None:
        """Have a group's role and room made what the tables say."""
        self.groups.put(group_id, ROOMS)

    def heard_by_hand(self, user_id: int, given: frozenset[int], taken: frozenset[int]) -> None:
        """Take in what others did to a member's roles, in case an edit of ours is under way."""
        under_way = self._foreign.get(user_id)
        if under_way is not None:
            under_way |= dict.fromkeys(given, True) | dict.fromkeys(taken, False)

    # --- members --------------------------------------------------------------------------------

    async def _do_member(self, user_id: int, lane: str) -> None:
        wanted = self._wanted.get(user_id)
        if wanted is None:
            return  # done with already
        try:
            if observe.reachable(self._hands):
                await self._change(wanted, user_id, lane)
        except Permanent as error:
            if error.code == UNKNOWN_ROLE:  # the event that says so is on its way
                raise Temporary("the role is gone") from error
            self._done_with(user_id, wanted)
            if error.code != UNKNOWN_MEMBER:
                raise
            await self._left(user_id)
        self._done_with(user_id, wanted)
        await self.worked(f"member:{user_id}")

    def _done_with(self, user_id: int, wanted: Desired) -> None:
        if self._wanted.get(user_id) is wanted:
            del self._wanted[user_id]

    async def _change(self, wanted: Desired, user_id: int, lane: str) -> None:
        if lane == BULK:
            await self._hands.bulk_turn()
        member = await self._member(user_id)
        change = None if member is None else self._plan(wanted, user_id, member)
        if member is None or change is None:
            return
        if lane == URGENT:
            await self._hands.change_singly(change)
            return
        foreign = self._foreign[user_id] = {}
        try:
            await self._hands.change_at_once(change, member.roles)
        finally:
            del self._foreign[user_id]
        # An edit replaces the whole list: what others did in those moments is done once more.
        ours = wanted.group_roles
        after = (member.roles | change.give) - change.take
        give = frozenset(role for role, given in foreign.items() if given) - after - ours
        take = (frozenset(role for role, given in foreign.items() if not given) & after) - ours
        if give or take:
            await self._hands.change_singly(ChangeRoles(user_id, give, take))

    async def _member(self, user_id: int) -> ObservedMember | None:
        """Return a member: from the cache, unless it may be old, or the last try failed."""
        if self._settings.reduced or self.members.failed(user_id) or not self._hands.hears:
            return await self._hands.fetch_member(user_id, self._clock.now())
        return observe.one_member(self._hands, user_id, self._clock.now())

    def _plan(self, wanted: Desired, user_id: int, member: ObservedMember) -> ChangeRoles | None:
        seen = observe.alone(self._hands, user_id, member, reduced=self._settings.reduced)
        return planning.plan_member(wanted, seen, user_id)

    async def _left(self, user_id: int) -> None:
        """Take in that a member is gone, where no event tells it."""
        if not self._settings.reduced:
            return
        server_id = self._hands.server_id
        async with self._database.writing() as session:
            # Taken in once: what it changes asks for another look at the same member.
            if not await departures.left_already(session, server_id, user_id):
                await departures.member_left_server(
                    session, server_id, user_id, now=self._clock.now(), settings=self._settings
                )

    # --- groups ---------------------------------------------------------------------------------

    async def _do_group(self, group_id: int, _lane: str) -> None:
        for _ in range(STAGES if observe.reachable(self._hands) else 0):
            async with self._database.reading() as session:
                wanted = await desired.load(
                    session, self._hands.server_id, now=self._clock.now(), groups={group_id}
                )
            if wanted is None or group_id not in wanted.groups:
                break
            seen = await observe.observe(self._hands, wanted, now=self._clock.now(), users=())
            actions = planning.plan_group(wanted, seen, group_id)
            if not actions:
                self._check_visible(wanted, seen, group_id)
                break
            await self._do_all(wanted, seen, actions)
        await self.worked(f"group:{group_id}")

    def _check_visible(self, wanted: Desired, seen: Observed, group_id: int) -> None:
        group = wanted.groups[group_id]
        for room_id in (group.room_id, group.voice_id):
            room = seen.rooms.get(room_id or 0)
            if room is not None and room.hidden:
                raise Permanent("the room is hidden from me", code=MISSING_ACCESS)

    async def _do_all(
        self, wanted: Desired, seen: Observed, actions: Sequence[planning.Action]
    ) -> None:
        """Take every step, even if one before it is refused."""
        refused: Permanent | None = None
        for action in actions:
            try:
                await self._do(wanted, seen, action)
            except Permanent as error:
                refused = refused or error
        if refused is not None:
            raise refused

    async def _do(self, wanted: Desired, seen: Observed, action: planning.Action) -> None:
        if isinstance(action, ChangeRoles):
            return  # a member's, not a group's
        group = wanted.groups[action.group_id]
        try:
            if isinstance(action, MakeRole):
                await self.maker.role(wanted, action)
            elif isinstance(action, MakeRoom):
                await self.maker.room(wanted, seen, action)
            elif isinstance(action, EditRoom):
                if action.edit.whole is not None and not self._hands.hears:
                    # What others wrote since would be written over.
                    raise Temporary("the room may have changed while nothing was heard")
                await self._hands.edit_room(action.room_id, action.edit)
            elif isinstance(action, NameRole):
                await self._hands.name_role(action.role_id, name=group.name, colour=group.colour)
                async with self._database.writing() as session:
                    await creations.renamed(session, group.group_id, "role", group.role_look)
            elif action.voice:
                await self._hands.name_voice_room(action.room_id, name=group.voice_name)
                async with self._database.writing() as session:
                    await creations.renamed(session, group.group_id, "voice", group.voice_name)
            else:
                await self._hands.name_room(action.room_id, name=group.room_name, topic=group.topic)
                async with self._database.writing() as session:
                    await creations.renamed(session, group.group_id, "room", group.room_name)
        except Permanent as error:
            if error.code in {UNKNOWN_CHANNEL, UNKNOWN_ROLE}:
                raise Temporary("it is gone; the event that says so is on its way") from error
            raise

    # --- what Discord refuses -------------------------------------------------------------------

    async def refused(self, subject: str, action: str, error: Permanent) -> None:
        """Store what could not be done: owners see it in /hearth check, and are told what it is."""
        # Whose roles stands in the tables; the log names nobody.
        what = "somebody's roles" if subject.startswith("member:") else subject
        log.warning("Server %s, %s: refused: %s", self._hands.server_id, what, error)
        server, now = self._hands.server_id, self._clock.now()
        async with self._database.writing() as session:
            new = await effects.failed(
                session, server, subject, action, code=error.code, why=str(error), now=now
            )
            if new and action in {ROLES, ROOM}:  # the others have a line of their own
                await upkeep.refused(session, server, action, error.code, now=now)
        (await self.failures()).add(subject)

    async def worked(self, subject: str) -> None:
        """Forget what could not be done to `subject`: it is done, or no longer wanted."""
        failures = await self.failures()
        if subject not in failures:
            return
        failures.discard(subject)
        async with self._database.writing() as session:
            await effects.succeeded(session, self._hands.server_id, subject)

    def let_go(self, user_id: int) -> None:
        """Remember nothing of what could not be done to a member who was forgotten."""
        if self._failed is not None:
            self._failed.discard(f"member:{user_id}")

    async def failures(self) -> set[str]:
        """Return the subjects with a stored failure."""
        if self._failed is None:
            async with self._database.reading() as session:
                known = await effects.unsettled(session, self._hands.server_id)
            self._failed = {failure.subject for failure in known}
        return self._failed

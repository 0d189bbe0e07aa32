"""Looks after one server: takes in where to look, finds what differs, hands it to `Errands`."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.clock import Clock
from bot.database import Database
from bot.errors import Permanent, Temporary
from bot.gateway import observe
from bot.gateway.apply import Hands
from bot.reconciling.errands import Errands
from bot.reconciling.giving_back import GivingBack
from bot.reconciling.house_rooms import HouseRooms
from bot.reconciling.lane import Lanes
from bot.reconciling.meanwhile import Meanwhile
from bot.rules import planning
from bot.rules.flips import Flips
from bot.rules.planning import ChangeRoles, Desired, Observed
from bot.rules.scope import GroupScope, HouseScope, MemberScope, Scope, ServerScope
from bot.services import desired, effects, installation, merging, splits, upkeep
from bot.settings import Settings

log = logging.getLogger(__name__)

PAUSE_EVERY = 250  # members planned between two turns for others
PAUSE_EVERY_GROUPS = 20  # the same for groups: each has its overwrites compared
PATIENCE = 5  # looks in a row at a member list that does not become complete
LOOK = "look"
THE_LOOK = 0  # the key of the one look that is at work
SERVER = "server"  # what a stored failure is about
GIVEN_BACK = "given-back"  # the same, of what owners took out of Hearth's hands


@dataclass(slots=True)
class Wish:
    """Why a scope is looked at: `urgent` for a click, `told` when committed rows explain it."""

    urgent: bool = False
    told: bool = False


class Caretaker:
    """One server's caretaker.

    Looks are taken one after the other; what is asked for meanwhile waits for the next, so a
    hundred wake-ups cost one. A look reads the tables once for all its scopes.

    `roles`, `rooms` and `voice_rooms` (to their group) and `restricted_roles` are as of the last
    look; events about anything else need none.
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
        self.hands = hands
        self.roles: dict[int, int] = {}
        self.restricted_roles: frozenset[int] = frozenset()
        self.rooms: dict[int, int] = {}
        self.voice_rooms: dict[int, int] = {}
        self._database = database
        self._clock = clock
        self._settings = settings
        self._changed = changed
        self._asked: dict[Scope, Wish] = {}
        self._gap = True  # nothing is known yet of what people did meanwhile
        self._removals_allowed = False
        self._flips = Flips()
        self._meanwhile = Meanwhile(hands, database, clock, settings)
        self._giving_back = GivingBack(hands, database, clock)
        self._stopped: set[int] = set()  # members whom somebody keeps changing
        self._splits = True  # whether a split or a merge may be waiting to be finished
        self._looks = Lanes[int](
            self._look,
            self._look_refused,
            widths={LOOK: 1},
            delays=delays,
            changed=changed,
            called="a look at a server",
        )
        self.errands = Errands(
            hands, database, clock, settings, delays=delays, changed=self._worked
        )
        self.house = HouseRooms(hands, database, self.errands, delays=delays, changed=self._worked)

    @property
    def lanes(self) -> tuple[Lanes[int], ...]:
        """Everything in which something of this server may wait its turn."""
        return self._looks, self.errands.members, self.errands.groups, self.house.lanes

    # --- asking ---------------------------------------------------------------------------------

    def ask(self, scope: Scope, *, urgent: bool = False, told: bool = False) -> None:
        """Look at `scope` soon."""
        wish = self._asked.setdefault(scope, Wish())
        wish.urgent |= urgent
        wish.told |= told
        self._looks.put(THE_LOOK, LOOK)

    def after_gap(self) -> None:
        """Take in that events may have been missed; the cache has been filled anew."""
        self.hands.echoes.clear(self.hands.client.get_guild(self.hands.server_id))
        self._gap = self._splits = True
        self.ask(ServerScope(self.hands.server_id))

    def allow_removals(self) -> None:
        """Take away, once, what was stopped for being too much: an owner has looked."""
        self._removals_allowed = True
        self.ask(ServerScope(self.hands.server_id))

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do now."""
        return self._looks.idle and self.errands.idle and self.house.idle

    def busy(self, groups: Collection[int], users: Collection[int]) -> bool:
        """Return whether something is still being done about one of these."""
        return (
            not self._looks.idle
            or any(self.errands.groups.busy(group) for group in groups)
            or any(self.errands.members.busy(user) for user in users)
        )

    async def close(self, grace: float) -> None:
        """Stop working; what is under way has `grace` seconds."""
        await asyncio.gather(
            self._looks.close(grace), self.errands.close(grace), self.house.close(grace)
        )

    async def flipped(self, user_id: int, role_id: int) -> bool:
        """Count that others turned a member's role around; True when that is too often.

        Then Hearth stands back from this member until somebody decides anew, by a command.
        """
        now = self._clock.now()
        if not self._flips.turned(user_id, role_id, now):
            return False
        self._stopped.add(user_id)
        await self.errands.refused(
            f"member:{user_id}",
            effects.FLIPS,
            Permanent("somebody keeps changing this member's roles"),
        )
        async with self._database.writing() as session:
            await upkeep.flipping(session, self.hands.server_id, user_id, now=now)
        return True

    def let_go(self, user_id: int) -> None:
        """Remember nothing more about a member who was forgotten."""
        self._flips.let_go(user_id)
        self._stopped.discard(user_id)
        self.errands.let_go(user_id)

    # --- looking --------------------------------------------------------------------------------

    async def differences(self, scopes: Sequence[Scope]) -> tuple[set[int], set[int]] | None:
        """Return the groups and members in `scopes` that are not as the tables say.

        None while Hearth may change nothing in this server.
        """
        if not observe.reachable(self.hands):
            return None
        wanted, users = await self._read(scopes)
        if wanted is None:
            return None
        seen = await observe.observe(self.hands, wanted, now=self._clock.now(), users=users)
        groups = {
            g async for g in _in_turns(wanted.complete) if planning.plan_group(wanted, seen, g)
        }
        members = set(await self._changes(wanted, seen))
        if self._settings.reduced and users is not None:  # known only by what became of the try
            failures = await self.errands.failures()
            members |= {user for user in users if f"member:{user}" in failures}
        return groups, members

    async def _read(self, scopes: Sequence[Scope]) -> tuple[Desired | None, set[int] | None]:
        """Return what the tables say about `scopes`, and whose roles to look at (None: all)."""
        server, now = self.hands.server_id, self._clock.now()
        async with self._database.reading() as session:
            if any(isinstance(scope, ServerScope) for scope in scopes):
                return await desired.load(session, server, now=now), None
            users = {scope.user_id for scope in scopes if isinstance(scope, MemberScope)}
            groups = {scope.group_id for scope in scopes if isinstance(scope, GroupScope)}
            wanted = await desired.load(session, server, now=now, groups=groups, users=users)
            if wanted is None:
                return None, users
            # A key whose row is gone (forgotten, banned) is known only by the room itself, and
            # who holds a group's role may live elsewhere.
            keyed = observe.keyed(self.hands, wanted, users) - wanted.complete
            users |= {user for user, home in wanted.homes.items() if home.group_id in groups}
            roles = [wanted.groups[group_id].role_id for group_id in groups & wanted.groups.keys()]
            holders = await observe.holders(self.hands, {role for role in roles if role})
            if keyed or not holders <= users:
                users |= holders
                again = await desired.load(
                    session, server, now=now, groups=groups | keyed, users=users
                )
                wanted = again or wanted
        return wanted, users

    async def _changes(self, wanted: Desired, seen: Observed) -> dict[int, ChangeRoles]:
        changes: dict[int, ChangeRoles] = {}
        for number, user in enumerate(seen.members, start=1):
            change = planning.plan_member(wanted, seen, user)
            if change is not None:
                changes[user] = change
            if number % PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return changes

    async def _look(self, _key: int, _lane: str) -> None:
        asked, self._asked = self._asked, {}
        try:
            await self._look_at(asked)
        except BaseException:
            for scope, wish in asked.items():  # the lane brings the look back, after a while
                new = self._asked.setdefault(scope, wish)
                new.urgent |= wish.urgent
                new.told |= wish.told
            raise

    async def _look_refused(self, _key: int, error: Permanent) -> None:
        log.error("Server %s cannot be looked at: %s", self.hands.server_id, error)

    async def _look_at(self, asked: dict[Scope, Wish]) -> None:
        if not observe.reachable(self.hands):
            return  # not there, or an outage; when it comes back everything is looked at
        if asked:
            await self._find(asked)
        if self._splits and self.errands.idle:
            await self._finish_splits()

    async def _find(self, asked: dict[Scope, Wish]) -> None:
        wanted, users = await self._read(list(asked))
        if wanted is None:
            return
        self._remember(wanted)
        self._splits |= any(isinstance(scope, GroupScope | ServerScope) for scope in asked)
        if any(isinstance(scope, HouseScope | ServerScope) for scope in asked):
            await self.house.look()
        if any(isinstance(scope, ServerScope) for scope in asked):
            await self._give_back()
        seen = await observe.observe(self.hands, wanted, now=self._clock.now(), users=users)
        if self._gap and users is None:
            await self._meanwhile.keys_taken(wanted, seen)
            await self._meanwhile.doors_shut(wanted, seen)
            await self._meanwhile.rooms_gone()
            await self.errands.maker.clear_twins()
        async for group_id in _in_turns(sorted(wanted.complete)):
            # Where work is under way, what it is for may have changed: look again afterwards.
            if (
                planning.plan_group(wanted, seen, group_id)
                or self._hidden(wanted, seen, group_id)
                or self.errands.groups.busy(group_id)
            ):
                self.errands.put_group(group_id)
        if (
            users is None
            and not seen.complete
            and not self._settings.reduced
            and self._looks.failed(THE_LOOK) < PATIENCE
        ):
            raise Temporary("the member list is not complete yet")
        told = {s.user_id: w for s, w in asked.items() if isinstance(s, MemberScope) and w.told}
        self._stopped -= told.keys()  # somebody has decided anew
        changes = await self._changes(wanted, seen)
        held = await self._meanwhile.take_in(
            wanted, seen, users, changes.values(), gap=self._gap and users is None
        )
        # It is over where nothing differs.
        self._stopped = {u for u in self._stopped if u in changes or u not in seen.members}
        for user in held | self._stopped:
            changes.pop(user, None)
        await self._hold_back(wanted, changes, told, everybody=users is None)
        failures = await self.errands.failures()
        for subject in self._over(failures, seen, changes, everybody=users is None):
            await self.errands.worked(subject)
        concerned = changes.keys() | (self.errands.members.all_busy() & seen.members.keys())
        if self._settings.reduced:
            concerned |= self._unseen(wanted, seen, users)
        for user in sorted(concerned - held - self._stopped):
            self.errands.put_member(user, wanted, urgent=user in told and told[user].urgent)
        if users is None:
            self._gap = False
            self._flips.forget(self._clock.now())

    def _over(
        self,
        failures: Collection[str],
        seen: Observed,
        changes: Collection[int],
        *,
        everybody: bool,
    ) -> list[str]:
        """Return the stored failures about members of whom nothing differs, or who have left."""
        found: list[str] = []
        for subject in failures:
            kind, _, number = subject.partition(":")
            if kind != "member":
                continue
            user = int(number)
            if user in seen.members:
                over = user not in changes and user not in self._stopped
            else:
                over = everybody and seen.complete
            if over:
                found.append(subject)
        return found

    def _remember(self, wanted: Desired) -> None:
        self.roles = {
            g.role_id: g.group_id for g in wanted.groups.values() if g.role_id is not None
        }
        self.restricted_roles = wanted.restricted_roles
        self.rooms = {
            g.room_id: g.group_id for g in wanted.groups.values() if g.room_id is not None
        }
        self.voice_rooms = {
            g.voice_id: g.group_id for g in wanted.groups.values() if g.voice_id is not None
        }

    def _hidden(self, wanted: Desired, seen: Observed, group_id: int) -> bool:
        group = wanted.groups[group_id]
        rooms = [seen.rooms.get(room_id or 0) for room_id in (group.room_id, group.voice_id)]
        return any(room is not None and room.hidden for room in rooms)

    def _unseen(self, wanted: Desired, seen: Observed, users: set[int] | None) -> set[int]:
        """Return whom the cache of reduced mode does not know: they are asked for one by one."""
        if users is not None:
            return users - seen.members.keys()
        return set(wanted.homes) - seen.members.keys() if self._gap else set()

    async def _hold_back(
        self,
        wanted: Desired,
        changes: dict[int, ChangeRoles],
        told: Collection[int],
        *,
        everybody: bool,
    ) -> None:
        """Take out what would strip many members without a row that says why."""
        most = self._settings.removals_per_pass
        if changes:
            async with self._database.reading() as session:
                if await installation.restored_lately(session, self._clock.now()):
                    most = 0  # who has a role without a row may have moved in since the backup
        bare = planning.held_back(wanted, changes.values(), told, most=most)
        allowed = self._removals_allowed
        if everybody:
            self._removals_allowed = False
        if not bare or allowed:
            if everybody:
                await self.errands.worked(SERVER)
            return
        for user in bare:
            del changes[user]
        await self.errands.refused(
            SERVER, effects.REMOVALS, Permanent(f"{len(bare)} members have a role without a home")
        )
        async with self._database.writing() as session:
            await upkeep.removals_stopped(
                session, self.hands.server_id, len(bare), now=self._clock.now()
            )

    # --- splits, merges --------------------------------------------------------------------------

    async def _give_back(self) -> None:
        """Give back what owners took out of Hearth's hands; what is refused is tried hourly."""
        try:
            await self._giving_back.look()
        except Permanent as error:
            await self.errands.refused(GIVEN_BACK, effects.GIVE_BACK, error)
        else:
            await self.errands.worked(GIVEN_BACK)

    def _worked(self) -> None:
        if self._splits and self.errands.idle:
            self._looks.put(THE_LOOK, LOOK)
        self._changed()

    async def _finish_splits(self) -> None:
        """Note which splits and merges Discord shows in full by now."""
        server = self.hands.server_id
        async with self._database.reading() as session:
            moving = await splits.unsettled(session, server)
            merged = await merging.unsettled(session, server)
        self._splits = bool(moving or merged)
        for split in moving:
            if await self.differences(split.scopes) == (set(), set()):
                async with self._database.writing() as session:
                    await splits.mark_done(session, split.split_id, self._clock.now())
        for merge in merged:
            if await self.differences(merge.scopes) == (set(), set()):
                async with self._database.writing() as session:
                    await merging.mark_done(session, merge.merge_id, self._clock.now())


async def _in_turns(groups: Iterable[int]) -> AsyncGenerator[int]:
    """Yield groups, and now and then the loop to others."""
    for number, group_id in enumerate(groups, start=1):
        yield group_id
        if number % PAUSE_EVERY_GROUPS == 0:
            await asyncio.sleep(0)

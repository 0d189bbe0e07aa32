"""Makes servers match the tables: observe, plan, apply.

`bot.rules.planning` says what the difference is, `bot.services.desired` reads what the tables want,
`bot.gateway.observe` what there is; `bot.reconciling.caretaker` finds the differences of one
server and `bot.reconciling.errands` sees to them.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.clock import Clock
from bot.database import Database
from bot.gateway.apply import Hands
from bot.gateway.echoes import Echoes
from bot.reconciling.caretaker import Caretaker
from bot.reconciling.lane import GRACE, Lanes, Load
from bot.rules.access import Overwrite
from bot.rules.scope import GroupScope, MemberScope, Scope
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.client import Hearth

DELAYS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)  # seconds between tries at one thing
SANDBOX_DELAYS = (0.02, 0.05, 0.1, 0.25)  # where weeks pass in minutes


class Reconciler:
    """The only part of Hearth that changes roles, rooms and overwrites.

    It is level-triggered: a poke only says where to look again. Everything is looked at when the
    bot starts, after a gap, and hourly. Invariants:

    - of a member's roles only groups' roles are touched, and nobody is without a home's role
      before the next can be given;
    - one member, and one group, is worked on by one worker at a time;
    - echoes of its own writes plan nothing; nothing is only taken away on an incomplete cache;
    - what is made is written down first, and found again by its id rather than made twice.
    """

    def __init__(
        self,
        client: "Hearth",
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        delays: Sequence[float] | None = None,
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._settings = settings
        self._delays = delays or (SANDBOX_DELAYS if settings.test_clock_url else DELAYS)
        self._caretakers: dict[int, Caretaker] = {}
        self._changed = asyncio.Event()
        self.in_the_dark = False  # a session has begun, and its cache is not full yet

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop working."""
        await self.finish(GRACE)

    async def finish(self, grace: float) -> None:
        """Begin nothing more; what is under way has `grace` seconds, in all servers at once.

        What is unfinished then is found again at the next start.
        """
        await asyncio.gather(*(one.close(grace) for one in self._caretakers.values()))

    def of(self, server_id: int) -> Caretaker:
        """Return who looks after a server."""
        caretaker = self._caretakers.get(server_id)
        if caretaker is None:
            caretaker = self._caretakers[server_id] = Caretaker(
                Hands(self._client, server_id, Echoes()),
                self._database,
                self._clock,
                self._settings,
                delays=self._delays,
                changed=self._pulse,
            )
        return caretaker

    def poke(self, scope: Scope, *, urgent: bool = False) -> None:
        """Look again at `scope`, whose rows a committed transaction has changed.

        `urgent` is for a person's click: their roles go through a bucket of Discord's that bulk
        work does not use.
        """
        self.of(scope.server_id).ask(scope, urgent=urgent, told=True)

    def look(self, scope: Scope) -> None:
        """Look again at `scope`, where something changed in Discord or time has passed."""
        self.of(scope.server_id).ask(scope)

    def let_go(self, user_id: int, server_ids: Collection[int] | None) -> None:
        """Remember nothing more about a person, in these servers or in all."""
        for server_id, caretaker in self._caretakers.items():
            if server_ids is None or server_id in server_ids:
                caretaker.let_go(user_id)

    def after_gap(self, server_id: int) -> None:
        """Look at a whole server whose events may have been missed."""
        self.of(server_id).after_gap()

    async def settled(self, scope: Scope, timeout: float) -> bool:  # noqa: ASYNC109 - the caller waits at most so long, and is answered
        """Wait up to `timeout` seconds; True once the server is at `scope` as the tables say."""
        try:
            async with asyncio.timeout(timeout):
                return await self._settled(scope)
        except TimeoutError:
            return False

    async def _settled(self, scope: Scope) -> bool:
        caretaker = self.of(scope.server_id)
        groups = {scope.group_id} if isinstance(scope, GroupScope) else set[int]()
        users = {scope.user_id} if isinstance(scope, MemberScope) else set[int]()
        asked = False
        while True:
            changed = self._changed
            if caretaker.busy(groups, users):
                await changed.wait()
                continue
            left = await caretaker.differences([scope])
            if left is None:
                return False
            if left == (set(), set()):
                return True
            groups, users = left
            if not caretaker.busy(groups, users):
                if asked:
                    return False  # looked at, and it cannot be done now
                asked = True
                caretaker.ask(scope)

    async def house_settled(self, server_id: int, timeout: float) -> bool:  # noqa: ASYNC109 - see `settled`
        """Wait up to `timeout` seconds until nothing is being done about the house's own rooms."""
        caretaker = self.of(server_id)
        try:
            async with asyncio.timeout(timeout):
                while caretaker.busy((), ()) or not caretaker.house.idle:
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do now; a wait of more than a minute counts as nothing."""
        return not self.in_the_dark and all(one.idle for one in self._caretakers.values())

    def loads(self) -> dict[str, Load]:
        """Return how much there is to do in each lane, in all servers together."""
        found: dict[str, Load] = {}
        for lanes in self._lanes():
            for name, load in lanes.loads.items():
                found[name] = found.get(name, Load(0, 0)) + load
        return found

    @property
    def resting(self) -> int:
        """How many things wait for their next try, in all servers together."""
        return sum(lanes.resting for lanes in self._lanes())

    def _lanes(self) -> list[Lanes[int]]:
        return [lanes for one in self._caretakers.values() for lanes in one.lanes]

    def heard_member(
        self, server_id: int, user_id: int, before: frozenset[int], after: frozenset[int]
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Take in a member's event; return the roles that others gave, and those they took."""
        caretaker = self.of(server_id)
        given, taken = caretaker.hands.echoes.heard_roles(user_id, before, after)
        caretaker.errands.heard_by_hand(user_id, given, taken)
        return given, taken

    def heard_room(
        self,
        server_id: int,
        room_id: int,
        before: Mapping[int, Overwrite],
        after: Mapping[int, Overwrite],
    ) -> tuple[int | None, frozenset[int]]:
        """Take in a channel's event; return whose room it is, and whose entries others changed."""
        caretaker = self.of(server_id)
        by_others = caretaker.hands.echoes.heard_overwrites(room_id, before, after)
        return (caretaker.rooms | caretaker.voice_rooms).get(room_id), by_others

    def _pulse(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

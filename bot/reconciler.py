"""Makes servers match the tables: observe, plan, apply; see `bot.rules.planning` for the rules."""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bot.clock import Clock
from bot.database import Database
from bot.rules.scope import Scope
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.client import Hearth

DELAYS = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)


class Reconciler:
    """The only part of Hearth that changes roles, rooms and overwrites.

    It is level-triggered: a poke only says where to look again. Everything is looked at when the
    bot starts, after a gap, and hourly.
    """

    def __init__(
        self,
        client: "Hearth",
        database: Database,
        clock: Clock,
        settings: Settings,
        *,
        delays: Sequence[float] = DELAYS,
    ) -> None:
        self._client = client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop working; what is unfinished is found again at the next start."""

    def poke(self, scope: Scope, *, urgent: bool = False) -> None:
        """Look again at `scope`, whose rows a committed transaction has changed.

        `urgent` is for a person's click: their roles go through a bucket of Discord's that bulk
        work does not use.
        """
        raise NotImplementedError

    def look(self, scope: Scope) -> None:
        """Look again at `scope`, where something changed in Discord or time has passed."""
        raise NotImplementedError

    async def settled(self, scope: Scope, timeout: float) -> bool:  # noqa: ASYNC109 - the caller waits at most so long, and is answered
        """Wait up to `timeout` seconds; True once the server is at `scope` as the tables say."""
        raise NotImplementedError

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do now; a wait of more than a minute counts as nothing."""
        raise NotImplementedError

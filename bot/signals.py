"""What Hearth notices, counted in memory and written down in batches.

`message` runs for every message of large servers, so it does next to nothing: it looks a channel up
in a dictionary and appends a tuple. Who is counted, and what for, is decided when a batch is
written (bot/services/signals.py), in the transaction that writes it.
"""

from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.database import Database

if TYPE_CHECKING:
    import discord


class Signals:
    """The buffer between the gateway and the tables."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def message(self, message: "discord.Message") -> None:
        """Note a message; bots, webhooks, Discord's own notices and DMs are not people writing."""

    def reaction(self, event: "discord.RawReactionActionEvent") -> None:
        """Note that someone reacted, at the moment it arrives."""

    def voice(self, member: "discord.Member", channel: "discord.abc.GuildChannel") -> None:
        """Note that someone came into a voice channel."""

    def press(self, interaction: "discord.Interaction[discord.Client]") -> None:
        """Note that someone used a button, a form or a command."""

    def stale(self, server_id: int) -> None:
        """Look anew at which channels of this server count; call after its rooms changed."""

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be written and no flush is running."""
        return True

    @property
    def hearing(self) -> frozenset[int]:
        """The servers that are heard right now, for `services.connected.heard`."""
        return frozenset()

    async def flush(self) -> None:
        """Write down what was noted, in one transaction; on an error it stays for the next time."""

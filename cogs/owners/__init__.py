"""/hearth: what those who run a server decide."""

from bot.client import Hearth
from cogs.owners.charter_forms import Charters
from cogs.owners.hearth import Owners
from cogs.owners.log import Log


async def setup(bot: Hearth) -> None:
    """Load the commands, and what answers their forms and buttons."""
    await bot.add_cog(Owners(bot))
    await bot.add_cog(Charters(bot))
    await bot.add_cog(Log(bot))

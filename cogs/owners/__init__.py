"""/hearth: what those who run a server decide."""

from bot.client import Hearth
from cogs.owners.hearth import Owners


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Owners(bot))

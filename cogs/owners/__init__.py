"""/hearth: what those who run a server decide."""

from bot.client import Hearth
from cogs.owners.adopting import Adoptions
from cogs.owners.charter_forms import Charters
from cogs.owners.discover import Discover
from cogs.owners.health import HealthOfAll
from cogs.owners.hearth import Owners
from cogs.owners.log import Log
from cogs.owners.panel import PanelKeeper
from cogs.owners.questions import Questions
from cogs.owners.setup_flow import SetupFlow
from cogs.owners.setup_groups import SetupGroups


async def setup(bot: Hearth) -> None:
    """Load the commands, and what answers their forms and buttons."""
    await bot.add_cog(Owners(bot))
    await bot.add_cog(Charters(bot))
    await bot.add_cog(Adoptions(bot))
    await bot.add_cog(Log(bot))
    await bot.add_cog(Discover(bot))
    await bot.add_cog(HealthOfAll(bot))
    await bot.add_cog(PanelKeeper(bot))
    await bot.add_cog(Questions(bot))
    await bot.add_cog(SetupFlow(bot))
    await bot.add_cog(SetupGroups(bot))

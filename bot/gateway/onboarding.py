"""What Discord asks newcomers to do before they can be placed: its rules and its own questions."""

import discord

from bot.gateway.answers import LOST
from bot.rules.actor import Arriving
from bot.rules.taking_over import Option, Prompt


def arriving(member: discord.Member) -> Arriving:
    """Return what somebody has to do in Discord before they can be placed.

    Who joined before a server had its onboarding never began it, and needs not.
    """
    if member.pending:
        return "rules"
    flags = member.flags
    return "onboarding" if flags.started_onboarding and not flags.completed_onboarding else ""


async def still_arriving(server: discord.Guild | None, user_id: int, *, reduced: bool) -> Arriving:
    """Return the same of somebody who did not press anything themselves.

    "" also where that cannot be known, as of somebody who is gone: the reconciler gives no key to
    who has not accepted the rules. In `reduced` mode members are not in the cache.
    """
    if server is None:
        return ""
    member = server.get_member(user_id)
    if member is None and reduced:
        try:
            member = await server.fetch_member(user_id)
        except (discord.DiscordException, *LOST):
            return ""
    what: Arriving = "" if member is None else arriving(member)
    return "" if what == "onboarding" and not await is_on(server) else what


async def is_on(server: discord.Guild) -> bool:
    """Return whether the server's onboarding is switched on; True when Discord cannot be asked.

    Discord tells of it nowhere but here. Who began it keeps the mark of it when the server switches
    it off, and would be sent to questions that are gone.
    """
    try:
        return (await server.onboarding()).enabled
    except (discord.DiscordException, *LOST):
        return True


async def prompts(server: discord.Guild) -> tuple[Prompt, ...] | None:
    """Return what the server's onboarding asks; None when Discord cannot be asked.

    Nothing where it is switched off: nobody is given a role by it then.
    """
    try:
        found = await server.onboarding()
    except (discord.DiscordException, *LOST):
        return None
    if not found.enabled:
        return ()
    return tuple(
        Prompt(
            one.id,
            one.title,
            tuple(Option(option.title, frozenset(option.role_ids)) for option in one.options),
            several=not one.single_select,
        )
        for one in found.prompts
    )

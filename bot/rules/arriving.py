"""Nobody is placed while they are still arriving: rules and onboarding are Discord's, and first."""

from bot.errors import UserError
from bot.rules.actor import Actor


def require_arrived(who: Actor) -> None:
    """UserError, with what to do first, for who has not accepted the rules or is being onboarded.

    Discord takes whoever is given a role for somebody who has accepted the rules.
    """
    if who.arriving:
        raise UserError(f"seats.{who.arriving}_first")

"""What other matters add to someone's /home: each half-done choice, and the way back to it.

A matter writes a function of its own, with the shape of `Source`, and stands in `SOURCES`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.actor import Actor
from bot.rules.home_cards import Note
from bot.services import (
    adopted,
    bridge_asks,
    bridges,
    budding,
    circle_members,
    closing,
    gathering_cards,
    goal_hosting,
    goal_partners,
    hosting_notes,
    introductions,
    merge_members,
    neighbourhoods,
    pairs,
    pulse_asking,
    receiving,
    ritual_choices,
    safety_notes,
    seat_notes,
    setting_up,
    silent_seats,
    small,
    split_veto,
    suggest_me,
    together,
)
from bot.settings import Settings

# Returns what stands on the card of whoever asks, None for nothing. It reads only, may be called
# in a server whose setup is not finished or that is paused, and its buttons reopen the choice.
Source = Callable[[AsyncSession, Actor, datetime, Settings], Awaitable[Note | None]]

# In the order in which they stand on the card; one line each.
SOURCES: tuple[Source, ...] = (
    safety_notes.removed,
    safety_notes.words,
    seat_notes.kept_seat,
    seat_notes.place_in_line,
    seat_notes.missed_seat,
    silent_seats.home_note,
    split_veto.home_note,
    merge_members.home_note,
    budding.home_note,
    circle_members.home_note,
    small.home_note,
    closing.home_note,
    adopted.home_note,
    hosting_notes.home_note,
    ritual_choices.home_note,
    gathering_cards.seat_note,
    gathering_cards.rests_note,
    introductions.home_note,
    bridge_asks.home_note,
    bridges.home_note,
    neighbourhoods.home_note,
    pulse_asking.home_note,
    pairs.home_note,
    goal_partners.home_note,
    goal_hosting.home_note,
    together.home_note,
    receiving.home_note,
    suggest_me.home_note,
    setting_up.home_note,
)


async def gather(
    session: AsyncSession, who: Actor, now: datetime, settings: Settings
) -> tuple[Note, ...]:
    """Return what the other matters have to say on someone's card."""
    notes = [await source(session, who, now, settings) for source in SOURCES]
    return tuple(note for note in notes if note is not None)

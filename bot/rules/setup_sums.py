"""The sum of a setup before its first press: what is made, how many seats, how long it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from bot.rules import capacity
from bot.rules.capacity import ROOMS_IN_A_CATEGORY, Use
from bot.rules.types import CAP_MOST, TypeRules

# Beyond so many people who can see a bot, over all its servers, Discord reviews whether it may know
# members (Privileged Intent Access Review).
REVIEWED_ABOVE = 10_000
REVIEW_NEAR = 8_000


@dataclass(frozen=True, slots=True)
class Sum:
    """What a press on the last screen sets off, and how far it carries."""

    roles: int
    rooms: int  # groups' rooms, voice rooms and those of the house
    categories: int
    seats: int
    members: int  # of the server, by Discord's count
    usual_cap: int
    groups_for_all: int  # of the usual size, so that everyone has a home
    hours: int  # of handing out the keys of all who fit, once there are as many groups
    minutes: int
    fits: int  # groups, by Discord's limits
    fit_seats: int
    weeks: int  # until the planned groups are full at their pace; 0: no pace
    enough: bool  # the planned groups fit

    @property
    def reviewed(self) -> bool:
        """Whether this server alone takes whoever runs Hearth past the line of the review."""
        return self.members > REVIEWED_ABOVE

    @property
    def review_near(self) -> bool:
        """Whether it soon will."""
        return REVIEW_NEAR <= self.members <= REVIEWED_ABOVE


def reckon(use: Use, planned: Sequence[TypeRules], *, to_make: int, groups: int) -> Sum:
    """Return the sum for the planned groups, each by its type.

    `to_make` is how many rooms of the house are made, `groups` how many groups there are already.
    """
    roles = sum(type_.access == "role" for type_ in planned)
    own_rooms = len(planned) + sum(type_.voice for type_ in planned)
    seats = sum(type_.cap for type_ in planned)
    usual = round(seats / len(planned)) if planned else CAP_MOST
    for_all = ceil(use.members / usual)
    fits = capacity.groups_that_fit(use)
    voice = any(type_.voice for type_ in planned)
    most = fits.groups(by_role=bool(roles) or not planned, voice=voice)
    seconds = capacity.housing_seconds(min(use.members, most * usual), min(for_all, most))
    paces = [ceil(t.cap / t.newcomers_per_week) for t in planned if t.newcomers_per_week]
    return Sum(
        roles=roles,
        rooms=own_rooms + to_make,
        # Where groups stand already, their category most often has place for these.
        categories=ceil(own_rooms / ROOMS_IN_A_CATEGORY) if own_rooms and not groups else 0,
        seats=seats,
        members=use.members,
        usual_cap=usual,
        groups_for_all=for_all,
        hours=int(seconds // 3600),
        minutes=ceil(seconds % 3600 / 60),
        fits=most,
        fit_seats=round(most * usual, -2 if most > 1 else 0),  # as /hearth check says it
        weeks=max(paces, default=0),
        enough=roles <= fits.by_role and own_rooms <= fits.without_role,
    )

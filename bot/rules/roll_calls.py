"""Who is there at the end of each week, counted by the week in which they joined the server.

`call` counts; `since_joining` and `since_landmark` turn what was counted of one week into how long
its people stayed. Between two calls those who are missing have left: whoever did so while Hearth
was away is seen to at the next one.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.health import Week
from bot.rules.survival import (
    FOLLOWED_WEEKS,
    LANDMARK_WEEK,
    Curve,
    Spell,
    curve,
    weeks_between,
)

A_WEEK = timedelta(weeks=1)
LANDMARK = timedelta(days=14)  # a home by then counts, of those who are there a week later

Arm = Literal["all", "homed", "unhomed", "before"]


def call(
    joined: Mapping[int, datetime],
    first_homes: Mapping[int, datetime],
    homes: Mapping[int, datetime],
    week: Week,
    came: datetime,
) -> Counter[tuple[Week, Arm]]:
    """Count who is there at the end of a week, by the week in which they joined.

    Only those who joined after Hearth `came`, and within a year. `first_homes`: when somebody first
    had a home by Hearth, if they did; `homes`: since when they live where they live now.
    """
    found = Counter[tuple[Week, Arm]]()
    first = max(Week.of(came).later(1), week.later(1 - FOLLOWED_WEEKS))
    cohorts = [first.later(ago) for ago in range(weeks_between(first, week) + 1)]
    for cohort in cohorts:  # that nobody is left must be known, too
        found.update(dict.fromkeys(_arms(cohort, week), 0))
    begins, parted = first.begins, [is_parted(cohort, week) for cohort in cohorts]
    for user_id, at in joined.items():
        number = (at - begins) // A_WEEK
        if 0 <= number < len(cohorts):
            arm: Arm = "all"
            if parted[number]:
                arm = arm_of(at, first_homes.get(user_id), homes.get(user_id))
            found[cohorts[number], arm] += 1
    return found


def is_parted(cohort: Week, week: Week) -> bool:
    """Return whether at the end of a week those are told apart who joined in another."""
    return weeks_between(cohort, week) + 1 >= LANDMARK_WEEK


def _arms(cohort: Week, week: Week) -> list[tuple[Week, Arm]]:
    arms: tuple[Arm, ...] = ("homed", "unhomed") if is_parted(cohort, week) else ("all",)
    return [(cohort, arm) for arm in arms]


def arm_of(joined: datetime, first_home: datetime | None, home: datetime | None) -> Arm:
    """Return how somebody is counted from their third week on; the same for as long as they stay.

    Who had a home before they joined has come back: they are compared with nobody.
    """
    if first_home is not None and first_home < joined:
        return "before"
    had = [at for at in (first_home, home) if at is not None and at <= joined + LANDMARK]
    return "homed" if had else "unhomed"


Rolls = Mapping[Week, Mapping[str, int]]
"""Of those who joined in one week: by the week that was closed, how many in each arm."""


def since_joining(cohort: Week, rolls: Rolls) -> list[Spell]:
    """Return how long those stayed who joined in a week; nothing where nobody counted them then."""
    return _called(cohort, rolls, 1)


def since_landmark(cohort: Week, rolls: Rolls) -> tuple[list[Spell], list[Spell]]:
    """Return how long those stayed who had a home at the landmark, and those who had none.

    Who was forgotten is censored among the former, and counts among the latter as without a home.
    """
    return (
        _called(cohort, rolls, LANDMARK_WEEK, "homed"),
        _called(cohort, rolls, LANDMARK_WEEK, "unhomed"),
    )


def _called(cohort: Week, rolls: Rolls, start: int, arm: str | None = None) -> list[Spell]:
    """Return spells from one arm's roll calls, or everybody's, from the `start`th week on."""
    counted = {"all", "homed", "unhomed", "before"} if arm is None else {arm}
    called = {
        weeks_between(cohort, week) + 1: sum(roll[one] for one in counted if one in roll)
        for week, roll in rolls.items()
        if roll.keys() - {"forgotten", "gone"}
    }
    forgotten = {
        weeks_between(cohort, week) + 1: roll.get("forgotten", 0) for week, roll in rolls.items()
    }
    if start not in called:
        return []
    followed = max(called)
    there, last = called[start], start
    spells: list[Spell] = []
    if arm is None:
        spells.append(Spell(1, True, followed, rolls[cohort].get("gone", 0)))
    for week in sorted(week for week in called if week > start):
        unnamed = sum(n for at, n in forgotten.items() if last < at <= week)
        if arm == "homed":
            unnamed = min(unnamed, there)
            spells.append(Spell(last, False, followed, unnamed))
            there -= unnamed
        elif arm == "unhomed":
            there += unnamed
        now = min(called[week], there)
        spells.append(Spell(week, True, followed, there - now))
        there, last = now, week
    spells.append(Spell(last, False, followed, there))
    return [spell for spell in spells if spell.people]


def by_month(cohorts: Mapping[Week, list[Spell]]) -> tuple[tuple[str, Curve], ...]:
    """Return a curve for each month in which people joined, the oldest first."""
    months: defaultdict[str, list[Spell]] = defaultdict(list)
    for cohort, spells in cohorts.items():
        months[month(cohort)].extend(spells)
    return tuple((name, curve(months[name])) for name in sorted(months))


def month(joined: Week) -> str:
    """Return the month to which a week belongs: that of its Thursday, as in "2026-03"."""
    return f"{joined.monday + timedelta(days=3):%Y-%m}"

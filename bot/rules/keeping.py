"""What is kept about people, by matter, and how long each of it stays.

`KEPT` names every table that can hold something about a person. /privacy reads it to people, the
daily sweep erases by the same periods, and docs/privacy.md is written from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Matter = Literal["places", "counted", "told", "office", "decided", "under_way"]
MATTERS: tuple[Matter, ...] = ("places", "counted", "told", "office", "decided", "under_way")
"""In the order in which people read of them."""

Ends = Literal["days", "over", "yours", "left", "moderators", "with"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Under which matter somebody finds a table's rows, and what ends them besides /privacy forget.

    `ends`: after `days` · when what it is about is `over`, and then after `days`, if any · when it
    is taken back (`yours`) · some `days` after its person `left` the server · when `moderators`
    lift it · `with` what it is part of. `days` is a number, or the setting that says it.
    """

    matter: Matter
    ends: Ends
    days: int | str | None = None

    def days_by(self, settings: object) -> int | None:
        """Return how many days, as these settings have it; None where no number of days ends it."""
        if isinstance(self.days, str):
            return int(getattr(settings, self.days))
        return self.days


KEPT: Mapping[str, Kept] = {
    "membership": Kept("places", "yours"),
    "arrival": Kept("places", "days", 30),
    "visit": Kept("places", "over", 30),
    "waiting": Kept("places", "yours"),
    "entry_request": Kept("places", "days", 14),
    "invitation": Kept("places", "days", 30),
    "missed_offer": Kept("places", "days", 30),
    "silent_seat": Kept("places", "days", 365),
    "split_seat": Kept("places", "over", 30),
    "split_change": Kept("places", "over", 30),
    "merge_choice": Kept("places", "over", 30),
    "bud": Kept("places", "over", 30),
    "bud_guest": Kept("places", "with"),
    "pair_seat": Kept("places", "days", 365),
    "circle_member": Kept("places", "with"),
    "guest_coming": Kept("places", "with"),
    "active_day": Kept("counted", "days", "retention_days"),
    "presence": Kept("counted", "days", "retention_days"),
    "quiet_episode": Kept("counted", "over", "retention_days"),
    "tie": Kept("counted", "days", "ties_days"),
    "commons_tie": Kept("counted", "days", "ties_days"),
    "care": Kept("counted", "days", 84),
    "ritual_part": Kept("counted", "days", 56),
    "unanswered": Kept("counted", "days", 7),
    "bridge": Kept("told", "yours"),
    "bridge_thanks": Kept("told", "with"),
    "bridge_ask": Kept("told", "days", 7),
    "neighbourhood_host": Kept("office", "yours"),
    "edition": Kept("office", "days", 365),
    "member": Kept("told", "left", "left_days"),
    "pulse_part": Kept("told", "over"),
    "pulse_no": Kept("told", "yours"),
    "introduction": Kept("told", "yours"),
    "member_answer": Kept("told", "left", "left_days"),
    "member_choice": Kept("told", "left", "left_days"),
    "pair_wish": Kept("told", "yours"),
    "wish": Kept("told", "left", "left_days"),
    "gathering_answer": Kept("told", "over", 30),
    "goal_part": Kept("told", "over", 30),
    "goal_mark": Kept("told", "over", 30),
    "goal_break": Kept("told", "over", 30),
    "goal_partner": Kept("told", "over", 30),
    "draft": Kept("told", "days", "drafts_days"),
    "greeter": Kept("told", "yours"),
    "reminder": Kept("told", "yours"),
    "ritual_choice": Kept("told", "over"),
    "care_pause": Kept("told", "over"),
    "concern": Kept("told", "over", "concerns_days"),
    "concern_reply": Kept("told", "with"),
    "group_ask": Kept("told", "over", 60),
    "group_ask_answer": Kept("told", "with"),
    "appeal": Kept("told", "with"),
    "facilitator": Kept("office", "yours"),
    "facilitator_note": Kept("office", "days", "notes_days"),
    "letter": Kept("office", "days", "letters_days"),
    "pairing": Kept("office", "yours"),
    "gathering": Kept("office", "over", 90),
    "ritual": Kept("office", "yours"),
    "ritual_host": Kept("office", "yours"),
    "ritual_swap": Kept("office", "over"),
    "goal": Kept("office", "yours"),
    "cohort": Kept("office", "yours"),
    "welcome": Kept("office", "days", 30),
    "guest_evening": Kept("office", "over", 60),
    "split_child": Kept("office", "with"),
    "prepared_child": Kept("office", "with"),
    "setup_group": Kept("office", "with"),
    "circle": Kept("office", "over", 60),
    "undertaking": Kept("office", "over", 30),
    "undertaking_step": Kept("office", "with"),
    "bar": Kept("decided", "moderators"),
    "apart": Kept("decided", "moderators"),
    "removal": Kept("decided", "days", "removals_days"),
    "log_entry": Kept("decided", "days", "log_days"),
    "outbox_message": Kept("under_way", "over"),
    "failed_effect": Kept("under_way", "over"),
}


def matter_of(table: str) -> Matter:
    """Return under which matter a table is read of; one that is not listed is `under_way`."""
    known = KEPT.get(table)
    return "under_way" if known is None else known.matter

"""The kinds of rituals: what each is for, and how one of that kind usually goes.

A kind is one entry in `KINDS` and one file of prompts of its name (`bot/texts/en/prompts/`), which
has its title and says what it is, too. A group gets a copy of the prompts and makes it its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.rules.ritual_times import When

# words: people answer · presence: being there is all, and pressing that one is in says so
Part = Literal["words", "presence"]


@dataclass(frozen=True, slots=True)
class Kind:
    """How rituals of a kind go.

    `open_for`: how long one stays open from when it is posted; what is said in that time is summed
    up, and then its thread closes. `thread`: each has a thread of its own, which keeps the room
    free for everything else. `greets`: it greets those who moved in lately and want to be named.
    """

    key: str
    usual: When
    open_for: timedelta
    thread: bool = True
    part: Part = "words"
    greets: bool = False


NEW_FOR = timedelta(days=30)
"""How long somebody who moved in is new, to be greeted by name if they want to."""

OWN = "own"
"""A ritual that a group made up itself; its form begins empty."""

_KINDS = (
    Kind("check_in", When("weekly", 0, None, 18), timedelta(days=2)),
    Kind("wins", When("weekly", 4, None, 17), timedelta(days=2)),
    # One question for the whole week: there is no hurry.
    Kind("question", When("weekly", 1, None, 18), timedelta(days=5)),
    # Showing takes a photo or a link, and looking takes longer than reading.
    Kind("show", When("fortnightly", 5, None, 11), timedelta(days=4)),
    Kind("gratitude", When("fortnightly", 6, None, 18), timedelta(days=2)),
    Kind("newcomers", When("monthly", 3, 1, 18), timedelta(days=4), greets=True),
    # Nothing is said, so nothing is opened for saying it.
    Kind(
        "quiet_hour", When("weekly", 2, None, 20), timedelta(hours=1), thread=False, part="presence"
    ),
    Kind("closing", When("monthly", 6, -1, 18), timedelta(days=3)),
    # In the room, as before anybody thought of kinds, for as long as somebody may still answer.
    Kind(OWN, When("weekly", 4, None, 18), timedelta(days=2), thread=False),
)

KINDS: Mapping[str, Kind] = {kind.key: kind for kind in _KINDS}
"""In the order in which they are offered."""

"""When the bot dies, in words that can be typed: "join:PUT /guilds/{guild_id}/…#1:after"."""

import re
from dataclasses import dataclass, replace
from typing import Literal, Self

COMMIT = "COMMIT"
"""Stands where a route stands: right after a commit of the tables that changed something."""

Return = Literal["at once", "late", "again", "over and over"]
"""What follows on the death: a new process at once; one after half an hour; one that dies as well,
of the first thing that it changes; one after another, each of which does."""
RETURNS: tuple[Return, ...] = ("at once", "late", "again", "over and over")
_WRITTEN = re.compile(r"(?P<route>.+)#(?P<nth>\d+):(?P<when>before|after)(?::(?P<back>[a-z ]+))?")


@dataclass(frozen=True, slots=True)
class Moment:
    """When a process dies: at the `nth` request of a route, before its effect or `after` it.

    A commit has no before: what was not committed has not happened.
    """

    route: str
    """"METHOD /template", as the sandbox names its routes, or COMMIT."""
    nth: int = 1
    after: bool = False

    def __str__(self) -> str:
        return f"{self.route}#{self.nth}:{'after' if self.after else 'before'}"


@dataclass(frozen=True, slots=True)
class Case:
    """One death in one story."""

    story: str
    moment: Moment
    back: Return = "at once"

    def __str__(self) -> str:
        ending = "" if self.back == "at once" else f":{self.back}"
        return f"{self.story}:{self.moment}{ending}"

    @classmethod
    def parsed(cls, written: str) -> Self:
        """Read what `str` writes; ValueError says what it should look like."""
        story, _, rest = written.partition(":")
        found = _WRITTEN.fullmatch(rest)
        back = (found and found["back"]) or "at once"
        if found is None or back not in RETURNS:
            raise ValueError(
                f"not a case: {written!r}; one is like"
                ' "join:PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}#1:after"'
            )
        moment = Moment(found["route"], int(found["nth"]), found["when"] == "after")
        return cls(story, moment, next(one for one in RETURNS if one == back))

    def returning(self, back: Return) -> Self:
        """Return the same death with another return."""
        return replace(self, back=back)

"""Moves virtual time on, and counts what a split costs while it happens.

A split's rows change when the bot's clock passes the split's moment. Just before, time stands still
until all else is done; what the bot asks of Discord from that moment until it is idle is the
split's, but for what can be seen to be something else: the answers to people, the keys and welcomes
of those who waited and are let in, rituals that are due at the same minute, the look at the whole
server that comes every hour.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from demo.society import Society
from sandbox.app import Sandbox
from sandbox.components import walk
from sandbox.routing import Call

DUE = (
    "SELECT next_due_at AS at FROM ritual WHERE state = 'running'",
    "SELECT runs_at FROM split WHERE state = 'told'",
    "SELECT next_due_at FROM pairing WHERE state = 'running'",
    "SELECT datetime(starts_at, '-1 hour') FROM gathering_date WHERE state = 'open'",
    "SELECT starts_at FROM gathering_date WHERE state = 'open'",
    "SELECT opens_at FROM guest_evening WHERE agreed_at IS NOT NULL",
    "SELECT ends_at FROM guest_evening WHERE opened_at IS NOT NULL",
)
"""When something is due at a moment of its own, so that time stops there."""
BEFORE = timedelta(minutes=1)
ANSWERS = ("/interactions/", "/webhooks/")
LOOKS = "/guilds/"
"""What is only read there is the hourly look at the whole server."""
ELSE = frozenset(
    (
        *("wave", "ritual-in", "ritual-remind", "pair-join", "pair-met", "pair-how", "goal-in"),
        *("goal-mine", "gathering-yes", "gathering-look", "bridge-thanks", "bridge-edition"),
        *("guest-open", "guest-come", "guest-how", "ritual-swap-open", "cohort-shown"),
        *("ask-group-look", "ask-group-answer", "ask-group-how", "ask-group-mine"),
    )
)
"""What the buttons under messages mean that a split does not send."""


@dataclass(slots=True)
class Seen:
    """One request that was carried out."""

    route: str
    params: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict[str, Any])
    result: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Family:
    """What belongs to one split."""

    split_id: int
    users: set[int]
    places: set[int] = field(default_factory=set[int])
    """Roles and rooms of parent and children, by Discord's ids."""
    over: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    """Rooms and visitors whose time was over at the same minute."""
    requests: int = 0


class Clockwork:
    """The sandbox's time, and the requests of each split by its id."""

    def __init__(self, sandbox: Sandbox, society: Society) -> None:
        self.requests: dict[int, int] = {}
        self._sandbox = sandbox
        self._society = society

    def next_moment(self, limit: datetime) -> datetime:
        """Return when the bot has something to see to at its time; `limit` if not before it."""
        union = " UNION ".join(DUE)
        now = self._sandbox.clock.now().replace(tzinfo=None).isoformat(" ")
        query = f"SELECT min(at) FROM ({union}) WHERE at > ?"  # noqa: S608 - our own words
        found = self._society.ask(query, now)
        return limit if found[0][0] is None else min(_moment(found[0][0]), limit)

    async def advance(self, until: datetime) -> None:
        """Go to a moment, and stop at every split on the way to count."""
        for moment in self._moments(until):
            if moment - BEFORE > self._sandbox.clock.now():
                await self._sandbox.advance(moment - BEFORE)
            else:
                await self._sandbox.settle()
            await self._count(max(moment, self._sandbox.clock.now()))
        if until > self._sandbox.clock.now():
            await self._sandbox.advance(until)

    def _moments(self, until: datetime) -> list[datetime]:
        found = self._society.ask("SELECT runs_at FROM split WHERE state = 'told'")
        moments = {_moment(row[0]) for row in found if row[0] is not None}
        return sorted(moment for moment in moments if moment <= until)

    async def _count(self, moment: datetime) -> None:
        """Go to the moment of some splits, and count their requests."""
        due = [
            row[0]
            for row in self._society.ask("SELECT id, runs_at FROM split WHERE state = 'told'")
            if row[1] is not None and _moment(row[1]) <= moment
        ]
        families = [self._family(split_id) for split_id in due]
        seen: list[Seen] = []

        watching = self._sandbox.rest.observer

        def look_on(call: Call, status: int, result: object) -> None:
            seen.append(
                Seen(call.route.name, dict(call.params), _object(call.body), _object(result))
            )
            if watching is not None:
                watching(call, status, result)

        before = self._sandbox.requests.snapshot()
        self._sandbox.rest.observer = look_on
        try:
            await self._sandbox.advance(moment)
        finally:
            self._sandbox.rest.observer = watching
        asked = self._sandbox.requests.since(before).total
        self._society.refresh()
        for family in families:
            self._widen(family)
        for request in seen:
            owner = owner_of(request, families)
            if owner is not None:
                owner.requests += 1
        # What was refused and asked again was not carried out; it is the splits' all the same.
        if families:
            families[0].requests += asked - len(seen)
        for family in families:
            self.requests[family.split_id] = family.requests

    def _family(self, split_id: int) -> Family:
        seats = self._society.ask("SELECT user_id FROM split_seat WHERE split_id = ?", split_id)
        return Family(split_id, {row[0] for row in seats})

    def _widen(self, family: Family) -> None:
        """Learn the roles and rooms of the groups that the split made."""
        rows = self._society.ask(
            "SELECT g.role_id, g.room_id FROM groups g JOIN split s ON s.id = ? WHERE g.id ="
            " s.group_id OR g.id IN (SELECT group_id FROM split_child WHERE split_id = s.id)",
            family.split_id,
        )
        family.places = {place for row in rows for place in row if place is not None}
        visits = self._society.ask(
            "SELECT g.room_id, v.user_id FROM visit v JOIN groups g ON g.id = v.group_id"
            " WHERE v.ended_at >= v.ends_at"
        )
        family.over = {(str(room), str(user)) for room, user in visits}


def owner_of(request: Seen, families: Collection[Family]) -> Family | None:
    """Return the split that a request belongs to; None for a request of something else."""
    method, _, template = request.route.partition(" ")
    if template.startswith(ANSWERS) or (method == "GET" and template.startswith(LOOKS)):
        return None
    if template.endswith("/messages"):
        return _owner_of_message(request, families)
    user = request.params.get("user_id")
    if user is not None and user.isdecimal():
        return next((one for one in families if int(user) in one.users), None)
    room, target = request.params.get("channel_id", ""), request.params.get("overwrite_id", "")
    if method == "DELETE" and any((room, target) in one.over for one in families):
        return None
    ids = {*request.params.values(), str(request.result.get("id"))}
    first = next(iter(families), None)
    return next((one for one in families if ids & {str(place) for place in one.places}), first)


def _owner_of_message(request: Seen, families: Collection[Family]) -> Family | None:
    """Return the split that sent a message: into its rooms, or to ask somebody of it."""
    means = {
        verb: arguments
        for part in walk(request.body.get("components") or [])
        for verb, _, arguments in [str(part.get("custom_id") or "").partition(":")]
    }
    if means.keys() & ELSE:
        return None
    asked = means.get("question-open", "").partition(":")[0]
    if asked:
        return next((one for one in families if int(asked) in one.users), None)
    room = request.params.get("channel_id")
    return next((o for o in families if room in {str(place) for place in o.places}), None)


def _object(body: object) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    return cast("dict[str, Any]", body) if isinstance(body, dict) else {}


def _moment(stored: str) -> datetime:
    """Return a moment as the tables keep it."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)

"""What must change so that a server matches the tables: a pure difference, in plain data.

`Desired` is what the tables say, `Observed` what the server is like, an `Action` one step from the
one to the other. Steps come in stages: a room needs its group's role, members wait until the role
is there; `plan` returns what can be done now, and nothing once nothing differs.

Members: of all roles only those of groups are touched. Nobody loses a home's role before the next
one can be given. People who are timed out or carry a restricted role are left as they are, but for
the key to a group that they are barred from, and nothing is only taken away while the member list
is incomplete.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.rules import access
from bot.rules.access import Keys, Overwrite

OVERWRITES = "overwrites"  # the access of groups that have no role


@dataclass(frozen=True, slots=True)
class Home:
    """Where a member lives, and whether they have the key (`here`)."""

    group_id: int
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class DesiredGroup:
    """One group as the tables have it.

    `role_written` and `room_written` are the name (with colour) and the name that Hearth wrote
    last: only a change of the tables renames, so a person's own name for a role or room stands.
    """

    group_id: int
    name: str
    colour: int
    room_name: str
    topic: str
    by_role: bool
    open: bool
    role_id: int | None = None
    room_id: int | None = None
    role_written: str | None = None
    room_written: str | None = None
    residents: frozenset[int] = frozenset()  # who live here and have the key
    visitors: frozenset[int] = frozenset()
    visitors_read_history: bool = False
    former: frozenset[int] = frozenset()  # whose visit is over, or whose seat is only kept
    doors: frozenset[int] = frozenset()  # groups whose role may enter
    blind_doors: frozenset[int] = frozenset()  # of these, who may not read what was said before
    shut: frozenset[int] = frozenset()  # of those who live there: who may not, all the same
    # locked by moderators, or archived: whoever has a key reads, and only the guards write
    read_only: bool = False
    voice: bool = False  # its type wants a voice room beside the room
    voice_name: str = ""
    voice_id: int | None = None
    voice_written: str | None = None

    @property
    def role_look(self) -> str:
        """What the role should look like, as it is kept in `role_written`."""
        return f"{self.colour:06x} {self.name}"


@dataclass(frozen=True)  # without slots, so that it can remember what it computed
class Desired:
    """What the tables say about one server.

    All groups are here, but only those in `complete` with everybody who has a key to their room;
    `homes` holds at least the members that were asked for.
    """

    server_id: int
    groups: Mapping[int, DesiredGroup]
    complete: frozenset[int]
    homes: Mapping[int, Home]
    bars: frozenset[tuple[int, int]] = frozenset()  # (member, group); group 0 stands for all
    safety_roles: frozenset[int] = frozenset()
    restricted_roles: frozenset[int] = frozenset()
    language: str = "en"
    # Whose role of a group they don't live in was there before Hearth: kept until they choose.
    guests: Mapping[int, frozenset[int]] = field(default_factory=dict[int, frozenset[int]])

    @cached_property
    def group_roles(self) -> frozenset[int]:
        """The roles that only Hearth hands out."""
        return frozenset(g.role_id for g in self.groups.values() if g.role_id is not None)


@dataclass(frozen=True, slots=True)
class ObservedRoom:
    """A room; a `hidden` one is there, but nothing else about it can be told."""

    name: str
    overwrites: Mapping[int, Overwrite]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ObservedMember:
    """A member's roles (without @everyone), and why they may have to be left alone for now.

    Who is `pending` has not accepted the server's rules: Discord takes whoever is given a role for
    somebody who has (Discord, Membership Screening), so their keys wait.
    """

    roles: frozenset[int]
    timed_out: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """What one server is like: all roles, the groups' rooms, the members that were asked for."""

    server_id: int
    bot_id: int
    bot_permissions: int
    roles: frozenset[int]
    rooms: Mapping[int, ObservedRoom]
    members: Mapping[int, ObservedMember] = field(default_factory=dict[int, ObservedMember])
    complete: bool = True  # every member of the server is known


@dataclass(frozen=True, slots=True)
class MakeRole:
    """Make a group's role; `instead_of` is the one that a person deleted."""

    group_id: int
    instead_of: int | None = None


@dataclass(frozen=True, slots=True)
class MakeRoom:
    """Make a group's room, or its voice room, with its overwrites in the same call."""

    group_id: int
    overwrites: tuple[Overwrite, ...]
    instead_of: int | None = None
    voice: bool = False


@dataclass(frozen=True, slots=True)
class NameRole:
    """Give a role the group's new name and colour."""

    group_id: int
    role_id: int


@dataclass(frozen=True, slots=True)
class NameRoom:
    """Give a room, or a voice room, the group's new name."""

    group_id: int
    room_id: int
    voice: bool = False


@dataclass(frozen=True, slots=True)
class EditRoom:
    """Put a room's overwrites right."""

    group_id: int
    room_id: int
    edit: access.RoomEdit


@dataclass(frozen=True, slots=True)
class ChangeRoles:
    """Give a member the role of their home, take those of other groups."""

    user_id: int
    give: frozenset[int]
    take: frozenset[int]


Action = MakeRole | MakeRoom | NameRole | NameRoom | EditRoom | ChangeRoles


def plan(desired: Desired, observed: Observed) -> list[Action]:
    """Return every step that can be taken now; empty when the server is as the tables say."""
    actions: list[Action] = []
    for group_id in sorted(desired.complete & desired.groups.keys()):
        actions += plan_group(desired, observed, group_id)
    for user_id in sorted(observed.members):
        change = plan_member(desired, observed, user_id)
        if change is not None:
            actions.append(change)
    return actions


def plan_group(desired: Desired, observed: Observed, group_id: int) -> list[Action]:
    """Return the steps for one group's role and room.

    A role or room that is gone is made again only while the group is open; a hidden room is left
    alone, for it is not gone.
    """
    group = desired.groups[group_id]
    actions: list[Action] = []
    role_id = group.role_id if group.role_id in observed.roles else None
    if group.by_role and role_id is None and group.open:
        return [MakeRole(group_id, instead_of=group.role_id)]
    if group.by_role and role_id is not None and group.role_written != group.role_look:
        actions.append(NameRole(group_id, role_id))
    if group.room_id is None or group.room_id not in observed.rooms:
        if group.open:
            made_with = access.fresh(keys(desired, observed, group_id))
            actions.append(MakeRoom(group_id, made_with, instead_of=group.room_id))
        return actions
    room = observed.rooms[group.room_id]
    if room.hidden:
        return actions
    if group.room_written != group.room_name:
        actions.append(NameRoom(group_id, group.room_id))
    edit = access.edit(keys(desired, observed, group_id), room.overwrites)
    if edit:
        actions.append(EditRoom(group_id, group.room_id, edit))
    return actions + _plan_voice(desired, observed, group)


def _plan_voice(desired: Desired, observed: Observed, group: DesiredGroup) -> list[Action]:
    """Return the steps for a group's voice room: the same keys, and a name of its own.

    It is made where the group's type wants one, and looked after as long as it is there: a type
    that wants none any more deletes nothing.
    """
    if group.voice_id is None or group.voice_id not in observed.rooms:
        if not group.voice or not group.open:
            return []
        overwrites = access.fresh(keys(desired, observed, group.group_id, voice=True))
        return [MakeRoom(group.group_id, overwrites, instead_of=group.voice_id, voice=True)]
    room = observed.rooms[group.voice_id]
    if room.hidden:
        return []
    actions: list[Action] = []
    if group.voice_written != group.voice_name:
        actions.append(NameRoom(group.group_id, group.voice_id, voice=True))
    edit = access.edit(keys(desired, observed, group.group_id, voice=True), room.overwrites)
    if edit:
        actions.append(EditRoom(group.group_id, group.voice_id, edit))
    return actions


def keys(desired: Desired, observed: Observed, group_id: int, *, voice: bool = False) -> Keys:
    """Return who should have access to a group's room; only for a group that is complete.

    With `voice` to its voice room: the same people.
    """
    group = desired.groups[group_id]
    inside = {group_id, *group.doors} if group.by_role else set[int]()
    roles = {desired.groups[g].role_id for g in inside if g in desired.groups}
    blind = {desired.groups[g].role_id for g in group.blind_doors if g in desired.groups}
    residents = frozenset[int]() if group.by_role else group.residents
    return Keys(
        server_id=desired.server_id,
        bot_id=observed.bot_id,
        bot_permissions=observed.bot_permissions,
        safety_roles=desired.safety_roles & observed.roles,
        roles=frozenset(role for role in roles if role is not None and role in observed.roles),
        blind_roles=frozenset(role for role in blind if role is not None),
        residents=residents,
        visitors=group.visitors - residents,
        visitors_read_history=group.visitors_read_history,
        group_roles=desired.group_roles,
        former=group.former,
        shut=group.shut,
        read_only=group.read_only,
        voice=voice,
    )


def plan_member(desired: Desired, observed: Observed, user_id: int) -> ChangeRoles | None:
    """Return how one member's roles must change; None for not at all, or not now."""
    member = observed.members.get(user_id)
    if member is None:
        return None
    barred = member.roles & barred_roles(desired, user_id)
    if member.timed_out or member.pending or member.roles & desired.restricted_roles:
        return ChangeRoles(user_id, frozenset(), barred) if barred else None
    want: frozenset[int] = frozenset()
    home = desired.homes.get(user_id)
    group = desired.groups.get(home.group_id) if home is not None else None
    if home is not None and group is not None and home.state == "here" and group.by_role:
        if group.role_id is not None and group.role_id in observed.roles:
            want = frozenset({group.role_id})
        elif group.open:
            # The key is being cut; until then nothing is taken but from who is barred.
            return ChangeRoles(user_id, frozenset(), barred) if barred else None
    held = member.roles & desired.group_roles
    give = want - held
    kept = _kept_roles(desired, user_id) - barred
    take = held - want - kept if give or observed.complete else barred - want
    return ChangeRoles(user_id, give, take) if give or take else None


def _kept_roles(desired: Desired, user_id: int) -> frozenset[int]:
    """Return the roles that a member had before Hearth, and keeps until they choose a home."""
    groups = (desired.groups.get(group) for group in desired.guests.get(user_id, ()))
    return frozenset(g.role_id for g in groups if g is not None and g.role_id is not None)


def barred_roles(desired: Desired, user_id: int) -> frozenset[int]:
    """Return the roles of the groups that a member is barred from."""
    if not desired.bars:
        return frozenset()
    return frozenset(
        group.role_id
        for group in desired.groups.values()
        if group.role_id is not None
        and not desired.bars.isdisjoint({(user_id, 0), (user_id, group.group_id)})
    )


def held_back(
    desired: Desired, changes: Iterable[ChangeRoles], told: Collection[int], *, most: int
) -> frozenset[int]:
    """Return whose change waits for an owner's look: none, unless more than `most` look odd.

    `told` are people whom a committed change of the tables explains.
    """
    bare = unexpected(desired, changes) - set(told)
    return bare if len(bare) > most else frozenset()


def unexpected(desired: Desired, changes: Iterable[ChangeRoles]) -> frozenset[int]:
    """Return who would only lose roles although the tables know nothing of them.

    Few of these are leftovers; many at once mean that the tables are not what they were.
    """
    return frozenset(
        change.user_id
        for change in changes
        if change.take
        and not change.give
        and change.user_id not in desired.homes
        and not change.take <= barred_roles(desired, change.user_id)
    )

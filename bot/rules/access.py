"""Who may do what in a group's room: permission bits and overwrites, as plain numbers.

What Hearth writes into a room: @everyone may not look; the bot and the safety roles always may; the
group's role, its visitors and (for groups without a role) its members may look, read and write;
another group's role may too while a door is open to it, after a split or for an evening, except
whoever of them is barred from here or must not meet somebody here. A room that moderators locked,
or whose group is archived, is only read by those who have a key: @everyone is forbidden to write
there, and the keys stop allowing it, so that nothing is written into what a person decided about
one member.

A person who edits a room by hand has decided something, and what they *forbade* stands: a role that
was locked, a visitor who was muted. Who lives in a group without a role and is shut out by hand is
held (`keys_changed`); once somebody says that they live here after all, they may look again. What
was taken away by clearing it, what Hearth's own keys can do beyond their time, and whatever keeps
the bot or the safety roles out is put right. Entries for roles and members that Hearth knows
nothing of are left alone. Entries that Hearth wrote are known again by their exact bits, so nothing
must be remembered about people for taking them back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

# Discord's permission bits (topics/permissions), as far as Hearth writes or needs them.
CREATE_INVITE = 1 << 0
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
ADD_REACTIONS = 1 << 6
VIEW_AUDIT_LOG = 1 << 7
VIEW = 1 << 10
SEND = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
CONNECT = 1 << 20
SPEAK = 1 << 21
MANAGE_ROLES = 1 << 28
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_IN_THREADS = 1 << 38
CREATE_EVENTS = 1 << 44

# Kept to the few that make a room a room: all else follows what the server allows everybody.
LIVE = VIEW | SEND | HISTORY | ADD_REACTIONS | SEND_IN_THREADS
VOICE = CONNECT | SPEAK  # what a key opens besides in a voice room, which has a chat of its own
SHUT = LIVE  # forbidden all at once to who must not come in by a door: no hand forbids just these
READ = VIEW | HISTORY  # what a key still opens while a room is only read
# Forbidden to everyone meanwhile; a thread's name can be read, so none is begun either.
MUTE = SEND | ADD_REACTIONS | SEND_IN_THREADS | CREATE_PUBLIC_THREADS | CREATE_PRIVATE_THREADS
BOT = LIVE | EMBED_LINKS | ATTACH_FILES | MANAGE_CHANNELS

MOST_IN_A_CALL = 100  # overwrites that Discord takes in one create or edit of a channel (its spec)
MOST_SHUT_OUT_AT_ONCE = 3  # members; more in one act is a room that was cleared
ONE_BY_ONE = 3  # up to so many changes are written singly, more in one edit of the whole room

Kind = Literal["role", "member"]


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What one role or member may and may not do in one room."""

    target_id: int
    kind: Kind
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True, slots=True)
class Keys:
    """Who should have access to one room; ids of Discord."""

    server_id: int  # also the id of @everyone
    bot_id: int
    bot_permissions: int  # an overwrite may hold no bit that its writer lacks
    safety_roles: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()  # the group's own, and siblings' with an open door
    blind_roles: frozenset[int] = frozenset()  # of these, guests' that read no history
    residents: frozenset[int] = frozenset()  # members of a group without a role
    visitors: frozenset[int] = frozenset()
    visitors_read_history: bool = False
    group_roles: frozenset[int] = frozenset()  # of all groups: nobody else hands these out
    former: frozenset[int] = frozenset()  # people known to have had a key that is over
    shut: frozenset[int] = (
        frozenset()
    )  # who must not come in, though a sibling's role would let them
    read_only: bool = False  # locked or archived: who has a key reads, the guards write
    voice: bool = False  # the room is one to talk in

    @property
    def live(self) -> int:
        """What a key opens in this room."""
        return LIVE | VOICE if self.voice else LIVE

    @property
    def mute(self) -> int:
        """What nobody does in this room while it is only read."""
        return MUTE | VOICE if self.voice else MUTE


@dataclass(frozen=True, slots=True)
class RoomEdit:
    """How a room's overwrites differ from what they should be."""

    writes: tuple[Overwrite, ...] = ()
    erases: tuple[Overwrite, ...] = ()
    whole: tuple[Overwrite, ...] | None = None  # all of them, where one edit does it better

    def __bool__(self) -> bool:
        return bool(self.writes or self.erases)


def may(keys: Keys, bits: int) -> int:
    """Return those of `bits` that the bot may write at all."""
    return bits if keys.bot_permissions & ADMINISTRATOR else bits & keys.bot_permissions


def edit(keys: Keys, now: Mapping[int, Overwrite]) -> RoomEdit:
    """Return what must change in a room whose overwrites are `now`, by target."""
    wanted = _wanted(keys, now)
    # What a person added to an entry with bits that the bot lacks would make the write fail.
    writes = tuple(
        Overwrite(target, one.kind, may(keys, one.allow), may(keys, one.deny))
        for target, one in wanted.items()
        if now.get(target) != one
    )
    erases: list[Overwrite] = []
    shorter = _was_read_only(keys, now)
    for target, one in now.items():
        if target in wanted or not _left_behind(keys, one, was_read_only=shorter):
            continue
        forbidden = 0 if _shuts_out(keys, one) else one.deny & ~HISTORY
        if forbidden:
            writes += (Overwrite(target, one.kind, 0, forbidden),)
        else:
            erases.append(one)
    if len(writes) + len(erases) <= ONE_BY_ONE:
        return RoomEdit(writes, tuple(erases))
    after = {**now, **{one.target_id: one for one in writes}}
    for one in erases:
        del after[one.target_id]
    ours = {one.target_id for one in writes}
    fits = len(after) <= MOST_IN_A_CALL and all(
        may(keys, one.allow | one.deny) == one.allow | one.deny
        for one in after.values()
        if one.target_id not in ours
    )
    return RoomEdit(writes, tuple(erases), tuple(after.values()) if fits else None)


def lets_in(entry: Overwrite | None) -> bool:
    """Return whether an entry opens a room to whom it is for."""
    return entry is not None and bool(entry.allow & VIEW)


def opens_to_everyone(before: Overwrite | None, after: Overwrite | None) -> bool:
    """Return whether @everyone's entry in a room, which forbade to look, does so no more."""
    return before is not None and bool(before.deny & VIEW) and not (after and after.deny & VIEW)


def keys_changed(
    changed: Iterable[int], before: Mapping[int, Overwrite], after: Mapping[int, Overwrite]
) -> tuple[frozenset[int], frozenset[int]]:
    """Return who was let in and who was shut out of a room by hand, of the targets `changed`.

    A member who loses their key is a decision; many at once are a room that was cleared, by
    mistake or by syncing it with its category, and nobody's decision about any of them.
    """

    def let_in(entries: Mapping[int, Overwrite]) -> set[int]:
        return {t for t in changed if lets_in(entries.get(t))}

    had, has = let_in(before), let_in(after)
    people = {t for t in changed if (after.get(t) or before[t]).kind == "member"}
    taken = (had - has) & people
    if len(taken) > MOST_SHUT_OUT_AT_ONCE:
        taken = set[int]()
    return frozenset((has - had) & people), frozenset(taken)


def doors_shut(
    changed: Iterable[int], before: Mapping[int, Overwrite], after: Mapping[int, Overwrite]
) -> frozenset[int]:
    """Return the roles of the targets `changed` that a room let in before and does not any more.

    Many at once are a room that was cleared, and nobody's decision about any of them.
    """
    shut = {
        t
        for t in changed
        if t in before
        and before[t].kind == "role"
        and lets_in(before[t])
        and not lets_in(after.get(t))
    }
    return frozenset(shut) if len(shut) <= MOST_SHUT_OUT_AT_ONCE else frozenset[int]()


def fresh(keys: Keys) -> tuple[Overwrite, ...]:
    """Return what a new room is made with: at most as many as one call takes, guards first."""
    return edit(keys, {}).writes[:MOST_IN_A_CALL]


def _wanted(keys: Keys, now: Mapping[int, Overwrite]) -> dict[int, Overwrite]:
    """Return the entries that must be there, with what people added to them by hand."""
    live, history = may(keys, keys.live), may(keys, HISTORY)
    opened = may(keys, READ) if keys.read_only else live
    unopened = keys.mute if keys.read_only else 0
    wanted: dict[int, Overwrite] = {}

    def entry(target: int, kind: Kind) -> Overwrite:
        return now.get(target) or Overwrite(target, kind)

    old, mute = entry(keys.server_id, "role"), may(keys, keys.mute)
    allow, deny = old.allow & ~VIEW, old.deny | VIEW
    if keys.read_only:
        allow, deny = allow & ~mute, deny | mute
    elif _was_read_only(keys, now):
        deny &= ~mute
    wanted[old.target_id] = Overwrite(old.target_id, "role", allow, deny)
    guards: Iterable[tuple[int, Kind, int]] = [
        (keys.bot_id, "member", may(keys, BOT | CONNECT if keys.voice else BOT)),
        *((role, "role", live) for role in sorted(keys.safety_roles)),
    ]
    for target, kind, bits in guards:
        old = entry(target, kind)
        wanted[target] = Overwrite(target, kind, old.allow | bits, old.deny & ~bits)
    for user in sorted(keys.shut - keys.residents - keys.visitors - {keys.bot_id}):
        old = entry(user, "member")  # before the role that would let them in
        shut = may(keys, SHUT)
        wanted[user] = Overwrite(user, "member", old.allow & ~shut, old.deny | shut)
    for role in sorted(keys.roles - keys.safety_roles):
        old = entry(role, "role")
        closed = history if role in keys.blind_roles else 0
        allow = (old.allow | (opened & ~old.deny)) & ~unopened & ~closed
        wanted[role] = Overwrite(role, "role", allow, old.deny | closed)
    for user in sorted((keys.residents | keys.visitors) - {keys.bot_id}):
        old = entry(user, "member")
        if _shuts_out(keys, old):
            old = Overwrite(user, "member")
        blind = user not in keys.residents and not keys.visitors_read_history
        closed, forbidden = (history if blind else 0), old.deny & ~HISTORY
        if user in keys.residents:
            forbidden &= ~VIEW
        allow = (old.allow | opened) & ~forbidden & ~closed & ~unopened
        wanted[user] = Overwrite(user, "member", allow, forbidden | closed)
    return wanted


def _was_read_only(keys: Keys, now: Mapping[int, Overwrite]) -> bool:
    """Return whether Hearth made a room one that is only read: its entry for @everyone tells."""
    mute, everyone = may(keys, keys.mute), now.get(keys.server_id)
    return everyone is not None and 0 < mute == everyone.deny & mute


def _left_behind(keys: Keys, one: Overwrite, *, was_read_only: bool = False) -> bool:
    """Return whether an entry that nobody wants is a key of Hearth's, to be taken back."""
    if _shuts_out(keys, one):
        return True
    if not one.allow & VIEW:
        return False
    live = {keys.live, may(keys, keys.live)}
    if was_read_only:  # keys were cut shorter then
        live |= {READ, may(keys, READ)}
    if one.kind == "role":
        return one.target_id in keys.group_roles or (one.deny == 0 and one.allow in live)
    if one.target_id in keys.former:
        return True
    return one.allow & ~keys.live == 0 and (one.allow | one.deny) & keys.live in live


def _shuts_out(keys: Keys, one: Overwrite) -> bool:
    """Return whether an entry is what Hearth writes against somebody who must not come in."""
    return one.kind == "member" and one.allow == 0 and one.deny in {SHUT, may(keys, SHUT)} - {0}

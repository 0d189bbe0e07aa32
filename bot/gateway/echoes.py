"""What Hearth has written itself and not heard back yet.

Discord answers a write before its event has come over the gateway, so the cache lags behind our own
hands. Until an echo comes, what was written counts as the truth; when it comes, it is known as ours
and plans nothing. Everything else that changes a group's role, room or member is a person's doing.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bot.rules.access import Overwrite


@dataclass(slots=True, eq=False)
class _Write:
    """One value that was sent; `landed` once Discord has said so."""

    value: bool | Overwrite | None
    landed: bool = False


Place = tuple[int, int]  # (member, role) or (room, whom an overwrite is for)


class Echoes:
    """The writes of one server that are under way or unheard.

    Values of one place follow each other in order, in writing as in the events. An event that is
    not among the writes means that the earlier writes of that place have been heard or overtaken.
    """

    def __init__(self) -> None:
        self._writes: dict[Place, deque[_Write]] = {}
        self._by_subject: dict[int, set[int]] = {}
        self.made_roles: set[int] = set()
        self.made_rooms: dict[int, tuple[str, int, Mapping[int, Overwrite]]] = {}
        self._unheard: dict[int, object] = {}  # made in which cache's time

    def made_role(self, role_id: int, cache: object) -> None:
        """Take in that a role was made which `cache` has not heard of."""
        self.made_roles.add(role_id)
        self._unheard[role_id] = cache

    def made_room(
        self, room_id: int, room: tuple[str, int, Mapping[int, Overwrite]], cache: object
    ) -> None:
        """Take in that a channel was made which `cache` has not heard of."""
        self.made_rooms[room_id] = room
        self._unheard[room_id] = cache

    def clear(self, cache: object = None) -> None:
        """Forget what landed: the cache was filled anew.

        Not what was made since `cache` was filled: its events are still to come, and a role that
        nobody remembers would be made a second time.
        """
        for place in list(self._writes):
            self._keep(place, deque(w for w in self._writes[place] if not w.landed))
        for made_id in [m for m, made_in in self._unheard.items() if made_in is not cache]:
            self.seen(made_id)

    def unheard(self) -> list[tuple[Place, object]]:
        """Return the writes that have landed and were not heard back yet."""
        return [(p, w) for p, writes in self._writes.items() for w in writes if w.landed]

    def overtaken(self, writes: Iterable[tuple[Place, object]], but: Collection[int]) -> None:
        """Forget writes that landed before the cache was compared with Discord; not those `but`.

        What the cache says now is newer than they are: their echoes will never come.
        """
        for place, old in writes:
            if place[0] not in but:
                self._keep(place, deque(w for w in self._writes.get(place, ()) if w is not old))

    def seen(self, made_id: int) -> None:
        """Take in that a role or channel has come into the cache, or gone from it."""
        self.made_roles.discard(made_id)
        self.made_rooms.pop(made_id, None)
        self._unheard.pop(made_id, None)

    def writing(self, subject: int, values: Mapping[int, bool | Overwrite | None]) -> "Writing":
        """Say what is about to be written to a member's roles or a room's overwrites."""
        writes = [((subject, target), _Write(value)) for target, value in values.items()]
        for (_, target), write in writes:
            self._writes.setdefault((subject, target), deque()).append(write)
            self._by_subject.setdefault(subject, set()).add(target)
        return Writing(self, writes)

    def roles(self, user_id: int, cached: frozenset[int]) -> frozenset[int]:
        """Return a member's roles: the cache's, with what has landed since."""
        if user_id not in self._by_subject:
            return cached  # nearly everybody, whenever a whole server is looked at
        given, taken = set[int](), set[int]()
        for role_id, value in self._landed(user_id):
            (given if value else taken).add(role_id)
        return (cached | given) - taken if given or taken else cached

    def overwrites(self, room_id: int, cached: dict[int, Overwrite]) -> dict[int, Overwrite]:
        """Return a room's overwrites: the cache's, with what has landed since."""
        for target, value in self._landed(room_id):
            if isinstance(value, Overwrite):
                cached[target] = value
            else:
                cached.pop(target, None)
        return cached

    def heard_roles(
        self, user_id: int, before: frozenset[int], after: frozenset[int]
    ) -> tuple[frozenset[int], frozenset[int]]:
        """Take in a member's event; return the roles that others gave, and those they took."""
        given = {role for role in after - before if not self._heard((user_id, role), True)}
        taken = {role for role in before - after if not self._heard((user_id, role), False)}
        return frozenset(given), frozenset(taken)

    def heard_overwrites(
        self, room_id: int, before: Mapping[int, Overwrite], after: Mapping[int, Overwrite]
    ) -> frozenset[int]:
        """Take in a room's event; return whose entries others changed."""
        changed = [t for t in {*before, *after} if before.get(t) != after.get(t)]
        return frozenset(t for t in changed if not self._heard((room_id, t), after.get(t)))

    def _landed(self, subject: int) -> Iterable[tuple[int, bool | Overwrite | None]]:
        for target in self._by_subject.get(subject, ()):
            landed = [w for w in self._writes[subject, target] if w.landed]
            if landed:
                yield target, landed[-1].value

    def _heard(self, place: Place, value: bool | Overwrite | None) -> bool:
        writes = self._writes.get(place)
        if writes is None:
            return False
        for heard, write in enumerate(writes, start=1):
            if write.value == value:
                self._keep(place, deque(list(writes)[heard:]))
                return True
        self._keep(place, deque(w for w in writes if not w.landed))
        return False

    def drop(self, place: Place, write: _Write) -> None:
        """Forget one write that Discord refused."""
        self._keep(place, deque(w for w in self._writes.get(place, ()) if w is not write))

    def _keep(self, place: Place, writes: "deque[_Write]") -> None:
        subject, target = place
        if writes:
            self._writes[place] = writes
            return
        self._writes.pop(place, None)
        targets = self._by_subject.get(subject)
        if targets is not None:
            targets.discard(target)
            if not targets:
                del self._by_subject[subject]


class Writing:
    """Writes under way: say afterwards what became of them."""

    def __init__(self, echoes: Echoes, writes: list[tuple[Place, _Write]]) -> None:
        self._echoes = echoes
        self._writes = writes

    def landed(self) -> None:
        """Discord has carried it out; until the echo comes it counts as done."""
        for _, write in self._writes:
            write.landed = True

    def refused(self) -> None:
        """Discord has certainly not carried it out."""
        for place, write in self._writes:
            self._echoes.drop(place, write)

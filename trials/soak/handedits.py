"""What moderators change by hand, past Hearth: roles, rooms, people."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from demo.society import Group, Society
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Overwrite, Role

LOST_UNHEARD = 0.25
"""How often an edit comes while no session of the bot's can hear it."""
SILENCED_FOR = timedelta(hours=30)

Edit = Callable[[Group, Role, Channel], Awaitable[bool]]


class HandEdits:
    """Lets the owner change something by hand `each` times over a length; a `Trouble` of a run.

    Each edit is one that Hearth puts right, asks about, or respects, so that in the end the server
    must be as the tables say all the same. Nobody's roles are changed twice.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        society: Society,
        *,
        start: datetime,
        length: timedelta,
        each: int,
        seed: int,
    ) -> None:
        self.struck = Counter({"by-hand": 0})
        self._sandbox = sandbox
        self._society = society
        self._owner: Person = society.server.owner
        self._random = random.Random(f"hand edits {seed}")
        self._touched: set[int] = set()
        self._kinds: Sequence[Edit] = (
            self._take_a_role,
            self._give_a_role,
            self._clear_an_entry,
            self._open_a_room,
            self._rename_a_room,
            self._silence,
            self._take_a_role,
            self._shut_a_visitor_out,
            self._kick,
            self._ban,
            self._delete_a_role,
        )
        self._next = 0
        self._due = [start + (number + 0.5) * length / each for number in range(each)]

    async def breaks(self, now: datetime) -> None:
        """Change what is due by now, now and then while the bot cannot hear it."""
        while self._due and self._due[0] <= now:
            self._due.pop(0)
            if self._random.random() < LOST_UNHEARD:
                async with self._sandbox.gateway.down(resumable=False):
                    await self.edit()
            else:
                await self.edit()

    async def clears(self) -> None:
        """Take nothing back: what a person did stands until a person or Hearth changes it."""

    async def over(self) -> None:
        """Nothing more is changed."""
        self._due.clear()

    async def edit(self) -> None:
        """Change one thing: the next kind that finds something to change."""
        self._society.refresh()
        for _ in self._kinds:
            kind = self._kinds[self._next % len(self._kinds)]
            self._next += 1
            place = self._place()
            if place is not None and await kind(*place):
                self.struck["by-hand"] += 1
                return

    # --- the edits; each returns whether it found something to change ----------------------------

    async def _take_a_role(self, group: Group, role: Role, _room: Channel) -> bool:
        person = self._somebody(group)
        if person is None or not person.has(role):
            return False
        await self._owner.take_role(person, role)
        return True

    async def _give_a_role(self, group: Group, role: Role, _room: Channel) -> bool:
        others = [one for one in self._society.groups.values() if one.id != group.id]
        person = self._somebody(self._random.choice(others)) if others else None
        if person is None or person.has(role):
            return False
        await self._owner.give_role(person, role)
        return True

    async def _clear_an_entry(self, _group: Group, role: Role, room: Channel) -> bool:
        if role.id not in room.overwrites:
            return False
        await self._owner.delete_overwrite(room, role)
        return True

    async def _open_a_room(self, _group: Group, _role: Role, room: Channel) -> bool:
        everyone = self._society.server.roles[self._society.server.id]
        await self._owner.set_overwrite(room, everyone, allow=Permission.VIEW_CHANNEL)
        return True

    async def _rename_a_room(self, group: Group, _role: Role, room: Channel) -> bool:
        await self._owner.edit_channel(room, name=f"{room.name}-too", topic=f"{group.name}, too")
        return True

    async def _silence(self, group: Group, _role: Role, _room: Channel) -> bool:
        person = self._somebody(group)
        if person is None:
            return False
        await self._owner.timeout(person, self._sandbox.clock.now() + SILENCED_FOR)
        return True

    async def _shut_a_visitor_out(self, _group: Group, _role: Role, room: Channel) -> bool:
        guests = [one for one in self._entries(room) if one.present]
        if not guests:
            return False
        await self._owner.delete_overwrite(room, self._random.choice(guests))
        return True

    async def _kick(self, group: Group, _role: Role, _room: Channel) -> bool:
        person = self._somebody(group)
        if person is None:
            return False
        await self._owner.kick(person)
        return True

    async def _ban(self, group: Group, _role: Role, _room: Channel) -> bool:
        person = self._somebody(group)
        if person is None:
            return False
        await self._owner.ban(person)
        return True

    async def _delete_a_role(self, _group: Group, role: Role, _room: Channel) -> bool:
        await self._owner.delete_role(role)
        return True

    # --- whom and what --------------------------------------------------------------------------

    def _place(self) -> tuple[Group, Role, Channel] | None:
        """Return a group, its role and its room, where it has both."""
        groups = sorted(self._society.groups.values(), key=lambda one: one.id)
        self._random.shuffle(groups)
        for group in groups:
            room = self._society.room(group)
            found = self._society.ask("SELECT role_id FROM groups WHERE id = ?", group.id)
            role = self._society.server.roles.get(found[0][0] or 0)
            if room is not None and role is not None:
                return group, role, room
        return None

    def _somebody(self, group: Group) -> Person | None:
        """Return somebody who lives in a group, looks after none and was left alone so far."""
        offices = {user for office in self._society.offices().values() for user, _ in office}
        people = [self._society.people[who] for who in self._society.residents()[group.id]]
        free = [
            person
            for person in people
            if person.present and person.id not in offices | self._touched
        ]
        if not free:
            return None
        person = self._random.choice(free)
        self._touched.add(person.id)
        return person

    def _entries(self, room: Channel) -> list[Person]:
        """Return the people who have an entry of their own in a room, the bot left out."""
        entries: list[Overwrite] = list(room.overwrites.values())
        numbers = [self._society.number.get(entry.id) for entry in entries]
        return [self._society.people[who] for who in numbers if who is not None]

"""What happens in a made-up town on given days: what owners and moderators do once in a while.

Bars and their lifting, two people kept apart, a visit that ends early, a message shown to the
facilitators, a group that rests, a charter changed and changed back, a facilitator who stops and is
followed, a group that comes to its last day. A log holds none of this.
"""

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from demo.drive import Driver
from demo.noticeboard import Notice, meanings
from demo.society import Group
from sandbox.people import Person

GOES_ON = 0.6
"""The part of a group's people who look for the next home when it has come to its end."""
LAST_DAYS = 14
"""How long before its last day a group hears of it, in days."""
ALIVE = 10
"""How many people a group has at least whose end is told as one: a smaller one is no company."""
WITH_AN_END = (
    "SELECT g.id FROM groups g JOIN group_type t ON t.id = g.type_id"
    " WHERE g.closes_at IS NOT NULL OR t.kind = 'cohort'"
)
"""Groups that have a last day already, or get one."""
PAGES = 3
"""How many pages of the directory somebody turns."""

Happening = Callable[[], Awaitable[None]]


class Almanac:
    """The town's days, and what they bring; what cannot happen on its day does not."""

    def __init__(self, driver: Driver, *, start: datetime, seed: int) -> None:
        self._driver = driver
        self._society = driver.society
        self._owner = driver.society.server.owner
        self._random = random.Random(f"almanac {seed}")
        self._start = start
        self._day = -1
        self._barred: Person | None = None
        self._apart: tuple[Person, Person] | None = None
        self._rests: str | None = None
        self._days: Mapping[int, Happening] = {
            4: self._leaf_through,
            9: self._keep_apart,
            11: self._bar,
            13: self._end_visit,
            15: self._show_facilitators,
            17: self._rest,
            19: self._reopen,
            21: self._change_and_undo,
            23: self._lift,
            25: self._stop,
            27: self._brake,
            29: self._let_meet,
            31: self._set_last_day,
        }

    async def turn(self, now: datetime) -> None:
        """Let happen what belongs to the days that have begun since the last look."""
        today = (now - self._start) // timedelta(days=1)
        while self._day < today:
            self._day += 1
            happening = self._days.get(self._day)
            if happening is not None:
                await happening()

    async def answer(self, notice: Notice, resident: Person | None) -> bool:
        """Take part in finding who looks after a group next; False for other notices."""
        if "care-would" in notice.verbs:
            if resident is not None:
                card = await self._driver.press(resident, notice.message, "care-would")
                if "care-offer" in meanings(card):
                    await self._driver.press(resident, card, "care-offer")
        elif "care-offers" in notice.verbs:
            card = await self._driver.press(self._owner, notice.message, "care-offers")
            if "care-confirm" in meanings(card):
                await self._driver.press(self._owner, card, "care-confirm")
        elif "next-home" in notice.verbs:
            await self._go_on(notice)
        else:
            return False
        return True

    # --- anybody --------------------------------------------------------------------------------

    async def _leaf_through(self) -> None:
        """Turn some pages of the directory, and narrow it down."""
        people = self._about()
        if not people:
            return
        person = people[0]
        card = await self._driver.call(person, "groups")
        for _ in range(PAGES):
            if "groups-page" not in meanings(card):
                break
            card = await self._driver.press(person, card, "groups-page")
        await self._driver.call(person, "groups", find="quiet evenings")

    async def _show_facilitators(self) -> None:
        """Show the facilitators a message by its menu."""
        for person in self._about():
            group = self._home(person)
            room = None if group is None else self._society.room(group)
            if room is None:
                continue
            others = [m for m in room.history if m.author.id not in {person.id, self._bot}]
            if not others:
                continue
            form = await person.menu("Tell the facilitators", others[-1])
            if form.modal is None:
                continue
            card = await person.fill(form, said="Could you have a look at this one?")
            if "concern-send" in meanings(card):
                await self._driver.press(person, card, "concern-send")
            return

    async def _stop(self) -> None:
        """Let a facilitator stop today, without a successor."""
        for group_id, offices in sorted(self._society.offices().items()):
            active = [user for user, state in offices if state == "active"]
            who = self._society.number.get(active[0]) if len(active) == 1 else None
            group = self._society.groups.get(group_id)
            if who is None or group is None:
                continue
            person = self._society.people[who]
            if not self._driver.able(person):
                continue
            card = await self._driver.desk(person, group.name, "people")
            for verb in ("desk-step-down", "desk-step-down-yes"):
                if verb in meanings(card):
                    card = await self._driver.press(person, card, verb)
            return

    # --- owners ---------------------------------------------------------------------------------

    async def _rest(self) -> None:
        """Let the smallest group rest for two days."""
        residents = self._society.residents()
        smallest = min(residents, key=lambda group: (len(residents[group]), group))
        self._rests = self._society.groups[smallest].name
        await self._driver.call(self._owner, "hearth group rest", group=self._rests)

    async def _reopen(self) -> None:
        if self._rests is not None:
            await self._driver.call(self._owner, "hearth group reopen", group=self._rests)

    async def _set_last_day(self) -> None:
        """Set a last day for the smallest group that is alive, on its charter's card."""
        residents = self._society.residents()
        ends = {row[0] for row in self._society.ask(WITH_AN_END)}
        alive = [
            group
            for group, people in residents.items()
            if len(people) >= ALIVE and group not in ends
        ]
        if len(alive) < 2:
            return
        group = self._society.groups[min(alive, key=lambda one: (len(residents[one]), one))]
        day = self._driver.sandbox.clock.now() + timedelta(days=LAST_DAYS)
        card = await self._driver.desk(self._owner, group.name, "room")
        card = await self._driver.press(self._owner, card, "desk-charter")
        form = await self._driver.press(self._owner, card, "last-day")
        await self._owner.fill(form, day=f"{day:%Y-%m-%d}")

    async def _go_on(self, notice: Notice) -> None:
        """Let some of those whose group has come to its end move into the first that is offered."""
        for group_id, people in self._society.residents().items():
            if self._society.groups[group_id].room_id != notice.channel.id:
                continue
            for who in people:
                person = self._society.people[who]
                seen = self._driver.able(person) and person.sees(notice.channel)
                if not seen or self._random.random() > GOES_ON:
                    continue
                card = await self._driver.press(person, notice.message, "next-home")
                for verb in ("join", "move-go"):
                    if verb in meanings(card):
                        card = await self._driver.press(person, card, verb)

    async def _change_and_undo(self) -> None:
        """Change a charter, think again, and take it back from the log."""
        group = self._society.groups[min(self._society.groups)]
        await self._driver.call(
            self._owner, "hearth group edit", group=group.name, for_whom="Only the quick ones"
        )
        card = await self._driver.call(self._owner, "hearth log")
        if "log-undo" in meanings(card):
            card = await self._driver.press(self._owner, card, "log-undo")
            await self._driver.press(self._owner, card, "log-undo-sure")

    # --- moderators -----------------------------------------------------------------------------

    async def _bar(self) -> None:
        """Bar somebody from a group that is not theirs."""
        for person in self._about():
            home = self._home(person)
            others = [g for g in self._society.groups.values() if home is None or g.id != home.id]
            if home is None or not others:
                continue
            form = await self._driver.call(
                self._owner, "safety bar", user=person, group=others[0].name
            )
            await self._owner.fill(form, reason="Not there, for now.")
            self._barred = person
            return

    async def _lift(self) -> None:
        if self._barred is None:
            return
        card = await self._driver.call(self._owner, "safety unbar", user=self._barred)
        if "safety-lift" in meanings(card):
            await self._driver.press(self._owner, card, "safety-lift")

    async def _keep_apart(self) -> None:
        """Keep two people of different groups apart."""
        people = self._about()
        for one in people[:1]:
            for other in people[1:]:
                if self._home(one) != self._home(other):
                    self._apart = (one, other)
                    await self._driver.call(self._owner, "safety apart", one=one, other=other)
                    return

    async def _let_meet(self) -> None:
        if self._apart is None:
            return
        one, other = self._apart
        card = await self._driver.call(self._owner, "safety apart", one=one, other=other)
        if "safety-together" in meanings(card):
            await self._driver.press(self._owner, card, "safety-together")

    async def _end_visit(self) -> None:
        """End a visit before its time."""
        rows = self._society.ask("SELECT user_id FROM visit WHERE ended_at IS NULL ORDER BY id")
        for (user_id,) in rows:
            who = self._society.number.get(user_id)
            if who is None:
                continue
            form = await self._driver.call(
                self._owner, "safety end-visit", user=self._society.people[who]
            )
            if form.modal is not None:
                await self._owner.fill(form, reason="The table is full tonight.")
                return

    async def _brake(self) -> None:
        """Look how the brake stands."""
        await self._driver.call(self._owner, "safety brake")

    # --- who is about ---------------------------------------------------------------------------

    @property
    def _bot(self) -> int:
        return self._driver.sandbox.bot_id

    def _about(self) -> list[Person]:
        """Return who lives somewhere and wrote lately, in an order that chance decides."""
        near = sorted(
            who
            for people in self._society.residents().values()
            for who in people
            if self._driver.awake(who)
        )
        self._random.shuffle(near)
        return [one for who in near if self._driver.able(one := self._society.people[who])]

    def _home(self, person: Person) -> Group | None:
        return self._society.home(self._society.number[person.id])

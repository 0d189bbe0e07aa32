"""How groups live with what repeats: who hosts it, when it is moved, when it rests, when it ends.

Members take turns in hosting a ritual, and pass a turn on. Those who look after a group move one
occurrence or leave it out, set days of rest, and give a cohort its days: a beginning, stages, and
an end with a closing circle.
"""

from datetime import datetime, timedelta

from demo.drive import Driver
from demo.habits import DAY, Habits, Reach
from demo.noticeboard import Notice, meanings
from demo.society import Group
from sandbox.answers import Answer
from sandbox.people import Person

HOSTS_FROM, RESTS_ON, COHORT_ON = 10, (20, 48), 14
"""Days after the start: people offer to host; a group sets days of rest; a cohort gets its days."""
OFFERS, PASSES_ON, MOVES, LEAVES_OUT = 0.03, 0.02, 0.02, 0.01
"""How often, on a day, somebody of a group offers to host, somebody passes their turn on, and a
ritual is moved or left out once."""
STAGES = ("Why we are here", "First attempts", "Halfway", "Before others")
LASTS = timedelta(weeks=5)
"""How long a cohort's days go on from its first."""


class Customs(Habits):
    """Who hosts, who moves what, and who rests."""

    def __init__(self, driver: Driver, reach: Reach, seed: int) -> None:
        super().__init__(driver, reach, seed)
        self._begun: set[int] = set()

    async def _do(self, today: int, now: datetime) -> None:
        if today < HOSTS_FROM:
            return
        for group in self._groups():
            if self._random.random() < OFFERS:
                await self._offer(group)
            if self._random.random() < PASSES_ON:
                await self._pass_on(group)
            if self._random.random() < MOVES:
                await self._move(group)
            if self._random.random() < LEAVES_OUT:
                await self._leave_out(group)
        if today in RESTS_ON:
            await self._rest(now)
        if today >= COHORT_ON:
            await self._set_days(now)

    async def answer(self, notice: Notice, mentioned: Person | None) -> bool:
        """Take a turn over that is passed on; False for other notices."""
        if "ritual-swap-open" not in notice.verbs:
            return False
        if mentioned is not None:
            card = await self._driver.press(mentioned, notice.message, "ritual-swap-open")
            if "ritual-swap-yes" in meanings(card):
                await self._driver.press(mentioned, card, "ritual-swap-yes")
        return True

    # --- hosting --------------------------------------------------------------------------------

    async def _offer(self, group: Group) -> None:
        """Let a member find on the card of what goes on that they could host, and say so."""
        room = self._society.room(group)
        for person in () if room is None else self._some_of(room, 1, 1):
            card = await self._driver.call(person, "home")
            if "together" in meanings(card):
                card = await self._driver.press(person, card, "together")
            if "ritual-host-too" in meanings(card):
                await self._driver.press(person, card, "ritual-host-too")

    async def _pass_on(self, group: Group) -> None:
        """Let a host whose turn it is ask the others to take it."""
        rows = self._society.ask(
            "SELECT h.user_id, r.id FROM ritual_host h JOIN ritual r ON r.id = h.ritual_id"
            " WHERE r.group_id = ? AND r.state = 'running' AND h.state = 'hosts'"
            " ORDER BY r.id, h.position",
            group.id,
        )
        for user_id, _ in rows:
            who = self._society.number.get(user_id)
            person = None if who is None else self._society.people[who]
            if person is None or not self._driver.able(person):
                continue
            card = await self._driver.call(person, "home")
            for verb in ("together", "ritual-rota", "ritual-swap-any"):
                if verb not in meanings(card):
                    break
                card = await self._driver.press(person, card, verb)
            else:
                return

    # --- one occurrence -------------------------------------------------------------------------

    async def _next_one(self, person: Person, group: Group) -> Answer:
        """Open the card of the next occurrence of one of a group's rituals."""
        card = await self._rituals(person, group)
        if not card.choices:
            return card
        card = await person.choose(card, self._random.choice(card.choices), custom_id="ritual-pick")
        for verb in ("ritual-rota", "ritual-next"):
            if verb in meanings(card):
                card = await self._driver.press(person, card, verb)
        return card

    async def _move(self, group: Group) -> None:
        """Move one occurrence by some hours; the series stays where it is."""
        person = self._in_office(group.id)
        if person is None:
            return
        card = await self._next_one(person, group)
        if "ritual-move" not in meanings(card):
            return
        form = await self._driver.press(person, card, "ritual-move")
        day = self._driver.sandbox.clock.now() + self._random.randrange(1, 4) * DAY
        await self._driver.fill(
            person, form, when=f"{day:%Y-%m-%d} {self._random.choice((11, 17, 20))}:30"
        )

    async def _leave_out(self, group: Group) -> None:
        person = self._in_office(group.id)
        if person is None:
            return
        card = await self._next_one(person, group)
        if "ritual-leave-out" in meanings(card):
            await self._driver.press(person, card, "ritual-leave-out")

    async def _rituals(self, person: Person, group: Group) -> Answer:
        card = await self._driver.call(person, "desk", group=group.name)
        if "rituals-list" in meanings(card):
            card = await self._driver.press(person, card, "rituals-list")
        return card

    # --- rest, and ends -------------------------------------------------------------------------

    async def _rest(self, now: datetime) -> None:
        """Let the first group that somebody looks after rest for a week, from the day after."""
        for group in self._groups():
            person = self._in_office(group.id)
            if person is None:
                continue
            card = await self._rituals(person, group)
            if "ritual-rests" not in meanings(card):
                continue
            card = await self._driver.press(person, card, "ritual-rests")
            why = ":".join(("ritual-rest-why", *meanings(card)["ritual-rest-why"]))
            form = await person.choose(card, "holidays", custom_id=why)
            first, last = now + DAY, now + 7 * DAY
            await self._driver.fill(
                person, form, first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}"
            )
            return

    async def _set_days(self, now: datetime) -> None:
        """Give each cohort that somebody looks after its first day, stages and last day."""
        rows = self._society.ask(
            "SELECT g.id FROM groups g JOIN group_type t ON t.id = g.type_id"
            " WHERE t.kind = 'cohort' AND g.state = 'open' ORDER BY g.id"
        )
        for (group_id,) in rows:
            person = self._in_office(group_id)
            if person is None or group_id in self._begun or group_id not in self._society.groups:
                continue
            self._begun.add(group_id)
            group = self._society.groups[group_id]
            card = await self._driver.desk(person, group.name, "together")
            for verb in ("cohort-desk", "cohort-days"):
                if verb in meanings(card):
                    card = await self._driver.press(person, card, verb)
            first = now + 2 * DAY
            last = first + LASTS
            await self._driver.fill(
                person,
                card,
                starts=f"{first:%Y-%m-%d}",
                stages="\n".join(f"week {week}: {name}" for week, name in enumerate(STAGES, 1)),
                last=f"{last:%Y-%m-%d}",
            )

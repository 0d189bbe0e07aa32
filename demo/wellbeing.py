"""How people of a made-up town ask each other how it is there, and who looks how groups are.

Facilitators ask their group now and then; some of its people answer, a few write a line, hardly
anybody would rather have no such questions. Facilitators read the lines first, and pass most of
them on. They look at their group's health from the desk, and the owner looks at everybody's.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from demo.drive import Driver
from demo.noticeboard import Notice, meanings
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel

DAY = timedelta(days=1)
SETTLED = timedelta(days=12)
"""How long a town lives before anybody asks how it is to live there."""
COMPANY = 8
"""How many people a group has at least when it is asked."""
ASKS, LOOKS = 0.15, 0.02
"""How often a facilitator asks, and looks at the group's health, on a day when they may."""
OWNER_LOOKS_EVERY = timedelta(days=21)
LEAST, MOST = 4, 14
"""How many people of a group answer."""
RATHER_NOT, WRITES, SKIPS = 0.02, 0.25, 0.05
"""How often somebody would rather have no such questions, writes a line, leaves a question out."""
PASSED_ON = 0.8
"""How often a line may be read by everybody."""
WITHIN = 100
"""Hours in which people answer."""
KEPT = ("belonging", "trust", "connection")
SAID = (
    "I look forward to Thursdays now.",
    "Sometimes the same three people decide everything.",
    "Nobody has ever laughed at a beginner's question here.",
    "More of the small evenings, please.",
    "It took a month, but I know faces now.",
    "I would come more often if it began later.",
    "The welcome was the warmest I had anywhere.",
    "Could we meet somewhere with chairs?",
)

Later = Callable[[timedelta, Callable[[], Awaitable[None]]], None]
Some = Callable[[Channel, int, int], list[Person]]


class Wellbeing:
    """Who asks, who answers, and who looks."""

    def __init__(
        self, driver: Driver, *, later: Later, some_of: Some, start: datetime, seed: int
    ) -> None:
        self._driver = driver
        self._society = driver.society
        self._owner = driver.society.server.owner
        self._later = later
        self._some_of = some_of
        self._random = random.Random(f"wellbeing {seed}")
        self._begins = start + SETTLED
        self._day: datetime | None = None
        self._owner_looked: datetime | None = None
        self._mood: dict[int, float] = {}
        """How people of a group feel on average, from 1 to 5, by its room."""

    async def day(self, now: datetime) -> None:
        """Let facilitators and the owner do what they do once in a while."""
        if now < self._begins or (self._day is not None and now - self._day < DAY):
            return
        self._day = now
        residents = self._society.residents()
        for group_id, person in self._in_office():
            if self._random.random() < LOOKS:
                await self._look(person, group_id)
            if len(residents[group_id]) >= COMPANY and self._random.random() < ASKS:
                await self._ask(person, group_id)
        if self._owner_looked is None or now - self._owner_looked >= OWNER_LOOKS_EVERY:
            self._owner_looked = now
            await self._look_at_all()

    async def answer(self, notice: Notice) -> bool:
        """Take part in what a notice asks; False for other notices."""
        if "pulse-part" in notice.verbs:
            for person in self._some_of(notice.channel, LEAST, MOST):
                wait = timedelta(hours=self._random.randrange(1, WITHIN))
                self._later(wait, lambda person=person: self._take_part(person, notice))
        elif "pulse-lines" in notice.verbs:
            await self._read(notice)
        else:
            return False
        return True

    # --- asking, and answering ------------------------------------------------------------------

    async def _ask(self, person: Person, group_id: int) -> None:
        card = await self._room_page(person, group_id)
        if "pulse-desk" in meanings(card):
            card = await self._driver.press(person, card, "pulse-desk")
        if "pulse-ask" in meanings(card):
            await self._driver.press(person, card, "pulse-ask")

    async def _take_part(self, person: Person, notice: Notice) -> None:
        """Answer, or say that it is not for them; who has moved meanwhile is told so."""
        if not self._driver.able(person) or not person.sees(notice.channel):
            return
        if self._random.random() < RATHER_NOT and "pulse-no" in notice.verbs:
            card = await self._driver.press(person, notice.message, "pulse-no")
            if "pulse-no-yes" in meanings(card):
                await self._driver.press(person, card, "pulse-no-yes")
            return
        form = await self._driver.press(person, notice.message, "pulse-part")
        if form.modal is None:
            return
        mood = self._mood.setdefault(notice.channel.id, self._random.uniform(3.1, 4.4))
        fields = {
            question: str(min(5, max(1, round(self._random.gauss(mood, 0.8)))))
            for question in KEPT
            if self._random.random() >= SKIPS
        }
        if self._random.random() < WRITES:
            fields["line"] = self._random.choice(SAID)
        if fields:
            await self._driver.fill(person, form, **fields)

    async def _read(self, notice: Notice) -> None:
        """Read the lines first, tick what everybody may read, and pass it on."""
        person = next((p for p in map(self._able, _named(notice)) if p is not None), None)
        if person is None or not person.sees(notice.channel):
            return
        card = await self._driver.press(person, notice.message, "pulse-lines")
        if "pulse-tick" not in meanings(card):
            return
        ticked = [one for one in card.choices if self._random.random() < PASSED_ON]
        menu = ":".join(("pulse-tick", *meanings(card)["pulse-tick"]))
        card = await person.choose(card, ticked, custom_id=menu)
        for verb in ("pulse-post", "pulse-post-none"):
            if verb in meanings(card):
                await self._driver.press(person, card, verb)
                return

    # --- looking --------------------------------------------------------------------------------

    async def _look(self, person: Person, group_id: int) -> None:
        card = await self._room_page(person, group_id)
        if "health-group" in meanings(card):
            await self._driver.press(person, card, "health-group")

    async def _look_at_all(self) -> None:
        """Let the owner look at all groups, and at one of them."""
        card = await self._driver.call(self._owner, "hearth health")
        if "health-pick" in meanings(card):
            menu = ":".join(("health-pick", *meanings(card)["health-pick"]))
            await self._owner.choose(card, self._random.choice(card.choices), custom_id=menu)

    async def _room_page(self, person: Person, group_id: int) -> Answer:
        return await self._driver.desk(person, self._society.groups[group_id].name, "room")

    def _in_office(self) -> list[tuple[int, Person]]:
        """Return one person for each group that somebody looks after."""
        found: list[tuple[int, Person]] = []
        for group_id, offices in sorted(self._society.offices().items()):
            active = (user for user, state in offices if state == "active")
            person = next((one for one in map(self._able, active) if one is not None), None)
            if person is not None and group_id in self._society.groups:
                found.append((group_id, person))
        return found

    def _able(self, user_id: int) -> Person | None:
        who = self._society.number.get(user_id)
        person = None if who is None else self._society.people[who]
        return person if person is not None and self._driver.able(person) else None


def _named(notice: Notice) -> list[int]:
    return [user.id for user in notice.message.mentions]

"""What one group asks another: a question, whether it is put to them, and who answers.

Somebody asks for their group; who looks after the other group puts the question there, mostly; some
of its people answer, with their name or without. A log's people ask nothing: it holds no words.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from demo.drive import Driver
from demo.noticeboard import Notice, meanings
from demo.society import Group
from sandbox.answers import Answer
from sandbox.components import walk
from sandbox.people import Person
from sandbox.state import Channel

DAY = timedelta(days=1)
FROM = 11
"""Days after the start."""
ASKS, PUTS, NAMED = 0.03, 0.9, 0.7
"""How often a group asks on a day; how often a question is put to the other group, and how often
those who answer do so with their name."""
LEAST, MOST = 1, 4
"""How many people of the other group answer."""
WITHIN = 100
"""Hours in which people answer."""
ASKED = (
    "How do you welcome somebody who only reads at first?",
    "What do you do when it is always the same three who speak?",
    "Does anybody with you know a quiet place with large tables?",
)
SAID = (
    "We ask them one small thing, and never twice.",
    "It took us a while; a thread for the shy ones helped.",
    "The room above the library is free on Wednesdays.",
)

Later = Callable[[timedelta, Callable[[], Awaitable[None]]], None]
Some = Callable[[Channel, int, int], list[Person]]


class Questions:
    """Who asks, who decides, who answers."""

    def __init__(self, driver: Driver, *, later: Later, some_of: Some, seed: int) -> None:
        self._driver = driver
        self._society = driver.society
        self._later = later
        self._some_of = some_of
        self._random = random.Random(f"questions {seed}")
        self._start = driver.source.start
        self._day = -1

    async def day(self, now: datetime) -> None:
        """Let groups ask what belongs to the day."""
        today = (now - self._start) // DAY
        if today <= self._day:
            return
        self._day = today
        for group in sorted(self._society.groups.values(), key=lambda one: one.id):
            if today >= FROM and self._random.random() < ASKS:
                await self._ask(group)

    async def answer(self, notice: Notice, mentioned: Person | None) -> bool:
        """Decide about a question, or answer it; False for other notices."""
        if "ask-group-look" in notice.verbs:
            if mentioned is not None:
                await self._decide(mentioned, notice)
        elif "ask-group-answer" in notice.verbs:
            for person in self._some_of(notice.channel, LEAST, MOST):
                wait = timedelta(hours=self._random.randrange(1, WITHIN))
                self._later(wait, lambda person=person: self._reply(person, notice))
        else:
            return False
        return True

    async def _ask(self, group: Group) -> None:
        """Let a member ask the group that fits best."""
        room = self._society.room(group)
        for person in () if room is None else self._some_of(room, 1, 1):
            card = await self._driver.call(person, "home")
            for verb in ("together", "ask-group-open"):
                if verb not in meanings(card):
                    return
                card = await self._driver.press(person, card, verb)
            if card.modal is None:
                return  # the group has a question open
            card = await person.fill(card, question=self._random.choice(ASKED))
            if "ask-group-to" not in meanings(card) or not card.choices:
                return
            menu = ":".join(("ask-group-to", *meanings(card)["ask-group-to"]))
            card = await person.choose(card, card.choices[0], custom_id=menu)
            await self._send(person, card, "ask-group-send")

    async def _decide(self, person: Person, notice: Notice) -> None:
        card = await self._driver.press(person, notice.message, "ask-group-look")
        verb = "ask-group-put" if self._random.random() < PUTS else "ask-group-pass"
        if verb in meanings(card):
            await self._driver.press(person, card, verb)

    async def _reply(self, person: Person, notice: Notice) -> None:
        """Write an answer, look at it, and send it."""
        stands = notice.channel.history.get(notice.message.id) is notice.message
        if not stands or not self._driver.able(person) or not person.sees(notice.channel):
            return
        form = await self._driver.press(person, notice.message, "ask-group-answer")
        if form.modal is None:
            return
        card = await person.fill(form, answer=self._random.choice(SAID))
        await self._send(person, card, "ask-group-reply")

    async def _send(self, person: Person, card: Answer, verb: str) -> None:
        """Press one of the buttons that send something: with one's name, or without."""
        wanted = "1" if self._random.random() < NAMED else "0"
        buttons = (str(part.get("custom_id") or "") for part in walk(card.components))
        ids = [one for one in buttons if one.partition(":")[0] == verb]
        if ids:
            named = [one for one in ids if one.endswith(f":{wanted}")]
            await person.press(card, custom_id=(named or ids)[0])

"""What the people of a made-up town do for each other, and what they bring before the moderators.

Newcomers are shown around and tell who they are; now and then somebody writes a private word, and
a moderator looks after it; somebody is removed and asks to be let back; a room is locked for an
evening; a group that stays small moves in with another. A log holds none of this.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from demo.drive import Driver
from demo.noticeboard import Notice, meanings
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel

DAY = timedelta(days=1)
SHOWS_AROUND, TELLS_WHO_THEY_ARE, GREETS_TOO = 0.6, 0.25, 0.1
"""How often somebody who is asked to does so, or does so of their own accord."""
RATHER_NOT = 0.1
"""How often somebody would rather not come along when two groups become one."""
LET_BACK = 0.5
"""How often an appeal ends with a yes."""
A_WORD, A_REMOVAL, A_LOCK = 0.1, 0.04, 0.03
"""How often these happen on a day."""
AN_EVENING = timedelta(hours=6)

Find = Callable[[Notice], Person | None]
Some = Callable[[Channel, int, int], list[Person]]


class Neighbours:
    """Those who live next door, and those who keep the peace."""

    def __init__(self, driver: Driver, *, mentioned: Find, some_of: Some, seed: int) -> None:
        self._driver = driver
        self._society = driver.society
        self._moderator = driver.society.server.owner
        self._mentioned = mentioned
        self._some_of = some_of
        self._random = random.Random(f"neighbours {seed}")
        self._day: datetime | None = None
        self._locked: tuple[datetime, Answer] | None = None

    async def answer(self, notice: Notice) -> bool:
        """Do something about a notice; False where it is not for neighbours."""
        verbs = notice.verbs
        if "living-greet" in verbs:
            await self._greet(notice)
        elif "small-open" in verbs:
            await self._small(notice)
        elif "merge-open" in verbs:
            await self._decide(notice)
        elif "merge-where" in verbs:
            await self._come_along(notice)
        elif "concern-open" in verbs:
            await self._look_after(notice)
        elif "appeal-open" in verbs:
            await self._look_again(notice)
        else:
            return False
        return True

    async def day(self, now: datetime) -> None:
        """Let come what comes on some days; a locked room opens when the evening is over."""
        if self._locked is not None and now - self._locked[0] >= AN_EVENING:
            await self._driver.press(self._moderator, self._locked[1], "safety-unlock")
            self._locked = None
        if self._day is not None and now - self._day < DAY:
            return
        self._day = now
        if self._random.random() < A_WORD:
            await self._word()
        if self._random.random() < A_REMOVAL:
            await self._remove()
        if self._locked is None and self._random.random() < A_LOCK:
            await self._lock(now)

    # --- living next door -----------------------------------------------------------------------

    async def _greet(self, notice: Notice) -> None:
        """Let whoever is asked show the newcomer around, or wave; let the newcomer say hello."""
        asked = self._mentioned(notice)
        for person in self._some_of(notice.channel, 0, 2):
            await self._driver.press(person, notice.message, "wave")
        if asked is not None and self._random.random() < SHOWS_AROUND:
            await self._driver.press(asked, notice.message, "living-greet")
            await self._tell(int(notice.verbs["living-greet"][1]))

    async def _tell(self, user_id: int) -> None:
        """Let a newcomer tell the group who they are, and offer to greet the next."""
        who = self._society.number.get(user_id)
        person = None if who is None else self._society.people[who]
        if person is None or not self._driver.able(person):
            return
        if self._random.random() < TELLS_WHO_THEY_ARE:
            card = await self._driver.call(person, "home")
            if "living-who" in meanings(card):
                card = await self._driver.press(person, card, "living-who")
            if "living-write" in meanings(card):
                form = await self._driver.press(person, card, "living-write")
                if form.modal is not None:
                    words = {_first_field(form): "I came for the company and stayed for the tea."}
                    await person.fill(form, **words)
        if self._random.random() < GREETS_TOO:
            card = await self._driver.call(person, "home")
            if "charter" in meanings(card):
                card = await self._driver.press(person, card, "charter")
            if "living-greeter" in meanings(card):
                await self._driver.press(person, card, "living-greeter")

    # --- two groups become one ------------------------------------------------------------------

    async def _small(self, notice: Notice) -> None:
        """Let whoever looks after a small group, or the owner, ask the likeliest other one."""
        person = self._mentioned(notice) or self._moderator
        card = await self._driver.press(person, notice.message, "small-open")
        if "merge-others" not in meanings(card):
            return
        card = await self._driver.press(person, card, "merge-others")
        if not card.choices:
            return
        card = await person.choose(card, card.choices[0])
        if "merge-ask" in meanings(card):
            await self._driver.press(person, card, "merge-ask")

    async def _decide(self, notice: Notice) -> None:
        """Say yes for one's own group."""
        person = self._mentioned(notice) or self._moderator
        card = await self._driver.press(person, notice.message, "merge-open")
        if "merge-yes" in meanings(card):
            await self._driver.press(person, card, "merge-yes")

    async def _come_along(self, notice: Notice) -> None:
        """Look what the merge means; a few would rather live somewhere else."""
        for person in self._some_of(notice.channel, 1, 4):
            card = await self._driver.press(person, notice.message, "merge-where")
            rather = self._random.random() < RATHER_NOT
            if rather and "merge-rather" in meanings(card):
                await self._driver.press(person, card, "merge-rather")

    # --- what moderators are for ----------------------------------------------------------------

    async def _word(self) -> None:
        """Let somebody write a private word, with or without their name."""
        person = self._somebody()
        if person is None:
            return
        to = self._random.choice(("facilitators", "moderators"))
        form = await self._driver.call(person, "concern", to=to)
        if form.modal is None:
            return
        card = await person.fill(form, said="The jokes in there get sharper than I like.")
        send = [label for label in card.buttons if label.startswith("Send with")]
        if send:
            await person.press(card, self._random.choice(send))

    async def _look_after(self, notice: Notice) -> None:
        """Take a private word on, answer it and close it."""
        person = self._mentioned(notice) or self._moderator
        card = await self._driver.press(person, notice.message, "concern-open")
        if "concern-take" in meanings(card):
            card = await self._driver.press(person, card, "concern-take")
        if "concern-answer" in meanings(card):
            form = await self._driver.press(person, card, "concern-answer")
            card = await person.fill(form, said="Thank you for telling us. We talk with them.")
        if "concern-close" in meanings(card):
            await self._driver.press(person, card, "concern-close")

    async def _remove(self) -> None:
        """Let a moderator end somebody's home; they read why, and ask to be let back."""
        person = self._somebody()
        if person is None:
            return
        form = await self._driver.call(self._moderator, "safety remove", user=person)
        if form.modal is None:
            return
        await self._moderator.fill(form, reason="Selling things in the room, again.", days="7")
        card = await self._driver.call(person, "home")
        if "appeal-form" in meanings(card):
            form = await self._driver.press(person, card, "appeal-form")
            await person.fill(form, said="I did not know that it was not welcome.")

    async def _look_again(self, notice: Notice) -> None:
        """Answer an appeal."""
        card = await self._driver.press(self._moderator, notice.message, "appeal-open")
        verb = "appeal-back" if self._random.random() < LET_BACK else "appeal-stays"
        if verb in meanings(card):
            form = await self._driver.press(self._moderator, card, verb)
            await self._moderator.fill(form, answer="We have looked again.")

    async def _lock(self, now: datetime) -> None:
        """Lock a room for an evening."""
        group = self._random.choice(sorted(self._society.groups))
        name = self._society.groups[group].name
        card = await self._driver.call(self._moderator, "safety lock", group=name, reason="A row.")
        if "safety-unlock" in meanings(card):
            self._locked = (now, card)

    def _somebody(self) -> Person | None:
        """Return somebody who lives somewhere and is about."""
        homes = self._society.residents().values()
        near = [who for people in homes for who in people if self._driver.awake(who)]
        people = [self._society.people[who] for who in sorted(near)]
        able = [person for person in people if self._driver.able(person)]
        return self._random.choice(able) if able else None


def _first_field(form: Answer) -> str:
    """Return the name of a form's first field."""
    modal = form.modal
    assert modal is not None
    outer = modal["components"][0]
    inner = outer["component"] if "component" in outer else outer["components"][0]
    return str(inner["custom_id"])

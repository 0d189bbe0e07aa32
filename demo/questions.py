"""What one group asks another: a question, whether it is put to them, and who answers.

Somebody asks for their group; who looks after the other group puts the question there, mostly; some
of its people answer, with their name or without. A log's people ask nothing: it holds no words.
"""

from datetime import datetime, timedelta

from demo.habits import Habits
from demo.noticeboard import Notice, meanings
from demo.society import Group
from sandbox.answers import Answer
from sandbox.components import walk
from sandbox.people import Person

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


class Questions(Habits):
    """Who asks, who decides, who answers."""

    async def _do(self, today: int, now: datetime) -> None:  # noqa: ARG002 - a habit's signature
        for group in self._groups():
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
            card = await self._driver.fill(person, card, question=self._random.choice(ASKED))
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
        card = await self._driver.fill(person, form, answer=self._random.choice(SAID))
        await self._send(person, card, "ask-group-reply")

    async def _send(self, person: Person, card: Answer, verb: str) -> None:
        """Press one of the buttons that send something: with one's name, or without."""
        wanted = "1" if self._random.random() < NAMED else "0"
        buttons = (str(part.get("custom_id") or "") for part in walk(card.components))
        ids = [one for one in buttons if one.partition(":")[0] == verb]
        if ids:
            named = [one for one in ids if one.endswith(f":{wanted}")]
            await person.press(card, custom_id=(named or ids)[0])

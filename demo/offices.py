"""What owner, facilitators and members do when Hearth, or their office, asks something of them.

The owner asks the most active member of each group to look after it. Facilitators set up rituals,
read letters, approve splits, keep a ritual that nobody answered. Members of a made-up town answer
rituals, wave at newcomers, look where a split puts them; people of a log do not, since it does not
hold it. Whoever is kept a seat takes it.
"""

import heapq
import itertools
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.texts import catalogue
from demo import doorstep
from demo.almanac import Almanac
from demo.company import Company
from demo.customs import Customs
from demo.drive import Driver
from demo.exchange import Exchange
from demo.habits import Reach
from demo.neighbours import Neighbours
from demo.noticeboard import Notice, Noticeboard, first_choice, meanings, verbs
from demo.questions import Questions
from demo.society import Group
from demo.wellbeing import Wellbeing
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Message

MOST_IN_OFFICE = 5
"""How many people a group has before its owner looks for somebody to look after it."""
LOOK_EVERY = timedelta(days=1)
PUT_BACK = 0.7
"""How often a home comes back that was taken by hand."""
MOST_SEEN_TO = 24
"""How often somebody presses in one letter: a name takes two presses at most."""
MORNING = 7
"""Until which hour people sleep: what falls into the night is done in the morning."""
MORE_KINDS = ("wins", "gratitude", "quiet_hour", "show", "newcomers", "closing")
"""The kinds of ritual that groups add to those their type starts out with."""
ABOUT_A_NAME = ("quiet-reached", "quiet-away", "quiet-fine", "quiet-later")
ABOUT_WEIGHTS = (12, 1, 2, 3)
Errand = Callable[[], Awaitable[None]]


class Offices:
    """Everyone whom Hearth turns to."""

    def __init__(self, driver: Driver, *, seed: int) -> None:
        self._driver = driver
        self._sandbox = driver.sandbox
        self._society = driver.society
        self._owner: Person = driver.society.server.owner
        self._board = Noticeboard(driver.sandbox.state, driver.society.server)
        self._random = random.Random(f"offices {seed}")
        self._later: list[tuple[datetime, int, Errand]] = []
        self._order = itertools.count()
        self._looked: datetime | None = None
        self._neighbours = Neighbours(
            driver, mentioned=self._mentioned, some_of=self._some_of, seed=seed
        )
        self._almanac = Almanac(driver, start=driver.source.start, seed=seed)
        self._wellbeing = Wellbeing(
            driver, later=self._at, some_of=self._some_of, start=driver.source.start, seed=seed
        )
        reach = Reach(self._at, self._some_of, self._in_office)
        self._company = Company(driver, reach, seed)
        self._exchange = Exchange(driver, reach, seed)
        self._customs = Customs(driver, reach, seed)
        self._questions = Questions(driver, reach, seed)

    # --- what comes up --------------------------------------------------------------------------

    def next_moment(self, limit: datetime) -> datetime:
        """Return when somebody means to do something; `limit` if nobody does before it."""
        return min(self._later[0][0], limit) if self._later else limit

    async def attend(self) -> None:
        """Deal with whatever the bot has posted since, and with what is due by now."""
        now = self._sandbox.clock.now()
        self._refresh()
        await self._driver.all_at_once(self._answer(notice) for notice in self._board.new())
        if self._looked is None or now - self._looked >= LOOK_EVERY:
            self._looked = now
            await self._look_for_facilitators()
        if self._driver.source.invents:
            await self._neighbours.day(now)
            await self._almanac.turn(now)
            await self._wellbeing.day(now)
            await self._questions.day(now)
        for part in (self._company, self._exchange, self._customs):
            await part.day(now)
        while self._later and self._later[0][0] <= now:
            await heapq.heappop(self._later)[2]()

    def _refresh(self) -> None:
        """Learn of groups that a split made."""
        count = self._society.ask("SELECT count(*) FROM groups")[0][0]
        if count != len(self._society.groups):
            self._society.refresh()

    def _at(self, wait: timedelta, errand: Errand) -> None:
        due = self._sandbox.clock.now() + wait
        if due.hour < MORNING:
            due += timedelta(hours=MORNING - due.hour)
        heapq.heappush(self._later, (due, next(self._order), errand))

    async def _answer(self, notice: Notice) -> None:
        """Let whoever a notice is for do something about it."""
        means = notice.verbs
        if "question-open" in means:
            await self._question(notice, int(means["question-open"][0]))
        elif "letter-open" in means:
            await self._letter(notice)
        elif "quiet-reached" in means or "letter-fewer" in means:
            await self._letter_by_dm(notice)
        elif "split-tell" in means or "split-look" in means:
            await self._split(notice)
        elif "request-open" in means:
            await self._knock(notice)
        elif "held-back" in means:
            await self._held(notice)
        elif "home-open" in means:
            await self._something_waits(notice)
        elif not await self._together(notice) and self._driver.source.invents:
            await self._of_their_own_accord(notice)

    async def _together(self, notice: Notice) -> bool:
        """Take part in what groups do together, of which a log's people press the buttons too."""
        if await self._company.answer(notice):
            return True
        mentioned = self._mentioned(notice)
        for part in (self._exchange, self._customs, self._questions):
            if await part.answer(notice, mentioned):
                return True
        return False

    async def _of_their_own_accord(self, notice: Notice) -> None:
        """Do what nobody has to."""
        if await self._neighbours.answer(notice) or await self._wellbeing.answer(notice):
            return
        resident = next(iter(self._some_of(notice.channel, 1, 1)), None)
        if await self._almanac.answer(notice, resident):
            return
        if "ritual-in" in notice.verbs:
            self._gather(notice)
        elif "split-where" in notice.verbs:
            await self._where_am_i(notice)
        elif "ritual-unanswered" in notice.verbs:
            keeper = self._mentioned(notice)
            if keeper is not None:
                answer = await self._driver.press(keeper, notice.message, "ritual-unanswered")
                if "ritual-keep" in meanings(answer):
                    await self._driver.press(keeper, answer, "ritual-keep")

    # --- looking after a group ------------------------------------------------------------------

    async def _look_for_facilitators(self) -> None:
        """Ask the most active member of each group that nobody looks after."""
        residents, offices = self._society.residents(), self._society.offices()
        for group_id, people in residents.items():
            if offices.get(group_id) or len(people) < MOST_IN_OFFICE:
                continue
            written = self._driver.written
            best = max(people, key=lambda who: (written[who], -who))
            if written[best]:
                group = self._society.groups[group_id]
                await self._driver.call(
                    self._owner,
                    "hearth facilitator ask",
                    group=group.name,
                    user=self._society.people[best],
                )

    async def _question(self, notice: Notice, user_id: int) -> None:
        """Say yes to looking after a group, and begin."""
        person = self._person(user_id)
        if person is None or not person.sees(notice.channel):
            return
        answer = await self._driver.press(person, notice.message, "question-open")
        office = meanings(answer).get("office-accept")
        if office is None:
            return
        await self._driver.press(person, answer, "office-accept")
        group = self._society.groups.get(int(office[0]))
        if group is not None:
            await self._set_up_rituals(person, group)

    async def _set_up_rituals(self, person: Person, group: Group) -> None:
        """Take the type's rituals from the desk and start each."""
        answer = await self._driver.call(person, "desk", group=group.name)
        answer = await self._driver.press(person, answer, "rituals-list")
        if "ritual-usual" in meanings(answer):
            answer = await self._driver.press(person, answer, "ritual-usual")
        for choice in answer.choices:
            picked = await person.choose(answer, choice, custom_id="ritual-pick")
            if "ritual-start" in meanings(picked):
                await self._driver.press(person, picked, "ritual-start")
            answer = await self._driver.press(person, picked, "rituals-list")
        await self._add_ritual(person, group, answer)

    async def _add_ritual(self, person: Person, group: Group, rituals: Answer) -> None:
        """Add one more ritual, of another kind in each group, as it usually goes."""
        if "ritual-add" not in meanings(rituals):
            return
        kinds = await self._driver.press(person, rituals, "ritual-add")
        kind = MORE_KINDS[group.id % len(MORE_KINDS)]
        menu = ":".join(("ritual-kind", *meanings(kinds).get("ritual-kind", ())))
        form = await person.choose(kinds, kind, custom_id=menu)
        card = await self._driver.fill(person, form)
        if "ritual-start" in meanings(card):
            await self._driver.press(person, card, "ritual-start")

    async def _letter(self, notice: Notice) -> None:
        """Open a letter from the facilitators' room, and go through its names."""
        person = self._mentioned(notice)
        if person is not None:
            answer = await self._driver.press(person, notice.message, "letter-open")
            await self._see_to(person, answer)

    async def _letter_by_dm(self, notice: Notice) -> None:
        """Go through the names of a letter that came by DM."""
        person = self._person(notice.channel.recipients[0].id)
        if person is not None:
            await self._see_to(person, notice.message)

    async def _see_to(self, person: Person, letter: Answer | Message) -> None:
        """Say something of each name that is open: mostly that they reached out."""
        for _ in range(MOST_SEEN_TO):
            message = letter.message if isinstance(letter, Answer) else letter
            if message is None:
                return
            found = verbs(message)
            if "quiet-reached" in found:
                letter = await self._driver.press(person, letter, self._about_a_name())
            elif "letter-about" in found:
                menu = ":".join(("letter-about", *found["letter-about"]))
                letter = await person.choose(letter, first_choice(message, menu), custom_id=menu)
            else:
                return

    def _about_a_name(self) -> str:
        """Return what a facilitator says of somebody who is quiet; of a log's people one thing."""
        if not self._driver.source.invents:
            return "quiet-reached"
        return self._random.choices(ABOUT_A_NAME, ABOUT_WEIGHTS)[0]

    async def _split(self, notice: Notice) -> None:
        """Let the members be told; the owner decides where nobody looks after the group."""
        person = self._mentioned(notice) or self._owner
        if "split-tell" in notice.verbs:
            await self._driver.press(person, notice.message, "split-tell")
            return
        answer = await self._driver.press(person, notice.message, "split-look")
        if "split-tell" in meanings(answer):
            await self._driver.press(person, answer, "split-tell")

    async def _knock(self, notice: Notice) -> None:
        """Let in who asks."""
        person = self._mentioned(notice) or self._owner
        answer = await self._driver.press(person, notice.message, "request-open")
        if "request-in" in meanings(answer):
            await self._driver.press(person, answer, "request-in")

    async def _held(self, notice: Notice) -> None:
        """Decide about a home whose role somebody took by hand."""
        verb = "held-back" if self._random.random() < PUT_BACK else "held-out"
        await self._driver.press(self._owner, notice.message, verb)

    async def _something_waits(self, notice: Notice) -> None:
        """Let somebody whom a line in the commons names take what is kept for them."""
        person = self._mentioned(notice)
        missed = self._driver.source.invents and self._random.random() < doorstep.MISSED
        if person is not None and not missed:
            await doorstep.something_waits(self._driver, notice, person)

    # --- members --------------------------------------------------------------------------------

    def _gather(self, notice: Notice) -> None:
        """Let some members answer a ritual in the hours that follow."""
        for person in self._some_of(notice.channel, 2, 6):
            wait = timedelta(hours=self._random.randrange(1, 20))
            self._at(wait, lambda person=person: self._take_part(person, notice))

    async def _take_part(self, person: Person, notice: Notice) -> None:
        if not self._driver.able(person) or not person.can_send(notice.channel):
            return
        chance = self._random.random()
        if chance < 0.4:
            await self._driver.press(person, notice.message, "ritual-in")
        elif chance < 0.5 and "ritual-remind" in notice.verbs:
            await self._driver.press(person, notice.message, "ritual-remind")
        elif thread := self._society.server.threads.get(notice.message.id):
            if person.can_send(thread) and not thread.locked:
                await person.write(thread, "My turn, then.")
        elif self._driver.may_reply(person, notice.channel, notice.message):
            await person.write(notice.channel, "My turn, then.", reply_to=notice.message)

    async def _where_am_i(self, notice: Notice) -> None:
        """Let some members look where a split puts them; some who stand between choose anew."""
        between = catalogue()("splits.you_stand_between")
        for person in self._some_of(notice.channel, 8, 14):
            answer = await self._driver.press(person, notice.message, "split-where")
            may = "split-choose" in meanings(answer) and between in answer.text
            if may and self._random.random() < 0.5:
                await self._driver.press(person, answer, "split-choose")

    def _some_of(self, room: Channel, least: int, most: int) -> list[Person]:
        """Return some of the people who live in a room's group and wrote lately enough to care."""
        group = next((one for one in self._society.groups.values() if one.room_id == room.id), None)
        if group is None:
            return []
        near = [
            self._society.people[who]
            for who in self._society.residents()[group.id]
            if self._driver.written[who] and self._driver.awake(who)
        ]
        # In an order of chance until there are enough: who may write is reckoned for few of them.
        self._random.shuffle(near)
        here = (one for one in near if self._driver.able(one) and one.can_send(room))
        return list(itertools.islice(here, self._random.randint(least, most)))

    def _in_office(self, group_id: int) -> Person | None:
        """Return one person who looks after a group and is about."""
        for user_id, state in self._society.offices().get(group_id, ()):
            person = self._person(user_id) if state == "active" else None
            if person is not None:
                return person
        return None

    def _mentioned(self, notice: Notice) -> Person | None:
        """Return the first person whom a notice names and who can see it."""
        for user in notice.message.mentions:
            person = self._person(user.id)
            if person is not None and person.sees(notice.channel):
                return person
        return None

    def _person(self, user_id: int) -> Person | None:
        who = self._society.number.get(user_id)
        person = None if who is None else self._society.people[who]
        return person if person is not None and self._driver.able(person) else None

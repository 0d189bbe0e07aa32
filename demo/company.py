"""What a group does together, and who takes part: pairs, a challenge, gatherings.

Those who look after groups begin it from their desks, on given days. Members press that they would
like to, meet in pairs, check in, say whether they come, and some do not keep what they meant to. In
a replayed log they press the same buttons and write nothing, for the log does not hold it.
"""

from datetime import datetime, timedelta

from demo.drive import Driver
from demo.habits import DAY, Habits, Reach
from demo.noticeboard import Notice, meanings, verbs
from demo.society import Group
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Channel, Thread

COMPANY = 8
"""How many people a group has at least before it begins anything."""
PAIRS_FROM, GOALS_FROM, GATHERINGS_FROM = 8, 10, 12
"""Days after the start on which groups begin to have pairs, challenges and gatherings."""
PAIRED, CHALLENGED = 4, 2
"""How many groups have pairs, and challenges; the rest would rather not."""
GATHERS = 0.07
"""How often a group plans a gathering, on a day when it may."""
MEETS, SAYS_SO, WRITES = 0.85, 0.8, 0.75
"""How often two who were paired meet; how often each of them presses, or writes to the other."""
CHECKS_IN = 0.7
"""How often somebody checks in on a day of their challenge."""
COMES, MAYBE = 0.6, 0.2
"""How often somebody who answers comes, or may come."""
SHOWS_UP = 0.85
"""How often somebody who said yes presses that they are there."""
OFTEN = ("weekly", "weekly", "fortnightly", "weekly")
CHALLENGE = {
    "title": "Ten pages a week",
    "counts": "A page counts once somebody else could read it.",
    "often": "3 times a week",
    "grace": "2",
}
GATHERINGS = (
    ("Tea and cake", "The back room of the library"),
    ("An hour online", "https://meet.example.org/hour"),
    ("Walk by the water", "The old gate"),
)
HELLO = ("Hello! When would suit you?", "Thursday after work?", "Nice to meet you properly.")


class Company(Habits):
    """Who begins what, and who joins in."""

    def __init__(self, driver: Driver, reach: Reach, seed: int) -> None:
        super().__init__(driver, reach, seed)
        self._paired: set[int] = set()
        self._challenged: set[int] = set()

    async def _do(self, today: int, now: datetime) -> None:
        for group, person in self._looked_after():
            if today >= PAIRS_FROM and len(self._paired) < PAIRED:
                await self._begin_pairs(person, group)
            if today >= GOALS_FROM and len(self._challenged) < CHALLENGED:
                await self._begin_challenge(person, group, now)
            if today >= GATHERINGS_FROM and self._random.random() < GATHERS:
                await self._plan_gathering(person, group, now)
        await self._check_in()

    async def answer(self, notice: Notice) -> bool:
        """Take part in what a notice is about; False for other notices."""
        means = notice.verbs
        if "pair-join" in means:
            self._press_some(notice, "pair-join", 8, 16)
        elif "pair-met" in means:
            await self._meet(notice)
        elif "goal-in" in means:
            self._press_some(notice, "goal-in", 6, 14)
        elif "gathering-yes" in means:
            self._answer_gathering(notice)
        elif "gathering-here" in means:
            await self._show_up(notice, int(means["gathering-here"][0]))
        else:
            return False
        return True

    # --- beginning ------------------------------------------------------------------------------

    def _looked_after(self) -> list[tuple[Group, Person]]:
        """Return the groups that are alive, each with somebody who looks after it."""
        found: list[tuple[Group, Person]] = []
        for group_id, people in sorted(self._society.residents().items()):
            person = self._in_office(group_id)
            if person is not None and len(people) >= COMPANY:
                found.append((self._society.groups[group_id], person))
        return found

    async def _page(self, person: Person, group: Group, verb: str) -> Answer | None:
        """Open what a button of the desk's page leads to; None where it has no such button."""
        card = await self._driver.desk(person, group.name, "together")
        return await self._driver.press(person, card, verb) if verb in meanings(card) else None

    async def _begin_pairs(self, person: Person, group: Group) -> None:
        if group.id in self._paired:
            return
        self._paired.add(group.id)
        card = await self._page(person, group, "pair-desk")
        if card is None or "pair-often" not in meanings(card):
            return
        menu = ":".join(("pair-often", *meanings(card)["pair-often"]))
        often = OFTEN[len(self._paired) % len(OFTEN)]
        card = await person.choose(card, often, custom_id=menu)
        if "pair-start" in meanings(card):
            await self._driver.press(person, card, "pair-start")

    async def _begin_challenge(self, person: Person, group: Group, now: datetime) -> None:
        if group.id in self._challenged:
            return
        self._challenged.add(group.id)
        card = await self._page(person, group, "goal-desk")
        if card is None or "goal-plan" not in meanings(card):
            return
        first, last = now + DAY, now + 22 * DAY
        form = await self._driver.press(person, card, "goal-plan")
        card = await self._driver.fill(
            person, form, **CHALLENGE, when=f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        )
        if "goal-begin" in meanings(card):
            await self._driver.press(person, card, "goal-begin")

    async def _plan_gathering(self, person: Person, group: Group, now: datetime) -> None:
        card = await self._page(person, group, "gathering-desk")
        if card is None or "gathering-new" not in meanings(card):
            return
        title, where = self._random.choice(GATHERINGS)
        day = now + self._random.randrange(3, 9) * DAY
        form = await self._driver.press(person, card, "gathering-new")
        card = await self._driver.fill(
            person,
            form,
            what=title,
            when=f"{day:%Y-%m-%d} 19:00",
            where=where,
            long="2 hours",
            most=self._random.choice(("", "6")),
        )
        if "gathering-announce" in meanings(card):
            card = await self._driver.press(person, card, "gathering-announce")
        event = meanings(card).get("gathering-event", ())
        if event[1:] == ("on",):
            await self._driver.press(person, card, "gathering-event")

    # --- taking part ----------------------------------------------------------------------------

    def _press_some(self, notice: Notice, verb: str, least: int, most: int) -> None:
        """Let some of a room's people press one of its buttons in the hours that follow."""
        for person in self._some_of(notice.channel, least, most):
            wait = timedelta(hours=self._random.randrange(1, 30))
            self._later(wait, lambda person=person: self._press(person, notice, verb))

    async def _press(self, person: Person, notice: Notice, verb: str) -> None:
        if self._may_press(person, notice):
            await self._driver.press(person, notice.message, verb)

    def _may_press(self, person: Person, notice: Notice) -> bool:
        """Return whether somebody sees a notice that still stands, in a thread that is open."""
        channel = notice.channel
        asleep = isinstance(channel, Thread) and channel.archived
        stands = channel.history.get(notice.message.id) is notice.message
        there = channel.server_id is None or self._driver.sandbox.state.find_channel(channel.id)
        return bool(
            there and stands and not asleep and self._driver.able(person) and person.sees(channel)
        )

    async def _meet(self, notice: Notice) -> None:
        """Let two who were put together write to each other, and say that they met."""
        met = self._random.random() < MEETS
        ids = (
            list(notice.channel.members)
            if isinstance(notice.channel, Thread)
            else [user.id for user in notice.message.mentions]
        )
        for user_id in ids:
            who = self._society.number.get(user_id)
            if who is None:
                continue
            person = self._society.people[who]
            if self._driver.source.invents and self._random.random() < WRITES:
                wait = timedelta(hours=self._random.randrange(1, 40))
                self._later(wait, lambda person=person: self._say_hello(person, notice.channel))
            if self._random.random() < SAYS_SO:
                verb = "pair-met" if met or "pair-not" not in notice.verbs else "pair-not"
                wait = timedelta(hours=self._random.randrange(20, 90))
                self._later(
                    wait, lambda person=person, verb=verb: self._press(person, notice, verb)
                )

    async def _say_hello(self, person: Person, channel: Channel) -> None:
        if not isinstance(channel, Thread) or channel.id not in self._society.server.threads:
            return
        if not channel.archived and self._driver.able(person) and person.can_send(channel):
            await person.write(channel, self._random.choice(HELLO))

    async def _check_in(self) -> None:
        """Let those who take part in a challenge check in, mostly."""
        rows = self._society.ask(
            "SELECT p.user_id, g.group_id, g.message_id"
            " FROM goal_part p JOIN goal g ON g.id = p.goal_id"
            " WHERE g.state = 'running' AND g.message_id IS NOT NULL ORDER BY p.goal_id, p.user_id"
        )
        for user_id, group_id, message_id in rows:
            who = self._society.number.get(user_id)
            group = self._society.groups.get(group_id)
            room = None if group is None else self._society.room(group)
            if who is None or room is None or self._random.random() > CHECKS_IN:
                continue
            person = self._society.people[who]
            post = room.history.get(message_id)
            if (
                post is not None
                and "goal-done" in verbs(post)
                and self._driver.able(person)
                and person.sees(room)
            ):
                await self._driver.press(person, post, "goal-done")

    def _answer_gathering(self, notice: Notice) -> None:
        for person in self._some_of(notice.channel, 4, 12):
            chance = self._random.random()
            verb = "gathering-no"
            if chance < COMES:
                verb = "gathering-yes"
            elif chance < COMES + MAYBE:
                verb = "gathering-maybe"
            if verb in notice.verbs:
                wait = timedelta(hours=self._random.randrange(1, 30))
                self._later(
                    wait, lambda person=person, verb=verb: self._press(person, notice, verb)
                )

    async def _show_up(self, notice: Notice, date_id: int) -> None:
        """Let those who said yes press that they are there, once it has begun."""
        rows = self._society.ask(
            "SELECT user_id FROM gathering_answer WHERE date_id = ? AND answer = 'yes'"
            " ORDER BY user_id",
            date_id,
        )
        for (user_id,) in rows:
            who = self._society.number.get(user_id)
            if who is not None and self._random.random() < SHOWS_UP:
                person = self._society.people[who]
                self._later(
                    timedelta(hours=1),
                    lambda person=person: self._press(person, notice, "gathering-here"),
                )

"""A server that never was: some hundred people, their circles of friends and their habits.

Everything follows from the number of people, the weeks and the seed. Most people are there when
Hearth arrives or come in the first weeks; nearly all choose a home, and the two largest groups
outgrow their cap. Inside a group people talk in conversations, mostly with their own circle, so
that a split has something to find. Some fall silent and some of them return; some say that they are
away, visit, move or leave. Acts are made day by day, when they are asked for.
"""

import heapq
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from demo.acts import (
    Act,
    Arrive,
    ComeBack,
    GoAway,
    GroupPlan,
    Join,
    LeaveGroup,
    LeaveServer,
    Look,
    Place,
    React,
    Visit,
    Write,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday."""

CATALOGUE = (
    GroupPlan("Riverside Runners", "interest", "🏃", "Running by the water, slowly and often."),
    GroupPlan("Sourdough Circle", "interest", "🥖", "Bread, patience, and what went wrong."),
    GroupPlan("Night Sky", "interest", "🔭", "Telescopes, clear nights and warm gloves."),
    GroupPlan("Harbour Quarter", "geographic", "⚓", "Neighbours between the station and the sea."),
    GroupPlan("Ten Pages", "goal", "✍️", "Ten pages a week, whatever they are."),
    GroupPlan("Board and Dice", "interest", "🎲", "Games with more than one rule book."),
    GroupPlan("New Parents", "experience", "🍼", "The first two years, mostly at night."),
    GroupPlan("Couch to Stage", "cohort", "🎤", "From the sofa to an open stage by summer."),
    GroupPlan("Book Swap", "interest", "📚", "Read, pass it on, say what stayed with you."),
    GroupPlan("Old Synths", "interest", "🎹", "Voltages, cables, and a few tunes."),
    GroupPlan("Hill Quarter", "geographic", "⛰️", "Neighbours above the old town."),
    GroupPlan("Career Changers", "experience", "🧭", "Doing something else at forty."),
    GroupPlan("Allotments", "interest", "🥕", "Small gardens, large courgettes."),
    GroupPlan("Film Club", "interest", "🎬", "One film a week and a long talk."),
    GroupPlan("First Language", "goal", "💬", "A new language, ten minutes a day."),
    GroupPlan("Slow Knitters", "interest", "🧶", "Wool, needles and unfinished sleeves."),
)
SHARES = (0.235, 0.225, 0.125, 0.105, 0.085, 0.07, 0.055, 0.045, 0.03, 0.025)
"""What part of the people the groups attract, the largest first; the last share repeats."""

HAMLET, HAMLET_FROM = 0.004, 5
"""What part of the people the last group attracts, in a town of at least so many groups: it stays
too small to live on, and has to find company."""

PEOPLE_PER_GROUP = 100
NO_HOME = 0.05
"""The part of the people who never choose a group."""
CIRCLE = 9
"""How many people a circle has, roughly."""
CONVERSATION = 5
"""Messages in a conversation, on average."""
EMOJI = ("👍", "❤️", "😄", "🎉", "👀", "🙏")
FAR = 10**6
"""A day that never comes."""


@dataclass(slots=True)
class Person:
    """One inhabitant: what they will do, in days from the start."""

    who: int
    rate: float
    """Messages on an ordinary day."""
    arrives: int
    group: int | None
    joins: int = FAR
    silent_from: int = FAR
    silent_until: int = FAR
    away: bool = False
    leaves: int = FAR
    quits: bool = False
    """Whether they leave the server on that day, not only their group."""
    visits: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Days and groups."""
    moves: tuple[int, int] | None = None

    def talks(self, day: int) -> bool:
        """Return whether they write at all on a day."""
        return self.arrives <= day < self.leaves and not (
            self.silent_from <= day < self.silent_until
        )

    def lives(self, day: int) -> int | None:
        """Return the group they mean to live in on a day."""
        if not self.joins <= day < self.leaves:
            return None
        return self.moves[1] if self.moves is not None and day >= self.moves[0] else self.group


class Town:
    """A made-up server; a `Source` of acts."""

    name = "Harbour"
    cap: int | None = None
    pace: int | None = 40
    invents = True
    rooms: Sequence[str] = ("introductions", "help", "events")

    def __init__(self, members: int, weeks: int, seed: int) -> None:
        self._random = random.Random(f"town {seed}")
        self._days = weeks * 7
        self.start = START
        self.length = timedelta(weeks=weeks)
        count = max(3, min(len(CATALOGUE), members // PEOPLE_PER_GROUP))
        self.groups: Sequence[GroupPlan] = CATALOGUE[:count]
        self.inhabitants = self._populate(members)
        self.circles = self._befriend()
        self._keys = 0
        self._made = 0
        self._ready: list[tuple[datetime, int, Act]] = []
        self._order = 0

    @property
    def people(self) -> int:
        """How many people ever come."""
        return len(self.inhabitants)

    def next_moment(self, limit: datetime) -> datetime:
        """Return when the next act happens; `limit` if nothing does before it."""
        self._make(limit)
        return min(self._ready[0][0], limit) if self._ready else limit

    def next_acts(self, until: datetime) -> list[Act]:
        """Return what happens from the last call (or the start) until `until`, in order of time."""
        self._make(until)
        acts: list[Act] = []
        while self._ready and self._ready[0][0] < until:
            acts.append(heapq.heappop(self._ready)[2])
        return acts

    def _make(self, until: datetime) -> None:
        """Make the days that begin before a moment."""
        while self._made < self._days and self.start + timedelta(days=self._made) < until:
            for act in self._day(self._made):
                self._order += 1
                heapq.heappush(self._ready, (act.at, self._order, act))
            self._made += 1

    # Who they are

    def _populate(self, members: int) -> list[Person]:
        draw = self._random
        shares = [SHARES[min(n, len(SHARES) - 1)] for n in range(len(self.groups))]
        if len(shares) >= HAMLET_FROM:
            shares[-1] = HAMLET
        people: list[Person] = []
        for who in range(members):
            person = Person(
                who=who,
                rate=min(2.5, draw.lognormvariate(math.log(0.55), 0.6)),
                # Two in five are there when Hearth arrives; most others come in the first weeks.
                arrives=0 if draw.random() < 0.4 else int(draw.betavariate(1, 4) * self._days),
                group=draw.choices(range(len(shares)), shares)[0],
            )
            if draw.random() < NO_HOME:
                person.group = None
            else:
                person.joins = person.arrives + int(draw.expovariate(1 / 5))
            self._live_through(person)
            people.append(person)
        return people

    def _live_through(self, person: Person) -> None:
        """Decide what becomes of somebody after they came."""
        draw, settled = self._random, person.joins + 14
        if person.group is None or settled >= self._days:
            return
        fate = draw.random()
        later = draw.randrange(settled, self._days)
        if fate < 0.14:
            person.silent_from = later
            if draw.random() < 0.5:
                person.silent_until = later + draw.randrange(16, 35)
            person.away = draw.random() < 0.2
        elif fate < 0.18:
            person.leaves, person.quits = later, True
        elif fate < 0.20:
            person.leaves = later
        elif fate < 0.23:
            person.moves = (later, self._another(person.group))
            person.visits.append((later - 4, person.moves[1]))
        while draw.random() < 0.3 and len(person.visits) < 3:
            day = draw.randrange(person.joins + 3, self._days)
            person.visits.append((day, self._another(person.group)))

    def _another(self, group: int) -> int:
        return (group + self._random.randrange(1, len(self.groups))) % len(self.groups)

    def _befriend(self) -> list[list[list[Person]]]:
        """Return the circles of each group; people of one circle came at about the same time."""
        circles: list[list[list[Person]]] = []
        for group in range(len(self.groups)):
            at_home = [person for person in self.inhabitants if person.group == group]
            at_home.sort(key=lambda person: person.joins + self._random.gauss(0, 10))
            circles.append([at_home[n : n + CIRCLE] for n in range(0, len(at_home), CIRCLE)])
        return circles

    # What they do

    def _day(self, day: int) -> Iterator[Act]:
        for person in self.inhabitants:
            yield from self._errands(person, day)
        weekend = 1.35 if day % 7 >= 5 else 0.9
        for group, circles in enumerate(self.circles):
            near: list[Person] = []
            for circle in circles:
                here = [p for p in circle if p.talks(day) and p.lives(day) == group]
                near += here
                yield from self._talk(day, here, 0.75 * weekend, Place.HOME)
            yield from self._talk(day, near, 0.15 * weekend, Place.HOME)
        everyone = [person for person in self.inhabitants if person.talks(day)]
        for room in ("commons", *self.rooms):
            yield from self._talk(day, everyone, 0.08 * weekend / (1 + len(self.rooms)), f"#{room}")

    def _errands(self, person: Person, day: int) -> Iterator[Act]:
        """Say what one person does on a day besides talking."""
        draw, who = self._random, person.who
        at = self._moment(day, early=True)
        if day == person.arrives:
            at = at if day else self.start
            yield Arrive(at, who)
        if day == person.joins < person.leaves and person.group is not None:
            at += timedelta(seconds=draw.randrange(120, 12 * 3600))
            yield Join(at, who, self.groups[person.group].name)
        if day == person.leaves:
            at = self._moment(day)
            yield LeaveServer(at, who) if person.quits else LeaveGroup(at, who)
        if person.away and day == person.silent_from:
            yield GoAway(self._moment(day), who)
        if person.away and day == person.silent_until:
            yield ComeBack(self._moment(day), who)
        if person.moves is not None and day == person.moves[0]:
            yield Join(self._moment(day), who, self.groups[person.moves[1]].name)
        if not person.talks(day):
            return
        for visit, group in person.visits:
            name = self.groups[group].name
            if day == visit:
                yield Visit(self._moment(day, early=True), who, name)
            if visit <= day < visit + 10 and draw.random() < person.rate:
                self._keys += 1
                yield Write(self._moment(day), who, self._keys, name)
        if day >= person.joins and draw.random() < 0.012:
            yield Look(self._moment(day), who)

    def _talk(
        self, day: int, people: Sequence[Person], share: float, where: Place | str
    ) -> Iterator[Act]:
        """Make a day's conversations among some people; `share` of their writing goes into it."""
        if len(people) < 2:
            return
        rates = [person.rate for person in people]
        for _ in range(self._poisson(sum(rates) * share / CONVERSATION)):
            yield from self._conversation(self._moment(day), people, rates, where)

    def _conversation(
        self, at: datetime, people: Sequence[Person], rates: list[float], where: Place | str
    ) -> Iterator[Act]:
        draw = self._random
        table = list({p.who: p for p in draw.choices(people, rates, k=draw.randint(3, 7))}.values())
        said: list[tuple[int, int]] = []
        for _ in range(1 + self._poisson(CONVERSATION - 1)):
            last = said[-1][1] if said else None
            others = [person for person in table if person.who != last]
            if not others:
                return
            speaker = draw.choice(others)
            heard = [(key, who) for key, who in said[-5:] if who != speaker.who]
            answers = draw.choice(heard) if heard and draw.random() < 0.45 else None
            named = draw.choice(heard)[1] if heard and draw.random() < 0.08 else None
            self._keys += 1
            yield Write(
                at,
                speaker.who,
                self._keys,
                where,
                answers=None if answers is None else answers[0],
                mentions=() if named is None else (named,),
            )
            said.append((self._keys, speaker.who))
            at += timedelta(seconds=20 + draw.expovariate(1 / 150))
            if draw.random() < 0.25:
                admirer = draw.choice(table)
                if admirer.who != speaker.who:
                    yield React(at, admirer.who, self._keys, draw.choice(EMOJI))

    # How chance falls

    def _moment(self, day: int, *, early: bool = False) -> datetime:
        """Return a moment on a day: around noon, or rather in the evening."""
        draw = self._random
        hour = draw.gauss(10, 1.5) if early else draw.choice((12.5, 19.5, 20.5)) + draw.gauss(0, 2)
        seconds = min(max(hour, 0.5), 23.4) * 3600
        return self.start + timedelta(days=day, seconds=int(seconds))

    def _poisson(self, mean: float) -> int:
        """Return a number with the given mean (Knuth's way; small means only, so it is quick)."""
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count

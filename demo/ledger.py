"""What the tables show from day to day: the figures behind the summary and the picture.

Read-only and as plain SQL, like the checker. It is read while the bot runs, because the bot forgets
on purpose: ended visits, old letters and occurrences are gone before a long demo is over.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Day:
    """How the server stands at one moment."""

    at: datetime
    homes: dict[int, int]
    """People by group id."""
    visiting: int
    waiting: int
    quiet: int
    """Open quiet episodes."""


@dataclass(frozen=True, slots=True)
class Split:
    """A split that has changed its rows."""

    id: int
    group_id: int
    """The parent, which keeps its row and its room."""
    parent: str
    """The parent's name before."""
    sizes: tuple[int, ...]
    moved: int
    mean_share: float
    stranded: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Pulse:
    """What became of a pulse: open, shown, few, declined or called off; how many answered."""

    state: str
    people: int


@dataclass(slots=True)
class Story:
    """Everything that was seen so far; ids are the tables'."""

    days: list[Day] = field(default_factory=list[Day])
    names: dict[int, str] = field(default_factory=dict[int, str])
    parents: dict[int, int] = field(default_factory=dict[int, int])
    """Child to parent, of groups that came out of a split."""
    splits: dict[int, Split] = field(default_factory=dict[int, Split])
    visits: set[tuple[int, int, str]] = field(default_factory=set[tuple[int, int, str]])
    """Group, person and beginning of each; row ids may be used again."""
    occurrences: dict[tuple[int, str], str] = field(default_factory=dict[tuple[int, str], str])
    """(ritual, local moment) to what became of it: claimed, posted, skipped."""
    episodes: dict[tuple[int, str], str | None] = field(
        default_factory=dict[tuple[int, str], "str | None"]
    )
    """Quiet episodes by person and beginning, and how each ended."""
    told: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Episodes whose name reached a facilitator."""
    faded: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Episodes of newcomers who fell silent before they were ever much around."""
    letters: set[tuple[int, int, str]] = field(default_factory=set[tuple[int, int, str]])
    """Letters that were read: group, facilitator, when written."""
    largest: int = 0
    """The most homes that a group ever had."""
    pulses: dict[int, Pulse] = field(default_factory=dict[int, Pulse])
    """Pulses by id, and what became of each."""
    kinds: dict[str, int] = field(default_factory=dict[str, int])
    """Occurrences that were posted, by the ritual's kind; the most that ever stood there."""
    threads: set[int] = field(default_factory=set[int])
    """Threads that were opened."""
    rounds: dict[int, tuple[int, int, int]] = field(default_factory=dict[int, tuple[int, int, int]])
    """Rounds of pairs: people, pairs, and how many of these met."""
    goals: dict[int, tuple[int, int, int]] = field(default_factory=dict[int, tuple[int, int, int]])
    """Challenges: who takes part or took part, check-ins, and who completed it."""
    gatherings: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """Dates of gatherings that stood in a room: who said yes, and who came."""
    events: set[int] = field(default_factory=set[int])
    """Events that were announced on Discord."""
    shared: set[int] = field(default_factory=set[int])
    """Messages that were shared with the commons."""
    published: set[int] = field(default_factory=set[int])
    """Those that stood there."""
    editions: set[int] = field(default_factory=set[int])
    """Editions of *From the neighbourhoods* that were published."""
    evenings: set[int] = field(default_factory=set[int])
    """Guest evenings on which a door opened."""
    moved: set[tuple[int, str]] = field(default_factory=set[tuple[int, str]])
    """Occurrences that were moved: the ritual, and the moment they were moved from."""
    rests: set[int] = field(default_factory=set[int])
    """Days on which a group rests."""
    hosts: set[tuple[int, int]] = field(default_factory=set[tuple[int, int]])
    """Who takes turns in hosting: ritual and person."""
    asks: dict[int, int] = field(default_factory=dict[int, int])
    """Questions that were put to another group, and how many answers were sent."""
    cohorts: dict[int, bool] = field(default_factory=dict[int, bool])
    """Cohorts that have begun, and whether they had their closing circle."""
    weeks_closed: int = 0
    figures: int = 0
    """Of closed weeks, silent ones among them."""
    silent: int = 0

    @property
    def homes(self) -> int:
        """How many people have a home, by the last look."""
        return sum(self.days[-1].homes.values()) if self.days else 0

    @property
    def groups(self) -> int:
        """How many groups have somebody at home, by the last look."""
        return sum(count > 0 for count in self.days[-1].homes.values()) if self.days else 0

    def rituals(self) -> Counter[str]:
        """Return how many occurrences came to which end."""
        return Counter(self.occurrences.values())


class Ledger:
    """Keeps the story of one bot's tables; to be closed."""

    def __init__(self, tables: Path) -> None:
        self._connection = sqlite3.connect(f"{tables.resolve().as_uri()}?mode=ro", uri=True)
        self.story = Story()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def look(self, now: datetime) -> Day:
        """Take the present state in and return it."""
        story = self.story
        # Every membership holds a seat; "here" are the people who live there now.
        seats = dict(self._all("SELECT group_id, count(*) FROM membership GROUP BY group_id"))
        here = "SELECT group_id, count(*) FROM membership WHERE state = 'here' GROUP BY group_id"
        story.largest = max(story.largest, *seats.values(), 0)
        story.names.update(self._all("SELECT id, name FROM groups"))
        story.parents.update(
            self._all("SELECT child_id, parent_id FROM lineage WHERE child_id <> parent_id")
        )
        story.visits.update(self._all("SELECT group_id, user_id, started_at FROM visit"))
        story.occurrences.update(
            ((ritual, moment), state)
            for ritual, moment, state in self._all(
                "SELECT ritual_id, local_moment, state FROM occurrence"
            )
        )
        story.episodes.update(
            ((user, began), closed_by)
            for user, began, closed_by in self._all(
                "SELECT user_id, began_at, closed_by FROM quiet_episode"
            )
        )
        story.faded.update(
            self._all("SELECT user_id, began_at FROM quiet_episode WHERE kind = 'faded'")
        )
        story.letters.update(
            self._all(
                "SELECT group_id, facilitator_id, written_at FROM letter"
                " WHERE opened_at IS NOT NULL"
            )
        )
        story.told.update(
            self._all(
                "SELECT e.user_id, e.began_at FROM quiet_episode e"
                " JOIN letter_name n ON n.episode_id = e.id JOIN letter l ON l.id = n.letter_id"
                " WHERE l.opened_at IS NOT NULL"
            )
        )
        story.pulses.update(
            (pulse, Pulse(state, people or 0))
            for pulse, state, people in self._all("SELECT id, state, people FROM pulse")
        )
        self._together()
        self._customs()
        ((story.weeks_closed, story.figures, story.silent),) = self._all(
            "SELECT count(DISTINCT week), count(*), count(silent) FROM health_figure"
        )
        self._splits()
        day = Day(
            at=now,
            homes=dict(self._all(here)),
            visiting=self._count("visit WHERE ended_at IS NULL"),
            waiting=self._count("waiting"),
            quiet=self._count("quiet_episode WHERE closed_at IS NULL"),
        )
        story.days.append(day)
        return day

    def _together(self) -> None:
        """Take in what groups do together."""
        story = self.story
        for kind, count in self._all(
            "SELECT r.kind, count(*) FROM occurrence o JOIN ritual r ON r.id = o.ritual_id"
            " WHERE o.state = 'posted' GROUP BY r.kind"
        ):
            story.kinds[kind] = max(count, story.kinds.get(kind, 0))
        for table in ("occurrence", "goal", "group_ask", "pair"):
            found = self._all(f"SELECT thread_id FROM {table} WHERE thread_id IS NOT NULL")  # noqa: S608 - our own words
            story.threads.update(row[0] for row in found)
        for one, people, pairs, met in self._all("SELECT id, people, pairs, met FROM pair_round"):
            story.rounds[one] = (people, pairs, met)
        for one, people, marks, done in self._all(
            "SELECT g.id, (SELECT count(*) FROM goal_part p WHERE p.goal_id = g.id),"
            " (SELECT count(*) FROM goal_mark m WHERE m.goal_id = g.id), g.completed"
            " FROM goal g WHERE g.begun_at IS NOT NULL"
        ):
            before = story.goals.get(one, (0, 0, 0))
            story.goals[one] = (max(people, before[0]), max(marks, before[1]), done)
        for one, yes, came in self._all(
            "SELECT d.id, (SELECT count(*) FROM gathering_answer a WHERE a.date_id = d.id"
            " AND a.answer = 'yes'), (SELECT count(*) FROM gathering_answer a"
            " WHERE a.date_id = d.id AND a.came_at IS NOT NULL)"
            " FROM gathering_date d WHERE d.message_id IS NOT NULL"
        ):
            before = story.gatherings.get(one, (0, 0))
            story.gatherings[one] = (max(yes, before[0]), max(came, before[1]))
        story.events.update(
            row[0] for row in self._all("SELECT id FROM gathering_date WHERE event_id IS NOT NULL")
        )
        for message, state in self._all("SELECT message_id, state FROM bridge"):
            story.shared.add(message)
            if state == "published":
                story.published.add(message)
        story.editions.update(
            row[0] for row in self._all("SELECT id FROM edition WHERE state = 'published'")
        )
        story.evenings.update(
            row[0] for row in self._all("SELECT id FROM guest_evening WHERE opened_at IS NOT NULL")
        )

    def _customs(self) -> None:
        """Take in who hosts, what was moved, when groups rest, what they asked each other."""
        story = self.story
        story.moved.update(
            self._all("SELECT id, moved_from_at FROM ritual WHERE moved_from_at IS NOT NULL")
        )
        story.rests.update(row[0] for row in self._all("SELECT id FROM group_rest"))
        story.hosts.update(
            self._all(
                "SELECT ritual_id, user_id FROM ritual_host WHERE state = 'hosts' AND ritual_id IN"
                " (SELECT ritual_id FROM ritual_host WHERE state = 'hosts' GROUP BY ritual_id"
                " HAVING count(*) > 1)"
            )
        )
        for one, answers in self._all(
            "SELECT k.id, (SELECT count(*) FROM group_ask_answer a WHERE a.ask_id = k.id)"
            " FROM group_ask k WHERE k.put_at IS NOT NULL"
        ):
            story.asks[one] = max(answers, story.asks.get(one, 0))
        for group, circle in self._all(
            "SELECT group_id, circle_at FROM cohort WHERE told_at IS NOT NULL"
        ):
            story.cohorts[group] = story.cohorts.get(group, False) or circle is not None

    def _splits(self) -> None:
        moved = self._all(
            "SELECT id, group_id, moved, mean_share, stranded, moved_at FROM split"
            " WHERE moved_at IS NOT NULL"
        )
        for split_id, group_id, count, share, stranded, at in moved:
            if split_id in self.story.splits:
                continue
            sizes = self._all(
                "SELECT s.child, count(*) FROM split_seat s WHERE s.split_id = ? GROUP BY s.child",
                split_id,
            )
            self.story.splits[split_id] = Split(
                id=split_id,
                group_id=group_id,
                parent=self.story.names[group_id],
                sizes=tuple(size for _, size in sorted(sizes)),
                moved=count,
                mean_share=share,
                stranded=stranded,
                at=datetime.fromisoformat(f"{at}+00:00"),
            )

    def _count(self, what: str) -> int:
        return int(self._all(f"SELECT count(*) FROM {what}")[0][0])  # noqa: S608 - our own words

    def _all(self, query: str, *values: Any) -> Sequence[Any]:
        return self._connection.execute(query, values).fetchall()

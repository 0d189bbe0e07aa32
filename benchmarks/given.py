"""Who answered whom, read from the files given with `--ties`: pairs, pairs with times, or a log.

Pairs are a CSV with `source,target` or `source,target,timestamp` (Unix seconds), a log is what the
demo replays (`demo.log`). A file `NAME-departments.csv` (or `.csv.gz`) beside `NAME.csv` says who
belongs where: `node,department`. What an answer is worth, and how it fades, is Hearth's own rule.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.files import GivenError, header_of, text_of
from benchmarks.options import set_name
from bot.rules import ties
from demo import log

PAIRS: Final = ("source", "target")
TIMED: Final = (*PAIRS, "timestamp")
DEPARTMENTS: Final = ("node", "department")

Tie: TypeAlias = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody answered somebody."""

    at: float  # Unix seconds; 0 where the file knows no times
    source: int
    target: int
    worth: int


@dataclass(frozen=True, slots=True)
class Given:
    """One set of answers, in the order of time."""

    name: str
    answers: Sequence[Answer]
    timed: bool
    is_log: bool = False
    departments: Mapping[int, int] = field(default_factory=dict[int, int])

    @property
    def first(self) -> float:
        """When the first answer was given."""
        return self.answers[0].at

    @property
    def last(self) -> float:
        """When the last answer was given."""
        return self.answers[-1].at

    def since(self) -> Mapping[int, float]:
        """Return when each one was first heard of."""
        found: dict[int, float] = {}
        for answer in self.answers:
            for who in (answer.source, answer.target):
                found.setdefault(who, answer.at)
        return found

    def ties_at(self, moments: Sequence[float]) -> Iterator[list[Tie]]:
        """Yield the ties as Hearth counts them at each of these moments, which stand in order."""
        sums: Counter[tuple[int, int, str]] = Counter()
        done = 0
        for moment in moments:
            while done < len(self.answers) and self.answers[done].at <= moment:
                answer = self.answers[done]
                low, high = ties.pair(answer.source, answer.target)
                sums[low, high, ties.week_of(int(answer.at * 1000))] += answer.worth
                done += 1
            rows = ((low, high, week, worth) for (low, high, week), worth in sums.items())
            yield ties.weights(rows, datetime.fromtimestamp(moment, UTC))

    def all_ties(self) -> list[Tie]:
        """Return the ties with nothing faded, for answers without times."""
        sums: defaultdict[tuple[int, int], float] = defaultdict(float)
        for answer in self.answers:
            sums[ties.pair(answer.source, answer.target)] += answer.worth
        return [(low, high, worth) for (low, high), worth in sorted(sums.items())]


def read(path: Path) -> Given:
    """Read a file; what it is shows in its header."""
    text = text_of(path)
    header = header_of(text)
    try:
        if header == log.COLUMNS:
            return Given(set_name(path), _of_log(log.read(path)), timed=True, is_log=True)
        if header not in (PAIRS, TIMED):
            raise GivenError(f"{path}: neither pairs ({','.join(TIMED)}) nor a log")
        answers = _of_pairs(text, timed=header == TIMED)
    except (ValueError, log.LogError) as error:
        raise GivenError(f"{path}: {error}") from error
    if not answers:
        raise GivenError(f"{path}: nobody answers anybody")
    return Given(
        set_name(path), answers, timed=header == TIMED, departments=departments_beside(path)
    )


def departments_beside(path: Path) -> Mapping[int, int]:
    """Return who belongs where, from the file beside this one; nobody where there is none."""
    for end in (".csv.gz", ".csv"):
        beside = path.with_name(f"{set_name(path)}-departments{end}")
        if beside.exists():
            reader = csv.reader(io.StringIO(text_of(beside)))
            if tuple(next(reader, ())) != DEPARTMENTS:
                raise GivenError(f"{beside}: the columns must be {','.join(DEPARTMENTS)}")
            return {int(node): int(department) for node, department in reader}
    return {}


def _of_pairs(text: str, *, timed: bool) -> list[Answer]:
    """Return a reply for each row; nobody answers themselves."""
    reader = csv.reader(io.StringIO(text))
    next(reader)
    found = [
        Answer(float(row[2]) if timed else 0.0, int(row[0]), int(row[1]), ties.REPLY)
        for row in reader
        if row and row[0] != row[1]
    ]
    return sorted(found, key=lambda answer: answer.at)


def _of_log(entries: Sequence[log.Entry]) -> list[Answer]:
    """Return what each message says about ties, as Hearth counts it in a group's room."""
    authors = {entry.number: entry.author + 1 for entry in entries}  # for ties, 0 is nobody
    rooms: defaultdict[str, ties.LastMessages] = defaultdict(ties.LastMessages)
    found: list[Answer] = []
    for entry in entries:
        author, at = authors[entry.number], entry.at.timestamp()
        near = rooms[entry.channel].write(author, int(at * 1000))
        reply_to = authors[entry.reply_to] if entry.reply_to is not None else 0
        mentions = [who + 1 for who in entry.mentions]
        for other, worth in ties.of_message(author, near, reply_to, mentions):
            found.append(Answer(at, author, other, worth))
    return found

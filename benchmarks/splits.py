"""What becomes of people's ties when their group becomes two, beside other ways to do it.

Groups of about 150 are cut out of each set of answers (`benchmarks.crowds`) and split by Hearth,
by chance, by sending the newest away, by Louvain and by METIS. Of a set are told:

- `mean_share`: the mean share of their own ties that people keep, mean over groups
- `stranded`: how many people with ties keep none, over all groups
- `kept_weight`, `lost_strongest`, `balance`: how much of all weight is kept; how many people lose
  their strongest tie; what the quieter half has of an equal share of the conversation
- `vs_long`: how near the search comes to one of a hundred times its time, in the worst of five
  groups; `seconds`: the processor's time for a plan, the longest of all groups
- `future_share`: the share of the answers that people gave after the moment of the plan, and that
  stay inside; None where the file knows no times
- `louvain`, `future_louvain`, … the same for the other ways
- of a log `answers_only`: the mean share where only replies and mentions count as ties, not what
  was written soon after somebody
"""

import asyncio
import dataclasses
import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final

import numpy as np

from benchmarks import parting
from benchmarks.crowds import Crowd, crowds
from benchmarks.given import Answer, Given, read
from benchmarks.options import Options
from bot.rules import splitting, ties
from bot.rules.split_graph import Frame, Graph
from bot.rules.split_search import Effort, search

SEED: Final = 1
LONG_GROUPS: Final = 5
LONGER: Final = 100
WORKERS = 2
"""Processes that search long beside each other; 0: all in this one."""
LONG_SEEDS: Final = 1_000_000
LARGE: Final = Effort(walks=64, crossings=24, steps=5.0, least_steps=60)
"""The long search begins with one that has more of everything; the usual one follows, again and
again from other starts, for as long as there is time."""
WITHIN: Final = 0.8  # of the generated answers are given within circles

WAYS: Mapping[str, Callable[[Crowd, int], parting.Sides | None]] = {
    "hearth": parting.hearth,
    "random": parting.by_chance,
    "newest_out": parting.newest_out,
    "louvain": parting.louvain,
    "metis": parting.metis,
}


async def run(options: Options) -> Mapping[str, Any]:
    """Measure each file, or a generated set where none is given."""
    sets = [read(path) for path in options.ties] or [generated(SEED)]
    found: dict[str, Any] = {}
    for given in sets:
        found[given.name] = await asyncio.to_thread(measured, given)
    return found


def measured(given: Given, seed: int = SEED) -> Mapping[str, Any]:
    """Return the figures of one set."""
    groups = list(crowds(given, seed))
    figures: dict[str, Any] = {"groups": len(groups), "seed": seed}
    spent: list[float] = []
    for way, split in WAYS.items():
        plans: list[parting.Sides | None] = []
        for number, crowd in enumerate(groups):
            begun = time.process_time()
            plans.append(split(crowd, seed + number))
            if way == "hearth":
                spent.append(time.process_time() - begun)
        figures |= _of_way(way, groups, plans)
    figures["seconds"] = max(spent)
    chosen = [round(i * (len(groups) - 1) / (LONG_GROUPS - 1)) for i in range(LONG_GROUPS)]
    figures["long_groups"] = LONG_GROUPS
    figures["vs_long"] = _beside_long(
        [groups[i] for i in chosen], [seed + i for i in chosen], [spent[i] for i in chosen]
    )
    if given.is_log:
        figures["answers_only"] = _answers_only(given, seed)
    return figures


def _of_way(
    way: str, groups: Sequence[Crowd], plans: Sequence[parting.Sides | None]
) -> Mapping[str, Any]:
    """Return what one way keeps; Hearth's figures by their plain names."""
    own = way == "hearth"
    names = {
        "mean_share": "mean_share" if own else way,
        **{
            name: name if own else f"{way}_{name}"
            for name in ("stranded", "kept_weight", "lost_strongest", "balance")
        },
        "future": "future_share" if own else f"future_{way}",
    }
    done = [(crowd, sides) for crowd, sides in zip(groups, plans, strict=True) if sides is not None]
    if not done:
        return dict.fromkeys(names.values())
    kept = [splitting.measure(sides, crowd.ties) for crowd, sides in done]
    later = [parting.stays(sides, crowd.later) for crowd, sides in done]
    known = [share for share in later if share is not None]
    values = {
        "mean_share": _mean([plan.mean_share for plan in kept]),
        "stranded": sum(plan.stranded for plan in kept),
        "kept_weight": _mean([plan.kept_weight for plan in kept]),
        "lost_strongest": _mean([parting.strongest_lost(s, crowd.ties) for crowd, s in done]),
        "balance": _mean([parting.quieter_half(s, crowd.ties) for crowd, s in done]),
        "future": _mean(known) if known else None,
    }
    return {names[name]: value for name, value in values.items()}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _beside_long(groups: Sequence[Crowd], seeds: Sequence[int], spent: Sequence[float]) -> float:
    """Return the least of the plans' worth beside that of long searches."""
    if not WORKERS:
        return min(map(_ratio, groups, seeds, spent))
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=spawn) as workers:
        return min(workers.map(_ratio, groups, seeds, spent))


def _ratio(crowd: Crowd, seed: int, spent: float) -> float:
    """Return what the usual search reaches of one that goes on for a hundred times as long."""
    usual = worth(parting.hearth(crowd, seed), crowd)
    begun, tried = time.process_time(), 0
    longest = max(usual, worth(_largest(crowd, seed), crowd))
    while time.process_time() - begun < LONGER * spent:
        tried += 1
        longest = max(longest, worth(parting.hearth(crowd, LONG_SEEDS * tried + seed), crowd))
    return usual / longest


def _largest(crowd: Crowd, seed: int) -> parting.Sides:
    """Return what a search with more of everything finds."""
    people = sorted(crowd.members)
    bounds = splitting.bounds(len(people), parting.MINIMUM, parting.CAP)
    side = search(Graph(people, crowd.ties), Frame(2, *bounds), np.random.default_rng(seed), LARGE)
    return dict(zip(people, map(int, side), strict=True))


def worth(sides: parting.Sides, crowd: Crowd) -> float:
    """Return what the search wants more of, for each person with ties: shares, and nobody alone."""
    plan = splitting.measure(sides, crowd.ties)
    tied = {who for one, other, _ in crowd.ties for who in (one, other)}
    return plan.mean_share - plan.stranded / max(1, len(tied))


def _answers_only(given: Given, seed: int) -> float:
    """Return the mean share where ties are replies and mentions alone."""
    said = [answer for answer in given.answers if answer.worth != ties.NEAR]
    groups = crowds(dataclasses.replace(given, answers=said), seed)
    kept = [
        splitting.measure(parting.hearth(crowd, seed + number), crowd.ties).mean_share
        for number, crowd in enumerate(groups)
    ]
    return _mean(kept)


def generated(seed: int, people: int = 600, days: int = 240) -> Given:
    """Return answers of people who live in circles of friends, know a few others, and come and go.

    Circles have 5 to 30 people; everybody talks as often as suits them, four times out of five
    within their circle, and joins some day.
    """
    rng = np.random.default_rng(seed)
    circles: list[list[int]] = []
    who = 1
    while who < people:
        size = int(rng.integers(5, 31))
        circles.append(list(range(who, min(who + size, people + 1))))
        who += size
    of = {one: number for number, circle in enumerate(circles) for one in circle}
    talkative = rng.lognormal(0.0, 1.0, people + 1)
    joined = rng.uniform(0, days * 0.6, people + 1)
    begin = 1_700_000_000.0
    answers: list[Answer] = []
    for day in range(days):
        here = np.flatnonzero(joined[1:] <= day) + 1
        if len(here) <= 1:
            continue
        odds = talkative[here] / talkative[here].sum()
        for writer in rng.choice(here, size=len(here), p=odds):
            near = [one for one in circles[of[int(writer)]] if joined[one] <= day and one != writer]
            inside = near and rng.random() < WITHIN
            pool = np.array(near if inside else [one for one in here if one != writer])
            pull = talkative[pool] / talkative[pool].sum()
            other = int(rng.choice(pool, p=pull))
            at = begin + (day + float(rng.random())) * 86_400
            answers.append(Answer(at, int(writer), other, ties.REPLY))
    answers.sort(key=lambda answer: answer.at)
    return Given("generated", answers, timed=True)

"""Ids in pieces: a statement holds so many values, and a server has more people than that."""

from collections.abc import Iterable, Iterator

AT_ONCE = 500  # ids in one IN (…)


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Return the ids in order, in pieces that fit into one statement."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]

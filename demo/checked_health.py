"""Figures that would tell of single people: what is kept for good must be about five or more.

Shares no code with the bot, and knows the tables by their names alone.
"""

import sqlite3
from collections.abc import Iterator

FEWEST = 5
"""Of fewer people nothing is told."""


def told_of_few(connection: sqlite3.Connection) -> Iterator[str]:
    """Name everything that was kept of fewer than five people, or that tells more than it may."""
    yield from _figures(connection)
    yield from _pulses(connection)
    lent = connection.execute(
        "SELECT from_group_id, to_group_id, week, people FROM lent WHERE people < ?", (FEWEST,)
    )
    for lender, borrower, week, people in lent:
        yield f"lent from {lender} to {borrower} in {week}: tells of {people}"


def _figures(connection: sqlite3.Connection) -> Iterator[str]:
    """Look through the figures of closed weeks: of a few they must be silent, and then wholly."""
    rows = connection.execute(
        "SELECT group_id, week, measure, value, low, high, people, silent FROM health_figure"
    )
    for group, week, measure, value, low, high, people, silent in rows:
        where = f"{measure} of {group or 'the server'} in {week}"
        if 0 < people < FEWEST:
            yield f"{where}: says that {people} people are behind it"
        if silent is None and value is None:
            yield f"{where}: neither speaks nor says why not"
        if silent is None and people < FEWEST:
            yield f"{where}: speaks of {people} people"
        if silent is not None and (value, low, high) != (None, None, None):
            yield f"{where}: is silent ({silent}), and a figure stands there"
        if None not in (value, low, high) and not low <= value <= high:
            yield f"{where}: {value} is not between {low} and {high}"


def _pulses(connection: sqlite3.Connection) -> Iterator[str]:
    tallies = connection.execute(
        "SELECT pulse_id, question, sum(people) FROM pulse_tally GROUP BY pulse_id, question"
    )
    for pulse, question, people in tallies:
        if people < FEWEST:
            yield f"pulse {pulse}: {question} tells of {people}"
    for table in ("pulse_part", "pulse_answer"):
        left = connection.execute(
            f"SELECT DISTINCT t.pulse_id FROM {table} t JOIN pulse p ON p.id = t.pulse_id"  # noqa: S608 - our own words
            " WHERE p.closed_at IS NOT NULL"
        )
        for (pulse,) in left:
            yield f"pulse {pulse} is closed, and rows of {table} are left"

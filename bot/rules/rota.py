"""Whose turn it is to host a ritual: hosts in their order, round and round.

The next one's host stands with the ritual. Who is away is passed over, as long as anybody is not;
two hosts who swap exchange their places, so that nobody hosts twice in a row because of it.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

HOSTS_MOST = 12  # of one ritual: with more nobody's turn would come round
REMINDED = timedelta(days=7)  # before their turn a host reads of it at /home and at the desk


def turns(hosts: Sequence[int], first: int | None) -> tuple[int, ...]:
    """Return the hosts, given in their order, beginning with `first`.

    One who is in no rota hosts alone, or before all others.
    """
    if first is None:
        return tuple(hosts)
    if first not in hosts:
        return (first, *hosts)
    at = hosts.index(first)
    return (*hosts[at:], *hosts[:at])


def whose(order: Sequence[int], away: Collection[int]) -> int | None:
    """Return who hosts next: the first who is not away; None if everybody is, or nobody hosts."""
    return next((host for host in order if host not in away), None)


def following(order: Sequence[int], hosted: int) -> int:
    """Return whose turn comes after `hosted` had theirs; their own again if they host alone."""
    at = order.index(hosted)
    return order[(at + 1) % len(order)]


def without(order: Sequence[int], gone: Collection[int]) -> int | None:
    """Return whose turn is next when some of the hosts, in the order of turns, step out."""
    return next((host for host in order if host not in gone), None)


def swapped(hosts: Sequence[int], one: int, other: int) -> tuple[int, ...]:
    """Return the hosts in their order after two of them exchanged their places."""
    places = {one: other, other: one}
    return tuple(places.get(host, host) for host in hosts)

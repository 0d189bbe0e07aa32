"""What groups do together, beside the tables: threads, pairs, events, and what is shared.

The checker's part for that; it shares no code with the bot, and knows the tables by their names.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import networkx as nx

from demo.checked_house import button_ids
from sandbox.state import AuditAction, Channel, Message, Server, State

THANKS = "bridge-thanks"
WITH_THREADS = ("occurrence", "goal", "group_ask", "pair")
"""The tables that remember threads which Hearth opened, as `thread_id`."""


class Together:
    """One server's threads, pairs, events and bridges beside their rows."""

    def __init__(self, state: State, server: Server, connection: sqlite3.Connection) -> None:
        self._state = state
        self._server = server
        self._connection = connection
        self._bot = state.bot.id

    def _all(self, query: str, *values: Any) -> Sequence[Any]:
        return self._connection.execute(query, values).fetchall()

    # --- threads --------------------------------------------------------------------------------

    def threads(self) -> Iterator[str]:
        """Name threads that Hearth opened and no row knows, and rows whose thread is not there."""
        known: Counter[int] = Counter()
        for table in WITH_THREADS:
            found = self._all(f"SELECT thread_id FROM {table} WHERE thread_id IS NOT NULL")  # noqa: S608 - our own words
            known.update(row["thread_id"] for row in found)
        taken_away = {
            entry.target_id
            for entry in self._server.audit_log
            if entry.action is AuditAction.THREAD_DELETE
        }
        for thread_id, count in sorted(known.items()):
            if count > 1:
                yield f"thread {thread_id} belongs to {count} rows"
            if thread_id not in self._server.threads and thread_id not in taken_away:
                yield f"thread {thread_id} is not there"
        for thread in self._server.threads.values():
            room = self._server.channels[thread.parent_id or 0]
            if thread.owner_id != self._bot or thread.id in known:
                continue
            # One on a message belongs to it, remembered or not.
            if thread.private or room.history.get(thread.id) is None:
                yield f"thread {thread.name!r} belongs to nothing"

    def twice(self) -> Iterator[str]:
        """Name events that are announced twice, and messages that stand in threads twice."""
        nonces = Counter(
            f"{message.nonce}"
            for thread in self._server.threads.values()
            for message in thread.history
            if message.author.id == self._bot and message.nonce is not None
        )
        for nonce, count in nonces.items():
            if count > 1:
                yield f"the message with nonce {nonce} stands in threads {count} times"
        events = Counter(
            (event.description or "").rpartition("\n")[2]
            for event in self._server.events.values()
            if event.creator.id == self._bot
        )
        for marker, count in events.items():
            if count > 1:
                yield f"the event {marker} is announced {count} times"

    def events(self) -> Iterator[str]:
        """Name events that no gathering knows, and gatherings whose event is not there."""
        rows = self._all(
            "SELECT event_id, state, starts_at FROM gathering_date WHERE event_state = 'made'"
        )
        known = {row["event_id"] for row in rows}
        for event in self._server.events.values():
            if event.creator.id == self._bot and event.id not in known:
                yield f"the event {event.name!r} belongs to no gathering"
        now = self._state.now().replace(tzinfo=None).isoformat(" ")
        for row in rows:
            ahead = row["state"] == "open" and row["starts_at"] > now
            if ahead and row["event_id"] not in self._server.events:
                yield f"the event {row['event_id']} of a gathering is not there"

    # --- bridges --------------------------------------------------------------------------------

    def bridges(self) -> Iterator[str]:
        """Name what stands in the commons though its source is gone, or no row knows it."""
        rows = self._all(
            "SELECT * FROM bridge WHERE server_id = ? AND state IN ('sent', 'published')",
            self._server.id,
        )
        known: set[int] = set()
        for row in rows:
            source = self._message(row["channel_id"], row["message_id"])
            if source is None:
                yield f"bridge {row['id']} stands, and its source is gone"
            elif source.edited_at is not None and row["edited_at"] is None:
                yield f"bridge {row['id']} stands, and its source was changed"
            if row["state"] == "published":
                known.add(row["post_message_id"])
                if self._message(row["post_channel_id"], row["post_message_id"]) is None:
                    yield f"bridge {row['id']} counts as published and stands nowhere"
        for channel in self._server.channels.values():
            for message in channel.history:
                ids = button_ids(message) if message.author.id == self._bot else frozenset[str]()
                verbs = {one.partition(":")[0] for one in ids}
                if THANKS in verbs and message.id not in known:
                    yield f"a post in #{channel.name} belongs to no bridge"

    def _message(self, channel_id: int | None, message_id: int | None) -> Message | None:
        channel: Channel | None = self._state.find_channel(channel_id or 0)
        return None if channel is None else channel.history.get(message_id or 0)

    # --- pairs ----------------------------------------------------------------------------------

    def met_again(self) -> Iterator[str]:
        """Name rounds in which people met again though everybody could have met somebody new.

        Whom nobody is to be paired with is as far apart here as there. Where one was over, the
        three who were put together may repeat.
        """
        apart = {(row["low_id"], row["high_id"]) for row in self._all("SELECT * FROM apart")}
        apart |= {
            tuple(sorted((row["user_id"], row["other_id"])))
            for row in self._all("SELECT user_id, other_id FROM wish WHERE kind = 'apart'")
        }
        met: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
        for round_id, pairing_id in [
            (row["id"], row["pairing_id"])
            for row in self._all("SELECT id, pairing_id FROM pair_round ORDER BY at, id")
        ]:
            together = self._seats(round_id)
            people = sorted({user for pair in together for user in pair})
            new = {
                two
                for two in combinations(people, 2)
                if two not in met[pairing_id] and two not in apart
            }
            paired = {two for pair in together for two in combinations(pair, 2)}
            again = paired & met[pairing_id]
            allowed = 2 if len(people) % 2 else 0
            if len(again) > allowed and _all_new(people, new):
                yield f"in round {round_id} {len(again)} pairs met again, and nobody had to"
            met[pairing_id] |= paired

    def _seats(self, round_id: int) -> list[tuple[int, ...]]:
        found: dict[int, list[int]] = defaultdict(list)
        for row in self._all(
            "SELECT s.pair_id, s.user_id FROM pair_seat s JOIN pair p ON p.id = s.pair_id"
            " WHERE p.round_id = ? ORDER BY s.user_id",
            round_id,
        ):
            found[row["pair_id"]].append(row["user_id"])
        return [tuple(users) for users in found.values()]


def _all_new(people: Sequence[int], new: set[tuple[int, int]]) -> bool:
    """Return whether everybody, but for one where their number is odd, can meet somebody new."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(people)
    graph.add_edges_from(new)
    return len(nx.max_weight_matching(graph, maxcardinality=True)) == len(people) // 2

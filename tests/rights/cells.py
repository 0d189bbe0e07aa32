"""One cell of the table: somebody asks for something, and what they get."""

import asyncio
from dataclasses import dataclass

from tests.rights.asking import Ask, Place, Seen, ask
from tests.rights.harbour import Harbour
from tests.rights.refusals import refusal
from tests.rights.table import Does

PATIENCE = 10.0  # real seconds


@dataclass(frozen=True, slots=True)
class Outcome:
    """What somebody got; `by` the text that said no, `changed` the tables that were written to.

    `rows` are those that came, went or changed.
    """

    does: Does
    by: str
    seen: Seen
    changed: frozenset[str]
    rows: frozenset[tuple[object, ...]] = frozenset()

    @property
    def broken(self) -> bool:
        """Whether they read that something went wrong."""
        return "Something went wrong" in self.seen.text


async def observed(harbour: Harbour, part: str, what: Ask, where: Place | None = None) -> Outcome:
    """Let somebody of this part ask, and say what they got; the tables are left as they are."""
    place = where or harbour.place(part)
    seen = await ask(harbour.hearth, harbour.people[part], what, place)
    changes = harbour.tables.changes()
    changed = frozenset(changes)
    rows = frozenset[tuple[object, ...]]().union(*changes.values())
    by = "" if seen.form else refusal(seen.text) or ""
    if by:
        return Outcome("no", by, seen, changed, rows)
    if seen.form:
        return Outcome("form", "", seen, changed, rows)
    return Outcome("writes" if changed else "shows", "", seen, changed, rows)


async def put_back(harbour: Harbour, outcome: Outcome) -> None:
    """Undo what a cell did, in the tables; what Hearth did in Discord meanwhile is waited for."""
    client = harbour.hearth.app.client
    async with asyncio.timeout(PATIENCE):
        while not (client.reconciler.idle and client.outbox.idle):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)
    if outcome.changed or outcome.seen.requests:
        harbour.tables.back()

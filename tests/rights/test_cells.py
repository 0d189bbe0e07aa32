"""The table of rights, cell by cell, through the sandbox: who gets what, and who is told no."""

from collections.abc import Callable

import pytest

from tests.rights.cells import Outcome, observed, put_back
from tests.rights.harbour import PARTS, SECRETS, Harbour, founded
from tests.rights.heaps import Heap, heaps
from tests.rights.refusals import alike
from tests.rights.scenes import set_scene
from tests.rights.table import Row

pytestmark = pytest.mark.founded(by=founded)

Counted = Callable[[str, object], None]


def cells(row: Row) -> int:
    """Return how many parts of people can ask for it."""
    return len(PARTS) - len(row.cannot)


def wrong(row: Row, part: str, outcome: Outcome, server_id: int) -> str:
    """Return what is not as the table says; nothing if all is.

    What an owner elsewhere does happens in their own server: no row of this one is touched.
    """
    if part == "elsewhere" and any(server_id in changed for changed in outcome.rows):
        return f"changed rows of this server in {sorted(outcome.changed)}"
    wanted = row.gets[part]
    if outcome.broken:
        return "something went wrong"
    if outcome.does != wanted:
        return f"{outcome.does} {outcome.by} instead of {wanted}: {outcome.seen.text[:120]!r}"
    if part != "owner" and any(secret in outcome.seen.text for secret in SECRETS):
        return f"named what is not listed: {outcome.seen.text!r}"
    if wanted != "no":
        return ""
    if not alike(outcome.by, row.by):
        return f"was told {outcome.by}"
    if outcome.changed:
        return f"was refused, and changed {', '.join(sorted(outcome.changed))}"
    # An owner elsewhere may have Hearth look at their own server.
    asked = [one for one in outcome.seen.requests if part != "elsewhere" or "GET" not in one]
    if asked:
        return f"was refused, and Discord was asked {asked}"
    return ""


@pytest.mark.parametrize("heap", heaps(cells))
async def test_everybody_gets_what_the_table_says(
    harbour: Harbour, heap: Heap, record_property: Counted
) -> None:
    """And nobody else: who is told no reads a text that says so, and nothing is written."""
    failed: list[str] = []
    tried, server_id = 0, harbour.hearth.server.id
    for scene, table in heap:
        await set_scene(harbour, scene)
        for row in table:
            for part in PARTS:
                if part in row.cannot:
                    continue
                tried += 1
                outcome = await observed(harbour, part, row.ask(harbour))
                await put_back(harbour, outcome)
                if trouble := wrong(row, part, outcome, server_id):
                    failed.append(f"{row.kind} {row.name}, {part}: {trouble}")
    record_property("counted", f"{tried:,} cells of the table of rights")
    assert not failed, "\n".join(failed)

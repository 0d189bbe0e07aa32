"""The table of rights, cell by cell, through the sandbox: who gets what, and who is told no."""

from collections.abc import Callable

import pytest

from tests.conftest import Running
from tests.rights.cells import Outcome, observed, put_back
from tests.rights.harbour import PARTS, SECRETS, Harbour, founded
from tests.rights.refusals import alike
from tests.rights.scenes import SCENES, set_scene
from tests.rights.table import Row, rows

Counted = Callable[[str, object], None]

# The table in heaps of about the same size, so that workers share it; the last has all scenes but
# the usual one.
HEAPS = 3
USUAL = "every_day"


def heap(number: int) -> list[Row]:
    """Return one of the heaps, scene by scene; forms last: what they keep may wait in memory."""
    places = {name: place for place, name in enumerate(SCENES)}
    ordered = sorted(rows(), key=lambda row: (places[row.scene], row.kind == "form"))
    usual = [row for row in ordered if row.scene == USUAL]
    if number < HEAPS - 1:
        return usual[number :: HEAPS - 1]
    return [row for row in ordered if row.scene != USUAL]


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


@pytest.fixture
async def harbour(hearth: Running) -> Harbour:
    """One of everybody."""
    return await founded(hearth)


@pytest.mark.parametrize("number", range(HEAPS))
async def test_everybody_gets_what_the_table_says(
    harbour: Harbour, number: int, record_property: Counted
) -> None:
    """And nobody else: who is told no reads a text that says so, and nothing is written."""
    failed: list[str] = []
    cells, server_id = 0, harbour.hearth.server.id
    scene = ""
    for row in heap(number):
        if row.scene != scene:
            scene = row.scene
            await set_scene(harbour, scene)
        for part in PARTS:
            if part in row.cannot:
                continue
            cells += 1
            outcome = await observed(harbour, part, row.ask(harbour))
            await put_back(harbour, outcome)
            if trouble := wrong(row, part, outcome, server_id):
                failed.append(f"{row.kind} {row.name}, {part}: {trouble}")
    record_property("counted", f"{cells:,} cells of the table of rights")
    assert not failed, "\n".join(failed)

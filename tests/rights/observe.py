"""Sees what everybody gets, and prints it as it would have to stand in the table.

`python -m tests.rights.observe [name …]`: what is not in the table yet, or the rows named. It is
for reading: a row is put into the table by whoever has judged that it is right. What a new thing is
asked with is a guess from its arguments' names; put the row into the table with the right ids and a
scene, and observe it by name.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.settings import Settings
from tests.rights.cells import Outcome, observed, put_back
from tests.rights.everything import Thing, things
from tests.rights.harbour import PARTS, Harbour, founded
from tests.rights.scenes import set_scene
from tests.rights.table import Row, rows
from tests.whole import running

LIKELY = {"group_id": "{group}", "user_id": "{kim}"}


async def main(names: list[str]) -> None:
    """Print the rows."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        settings = Settings(
            database=f"sqlite+aiosqlite:///{here}/hearth.db", beat_file=here / "beat"
        )
        async with running(settings, datetime(2026, 3, 2, 12, tzinfo=UTC)) as hearth:
            harbour = await founded(hearth)
            harbour.begin()
            known = {row.key: row for row in rows()}
            wanted = [row for row in known.values() if row.name in names]
            if not names:
                new = [thing for thing in things(hearth.app.client) if thing.key not in known]
                wanted = [_guess(thing) for thing in new]
            for row in wanted:
                await set_scene(harbour, row.scene)
                lines = _written(row, await _seen(harbour, row))
                sys.stdout.write("\n".join((*lines, "", "")))


async def _seen(harbour: Harbour, row: Row) -> dict[str, Outcome]:
    found: dict[str, Outcome] = {}
    for part in PARTS:
        if part not in row.cannot:
            found[part] = await observed(harbour, part, row.ask(harbour))
            await put_back(harbour, found[part])
            sys.stderr.write(f"# {part}: {found[part].seen.text[:90]!r}\n")
    return found


def _guess(thing: Thing) -> Row:
    given = tuple(LIKELY.get(name, f"{{{name.removesuffix('_id')}}}") for name in thing.takes)
    values = ("{group}",) if thing.chosen else None
    if thing.kind in {"command", "menu"}:
        given = ()
    return Row(thing.kind, thing.name, "", given=given, values=values)


def _written(row: Row, outcomes: dict[str, Outcome]) -> Iterator[str]:
    yield f"[{row.kind}.{json.dumps(row.name)}]"
    if row.given:
        yield f"with = {json.dumps(':'.join(row.given))}"
    for does in ("form", "shows", "writes"):
        parts = [part for part, outcome in outcomes.items() if outcome.does == does]
        if parts:
            yield f"{does} = {json.dumps(' '.join(parts))}"
    by = sorted({outcome.by for outcome in outcomes.values() if outcome.does == "no"})
    if by:
        yield f"refused = {json.dumps(' '.join(by))}"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

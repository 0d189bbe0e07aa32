"""Ids that somebody made up, kept for too long, used twice, or took somewhere else."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from models import Group, GroupType
from sandbox.acts.delivering import publish
from sandbox.acts.drafts import Draft, compose
from tests.rights.asking import Place
from tests.rights.cells import Outcome, observed, put_back
from tests.rights.harbour import RIVERSIDE, SECRETS, Harbour, founded
from tests.rights.heaps import Heap, heaps
from tests.rights.over import end_all
from tests.rights.scenes import set_scene
from tests.rights.table import Row
from tests.rights.tables import between

pytestmark = pytest.mark.founded(by=founded)

Counted = Callable[[str, object], None]

NONE = "9" * 40  # larger than any id
MADE_UP = ("0", "x", "-1", NONE)
OUTSIDERS = ("barred", "stranger", "elsewhere")
"""Who may not know of a group that is not listed; moderators keep all of them in order."""
RIVERSIDES = ("Riverside", "Runs around the lake", "Campfire")
"""What is read in its room only, once Riverside is not listed: name, purpose, a ritual."""


def allowed(row: Row) -> str | None:
    """Return somebody who gets it; None where nobody does."""
    return next((part for part, does in row.gets.items() if does != "no"), None)


def forged(row: Row) -> Iterator[Row]:
    """Return it with ids that are none, with one too few, and with one too many."""
    if row.kind not in {"press", "form"}:
        return
    for made_up in MADE_UP:
        if row.given:
            yield replace(row, given=tuple(made_up for _ in row.given))
        if row.values:
            yield replace(row, values=(made_up,))
    yield replace(row, given=row.given[:-1])
    yield replace(row, given=(*row.given, "1", "1", "1"))


def must_not(row: Row, made_up: Row) -> bool:
    """Return whether nothing may come of it: an id or a choice in it is none.

    0 is one in places (all groups, a new group, the first page), and where a mark follows the ids
    it may be anything.
    """
    given = {*made_up.given, *(made_up.values or ())} - {*row.given, *(row.values or ())}
    return bool(given - {"0", "1"}) and not row.loose


def forgeries(row: Row) -> int:
    """Return with how many forged ids it is tried."""
    return len(list(forged(row))) if allowed(row) else 0


def kept(row: Row) -> int:
    """Return whether there is something in it that can be over."""
    return int(allowed(row) is not None and bool(row.given or row.values or row.options))


def done(row: Row) -> int:
    """Return how often it is done to see what doing it again changes."""
    part = allowed(row)
    return 2 if part is not None and row.gets[part] == "writes" else 0


def at_hand(row: Row) -> int:
    """Return whether it can be asked for from a message in a DM."""
    return int(allowed(row) is not None and row.kind not in {"command", "menu"})


def outside(row: Row) -> int:
    """Return how many of those who may not know can ask for it."""
    return len(set(OUTSIDERS) - set(row.cannot))


@pytest.mark.parametrize("heap", heaps(forgeries))
async def test_ids_that_are_none(harbour: Harbour, heap: Heap, record_property: Counted) -> None:
    """Whoever may do it with an id that is one reads what to do next, and nothing is changed."""
    failed: list[str] = []
    cells = 0
    for scene, table in heap:
        await set_scene(harbour, scene)
        for row in table:
            part = allowed(row)
            assert part is not None
            for false in forged(row):
                outcome = await observed(harbour, part, false.ask(harbour))
                cells += 1
                if outcome.broken:
                    failed.append(f"{row.kind} {row.name} {false.given} {false.values}: broken")
                elif outcome.changed and must_not(row, false):
                    failed.append(
                        f"{row.kind} {row.name} {false.given} {false.values}:"
                        f" changed {sorted(outcome.changed)}: {outcome.seen.text[:80]!r}"
                    )
                await put_back(harbour, outcome)
    record_property("counted", f"{cells:,} forged ids")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("heap", heaps(kept))
async def test_what_is_over(harbour: Harbour, heap: Heap, record_property: Counted) -> None:
    """A button that was kept till its matter was over says so, or shows how things are now."""
    failed: list[str] = []
    cells = 0
    for scene, table in heap:
        await set_scene(harbour, scene)
        await end_all(harbour)
        for row in table:
            part = allowed(row)
            assert part is not None
            outcome = await observed(harbour, part, row.ask(harbour))
            cells += 1
            if outcome.broken or (outcome.changed - {"draft"} and not row.outlives):
                failed.append(
                    f"{row.kind} {row.name}, {part}: {outcome.does} {outcome.by}"
                    f" {sorted(outcome.changed)}: {outcome.seen.text[:100]!r}"
                )
            await put_back(harbour, outcome)
    record_property("counted", f"{cells:,} stale ids")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("heap", heaps(done))
async def test_pressed_twice(harbour: Harbour, heap: Heap, record_property: Counted) -> None:
    """The second press changes nothing, unless doing it again is what it is there for."""
    failed: list[str] = []
    cells = 0
    for scene, table in heap:
        await set_scene(harbour, scene)
        for row in table:
            part = allowed(row)
            assert part is not None
            await observed(harbour, part, row.ask(harbour))
            before = harbour.tables.mark()
            again = await observed(harbour, part, row.ask(harbour))
            cells += 1
            changed = {*between(before, harbour.tables.mark())} - {"draft"}
            if again.broken or (changed and not row.again):
                failed.append(
                    f"{row.kind} {row.name}, {part}: {again.does} {again.by} {sorted(changed)}:"
                    f" {again.seen.text[:100]!r}"
                )
            harbour.tables.back()
    record_property("counted", f"{cells:,} replays")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("heap", heaps(at_hand))
async def test_in_a_dm(harbour: Harbour, heap: Heap, record_property: Counted) -> None:
    """What belongs to a server is not done from outside of one."""
    failed: list[str] = []
    cells = 0
    for scene, table in heap:
        await set_scene(harbour, scene)
        for row in table:
            part = allowed(row)
            assert part is not None
            outcome = await observed(harbour, part, row.ask(harbour), _dm(harbour, part))
            cells += 1
            inside = outcome.by == "errors.server_only" and not outcome.changed
            if outcome.broken or inside == row.anywhere:
                failed.append(
                    f"{row.kind} {row.name}: {outcome.does} {outcome.by}"
                    f" {sorted(outcome.changed)} {outcome.seen.text[:80]!r}"
                )
            await put_back(harbour, outcome)
    record_property("counted", f"{cells:,} asked in a DM")
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("heap", heaps(outside))
async def test_things_of_a_group_that_is_not_listed(
    harbour: Harbour, heap: Heap, record_property: Counted
) -> None:
    """Whoever is no part of it learns nothing by any id: no name, no purpose, no ritual's title."""
    failed: list[str] = []
    cells = 0
    for scene, table in heap:
        await set_scene(harbour, scene)
        async with harbour.hearth.app.database.writing() as session:
            riverside = await session.get_one(Group, RIVERSIDE)
            type_ = await session.get_one(GroupType, riverside.type_id)
            type_.listed = False
        harbour.tables.keep()
        for row in table:
            for part in OUTSIDERS:
                if part in row.cannot:
                    continue
                outcome = await observed(harbour, part, row.ask(harbour))
                cells += 1
                if outcome.broken or _named(outcome):
                    failed.append(f"{row.kind} {row.name}, {part}: {outcome.seen.text[:200]!r}")
                await put_back(harbour, outcome)
    record_property("counted", f"{cells:,} asked of what is not listed")
    assert not failed, "\n".join(failed)


def _named(outcome: Outcome) -> bool:
    read = (outcome.seen.text, *outcome.seen.buttons)
    return any(secret in text for secret in (*SECRETS, *RIVERSIDES) for text in read)


def _dm(harbour: Harbour, part: str) -> Place:
    """Return somebody's DM with Hearth, and a message of Hearth's in it."""
    world, person = harbour.hearth.sandbox.world, harbour.people[part]
    channel = person.dm
    if not channel.history:
        message = compose(world, channel, world.state.bot, Draft("Hello."))
        publish(world, channel, message)
    return Place(channel, next(iter(channel.history)))

"""Nothing that is typed into a form pings anybody, breaks anything, or is shown as more than text.

Every form there is opens as it does for people, and each of its fields is filled with each text.
"""

import logging

import pytest

from tests.conftest import Running
from tests.hostile import other_towns as other
from tests.hostile.filling import Form, fill
from tests.hostile.forms import CHARTERS, DESK, RITUALS, SAFETY, WORDS_TO_SOMEBODY
from tests.hostile.gathering_forms import GATHERINGS
from tests.hostile.goal_forms import GOALS
from tests.hostile.neighbour_forms import NEIGHBOURS
from tests.hostile.pair_forms import PAIRS
from tests.hostile.reading import read_all
from tests.hostile.ritual_days_forms import RITUAL_DAYS
from tests.hostile.stored import unclean
from tests.hostile.town import Founding, Town, riverside
from tests.hostile.watching import Lines

TOWNS: dict[str, tuple[Founding, tuple[Form, ...]]] = {
    "a group": (riverside, DESK),
    "its rituals": (riverside, RITUALS),
    "its rituals' days": (riverside, RITUAL_DAYS),
    "its pairs": (riverside, PAIRS),
    "its challenges": (riverside, GOALS),
    "its gatherings": (riverside, GATHERINGS),
    "its neighbours": (riverside, NEIGHBOURS),
    "words to somebody": (riverside, WORDS_TO_SOMEBODY),
    "its safety": (riverside, SAFETY),
    "its charter": (riverside, CHARTERS),
    "its split": (other.about_to_split, other.SPLIT),
    "a split to come": (other.nearly_full, other.PREPARED),
    "a bud": (other.budding, other.BUD),
    "a circle": (other.in_circles, other.CIRCLE),
    "the first setup": (other.new_server, other.SETUP),
}


# What was typed, by its marks: none of it belongs into a log.
TYPED = ("Qa", "Qbold", "Qlink", "Qsub", "DROP TABLE")
READ = 15  # presses of each who reads at the end


async def filled(town: Town, forms: tuple[Form, ...]) -> list[str]:
    """Fill forms, one after the other; return the fields there were."""
    fields: list[str] = []
    for form in forms:
        fields += await fill(town, form)
    return fields


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(what, marks=pytest.mark.founded(by=found), id=what)
        for what, (found, _) in TOWNS.items()
    ],
)
async def test_no_form_takes_harm(hearth: Running, what: str) -> None:
    """Every field, every text; then all that its people can open is read."""
    _, forms = TOWNS[what]
    lines = Lines()
    logging.getLogger().addHandler(lines)
    try:
        town = hearth.founded
        assert isinstance(town, Town)
        fields = await filled(town, forms)
        for name in [name for name in ("owner", "Lena") if name in town.people]:
            await read_all(town, name, READ)
    finally:
        logging.getLogger().removeHandler(lines)
    print(  # noqa: T201 - the counts are a part of the promise
        f"{what}: {len(set(fields))} fields of {len({form.verb for form in forms})} forms,"
        f" {town.watch.typed} texts; {town.watch.answers} answers and {town.watch.messages}"
        " messages read"
    )
    assert town.watch.wrong == {}
    assert await unclean(hearth) == []
    assert lines.failures() == []
    assert lines.holding(*TYPED, str(town.who.person)) == []
    assert town.watch.typed > 5 * len(fields)


async def test_no_form_is_left_out(hearth: Running) -> None:
    """A form that is new is filled here, too, before it is met by those who mean harm."""
    known = {verb for kind, verb in hearth.app.client.answerers.known() if kind == "form"}
    assert known == {form.verb for _, forms in TOWNS.values() for form in forms}


@pytest.mark.founded(by=other.about_to_split)
async def test_names_that_mean_harm_go_through_a_whole_split(hearth: Running) -> None:
    """From the plan to two rooms: notice, rooms, roles, log."""
    town = hearth.founded
    assert isinstance(town, Town)
    named = await town["Lena"].fill(
        await other.names_of_split(town), name="**Qbold** [Qlink] # Qhead", emoji="🦆"
    )
    assert "Named" in named.text
    await other.let_it_split(town)
    await read_all(town, "Lena")
    assert town.watch.wrong == {}
    assert any("Qbold" in role.name for role in hearth.server.roles.values())

"""Every button and menu there is, pressed by somebody who has no part in what it is about.

Buttons stay where they were sent, for ever: whoever presses an old one, in a server that is not the
group's, too, reads what to do next, and no name that they may not know.
"""

import inspect

import pytest

from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

UNLISTED = ("Lanternglow", "Evenings by lamplight")
LISTED = ("Riverside", "Evening runs around the lake")
# What arguments of that name are, where they are no group's id.
WORDS = {"step": "words", "mode": "on", "wants": "1", "to": "moderators", "part": "commons_id"}


def presses(hearth: Running, group_id: int, user_id: int) -> dict[str, bool]:
    """Return the custom_id of everything that can be pressed, and whether it is a menu."""
    found: dict[str, bool] = {}
    for (kind, verb), answered_by in hearth.app.client.answerers.known().items():
        if kind != "press":
            continue
        arguments: list[str] = []
        menu = False
        for name, parameter in list(inspect.signature(answered_by).parameters.items())[1:]:
            if name == "values":
                menu = True
            elif parameter.default is parameter.empty and parameter.kind != (
                inspect.Parameter.VAR_POSITIONAL
            ):
                a_person = "user" in name or name in {"newcomer", "first", "second", "leaver"}
                arguments.append(WORDS.get(name, str(user_id if a_person else group_id)))
        found[":".join((verb, *arguments))] = menu
    return found


async def panel(hearth: Running, owner: Person) -> Message:
    """Have a message of Hearth's with buttons stand in the commons."""
    await owner.command("hearth panel")
    await hearth.settle()
    commons = next(c for c in owner.server.channels.values() if c.name == "general")
    return next(m for m in reversed(list(commons.history)) if m.components)


async def read(person: Person, old: Message, what: dict[str, bool], value: int) -> dict[str, str]:
    """Press all of it, one after the other; return what was read."""
    said: dict[str, str] = {}
    for custom_id, menu in what.items():
        part = {"type": 2, "style": 2, "id": 2, "custom_id": custom_id, "label": "x"}
        if menu:
            options = [{"label": "x", "value": str(value)}]
            part = {"type": 3, "id": 2, "custom_id": custom_id, "options": options}
        old.components = [{"type": 1, "id": 1, "components": [part]}]
        answer = (
            await person.choose(old, str(value), custom_id=custom_id)
            if menu
            else await person.press(old, custom_id=custom_id)
        )
        assert answer.kind != "none", custom_id
        said[custom_id] = answer.text
    return said


def wrong(said: dict[str, str], secrets: tuple[str, ...]) -> dict[str, str]:
    """Return what names a secret, and what only says that something broke."""
    return {
        custom_id: text
        for custom_id, text in said.items()
        if any(secret in text for secret in secrets) or "Something went wrong" in text
    }


@pytest.fixture
async def lena(hearth: Running) -> Person:
    """Riverside (1), which Lena looks after, and a group that is not listed (2)."""
    await set_up(hearth, moderators_room=await hearth.owner.create_channel("watch"))
    await group(hearth)
    await group(hearth, "Lanternglow", type="Identity", purpose="Evenings by lamplight.")
    person = await at_home(hearth, "Lena")
    await looked_after(hearth, person)
    return person


async def test_a_newcomer_learns_nothing_of_what_is_not_listed(
    hearth: Running, lena: Person
) -> None:
    """Whatever they press."""
    old = await panel(hearth, hearth.owner)
    zed = await hearth.person("Zed")
    said = await read(zed, old, presses(hearth, 2, lena.id), 2)
    assert wrong(said, UNLISTED) == {}


async def test_an_owner_of_another_server_learns_nothing(hearth: Running, lena: Person) -> None:
    """Not even of what everybody here may know, and nothing changes here."""
    other = hearth.sandbox.add_server().owner
    await hearth.settle()
    commons = next(c for c in other.server.channels.values() if c.name == "general")
    await other.command("hearth setup", commons=commons)
    old = await panel(hearth, other)
    said = await read(other, old, presses(hearth, 1, lena.id), 1)
    assert wrong(said, (*UNLISTED, *LISTED)) == {}
    await hearth.settle()
    home = await lena.command("home")
    assert "You live in 🌊 Riverside" in home.text
    assert "You look after **Riverside**" in home.text
    assert lena.sees(channel(hearth, "🌊-riverside"))

"""Other bots: they press and call nothing, and nobody can give them a part in a group."""

from collections.abc import AsyncGenerator

import pytest

from sandbox import acts
from sandbox.people import Person
from sandbox.state import User
from tests.cogs.founding import channel
from tests.conftest import Running
from tests.rights.asking import Call, Form, Menu, Press
from tests.rights.cells import observed, put_back
from tests.rights.harbour import RIVERSIDE, Harbour, founded
from tests.rights.scenes import set_scene

pytestmark = pytest.mark.founded(by=founded)


@pytest.fixture
async def harbour(hearth: Running) -> AsyncGenerator[Harbour]:
    """One of everybody, and Beep, which is a bot."""
    found, sandbox = hearth.founded, hearth.sandbox
    assert isinstance(found, Harbour)
    user = User(sandbox.state.snowflake(), "beep", global_name="Beep", bot=True)
    sandbox.state.users[user.id] = user
    acts.join_server(sandbox.world, hearth.server, user)
    beep = Person(sandbox, hearth.server, user)
    await hearth.settle()
    found.things["Beep"] = beep
    found.ids["beep"] = beep.id
    found.begin()
    await set_scene(found, "every_day")
    yield found
    found.tables.close()


async def test_nobody_asks_a_bot(harbour: Harbour) -> None:
    """To look after a group, to live there, to begin one, or to be together with."""
    beep = harbour.things["Beep"]
    assert isinstance(beep, Person)
    asks = {
        "owner": [
            Call("hearth facilitator ask", {"group": str(RIVERSIDE), "user": beep}),
        ],
        "facilitator": [
            Form(f"desk-ask:{RIVERSIDE}", {"who": "Beep"}),
            Form(f"desk-invite-who:{RIVERSIDE}", {"who": beep.mention}),
            Press(f"bud-ask:{RIVERSIDE}", (str(beep.id),)),
            Press(f"volunteer-ask:{RIVERSIDE}:{beep.id}"),
        ],
        "member": [Menu("Together or apart", beep), Press(f"wish-keep:{beep.id}:together")],
    }
    wrong: list[str] = []
    for part, what in asks.items():
        for one in what:
            outcome = await observed(harbour, part, one)
            if outcome.does != "no" or outcome.changed or outcome.broken:
                wrong.append(f"{one}: {outcome.does} {outcome.seen.text!r}")
            await put_back(harbour, outcome)
    assert not wrong, "\n".join(wrong)


async def test_what_a_bot_writes_counts_for_nothing(harbour: Harbour) -> None:
    """Neither its messages, nor its reactions, nor what somebody answers it."""
    hearth, beep, mara = harbour.hearth, harbour.things["Beep"], harbour.people["member"]
    assert isinstance(beep, Person)
    room = channel(hearth, "🌊-riverside")
    owner = hearth.owner
    await owner.set_overwrite(room, beep, allow=0x400 | 0x800 | 0x40 | 0x10000)
    said = await beep.write(room, "Beep.")
    await beep.react(said, "👋")
    await mara.write(room, "Hello, Beep.", reply_to=said)
    await hearth.settle()
    found = harbour.tables.people()
    assert mara.id in found
    assert beep.id not in found

"""Nobody is sent a direct message who did not press for it: by how the code is, and in a run."""

import ast
from datetime import timedelta

import pytest

from bot.services.dm_wishes import WISHES
from tests.conftest import Running
from tests.trust.living import lived, talk
from tests.trust.reading_code import attributes, calls, given, modules

OPENED = "POST /users/@me/channels"
# discord.py's ways to a conversation with one person, and the one module that goes one of them.
WAYS = ("create_dm", "dm_channel", "fetch_user", "get_user", "private_channels")
# Whatever is called `send`: where the outbox posts, to who pressed just now, or ours.
SENDS = {
    ("bot.gateway.posts", "channel"),
    ("bot.conversation", "interaction.followup"),
    ("bot.services.editions", "bridge_posts"),
    ("cogs.concerns", "concerns"),
    ("cogs.group_asks", "group_answers"),
    ("cogs.group_asks", "group_asks"),
}


def test_one_place_opens_conversations() -> None:
    """The outbox, and only it."""
    assert {(module, name) for module, _, name in attributes(*WAYS)} == {
        ("bot.outbox", "create_dm")
    }
    assert {(module, before) for module, before, _ in attributes("send")} == SENDS
    for module, tree in modules().items():
        routes = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not any("users/@me/channels" in route for route in routes), module


def test_one_place_owes_messages() -> None:
    """Rows of the outbox are written by `owe` alone, which asks whether somebody wished for it."""
    assert {module for module, _ in calls("OutboxMessage")} == {"bot.services.outbox"}
    (asked,) = (call for module, call in calls("wished") if module == "bot.services.outbox")
    assert ast.unparse(asked).startswith("wished(session, Direct(kind, server_id")
    # And again right before it is sent.
    assert [module for module, _ in calls("wished") if module == "bot.services.sending"]


def test_every_kind_has_its_wish() -> None:
    """Who owes a direct message says of which kind, and that kind has a press behind it."""
    owed = [(m, c) for m, c in calls("owe") if given(c, "place") == "'dm'"]
    assert [(module, given(call, "kind")) for module, call in owed] == [
        ("bot.services.letters", "KIND")
    ]
    assert set(WISHES) == {"letter"}
    # No place is worked out to be "dm" elsewhere: no other module has the word.
    words = {m for m, tree in modules().items() for n in ast.walk(tree) if is_text(n, "dm")}
    assert words == {
        "bot.services.letters",
        "bot.services.outbox",
        "bot.services.sending",
        "bot.services.sending_queue",
        "cogs.desk",  # what a menu's choice is called: it asks for letters by DM
    }


def is_text(node: ast.AST, text: str) -> bool:
    """Return whether a piece of code is just this text."""
    return isinstance(node, ast.Constant) and node.value == text


async def test_a_month_passes_without_a_direct_message(hearth: Running) -> None:
    """Moving in, offices, visits, bars, leaving, silence: all of it is said elsewhere."""
    people = await lived(hearth)
    await talk(hearth, people)
    await people["Omar"].leave()
    for _ in range(4):
        await hearth.advance(timedelta(days=7))
    assert hearth.sandbox.requests.by_route[OPENED] == 0
    assert [name for name, person in people.items() if person.dms] == []


@pytest.mark.parametrize("kind", ["letter", "ritual", "nonsense"])
def test_no_wish_is_taken_for_granted(kind: str) -> None:
    """A kind without a wish of its own is wished for by nobody."""
    assert (kind in WISHES) is (kind == "letter")

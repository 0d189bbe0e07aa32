"""Discord's rules for commands, components and forms, as tables of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.acts.drafts import number_components
from sandbox.app import Sandbox
from sandbox.components import V2_FLAG, check_message, check_modal, texts, walk
from sandbox.errors import ApiError
from tests.sandbox.clients import Wires

Raw = dict[str, Any]
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def command(**fields: Any) -> Raw:
    """Return a valid command with some fields changed."""
    return {"name": "join", "description": "Home: join a group", "type": 1, **fields}


def option(**fields: Any) -> Raw:
    """Return a valid option with some fields changed."""
    return {"name": "group", "description": "Which", "type": 3, **fields}


@pytest.mark.parametrize(
    "bad",
    [
        command(name="Join"),
        command(name="join us"),
        command(name="x" * 33),
        command(name=""),
        command(description=""),
        command(description="x" * 101),
        command(type=9),
        command(type=2, name="x" * 33, description=""),
        command(type=3, name="Share"),
        command(options=[option(name=f"o{number}") for number in range(26)]),
        command(options=[option(), option()]),
        command(options=[option(name="Group")]),
        command(options=[option(type=12)]),
        command(options=[option(), option(name="kind", required=True)]),
        command(options=[option(), option(name="sub", type=1)]),
        command(options=[option(choices=[{"name": "a", "value": "a"}], autocomplete=True)]),
        command(options=[option(choices=[{"name": "a", "value": "a"}] * 26)]),
        command(options=[option(choices=[{"name": "", "value": "a"}])]),
        command(options=[option(choices=[{"name": "a", "value": "x" * 101}])]),
        command(options=[option(type=1, options=[option(type=1)])]),
        command(options=[option(type=1, options=[option(type=2)])]),
        command(options=[option(type=2, options=[option(type=2)])]),
        command(
            options=[
                option(
                    name=f"o{number}",
                    choices=[{"name": "x" * 50, "value": "x" * 50}] * 4,
                )
                for number in range(25)
            ]
        ),
    ],
)
def test_commands_beyond_the_rules_are_refused(bad: Raw) -> None:
    """Each breaks one rule of Discord's; nothing of the list is registered."""
    commands = Sandbox(start=START).commands
    with pytest.raises(ApiError) as refusal:
        commands.replace(None, [command(name="fine"), bad])
    assert (refusal.value.status, refusal.value.code) == (400, 50035)
    assert refusal.value.errors
    assert commands.all(None) == []


def test_commands_within_the_rules_are_kept() -> None:
    """Nested groups, letters of other alphabets and menus with blanks are fine."""
    commands = Sandbox(start=START).commands
    deep = option(name="group", type=2, options=[option(name="create", type=1, options=[option()])])
    registered = commands.replace(
        None,
        [
            command(),
            command(name="heimgehen-früh"),
            command(name="hearth", options=[deep], default_member_permissions="32"),
            {"name": "Share with the commons", "type": 3},
            {"name": "join", "type": 2},
        ],
    )
    assert [item["type"] for item in registered] == [1, 1, 1, 3, 2]
    assert registered[2]["default_member_permissions"] == "32"
    assert registered[0]["default_member_permissions"] is None
    assert commands.all(None) == registered


def test_a_command_keeps_its_id_while_its_name_stays() -> None:
    """Replacing the list changes ids only of new names, and the version of what changed."""
    commands = Sandbox(start=START).commands
    join, leave = commands.replace(None, [command(), command(name="leave")])
    again, changed, new = commands.replace(
        None, [command(), command(name="leave", description="Go"), command(name="home")]
    )
    assert again == join
    assert changed["id"] == leave["id"]
    assert changed["version"] != leave["version"]
    assert new["id"] not in {join["id"], leave["id"]}
    commands.replace(None, [])
    assert commands.all(None) == []


def test_commands_are_counted() -> None:
    """100 of a kind, names once, and 200 new ones a day."""
    sandbox = Sandbox(start=START)
    commands = sandbox.commands
    with pytest.raises(ApiError) as refusal:
        commands.replace(None, [command(name=f"c{number}") for number in range(101)])
    assert refusal.value.code == 30032
    with pytest.raises(ApiError) as refusal:
        commands.replace(None, [command(), command()])
    assert refusal.value.code == 50035
    for day in range(2):
        commands.replace(None, [command(name=f"day{day}-{number}") for number in range(100)])
    with pytest.raises(ApiError) as refusal:
        commands.create(None, command())
    assert refusal.value.code in {30032, 30034}
    commands.replace(None, [])
    with pytest.raises(ApiError) as refusal:
        commands.create(None, command())
    assert refusal.value.code == 30034
    sandbox.clock.set(START + timedelta(days=1))
    assert commands.create(None, command())[1]


async def test_commands_are_registered_one_by_one() -> None:
    """POST adds or replaces, PATCH changes, DELETE removes; per server and globally apart."""
    async with Sandbox() as sandbox, Wires(sandbox) as wires:
        server = sandbox.add_server()
        everywhere = f"/applications/{sandbox.application_id}/commands"
        here = f"/applications/{sandbox.application_id}/guilds/{server.id}/commands"
        for base in (everywhere, here):
            _, made = await wires.rest("POST", base, command())
            one = f"{base}/{made['id']}"
            _, again = await wires.rest("POST", base, command(description="Again"))
            assert again["id"] == made["id"]
            _, changed = await wires.rest("PATCH", one, {"description": "Changed"})
            assert changed["description"] == "Changed"
            assert (await wires.rest("GET", one))[1] == changed
            assert (await wires.rest("GET", base))[1] == [changed]
            assert ("guild_id" in changed) == (base == here)
        assert (await wires.rest("DELETE", one))[0] == 204
        assert (await wires.rest("GET", one))[1]["code"] == 10063
        assert len((await wires.rest("GET", everywhere))[1]) == 1
        wrong = await wires.rest("GET", "/applications/1/commands")
        assert wrong[1]["code"] == 10002


def button(**fields: Any) -> Raw:
    """Return a valid button with some fields changed."""
    return {"type": 2, "style": 1, "label": "Press", "custom_id": "press", **fields}


def row(*children: Raw) -> Raw:
    """Return a row of components."""
    return {"type": 1, "components": list(children)}


def select(**fields: Any) -> Raw:
    """Return a valid menu with some fields changed."""
    options = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
    return {"type": 3, "custom_id": "choose", "options": options, **fields}


def people(*chosen: str, **fields: Any) -> Raw:
    """Return a menu of members in which things of these kinds are chosen beforehand."""
    before = [{"type": kind, "id": number} for number, kind in enumerate(chosen, start=5)]
    return {"type": 5, "custom_id": "who", "default_values": before, **fields}


def text(content: str = "hello") -> Raw:
    """Return a text display."""
    return {"type": 10, "content": content}


def test_what_is_chosen_beforehand_comes_back_with_text_ids() -> None:
    """Clients may send ids as numbers; Discord sends all of them as text."""
    components = [row(people("user", "user", max_values=2))]
    number_components(components)
    (menu,) = components[0]["components"]
    assert menu["default_values"] == [{"type": "user", "id": "5"}, {"type": "user", "id": "6"}]


@pytest.mark.parametrize(
    ("components", "flags"),
    [
        ([button()], 0),
        ([row()], 0),
        ([row(button(custom_id=str(number))) for number in range(6)], 0),
        ([row(*(button(custom_id=str(number)) for number in range(6)))], 0),
        ([row(button(), button())], 0),
        ([row(button(), select())], 0),
        ([row(button(custom_id="x" * 101))], 0),
        ([row(button(custom_id=""))], 0),
        ([row(button(label="x" * 81))], 0),
        ([row(button(label=None))], 0),
        ([row(button(style=9))], 0),
        ([row(button(style=5))], 0),
        ([row(button(style=5, url="https://example.org"))], 0),
        ([row(select(options=[]))], 0),
        ([row(select(options=[{"label": "A", "value": "a"}] * 2))], 0),
        ([row(select(options=[{"label": "x" * 101, "value": "a"}]))], 0),
        ([row(select(max_values=3))], 0),
        ([row(select(max_values=26))], 0),
        ([row(select(placeholder="x" * 151))], 0),
        ([row(people("user", "user"))], 0),
        ([row(people("user", max_values=5, min_values=2))], 0),
        ([row(people("role"))], 0),
        ([row(select(type=5, options=None, default_values=[{"type": "user"}]))], 0),
        ([row(select(default_values=[{"type": "user", "id": 5}]))], 0),
        ([row({"type": 4, "custom_id": "t"})], 0),
        ([text()], 0),
        ([text("")], V2_FLAG),
        ([text("x" * 2001), text("x" * 2000)], V2_FLAG),
        ([text() for _ in range(41)], V2_FLAG),
        ([{"type": 17, "components": [{"type": 17}]}], V2_FLAG),
        ([{"type": 9, "components": [text()] * 4, "accessory": button()}], V2_FLAG),
        ([{"type": 9, "components": [text()], "accessory": text()}], V2_FLAG),
        ([{"type": 9, "components": [text()]}], V2_FLAG),
        ([{"type": 12}], V2_FLAG),
    ],
)
def test_components_beyond_the_rules_are_refused(components: list[Raw], flags: int) -> None:
    """Each breaks one rule of Discord's component reference."""
    with pytest.raises(ApiError) as refusal:
        check_message(components, flags)
    assert refusal.value.code == 50035
    assert refusal.value.errors


@pytest.mark.parametrize(
    ("components", "flags"),
    [
        ([], 0),
        ([row(*(button(custom_id=str(number)) for number in range(5)))], 0),
        ([row(button(label=None, emoji={"name": "👋"}))], 0),
        ([row(button(style=5, custom_id=None, url="https://example.org"))], 0),
        ([row(select(max_values=2, min_values=0))], 0),
        ([row({"type": 5, "custom_id": "who"}), row({"type": 8, "custom_id": "where"})], 0),
        ([row(people("user", "user", max_values=2))], 0),
        ([row(people(min_values=1))], 0),
        ([text("x" * 4000)], V2_FLAG),
        (
            [
                {
                    "type": 17,
                    "components": [
                        {"type": 9, "components": [text()], "accessory": button()},
                        {"type": 14},
                        row(select()),
                    ],
                }
            ],
            V2_FLAG,
        ),
    ],
)
def test_components_within_the_rules_pass(components: list[Raw], flags: int) -> None:
    """What Discord takes is taken."""
    check_message(components, flags)


def label(component: Raw, **fields: Any) -> Raw:
    """Return a field of a form with a label around it."""
    return {"type": 18, "label": "Field", "component": component, **fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"title": ""},
        {"title": "x" * 46},
        {"custom_id": "x" * 101},
        {"components": []},
        {"components": [text()] * 6},
        {"components": [row(button())]},
        {"components": [button()]},
        {"components": [label(button())]},
        {"components": [label({"type": 4, "custom_id": "t"}, label="x" * 46)]},
        {"components": [label({"type": 4, "custom_id": "t"}, description="x" * 101)]},
        {"components": [label({"type": 4, "custom_id": "t", "value": "x" * 4001})]},
        {"components": [label({"type": 4, "custom_id": "t", "max_length": 4001})]},
        {"components": [label({"type": 4, "custom_id": "t"})] * 2},
        {"components": [label({"type": 21, "custom_id": "r", "options": []})]},
    ],
)
def test_forms_beyond_the_rules_are_refused(fields: Raw) -> None:
    """Each breaks one rule of Discord's."""
    fine = {"title": "T", "custom_id": "c", "components": [label({"type": 4, "custom_id": "t"})]}
    check_modal(fine)
    with pytest.raises(ApiError) as refusal:
        check_modal({**fine, **fields})
    assert refusal.value.code == 50035


def test_components_are_walked_as_they_are_read() -> None:
    """Nested components come after what they stand in; their texts in the same order."""
    layout = [
        {
            "type": 17,
            "components": [
                {"type": 9, "components": [text("one")], "accessory": button(label="two")},
                row(select(placeholder="three")),
            ],
        }
    ]
    assert [component["type"] for component in walk(layout)] == [17, 9, 10, 2, 1, 3]
    assert list(texts(layout)) == ["one", "two", "three", "A", "B"]

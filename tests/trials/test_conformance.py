"""The measure that the wire is held to measures, and what it is told stays true."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.app import Sandbox
from sandbox.record import Passage, Recorder, Recording, Told, read, shape
from tests.cogs.founding import at_home, group, set_up
from tests.sandbox.clients import Wires
from tests.trials.description import DESCRIPTION, GUILD_ROLE, ROLES
from trials.conformance.__main__ import PAGE, main
from trials.conformance.description import Description
from trials.conformance.deviations import DEVIATIONS, Deviation
from trials.conformance.documented import documented_routes
from trials.conformance.judging import judge

if TYPE_CHECKING:
    from tests.conftest import Running

PUBLISHED = os.environ.get("SPEC")
ROLE: dict[str, Any] = {
    "id": "42",
    "name": "Walkers",
    "permissions": "1024",
    "position": 1,
    "color": 0,
    "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    "hoist": False,
    "managed": False,
    "mentionable": True,
    "icon": None,
    "unicode_emoji": None,
    "flags": 0,
}


def passage(**changed: Any) -> Passage:
    """A role is made, as it should be but for what is changed."""
    right: dict[str, Any] = {
        "method": "POST",
        "route": ROLES,
        "known": True,
        "client": "discord.py",
        "query": {},
        "body": {"name": "Walkers", "mentionable": True},
        "understood": True,
        "status": 200,
        "answer": copy.deepcopy(ROLE),
    }
    return Passage(**{**right, **changed})


def held(times: int, **changed: Any) -> Recording:
    return Recording([(passage(**changed), times)])


def without(field: str) -> dict[str, Any]:
    return {name: value for name, value in ROLE.items() if name != field}


def violations(description: Description, passed: Passage) -> list[str]:
    return list(judge(description, Recording([(passed, 3)])).violations)


@pytest.fixture(params=["own", "published"] if PUBLISHED else ["own"])
def description(request: pytest.FixtureRequest) -> Description:
    """A small description of our own, and Discord's where a copy is at hand."""
    if request.param == "own":
        return Description(copy.deepcopy(DESCRIPTION))
    assert PUBLISHED
    return Description.read(Path(PUBLISHED))


PLANTED: dict[str, tuple[Passage, str]] = {
    "wrong type": (passage(answer={**ROLE, "position": "first"}), "type position"),
    "wrong type deep down": (
        passage(answer={**ROLE, "colors": {**ROLE["colors"], "primary_color": "red"}}),
        "type colors.primary_color",
    ),
    "missing field": (passage(answer=without("managed")), "missing managed"),
    "extra field": (passage(answer={**ROLE, "glow": True}), "unknown glow"),
    "unknown route": (passage(method="PUT"), "is not described"),
    "route that the sandbox lacks": (passage(known=False, status=404), "the sandbox has no"),
    "wrong status": (passage(status=302), "never answers 302"),
    "content where there is none": (
        passage(method="DELETE", route=GUILD_ROLE, body=None, status=204, answer={}),
        "unknown body",
    ),
    "wrong type in a request": (passage(body={"hoist": "yes"}), "type hoist"),
    "extra field in a request": (passage(body={"glow": True}), "unknown glow"),
    "value out of bounds": (passage(body={"color": -1}), "value color"),
    "extra word in a query": (passage(query={"loud": ["1"]}), "unknown ?loud"),
    "error of another form": (
        passage(status=403, answer={"code": "50013", "message": "Missing Permissions"}),
        "type code",
    ),
    "extra field in an error": (
        passage(status=403, answer={"code": 50013, "message": "Missing Permissions", "why": 1}),
        "unknown why",
    ),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_is_caught(description: Description, defect: str) -> None:
    """Each kind of defect is a violation that names what is wrong and where."""
    passed, wanted = PLANTED[defect]
    found = violations(description, passed)
    assert found
    assert all(wanted in one for one in found)


def test_what_fits_is_no_violation(description: Description) -> None:
    """The undamaged passage passes, as do a refusal, a wait and an empty answer."""
    errors = {"name": {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "needed"}]}}
    wait = {"message": "You are being rate limited.", "retry_after": 0.5, "global": False}
    refusal = {"code": 50035, "message": "Invalid Form Body", "errors": errors}
    for right in (
        passage(),
        passage(status=429, answer=wait),
        passage(status=400, body={"glow": 1}, answer=refusal),
        passage(method="DELETE", route=GUILD_ROLE, body=None, status=204, answer=None),
    ):
        assert violations(description, right) == []


def test_objects_in_events_are_held(description: Description) -> None:
    """A role that is announced has a role's fields; other events carry nothing described."""
    right = Told("GUILD_ROLE_CREATE", {"guild_id": "7", "role": ROLE})
    wrong = Told("GUILD_ROLE_CREATE", {"guild_id": "7", "role": {**ROLE, "glow": True}})
    other = Told("TYPING_START", {"glow": True})
    verdict = judge(description, Recording(events=[(right, 2), (wrong, 3), (other, 1)]))
    assert verdict.violations == {"event GUILD_ROLE_CREATE: unknown glow: not described": 3}
    assert verdict.events == 6


def test_ids_and_bits_are_equal_in_both_forms(description: Description) -> None:
    """Permissions as text are counted apart, not taken for a violation; other text is."""
    verdict = judge(description, held(5, body={"permissions": "8"}, client="hikari"))
    assert not verdict.violations
    assert list(verdict.other_forms.values()) == [5]
    assert violations(description, passage(body={"permissions": "many"}, client="hikari"))


def test_a_listed_deviation_is_counted_for_discord_py_alone() -> None:
    """What the list excuses is a violation from anybody else, or in another field."""
    own = Description(copy.deepcopy(DESCRIPTION))
    glow = Deviation("unknown", "glow", "POST /guilds/*/roles", "role.py", 1, "x", "because")
    verdict = judge(own, held(4, body={"glow": True}), [glow])
    assert (verdict.deviations[glow], verdict.violations.total()) == (4, 0)
    assert judge(own, held(1, body={"shine": True}), [glow]).violations
    assert judge(own, held(1, body={"glow": True}, client="hikari"), [glow]).violations


def test_a_request_written_wrong_on_purpose_is_left_alone() -> None:
    """A test's own request need not fit, its answer must."""
    own = Description(copy.deepcopy(DESCRIPTION))
    verdict = judge(own, held(2, body={"glow": True}, client="bare"))
    assert (verdict.wrong_on_purpose, verdict.violations.total()) == (2, 0)
    assert violations(own, passage(client="bare", answer={**ROLE, "glow": 1}))


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda one: f"{one.file}:{one.line}")
def test_discord_py_really_has_the_line(deviation: Deviation) -> None:
    """Every deviation's line is found in the discord.py that is installed."""
    assert deviation.stands()


def test_a_deviation_whose_line_has_moved_is_noticed() -> None:
    """Another line, or a line past the end, does not hold what the list says."""
    found = DEVIATIONS[0]
    for line in (found.line + 1, 10**6):
        moved = Deviation(
            found.kind, found.field, found.route, found.file, line, found.code, found.why
        )
        assert not moved.stands()


def test_the_page_lists_routes_that_the_sandbox_has() -> None:
    """Every documented route stands once and is one that the sandbox answers."""
    routes = documented_routes(PAGE)
    known = {route.name for route in Sandbox().rest.table.all()}
    assert len(routes) == len(set(routes))
    assert len(routes) > 20
    assert set(routes) <= known


async def test_hearth_calls_what_the_page_says(hearth: Running) -> None:
    """From setup to a home, a greeting and a goodbye, no call goes elsewhere."""
    await set_up(hearth)
    await group(hearth)
    kim = await at_home(hearth, "Kim")
    await hearth.settle()
    await kim.command("leave")
    await hearth.settle()
    called = {route for route, count in hearth.sandbox.requests.by_route.items() if count}
    assert len(called) > 8
    assert called <= set(documented_routes(PAGE))


async def test_what_passes_is_recorded(tmp_path: Path) -> None:
    """Distinct shapes are written once with counts; what a fault on order hit is not."""
    async with Sandbox() as sandbox, Wires(sandbox) as wires:
        sandbox.rest.recorder = Recorder(tmp_path / "1.jsonl")
        server = sandbox.add_server()
        roles = f"/guilds/{server.id}/roles"
        await wires.rest("POST", roles, {"name": "One"})
        await wires.rest("POST", roles, {"name": "Two"})
        await wires.rest("POST", roles, {"name": "Three", "color": -1})
        await wires.rest("GET", "/nowhere/123")
        sandbox.faults.add("500", "GET", "/users/@me")
        await wires.rest("GET", "/users/@me")
        sandbox.gateway.recorder = sandbox.rest.recorder
        await wires.identified()
        await sandbox.person(server, "Kim")
    recording = read(tmp_path)
    assert [(told.event, count) for told, count in recording.events] == [("GUILD_MEMBER_ADD", 1)]
    found = {(one.method, one.route, one.status, one.known): n for one, n in recording.passages}
    assert found == {
        ("POST", ROLES, 200, True): 2,
        ("POST", ROLES, 400, True): 1,
        ("GET", "/nowhere/{id}", 404, False): 1,
    }


def test_a_shape_is_types_and_keys() -> None:
    """Texts and numbers do not matter, but what they are does, and a `type` names a kind."""
    assert shape({"id": "1", "name": "a", "n": 1}) == shape({"id": "22", "name": "b", "n": 7})
    assert shape({"a": [1, 2, 3]}) == shape({"a": [9]})
    assert shape({"11": 1}) == shape({"12": 2})
    assert shape({"a": 1}) != shape({"a": "1"})
    assert shape({"a": []}) != shape({"a": [1]})
    assert shape({"type": 1}) != shape({"type": 2})


def test_without_a_description_it_says_what_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and the exit code of a wrong command line."""
    assert main(["--spec", ""]) == 2
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    assert "SPEC" in printed


def test_too_little_is_not_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recording with few routes fails even without a violation; the last line is JSON."""
    spec, records = tmp_path / "spec.json", tmp_path / "records"
    spec.write_text(json.dumps(DESCRIPTION), encoding="utf-8")
    records.mkdir()
    assert main(["--spec", str(spec), "--records", str(records)]) == 1
    printed = capsys.readouterr().out
    assert "only 0 routes" in printed
    figures = {"requests": 0, "answers": 0, "routes": 0, "violations": 0}
    assert json.loads(printed.splitlines()[-1]) == figures

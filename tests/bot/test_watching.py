"""What operators' machines read: every figure there, on loopback, and nobody in it."""

import json
import logging
import re
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import beat, rounds
from bot.app import App
from bot.errors import CannotStart
from bot.gateway import traffic
from bot.settings import Settings
from bot.watching import server
from bot.watching.instruments import MOST_AWAITED, Instruments, Lines
from models import Server
from tests.cogs.founding import at_home, group, set_up
from tests.whole import Running, running

ROOT = Path(__file__).parents[2]
LABELS = {
    "event", "route", "status", "scope", "job", "kind", "level", "lane", "outcome", "file", "when",
    "state", "le", "generation", "implementation", "major", "minor", "patchlevel", "version",
}  # fmt: skip
"""Every label that a series may have."""
OURS = re.compile(r"\bhearth_[a-z_]+")
SUFFIXES = re.compile(r"_(total|bucket|count|sum|created)$")

READERS = 4  # connections that read
Series = dict[str, list[tuple[dict[str, str], float]]]


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def page(port: int) -> str:
    """Where the figures are."""
    return f"http://127.0.0.1:{port}"


@pytest.fixture
async def watched(laid: Settings, now: datetime, port: int) -> AsyncGenerator[Running]:
    """A connected bot whose figures can be read."""
    async with running(laid.model_copy(update={"metrics_port": port}), now) as opened:
        yield opened


async def text(address: str) -> str:
    """Return a page's text; it must be there."""
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        assert answer.status == 200
        return await answer.text()


async def series(page: str) -> Series:
    """Return every series of the page, by its name."""
    found: Series = {}
    for family in text_string_to_metric_families(await text(f"{page}/metrics")):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def value(found: Series, name: str, **labels: str) -> float:
    """Return the sum of the series of this name that have these labels."""
    return sum(number for held, number in found[name] if labels.items() <= held.items())


def families(words: str) -> set[str]:
    """Return which of Hearth's figures a text names, however it asks for them."""
    return {SUFFIXES.sub("", name) for name in OURS.findall(words)}


async def founded(hearth: Running) -> None:
    """Set up a group with two homes and some talk, and let an hour pass."""
    await set_up(hearth)
    await group(hearth, "Riverside Secrets")
    mara = await at_home(hearth, "Marabelle", "Riverside Secrets")
    jo = await at_home(hearth, "Jonathan", "Riverside Secrets")
    room = next(one for one in hearth.server.channels.values() if "secrets" in one.name)
    said = await mara.write(room, "Has anybody seen the heron?")
    await jo.write(room, "Twice!", reply_to=said)
    await jo.react(said, "👋")
    await hearth.advance(timedelta(hours=1))


async def test_every_part_is_measured(watched: Running, page: str) -> None:
    """Events, requests, answers, queues, messages, jobs, tables, the loop, and the totals."""
    await founded(watched)
    found = await series(page)
    assert value(found, "hearth_events_total", event="MESSAGE_CREATE") >= 2
    assert value(found, "hearth_events_total", event="INTERACTION_CREATE") == value(
        found, "hearth_answer_seconds_count"
    )
    made = "POST /guilds/{}/channels"
    assert value(found, "hearth_requests_total", route=made, status="201") >= 1
    assert value(found, "hearth_request_seconds_count") == value(found, "hearth_requests_total")
    assert value(found, "hearth_gateway_ready") == 1
    assert value(found, "hearth_signals_waiting") == 0
    assert value(found, "hearth_lane_waiting", lane="urgent") == 0
    assert value(found, "hearth_lane_resting") == 0
    assert value(found, "hearth_messages_total", outcome="sent") >= 2
    assert value(found, "hearth_outbox_owed", when="now") == 0
    assert value(found, "hearth_outbox_lag_seconds") == 0
    assert value(found, "hearth_job_seconds_count", job="tick") >= 1
    assert value(found, "hearth_job_last_success_timestamp_seconds", job="hour") > 0
    assert value(found, "hearth_job_failures_total") == 0
    assert value(found, "hearth_tables_seconds_count", kind="write") > 0
    assert value(found, "hearth_tables_usable") == 1
    assert value(found, "hearth_tables_bytes", file="tables") > 0
    assert value(found, "process_resident_memory_bytes") > 1e6
    assert value(found, "hearth_groups", state="open") == 1
    assert value(found, "hearth_homes") == 2
    assert value(found, "hearth_servers") == 1


async def test_no_figure_names_a_person_or_a_group(watched: Running, page: str) -> None:
    """Labels come from fixed sets; no id, no name and no token stands anywhere on the page."""
    await founded(watched)
    found = await series(page)
    assert {label for one in found.values() for held, _ in one for label in held} <= LABELS
    words = await text(f"{page}/metrics")
    people = [*watched.server.members.values()]
    ids = [one.id for one in (*people, *watched.server.channels.values(), watched.server)]
    names = [one.user.name for one in people if not one.user.bot]
    secret = watched.app.settings.token.get_secret_value()
    for held in (*map(str, ids), *names, "Secrets", "secrets", "Marabelle", secret):
        assert held not in words


async def test_the_health_page_says_what_the_check_says(
    watched: Running, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 while the beat is fresh; 503 when it is old, gone, or tells of trouble."""
    client = watched.app.client
    await rounds.beat(client, watched.app.clock.now())
    async with aiohttp.ClientSession() as http:

        async def health() -> tuple[int, dict[str, Any]]:
            async with http.get(f"{page}/health") as answer:
                return answer.status, await answer.json()

        status, said = await health()
        assert (status, said["well"], said["connected"]) == (200, True, True)
        client.database.health.trouble = "the disk is full"
        await rounds.beat(client, watched.app.clock.now())
        status, said = await health()
        assert status == 503
        assert said["says"][1] == "The tables cannot be used: the disk is full."
        client.database.health.trouble = None
        await rounds.beat(client, watched.app.clock.now())
        monkeypatch.setattr(beat, "STALE_SECONDS", -1)
        assert (await health())[0] == 503
        client.settings.beat_file.unlink()
        status, said = await health()
        assert status == 503
        assert said["says"] == [f"No beat: {client.settings.beat_file} is not there."]


async def test_totals_that_nobody_can_count_are_left_out(
    watched: Running, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be read the rest is still told, and when it can, the totals come back."""
    await set_up(watched)
    monkeypatch.setattr(server, "TOTALS_WITHIN", 0.05)
    monkeypatch.setattr(server, "TOTALS_LAST", 0.0)
    database = watched.app.database
    async with AsyncExitStack() as readers:
        for _ in range(READERS):
            await readers.enter_async_context(database.reading())
        found = await series(page)
        assert "hearth_servers" not in found
        assert value(found, "hearth_gateway_ready") == 1
    monkeypatch.undo()
    assert value(await series(page), "hearth_servers") == 1


async def test_tables_in_trouble_are_told(watched: Running, page: str) -> None:
    """The alert on the tables does not depend on anybody reading the log."""
    watched.app.database.health.failed("the disk is full")
    assert value(await series(page), "hearth_tables_usable") == 0
    watched.app.database.health.well()
    assert value(await series(page), "hearth_tables_usable") == 1


async def test_it_is_off_unless_a_port_is_set(laid: Settings, now: datetime, page: str) -> None:
    """Nobody listens, and nothing is measured, where the operator did not ask for it."""
    assert laid.metrics_port == 0
    async with running(laid, now) as hearth:
        assert hearth.app.schedule.watch is None
        assert hearth.app.database.watch is None
        async with aiohttp.ClientSession() as http:
            with pytest.raises(aiohttp.ClientConnectorError):
                await http.get(f"{page}/metrics")


async def test_an_address_that_is_taken_stops_the_start(laid: Settings, port: int) -> None:
    """One line names the setting; figures that silently are not there help nobody."""
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(
            CannotStart, match=rf"127\.0\.0\.1:{port} \(Address already in use\)\.$"
        ) as refused:
            async with App.open(laid.model_copy(update={"metrics_port": port})):
                pass
    assert refused.value.status == 2


def test_a_route_keeps_words_and_nothing_else() -> None:
    """Ids, tokens and emoji become {}, whatever they look like."""
    tell = traffic.route
    assert tell("PUT", "/api/v10/guilds/123/members/456/roles/789") == (
        "PUT /guilds/{}/members/{}/roles/{}"
    )
    assert tell("POST", "/api/v10/interactions/12/aW50ZXJhY3Rpb24/callback") == (
        "POST /interactions/{}/{}/callback"
    )
    assert tell("PATCH", "/api/v10/webhooks/12/secret-token/messages/@original") == (
        "PATCH /webhooks/{}/{}/messages/@original"
    )
    assert tell("PUT", "/api/v10/channels/1/messages/2/reactions/wave:9/@me") == (
        "PUT /channels/{}/messages/{}/reactions/{}/@me"
    )


def test_every_route_that_hearth_calls_can_be_told_apart() -> None:
    """What docs/discord-routes.md lists comes out whole, but for its variable parts."""
    page = (ROOT / "docs/discord-routes.md").read_text(encoding="utf-8")
    routes = re.findall(r"^\| `([A-Z]+) (/[^`]+)` \|", page, re.MULTILINE)
    assert len(routes) > 20
    for method, path in routes:
        assert traffic.route(method, f"/api/v10{path}") == (
            f"{method} {re.sub(r'{[^}]+}', '{}', path)}"
        )


async def test_a_beat_that_left_something_undone_is_no_success(watched: Running, page: str) -> None:
    """One server that cannot be seen to shows in the figures, though the rest was done."""
    await set_up(watched)
    await watched.advance(timedelta(hours=1))
    before = await series(page)
    async with watched.app.database.writing() as session:
        (await session.get_one(Server, watched.server.id)).zone = "Nowhere/Land"
    await watched.advance(timedelta(days=1))
    found = await series(page)
    assert value(found, "hearth_job_failures_total", job="hour") >= 1
    assert value(found, "hearth_job_failures_total", job="tick") == 0
    last = "hearth_job_last_success_timestamp_seconds"
    assert value(found, last, job="hour") == value(before, last, job="hour")
    assert value(found, last, job="tick") > value(before, last, job="tick")
    assert value(found, "hearth_log_lines_total", level="error") >= 1


def test_lines_that_tell_of_something_wrong_are_counted() -> None:
    """Warnings and errors, each for itself; what is only told is not."""
    instruments = Instruments()
    log = logging.getLogger("bot.test")
    with Lines(instruments):
        log.info("fine")
        log.warning("hm")
        log.error("oh")
        log.critical("oh no")
    log.error("nobody listens any more")
    count = instruments.registry.get_sample_value
    assert count("hearth_log_lines_total", {"level": "warning"}) == 1
    assert count("hearth_log_lines_total", {"level": "error"}) == 2


def test_presses_that_nobody_answers_are_forgotten() -> None:
    """What waits for its first answer does not grow for ever; the oldest goes."""
    instruments = Instruments()
    for number in range(MOST_AWAITED + 1):
        instruments.event("INTERACTION_CREATE", {"id": str(number)})
    instruments.first_answer(0)
    instruments.first_answer(1)
    assert instruments.registry.get_sample_value("hearth_answer_seconds_count") == 1


async def test_the_dashboard_asks_only_for_figures_that_exist(watched: Running, page: str) -> None:
    """Every figure in Grafana's file is on the page, and none of Hearth's is left out."""
    board = json.loads((ROOT / "dashboards/hearth.json").read_text(encoding="utf-8"))
    asked = {
        one
        for panel in board["panels"]
        for target in panel.get("targets", ())
        for one in families(target["expr"])
    }
    await founded(watched)
    there = families(await text(f"{page}/metrics"))
    assert asked
    assert asked - {"hearth_rate_limited"} <= there  # nobody was limited yet
    assert there - asked == set()


async def test_the_operators_page_explains_every_figure(watched: Running, page: str) -> None:
    """docs/operations.md says of each what is normal and what to do, and of no other."""
    words = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    table = words.partition("| figure |")[2].partition("\n\n")[0]
    rows = [name for line in table.splitlines() for name in OURS.findall(line.split("|")[1])]
    await founded(watched)
    there = families(await text(f"{page}/metrics")) | {"hearth_rate_limited"}
    assert sorted(rows) == sorted(there)
    assert families(words) <= there, "an alert asks for what there is not"

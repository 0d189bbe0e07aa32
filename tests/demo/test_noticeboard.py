"""What the bot posts is found once, and what a split costs is told from everything else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.clockwork import Family, Seen, owner_of
from demo.noticeboard import Noticeboard
from sandbox import acts
from sandbox.app import Sandbox

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(*presses: str) -> list[dict[str, Any]]:
    """Return a row of buttons."""
    buttons = [{"type": 2, "style": 2, "label": "x", "custom_id": press} for press in presses]
    return [{"type": 1, "components": buttons}]


async def test_each_notice_is_found_once() -> None:
    """Only messages of the bot with buttons count, each one time, also in DMs."""
    sandbox = Sandbox(start=NOW)
    server = sandbox.add_server()
    kim = await sandbox.person(server, "Kim")
    general, bot = server.channel("general"), sandbox.state.bot
    board = Noticeboard(sandbox.state, server)
    await kim.write(general, "hello")
    acts.send(sandbox.world, bot, general, acts.Draft("plain"))
    acts.send(sandbox.world, bot, general, acts.Draft("one", components=row("wave:1:2", "wave:9")))
    acts.send(sandbox.world, bot, kim.dm, acts.Draft("two", components=row("letter-fewer:3")))
    assert [notice.verbs for notice in board.new()] == [
        {"wave": ("1", "2")},
        {"letter-fewer": ("3",)},
    ]
    assert not list(board.new())
    sandbox.clock.set(NOW + timedelta(hours=1))
    sent = acts.send(sandbox.world, bot, general, acts.Draft("x", components=row("ritual-in:1")))
    assert [notice.message for notice in board.new()] == [sent]


FIRST = Family(1, {11, 12}, {500, 600}, {("500", "13")})
SECOND = Family(2, {21}, {501, 601})
CLOSE = "DELETE /channels/{channel_id}/permissions/{overwrite_id}"
ROLES = "PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}"
POST = "POST /channels/{channel_id}/messages"


@pytest.mark.parametrize(
    ("seen", "split"),
    [
        (Seen(ROLES, {"user_id": "11", "role_id": "600"}), 1),
        (Seen("PATCH /guilds/{guild_id}/members/{user_id}", {"user_id": "21"}), 2),
        (Seen(ROLES, {"user_id": "99", "role_id": "600"}), None),
        (Seen("POST /guilds/{guild_id}/roles", {"guild_id": "1"}, {}, {"id": "601"}), 2),
        (Seen("PUT /channels/{channel_id}/permissions/{id}", {"channel_id": "501"}), 2),
        (Seen(POST, {"channel_id": "501"}, {"components": row("charter:2:split-2")}), 2),
        (Seen(POST, {"channel_id": "501"}, {"components": row("wave:11:5")}), None),
        (Seen(POST, {"channel_id": "500"}, {"components": row("ritual-in:11")}), None),
        (Seen(POST, {"channel_id": "77"}, {"components": row("question-open:21:5")}), 2),
        (Seen(POST, {"channel_id": "77"}, {"components": row("question-open:99:5")}), None),
        (Seen(POST, {"channel_id": "77"}, {"components": row("letter-open:1:5")}), None),
        (Seen(CLOSE, {"channel_id": "500", "overwrite_id": "12"}), 1),
        (Seen(CLOSE, {"channel_id": "500", "overwrite_id": "13"}), None),
        (Seen("POST /guilds/{guild_id}/channels", {"guild_id": "1"}, {}, {"id": "3"}), 1),
        (Seen("POST /interactions/{interaction_id}/{token}/callback", {}), None),
        (Seen("PATCH /webhooks/{application_id}/{token}/messages/@original", {}), None),
    ],
)
def test_requests_belong_to_the_split_that_caused_them(seen: Seen, split: int | None) -> None:
    """By person, role and room; what nobody else can have caused counts to the first."""
    found = owner_of(seen, [FIRST, SECOND])
    assert (None if found is None else found.split_id) == split

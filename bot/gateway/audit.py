"""What the audit log knows: who took what, and what became of a creation that a crash cut off."""

from datetime import datetime
from typing import Any

import discord

from bot.errors import EffectError
from bot.gateway.apply import Hands
from bot.gateway.errors import effects

PAGE = 100  # the most that Discord returns in one call
ROLE_UPDATE, ROLE_CREATE, CHANNEL_CREATE = 25, 30, 10  # Discord's numbers for these acts
OVERWRITE_UPDATE, OVERWRITE_DELETE = 14, 15


MADE = "Hearth: made once, as "


def made(creation_id: str) -> str:
    """Return the audit reason of a creation, by which it is found again after a crash."""
    return f"{MADE}{creation_id}"


def creation_of(reason: str | None) -> str | None:
    """Return the id of the creation that an audit reason carries."""
    return reason.removeprefix(MADE) if reason is not None and reason.startswith(MADE) else None


async def taken_by_people(hands: Hands) -> dict[tuple[int, int], datetime]:
    """Return (member, role) to when, where the last hand on it was another's that took it.

    One request. Empty when the log may not be read: then nothing can be known, and a role that is
    missing is taken for a write that was lost.
    """
    try:
        entries = await _entries(hands, ROLE_UPDATE)
    except EffectError:
        return {}
    seen: set[tuple[int, int]] = set()
    taken: dict[tuple[int, int], datetime] = {}
    for entry in entries:  # newest first
        for change in entry.get("changes", ()):
            for role in change.get("new_value") or ():
                place = (int(entry["target_id"] or 0), int(role["id"]))
                if place in seen:
                    continue
                seen.add(place)
                if change["key"] == "$remove" and int(entry["user_id"] or 0) != hands.guild.me.id:
                    taken[place] = discord.utils.snowflake_time(int(entry["id"]))
    return taken


async def who_gave(hands: Hands, user_id: int, role_id: int) -> int | None:
    """Return who gave a member a role last, None if it was Hearth or the log does not say.

    One request.
    """
    try:
        entries = await _entries(hands, ROLE_UPDATE)
    except EffectError:
        return None
    for entry in entries:  # newest first
        if int(entry["target_id"] or 0) != user_id:
            continue
        for change in entry.get("changes", ()):
            given = {int(role["id"]) for role in change.get("new_value") or ()}
            if change["key"] == "$add" and role_id in given:
                by = int(entry["user_id"] or 0)
                return by if by not in {0, hands.guild.me.id} else None
    return None


async def givers(hands: Hands, role_id: int) -> dict[int, int]:
    """Return who gave members a role, and how often, as far as one page of the log goes."""
    found: dict[int, int] = {}
    for entry in await _entries(hands, ROLE_UPDATE):
        for change in entry.get("changes", ()):
            given = {int(role["id"]) for role in change.get("new_value") or ()}
            by = int(entry["user_id"] or 0)
            if change["key"] == "$add" and role_id in given and by not in {0, hands.guild.me.id}:
                found[by] = found.get(by, 0) + 1
    return found


async def shut_out_by_people(hands: Hands) -> dict[tuple[int, int], datetime]:
    """Return (room, member) to when, where the last hand that changed the entry was another's.

    Two requests; for entries that let nobody in any more. Empty when the log may not be read.
    """
    try:
        entries = [
            *await _entries(hands, OVERWRITE_UPDATE),
            *await _entries(hands, OVERWRITE_DELETE),
        ]
    except EffectError:
        return {}
    last: dict[tuple[int, int], Any] = {}
    for entry in entries:
        place = int(entry["target_id"] or 0), int(entry.get("options", {}).get("id", 0))
        if place not in last or int(last[place]["id"]) < int(entry["id"]):
            last[place] = entry
    return {
        place: discord.utils.snowflake_time(int(entry["id"]))
        for place, entry in last.items()
        if int(entry["user_id"] or 0) != hands.guild.me.id
    }


async def find_made(hands: Hands, creation_id: str, *, role: bool) -> int | None:
    """Return the role or channel that was made under a creation's id, if there is one."""
    kind = ROLE_CREATE if role else CHANNEL_CREATE
    for entry in await _entries(hands, kind, hands.guild.me.id):
        if entry.get("reason") == made(creation_id) and entry.get("target_id"):
            return int(entry["target_id"])
    return None


async def made_twice(hands: Hands, *, role: bool) -> dict[str, set[int]]:
    """Return, by creation, the roles or channels of which more than one was made; one request."""
    kind = ROLE_CREATE if role else CHANNEL_CREATE
    found: dict[str, set[int]] = {}
    for entry in await _entries(hands, kind, hands.guild.me.id):
        creation_id = creation_of(entry.get("reason"))
        if creation_id is not None and entry.get("target_id"):
            found.setdefault(creation_id, set()).add(int(entry["target_id"]))
    return {creation_id: made for creation_id, made in found.items() if len(made) > 1}


async def still_there(hands: Hands, made_id: int, *, role: bool) -> bool:
    """Return whether what was made is still there, by asking Discord."""
    with effects():
        if role:
            return any(
                int(one["id"]) == made_id
                for one in await hands.client.http.get_roles(hands.server_id)
            )
        try:
            await hands.client.http.get_channel(made_id)
        except discord.NotFound:
            return False
        except discord.Forbidden:
            return True  # there, but hidden from the bot
        return True


async def _entries(hands: Hands, kind: int, user_id: int | None = None) -> list[Any]:
    with effects():
        log = await hands.client.http.get_audit_logs(
            hands.server_id,
            limit=PAGE,
            user_id=user_id,
            action_type=kind,  # pyright: ignore[reportArgumentType] - one of Discord's numbers
        )
    return sorted(log["audit_log_entries"], key=lambda entry: -int(entry["id"]))

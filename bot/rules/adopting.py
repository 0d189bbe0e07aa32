"""Adopting a role and a room that were there before: what it would mean, and the way back.

Nothing about the people or the room's past is touched. What Hearth writes into the room is written
down before as it was, so that it can be as it was again; of people's own entries nothing is kept,
they stay as they are.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import UserError
from bot.rules import access, charter
from bot.rules.access import Overwrite, RoomEdit
from bot.rules.message import Button, Line, Message
from bot.rules.naming import clean, safe

SHOWN = 8  # rooms, roles or people that a line names; more are counted
_SIGN = re.compile(r"^[\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Found:
    """A role and a room as Discord shows them; `role_id` None: the room alone, person by person."""

    role_id: int | None
    role_name: str
    colour: int
    room_id: int
    room_name: str
    topic: str
    people: frozenset[int]  # who has the role, or an entry of their own that lets them in
    entries: tuple[Overwrite, ...]  # the room's
    bot_id: int
    managed: bool = False  # handed out by a bot, a shop or Discord itself: nobody else may
    too_high: bool = False  # above Hearth's own role
    hidden: bool = False  # Hearth may not look into the room
    whole: bool = True  # everybody in the server is known
    opens: tuple[int, ...] = ()  # other rooms that the role opens
    rights: bool = False  # the role has rights of its own in the whole server
    givers: tuple[int, ...] = ()  # who gave it lately, by the audit log
    asked_for: bool = False  # given out by the answers to the server's onboarding


@dataclass(frozen=True, slots=True)
class Preview:
    """What adopting would mean, counted; nothing has been done."""

    name: str
    emoji: str
    type: str
    cap: int
    homes: int
    guests: int
    barred: int
    by_role: bool

    @property
    def too_full(self) -> bool:
        """Whether more people live there than there are seats: it rests until it has split."""
        return self.homes > self.cap


def called(found: Found) -> tuple[str, str]:
    """Return the emoji and the name that the group gets, read off its role or its room.

    UserError where neither makes a name.
    """
    words = found.role_name if found.role_id is not None else found.room_name.replace("-", " ")
    shown = clean(words)
    sign = _SIGN.match(shown)
    emoji = sign[0].strip(" -_|·・︱│┃") if sign is not None else ""
    rest = shown[sign.end() :] if sign is not None else shown
    if found.role_id is None:
        rest = rest[:1].upper() + rest[1:]
    return (emoji if charter.is_emoji(emoji) else charter.DEFAULT_EMOJI), charter.name(rest)


def purpose(topic: str) -> str:
    """Return the room's topic where it can stand as a purpose, else nothing."""
    try:
        return charter.purpose(topic)
    except UserError:
        return ""


def require_possible(found: Found) -> None:
    """UserError says what stands in the way on Discord's side, and what to do about it."""
    role = found.role_id
    if not found.whole:
        raise UserError("adopt.not_seen")
    if found.hidden:
        raise UserError("adopt.hidden", room=found.room_id)
    if role is not None and found.managed:
        raise UserError("adopt.managed", role=role)
    if role is not None and found.too_high:
        raise UserError("adopt.too_high", role=role)


def previewed(found: Found, preview: Preview, type_id: int) -> Message:
    """Return the dry run: what would become of people and room, and who hands the role out."""
    names = {"group": safe(preview.name), "emoji": preview.emoji, "type": safe(preview.type)}
    people = {"n": preview.homes, "cap": preview.cap}
    lines = [Line("adopt.head", {**names, "room": found.room_id})]
    if found.role_id is not None:
        lines.append(Line("adopt.role", {"role": found.role_id}))
    lines.append(Line("adopt.homes", people))
    if preview.too_full:
        lines.append(Line("adopt.too_full", people))
    if preview.guests:
        lines.append(Line("adopt.guests", {"n": preview.guests}))
    if preview.barred:
        lines.append(Line("adopt.barred", {"n": preview.barred}))
    lines += _room_lines(found)
    if found.role_id is not None:
        lines += _hands(found)
    lines.append(Line("adopt.not_counted"))
    lines.append(Line("adopt.can_be_undone"))
    press = f"adopt-go:{found.role_id or 0}:{found.room_id}:{type_id}"
    return Message(
        tuple(lines),
        (Button("adopt.do_it", press, "success"), Button("adopt.leave_it", "adopt-leave")),
    )


def adopted(name: str, emoji: str, room_id: int, log_id: int, *, rests: bool) -> Message:
    """Return that it is done, with the way back and what to do next."""
    lines = [Line("adopt.done", {"group": safe(name), "emoji": emoji, "room": room_id})]
    if rests:
        lines.append(Line("adopt.done_rests"))
    lines.append(Line("adopt.done_next"))
    return Message(tuple(lines), (Button("adopt.take_back", f"log-undo:{log_id}"),))


def notice(group_id: int, text: str = "adopt.notice") -> Message:
    """Return what the room reads of people who were not asked: of an adoption, or an import."""
    buttons = (
        Button("adopt.count_me", f"adopt-hello:{group_id}", "success"),
        Button("adopt.what_changes", f"adopt-what:{group_id}"),
    )
    return Message((Line(text),), buttons)


def _room_lines(found: Found) -> list[Line]:
    lines: list[Line] = []
    roles = {
        one.target_id
        for one in found.entries
        if one.kind == "role" and access.lets_in(one) and one.target_id != found.role_id
    }
    if roles:
        lines.append(Line("adopt.also_in", {"roles": _few([f"<@&{r}>" for r in sorted(roles)])}))
    if found.opens:
        rooms = _few([f"<#{room}>" for room in found.opens])
        lines.append(Line("adopt.opens_more", {"rooms": rooms}))
    if found.rights:
        lines.append(Line("adopt.has_rights"))
    return lines


def _hands(found: Found) -> list[Line]:
    lines: list[Line] = []
    if found.asked_for:
        lines.append(Line("adopt.given_by_onboarding"))
    if found.givers:
        who = _few([f"<@{user}>" for user in found.givers])
        lines.append(Line("adopt.given_by", {"people": who}))
    if not lines:
        lines.append(Line("adopt.given_by_hand"))
    lines.append(Line("adopt.given_from_now"))
    return lines


def _few(shown: Sequence[str]) -> str:
    more = f" +{len(shown) - SHOWN}" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more


# --- the way back ----------------------------------------------------------------------------


def written_down(found: Found) -> dict[str, Any]:
    """Return what has to be known to give role and room back; nothing about a person."""
    return {
        "role": found.role_name,
        "colour": found.colour,
        "room": found.room_name,
        "topic": found.topic,
        "entries": {
            str(one.target_id): [one.allow, one.deny]
            for one in found.entries
            if one.kind == "role" or one.target_id == found.bot_id
        },
    }


def read_entries(kept: Mapping[str, Any], bot_id: int) -> dict[int, Overwrite]:
    """Return the entries that `written_down` kept, by target."""
    return {
        int(target): Overwrite(
            int(target), "member" if int(target) == bot_id else "role", allow, deny
        )
        for target, (allow, deny) in kept["entries"].items()
    }


def given_back(
    before: Mapping[int, Overwrite],
    now: Mapping[int, Overwrite],
    *,
    bot_id: int,
    ours: frozenset[int],
    may: int,
    by_role: bool = True,
) -> RoomEdit:
    """Return how a room becomes as it was, as far as Hearth has changed it.

    `ours` are the roles that Hearth writes into rooms (@everyone's entry too), `may` the bits that
    the bot can write. Hearth's own entry goes last, when nothing else is left to do. Entries of
    roles that a person added since, and those of people, stay; keys of guests go where the people
    of the room have a role. Where they have entries of their own, guests had to leave before.
    """
    writes: list[Overwrite] = []
    erases: list[Overwrite] = []
    for target in sorted(ours & before.keys()):
        old = before[target]
        writable = Overwrite(target, "role", old.allow & may, old.deny & may)
        if now.get(target) not in {old, writable}:
            writes.append(writable)
    for target, one in now.items():
        if target in before or target == bot_id:
            continue
        if (one.kind == "role" and target in ours) or (by_role and _is_key(one, may)):
            erases.append(one)
    if not writes and not erases:
        mine = before.get(bot_id)
        if mine is None and bot_id in now:
            erases.append(now[bot_id])
        elif mine is not None and now.get(bot_id) != mine:
            writes.append(mine)
    return RoomEdit(tuple(writes), tuple(erases))


def _is_key(one: Overwrite, may: int) -> bool:
    """Return whether a person's entry is exactly what Hearth gives to guests."""
    opened = one.allow | (one.deny & access.HISTORY)
    exact = {access.LIVE, access.LIVE & may}
    return one.kind == "member" and opened in exact and not one.deny & ~access.HISTORY

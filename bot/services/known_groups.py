"""The groups that a person may know of: listed, found by whatever they typed, and suggested."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules import naming
from bot.rules.group_messages import plain
from bot.texts import Say, catalogue
from models import Facilitator, Group, GroupType, Invitation, Membership, Visit, Waiting

MENTION = re.compile(r"<(?:#|@&)(\d{15,20})>")
MOST_SUGGESTIONS = 25  # Discord's limit for one autocomplete answer


@dataclass(frozen=True, slots=True)
class Known:
    """One group as a person may know it."""

    id: int
    name: str
    emoji: str
    state: str
    seats: int
    kind: str
    listed: bool
    role_id: int | None
    room_id: int | None


async def known(
    session: AsyncSession, server_id: int, user_id: int | None, *, unlisted: bool = False
) -> list[Known]:
    """Return the groups that someone may know of, by name.

    An unlisted group is known to those who live in it, visit it, look after it, were invited or
    wait for a seat. With `unlisted` (for owners) all are returned.
    """
    rows = await session.execute(
        select(Group, GroupType.kind, GroupType.listed)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id)
    )
    belongs: set[int] | None = None
    found: list[Known] = []
    for group, kind, listed in rows.all():
        if not listed and not unlisted:
            if belongs is None:
                belongs = set() if user_id is None else await _belongs(session, server_id, user_id)
            if group.id not in belongs:
                continue
        found.append(
            Known(
                id=group.id,
                name=group.name,
                emoji=group.emoji,
                state=group.state,
                seats=max(group.cap - group.homes - group.offered, 0),
                kind=kind,
                listed=listed,
                role_id=group.role_id,
                room_id=group.room_id,
            )
        )
    found.sort(key=lambda group: naming.in_order(group.name))
    return found


async def find(
    session: AsyncSession,
    server_id: int,
    text: str,
    *,
    for_user: int | None,
    unlisted: bool = False,
) -> Group:
    """Return the group that `text` means: its id, its name, its #room or @role.

    UserError with what may have been meant; a group that the person may not know of answers like
    one that does not exist.
    """
    groups = await known(session, server_id, for_user, unlisted=unlisted)
    typed = text.strip()
    match = MENTION.fullmatch(typed)
    wanted = naming.key(typed)
    for group in groups:
        if match is not None and int(match[1]) in {group.role_id, group.room_id}:
            return await session.get_one(Group, group.id)
        if typed.isdecimal() and len(typed) < 19 and group.id == int(typed):
            return await session.get_one(Group, group.id)
    for group in groups:
        # A room's name as it stands in the list of channels: #🌊-riverside
        room = naming.key(naming.room_name(group.emoji, group.name))
        if wanted and (naming.key(group.name) == wanted or room == wanted.removeprefix("#")):
            return await session.get_one(Group, group.id)
    guesses = naming.near(wanted.removeprefix("#"), [group.name for group in groups])
    if guesses:
        raise UserError("groups.did_you_mean", names=", ".join(map(naming.safe, guesses)))
    raise UserError("groups.not_found")


async def suggest(
    session: AsyncSession,
    server_id: int,
    typed: str,
    *,
    for_user: int | None,
    unlisted: bool = False,
    among: set[int] | None = None,
    say: Say | None = None,
) -> list[tuple[str, str]]:
    """Return up to 25 pairs of a label and a group's id as text, for autocomplete.

    What matches what was typed so far; open groups with seats come first, then by name.
    """
    speak = say or catalogue()
    wanted = naming.key(typed.strip().removeprefix("#"))
    groups = [
        group
        for group in await known(session, server_id, for_user, unlisted=unlisted)
        if (among is None or group.id in among)
        and (
            wanted in naming.key(group.name)
            or wanted in naming.key(naming.room_name(group.emoji, group.name))
        )
    ]
    groups.sort(key=lambda g: not (g.state == "open" and g.seats))
    labels: list[tuple[str, str]] = []
    for group in groups[:MOST_SUGGESTIONS]:
        if group.state != "open":
            label = speak(f"groups.option_{group.state}", group=plain(group.emoji, group.name))
        elif group.seats:
            label = speak(
                "groups.option_seats", group=plain(group.emoji, group.name), n=group.seats
            )
        else:
            label = speak("groups.option_full", group=plain(group.emoji, group.name))
        labels.append((label[:100], str(group.id)))
    return labels


async def _belongs(session: AsyncSession, server_id: int, user_id: int) -> set[int]:
    ids: set[int] = set()
    for wanted in (
        select(Membership.group_id).where(
            Membership.server_id == server_id, Membership.user_id == user_id
        ),
        select(Visit.group_id).where(
            Visit.server_id == server_id, Visit.user_id == user_id, Visit.ended_at.is_(None)
        ),
        select(Facilitator.group_id).where(
            Facilitator.server_id == server_id, Facilitator.user_id == user_id
        ),
        select(Invitation.group_id).where(
            Invitation.server_id == server_id, Invitation.user_id == user_id
        ),
        select(Waiting.group_id).where(Waiting.server_id == server_id, Waiting.user_id == user_id),
    ):
        ids.update(await session.scalars(wanted))
    return ids

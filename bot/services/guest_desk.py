"""Neighbours on the desk of a group, and evenings on the card of what it does together."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import neighbour_cards as cards
from bot.rules.actor import Actor
from bot.rules.ask_cards import Ask
from bot.rules.desk_parts import Part
from bot.rules.guest_cards import Evening
from bot.rules.message import Button, Line, Message
from bot.rules.together_cards import Part as InsidePart
from bot.services import (
    ask_posts,
    facilitators,
    group_asks,
    guest_evenings,
    neighbours,
    rights,
)
from bot.services.groups import of_server
from bot.settings import Settings
from models import Group

MISSED_SHOWN = timedelta(days=7)  # how long an evening that Hearth was not there for is told of


async def desk_part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> Sequence[Part]:
    """Return the way to the neighbours, and which evening waits for a word."""
    del actor, now, settings
    if group.state != "open" or not await rights.listed(session, group):
        return ()
    found = [
        Part(
            "together",
            (Line("guests.desk_line"),),
            (Button("guests.desk_open", f"guest-desk:{group.id}"),),
        )
    ]
    for one in await guest_evenings.of_group(session, group.id):
        if one.guest_id == group.id and not one.agreed:
            line, label = "guests.front_asked", "guests.front_look"
        elif one.group_id == group.id and one.host_id is None and not one.opened:
            line, label = "guests.front_no_host", "guests.front_host"
        else:
            continue
        button = Button(label, f"guest-open:{one.id}:{group.id}", "primary", one.labels)
        found.append(Part("front", (Line(line, one.names),), (button,)))
    for ask in await group_asks.asked_of(session, group.id):
        if not ask.put and not ask.passed:
            button = Button("asks.front_look", f"ask-group-look:{ask.id}", "primary")
            found.append(Part("front", (Line("asks.front"),), (button,)))
    return found


async def desk(
    session: AsyncSession, actor: Actor, group_id: int, now: datetime, settings: Settings
) -> Message:
    """Return everything about a group's neighbours, to who looks after it."""
    del settings
    await rights.require_facilitator(session, actor, group_id)
    group = await of_server(session, actor.server_id, group_id)
    return cards.desk(
        group.id,
        group.name,
        group.emoji,
        evenings=await guest_evenings.of_group(session, group_id),
        missed=await guest_evenings.missed(session, group_id, now - MISSED_SHOWN),
        own_ask=await _own_ask(session, group_id),
        asks=await group_asks.asked_of(session, group_id),
        takes_questions=await neighbours.takes_questions(session, group_id),
        may_host=actor.user_id in await facilitators.active(session, group_id),
    )


async def part(
    session: AsyncSession, actor: Actor, group: Group, now: datetime, settings: Settings
) -> InsidePart | None:
    """Return which evenings a group has before it, and its question to others, for those inside."""
    del now, settings
    found = [one for one in await guest_evenings.of_group(session, group.id) if one.agreed]
    lines = [_inside(one, group.id) for one in found]
    buttons = [
        Button("guests.come", f"guest-come:{one.id}:card", "primary")
        for one in found
        if one.guest_id == group.id and not one.by_door
    ]
    if group.state != "archived" and await ask_posts.belongs(
        session, group.server_id, actor.user_id, group.id
    ):
        ask = await _own_ask(session, group.id)
        key = "asks.together" if ask is None else "asks.together_open"
        lines.append(Line(key, {} if ask is None else ask.names))
        label = "asks.ask_button" if ask is None else "asks.see_button"
        buttons.append(Button(label, f"ask-group-open:{group.id}"))
    return InsidePart(tuple(lines), tuple(buttons)) if lines else None


async def _own_ask(session: AsyncSession, group_id: int) -> Ask | None:
    row = await group_asks.open_of(session, group_id)
    return None if row is None else await ask_posts.shown(session, row)


def _inside(one: Evening, group_id: int) -> Line:
    whose = "host" if one.group_id == group_id else "guest"
    return Line(f"guests.together_{'runs_' if one.opened else ''}{whose}", one.names)

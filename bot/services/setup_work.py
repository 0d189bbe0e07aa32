"""What a setup consists of after its press, step by step (bot.services.undertakings)."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.errors import UserError
from bot.rules import charter
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.scope import GroupScope
from bot.rules.setup_work_cards import Carried, Work
from bot.services import (
    effects,
    facilitators,
    groups,
    house,
    rights,
    succession,
    types,
    undertakings,
)
from bot.services.outbox import owe
from bot.services.undertakings import Did, Doer, StepShown, Todo
from bot.texts import catalogue
from models import FailedEffect, Group, Server

# An owner who waits longer than this has most likely put the screen away.
LONG = timedelta(minutes=10)


async def make_room(session: AsyncSession, todo: Todo) -> Did:
    """Have a room of the house made; over when setup names it."""
    part, speak = str(todo.content["part"]), catalogue(str(todo.content["language"]))
    server = await session.get_one(Server, todo.server_id)
    room_id: int | None = getattr(server, part)
    if room_id is not None:  # made, or an owner has chosen one meanwhile
        return Did(made_id=room_id)
    subject = f"house:{part}"
    if todo.fresh:
        await effects.succeeded(session, todo.server_id, subject)
        await house.wish(
            session,
            todo.server_id,
            part,
            speak(f"setup.name_{part}"),
            [int(role) for role in todo.content["opens_to"]],
        )
    elif (why := await _refusal(session, todo.server_id, subject)) is not None:
        raise UserError("setup.trouble_room", why=safe(why))
    return Did(over=False)


async def add_types(session: AsyncSession, todo: Todo) -> Did:
    """Add the kinds that were chosen and are not there yet."""
    for kind in todo.content["kinds"]:
        await types.add_kind(
            session,
            todo.server_id,
            kind,
            str(todo.content["language"]),
            paced=bool(todo.content["paced"]),
        )
        if todo.content["turned"]:
            paced = bool(todo.content["paced"])
            await types.repace(session, todo.server_id, kind, paced=paced)
    return Did()


async def make_group(session: AsyncSession, todo: Todo) -> Did:
    """Make a planned group; over when its room is there."""
    if todo.made_id is None:
        wanted = charter.read({"name": "", "purpose": "", **todo.content["fields"]})
        server = await session.get_one(Server, todo.server_id)
        type_ = await types.add_kind(
            session, todo.server_id, str(todo.content["kind"]), server.language, paced=True
        )
        made = await groups.create(
            session, todo.actor, type_id=type_.id, charter=wanted, now=todo.now
        )
        return Did(over=False, made_id=made.id)
    group = await session.get(Group, todo.made_id)
    if group is None or group.room_id is not None:
        return Did()
    subject = f"group:{group.id}"
    if todo.fresh:
        await effects.succeeded(session, todo.server_id, subject)
        note_after_commit(session, GroupScope(todo.server_id, group.id))
    elif (why := await _refusal(session, todo.server_id, subject)) is not None:
        raise UserError("setup.trouble_group", why=safe(why))
    return Did(over=False)


async def give_care(session: AsyncSession, todo: Todo) -> Did:
    """Let the owner look after a group that was made, or ask whom they named."""
    number = int(todo.content["of"])
    group_id = todo.made.get(number)
    if group_id is None:
        gone = todo.states[number] == "left_out"
        return Did(left_out=True) if gone else Did(waits=True)
    if todo.user_id is None or await session.get(Group, group_id) is None:
        return Did()
    if todo.user_id == todo.by_user_id:
        if todo.user_id not in await facilitators.active(session, group_id):
            await succession.take_up(session, todo.actor, group_id=group_id, now=todo.now)
        return Did()
    await facilitators.ask(
        session,
        server_id=todo.server_id,
        group_id=group_id,
        user_id=todo.user_id,
        now=todo.now,
        actor=todo.actor,
    )
    return Did()


async def finish(session: AsyncSession, todo: Todo) -> Did:
    """Tell the owners that all is done, if that took longer than somebody watches."""
    if not {"due", "begun", "stuck"}.isdisjoint(todo.states.values()):
        return Did(waits=True)
    server = await session.get_one(Server, todo.server_id)
    if todo.now - todo.begun_at > LONG and server.owners_room_id is not None:
        key = f"setup-done:{int(todo.begun_at.timestamp())}"
        await owe(
            session,
            server_id=todo.server_id,
            kind="setup-done",
            key=key,
            place="owners",
            message=Message(
                (Line("setup.finished_later"),),
                (Button("setup.finished_button", f"setup-work:look:{todo.undertaking_id}"),),
            ),
            now=todo.now,
        )
    return Did()


DOERS: Mapping[str, Doer] = {
    "setup-room": make_room,
    "setup-types": add_types,
    "setup-group": make_group,
    "setup-care": give_care,
    "setup-finish": finish,
}


async def shown(session: AsyncSession, server_id: int, undertaking_id: int) -> Carried:
    """Return how far a setup is, in an owner's words; rights are the caller's matter."""
    found = await undertakings.progress(session, server_id, undertaking_id)
    made = [s.made_id for s in found.steps if s.what == "setup-group" and s.made_id is not None]
    rows = (await session.scalars(select(Group).where(Group.id.in_(made)))).all()
    rooms = [s.made_id for s in found.steps if s.what == "setup-room" and s.made_id is not None]
    return Carried(
        id=found.id,
        state=found.state,
        work=tuple(_work(step) for step in found.steps),
        rooms=(*rooms, *(row.room_id for row in rows if row.room_id is not None)),
        forming=sum(row.state == "forming" for row in rows),
    )


async def latest(session: AsyncSession, server_id: int) -> int | None:
    """Return the setup that is not over, if there is one."""
    await rights.server_row(session, server_id, allow_paused=True)
    return await undertakings.under_way(session, server_id, "setup")


def _work(step: StepShown) -> Work:
    trouble = None if step.trouble is None else Line(*step.trouble)
    content = step.content
    if step.what == "setup-room":
        return Work(f"setup.step_room_{content['part']}", {}, step.state, trouble)
    if step.what == "setup-types":
        return Work("setup.step_types", {}, step.state, trouble)
    if step.what == "setup-group":
        wanted = charter.read({"name": "", "purpose": "", **content["fields"]})
        name = {"emoji": wanted.emoji, "group": safe(wanted.name)}
        return Work("setup.step_group", name, step.state, trouble)
    if step.what == "setup-care":
        about = {"group": safe(str(content["name"])), "user": step.user_id or 0}
        key = "setup.step_care_you" if content["mine"] else "setup.step_care"
        return Work(key, about, step.state, trouble)
    return Work("setup.step_finish", {}, step.state, trouble)


async def _refusal(session: AsyncSession, server_id: int, subject: str) -> str | None:
    """Return why Discord refused something, if it did."""
    return await session.scalar(
        select(func.max(FailedEffect.why)).where(
            FailedEffect.server_id == server_id, FailedEffect.subject == subject
        )
    )

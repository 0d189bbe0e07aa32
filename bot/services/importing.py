"""A bulk start: groups and homes from files, all of them or none.

Everything is looked at first, and whatever is wrong is told with its line; only when nothing is are
the rows written, in the same transaction. It is an owner's act: a group may end up above its cap,
and is then closed to joins until it has split. Nobody was asked, so nobody is counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules import importing as rules
from bot.rules import naming
from bot.rules.actor import Actor
from bot.rules.adopting import notice
from bot.rules.capacity import ROLES_STOP
from bot.rules.charter import Charter
from bot.rules.importing import GroupLine, MemberLine, Problem, Sheet
from bot.rules.planning import OVERWRITES
from bot.rules.scope import ServerScope
from bot.rules.types import most_people
from bot.services import (
    groups,
    installation,
    keeping_out,
    log,
    rights,
    settling,
    types,
    visits,
)
from bot.services.outbox import owe
from bot.services.upserts import upsert
from models import Apart, Group, GroupType, Member, Membership, Visit, Waiting

IN_ONE_QUERY = 500  # rows; databases bound the number of values in a statement


@dataclass(frozen=True, slots=True)
class Done:
    """What an import changed."""

    made: int = 0
    changed: int = 0
    homes: int = 0
    as_they_were: int = 0


@dataclass(slots=True)
class _Plan:
    """What is to be written, once nothing is wrong."""

    problems: list[Problem]
    make: list[tuple[GroupType, Charter]] = field(default_factory=list[tuple[GroupType, Charter]])
    change: list[tuple[Group, Charter]] = field(default_factory=list[tuple[Group, Charter]])
    homes: list[tuple[str, MemberLine]] = field(default_factory=list[tuple[str, MemberLine]])
    same: int = 0


async def bring_in(
    session: AsyncSession,
    server_id: int,
    sheets: Sequence[Sheet],
    *,
    now: datetime,
    only_look: bool = False,
) -> tuple[Done, list[Problem]]:
    """Write what the sheets say; or nothing, and return every problem, in the files' order.

    UserError where the server is not set up. With `only_look` nothing is written either way.
    """
    await rights.server_row(session, server_id, allow_paused=True)
    plan = _Plan([])
    for sheet in sheets:
        if sheet.kind == "groups":
            await _look_at_groups(session, server_id, sheet, plan)
    for sheet in sheets:
        if sheet.kind == "members":
            await _look_at_members(session, server_id, sheet, plan, now)
    order = {sheet.file: place for place, sheet in enumerate(sheets)}
    problems = sorted(plan.problems, key=lambda p: (order[p.file], p.line))
    done = Done(len(plan.make), len(plan.change), len(plan.homes), plan.same)
    if not problems and not only_look:
        await _write(session, server_id, plan, now)
    return done, problems


async def _look_at_groups(session: AsyncSession, server_id: int, sheet: Sheet, plan: _Plan) -> None:
    lines, problems = rules.groups(sheet)
    plan.problems += problems
    rows = await session.scalars(select(GroupType).where(GroupType.server_id == server_id))
    by_key = {type_.name_key: type_ for type_ in rows}
    known = await _known(session, server_id)
    by_role = sum(by_id.access != OVERWRITES for _group, by_id in known.values())
    for one in sheet.lines:
        typed = one.cells["type"]
        if typed and naming.key(typed) not in by_key:
            params = {"typed": typed[:40], "known": _names(by_key.values())}
            plan.problems.append(Problem(sheet.file, one.number, "import.type_unknown", params))
    for line in lines:
        type_ = by_key.get(naming.key(line.type))
        if type_ is None:
            continue
        key = naming.key(line.name)
        if key not in known:
            if any(naming.key(made.name) == key for _type, made in plan.make):
                params = {"name": line.name, "first": 1}
                plan.problems.append(Problem(sheet.file, line.number, "import.name_twice", params))
                continue
            by_role += type_.access != OVERWRITES
            plan.make.append((type_, line.charter))
            continue
        group, old_type = known[key]
        if old_type.id != type_.id:
            params = {"name": group.name, "type": old_type.name}
            plan.problems.append(Problem(sheet.file, line.number, "import.type_fixed", params))
            continue
        wanted = _as_given(groups.charter_of(group), line)
        if wanted == groups.charter_of(group):
            plan.same += 1
        else:
            plan.change.append((group, wanted))
    if by_role > ROLES_STOP:
        params = {"n": by_role, "most": ROLES_STOP}
        plan.problems.append(Problem(sheet.file, 1, "import.too_many_roles", params))


async def _look_at_members(
    session: AsyncSession, server_id: int, sheet: Sheet, plan: _Plan, now: datetime
) -> None:
    lines, problems = rules.members(sheet, now)
    plan.problems += problems
    known = await _known(session, server_id)
    made = {naming.key(charter.name): (type_, charter) for type_, charter in plan.make}
    names = [group.name for group, _type in known.values()]
    names += [charter.name for _type, charter in made.values()]
    homes = await _homes(session, server_id)
    bars = await _bars(session, server_id)
    planned = {line.user_id: key for key, line in plan.homes}

    def wrong(line: MemberLine, key: str, **params: object) -> None:
        plan.problems.append(Problem(sheet.file, line.number, f"import.{key}", params))

    for line in lines:
        key = naming.key(line.group)
        if key not in known and key not in made:
            near = naming.near(line.group, names)
            if near:
                wrong(line, "group_near", typed=line.group[:40], names=", ".join(near))
            else:
                wrong(line, "group_unknown", typed=line.group[:40])
            continue
        group = known[key][0] if key in known else None
        name = group.name if group is not None else made[key][1].name
        if group is not None and group.state == "archived":
            wrong(line, "group_archived", name=name)
        elif line.user_id in planned:
            wrong(line, "user_twice", user=line.user_id, first=1)
        elif {(line.user_id, 0), (line.user_id, 0 if group is None else group.id)} & bars:
            wrong(line, "barred", user=line.user_id, name=name)
        elif line.user_id not in homes:
            planned[line.user_id] = key
            plan.homes.append((key, line))
        elif group is not None and homes[line.user_id] == group.id:
            plan.same += 1
        else:
            there = await session.get_one(Group, homes[line.user_id])
            wrong(line, "lives_elsewhere", user=line.user_id, name=there.name)
    key_of = {group.id: key for key, (group, _type) in known.items()}
    rooms = await _rooms(session, server_id, key_of)
    for user, key in planned.items():
        rooms.setdefault(user, set()).add(key)
    new = {line.user_id: line for _key, line in plan.homes}
    pairs = await session.execute(
        select(Apart.low_id, Apart.high_id).where(Apart.server_id == server_id)
    )
    for low, high in pairs:
        line = new.get(high) or new.get(low)
        if line is not None and rooms.get(low, set()) & rooms.get(high, set()):
            wrong(line, "kept_apart", user=line.user_id, name=line.group)
    await _fits(session, server_id, sheet, plan)


async def _fits(session: AsyncSession, server_id: int, sheet: Sheet, plan: _Plan) -> None:
    """Note groups that open their rooms person by person and would hold too many."""
    known = await _known(session, server_id)
    made = {naming.key(charter.name): (type_, charter) for type_, charter in plan.make}
    safety = await types.safety_roles(session, server_id)
    by_group: dict[str, list[MemberLine]] = {}
    for key, line in plan.homes:
        by_group.setdefault(key, []).append(line)
    for key, lines in by_group.items():
        type_ = known[key][1] if key in known else made[key][0]
        most = most_people(type_.access, safety)
        n = len(lines) + (known[key][0].homes if key in known else 0)
        if most is not None and n > most:
            params = {"name": lines[0].group, "most": most, "n": n}
            last = lines[-1].number
            plan.problems.append(Problem(sheet.file, last, "import.too_many_entries", params))


async def _write(session: AsyncSession, server_id: int, plan: _Plan, now: datetime) -> None:
    # The operator has the files of the whole installation: more than any owner's right.
    operator = Actor(server_id, log.NOBODY, manages_server=True)
    for type_, charter in plan.make:
        await groups.create(session, operator, type_id=type_.id, charter=charter, now=now)
    for group, charter in plan.change:
        await groups.edit(session, operator, group.id, charter=charter, now=now)
    known = await _known(session, server_id)
    by_group: dict[int, list[MemberLine]] = {}
    for key, line in plan.homes:
        by_group.setdefault(known[key][0].id, []).append(line)
    for group_id, lines in by_group.items():
        await _move_in(session, await session.get_one(Group, group_id), lines, now)
    if plan.homes:
        await log.note(
            session,
            server_id=server_id,
            by_user_id=log.NOBODY,
            action="members-import",
            now=now,
        )
    note_after_commit(session, ServerScope(server_id))
    await installation.look_again(session, server_id)


async def _move_in(
    session: AsyncSession, group: Group, lines: Sequence[MemberLine], now: datetime
) -> None:
    """Write homes down; the first move is free, and counting waits for a press."""
    users = [line.user_id for line in lines]
    here = {"server_id": group.server_id}
    for start in range(0, len(users), IN_ONE_QUERY):
        some = users[start : start + IN_ONE_QUERY]
        rows = [{**here, "user_id": user, "moves": 0, "free_move": True} for user in some]
        await session.execute(
            upsert(session, Member)
            .values(rows)
            .on_conflict_do_update(
                index_elements=["server_id", "user_id"], set_={"free_move": True}
            )
        )
        waits = await session.scalars(
            select(Waiting.user_id).where(Waiting.group_id == group.id, Waiting.user_id.in_(some))
        )
        for user in waits.all():
            await settling.leave_lines(session, group.server_id, user, group.id)
        guests = await session.scalars(
            select(Visit.user_id).where(
                Visit.group_id == group.id, Visit.user_id.in_(some), Visit.ended_at.is_(None)
            )
        )
        for user in guests.all():
            await visits.end_for(
                session, server_id=group.server_id, user_id=user, group_id=group.id, now=now
            )
    session.add_all(
        Membership(
            **here,
            user_id=line.user_id,
            group_id=group.id,
            state="here",
            since=line.since or now,
        )
        for line in lines
    )
    await session.flush()
    await session.execute(
        update(Group).where(Group.id == group.id).values(homes=Group.homes + len(lines))
    )
    await owe(
        session,
        server_id=group.server_id,
        kind="imported",
        key=f"imported:{group.id}:{int(now.timestamp())}",
        place="room",
        group_id=group.id,
        message=notice(group.id, "import.notice"),
        now=now,
    )


def _as_given(old: Charter, line: GroupLine) -> Charter:
    """Return a charter with what the file has a column for; an empty cell is empty or plain."""
    columns = line.given - {"type"}
    return replace(old, **{name: getattr(line.charter, name) for name in columns})


async def _known(session: AsyncSession, server_id: int) -> dict[str, tuple[Group, GroupType]]:
    rows = await session.execute(
        select(Group, GroupType)
        .join(GroupType, GroupType.id == Group.type_id)
        .where(Group.server_id == server_id)
    )
    return {group.name_key: (group, type_) for group, type_ in rows}


async def _homes(session: AsyncSession, server_id: int) -> dict[int, int]:
    rows = await session.execute(
        select(Membership.user_id, Membership.group_id).where(Membership.server_id == server_id)
    )
    return {row.user_id: row.group_id for row in rows}


async def _rooms(
    session: AsyncSession, server_id: int, key_of: dict[int, str]
) -> dict[int, set[str]]:
    """Return by person the groups that they live in or visit."""
    found: dict[int, set[str]] = {}
    homes = select(Membership.user_id, Membership.group_id).where(Membership.server_id == server_id)
    guests = select(Visit.user_id, Visit.group_id).where(
        Visit.server_id == server_id, Visit.ended_at.is_(None)
    )
    for wanted in (homes, guests):
        for user, group in await session.execute(wanted):
            found.setdefault(user, set()).add(key_of[group])
    return found


async def _bars(session: AsyncSession, server_id: int) -> set[tuple[int, int]]:
    """Return who may not live where: barred (group 0: anywhere), or removed not long ago."""
    return set((await keeping_out.read(session, server_id)).bars)


def _names(types_: Iterable[GroupType]) -> str:
    return ", ".join(sorted(type_.name for type_ in types_))

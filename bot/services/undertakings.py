"""Undertakings: what an owner set off with one press, done step by step, whatever happens between.

`begin` writes the steps down; `advance` does as many as can be done now and is called right after
the press and every minute. A step is done by its doer (by the step's `what`), which changes rows
only. One whose rows Discord has yet to follow is *begun* and looked at again; one that a person
must mend is *stuck*, keeps no other step waiting, and can be tried again or left out. What is done
stays done when the rest is cancelled.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.rules.actor import Actor
from bot.services import rights
from bot.settings import Settings
from models import Server, Undertaking, UndertakingStep

Kind = Literal["setup", "import"]
State = Literal["running", "paused", "done", "cancelled"]
StepState = Literal["due", "begun", "done", "stuck", "left_out"]

AT_ONCE = 4  # steps that wait for Discord at the same time
PER_TURN = 20  # steps begun in one transaction: others want to write, too

_RUNNING = Undertaking.state == "running"
ANY_RUNNING = exists().where(_RUNNING)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is written down; `content` must be fit for JSON."""

    what: str
    content: Mapping[str, Any] = field(default_factory=dict[str, Any])
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Todo:
    """What a doer is told: the step, who set it off, and what earlier steps made."""

    server_id: int
    undertaking_id: int
    fresh: bool  # begun for the first time, or tried again
    by_user_id: int  # 0: somebody who was forgotten since
    number: int
    content: Mapping[str, Any]
    user_id: int | None
    made_id: int | None  # what this step made already: Discord was still to follow
    made: Mapping[int, int]  # by an earlier step's number
    states: Mapping[int, StepState]  # of the steps before this one, by number
    begun_at: datetime  # the whole undertaking
    now: datetime
    settings: Settings

    @property
    def actor(self) -> Actor:
        """Who acts: the owner whose press was checked when the undertaking began."""
        return Actor(self.server_id, self.by_user_id, manages_server=True)


@dataclass(frozen=True, slots=True)
class Did:
    """What came of a step; not `over` while Discord has yet to follow.

    A step that `waits` cannot begin before others are over; one that is `left_out` has lost its
    sense, because another was left out.
    """

    over: bool = True
    made_id: int | None = None
    waits: bool = False
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class StepShown:
    """One step as its progress is shown; `trouble` is the text that says what is in the way."""

    what: str
    content: Mapping[str, Any]
    user_id: int | None
    state: StepState
    made_id: int | None
    trouble: tuple[str, Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an undertaking is."""

    id: int
    kind: Kind
    state: State
    begun_at: datetime
    steps: tuple[StepShown, ...]

    @property
    def over(self) -> int:
        """How many steps need nothing more."""
        return sum(step.state in {"done", "left_out"} for step in self.steps)

    @property
    def stuck(self) -> int:
        """How many steps wait for a person."""
        return sum(step.state == "stuck" for step in self.steps)


# Does one step in the caller's transaction. UserError: stuck, until a person has mended it.
Doer = Callable[[AsyncSession, Todo], Awaitable[Did]]


async def begin(
    session: AsyncSession,
    *,
    server_id: int,
    kind: Kind,
    by_user_id: int,
    steps: Sequence[Step],
    now: datetime,
) -> int:
    """Write an undertaking down and return its id; nothing is done yet.

    The server's row must be there, and rights have been checked by the caller. UserError while
    another one of its kind is not over.
    """
    row = Undertaking(server_id=server_id, kind=kind, by_user_id=by_user_id, begun_at=now)
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise UserError("setup.under_way") from None
    for number, step in enumerate(steps):
        session.add(
            UndertakingStep(
                undertaking_id=row.id,
                number=number,
                server_id=server_id,
                what=step.what,
                content=json.dumps(dict(step.content), ensure_ascii=False),
                user_id=step.user_id,
            )
        )
    await session.flush()
    return row.id


async def step_due(
    session: AsyncSession, doers: Mapping[str, Doer], *, now: datetime, settings: Settings
) -> None:
    """Advance every undertaking that runs, in servers where Hearth is not paused."""
    running = await session.scalars(
        select(Undertaking.id)
        .join(Server, Server.id == Undertaking.server_id)
        .where(
            _RUNNING,
            Server.paused_at.is_(None),
            Server.removed_at.is_(None),
        )
        .order_by(Undertaking.id)
    )
    for undertaking_id in running.all():
        await advance(session, undertaking_id, doers, now=now, settings=settings)


async def advance(
    session: AsyncSession,
    undertaking_id: int,
    doers: Mapping[str, Doer],
    *,
    now: datetime,
    settings: Settings,
) -> bool:
    """Do what can be done now; return whether anything moved."""
    row = await session.get(Undertaking, undertaking_id)
    if row is None or row.state != "running":
        return False
    steps = list(await _steps(session, undertaking_id))
    moved, turns = False, 0
    for index, step in enumerate(steps):
        waiting = sum(one.state == "begun" for one in steps)
        if step.state == "due" and (waiting >= AT_ONCE or turns >= PER_TURN):
            break
        if step.state not in {"due", "begun"}:
            continue
        turns += step.state == "due"
        before = (step.state, step.made_id)
        await _do(session, row, step, steps[:index], doers[step.what], now, settings)
        moved |= before != (step.state, step.made_id)
    if all(step.state in {"done", "left_out"} for step in steps):
        row.state, row.closed_at = "done", now
        moved = True
    await session.flush()
    return moved


async def _do(  # noqa: PLR0917 - one step with all it stands among
    session: AsyncSession,
    row: Undertaking,
    step: UndertakingStep,
    before: Sequence[UndertakingStep],
    doer: Doer,
    now: datetime,
    settings: Settings,
) -> None:
    todo = Todo(
        server_id=row.server_id,
        undertaking_id=row.id,
        fresh=step.state == "due",
        by_user_id=row.by_user_id,
        number=step.number,
        content=json.loads(step.content),
        user_id=step.user_id,
        made_id=step.made_id,
        made={one.number: one.made_id for one in before if one.made_id is not None},
        states={one.number: _state(one) for one in before},
        begun_at=row.begun_at,
        now=now,
        settings=settings,
    )
    try:
        async with session.begin_nested():
            did = await doer(session, todo)
    except UserError as refused:
        step.state = "stuck"
        step.trouble = json.dumps([refused.key, dict(refused.params)], ensure_ascii=False)
        return
    step.made_id = did.made_id or step.made_id
    step.trouble = None
    if did.left_out:
        step.state = "left_out"
    elif not did.waits:
        step.state = "done" if did.over else "begun"


async def pause(session: AsyncSession, actor: Actor, undertaking_id: int) -> None:
    """Begin no further step until it goes on; what is begun is finished by the reconciler."""
    row = await _of(session, actor, undertaking_id)
    if row.state == "running":
        row.state = "paused"
    await session.flush()


async def go_on(session: AsyncSession, actor: Actor, undertaking_id: int) -> None:
    """Let a paused undertaking go on."""
    row = await _of(session, actor, undertaking_id)
    if row.state == "paused":
        row.state = "running"
    await session.flush()


async def cancel(
    session: AsyncSession, actor: Actor, undertaking_id: int, *, now: datetime
) -> None:
    """End an undertaking for good: what is done stays, the rest is not done."""
    row = await _of(session, actor, undertaking_id)
    if row.closed_at is None:
        row.state, row.closed_at = "cancelled", now
    await session.flush()


async def try_again(session: AsyncSession, actor: Actor, undertaking_id: int) -> None:
    """Have what is stuck tried once more."""
    await _of(session, actor, undertaking_id)
    await _unstick(session, undertaking_id, "due")


async def leave_out(
    session: AsyncSession, actor: Actor, undertaking_id: int, *, now: datetime
) -> None:
    """Leave out what is stuck; the undertaking is over when nothing else is open."""
    row = await _of(session, actor, undertaking_id)
    await _unstick(session, undertaking_id, "left_out")
    if row.closed_at is None and all(
        step.state in {"done", "left_out"} for step in await _steps(session, undertaking_id)
    ):
        row.state, row.closed_at = "done", now
    await session.flush()


async def progress(session: AsyncSession, server_id: int, undertaking_id: int) -> Progress:
    """Return how far an undertaking of this server is; UserError when there is none."""
    row = await session.get(Undertaking, undertaking_id)
    if row is None or row.server_id != server_id:
        raise UserError("errors.expired")
    return Progress(
        id=row.id,
        kind="import" if row.kind == "import" else "setup",
        state=row.state,  # pyright: ignore[reportArgumentType] - the table's check
        begun_at=row.begun_at,
        steps=tuple(_shown(step) for step in await _steps(session, undertaking_id)),
    )


async def under_way(session: AsyncSession, server_id: int, kind: Kind) -> int | None:
    """Return the undertaking of this kind that is not over, if there is one."""
    return await session.scalar(
        select(Undertaking.id).where(
            Undertaking.server_id == server_id,
            Undertaking.kind == kind,
            Undertaking.closed_at.is_(None),
        )
    )


async def waiting_for(session: AsyncSession, undertaking_id: int, what: str) -> list[int]:
    """Return what steps of one sort have made that Discord has yet to follow."""
    return [
        step.made_id
        for step in await _steps(session, undertaking_id)
        if step.what == what and step.state == "begun" and step.made_id is not None
    ]


async def _of(session: AsyncSession, actor: Actor, undertaking_id: int) -> Undertaking:
    await rights.require_owner(session, actor)
    row = await session.get(Undertaking, undertaking_id)
    if row is None or row.server_id != actor.server_id:
        raise UserError("errors.expired")
    return row


async def _unstick(session: AsyncSession, undertaking_id: int, state: StepState) -> None:
    await session.execute(
        update(UndertakingStep)
        .where(UndertakingStep.undertaking_id == undertaking_id, UndertakingStep.state == "stuck")
        .values(state=state, trouble=None)
    )


async def _steps(session: AsyncSession, undertaking_id: int) -> Sequence[UndertakingStep]:
    found = await session.scalars(
        select(UndertakingStep)
        .where(UndertakingStep.undertaking_id == undertaking_id)
        .order_by(UndertakingStep.number)
        .execution_options(populate_existing=True)
    )
    return found.all()


def _state(step: UndertakingStep) -> StepState:
    return cast("StepState", step.state)  # the table's own check


def _shown(step: UndertakingStep) -> StepShown:
    trouble: tuple[str, Mapping[str, Any]] | None = None
    if step.trouble is not None:
        key, params = json.loads(step.trouble)
        trouble = (key, params)
    return StepShown(
        what=step.what,
        content=json.loads(step.content),
        user_id=step.user_id,
        state=_state(step),
        made_id=step.made_id,
        trouble=trouble,
    )

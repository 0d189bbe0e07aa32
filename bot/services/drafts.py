"""Nothing typed is lost: a refused form is kept, and [Fix it] opens it filled."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models import Draft


async def keep(
    session: AsyncSession,
    *,
    server_id: int,
    user_id: int,
    form: str,
    fields: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep what someone typed into `form` (its verb and arguments), in place of an older one."""
    await session.merge(
        Draft(
            server_id=server_id,
            user_id=user_id,
            form=form,
            content=json.dumps(dict(fields), ensure_ascii=False),
            at=now,
        )
    )
    await session.flush()


async def kept(session: AsyncSession, *, server_id: int, user_id: int, form: str) -> dict[str, str]:
    """Return what was kept of `form`, by field; empty if nothing was."""
    row = await session.get(Draft, (server_id, user_id, form))
    return {} if row is None else json.loads(row.content)


async def done(session: AsyncSession, *, server_id: int, user_id: int, form: str) -> None:
    """Let the draft go: the form was accepted."""
    row = await session.get(Draft, (server_id, user_id, form))
    if row is not None:
        await session.delete(row)
        await session.flush()

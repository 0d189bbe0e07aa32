"""What groups wait for, and what would do them good: a part of /hearth check."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules import charter
from bot.rules.naming import in_order, safe
from models import Facilitator, Group, GroupAnswer, Question

NAMED = 5  # groups that one line names; the others are counted


@dataclass(frozen=True, slots=True)
class Wanting:
    """One line: the key of its text and what fills it in."""

    key: str
    params: dict[str, Any]


async def wanting(session: AsyncSession, server_id: int) -> list[Wanting]:
    """Return which groups are not open yet, or lack somebody, part of a charter, or what fits them.

    Only groups in which people live or will: what rests or has ended wants nothing. For owners,
    who know of all groups.
    """
    groups = (
        await session.scalars(
            select(Group).where(Group.server_id == server_id, Group.state.in_(("forming", "open")))
        )
    ).all()
    cared = set(
        await session.scalars(
            select(Facilitator.group_id).where(
                Facilitator.server_id == server_id, Facilitator.state == "active"
            )
        )
    )
    wanted = (
        ("checks.groups_forming", [g for g in groups if g.state == "forming"]),
        ("checks.groups_alone", [g for g in groups if g.state == "open" and g.id not in cared]),
        ("checks.charters_lack", [g for g in groups if g.state == "open" and _lacks(g)]),
        ("checks.fits_unsaid", await _unsaid(session, server_id, groups)),
    )
    return [Wanting(key, _named(found)) for key, found in wanted if found]


async def _unsaid(session: AsyncSession, server_id: int, groups: Sequence[Group]) -> list[Group]:
    """Return the groups that have not said what fits them: nobody is asked for their sake.

    None where owners have switched off every question that could be asked. What a server starts
    out with is written down when it is first looked at.
    """
    rows = await session.execute(
        select(Question.about, Question.off).where(Question.server_id == server_id)
    )
    questions = [(about, off) for about, off in rows]
    if questions and not any(about == "fit" and not off for about, off in questions):
        return []
    told = set(
        await session.scalars(
            select(GroupAnswer.group_id)
            .join(Group, Group.id == GroupAnswer.group_id)
            .where(Group.server_id == server_id)
            .distinct()
        )
    )
    return [group for group in groups if group.id not in told]


def _lacks(group: Group) -> bool:
    return bool(
        charter.lacks(
            purpose=group.purpose, for_whom=group.for_whom, unites=group.unites, norms=group.norms
        )
    )


def _named(groups: Sequence[Group]) -> dict[str, Any]:
    names = sorted((group.name for group in groups), key=in_order)
    shown = ", ".join(safe(name) for name in names[:NAMED])
    return {"n": len(names), "groups": shown + (" …" if len(names) > NAMED else "")}

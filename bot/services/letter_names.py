"""Whom a group's letters tell of: one short list per group and week, for all who look after it.

A silence joins the list (`named_at`) when a letter is due to somebody who looks after the group and
the week has room; who used to be around and newcomers who fell silent have places of their own.
Whoever looks after the group reads the same names, each in the letter that comes to them next, and
sees what the others did. Who looks after a group is never on its list: that is asked of themselves,
and later of those who help them.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_bounds import SLACK, WEEK, most_names, most_newcomers
from bot.rules.quiet import Close
from bot.services import quiet
from models import Facilitator, Group, Letter, LetterName, Membership, QuietEpisode

SHOWN = tuple(close.value for close in (Close.RETURNED, Close.AWAY, Close.RELEASED))


async def choose(session: AsyncSession, group: Group, now: datetime) -> int:
    """Put silences onto a group's list as far as the week has room; return how many."""
    named = 0
    for kind, most in (("quiet", most_names(group.homes)), ("faded", most_newcomers(group.homes))):
        spent = await session.scalar(
            select(func.count())
            .select_from(QuietEpisode)
            .where(
                QuietEpisode.group_id == group.id,
                QuietEpisode.kind == kind,
                QuietEpisode.named_at > now - WEEK + SLACK,
            )
        )
        room = most - (spent or 0)
        if room <= 0:
            continue
        for episode in (await _in_order(session, group, kind, now))[:room]:
            episode.named_at = now
            named += 1
    await session.flush()
    return named


async def untold(
    session: AsyncSession, office: Facilitator, now: datetime
) -> Sequence[QuietEpisode]:
    """Return what of the group's list this facilitator was not told of yet.

    Of what is over, or was seen to by others, only the last week's.
    """
    told = exists().where(
        LetterName.episode_id == QuietEpisode.id,
        LetterName.letter_id == Letter.id,
        Letter.facilitator_id == office.user_id,
        Letter.written_at >= QuietEpisode.named_at,
    )
    found = await session.scalars(
        select(QuietEpisode)
        .where(
            QuietEpisode.group_id == office.group_id,
            QuietEpisode.user_id != office.user_id,
            or_(_open(now), QuietEpisode.named_at > now - WEEK),
            or_(concerns(), QuietEpisode.closed_by.in_(SHOWN)),
            QuietEpisode.named_at.is_not(None),
            ~told,
        )
        .order_by(QuietEpisode.id)
    )
    return found.all()


def concerns() -> ColumnElement[bool]:
    """Say of a silence that those who look after the group may still do something about it.

    The daily look notices later who is not there any more: they left the server or their home is
    held. Who has come to look after the group meanwhile is asked themselves.
    """
    lives_there = exists().where(
        Membership.server_id == QuietEpisode.server_id,
        Membership.user_id == QuietEpisode.user_id,
        Membership.group_id == QuietEpisode.group_id,
        Membership.state == "here",
    )
    looks_after = exists().where(
        Facilitator.group_id == QuietEpisode.group_id,
        Facilitator.user_id == QuietEpisode.user_id,
        Facilitator.state == "active",
    )
    return and_(QuietEpisode.closed_at.is_(None), lives_there, ~looks_after)


def is_news(episode: QuietEpisode, now: datetime) -> bool:
    """Return whether a silence still waits for a word: a letter is worth writing for it."""
    return (
        episode.closed_at is None
        and episode.reached_out_at is None
        and (episode.snoozed_until is None or episode.snoozed_until <= now)
    )


def _open(now: datetime) -> ColumnElement[bool]:
    """Say in the tables' words what `is_news` says."""
    return and_(
        QuietEpisode.closed_at.is_(None),
        QuietEpisode.reached_out_at.is_(None),
        or_(QuietEpisode.snoozed_until.is_(None), QuietEpisode.snoozed_until <= now),
    )


async def _in_order(
    session: AsyncSession, group: Group, kind: str, now: datetime
) -> Sequence[QuietEpisode]:
    """Return the silences of a group that may join its list, those to tell of first first.

    Who used to be around by how far their patience is exceeded; newcomers the latest first: a word
    reaches them while they still remember why they came.
    """
    found = (
        await session.scalars(
            select(QuietEpisode).where(
                QuietEpisode.group_id == group.id,
                QuietEpisode.kind == kind,
                _open(now),
                # Not now, and that time is over: named anew
                or_(
                    QuietEpisode.named_at.is_(None),
                    QuietEpisode.named_at < QuietEpisode.snoozed_until,
                ),
                concerns(),
            )
        )
    ).all()
    if kind == "faded":
        return sorted(found, key=lambda one: (one.silent_since, one.user_id), reverse=True)
    people = [one.user_id for one in found]
    silences = await quiet.silences(session, group.server_id, people, now)

    def beyond(episode: QuietEpisode) -> tuple[float, int]:
        silent = silences.get(episode.user_id)
        return 0.0 if silent is None else -silent.beyond, episode.user_id

    return sorted(found, key=beyond)

"""A letter as things are now: names, an act for each or what became of them, other matters."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.rules.letter_acts import Known, suggested
from bot.rules.letter_messages import Named, Often, Other, Outcome, Told
from bot.rules.quiet import Close
from bot.services import letter_facts, letter_names, letter_sections, quiet
from models import Facilitator, Group, Letter, LetterName, QuietEpisode

ENDED: dict[str, Outcome] = {
    Close.RETURNED.value: "back",
    Close.AWAY.value: "away",
    Close.RELEASED.value: "fine",
}


async def told(
    session: AsyncSession,
    office: Facilitator,
    group: Group,
    letter: Letter | None,
    *,
    now: datetime,
) -> Told:
    """Return a letter as things are now; without one, only what other matters tell."""
    return Told(
        letter_id=0 if letter is None else letter.id,
        server_id=office.server_id,
        group_id=group.id,
        group=group.name,
        facilitator_id=office.user_id,
        names=[] if letter is None else await _names(session, office, letter, now),
        often=cast("Often", office.letters),
        by_dm=office.letters_by_dm,
        others=[
            Other(section.lines, section.buttons)
            for section in await letter_sections.gather(session, office, group, now)
        ],
    )


async def _names(
    session: AsyncSession, office: Facilitator, letter: Letter, now: datetime
) -> list[Named]:
    rows = await session.scalars(
        select(QuietEpisode)
        .join(LetterName, LetterName.episode_id == QuietEpisode.id)
        .where(
            LetterName.letter_id == letter.id,
            QuietEpisode.group_id == office.group_id,
            # Whoever moved, left or is not counted any more is nobody's business here.
            or_(letter_names.concerns(), QuietEpisode.closed_by.in_(ENDED)),
        )
        .order_by(QuietEpisode.kind.desc(), QuietEpisode.silent_since, QuietEpisode.user_id)
    )
    who_said = await _who_said(session, letter.id)
    episodes = [episode for episode in rows if not _is_lost(episode, who_said)]
    people = [episode.user_id for episode in episodes]
    silences = await quiet.silences(session, office.server_id, people, now)
    facts = await letter_facts.known(session, office, episodes, now)
    since = await letter_facts.lives_here_since(session, office.server_id, office.group_id, people)
    used: set[str] = set()
    names: list[Named] = []
    for episode in episodes:
        user = episode.user_id
        outcome = _outcome(episode, now)
        # Also where it is done with: the others' acts stay what they were.
        act = suggested(facts.get(user, Known(0)), episode.id, used)
        used.add(act.key)
        faded = episode.kind == "faded"
        names.append(
            Named(
                episode.id,
                user,
                (silences[user].lasted if user in silences else now - episode.silent_since).days,
                act if outcome is None else None,
                since.get(user, episode.silent_since) if faded else None,
                outcome,
                who_said.get((episode.id, outcome or "")),
                unusual=user not in silences or silences[user].longer_than_usual,
            )
        )
    return names


async def _who_said(session: AsyncSession, letter_id: int) -> dict[tuple[int, str], int]:
    """Return which facilitator said what about the names of a letter, by silence and word."""
    mine = select(LetterName.episode_id).where(LetterName.letter_id == letter_id)
    rows = await session.execute(
        select(LetterName.episode_id, LetterName.said, Letter.facilitator_id)
        .join(Letter, Letter.id == LetterName.letter_id)
        .where(LetterName.episode_id.in_(mine), LetterName.said.is_not(None))
        .order_by(Letter.id)
    )
    return {(episode, said or ""): user for episode, said, user in rows}


def _is_lost(episode: QuietEpisode, who_said: Mapping[tuple[int, str], int]) -> bool:
    """Return whether a silence was given up after a long time: nobody said that they are fine."""
    return episode.closed_by == Close.RELEASED.value and (episode.id, "fine") not in who_said


def _outcome(episode: QuietEpisode, now: datetime) -> Outcome | None:
    if episode.closed_by is not None:
        return ENDED[episode.closed_by]
    if episode.reached_out_at is not None:
        return "reached"
    if episode.snoozed_until is not None and episode.snoozed_until > now:
        return "later"
    return None

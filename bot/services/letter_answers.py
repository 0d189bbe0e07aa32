"""What a facilitator says about a name in their letter; who else looks after the group sees it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserError
from bot.services import quiet
from bot.services.quiet import Said
from models import Letter, LetterName, QuietEpisode


async def say(
    session: AsyncSession,
    letter_id: int,
    episode_id: int,
    user_id: int,
    *,
    said: Said,
    now: datetime,
) -> None:
    """Note what the facilitator of a letter says about one of its names.

    UserError for anybody else, and for a name that is not in it. What is over by then stands, and
    so does what is another group's matter since a split.
    """
    letter = await session.get(Letter, letter_id)
    name = await session.get(LetterName, (letter_id, episode_id))
    if letter is None or name is None or letter.facilitator_id != user_id:
        raise UserError("letters.not_yours")
    episode = await session.get_one(QuietEpisode, episode_id)
    if episode.group_id != letter.group_id:
        return
    if episode.closed_at is None:
        name.said = said
    await quiet.say(session, episode_id, user_id, said, now)

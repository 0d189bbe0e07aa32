"""What a host may write into a ritual's form, and how it is told when it does not fit."""

from dataclasses import dataclass

from bot.errors import UserError
from bot.rules.naming import clean, safe
from bot.rules.ritual_messages import Pings
from bot.rules.ritual_times import When, read

TITLE_MOST = 60
PROMPT_MOST = 500
PROMPTS_MOST = 60
RITUALS_MOST = 20  # of one group; a menu holds 25
PINGS: tuple[Pings, ...] = ("asked", "nobody", "group")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that fits."""

    title: str
    when: When
    prompts: tuple[str, ...]
    pings: Pings


def checked(*, title: str, when: str, prompts: str, pings: str) -> Filled:
    """Return what the form says; UserError for the first thing that does not fit."""
    name = clean(title)
    if not name:
        raise UserError("rituals.no_title")
    if len(name) > TITLE_MOST:
        raise UserError("rituals.title_long", n=len(name), most=TITLE_MOST)
    at = read(clean(when))
    lines = tuple(dict.fromkeys(line for line in clean(prompts, lines=True).split("\n") if line))
    if not lines:
        raise UserError("rituals.no_prompts")
    if len(lines) > PROMPTS_MOST:
        raise UserError("rituals.many_prompts", n=len(lines), most=PROMPTS_MOST)
    longest = max(lines, key=len)
    if len(longest) > PROMPT_MOST:
        raise UserError(
            "rituals.prompt_long", start=safe(longest[:40]), n=len(longest), most=PROMPT_MOST
        )
    whom = clean(pings).lower() or "asked"
    if whom not in PINGS:
        raise UserError("rituals.pings_word", word=safe(whom[:40]))
    return Filled(name, at, lines, whom)

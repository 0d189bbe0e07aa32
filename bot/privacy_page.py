"""docs/privacy.md, written from the tables: what is kept, why, and when it goes.

The opening is written by hand (bot/texts/what_is_kept.md); everything below it comes from the
schema, so that a table cannot be added without standing there. `python -m bot privacy page` prints
it, and a test compares.
"""

from importlib.resources import files

from sqlalchemy import Table

from bot.rules.keeping import KEPT, MATTERS
from bot.services import personal
from bot.settings import Settings
from bot.texts import catalogue
from models import Base

PERIODS = {
    "retention_days": "on which days you were around, when last, and whether you had gone quiet",
    "ties_days": "how much you and somebody else answered each other; such a number is worth half"
    " after 30 days",
    "left_days": "after you left the server: your choices, answers and wishes, and all that was"
    " counted",
    "drafts_days": "a text that was not accepted, so that you can mend it; a gathering that was"
    " written down and not announced",
    "letters_days": "which names a letter told a facilitator",
    "notes_days": "what facilitators noted for each other about their group",
    "concerns_days": "a private word to facilitators or moderators, after it was closed (twice that"
    " if nobody closed it)",
    "removals_days": "that a place in a group was ended for safety's sake",
    "log_days": "what owners, moderators and facilitators decided",
    "grace_days": "everything about a server that removed Hearth",
}


def page(settings: Settings | None = None) -> str:
    """Return the whole page, with the periods of these settings (None: as they come)."""
    settings = settings or Settings(database="sqlite+aiosqlite://")
    say = catalogue()
    days = {name: getattr(settings, name) for name in PERIODS}
    periods = "\n".join(
        (
            "| days | what |",
            "|---|---|",
            *(f"| {days[n]} | {PERIODS[n]} (`{n}`) |" for n in PERIODS),
        )
    )
    opening = files("bot.texts").joinpath("what_is_kept.md").read_text(encoding="utf-8")
    parts = [opening.format(periods=periods, grace_days=days["grace_days"])]
    about = {table.name: table for table in personal.tables()}
    parts.append(
        f"\n## Every table\nAll {len(Base.metadata.tables)} of them, as the code has them."
        f" {len(about)} can hold something about a person.\n\n"
    )
    for matter in MATTERS:
        mine = [about[name] for name, kept in KEPT.items() if kept.matter == matter]
        parts.append(f"### {say(f'privacy.read_{matter}')}\n{_listed(mine, settings)}\n")
    rest = [t for name, t in sorted(Base.metadata.tables.items()) if name not in about]
    parts.append(f"### About nobody\n{_listed(rest, settings)}")
    return "".join(parts)


def _listed(tables: list[Table], settings: Settings) -> str:
    """Return tables as a table; one about nobody has no columns that name somebody."""
    named = any(personal.people_columns(table) for table in tables)
    head = "| table | what and why | when it goes |" + (" names people in |" if named else "")
    lines = [head, "|---|---|---|" + ("---|" if named else "")]
    for table in tables:
        line = (
            f"| `{table.name}` | {table.info['purpose']} | {personal.erase_rule(table, settings)} |"
        )
        if named:
            columns = [f"`{column.name}`" for column in personal.people_columns(table)]
            line += f" {', '.join(columns) or '`subject`'} |"
        lines.append(line)
    return "\n".join(lines) + "\n"

"""docs/rights.md, written from the table: `python -m tests.rights.page` writes it anew."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.rights.everything import said
from tests.rights.harbour import PARTS
from tests.rights.table import Row, rows

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"

HEADS = {
    "own": "the one it is for",
    "member": "lives there",
    "visitor": "visits",
    "facilitator": "looks after it",
    "other": "looks after another",
    "moderator": "moderator",
    "owner": "owner",
    "barred": "barred",
    "stranger": "has no home",
    "elsewhere": "owner elsewhere",
}
MARKS = {"form": "form", "shows": "reads", "writes": "**does**", "no": "·"}
AREAS = {
    "absence": "Being away",
    "adopted": "Rooms from before Hearth",
    "appeals": "Asking to look again",
    "braking": "The raid brake",
    "bridges": "Sharing with the commons",
    "budding": "Beginning a group out of another",
    "circles": "Being suggested groups",
    "closing": "A last day",
    "concerns": "A private word",
    "decisions": "Who is let in",
    "desk": "The desk",
    "facilitators": "Who looks after a group",
    "finding": "Finding a home",
    "fitting": "What fits a group",
    "goals": "Challenges",
    "cohorts": "Beginning together",
    "gatherings": "Gatherings",
    "groups": "The directory, joining, moving",
    "guests": "Guest evenings",
    "group_asks": "Asking another group",
    "health": "How a group is doing",
    "home": "The home card, leaving",
    "kept_out": "Who is kept out",
    "letters": "Letters",
    "living": "Living together",
    "merging": "Two groups becoming one",
    "notes": "Facilitators' notes",
    "neighbourhoods": "From the neighbourhoods",
    "noticing": "What else is noticed",
    "owners": "Owners' commands",
    "pairs": "Pairs",
    "preparing": "Before a group is full",
    "privacy": "Privacy",
    "pulse": "Pulses",
    "reuniting": "Undoing a split",
    "rituals": "Rituals",
    "ritual_hosts": "Who hosts a ritual, and when it rests",
    "ritual_kinds": "Rituals by kind, and one's own view of them",
    "room_words": "A room's rare words",
    "safety": "Safety",
    "seats": "Waiting for a seat",
    "server_events": "What is wrong, for owners",
    "silent_seats": "Seats after a long silence",
    "split_changes": "Moves by hand before a split",
    "splits": "Splits",
    "together": "What a group does together",
    "visits": "Visits",
    "volunteers": "Who could help",
    "wishes": "Wishes",
}
KINDS = {
    "command": "/{name}",
    "menu": "menu *{name}*",
    "press": "{does} `{name}`",
    "form": "{does} `{name}`, a form",
}

ABOVE = """\
# Who may do what

Every command, every button and menu, every form, and what each part of people gets. This page is \
written from a table (`tests/rights/table/`) that is tried cell by cell: {things} things, {cells} \
cells. Each is asked for as somebody would who writes their own client: with the id of a group \
that is not theirs, of a thing that is over, with an id that is none, twice, in a DM, from another \
server. Whoever gets nothing reads a line that says so; then nothing is written, and no room or \
role is touched.

Rights are decided where the tables change, whatever Discord shows: a command that a server's \
settings show to everybody is still carried out for those in this table only. Everything here is \
about one group, Riverside, or about one person who lives there.

| column | who |
|---|---|
| the one it is for | whose question, offer, word or seat it is; they live in the group |
| lives there | has a home in the group |
| visits | has an open visit to it, and a home elsewhere |
| looks after it | a facilitator of the group |
| looks after another | a facilitator of another group of the server |
| moderator | may moderate members in Discord, and has no home |
| owner | has Manage Server, or the role that setup names |
| barred | was barred from the group |
| has no home | is in the server, and nothing else |
| owner elsewhere | an owner of another server, who sends this server's ids from there; what they \
get, they get in their own server, and nothing here is touched |

**does**: something changes; *reads*: an answer, and nothing changes; *form*: a form opens; a dot: \
is told no. What stands in `code` is the button's, menu's or form's own name, to be looked for in \
`cogs/`.

**Other bots** have no column: Discord lets no bot call a command or press a button. What they \
write or react with is not counted, they are not asked to look after a group, and they get no home.
"""


def page() -> str:
    """Return the page as it has to stand."""
    table = rows()
    cells = sum(len(PARTS) - len(row.cannot) for row in table)
    does = said()
    lines = [ABOVE.format(things=len(table), cells=f"{cells:,}")]
    for area in dict.fromkeys(row.area for row in table):
        lines += _area(area, [row for row in table if row.area == area], does)
    return "\n".join(lines) + "\n"


def _area(area: str, of_it: Sequence[Row], does: Mapping[tuple[str, str], str]) -> Iterator[str]:
    yield f"## {AREAS[area]}\n"
    yield f"| | {' | '.join(HEADS[part] for part in PARTS)} |"
    yield f"|---|{'---|' * len(PARTS)}"
    for row in of_it:
        marks = ["" if part in row.cannot else MARKS[row.gets[part]] for part in PARTS]
        what = KINDS[row.kind].format(name=row.name, does=does.get(row.key, ""))
        yield f"| {what.replace('|', '/')} | {' | '.join(marks)} |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

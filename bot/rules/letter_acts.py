"""One human act for each name in a letter: small, and fitting what the group knows of somebody.

Facts come from the group's own life, which those who look after it see anyway: what somebody hosts,
whether they show newcomers around or told about themselves, who showed them around, how long they
have lived there. Never with whom they talk, when they are around, or where they are a visitor: who
looks around elsewhere has told nobody here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.rules.message import Line
from bot.rules.naming import safe

LONG_HERE = 180  # days
TITLE_MOST = 32  # characters of a ritual's title: a letter holds a dozen names

REGULARS = (
    "how_are_you",
    "for_a_laugh",
    "meanwhile",
    "small_advice",
    "thanks",
    "picture",
    "what_lacks",
    "good_week",
)
NEWCOMERS = ("by_name", "easy_question", "one_thing_going_on", "what_they_hoped")


@dataclass(frozen=True, slots=True)
class Known:
    """What a group knows of one of its people."""

    lives_here_days: int
    newcomer: bool = False  # fell silent before they ever were much around
    hosts: str = ""  # a ritual's title
    greets: bool = False  # offered to show newcomers around
    greeter_id: int | None = None  # who showed them around, if not the reader
    greeted_by_reader: bool = False
    introduced: bool = False  # told the group about themselves
    ritual: str = ""  # the next one of the group
    ritual_at: int | None = None  # its moment, in seconds since 1970


def suggested(known: Known, turn: int, used: Collection[str] = ()) -> Line:
    """Return what to do about one name.

    What fits them alone comes first, then what fits anybody; `turn` says where among the latter to
    begin, and `used` are the texts that the same letter has already: none is said twice while there
    is another.
    """
    own = [*_own(known)]
    anybody = [Line(f"letters.act_{act}") for act in (NEWCOMERS if known.newcomer else REGULARS)]
    at = turn % len(anybody)
    lines = [*own, *anybody[at:], *anybody[:at]]
    return next((line for line in lines if line.key not in used), lines[len(own)])


def _own(known: Known) -> list[Line]:
    lines: list[Line] = []
    if known.hosts:
        lines.append(Line("letters.act_hosts", {"ritual": _title(known.hosts)}))
    if known.greets:
        lines.append(Line("letters.act_greets"))
    if known.newcomer and known.greeted_by_reader:
        lines.append(Line("letters.act_you_greeted"))
    elif known.newcomer and known.greeter_id is not None:
        lines.append(Line("letters.act_greeted", {"greeter": known.greeter_id}))
    if known.introduced:
        lines.append(Line("letters.act_introduced"))
    if known.ritual and known.ritual_at is not None and known.ritual != known.hosts:
        about = {"ritual": _title(known.ritual), "at": known.ritual_at}
        lines.append(Line("letters.act_invite" if known.newcomer else "letters.act_ritual", about))
    if not known.newcomer and known.lives_here_days >= LONG_HERE:
        lines.append(Line("letters.act_memory"))
    return lines


def _title(title: str) -> str:
    return safe(title if len(title) <= TITLE_MOST else f"{title[: TITLE_MOST - 1].rstrip()}…")

"""How the answers to /privacy read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.rules.keeping import KEPT, MATTERS, Matter, matter_of
from bot.rules.message import Button, Line, Message

SHOW = Button("privacy.show", "privacy-show")
EXPORT = Button("privacy.export", "privacy-export")
OPT_OUT = Button("privacy.opt_out", "privacy-opt-out")
OPT_IN = Button("privacy.opt_in", "privacy-opt-in")
FORGET = Button("privacy.forget", "privacy-forget", "danger")

BRIEF = 10  # tables that are told of at once; of more there is a front page and a page by matter
LINES_ON_PAGE = 9  # a line may have 200 characters, a message 2,000


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody is told is kept about them: rows by table, and how long each table's stay.

    `days` are the numbers of days by table, as the settings have them.
    """

    rows: Mapping[str, int]
    days: Mapping[str, int | None]
    counted_since: datetime | None
    opted_out: bool
    everywhere: bool
    opted_out_in: int = 0  # servers, where they are counted in others

    def matter(self, matter: str) -> list[str]:
        """Return the tables of a matter that hold something, those that go together in a row."""
        mine = [table for table in self.rows if matter_of(table) == matter]
        known = list(KEPT)
        first = {self._stays(table): known.index(table) for table in reversed(known)}
        return sorted(
            mine,
            key=lambda table: (
                first.get(self._stays(table), len(known)),
                known.index(table) if table in KEPT else len(known),
            ),
        )

    def _stays(self, table: str) -> tuple[Matter, str, int | None]:
        kept = KEPT.get(table)
        return matter_of(table), "over" if kept is None else kept.ends, self.days.get(table)

    def lines(self, tables: Sequence[str]) -> list[Line]:
        """Return a line for each table, and after those that go together how long they stay."""
        lines: list[Line] = []
        for place, table in enumerate(tables):
            lines.append(Line(f"privacy.kept_{table}", {"n": self.rows[table]}))
            stays = self._stays(table)
            if place + 1 == len(tables) or self._stays(tables[place + 1]) != stays:
                _, ends, days = stays
                key = f"privacy.ends_{ends}" + ("" if days is None or ends == "days" else "_days")
                lines.append(Line(key, {} if days is None else {"n": days}))
        return lines


def shown(told: Told) -> Message:
    """Return what is kept about someone in plain words, by matter; in short where it is much."""
    lines = [Line("privacy.head_everywhere" if told.everywhere else "privacy.head")]
    if told.opted_out:
        lines.append(Line("privacy.not_counted"))
    elif told.counted_since is not None:
        lines.append(Line("privacy.counted", {"since": int(told.counted_since.timestamp())}))
        if told.opted_out_in:
            lines.append(Line("privacy.not_counted_in", {"n": told.opted_out_in}))
    matters = [matter for matter in MATTERS if told.matter(matter)]
    buttons: list[Button] = []
    if not matters:
        lines.append(Line("privacy.kept_nothing"))
    for matter in matters:
        lines.append(Line(f"privacy.matter_{matter}"))
        if len(told.rows) <= BRIEF:
            lines += told.lines(told.matter(matter))
        else:
            lines.append(Line(f"privacy.about_{matter}"))
            buttons.append(Button(f"privacy.read_{matter}", f"privacy-matter:{matter}:0"))
    lines.append(Line("privacy.never"))
    return Message(tuple(lines), (*buttons, *_wishes(told, 0 if not buttons else 2)))


def matter(told: Told, matter: str, page: int) -> Message:
    """Return a page of what is kept of one matter, the first as 0; a page too far is the last.

    Where nothing is kept of it (any more), or there is no such matter, it is the front page.
    """
    tables = told.matter(matter)
    if not tables:
        return shown(told)
    pages = -(-len(tables) // LINES_ON_PAGE)
    page = max(0, min(page, pages - 1))
    lines = [Line(f"privacy.matter_{matter}")]
    if pages > 1:
        lines.append(Line("privacy.page", {"page": page + 1, "pages": pages}))
    lines += told.lines(tables[page * LINES_ON_PAGE : (page + 1) * LINES_ON_PAGE])
    turning = [Button("privacy.back", "privacy-back")]
    if page > 0:
        turning.append(Button("privacy.page_before", f"privacy-matter:{matter}:{page - 1}"))
    if page + 1 < pages:
        turning.append(
            Button("privacy.page_after", f"privacy-matter:{matter}:{page + 1}", "primary")
        )
    return Message(tuple(lines), (*turning, *_wishes(told, 1)))


def _wishes(told: Told, row: int) -> list[Button]:
    """Return what can be done about it, in a row of its own."""
    wish = OPT_IN if told.opted_out else OPT_OUT
    return [replace(button, row=row) for button in (EXPORT, wish, FORGET)]


def opted_out(rows: int) -> Message:
    """Return what was done, with the way back."""
    done = Line("privacy.opted_out", {"n": rows}) if rows else Line("privacy.opted_out_nothing")
    return Message((done, Line("privacy.opted_out_means")), (OPT_IN,))


def opted_in() -> Message:
    """Return that counting goes on."""
    return Message((Line("privacy.opted_in"),), (OPT_OUT,))


def sure(*, everywhere: bool) -> Message:
    """Ask once before everything is erased."""
    head = "privacy.sure_everywhere" if everywhere else "privacy.sure"
    yes = Button("privacy.forget_yes", "privacy-forget-yes", "danger")
    return Message((Line(head), Line("privacy.sure_means")), (yes, EXPORT))


def forgotten(rows: int, *, homes_left: int, bars_kept: int, opted_out: bool) -> Message:
    """Return what was erased, and what stays and why."""
    lines = [Line("privacy.forgotten", {"n": rows}) if rows else Line("privacy.forgotten_nothing")]
    if homes_left:
        lines.append(Line("privacy.forgotten_home"))
    if bars_kept:
        lines.append(Line("privacy.forgotten_but_bars"))
    if opted_out:
        lines.append(Line("privacy.forgotten_but_opt_out"))
    return Message(tuple(lines))

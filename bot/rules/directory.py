"""The directory: every group that someone may know of, page by page, and one group on its card."""

import unicodedata
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.rules import tongues
from bot.rules.charter import Charter
from bot.rules.group_messages import charter_lines, plain, short
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import key, safe
from bot.rules.types import KINDS
from bot.rules.zones import city_of

PER_PAGE = 8
LINE_WORDS, MENU_WORDS = 60, 100  # characters of whom a group is for, in a row and in the menu
QUERY_MOST = 40  # characters of a search; it travels in the buttons' ids
CHOICES_MOST = 25  # of Discord's menus
ALL = "all"
SEATS = "seats"
NEAR = "near"
# full: every seat is taken or kept for somebody · later: no more newcomers this week
STAGES = ("open", "later", "full", "forming", "resting", "archived")


@dataclass(frozen=True, slots=True)
class Shown:
    """One group as the directory shows it; `language`, `zone` and `city` "" where not said."""

    group_id: int
    name: str
    emoji: str
    purpose: str
    for_whom: str
    type: str
    kind: str
    state: str  # forming | open | resting | archived
    seats: int  # neither taken nor kept for somebody
    now: int  # how many could move in right now: by its pace, not more than seats
    homes: int
    entry: str
    visits: str
    visit_days: int
    language: str = ""
    zone: str = ""
    city: str = ""
    near: bool = False  # it lives by about the reader's own clock

    @property
    def stage(self) -> str:
        """Return one of `STAGES`."""
        if self.state != "open":
            return self.state
        if self.now:
            return "open"
        return "later" if self.seats else "full"

    @property
    def words(self) -> str:
        """Return all that a search looks through, normalised."""
        language = tongues.TONGUES.get(self.language, ())
        parts = (self.name, self.purpose, self.for_whom, self.type, self.city, *language)
        return _folded(" ".join(parts))


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the directory someone looks at: a page, what kind of groups, which words."""

    page: int = 0
    only: str = ALL
    query: str = ""

    def press(self, page: int, only: str | None = None) -> str:
        """Return what a button carries that leads to a page of this view."""
        return f"groups-page:{page}:{self.only if only is None else only}:{self.query}"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A page of the directory, and what could be looked at instead."""

    groups: tuple[Shown, ...]
    view: View
    pages: int
    found: int  # groups on all pages
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    zone: str = ""  # the reader's, where some groups live by about its clock and others don't


def query(typed: str) -> str:
    """Return what is searched for, as it fits into a button's id."""
    return " ".join(typed.replace(":", " ").split())[:QUERY_MOST].strip()


def shelf(groups: Sequence[Shown], view: View, zone: str = "") -> Shelf:
    """Return the page of `groups` that a view means: those with seats first, then by name.

    `groups` come by name; `zone` is the one by which they are `near`. What came to its end
    stands in the directory no more.
    """
    groups = [group for group in groups if group.state != "archived"]
    wanted = _folded(view.query).split()
    fitting = [
        group
        for group in groups
        if _fits(group, view.only) and all(word in group.words for word in wanted)
    ]
    fitting.sort(key=lambda group: STAGES.index(group.stage))
    pages = max(1, -(-len(fitting) // PER_PAGE))
    page = min(max(view.page, 0), pages - 1)
    return Shelf(
        groups=tuple(fitting[page * PER_PAGE : (page + 1) * PER_PAGE]),
        view=View(page, view.only, view.query),
        pages=pages,
        found=len(fitting),
        kinds=tuple(kind for kind in KINDS if any(group.kind == kind for group in groups)),
        languages=tuple(sorted({group.language for group in groups} - {""})),
        cities=tuple(sorted({group.city for group in groups} - {""})),
        zone=zone if len({group.near for group in groups}) > 1 else "",
    )


def page(found: Shelf, words: Mapping[str, str]) -> Message:
    """Return a page of the directory; `words` are the menu's, in the reader's language.

    By "all", "seats", "near", and by each of the kinds.
    """
    view = found.view
    if not found.groups:
        return _nothing(view)
    names = {"n": found.found, "query": safe(view.query)}
    lines = [Line("directory.head_query" if view.query else "directory.head", names)]
    for shown in found.groups:
        names = {"emoji": shown.emoji, "group": safe(shown.name), "n": shown.now}
        lines.append(Line(f"directory.row_{shown.stage}", names))
        lines.append(Line("directory.row_facts", {"facts": " · ".join(_facts(shown))}))
    if found.pages > 1:
        lines.append(Line("directory.page", {"page": view.page + 1, "pages": found.pages}))
    buttons: list[Button] = []
    if view.page > 0:
        buttons.append(Button("directory.back", view.press(view.page - 1)))
    if view.page + 1 < found.pages:
        buttons.append(Button("directory.on", view.press(view.page + 1)))
    buttons.append(Button("directory.search", "groups-search"))
    if view != View(view.page):
        buttons.append(Button("directory.show_all", "groups-open"))
    choices = tuple(
        Choice(
            plain(shown.emoji, shown.name),
            str(shown.group_id),
            short(shown.for_whom or shown.purpose, MENU_WORDS),
        )
        for shown in found.groups
    )
    menus = [Menu("directory.choose", "groups-choose", choices)]
    narrower = _narrower(found, words)
    if len(narrower) > 1:
        menus.append(Menu("directory.only", f"groups-only:{view.query}", narrower))
    return Message(tuple(lines), tuple(buttons), tuple(menus))


def card(
    shown: Shown,
    charter: Charter,
    *,
    lives_here: bool,
    invited: bool = False,
    place_shown: bool = False,
) -> Message:
    """Return one group with what someone can do about it: live there, visit, wait.

    `place_shown`: its city may stand here; where exactly it meets is read in its room only.
    """
    lines = list(charter_lines(charter))
    if place_shown and charter.city:
        lines.append(Line("directory.card_city", {"city": safe(charter.city)}))
    lines.append(Line("groups.card_homes", {"n": shown.homes, "type": safe(shown.type)}))
    lines.append(Line(f"directory.card_{shown.stage}", {"n": shown.now}))
    buttons: list[Button] = []
    if lives_here:
        lines.append(Line("groups.you_live_here"))
        buttons.append(Button("living.who", f"living-who:{shown.group_id}:0"))
    elif shown.state == "open":
        entry = "invited" if invited and shown.entry != "open" else shown.entry
        if shown.now or entry != "open":
            key = "groups.entry_invited_later" if entry == "invited" and not shown.now else ""
            lines.append(Line(key or f"groups.entry_{entry}"))
        if entry == "invitation":
            pass  # nothing to press: somebody there has to ask them
        elif entry == "request":
            buttons.append(Button("groups.ask_button", f"join:{shown.group_id}", "primary"))
        elif not shown.now:
            buttons.append(Button("groups.wait_button", f"wait:{shown.group_id}", "primary"))
        else:
            buttons.append(Button("groups.join_button", f"join:{shown.group_id}", "primary"))
        if shown.visits != "closed":
            days = {"n": shown.visit_days}
            asks = shown.visits == "request" and not invited
            label = "groups.visit_ask_button" if asks else "groups.visit_button"
            buttons.append(Button(label, f"visit:{shown.group_id}", params=days))
    buttons.append(Button("groups.how", f"charter:{shown.group_id}"))
    buttons.append(Button("groups.all_button", "groups-open"))
    return Message(tuple(lines), tuple(buttons))


def city_mark(city: str) -> str:
    """Return what stands for a city in a button's id: short, and the same for every spelling."""
    return f"{zlib.crc32(key(city).encode()):08x}"


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _fits(group: Shown, only: str) -> bool:
    what, _, which = only.partition("-")
    if what == SEATS:
        return group.stage == "open"
    if what == NEAR:
        return group.near
    if what == "kind":
        return group.kind == which
    if what == "lang":
        return group.language == which
    if what == "city":
        return bool(group.city) and city_mark(group.city) == which
    return True


def _facts(shown: Shown) -> list[str]:
    """Return the second line of a row, in parts: type, language, zone, city, whom it is for."""
    facts = [safe(shown.type)]
    if shown.language:
        facts.append(tongues.shown(shown.language))
    if shown.zone:
        facts.append("🕒 " + shown.zone.rpartition("/")[2].replace("_", " "))
    if shown.city:
        facts.append("📍 " + safe(shown.city))
    facts.append(safe(short(shown.for_whom or shown.purpose, LINE_WORDS)))
    return facts


def _narrower(found: Shelf, words: Mapping[str, str]) -> tuple[Choice, ...]:
    choices = [Choice(words[SEATS], SEATS)]
    if found.zone:
        choices.append(Choice(f"🕒 {words[NEAR]}: {city_of(found.zone)}", NEAR))
    if len(found.kinds) > 1:
        choices += [Choice(words[kind], f"kind-{kind}") for kind in found.kinds]
    if found.languages:
        choices += [Choice(tongues.shown(code), f"lang-{code}") for code in found.languages]
    choices += [Choice(f"📍 {city}", f"city-{city_mark(city)}") for city in found.cities]
    return (Choice(words[ALL], ALL), *choices)[:CHOICES_MOST]


def _nothing(view: View) -> Message:
    if view == View(view.page):
        return Message((Line("groups.none_yet"),))
    line = Line("directory.none_query", {"query": safe(view.query)})
    if not view.query:
        line = Line("directory.none_of_these")
    return Message(
        (line,),
        (Button("directory.search", "groups-search"), Button("directory.show_all", "groups-open")),
    )

"""The screens of the guided setup, one step each; groups and the sum have a room of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.capacity import Use
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.setup_answers import (
    BRAKES,
    CITIES,
    KINDS,
    MAKE,
    MOST_ROLES,
    PARTS,
    STEPS,
    Answers,
    RoleSeen,
    Step,
    brake_figures,
    step_beside,
    suggested_restricted,
    suggested_safety,
)
from bot.rules.types import STARTING
from bot.rules.zones import city_of

# So many safety roles leave a group that is opened person by person fewer than its seats.
MANY_SAFETY_ROLES = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What a server looks like to Hearth while its owner sets it up."""

    use: Use
    roles: tuple[RoleSeen, ...] = ()
    locale: str = "en-US"
    system_room: int | None = None  # where Discord greets newcomers
    two_factor: bool = False  # asked of everyone with a moderator's rights
    channels: frozenset[int] = frozenset()  # all that there are, also those hidden from Hearth
    rooms: frozenset[int] = frozenset()  # text rooms that Hearth sees
    writable: frozenset[int] = frozenset()  # those that it can write in
    public: frozenset[int] = frozenset()  # those that everyone sees
    # those that everyone sees and writes in, by name, from the top of the server
    talk: tuple[tuple[int, str], ...] = ()


def head(step: Step) -> Line:
    """Return where in the setup a screen stands."""
    return Line(f"setup.head_{step}", {"number": STEPS.index(step) + 1, "count": len(STEPS)})


def ways_on(step: Step, *, on: bool = True) -> tuple[Button, ...]:
    """Return the buttons to the screens before and after."""
    buttons: list[Button] = []
    if step != STEPS[0]:
        buttons.append(Button("setup.back", f"setup-go:{step_beside(step, -1)}"))
    if on:
        buttons.append(Button("setup.next", f"setup-go:{step_beside(step, 1)}", "primary"))
    return tuple(buttons)


def rights(
    seen: Seen, missing: Sequence[Line], *, blocked: bool, stopped_at: datetime | None
) -> Message:
    """Return what the bot may do, each missing permission with what it is for and how it is given.

    `stopped_at` is when this setup was left, None at its beginning; `blocked` that nothing would
    work.
    """
    lines = [head("rights"), Line("setup.welcome")]
    if stopped_at is not None:
        lines[1] = Line("setup.welcome_back", {"at": int(stopped_at.timestamp())})
    lines += missing or [Line("setup.rights_fine")]
    if blocked:
        lines.append(Line("setup.rights_blocked"))
    elif missing:
        lines.append(Line("setup.rights_later"))
    if seen.two_factor:
        lines.append(Line("setup.rights_two_factor"))
    again = (Button("setup.look_again", "setup-go:rights"),) if missing else ()
    return Message(tuple(lines), (*again, *ways_on("rights", on=not blocked)))


def safety(answers: Answers, seen: Seen) -> Message:
    """Return who keeps the server safe: a menu of roles, filled with who seems to."""
    chosen = _there(answers.safety, seen)
    lines = [head("safety"), Line("setup.safety_why"), _chosen("safety", chosen, seen)]
    if len(chosen) > MANY_SAFETY_ROLES:
        lines.append(Line("setup.safety_many", {"n": len(chosen)}))
    return Message(tuple(lines), ways_on("safety"), (_roles("safety", chosen),))


def restricted(answers: Answers, seen: Seen) -> Message:
    """Return who is held back: a menu of roles, filled by their names."""
    chosen = _there(answers.restricted, seen)
    lines = [head("restricted"), Line("setup.restricted_why"), _chosen("restricted", chosen, seen)]
    return Message(tuple(lines), ways_on("restricted"), (_roles("restricted", chosen),))


def rooms(answers: Answers, seen: Seen, *, trouble: Line | None = None) -> Message:
    """Return the four rooms: chosen, to be made, or none; `trouble` is why the last choice fell."""
    lines = [head("rooms"), Line("setup.rooms_why")]
    lines += [_room_line(part, answers) for part in PARTS]
    if trouble is not None:
        lines.append(trouble)
    for part in PARTS:
        room = answers.room(part)
        if room is None or room not in seen.rooms:
            continue
        if part == PARTS[0] and room not in seen.public:
            lines.append(Line("setup.room_commons_private", {"room": f"<#{room}>"}))
        elif part != PARTS[0] and room in seen.public:
            lines.append(Line("setup.room_public", {"room": f"<#{room}>"}))
    if answers.to_make:
        lines.append(Line("setup.rooms_made_who"))
    commons = answers.rooms.get(PARTS[0]) is not None
    if not commons:
        lines.append(Line("setup.rooms_commons_needed"))
    menus = tuple(
        Menu(
            f"setup.menu_{part}",
            f"setup-room:{part}",
            kind="rooms",
            least=0,
            chosen=() if (room := answers.room(part)) is None else (room,),
        )
        for part in PARTS
    )
    make = Button("setup.make_rest", "setup-make")
    rest = any(answers.rooms.get(part) is None for part in PARTS)
    back, *on = ways_on("rooms", on=commons)
    return Message(tuple(lines), (back, *((make,) if rest else ()), *on), menus)


def place(answers: Answers, *, clock: str, guessed: bool, languages: Mapping[str, str]) -> Message:
    """Return time zone and language; `languages` are those there are texts in, by code."""
    lines = [
        head("place"),
        Line("setup.place_zone", {"zone": answers.zone, "clock": clock}),
        *([Line("setup.place_guessed")] if guessed else []),
        Line("setup.place_language", {"language": languages[answers.language]}),
    ]
    zones = Menu(
        "setup.menu_zone",
        "setup-zone",
        tuple(
            Choice(city, zone, "" if city == zone else zone, zone == answers.zone)
            for zone, city in ((zone, city_of(zone)) for zone in CITIES)
        ),
    )
    tongues = Menu(
        "setup.menu_language",
        "setup-language",
        tuple(
            Choice(name, code, chosen=code == answers.language) for code, name in languages.items()
        ),
    )
    back, on = ways_on("place")
    return Message(
        tuple(lines),
        (back, Button("setup.other_city", "setup-city"), on),
        (zones, tongues) if len(languages) > 1 else (zones,),
    )


def types(answers: Answers, names: Mapping[str, str]) -> Message:
    """Return the kinds of groups to begin with; `names` are what the kinds are called."""
    lines = [head("types"), Line("setup.types_why")]
    for starting in STARTING:
        given = starting.rules
        if given.kind in answers.kinds:
            figures = {"cap": given.cap, "visit_days": given.visit_days, "days": given.lasts_days}
            lines.append(Line(f"setup.type_{given.kind}", figures))
    lines.append(Line("setup.types_rituals"))
    menu = Menu(
        "setup.menu_types",
        "setup-types",
        tuple(Choice(names[kind], kind, chosen=kind in answers.kinds) for kind in KINDS),
        most=len(KINDS),
    )
    return Message(tuple(lines), ways_on("types"), (menu,))


def ways(
    answers: Answers,
    names: Mapping[str, str],
    brakes: Mapping[str, str],
    own_paces: Mapping[str, int],
) -> Message:
    """Return how groups open and grow: three switches and the brake.

    `names` are what the kinds are called, `brakes` the brakes with what each does, `own_paces` the
    newcomers a week of the kinds that are there already.
    """
    paces = {
        one.rules.kind: own_paces.get(one.rules.kind) or one.pace
        for one in STARTING
        if one.rules.kind in answers.kinds
    }
    days, joins = brake_figures(answers)
    first, pace = _on(answers.needs_facilitator), _on(answers.paced)
    shown = ", ".join(f"{names[kind]} {n}" for kind, n in paces.items() if n)
    lines = (
        head("ways"),
        Line(f"setup.ways_facilitator_{first}"),
        Line(f"setup.ways_paced_{pace}", {"paces": shown or "—"}),
        Line(f"setup.ways_brake_{answers.brake}", {"days": days, "joins": joins}),
        Line(f"setup.ways_cities_{_on(answers.shows_cities)}"),
    )
    switches = (
        ("facilitator", answers.needs_facilitator),
        ("paced", answers.paced),
        ("cities", answers.shows_cities),
    )
    menu = Menu(
        "setup.menu_brake",
        "setup-brake",
        tuple(
            Choice(label, name, about, name == answers.brake)
            for name, (label, about) in _brakes(answers, brakes).items()
        ),
    )
    buttons = tuple(
        Button(f"setup.switch_{what}_{_on(not now)}", f"setup-switch:{what}")
        for what, now in switches
    )
    return Message(lines, (*buttons, *ways_on("ways")), (menu,))


def _brakes(answers: Answers, words: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    offered = [*BRAKES, *(["own"] if answers.brake == "own" else [])]
    return {name: (words[name], words.get(f"{name}_about", "")) for name in offered}


def _on(what: bool) -> str:
    return "on" if what else "off"


def _there(chosen: Sequence[int], seen: Seen) -> tuple[int, ...]:
    """Return those of the chosen roles that still exist."""
    existing = {role.id for role in seen.roles}
    return tuple(role for role in chosen if role in existing)


def _chosen(what: str, chosen: Sequence[int], seen: Seen) -> Line:
    if not chosen:
        return Line(f"setup.roles_{what}_none")
    suggest = suggested_safety if what == "safety" else suggested_restricted
    key = "suggested" if tuple(chosen) == suggest(seen.roles) else "chosen"
    return Line(f"setup.roles_{what}_{key}", {"roles": ", ".join(f"<@&{role}>" for role in chosen)})


def _roles(what: str, chosen: Sequence[int]) -> Menu:
    return Menu(
        f"setup.menu_{what}",
        f"setup-roles:{what}",
        most=MOST_ROLES,
        least=0,
        kind="roles",
        chosen=tuple(chosen)[:MOST_ROLES],
    )


def _room_line(part: str, answers: Answers) -> Line:
    chosen = answers.rooms.get(part)
    if chosen == MAKE:
        private = "to_make" if part == PARTS[0] else "to_make_private"
        return Line(f"setup.room_{part}_{private}")
    room = "—" if chosen is None else f"<#{safe(str(chosen))}>"
    return Line(f"setup.room_{part}", {"room": room})

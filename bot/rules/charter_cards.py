"""What is said while a group is being made: its two steps, what is missing, what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.stages import FACILITATOR, Stage
from bot.rules.zones import cities

# The two forms of a charter: what a group is about, and how it is recognised and where it lives.
WORDS, PLACE = "words", "place"
STEPS = (WORDS, PLACE)
NEW = 0  # in a button's id: the group that is not made yet, kept as a draft
# How a time zone is refused: by the same words as in the setup.
ZONES = frozenset(("hearth.zone_near", "hearth.zone_unknown"))
# What the second form asks for; everything else stands in the first.
_OF_PLACE = ("emoji", "colour", "language", "zone", "city", "venue", "place")


@dataclass(frozen=True, slots=True)
class Made:
    """A group that was made or changed, and where it stands.

    `lacks` is what `stages.asked_for` names, `waits` whether the group opens only with that.
    """

    group_id: int
    group: str
    emoji: str
    room_id: int | None  # None: not made yet
    made: bool
    stage: Stage
    lacks: tuple[str, ...]
    waits: bool
    still_fit: int | None = None  # more groups of its type; None: not known


def step_of(refusal: str) -> str:
    """Return the form in which what was refused is mended, by the key of its text."""
    what = refusal.removeprefix("groups.")
    if refusal in ZONES or what.partition("_")[0] in _OF_PLACE:
        return PLACE
    return WORDS


def open_form(step: str, group_id: int = NEW) -> str:
    """Return what a button that opens one of the forms carries."""
    return f"charter-form:{step}:{group_id}"


def half_way(name: str, type_: str) -> Message:
    """Return the card between the two steps; nothing is made yet."""
    return Message(
        (
            Line("stages.half_way", {"group": safe(name), "type": safe(type_)}),
            Line("stages.half_way_next"),
        ),
        buttons=(
            Button("stages.go_on", open_form(PLACE), "primary"),
            Button("stages.make_now", "charter-make"),
            Button("stages.change_words", open_form(WORDS)),
        ),
    )


def refused(line: Line, *, types: Sequence[tuple[str, str]] = ()) -> Message:
    """Return why a charter was refused, with the way on: the form, or the types to choose from."""
    if types:
        choices = tuple(Choice(name, value) for name, value in types)
        return Message((line,), menus=(Menu("hearth.choose_type", "group-type", choices),))
    fix = Button("home.fix_it", f"group-form:{step_of(line.key)}", "primary")
    return Message((line, Line("stages.kept")), (fix,))


def done(made: Made) -> Message:
    """Return the answer once a group is made or changed; a link only where there is a room."""
    names = {"emoji": made.emoji, "group": safe(made.group), "room": f"<#{made.room_id}>"}
    if not made.made:
        lines = [Line("hearth.group_edited", names)]
        if made.stage == "forming":
            lines += missing(made.lacks, waits=made.waits)
        return Message(tuple(lines), to_do(made.group_id, made.lacks))
    key = "hearth.group_made_waits" if made.room_id is None else "hearth.group_made"
    lines = [Line(key, names), *missing(made.lacks, waits=made.waits)]
    if FACILITATOR not in made.lacks:
        lines.append(Line("hearth.group_next"))
    if made.still_fit is not None:
        lines.append(Line("hearth.fits", {"n": max(made.still_fit, 0)}))
    who_fits = Button("find.fits_button", f"fits-open:{made.group_id}:beside")
    return Message(tuple(lines), (*to_do(made.group_id, made.lacks), who_fits))


def missing(lacks: Sequence[str], *, waits: bool) -> list[Line]:
    """Return what a group still needs, one line each; `waits`: it opens only with that."""
    if not lacks:
        return []
    head = Line("stages.forming_needs" if waits else "stages.open_needs")
    return [head, *(Line(f"stages.lacks_{duty}") for duty in lacks)]


def to_do(group_id: int, lacks: Sequence[str]) -> tuple[Button, ...]:
    """Return what an owner can do at once about what a group lacks."""
    buttons: list[Button] = []
    if set(lacks) - {FACILITATOR}:
        buttons.append(Button("stages.complete", open_form(WORDS, group_id), "primary"))
    if FACILITATOR in lacks:
        buttons.append(Button("stages.take_care", f"care-take:{group_id}"))
    buttons.append(Button("stages.place", open_form(PLACE, group_id)))
    return tuple(buttons)


def opened(group_id: int, group: str | None, at: int) -> Message:
    """Return the owners' line about a group that waited and is open; None: it is unlisted."""
    line = Line("stages.opened_unlisted")
    if group is not None:
        line = Line("stages.opened", {"group": safe(group)})
    return Message((line,), buttons=(Button("facilitators.look", f"office-look:{group_id}:{at}"),))


def zone_named(zone: str) -> str:
    """Return a time zone as people type it: by its city."""
    return next((city for city, name in cities().items() if name == zone), zone)

"""How a pulse reads: the question in the room, what came of it, the desk's card, the lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.rules.home_cards import Note
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.pulse import State, Told

ON_PAGE = 5  # lines; each may have 180 characters, and each character may count twice
IN_ONE = 5  # lines in one message
BEGINNING = 80  # characters of a line in a menu; a menu's choice may have 100
FULL_STEP, EMPTY_STEP = "●", "○"
HIGHEST = 5


@dataclass(frozen=True, slots=True)
class Written:
    """A free line that waits to be read first."""

    key: str
    said: str
    ticked: bool


K = TypeVar("K")


def asked(pulse_id: int, user_id: int, closes_at: datetime) -> Message:
    """Return the question in the room, in the name of whoever asks."""
    at = int(closes_at.timestamp())
    return Message(
        (Line("pulse.asked", {"user": user_id}), Line("pulse.asked_how", {"at": at})),
        (
            Button("pulse.take_part", f"pulse-part:{pulse_id}", "primary"),
            Button("pulse.how_button", f"pulse-how:{pulse_id}"),
            Button("pulse.no_button", f"pulse-no:{pulse_id}"),
        ),
    )


def at_home(pulse_id: int, closes_at: datetime) -> Note:
    """Return what stands on /home of who lives there while the question is open."""
    return Note(
        (Line("pulse.at_home", {"at": int(closes_at.timestamp())}),),
        (Button("pulse.take_part", f"pulse-part:{pulse_id}"),),
    )


def how() -> Message:
    """Return how answers stay anonymous, and where that ends."""
    keys = ("pot", "disk", "close", "part", "line", "known", "limits")
    return Message(tuple(Line(f"pulse.how_{key}") for key in ("title", *keys)))


def thanks(closes_at: datetime, *, lines: bool) -> Message:
    """Return the answer to who took part."""
    said = [Line("pulse.thanks", {"at": int(closes_at.timestamp())})]
    if lines:
        said.append(Line("pulse.thanks_line"))
    return Message(tuple(said))


def not_for_us(pulse_id: int, *, said: bool) -> Message:
    """Ask once whether somebody would have no pulses; or whether they take that back."""
    if said:
        back = Button("pulse.no_back", f"pulse-no-back:{pulse_id}")
        return Message((Line("pulse.no_said"),), (back,))
    yes = Button("pulse.no_yes", f"pulse-no-yes:{pulse_id}")
    return Message((Line("pulse.no_sure"),), (yes,))


def lost(pulse_id: int, closes_at: datetime, at: int) -> Message:
    """Return what the room hears when answers that waited in memory are gone."""
    closes = int(closes_at.timestamp())
    return Message(
        (Line("pulse.lost", {"at": closes}),),
        (
            Button("pulse.take_part", f"pulse-part:{pulse_id}:{at}", "primary"),
            Button("pulse.how_button", f"pulse-how:{pulse_id}:{at}"),
        ),
    )


def alone(pulse_id: int, people: int) -> Message:
    """Return what the room hears of answers that were too few to be written together."""
    return _posted(pulse_id, "alone", Line("pulse.alone", {"n": people}))


def called_off(pulse_id: int, user_id: int) -> Message:
    """Return what the room hears when a pulse ends before its time."""
    return _posted(pulse_id, "off", Line("pulse.called_off", {"user": user_id}))


def declined(pulse_id: int) -> Message:
    """Return what the room hears when enough would have no pulses."""
    return _posted(pulse_id, "declined", Line("pulse.declined"))


def few(pulse_id: int, people: int) -> Message:
    """Return what the room hears when too few answered; nothing of what they did."""
    line = Line("pulse.few", {"n": people}) if people else Line("pulse.nobody")
    return _posted(pulse_id, "few", line)


def results(
    pulse_id: int,
    told: Sequence[Told],
    *,
    people: int,
    lines: int,
    readers: Sequence[int],
    read_by: datetime,
) -> Message:
    """Return what came of a pulse, for the group; `readers` look after it."""
    said = [Line("pulse.results", {"n": people}), *told_lines(told)]
    if not told:
        said.append(Line("pulse.results_skipped"))
    if lines:
        by = int(read_by.timestamp())
        if readers:
            names = " ".join(f"<@{reader}>" for reader in readers)
            said.append(Line("pulse.lines_wait", {"n": lines, "people": names, "at": by}))
        else:
            said.append(Line("pulse.lines_nobody", {"n": lines, "at": by}))
    if told:
        said.append(Line("pulse.results_talk"))
    return _posted(pulse_id, "results", *said)


def told_lines(told: Sequence[Told]) -> list[Line]:
    """Return one line for each question of which something is said."""
    found: list[Line] = []
    for one in told:
        full = min(HIGHEST, max(0, round(one.mean)))
        found.append(
            Line(
                f"pulse.told_{one.question}",
                {
                    "dots": FULL_STEP * full + EMPTY_STEP * (HIGHEST - full),
                    "mean": f"{one.mean:.1f}",
                },
            )
        )
        if one.change:
            found.append(Line(f"pulse.told_{one.change}"))
        if one.differ:
            found.append(Line("pulse.told_differ"))
    return found


def to_read(pulse_id: int, readers: Sequence[int], read_by: datetime) -> Message:
    """Return the line in the facilitators' room; it names no group."""
    names = " ".join(f"<@{reader}>" for reader in readers)
    return Message(
        (Line("pulse.to_read", {"people": names, "at": int(read_by.timestamp())}),),
        (Button("pulse.read_open", f"pulse-lines:{pulse_id}:0"),),
        users=tuple(readers),
    )


def desk(
    group_id: int,
    emoji: str,
    group: str,
    state: State | None,
    *,
    pulse_id: int,
    closes_at: datetime | None,
    people: int,
    shown: int,
    lines: int,
    again: datetime | None,
    told: Sequence[Told] = (),
) -> Message:
    """Return the desk's card: what runs, what came of the last one, and whether one can be asked.

    `people` have answered the open one, `shown` had answered the last one; `again` None: now.
    """
    said = [Line("pulse.desk_title", {"emoji": emoji, "group": safe(group)})]
    buttons: list[Button] = []
    if state == "open" and closes_at is not None:
        at = int(closes_at.timestamp())
        said.append(Line("pulse.desk_open", {"n": people, "at": at}))
        said.append(Line("pulse.desk_open_how"))
        buttons.append(Button("pulse.off_button", f"pulse-off:{pulse_id}", "danger"))
    else:
        if state is None:
            said.append(Line("pulse.desk_never"))
        else:
            said.append(Line(f"pulse.desk_{state}", {"n": shown}))
            said += told_lines(told)
        if lines:
            said.append(Line("pulse.desk_lines", {"n": lines}))
            buttons.append(Button("pulse.read_open", f"pulse-lines:{pulse_id}:0", "primary"))
        if again is None:
            said.append(Line("pulse.desk_how"))
            buttons.append(Button("pulse.ask_button", f"pulse-ask:{group_id}", "primary"))
        else:
            said.append(Line("pulse.desk_again", {"at": int(again.timestamp())}))
    buttons.append(Button("pulse.how_button", f"pulse-how:{pulse_id}:desk"))
    buttons.append(Button("desk.back", f"desk-page:{group_id}:room"))
    return Message(tuple(said), tuple(buttons))


def off_sure(group_id: int, pulse_id: int) -> Message:
    """Ask once before a pulse is ended and all answers are erased."""
    return Message(
        (Line("pulse.off_sure"),),
        (
            Button("pulse.off_yes", f"pulse-off-yes:{pulse_id}", "danger"),
            Button("desk.back", f"pulse-desk:{group_id}"),
        ),
    )


def on_page(items: Sequence[K], page: int) -> Sequence[K]:
    """Return what stands on a page, the first as 0; a page that is no more is the last."""
    page = min(max(page, 0), _pages(items) - 1)
    return items[page * ON_PAGE : (page + 1) * ON_PAGE]


def reading(pulse_id: int, group_id: int, lines: Sequence[Written], page: int) -> Message:
    """Return a page of free lines for those who look after the group, to tick."""
    pages = _pages(lines)
    page = min(max(page, 0), pages - 1)
    first = page * ON_PAGE + 1
    here = on_page(lines, page)
    said = [Line("pulse.reading", {"n": len(lines)})]
    said += [
        Line("pulse.reading_line", {"number": number, "said": safe(one.said)})
        for number, one in enumerate(here, first)
    ]
    ticked = sum(one.ticked for one in lines)
    said.append(Line("pulse.reading_ticked", {"n": ticked, "all": len(lines)}))
    menu = Menu(
        "pulse.reading_menu",
        f"pulse-tick:{pulse_id}:{page}",
        tuple(
            Choice(f"{number}: {one.said[:BEGINNING]}", one.key, chosen=one.ticked)
            for number, one in enumerate(here, first)
        ),
        most=len(here),
        least=0,
    )
    buttons: list[Button] = []
    if page > 0:
        buttons.append(Button("pulse.page_before", f"pulse-lines:{pulse_id}:{page - 1}"))
    if page + 1 < pages:
        buttons.append(Button("pulse.page_after", f"pulse-lines:{pulse_id}:{page + 1}"))
    if ticked:
        buttons.append(Button("pulse.post_button", f"pulse-post:{pulse_id}", "primary"))
    buttons.append(Button("pulse.none_button", f"pulse-post-none:{pulse_id}"))
    buttons.append(Button("desk.back", f"pulse-desk:{group_id}"))
    return Message(tuple(said), tuple(buttons), (menu,))


def posted(pulse_id: int, user_id: int, lines: Sequence[str], *, held_back: int) -> list[Message]:
    """Return the lines as the group reads them, and how many it does not; as many as are needed."""
    messages: list[Message] = []
    for start in range(0, len(lines), IN_ONE):
        said = [
            Line("pulse.posted_line", {"said": safe(line)})
            for line in lines[start : start + IN_ONE]
        ]
        if not start:
            said.insert(0, Line("pulse.posted", {"user": user_id}))
        messages.append(_posted(pulse_id, f"lines-{start}", *said))
    if held_back:
        key = "pulse.held_back" if lines else "pulse.held_back_all"
        line = Line(key, {"n": held_back, "user": user_id})
        if messages and len(lines) % IN_ONE:
            last = messages[-1]
            messages[-1] = Message((*last.lines, line), last.buttons)
        else:
            messages.append(_posted(pulse_id, "held-back", line))
    return messages


def _posted(pulse_id: int, mark: str, *lines: Line) -> Message:
    return Message(lines, (Button("pulse.how_button", f"pulse-how:{pulse_id}:{mark}"),))


def _pages(items: Sequence[object]) -> int:
    return max(1, -(-len(items) // ON_PAGE))

"""What moderators and the people they decide about read: bars, removals, appeals, locked rooms.

Whoever decided is never shown to whom it is about, and a group that is not listed is named to
nobody here: `group` is None then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.home_cards import Note
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

MOST_SHOWN = 3  # removals on one /home card
# By how many are shown: characters of a reason, and of an answer, so that the card below fits.
LENGTHS = {1: (300, 600), 2: (200, 300), 3: (120, 200)}
CHOICES_MOST = 25  # of Discord's menus
BUTTONS_MOST = 25  # on one message, by Discord
EVERYWHERE = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One removal on the card of whom it is about; `let_back` None: not answered."""

    id: int
    kind: str
    group: str | None
    everywhere: bool
    reason: str
    at: datetime
    shut_until: datetime | None
    asked_at: datetime | None = None
    let_back: bool | None = None
    answer: str = ""


def quoted(text: str) -> str:
    """Return what somebody wrote as a quotation, harmless and line by line."""
    return "\n".join(f"> {safe(line)}" for line in text.split("\n"))


def on_home_card(found: Sequence[Told]) -> Note | None:
    """Return what stands in /home about what was taken from somebody; None if nothing was."""
    lines: list[Line] = []
    buttons: list[Button] = []
    shown = found[:MOST_SHOWN]
    several = "_of" if len(shown) > 1 else ""
    everywhere = any(one.kind == "barred" and one.everywhere and not one.let_back for one in found)
    for number, one in enumerate(shown, start=1):
        which = {"number": number}
        if several:
            lines.append(Line("safety.told_number", which))
        lines += _told(one, *LENGTHS[len(shown)], others_open=not everywhere)
        if one.asked_at is None:
            ask = f"safety.ask_again_button{several}"
            buttons.append(Button(ask, f"appeal-form:{one.id}", "primary", which))
        if one.kind != "held" and (one.asked_at is None or one.let_back is not None):
            put_away = f"safety.all_right{several}"
            buttons.append(Button(put_away, f"safety-seen:{one.id}", params=which))
    return Note(tuple(lines), tuple(buttons), urgent=True) if lines else None


def _told(one: Told, reason: int, answer: int, *, others_open: bool) -> list[Line]:
    """Return what one removal says: of its reason and answer so many characters."""
    where = "everywhere" if one.everywhere else "unnamed" if one.group is None else "named"
    key = f"safety.told_{one.kind.replace('-', '_')}_{where}"
    lines = [Line(key, {"group": safe(one.group or ""), "at": int(one.at.timestamp())})]
    if one.reason:
        lines.append(Line("safety.told_reason", {"reason": quoted(_short(one.reason, reason))}))
    if one.let_back is not None:
        lines.append(Line("safety.told_let_back" if one.let_back else "safety.told_stays"))
        if one.answer:
            said = quoted(_short(one.answer, answer))
            lines.append(Line("safety.told_answer", {"answer": said}))
    elif one.asked_at is not None:
        lines.append(Line("safety.told_asked", {"at": int(one.asked_at.timestamp())}))
    if one.shut_until is not None:
        key = "safety.told_until" if others_open else "safety.told_until_only"
        lines.append(Line(key, {"until": int(one.shut_until.timestamp())}))
    return lines


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def appeal_waits(appeal_id: int) -> Message:
    """Return the line in the moderators' room: somebody asks, and who stands behind the button."""
    return Message(
        (Line("safety.appeal_waits"),),
        (Button("safety.open", f"appeal-open:{appeal_id}", "primary"),),
    )


def appeal(
    *,
    appeal_id: int,
    user_id: int,
    said: str,
    at: datetime,
    about: Told,
    by_user_id: int,
    own: bool,
) -> Message:
    """Return an appeal with its two answers, for one moderator's eyes."""
    where = "everywhere" if about.everywhere else "unnamed" if about.group is None else "named"
    lines = [
        Line("safety.appeal_head", {"user": user_id, "at": int(at.timestamp())}),
        Line("safety.appeal_said", {"said": quoted(said)}),
        Line(
            f"safety.about_{about.kind.replace('-', '_')}_{where}",
            {"group": safe(about.group or ""), "at": int(about.at.timestamp())},
        ),
    ]
    if by_user_id:
        lines.append(Line("safety.appeal_by", {"user": by_user_id}))
    if about.reason:
        lines.append(Line("safety.appeal_reason", {"reason": quoted(about.reason)}))
    if own:
        lines.append(Line("safety.appeal_own"))
    return Message(
        tuple(lines),
        (
            Button("safety.let_back", f"appeal-back:{appeal_id}", "success"),
            Button("safety.stays", f"appeal-stays:{appeal_id}"),
        ),
    )


def bars(user_id: int, found: Sequence[tuple[int, str | None]]) -> Message:
    """Return somebody's bars, by group id and name, each with the button that lifts it.

    Below them the way to the list of everybody who is kept out.
    """
    everybody = Button("kept.list", "kept-page:0")
    if not found:
        return Message((Line("safety.no_bars", {"user": user_id}),), (everybody,))
    lines = [Line("safety.bars", {"user": user_id, "n": len(found)})]
    buttons: list[Button] = []
    for number, (group_id, group) in enumerate(found[: BUTTONS_MOST - 1], start=1):
        lines.append(
            Line("safety.bar_all", {"number": number})
            if group_id == EVERYWHERE
            else Line("safety.bar_unnamed", {"number": number})
            if group is None
            else Line("safety.bar_group", {"number": number, "group": safe(group)})
        )
        buttons.append(
            Button("safety.lift", f"safety-lift:{user_id}:{group_id}", params={"number": number})
        )
    return Message(tuple(lines), (*buttons, everybody))


def which_visit(user_id: int, found: Sequence[tuple[int, str]]) -> Message:
    """Return the question which visit shall end; visits as (id, name in the reader's words)."""
    choices = tuple(Choice(name, str(visit_id)) for visit_id, name in found[:CHOICES_MOST])
    return Message(
        (Line("safety.which_visit", {"user": user_id}),),
        menus=(Menu("safety.which_visit_menu", "safety-visit", choices),),
    )


def who_moves_out(first: int, second: int, group: str | None, names: tuple[str, str]) -> Message:
    """Return the question who of two moves out; `names` as their buttons show them."""
    key = "safety.share_a_room" if group is None else "safety.share_a_home"
    return Message(
        (Line(key, {"first": first, "second": second, "group": safe(group or "")}),),
        tuple(
            Button("safety.moves_out", f"safety-apart:{first}:{second}:{user}", params={"who": who})
            for user, who in zip((first, second), names, strict=True)
        ),
    )


def kept_apart(first: int, second: int, *, moved_out: int | None, visits_ended: int) -> Message:
    """Return what it took to keep two people apart, with the way back."""
    lines = [Line("safety.apart", {"first": first, "second": second})]
    if moved_out is not None:
        lines.append(Line("safety.apart_moved", {"user": moved_out}))
    if visits_ended:
        lines.append(Line("safety.apart_visits", {"n": visits_ended}))
    lines.append(Line("safety.apart_means"))
    low, high = sorted((first, second))
    return Message(tuple(lines), (Button("safety.together", f"safety-together:{low}:{high}"),))


def apart_already(first: int, second: int, at: datetime) -> Message:
    """Return that two are kept apart, with the button that lets them meet again."""
    low, high = sorted((first, second))
    names = {"first": first, "second": second, "at": int(at.timestamp())}
    return Message(
        (Line("safety.apart_already", names),),
        (Button("safety.together", f"safety-together:{low}:{high}"),),
    )


def room_locked(at: int, reason: str) -> Message:
    """Return what stands in a room that was locked; `at` makes the message its own."""
    lines = [Line("safety.room_locked")]
    if reason:
        lines.append(Line("safety.room_reason", {"reason": quoted(reason)}))
    return Message(tuple(lines), (Button("safety.word", f"concern-begin:moderators:lock-{at}"),))


def room_opened(at: int) -> Message:
    """Return what stands in a room that is open again."""
    return Message(
        (Line("safety.room_opened"),),
        (Button("safety.word", f"concern-begin:moderators:open-{at}"),),
    )


def locked(group_id: int, group: str | None, at: datetime, *, new: bool, paused: bool) -> Message:
    """Return how a room stands that is locked, with the button that opens it."""
    names = {"group": safe(group or ""), "at": int(at.timestamp())}
    state = "locked_now" if new else "locked_already"
    lines = [Line(f"safety.{state}_{'unnamed' if group is None else 'named'}", names)]
    if paused:
        lines.append(Line("safety.paused"))
    return Message(tuple(lines), (Button("safety.unlock", f"safety-unlock:{group_id}"),))

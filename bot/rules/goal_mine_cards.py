"""How somebody sees their own part in a challenge, and their partners'."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.rules import goals as rules
from bot.rules.goal_cards import Shown, taking_part
from bot.rules.goals import (
    DAILY,
    DAY,
    FEWEST,
    ONCE,
    PARTNERS_MOST,
    Course,
    Mine,
    Progress,
    Standing,
)
from bot.rules.message import Button, Line, Menu, Message, Picture
from bot.rules.naming import safe

STRIP = 7
DONE, OPEN = "●", "·"
AIMS_ON_PAGE = 7  # of 200 characters, each of which may count twice
ASKS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class MyPart:
    """Somebody's own part: what they wrote, how it stands, whom they look out for."""

    aim: str
    mine: Mine
    standing: Standing
    named: bool
    completed: bool | None
    partners: tuple[int, ...]
    asked: bool  # somebody would like to be their partner
    shares: bool  # a word of theirs stands in the thread


@dataclass(frozen=True, slots=True)
class Side:
    """A partner as the other sees them."""

    user_id: int
    strip: str
    rests: bool


def strip(course: Course, marks: frozenset[date], now: datetime) -> str:
    """Return the last seven days of a challenge, today last: a full circle for each check-in."""
    last = min(course.today(now), course.last)
    days = [last - n * DAY for n in reversed(range(STRIP))]
    return "".join(DONE if day in marks else OPEN for day in days if day >= course.first) or OPEN


def mine(one: Shown, part: MyPart | None, now: datetime) -> Message:
    """Return somebody's own part, and what they can do; None: they are not in it."""
    lines = [Line("goals.mine_title", {"title": safe(one.title)}), _when(one, now)]
    if part is None:
        return Message(
            (*lines, Line("goals.mine_not_in")),
            (
                *((Button("goals.im_in", f"goal-in:{one.id}", "primary"),) if _runs(one) else ()),
                Button("goals.goals_button", f"goal-aims:{one.id}:0"),
                Button("goals.how_are_we", f"goal-progress:{one.id}"),
                Button("goals.how_button", f"goal-how:{one.id}"),
            ),
        )
    lines += _told(one, part, now)
    return Message(tuple(lines), tuple(_own_buttons(one, part, now)))


def came_in(one: Shown, mine_: Mine, *, already: bool) -> Message:
    """Return the answer to ‹I'm in›."""
    at = int(
        rules.moments(
            Course(mine_.first, one.course.last, one.course.zone, 0, 0)
        ).starts_at.timestamp()
    )
    key = "goals.in_once" if one.course.times == ONCE else "goals.in_done"
    first = Line(key, {"title": safe(one.title), "at": at, "until": one.until})
    if already:
        first = Line("goals.in_already")
    return Message(
        (first, Line("goals.in_own")),
        (
            Button("goals.own_goal", f"goal-own:{one.id}", "primary"),
            Button("goals.partner_button", f"goal-partner:{one.id}"),
            Button("goals.my_part", f"goal-mine:{one.id}"),
        ),
    )


def not_in(goal_id: int) -> Message:
    """Return what who is not in it reads when they check in."""
    return Message(
        (Line("goals.not_in"),), (Button("goals.im_in", f"goal-in:{goal_id}", "primary"),)
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check-in did: the day is new, or was noted already.

    `done` is how often somebody checked in by now, `left` how much grace there is. `taken`: since
    the check-in before something was missed and took some of it. `may_say`: a word may go with it.
    """

    new: bool
    yesterday: bool
    taken: bool
    done: int
    left: int
    may_say: bool


def checked(one: Shown, did: Checked) -> Message:
    """Return the answer to a check-in; grace that was taken is told kindly, once."""
    if did.new:
        key = "goals.checked_yesterday" if did.yesterday else "goals.checked"
        lines = [Line(key, {"n": did.done})]
    else:
        lines = [Line("goals.checked_already")]
    if did.new and did.taken:
        unit = "days" if one.course.times == DAILY else "times"
        lines.append(Line(f"goals.check_grace_{unit}", {"n": did.left}))
    buttons = [Button("goals.my_part", f"goal-mine:{one.id}")]
    if did.may_say:
        buttons.insert(0, Button("goals.word_button", f"goal-word:{one.id}", "primary"))
    return Message(tuple(lines), tuple(buttons))


def preview(goal_id: int, user_id: int, day: int, said: str) -> Message:
    """Return a word as it would stand in the thread, for its author's eyes."""
    return Message(
        (Line("goals.word_preview"), word(user_id, day, said)),
        (
            Button("goals.share", f"goal-share:{goal_id}", "primary"),
            Button("goals.change", f"goal-word:{goal_id}"),
            Button("goals.leave_it", f"goal-unword:{goal_id}"),
        ),
    )


def word(user_id: int, day: int, said: str) -> Line:
    """Return a shared word as its line."""
    return Line("goals.word_line", {"user": user_id, "day": day, "said": safe(said)})


def word_posted(goal_id: int, user_id: int, day: date, number: int, said: str) -> Message:
    """Return a shared word as it goes into the thread."""
    mark = f"goal-done:{goal_id}:{user_id}-{day.isoformat()}"
    return Message((word(user_id, number, said),), (Button("goals.check_in", mark),))


def aims(one: Shown, found: Sequence[tuple[int, str]], page: int) -> Message:
    """Return the goals that people wrote down for others to read."""
    lines = [Line("goals.aims_title", {"title": safe(one.title)})]
    start = page * AIMS_ON_PAGE
    for user_id, aim in found[start : start + AIMS_ON_PAGE]:
        lines.append(Line("goals.aims_line", {"user": user_id, "aim": safe(aim)}))
    if len(lines) == 1:
        lines.append(Line("goals.aims_none"))
    buttons = [Button("goals.own_goal", f"goal-own:{one.id}", "primary")] if _runs(one) else []
    if start + AIMS_ON_PAGE < len(found):
        buttons.append(Button("goals.page_on", f"goal-aims:{one.id}:{page + 1}"))
    buttons.append(Button("goals.my_part", f"goal-mine:{one.id}"))
    return Message(tuple(lines), tuple(buttons))


def progress(one: Shown, found: Progress, picture: Picture | None) -> Message:
    """Return how the group is doing, in sums."""
    told = Line("goals.progress_few") if found.people < FEWEST else taking_part(found)
    return Message(
        (Line("goals.title", {"title": safe(one.title)}), told),
        (Button("goals.my_part", f"goal-mine:{one.id}"),),
        pictures=() if picture is None else (picture,),
    )


def partners(
    one: Shown, sides: Sequence[Side], asking: Sequence[int], asked: Sequence[int]
) -> Message:
    """Return somebody's partners, who asks them and whom they asked."""
    lines = [
        Line("goals.partner_title", {"title": safe(one.title)}),
        Line("goals.partner_about"),
    ]
    buttons: list[Button] = []
    for number, side in enumerate(sides, 1):
        key = "goals.partner_rests_number" if side.rests else "goals.partner_with_number"
        lines.append(Line(key, {"number": number, "user": side.user_id, "strip": side.strip}))
        press = f"goal-partner-end:{one.id}:{side.user_id}"
        buttons.append(Button("goals.partner_end", press, params={"number": number}))
    for number, user in enumerate(asking[:ASKS_SHOWN], len(sides) + 1):
        lines.append(Line("goals.partner_number", {"number": number, "user": user}))
        yes, no = f"goal-partner-yes:{one.id}:{user}", f"goal-partner-no:{one.id}:{user}"
        buttons.append(Button("goals.partner_yes", yes, "success", {"number": number}))
        buttons.append(Button("goals.partner_no", no, params={"number": number}))
    lines += [Line("goals.partner_asked", {"user": user}) for user in asked]
    menus: tuple[Menu, ...] = ()
    if len(sides) < PARTNERS_MOST and _runs(one):
        menus = (Menu("goals.partner_pick", f"goal-ask:{one.id}", kind="people"),)
    buttons.append(Button("goals.my_part", f"goal-mine:{one.id}"))
    return Message(tuple(lines), tuple(buttons), menus)


def out_sure(one: Shown) -> Message:
    """Ask once before somebody's part is erased."""
    return Message(
        (Line("goals.out_sure", {"title": safe(one.title)}),),
        (
            Button("goals.out_yes", f"goal-out-yes:{one.id}", "danger"),
            Button("goals.my_part", f"goal-mine:{one.id}"),
        ),
    )


def after(key: str, goal_id: int, **params: Any) -> Message:
    """Return a line with the way back to one's part."""
    return Message((Line(key, params),), (Button("goals.my_part", f"goal-mine:{goal_id}"),))


def _runs(one: Shown) -> bool:
    return one.state == "running"


def _when(one: Shown, now: datetime) -> Line:
    course = one.course
    if not _runs(one) or now >= one.moments.ends_at:
        return Line("goals.mine_over")
    if now < one.moments.starts_at:
        return Line("goals.mine_before", {"since": one.since})
    day = course.number(course.today(now))
    return Line("goals.mine_day", {"day": day, "days": course.days, "until": one.until})


def _told(one: Shown, part: MyPart, now: datetime) -> list[Line]:
    lines: list[Line] = []
    standing, course = part.standing, one.course
    if part.aim:
        lines.append(Line("goals.mine_aim", {"aim": safe(part.aim)}))
    if now >= one.moments.starts_at:
        shown = strip(course, part.mine.marks, now)
        lines.append(Line("goals.mine_strip", {"strip": shown, "n": standing.done}))
    if part.completed is not None:
        lines.append(Line("goals.mine_completed" if part.completed else "goals.mine_took_part"))
    elif not _runs(one):  # ended early: nobody counted
        lines.append(Line("goals.mine_took_part"))
    elif standing.resting:
        lines.append(Line("goals.mine_resting"))
    elif course.times != ONCE and course.grace:
        lines.append(_grace(course, standing))
    if part.partners:
        people = " ".join(f"<@{user}>" for user in part.partners)
        lines.append(Line("goals.mine_partners", {"people": people}))
    if part.named:
        lines.append(Line("goals.mine_named"))
    return lines


def _grace(course: Course, standing: Standing) -> Line:
    if not standing.on_way:
        return Line("goals.mine_beyond")
    if not standing.grace_left:
        return Line("goals.mine_used")
    unit = "days" if course.times == DAILY else "times"
    return Line(f"goals.mine_grace_{unit}", {"left": standing.grace_left, "grace": course.grace})


def _own_buttons(one: Shown, part: MyPart, now: datetime) -> list[Button]:
    goal, course = one.id, one.course
    today = course.today(now)
    named = Button(
        "goals.dont_name_me" if part.named else "goals.name_me", f"goal-name:{goal}:part"
    )
    if not _runs(one):
        return [
            *((named,) if part.completed else ()),
            Button("goals.how_are_we", f"goal-progress:{goal}"),
        ]
    buttons: list[Button] = []
    if rules.may_mark(course, today, now):
        if today in part.mine.marks:
            buttons.append(Button("goals.word_button", f"goal-word:{goal}", "primary"))
            buttons.append(Button("goals.take_back", f"goal-undo:{goal}"))
        else:
            buttons.append(Button("goals.check_in", f"goal-done:{goal}", "success"))
    if rules.may_mark(course, today - DAY, now) and today - DAY not in part.mine.marks:
        buttons.append(Button("goals.yesterday", f"goal-yesterday:{goal}"))
    if part.shares:
        buttons.append(Button("goals.unsay", f"goal-unsay:{goal}"))
    rest = Button("goals.break_button", f"goal-break:{goal}")
    if part.standing.resting:
        rest = Button("goals.back_button", f"goal-back:{goal}", "primary")
    return [
        *buttons,
        Button("goals.own_goal", f"goal-own:{goal}"),
        rest,
        Button(
            "goals.partner_button",
            f"goal-partner:{goal}",
            "primary" if part.asked else "secondary",
        ),
        named,
        Button("goals.goals_button", f"goal-aims:{goal}:0"),
        Button("goals.how_are_we", f"goal-progress:{goal}"),
        Button("goals.step_out", f"goal-out:{goal}"),
    ]

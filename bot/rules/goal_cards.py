"""What a challenge says in its group's room, and how those who look after the group see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.rules import goals as rules
from bot.rules.goals import DAILY, FEWEST, ONCE, Course, Ended, Moments, Progress
from bot.rules.message import Button, Line, Message, Picture, Thread
from bot.rules.naming import safe

NAMED_IN_ONE = 50  # a mention takes up to 23 characters


@dataclass(frozen=True, slots=True)
class Shown:
    """A challenge as everybody in its group may know it."""

    id: int
    group_id: int
    title: str
    counts: str
    course: Course
    host_id: int | None
    state: str

    @property
    def moments(self) -> Moments:
        """When it begins, is half over, and ends."""
        return rules.moments(self.course)

    @property
    def until(self) -> int:
        """The last second of its last day, since 1970: shown, it is that day."""
        return int(self.moments.ends_at.timestamp()) - 1

    @property
    def since(self) -> int:
        """The first second of its first day, since 1970."""
        return int(self.moments.starts_at.timestamp())


def begun(one: Shown) -> Message:
    """Return the post in the room with which a challenge begins, and its thread opens."""
    first = Line("goals.begun", {"user": one.host_id, "title": safe(one.title)})
    return Message(
        (first, *_about(one)),
        _room_buttons(one.id),
        thread=Thread(Line("goals.thread", {"title": one.title})),
    )


def goes_on_here(one: Shown) -> Message:
    """Return the post in another room, where those who came along go on."""
    first = Line("goals.goes_on_here", {"title": safe(one.title)})
    return Message(
        (first, *_about(one)),
        _room_buttons(one.id),
        thread=Thread(Line("goals.thread", {"title": one.title})),
    )


def how() -> Message:
    """Return how a challenge works, and what is kept of it."""
    keys = ("title", "in", "check", "grace", "partner", "sums", "end")
    return Message(tuple(Line(f"goals.how_{key}") for key in keys))


def half(one: Shown, found: Progress, now: datetime, picture: Picture | None) -> Message:
    """Return what stands in the room at half-time."""
    day = one.course.number(one.course.today(now))
    title = {"title": safe(one.title), "day": day, "days": one.course.days}
    lines = [Line("goals.half", title)]
    if found.people >= FEWEST:
        key = "goals.half_way" if found.on_way >= FEWEST else "goals.half_some"
        lines.append(Line(key, {"on_way": found.on_way, "n": found.people}))
    lines.append(Line("goals.half_ask"))
    return Message(
        tuple(lines),
        (
            Button("goals.my_part", f"goal-mine:{one.id}:half", "primary"),
            Button("goals.check_in", f"goal-done:{one.id}:half"),
        ),
        pictures=() if picture is None else (picture,),
    )


def ended(
    one: Shown, came: Ended, names_at: datetime, picture: Picture | None, *, early: bool
) -> Message:
    """Return what stands in the room when a challenge is over, or was ended before its time."""
    title = {"title": safe(one.title)}
    lines = [Line("goals.ended_early" if early else "goals.ended", title)]
    if came.joined < FEWEST:
        lines.append(Line("goals.ended_few"))
    else:
        key = "goals.ended_counts" if came.completed >= FEWEST else "goals.ended_took_part"
        lines.append(Line(key, {"completed": came.completed, "joined": came.joined}))
    if came.completed and not early:
        lines.append(Line("goals.ended_name", {"at": int(names_at.timestamp())}))
    if one.host_id is None:
        lines.append(Line("goals.ended_next_nobody"))
    else:
        lines.append(Line("goals.ended_next", {"user": one.host_id}))
    buttons = [Button("goals.my_part", f"goal-mine:{one.id}:end")]
    if came.completed and not early:
        buttons.insert(0, Button("goals.name_me", f"goal-name:{one.id}:end", "primary"))
    return Message(tuple(lines), tuple(buttons), pictures=() if picture is None else (picture,))


def named(one: Shown, people: Sequence[int]) -> list[Message]:
    """Return who completed it and wants the room to know; as many messages as are needed."""
    found: list[Message] = []
    for start in range(0, len(people), NAMED_IN_ONE):
        mentions = " ".join(f"<@{user}>" for user in people[start : start + NAMED_IN_ONE])
        key = "goals.named_more" if start else "goals.named_done"
        button = Button("goals.my_part", f"goal-mine:{one.id}:named-{start}")
        found.append(
            Message((Line(key, {"title": safe(one.title), "people": mentions}),), (button,))
        )
    return found


def waits(goal_id: int, people: Sequence[int]) -> Message:
    """Return the line that a challenge asks whether it shall go on; it names neither.

    It may stand in the facilitators' room, where others read too.
    """
    key = "goals.waits" if people else "goals.waits_nobody"
    mentions = " ".join(f"<@{user}>" for user in people)
    return Message(
        (Line(key, {"people": mentions} if people else {}),),
        (Button("goals.waits_open", f"goal-asks:{goal_id}", "primary"),),
        users=tuple(people),
    )


# --- at the desk ---------------------------------------------------------------------------------


def desk_none(
    group_id: int, group: str, last: Shown | None, came: Ended, *, archived: bool
) -> Message:
    """Return the desk's card while no challenge is open; `came` is what the last one came to."""
    lines = [Line("goals.head", {"group": safe(group)}), Line("goals.about_none")]
    buttons = [Button("goals.plan", f"goal-plan:{group_id}", "primary")]
    if last is not None:
        lines += [Line("goals.last", {"title": safe(last.title), "until": last.until})]
        lines += _came(last, came)
        buttons = [
            Button("goals.go_on", f"goal-again:{last.id}", "primary"),
            Button("goals.another", f"goal-plan:{group_id}"),
        ]
    back = Button("desk.back", f"desk-page:{group_id}:together")
    return Message(tuple(lines), (*(() if archived else buttons), back))


def desk_draft(one: Shown) -> Message:
    """Return the desk's card of a challenge that nobody has begun yet."""
    lines = (
        Line("goals.title", {"title": safe(one.title)}),
        *_about(one),
        Line("goals.not_yet", {"title": safe(one.title)}),
    )
    return Message(
        lines,
        (
            Button("goals.begin", f"goal-begin:{one.id}", "primary"),
            Button("goals.change", f"goal-change:{one.id}"),
            Button("goals.drop", f"goal-drop:{one.id}"),
            Button("desk.back", f"desk-page:{one.group_id}:together"),
        ),
    )


def desk_running(one: Shown, found: Progress, actor_id: int, picture: Picture | None) -> Message:
    """Return the desk's card of a challenge that runs."""
    lines = [Line("goals.title", {"title": safe(one.title)}), *_about(one)]
    if one.host_id is None:
        lines.append(Line("goals.nobody_hosts"))
    else:
        lines.append(Line("goals.hosted", {"user": one.host_id}))
    lines.append(taking_part(found))
    buttons = [Button("goals.end_it", f"goal-end:{one.id}")]
    if one.host_id != actor_id:
        buttons.insert(0, Button("goals.host_it", f"goal-host:{one.id}"))
    back = Button("desk.back", f"desk-page:{one.group_id}:together")
    return Message(tuple(lines), (*buttons, back), pictures=() if picture is None else (picture,))


def taking_part(found: Progress) -> Line:
    """Return how many take part, and are on their way, where five or more are."""
    if found.people < FEWEST:
        return Line("goals.taking_part_few")
    key = "goals.taking_part" if found.on_way >= FEWEST else "goals.taking_part_some"
    return Line(key, {"n": found.people, "on_way": found.on_way})


def end_sure(one: Shown) -> Message:
    """Ask once whether a challenge shall end now."""
    return Message(
        (Line("goals.end_sure", {"title": safe(one.title)}),),
        (
            Button("goals.end_yes", f"goal-end-yes:{one.id}", "danger"),
            Button("goals.keep_it", f"goal-keep:{one.id}"),
        ),
    )


def asks(one: Shown) -> Message:
    """Return the question whether a challenge in which nobody checks in shall go on."""
    return Message(
        (Line("goals.desk_silent", {"title": safe(one.title)}),),
        (
            Button("goals.end_it", f"goal-end:{one.id}", "primary"),
            Button("goals.keep_it", f"goal-keep:{one.id}"),
        ),
    )


def refused(key: str, params: Mapping[str, Any], again: str) -> Message:
    """Return why a form does not fit, with the way back into it."""
    return Message((Line(key, params),), (Button("home.fix_it", again, "primary"),))


def _about(one: Shown) -> list[Line]:
    course = one.course
    span: dict[str, Any] = {"since": one.since, "until": one.until}
    if course.times in {DAILY, ONCE}:
        lines = [Line("goals.span_daily" if course.times else "goals.span_once", span)]
    else:
        lines = [Line("goals.span_week", {**span, "n": course.times})]
    lines.append(Line("goals.counts", {"counts": safe(one.counts)}))
    if course.grace:
        unit = "days" if course.times == DAILY else "times"
        lines.append(Line(f"goals.grace_{unit}", {"n": course.grace}))
    return lines


def _room_buttons(goal_id: int) -> tuple[Button, ...]:
    return (
        Button("goals.im_in", f"goal-in:{goal_id}", "primary"),
        Button("goals.check_in", f"goal-done:{goal_id}", "success"),
        Button("goals.my_part", f"goal-mine:{goal_id}"),
        Button("goals.how_button", f"goal-how:{goal_id}"),
    )


def _came(last: Shown, came: Ended) -> list[Line]:
    if last.state == "off":
        return [Line("goals.last_off")]
    if came.joined < FEWEST:
        return [Line("goals.last_few")]
    counts = {"completed": came.completed, "joined": came.joined}
    key = "goals.last_counts" if came.completed >= FEWEST else "goals.last_took_part"
    lines = [Line(key, counts)]
    beside = came.beside()
    if beside is not None:
        lines.append(Line("goals.beside", sides(beside)))
    return lines


def sides(beside: tuple[tuple[int, int], tuple[int, int]]) -> dict[str, int]:
    """Return the fillings of a line about those with a partner and those without."""
    (with_done, with_all), (alone_done, alone_all) = beside
    return {
        "with_done": with_done,
        "with_all": with_all,
        "alone_done": alone_done,
        "alone_all": alone_all,
    }

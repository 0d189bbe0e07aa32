"""Gatherings as one person sees them: a date with its buttons, and what is coming up."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.gathering_posts import place, when
from bot.rules.gatherings import DAY, Seen, phase
from bot.rules.home_cards import Note
from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.together_cards import Part

NAMED_MOST = 30  # people who come, by name; more are a number
LISTED_MOST = 5
LABEL = 40  # characters of a title on a button


def details(seen: Seen, now: datetime, said: Sequence[Line] = ()) -> Message:
    """Return all there is to know of a date, for who is inside; `said` stands first."""
    lines = [*said, Line("gathering.post", {"title": safe(seen.title)})]
    if seen.words:
        lines.append(Line("gathering.words", {"words": safe(seen.words)}))
    lines += [when(seen), *place(seen, link=True)]
    if seen.repeat != "once":
        lines.append(Line(f"gathering.every_{seen.repeat}"))
    if seen.host_id is not None:
        lines.append(Line("gathering.host", {"user": seen.host_id}))
    if seen.state in {"off", "left_out", "over"}:
        lines.append(Line(f"gathering.now_{seen.state}"))
    else:
        lines += _who(seen)
        lines += _mine(seen)
    return Message(tuple(lines), tuple(_buttons(seen, now)))


def answered(seen: Seen, now: datetime, said: str = "") -> Message:
    """Return the answer to who said yes, maybe or no, or turned a reminder on or off (`said`)."""
    fillings = {
        "title": safe(seen.title),
        "at": int(seen.starts.timestamp()),
        "n": seen.in_line,
        "most": seen.most or 0,
    }
    line = Line(f"gathering.said_{said or seen.mine}", fillings)
    buttons = [*_reminders(seen, now)]
    if seen.mine in {"yes", "maybe"}:
        buttons.append(Button("gathering.calendar", f"gathering-file:{seen.date_id}"))
    buttons.append(Button("gathering.details", f"gathering-look:{seen.date_id}"))
    return Message((line,), tuple(buttons))


def arrived(seen: Seen) -> Message:
    """Return the answer to who says that they are there."""
    line = Line("gathering.said_here", {"title": safe(seen.title)})
    return Message((line,), (Button("gathering.details", f"gathering-look:{seen.date_id}"),))


def part(group_id: int, coming: Sequence[Seen], *, waits: Sequence[str], declined: bool) -> Part:
    """Return what a group's card of what it does together says of gatherings.

    `waits` are titles of one's own proposals that wait; `declined`: one was left for now.
    """
    lines = [
        Line(
            "gathering.coming_up" if one.mine != "yes" else "gathering.coming_up_yes",
            {"title": safe(one.title), "at": int(one.starts.timestamp())},
        )
        for one in coming[:LISTED_MOST]
    ]
    lines += [Line("gathering.proposed_waits", {"title": safe(title)}) for title in waits]
    if declined:
        lines.append(Line("gathering.proposed_no"))
    buttons = [
        Button(
            "gathering.named", f"gathering-look:{one.date_id}", params={"title": one.title[:LABEL]}
        )
        for one in coming[:LISTED_MOST]
    ]
    buttons.append(Button("gathering.propose", f"gathering-new:{group_id}"))
    return Part(tuple(lines), tuple(buttons))


def seat_note(seen: Seen) -> Note:
    """Return what stands on /home of who got a seat and has not looked yet."""
    fillings = {"title": safe(seen.title), "at": int(seen.starts.timestamp())}
    look = Button("gathering.details", f"gathering-look:{seen.date_id}:home", "primary")
    return Note((Line("gathering.seat_note", fillings),), (look,), urgent=True)


def rests_note(gathering_id: int, title: str) -> Note:
    """Return what stands on /home of who hosts a series that rests."""
    return Note(
        (Line("gathering.rests_note", {"title": safe(title)}),),
        (Button("gathering.rests_open", f"gathering-plan:{gathering_id}"),),
    )


def _who(seen: Seen) -> list[Line]:
    lines: list[Line] = []
    count = len(seen.coming)
    if 0 < count <= NAMED_MOST:
        people = " ".join(f"<@{user}>" for user in seen.coming)
        lines.append(Line("gathering.who", {"n": count, "people": people}))
    elif count:
        lines.append(Line("gathering.who_many", {"n": count}))
    if seen.most is not None:
        key = "gathering.who_full" if seen.full else "gathering.who_free"
        lines.append(Line(key, {"n": seen.most - count, "most": seen.most}))
    if seen.maybe:
        lines.append(Line("gathering.who_maybe", {"n": seen.maybe}))
    if seen.waiting and seen.changes:
        lines.append(Line("gathering.who_waits", {"n": seen.waiting}))
    return lines


def _mine(seen: Seen) -> list[Line]:
    if seen.here:
        return [Line("gathering.mine_here")]
    return [Line(f"gathering.mine_{seen.mine}", {"n": seen.in_line})] if seen.mine else []


def _buttons(seen: Seen, now: datetime) -> list[Button]:
    buttons: list[Button] = []
    where = phase(seen.starts, seen.ends, now)
    if seen.state == "open" and now < seen.starts:
        if seen.mine not in {"yes", "waits"}:
            key = "gathering.wait" if seen.full else "gathering.yes"
            buttons.append(Button(key, f"gathering-yes:{seen.date_id}", "success"))
        if seen.mine != "maybe":
            buttons.append(Button("gathering.maybe", f"gathering-maybe:{seen.date_id}"))
        if seen.mine != "no":
            buttons.append(Button("gathering.no", f"gathering-no:{seen.date_id}"))
        buttons += _reminders(seen, now)
    if seen.state in {"open", "over"} and where in {"near", "on", "after"} and not seen.here:
        key = "gathering.here" if where != "after" else "gathering.was_here"
        buttons.append(Button(key, f"gathering-here:{seen.date_id}", "success"))
    if seen.state != "over":
        buttons.append(Button("gathering.calendar", f"gathering-file:{seen.date_id}"))
    if seen.changes:
        buttons.append(Button("gathering.plan", f"gathering-plan:{seen.gathering_id}"))
    buttons.append(Button("gathering.back", f"together:{seen.group_id}"))
    return buttons


def _reminders(seen: Seen, now: datetime) -> list[Button]:
    """Return what one can ask to be told of."""
    if seen.mine == "yes" and seen.starts - now > DAY:
        key = "gathering.early_off" if seen.early else "gathering.early_on"
        return [Button(key, f"gathering-early:{seen.date_id}")]
    if seen.mine == "waits":
        key = "gathering.tell_off" if seen.tell else "gathering.tell_on"
        return [Button(key, f"gathering-tell:{seen.date_id}")]
    return []

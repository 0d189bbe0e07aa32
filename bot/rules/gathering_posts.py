"""What a group's room hears of a gathering; nothing here is changed once it stands there.

What may change (who comes, how many, the link) is behind the buttons.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.rules.gatherings import FEWEST, Seen, span
from bot.rules.message import Button, Line, Message, Thread
from bot.rules.naming import safe

MENTIONS_IN_ONE = 50  # of up to 23 characters each


def announced(seen: Seen, mark: str = "") -> Message:
    """Return a date as it stands in the room; `mark` tells a second post of it from the first."""
    lines = [Line("gathering.post", {"title": safe(seen.title)})]
    if seen.words:
        lines.append(Line("gathering.words", {"words": safe(seen.words)}))
    lines += [when(seen), *place(seen)]
    if seen.most is not None:
        lines.append(Line("gathering.seats", {"most": seen.most}))
    if seen.repeat != "once":
        lines.append(Line(f"gathering.every_{seen.repeat}"))
    if seen.host_id is not None:
        lines.append(Line("gathering.host", {"user": seen.host_id}))
    return Message(tuple(lines), answers(seen.date_id, mark))


def answers(date_id: int, mark: str = "") -> tuple[Button, ...]:
    """Return the buttons below a date."""
    end = f"{date_id}:{mark}" if mark else f"{date_id}"
    return (
        Button("gathering.yes", f"gathering-yes:{end}", "success"),
        Button("gathering.maybe", f"gathering-maybe:{end}"),
        Button("gathering.no", f"gathering-no:{end}"),
        Button("gathering.details", f"gathering-look:{end}"),
    )


def when(seen: Seen) -> Line:
    """Return when it is, and for how long."""
    at = int(seen.starts.timestamp())
    return Line("gathering.when", {"at": at, "long": span(seen.minutes)})


def place(seen: Seen, *, link: bool = False) -> tuple[Line, ...]:
    """Return where it is; the link itself only with `link`, for who is inside and asks."""
    match seen.place:
        case "voice" if seen.room_id is not None:
            return (Line("gathering.at_voice", {"room": seen.room_id}),)
        case "voice":
            return (Line("gathering.at_own_voice"),)
        case "link" if link:
            return (Line("gathering.at_link", {"link": seen.spot}),)
        case "link":
            return (Line("gathering.at_link_behind"),)
        case "place":
            return (Line("gathering.at_place", {"spot": safe(seen.spot)}),)
        case _:
            return ()


def early(seen: Seen, users: Sequence[int]) -> list[Message]:
    """Return the reminder the day before, for those who wanted it."""
    return _called(seen, "early", "gathering.early", users)


def hour(seen: Seen) -> list[Message]:
    """Return the reminder an hour before, for those who come."""
    return _called(seen, "hour", "gathering.hour", seen.coming)


def moved(seen: Seen, before: datetime, mark: str, *, with_series: bool = False) -> list[Message]:
    """Return that a date is at another moment; those who come or may come are mentioned.

    `with_series`: those after it come at the new time, too.
    """
    fillings = {"before": int(before.timestamp())}
    key = "gathering.moved_regular" if with_series else "gathering.moved"
    return _called(seen, mark, key, seen.coming, fillings, ask=True)


def regular(seen: Seen, first: datetime, mark: str) -> Message:
    """Return that a series comes at another time, and the date in the room stays."""
    fillings = {
        "title": safe(seen.title),
        "at": int(seen.starts.timestamp()),
        "first": int(first.timestamp()),
    }
    details = Button("gathering.details", f"gathering-look:{seen.date_id}:{mark}")
    return Message((Line("gathering.is_regular", fillings),), (details,))


def off(seen: Seen, mark: str, *, reason: str = "off") -> list[Message]:
    """Return that a date is not held; `reason` is off, left_out, nobody (hosts it) or ended."""
    fillings = {"when": int(seen.starts.timestamp())}
    return _called(seen, mark, f"gathering.is_{reason}", seen.coming, fillings)


def changed(seen: Seen, mark: str) -> Message:
    """Return that a gathering is somewhere else, or of another length; nobody is mentioned."""
    line = Line("gathering.is_changed", {"title": safe(seen.title)})
    return Message((line, when(seen), *place(seen)), answers(seen.date_id, mark))


def again(seen: Seen, mark: str) -> Message:
    """Return that a date that was left out is held after all."""
    line = Line("gathering.is_on", {"title": safe(seen.title), "at": int(seen.starts.timestamp())})
    return Message((line,), answers(seen.date_id, mark))


def seat(seen: Seen, user_id: int, mark: str) -> Message:
    """Return that a seat came free, naming only who asked to be told."""
    return Message(
        (
            Line(
                "gathering.seat_free",
                {
                    "user": user_id,
                    "title": safe(seen.title),
                    "at": int(seen.starts.timestamp()),
                },
            ),
        ),
        (
            Button("gathering.details", f"gathering-look:{seen.date_id}:{mark}"),
            Button("gathering.no", f"gathering-no:{seen.date_id}:{mark}"),
        ),
        users=(user_id,),
        loud=True,
    )


def no_host(seen: Seen, by: datetime, mark: str) -> Message:
    """Return the question who would host it."""
    fillings = {
        "title": safe(seen.title),
        "at": int(seen.starts.timestamp()),
        "by": int(by.timestamp()),
    }
    return Message(
        (Line("gathering.no_host", fillings),),
        (
            Button("gathering.take", f"gathering-take:{seen.gathering_id}:{mark}", "primary"),
            Button("gathering.details", f"gathering-look:{seen.date_id}:{mark}"),
        ),
    )


def no_room(seen: Seen, mark: str) -> Message:
    """Return that the voice room of a date was deleted; its host is asked where it will be."""
    fillings = {"title": safe(seen.title), "at": int(seen.starts.timestamp())}
    details = Button("gathering.details", f"gathering-look:{seen.date_id}:{mark}")
    if seen.host_id is None:
        return Message((Line("gathering.no_room_nobody", fillings),), (details,))
    line = Line("gathering.no_room", {**fillings, "user": seen.host_id})
    return Message((line,), (details,), users=(seen.host_id,), loud=True)


def new_host(seen: Seen, user_id: int, mark: str) -> Message:
    """Return who hosts it now."""
    return Message(
        (Line("gathering.new_host", {"user": user_id, "title": safe(seen.title)}),),
        (Button("gathering.details", f"gathering-look:{seen.date_id}:{mark}"),),
    )


def looked_back(seen: Seen, came: int) -> Message:
    """Return the look back, with a thread for a line each; a number only from five."""
    key = "gathering.after_many" if came >= FEWEST else "gathering.after"
    return Message(
        (
            Line(key, {"title": safe(seen.title), "n": came}),
            Line("gathering.after_line"),
        ),
        (Button("gathering.next", f"gathering-next:{seen.gathering_id}:{seen.date_id}"),),
        thread=Thread(Line("gathering.after_thread", {"title": seen.title}), minutes=4320),
    )


def _called(
    seen: Seen,
    mark: str,
    key: str,
    users: Sequence[int],
    more: Mapping[str, object] | None = None,
    *,
    ask: bool = False,
) -> list[Message]:
    """Return a line with a mention of everybody; more than one message only for very many."""
    fillings = {"title": safe(seen.title), "at": int(seen.starts.timestamp()), **(more or {})}
    chunks = [users[i : i + MENTIONS_IN_ONE] for i in range(0, len(users), MENTIONS_IN_ONE)]
    found: list[Message] = []
    for number, chunk in enumerate(chunks or [()]):
        lines = [Line(key, fillings)] if not number else []
        if chunk:
            people = " ".join(f"<@{user}>" for user in chunk)
            lines.append(Line("gathering.people", {"people": people}))
        if not number and mark == "hour":
            lines += place(seen)
        tail = mark if not number else f"{mark}-{number}"
        found.append(
            Message(
                tuple(lines),
                _below(seen, mark, tail, ask=ask),
                users=tuple(chunk),
                loud=bool(chunk),
            )
        )
    return found


def _below(seen: Seen, mark: str, tail: str, *, ask: bool) -> tuple[Button, ...]:
    if ask:
        return answers(seen.date_id, tail)
    details = Button("gathering.details", f"gathering-look:{seen.date_id}:{tail}")
    if mark == "hour":
        return (
            Button("gathering.here", f"gathering-here:{seen.date_id}:{tail}", "success"),
            details,
        )
    if mark == "early":
        return (details, Button("gathering.no", f"gathering-no:{seen.date_id}:{tail}"))
    return (details,)

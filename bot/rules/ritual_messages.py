"""What a ritual says in its room, which prompt comes next, and whom it may ping."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.message import Button, Line, Message, Thread
from bot.rules.naming import safe
from bot.rules.ritual_kinds import Kind, Part

Pings = Literal["asked", "nobody", "group"]

GROUP_PING_PAUSE = timedelta(days=7)
DAY_BEGINS, NIGHT_BEGINS = 8, 22  # local hours
# A mention takes up to 23 characters; with title and prompt the text stays below Discord's 2,000.
MENTIONS_IN_ONE = 50
GREETED_MOST = 10
SUMMED_UP_FROM = 5  # people; of fewer no number is told
THREAD_MINUTES = (60, 1440, 4320, 10080)  # a thread's quiet minutes until it is archived; Discord's


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt and how often it was used."""

    id: int
    used: int


@dataclass(frozen=True, slots=True)
class Called:
    """Whom an occurrence pings: the people who asked, or the whole group."""

    users: tuple[int, ...] = ()
    group: bool = False


def next_prompt(ritual_id: int, prompts: Sequence[Prompt]) -> int:
    """Return the id of the prompt that comes next: none comes again before all were used.

    The order is the ritual's own, the same in every round, so that neighbours stay apart.
    """
    return min(
        prompts, key=lambda prompt: (prompt.used, _order(ritual_id, prompt.id), prompt.id)
    ).id


def _order(ritual_id: int, prompt_id: int) -> bytes:
    return hashlib.blake2b(f"{ritual_id}:{prompt_id}".encode(), digest_size=8).digest()


def called(
    pings: Pings, asked: Sequence[int], *, now: datetime, local: datetime, group_at: datetime | None
) -> Called:
    """Return whom an occurrence pings at `now`, which is `local` on the group's clock.

    The whole group at most once a week (`group_at`: the last time) and never at night; else, and
    by default, those who asked to be reminded.
    """
    if pings == "nobody":
        return Called()
    by_day = DAY_BEGINS <= local.hour < NIGHT_BEGINS
    rested = group_at is None or now - group_at >= GROUP_PING_PAUSE
    if pings == "group" and by_day and rested:
        return Called(group=True)
    return Called(users=tuple(asked))


@dataclass(frozen=True, slots=True)
class Due:
    """One occurrence as its room sees it; title and prompt as their authors wrote them.

    `host` is named, not pinged; who is `greeted` asked to be.
    """

    occurrence_id: int
    ritual_id: int
    title: str
    prompt: str
    kind: Kind
    thread: bool = False
    weekly: bool = True
    host: int | None = None
    greeted: tuple[int, ...] = ()


def due(one: Due, whom: Called, *, role_id: int | None) -> list[Message]:
    """Return what goes into the room; more than one message only when very many asked.

    `role_id` is the group's role if `whom` is the group.
    """
    title, prompt = safe(one.title), safe(one.prompt)
    lines = [Line("rituals.title", {"title": title}), Line("rituals.prompt", {"prompt": prompt})]
    if one.kind.part == "presence":
        lines.append(Line("rituals.presence"))
    if one.greeted:
        people = _mentions(one.greeted, ())
        lines.append(Line("rituals.greeted", {"people": people}))
    if one.host is not None:
        lines.append(Line("rota.hosted_by", {"user": one.host}))
    roles = (role_id,) if whom.group and role_id is not None else ()
    first, *others = _chunks([user for user in whom.users if user not in one.greeted])
    if roles or first:
        lines.append(Line("rituals.called", {"people": _mentions(first, roles)}))
    main = Message(
        tuple(lines),
        buttons=(
            Button("rituals.im_in", f"ritual-in:{one.occurrence_id}", "primary"),
            Button(
                "rituals.skip_week" if one.weekly else "rituals.skip_time",
                f"ritual-skip:{one.occurrence_id}",
            ),
            Button("rituals.remind_me", f"ritual-remind:{one.ritual_id}"),
        ),
        users=(*one.greeted, *first),
        roles=roles,
        loud=bool(one.greeted or first or roles),
        thread=_thread(one) if one.thread else None,
    )
    more = [
        Message(
            (Line("rituals.also_called", {"people": _mentions(users, ())}),),
            buttons=(
                Button(
                    "rituals.remind_me",
                    f"ritual-remind:{one.ritual_id}:{one.occurrence_id}:{number}",
                ),
            ),
            users=users,
            loud=True,
        )
        for number, users in enumerate(others, start=1)
    ]
    return [main, *more]


def _thread(one: Due) -> Thread:
    """Return the thread of an occurrence; quiet or not, it stays in sight until that is over."""
    open_for = one.kind.open_for
    minutes = next(kept for kept in THREAD_MINUTES if timedelta(minutes=kept) >= open_for)
    # A name is plain text: nothing in it is escaped, and nothing in it can ping.
    return Thread(
        Line("rituals.thread", {"title": one.title, "prompt": one.prompt}), False, minutes
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What became of one occurrence: how many took part, and when the next one is, if any is."""

    occurrence_id: int
    ritual_id: int
    title: str
    part: Part
    people: int
    following: int | None


def ended(one: Held) -> Message:
    """Return the last word on an occurrence: thanks, in numbers where that names nobody."""
    title = safe(one.title)
    if one.people < SUMMED_UP_FROM:
        thanks = Line("rituals.ended_few", {"title": title})
    else:
        thanks = Line(f"rituals.ended_{one.part}", {"title": title, "n": one.people})
    lines = [thanks]
    if one.following is not None:
        lines.append(Line("rituals.ended_next", {"at": one.following}))
    remind = f"ritual-remind:{one.ritual_id}:{one.occurrence_id}:end"
    return Message(tuple(lines), buttons=(Button("rituals.remind_me", remind),))


def waits(ritual_id: int, at: int, people: Sequence[int]) -> Message:
    """Return the line that a ritual rests, unanswered; it names neither the group nor the ritual.

    It stands in the facilitators' room, where others read too; `at` in seconds since 1970.
    """
    first = tuple(people[:MENTIONS_IN_ONE])
    key = "rituals.waits" if first else "rituals.waits_nobody"
    return Message(
        (Line(key, {"people": _mentions(first, ())} if first else {}),),
        buttons=(Button("rituals.open", f"ritual-unanswered:{ritual_id}:{at}", "primary"),),
        users=first,
    )


def unanswered(ritual_id: int, title: str) -> Message:
    """Return the question whether a ritual nobody answers shall go on, for its hosts' eyes only."""
    return Message(
        (Line("rituals.unanswered", {"title": safe(title)}),),
        buttons=(
            Button("rituals.keep_it", f"ritual-keep:{ritual_id}", "primary"),
            Button("rituals.let_it_rest", f"ritual-rest:{ritual_id}"),
        ),
    )


def _chunks(users: Sequence[int]) -> list[tuple[int, ...]]:
    found = [tuple(users[i : i + MENTIONS_IN_ONE]) for i in range(0, len(users), MENTIONS_IN_ONE)]
    return found or [()]


def _mentions(users: Sequence[int], roles: Sequence[int]) -> str:
    return " ".join([*(f"<@&{role}>" for role in roles), *(f"<@{user}>" for user in users)])

"""What facilitators have Hearth say in their room: norms, a question, a call; and the cards for it.

Each is rare by itself, and none goes out without somebody's press.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from bot.rules.message import Button, Line, Message
from bot.rules.naming import safe
from bot.rules.starters import name

Word = Literal["norms", "starter", "call"]

# How long after one the next may follow.
PAUSES: dict[Word, timedelta] = {
    "norms": timedelta(days=7),
    "starter": timedelta(hours=20),  # one a day, at the same hour or a little earlier
    "call": timedelta(days=7),
}
SAID_MOST = 200
MENTIONS_IN_ONE = 60  # of 23 characters each, and room for a sentence of which each may count twice


def norms_lines(norms: str) -> list[Line]:
    """Return a group's norms, one on each line."""
    found = [norm.strip() for norm in norms.splitlines() if norm.strip()]
    return [Line("room.norm", {"norm": safe(norm)}) for norm in found]


def norms_card(
    group_id: int, emoji: str, group: str, norms: str, *, at_the_desk: bool = False
) -> Message:
    """Return what a group agreed on; `at_the_desk` with what its facilitators can do about it."""
    lines = norms_lines(norms)
    buttons: list[Button] = []
    if at_the_desk:
        if lines:
            buttons.append(Button("room.norms_remind", f"room-norms-post:{group_id}", "primary"))
        buttons += [
            Button("desk.charter", f"desk-charter:{group_id}"),
            Button("desk.back", f"desk-page:{group_id}:room"),
        ]
    if not lines:
        nothing = "room.norms_nothing" if at_the_desk else "room.norms_none"
        return Message((Line(nothing, {"group": safe(group)}),), tuple(buttons))
    title = Line("room.norms_title", {"emoji": emoji, "group": safe(group)})
    return Message((title, *lines), tuple(buttons))


def norms_posted(group_id: int, norms: str, now: datetime) -> Message:
    """Return the norms as they stand in the room, for everyone to read and nobody in particular."""
    at = int(now.timestamp())
    return Message(
        (Line("room.norms_posted"), *norms_lines(norms)),
        buttons=(Button("groups.how", f"charter:{group_id}:{at}:norms"),),
    )


def starter_card(group_id: int, starters: Sequence[Line], place: int) -> Message:
    """Return one of the week's starters with what can be done about it."""
    shown = starters[place % len(starters)]
    return Message(
        (Line("room.starter"), shown, Line("room.starter_how")),
        buttons=(
            Button("room.starter_post", f"room-starter-post:{group_id}:{name(shown)}", "primary"),
            Button(
                "room.starter_another", f"room-starter:{group_id}:{(place + 1) % len(starters)}"
            ),
            Button("desk.back", f"desk-page:{group_id}:room"),
        ),
    )


def starter_posted(group_id: int, user_id: int, starter: Line, now: datetime) -> Message:
    """Return the starter as it stands in the room: the question of whoever posted it."""
    at = int(now.timestamp())
    return Message(
        (Line("room.starter_posted", {"user": user_id}), starter),
        buttons=(Button("room.starter_why", f"room-starter-why:{group_id}:{at}"),),
    )


def called(
    group_id: int,
    user_id: int,
    said: str,
    *,
    role_id: int | None,
    people: Sequence[int],
    now: datetime,
) -> list[Message]:
    """Return the call: by the group's role, or by name where it has none; `said` as it was typed.

    More than one message only where many are called by name.
    """
    at = int(now.timestamp())
    if role_id is not None:
        rounds: list[tuple[int, ...]] = [()]
        first = f"<@&{role_id}>"
    else:
        rounds = [
            tuple(people[start : start + MENTIONS_IN_ONE])
            for start in range(0, len(people), MENTIONS_IN_ONE)
        ] or [()]
        first = _mentions(rounds[0])
    main = Message(
        (Line("room.called", {"people": first, "said": safe(said), "user": user_id}),),
        buttons=(Button("groups.how", f"charter:{group_id}:{at}:call"),),
        users=rounds[0],
        roles=() if role_id is None else (role_id,),
        loud=True,
    )
    more = [
        Message(
            (Line("room.also_called", {"people": _mentions(users)}),),
            buttons=(Button("groups.how", f"charter:{group_id}:{at}:call-{number}"),),
            users=users,
            loud=True,
        )
        for number, users in enumerate(rounds[1:], start=1)
    ]
    return [main, *more]


def _mentions(people: Sequence[int]) -> str:
    return " ".join(f"<@{user}>" for user in people)

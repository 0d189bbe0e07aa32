"""What the hosts of *From the neighbourhoods* read, and the lines at its head in the commons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.rules import bridge_cards, bridges
from bot.rules.bridge_cards import Shown
from bot.rules.group_messages import short
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.neighbourhoods import RESTS_AFTER

SAID_MOST, LABEL_MOST = 120, 80  # characters of each bridge where several are shown

State = Literal["none", "waits", "ready", "rests"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One bridge of an edition; `files` come along."""

    bridge_id: int
    shown: Shown
    files: int


@dataclass(frozen=True, slots=True)
class Board:
    """How it stands: who hosts, what waits, and what the reader may do."""

    hosts: tuple[int, ...]
    waiting: int
    state: State
    edition_id: int | None
    host_id: int | None
    last_at: datetime | None
    is_host: bool


def board(group_id: int, found: Board) -> Message:
    """Return the card behind the desk's ‹From the neighbourhoods›."""
    told = [Line("neighbourhoods.title"), Line("neighbourhoods.what")]
    if found.hosts:
        people = ", ".join(f"<@{user}>" for user in found.hosts)
        told.append(Line("neighbourhoods.hosts", {"people": people}))
    else:
        told.append(Line("neighbourhoods.no_hosts"))
    if found.last_at is not None:
        told.append(Line("neighbourhoods.last", {"at": int(found.last_at.timestamp())}))
    told.append(
        Line("neighbourhoods.waiting", {"n": found.waiting})
        if found.waiting
        else Line("neighbourhoods.nothing")
    )
    buttons: list[Button] = []
    if found.state == "ready" and found.edition_id is not None:
        told.append(Line("neighbourhoods.ready", {"user": found.host_id or 0}))
        buttons.append(_read(found.edition_id))
    if found.state == "rests":
        told.append(Line("neighbourhoods.rests"))
        if found.is_host:
            buttons.append(Button("neighbourhoods.begin", f"bridge-begin:{group_id}", "primary"))
    label = "neighbourhoods.stop_hosting" if found.is_host else "neighbourhoods.host"
    buttons.append(Button(label, f"bridge-host:{group_id}:{int(not found.is_host)}"))
    buttons.append(Button("desk.back", f"desk-page:{group_id}:together"))
    return Message(tuple(told), tuple(buttons))


def draft(edition_id: int, found: Sequence[Chosen], waiting: int) -> Message:
    """Return what would be published, shortened; each can be read as a whole."""
    if not found:
        return Message((Line("neighbourhoods.title"), Line("neighbourhoods.draft_none")))
    told = [Line("neighbourhoods.draft", {"n": len(found)})]
    choices: list[Choice] = []
    for number, one in enumerate(found, 1):
        head = bridge_cards.lines(one.shown)[0]
        told += [head, Line("neighbourhoods.beginning", {"text": _beginning(one.shown)})]
        if one.files:
            told.append(Line("neighbourhoods.files", {"n": one.files}))
        label = f"{number}. {bridges.label(one.shown.said, LABEL_MOST)}"
        choices.append(Choice(label, str(one.bridge_id)))
    more = waiting - len(found)
    if more > 0:
        told.append(Line("neighbourhoods.more", {"n": more}))
    return Message(
        tuple(told),
        (
            Button("neighbourhoods.publish", f"bridge-publish:{edition_id}", "primary"),
            Button("neighbourhoods.pass_on", f"bridge-pass:{edition_id}"),
            Button("neighbourhoods.rest", f"bridge-rest:{edition_id}"),
        ),
        (
            Menu("neighbourhoods.whole", f"bridge-whole:{edition_id}", tuple(choices)),
            Menu("neighbourhoods.leave_out", f"bridge-out:{edition_id}", tuple(choices)),
        ),
    )


def whole(edition_id: int, one: Chosen) -> Message:
    """Return one bridge exactly as it would stand in the commons."""
    told = bridge_cards.lines(one.shown)
    if one.files:
        told += (Line("neighbourhoods.files", {"n": one.files}),)
    return Message(told, (Button("neighbourhoods.back", f"bridge-edition:{edition_id}"),))


def header(edition_id: int, host_id: int, count: int) -> Message:
    """Return the first lines in the commons."""
    return Message(
        (
            Line("neighbourhoods.header", {"user": host_id}),
            Line("neighbourhoods.header_count", {"n": count}),
        ),
        (Button("bridges.how", f"bridge-how:{edition_id}"),),
    )


def ready(edition_id: int, host_id: int) -> Message:
    """Return the line to whose turn it is, in the facilitators' room."""
    return Message(
        (Line("neighbourhoods.your_turn", {"user": host_id}),),
        (Button("neighbourhoods.read", f"bridge-edition:{edition_id}:turn:{host_id}", "primary"),),
        users=(host_id,),
    )


def shall_it_rest(edition_id: int, host_id: int, ready_at: datetime) -> Message:
    """Return the question to a host who did not come to it."""
    at = int((ready_at + RESTS_AFTER).timestamp())
    return Message(
        (Line("neighbourhoods.shall_it_rest", {"user": host_id, "at": at}),),
        (Button("neighbourhoods.read", f"bridge-edition:{edition_id}:still:{host_id}", "primary"),),
        users=(host_id,),
    )


def published(count: int) -> Message:
    """Return the answer to ‹Publish›."""
    return Message((Line("neighbourhoods.published", {"n": count}),))


def _beginning(shown: Shown) -> str:
    return bridges.quoted(short(shown.said, SAID_MOST) or shown.left_there or "…")


def _read(edition_id: int) -> Button:
    return Button("neighbourhoods.read", f"bridge-edition:{edition_id}", "primary")

"""Who hosts a ritual by turns, as those who host it and those who look after its group see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.rota import HOSTS_MOST, whose

CHOICES_MOST = 25  # of Discord's menus


@dataclass(frozen=True, slots=True)
class Rota:
    """A ritual's hosts in the order of their turns, for one `reader`.

    `next_at` None: it does not run. `cares`: the reader looks after the group. `asked`: how many
    hosts the reader asked to swap; `asks`: who asked the reader.
    """

    ritual_id: int
    group_id: int
    title: str
    next_at: datetime | None
    hosts: tuple[int, ...]
    reader: int
    away: frozenset[int] = frozenset()
    cares: bool = False
    asked: int = 0
    asks: int | None = None

    @property
    def hosts_too(self) -> bool:
        """Whether the reader is one of the hosts."""
        return self.reader in self.hosts

    @property
    def turn(self) -> int | None:
        """Whose turn is next."""
        return whose(self.hosts, self.away)


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that comes soon, or a question about one, for somebody's /home."""

    ritual_id: int
    title: str
    at: datetime


def card(rota: Rota, names: dict[int, str]) -> Message:
    """Return the rota with what its reader can do; `names` are the hosts' as menus show them."""
    ritual = rota.ritual_id
    lines = [Line("rota.card", {"title": safe(rota.title)})]
    lines += _turns(rota)
    buttons: list[Button] = []
    menus: list[Menu] = []
    others = [host for host in rota.hosts if host != rota.reader]
    if rota.hosts_too and rota.asked:
        lines.append(Line("rota.you_asked", {"n": rota.asked}))
        buttons.append(Button("rota.swap_back", f"ritual-swap-back:{ritual}"))
    elif rota.hosts_too and others:
        lines.append(Line("rota.swap_how"))
        if rota.turn == rota.reader and rota.next_at is not None:
            buttons.append(Button("rota.someone_else", f"ritual-swap-any:{ritual}", "primary"))
        choices = tuple(Choice(names.get(host, str(host)), str(host)) for host in others)
        menus.append(Menu("rota.swap", f"ritual-swap:{ritual}", choices[:CHOICES_MOST]))
    if rota.hosts_too:
        if rota.next_at is not None:
            buttons.append(Button("rota.next_one", f"ritual-next:{ritual}"))
        buttons.append(Button("rota.step_out", f"ritual-host-out:{ritual}"))
    if rota.cares:
        if len(rota.hosts) < HOSTS_MOST:
            lines.append(Line("rota.ask_how"))
            menus.append(Menu("rota.ask", f"ritual-host-ask:{ritual}", kind="people"))
        if rota.hosts:
            known = tuple(Choice(names.get(host, str(host)), str(host)) for host in rota.hosts)
            out = Menu("rota.take_out", f"ritual-host-take-out:{ritual}", known[:CHOICES_MOST])
            menus.append(out)
        buttons.append(Button("desk.back", f"ritual-show:{ritual}"))
    return Message(tuple(lines), tuple(buttons), tuple(menus))


def _turns(rota: Rota) -> list[Line]:
    if not rota.hosts:
        return [Line("rota.nobody")]
    lines: list[Line] = []
    turn = rota.turn
    if turn is not None and rota.next_at is not None:
        at = int(rota.next_at.timestamp())
        lines.append(Line("rota.next", {"user": turn, "at": at}))
    elif turn is not None:
        lines.append(Line("rota.next_resting", {"user": turn}))
    else:
        lines.append(Line("rota.all_away"))
    if len(rota.hosts) > 1:
        lines.append(Line("rota.order", {"people": _named(rota.hosts)}))
    elif rota.cares or rota.hosts_too:
        lines.append(Line("rota.alone"))
    if rota.away and turn is not None:
        lines.append(Line("rota.away", {"people": _named(sorted(rota.away))}))
    return lines


def waits(press: str, people: tuple[int, ...]) -> Message:
    """Return the line in the room for who is asked something: it says neither what nor by whom."""
    return Message(
        (Line("rota.waits", {"people": _named(people)}),),
        buttons=(Button("rota.open", press, "primary"),),
        users=people,
    )


def question(ritual_id: int, title: str, when: str) -> Message:
    """Return the question whether somebody would take turns, for their eyes only."""
    return Message(
        (
            Line("rota.question", {"title": safe(title), "when": safe(when)}),
            Line("rota.question_free"),
        ),
        buttons=(
            Button("rota.yes", f"ritual-host-yes:{ritual_id}", "success"),
            Button("rota.no", f"ritual-host-no:{ritual_id}"),
        ),
    )


def swap_question(rota: Rota) -> Message:
    """Return the question whether a host would swap turns with another, for their eyes only."""
    words = {"title": safe(rota.title), "user": rota.asks or 0}
    if rota.next_at is not None:
        words["at"] = int(rota.next_at.timestamp())
    if rota.asks == rota.hosts[0] and rota.next_at is not None:
        key = "rota.swap_question_next"
    elif rota.reader == rota.hosts[0] and rota.next_at is not None:
        key = "rota.swap_question_mine"
    else:
        key = "rota.swap_question"
    return Message(
        (Line(key, words),),
        buttons=(
            Button("rota.swap_yes", f"ritual-swap-yes:{rota.ritual_id}", "success"),
            Button("rota.swap_no", f"ritual-swap-no:{rota.ritual_id}"),
        ),
    )


def without_host(ritual_id: int, at: int, people: tuple[int, ...]) -> Message:
    """Return the line that a ritual has nobody to host it; it names neither it nor the group.

    It may stand in the facilitators' room, where others read too; `at` in seconds since 1970.
    """
    key = "rota.waits" if people else "rota.waits_anybody"
    return Message(
        (Line(key, {"people": _named(people)} if people else {}),),
        buttons=(Button("rota.open", f"ritual-hostless:{ritual_id}:{at}", "primary"),),
        users=people,
    )


def hostless(ritual_id: int, title: str, when: str) -> Message:
    """Return the question who hosts a ritual that rests because nobody does."""
    return Message(
        (Line("rota.hostless", {"title": safe(title), "when": safe(when)}),),
        buttons=(
            Button("rota.ill_host", f"ritual-start:{ritual_id}", "success"),
            Button("rota.ask_others", f"ritual-rota:{ritual_id}"),
            Button("rota.let_it_rest", f"ritual-pause:{ritual_id}"),
        ),
    )


def _named(people: Collection[int]) -> str:
    return ", ".join(f"<@{user}>" for user in people)

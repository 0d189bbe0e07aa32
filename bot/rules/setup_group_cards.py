"""The last screens of the guided setup: the first groups, and the sum before the press."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.rules.charter import Charter
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import CUSTOM_EMOJI, safe
from bot.rules.setup_answers import MOST_GROUPS, Answers
from bot.rules.setup_cards import head, ways_on
from bot.rules.setup_sums import Sum


class Speaks(Protocol):
    """Renders one text of the catalogue."""

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text with its places filled in."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """A group that is planned: its charter as it was read, and who shall look after it."""

    id: int
    kind: str
    charter: Charter
    whole: bool  # its charter lacks nothing
    facilitator_id: int | None = None


def groups(answers: Answers, plans: Sequence[Plan], names: Mapping[str, str]) -> Message:
    """Return the planned groups, and the menus that plan another or open one."""
    lines = [head("groups"), Line("setup.groups_why")]
    if not plans:
        lines.append(Line("setup.groups_none"))
    lines += [_planned(plan, names) for plan in plans]
    if answers.needs_facilitator and any(plan.facilitator_id is None for plan in plans):
        lines.append(Line("setup.groups_opens_with"))
    menus: list[Menu] = []
    if len(plans) < MOST_GROUPS:
        kinds = tuple(Choice(names[kind], kind) for kind in answers.kinds)
        menus.append(Menu("setup.menu_plan", "setup-plan", kinds))
    else:
        lines.append(Line("setup.groups_most", {"n": MOST_GROUPS}))
    if plans:
        open_ = tuple(
            Choice(_plainly(plan.charter.emoji, plan.charter.name), str(plan.id)) for plan in plans
        )
        menus.append(Menu("setup.menu_planned", "setup-open", open_))
    return Message(tuple(lines), ways_on("groups"), tuple(menus))


def group(plan: Plan, names: Mapping[str, str], *, viewer: int) -> Message:
    """Return one planned group, with what can be done about it; `viewer` is the owner who looks."""
    charter = plan.charter
    about = {"emoji": charter.emoji, "group": safe(charter.name), "kind": names[plan.kind]}
    lines = [
        Line("setup.group_head", about),
        Line("setup.group_purpose", {"purpose": safe(charter.purpose)}),
    ]
    if not plan.whole:
        lines.append(Line("setup.group_lacks"))
    if plan.facilitator_id is None:
        lines.append(Line("setup.group_care_none"))
    elif plan.facilitator_id == viewer:
        lines.append(Line("setup.group_care_you"))
    else:
        lines.append(Line("setup.group_care_asked", {"user": plan.facilitator_id}))
    care = Menu(
        "setup.menu_care",
        f"setup-care:{plan.id}",
        kind="people",
        least=0,
        chosen=() if plan.facilitator_id is None else (plan.facilitator_id,),
    )
    mine = plan.facilitator_id == viewer
    buttons = (
        *(() if mine else (Button("setup.care_me", f"setup-care-me:{plan.id}", "primary"),)),
        Button("setup.group_words", f"setup-charter:words:{plan.id}"),
        Button("setup.group_sign", f"setup-charter:place:{plan.id}"),
        Button("setup.group_drop", f"setup-drop:{plan.id}", "danger"),
        Button("setup.group_back", "setup-go:groups", "primary" if mine else "secondary"),
    )
    return Message(tuple(lines), buttons, (care,))


def refused(line: Line, step: str, plan: str) -> Message:
    """Return why a charter was refused, with the form that opens with what was typed."""
    return Message(
        (line, Line("stages.kept")),
        (
            Button("home.fix_it", f"setup-charter:{step}:{plan}", "primary"),
            Button("setup.group_back", "setup-go:groups"),
        ),
    )


def the_sum(
    plans: Sequence[Plan],
    found: Sum,
    *,
    blocked: int,
    commons: bool,
    first: bool,
    viewer: int,
    say: Speaks,
) -> Message:
    """Return the sum: what a press makes, the seats, the hours, and what Discord will ask.

    `blocked` is how many permissions lack that nothing works without, `commons` whether there is a
    room for everyone, `first` that the server is not set up yet, `viewer` the owner who looks.
    """
    lines = [head("sum"), _made(found, say)]
    if plans:
        shown = ", ".join(f"{plan.charter.emoji} {safe(plan.charter.name)}" for plan in plans)
        lines.append(Line("setup.sum_seats", {"n": found.seats, "groups": shown}))
        if found.weeks:
            lines.append(Line("setup.sum_weeks", {"n": found.weeks}))
        lines.append(Line("setup.sum_posts"))
        if any(plan.facilitator_id not in {None, viewer} for plan in plans):
            lines.append(Line("setup.sum_asks"))
    else:
        lines.append(Line("setup.sum_none"))
    lines += _everyone(found, say)
    if found.reviewed:
        lines.append(Line("setup.sum_reviewed"))
    elif found.review_near:
        lines.append(Line("setup.sum_review_near"))
    buttons: list[Button] = [*ways_on("sum", on=False)]
    if blocked or not commons or not found.enough:
        if not found.enough:
            lines.append(Line("setup.sum_too_many"))
        if not commons:
            lines.append(Line("setup.sum_no_commons"))
            buttons.append(Button("setup.to_rooms", "setup-go:rooms", "primary"))
        if blocked:
            lines.append(Line("setup.blocked", {"n": blocked}))
            buttons.append(Button("setup.to_rights", "setup-go:rights", "primary"))
    else:
        makes = bool(found.rooms or first)
        lines.append(Line("setup.sum_press"))
        label = "setup.begin" if makes else "setup.save"
        buttons.append(Button(label, "setup-begin", "success"))
    buttons.append(Button("setup.later", "setup-later"))
    return Message(tuple(lines), tuple(buttons))


def split_sign(name: str) -> tuple[str, str]:
    """Return the emoji that a name begins with ("" if none) and the name after it."""
    first, _, rest = name.strip().partition(" ")
    if rest.strip() and (CUSTOM_EMOJI.fullmatch(first) or _is_sign(first)):
        return first, rest.strip()
    return "", name.strip()


def _is_sign(text: str) -> bool:
    return not any(char.isalnum() for char in text) and not text.isascii()


def _plainly(emoji: str, name: str) -> str:
    """Return a group's name for a menu, which draws no emoji of a server's own."""
    return name if emoji.startswith("<") else f"{emoji} {name}"


def _planned(plan: Plan, names: Mapping[str, str]) -> Line:
    about = {
        "emoji": plan.charter.emoji,
        "group": safe(plan.charter.name),
        "kind": names[plan.kind],
    }
    if plan.facilitator_id is None:
        return Line("setup.groups_line_nobody", about)
    return Line("setup.groups_line", {**about, "user": plan.facilitator_id})


def _made(found: Sum, say: Speaks) -> Line:
    parts = [
        say(key, n=n)
        for key, n in (
            ("setup.sum_roles", found.roles),
            ("setup.sum_rooms", found.rooms),
            ("setup.sum_categories", found.categories),
        )
        if n
    ]
    return (
        Line("setup.sum_made", {"what": ", ".join(parts)}) if parts else Line("setup.sum_nothing")
    )


def _everyone(found: Sum, say: Speaks) -> list[Line]:
    figures = {
        "n": found.members,
        "groups": say("setup.sum_groups", n=found.groups_for_all, cap=found.usual_cap),
        "time": time(found.hours, found.minutes, say),
    }
    room = {"fits": found.fits, "seats": found.fit_seats}
    if found.fits and found.groups_for_all > found.fits:
        return [Line("setup.sum_not_all", {**figures, **room})]
    key = "setup.sum_small" if found.seats >= found.members else "setup.sum_everyone"
    return [
        Line(key, figures),
        Line("setup.sum_fits", {"n": found.fits, "seats": found.fit_seats}),
    ]


def time(hours: int, minutes: int, say: Speaks) -> str:
    """Return how long something takes, as people say it."""
    if hours >= 48:
        return say("setup.time_days", days=hours // 24, hours=hours % 24)
    if hours:
        return say("setup.time_hours", hours=hours, minutes=minutes)
    if minutes > 1:
        return say("setup.time_minutes", minutes=minutes)
    return say("setup.time_moment")

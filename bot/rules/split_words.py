"""What those who decide on a split are told and asked beside the plan itself: names, moves by hand.

In rooms where others read, too, stands only that something waits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.rules.message import Button, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.split_messages import Child, Outline

PER_PAGE = 60  # people named on one page: 60 mentions stay well below Discord's 2,000 characters
SHOWN = 10  # moves by hand that are listed


@dataclass(frozen=True, slots=True)
class Moved:
    """A member whom facilitators put into another child than the plan did."""

    user_id: int
    child: int


@dataclass(frozen=True, slots=True)
class Someone:
    """One member of a splitting group as facilitators see them: where they go, nothing else."""

    user_id: int
    child: int
    firm: bool  # they chose themselves, or went back: nobody else moves them


def something(
    split_id: int, group_id: int, mark: str, asked: Sequence[int], *, for_owners: bool
) -> Message:
    """Return the line that something about a group waits; `mark` makes it this message's own."""
    people = " ".join(f"<@{user}>" for user in asked)
    line = (
        Line("splits.for_owners")
        if for_owners or not asked
        else Line("splits.for_you", {"people": people})
    )
    return Message(
        (line,),
        buttons=(Button("splits.open", f"split-look:{group_id}:{split_id}:{mark}", "primary"),),
        users=tuple(asked),
    )


def names(outline: Outline) -> Message:
    """Return the names as they stand, with a button to change each."""
    lines = [Line("splits.names_head")]
    buttons: list[Button] = []
    for index, child in enumerate(outline.children):
        key = "splits.name_new" if index else "splits.name_keeps"
        lines.append(Line(key, {"emoji": child.emoji, "name": safe(child.name)}))
        press = f"split-name:{outline.split_id}:{index}"
        buttons.append(Button("splits.name_one", press, params={"name": child.name}))
    return Message(tuple(lines), (*buttons, _back(outline)))


def named(outline: Outline, index: int) -> Message:
    """Return the names after one was changed."""
    child = outline.children[index]
    params = {"emoji": child.emoji, "name": safe(child.name)}
    shown = names(outline)
    return replace(shown, lines=(Line("splits.named", params), *shown.lines[1:]))


def name_refused(split_id: int, index: int, line: Line) -> Message:
    """Return why a name cannot be, with the way back to the form as it was filled in."""
    return Message((line,), (Button("splits.fix_it", f"split-name:{split_id}:{index}", "primary"),))


def change(outline: Outline, moved: Sequence[Moved], fewest: int, most: int) -> Message:
    """Return the plan with the means to move somebody by hand."""
    lines = [
        Line(
            "splits.change_head" if fewest < most else "splits.change_head_even",
            {"fewest": fewest, "most": most},
        ),
        *(_sized(child) for child in outline.children),
    ]
    lines += [
        Line("splits.change_moved", {"user": one.user_id, "name": _name(outline, one.child)})
        for one in moved[:SHOWN]
    ]
    if len(moved) > SHOWN:
        lines.append(Line("splits.change_more", {"n": len(moved) - SHOWN}))
    buttons = [
        Button(
            "splits.who_goes", f"split-who:{outline.split_id}:{index}:0", params={"name": one.name}
        )
        for index, one in enumerate(outline.children)
    ]
    if moved and outline.state == "planned":
        lines.append(Line("splits.change_stays"))
        buttons.append(Button("splits.plan_anew", f"split-anew:{outline.split_id}"))
    return Message(
        tuple(lines),
        (*buttons, _back(outline)),
        (Menu("splits.change_whom", f"split-person:{outline.split_id}", kind="people"),),
    )


def who_goes(outline: Outline, index: int, people: Sequence[int], page: int) -> Message:
    """Return one page of who goes where; in the order of joining Discord, which tells nothing."""
    ordered = sorted(people)
    pages = max(1, -(-len(ordered) // PER_PAGE))
    page = min(max(page, 0), pages - 1)
    shown = ordered[page * PER_PAGE : (page + 1) * PER_PAGE]
    child = outline.children[index]
    press = f"split-who:{outline.split_id}:{index}"
    buttons: list[Button] = []
    if page:
        buttons.append(Button("splits.page_before", f"{press}:{page - 1}"))
    if page + 1 < pages:
        buttons.append(Button("splits.page_after", f"{press}:{page + 1}"))
    buttons.append(Button("splits.change_back", f"split-change:{outline.split_id}"))
    return Message(
        (
            Line("splits.who_head", {"name": safe(child.name), "n": len(ordered)}),
            Line("splits.who_list", {"people": " ".join(f"<@{user}>" for user in shown)}),
        ),
        tuple(buttons),
    )


def somebody(outline: Outline, one: Someone) -> Message:
    """Return where someone goes, with the ways to put them elsewhere."""
    params = {"user": one.user_id, "name": _name(outline, one.child)}
    lines = [Line("splits.person_goes", params)]
    buttons: list[Button] = []
    if one.firm:
        lines.append(Line("splits.person_firm"))
    else:
        lines.append(Line("splits.person_told"))
        buttons = [
            Button(
                "splits.put_with",
                f"split-put:{outline.split_id}:{one.user_id}:{index}",
                "primary",
                {"name": child.name},
            )
            for index, child in enumerate(outline.children)
            if index != one.child
        ]
    buttons.append(Button("splits.change_back", f"split-change:{outline.split_id}"))
    return Message(tuple(lines), tuple(buttons))


def in_exchange(outline: Outline, one: Someone, child: int) -> Message:
    """Return that somebody would have to go the other way, with the menu to choose them."""
    params = {"user": one.user_id, "name": _name(outline, child)}
    press = f"split-swap:{outline.split_id}:{one.user_id}:{child}"
    return Message(
        (Line("splits.needs_exchange", params),),
        (Button("splits.change_back", f"split-change:{outline.split_id}"),),
        (Menu("splits.change_with_whom", press, kind="people"),),
    )


def was_put(card: Message, outline: Outline, moved: Sequence[Moved]) -> Message:
    """Return the card for moves by hand after somebody was moved."""
    key = "splits.was_put_told" if outline.state == "told" else "splits.was_put"
    done = tuple(
        Line(key, {"user": one.user_id, "name": _name(outline, one.child)}) for one in moved
    )
    return replace(card, lines=(*done, *card.lines[1:]))


def you_were_put(split_id: int, group: str, name: str, was: str, at: int) -> Message:
    """Return what a member is told who was put elsewhere, with the way back."""
    params = {"group": safe(group), "name": safe(name), "was": safe(was), "at": at}
    return Message(
        (Line("splits.you_were_put", params),),
        (
            Button("splits.put_me_back", f"split-back:{split_id}", "primary"),
            Button("splits.that_is_fine", f"split-fine:{split_id}"),
        ),
    )


def _sized(child: Child) -> Line:
    params = {"emoji": child.emoji, "name": safe(child.name), "n": child.size}
    return Line("splits.change_child", params)


def _name(outline: Outline, index: int) -> str:
    return safe(outline.children[index].name)


def _back(outline: Outline) -> Button:
    return Button("splits.back", f"split-look:{outline.group_id}:{outline.split_id}")

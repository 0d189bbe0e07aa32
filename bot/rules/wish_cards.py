"""How wishes about whom one lives with read: to their author, and to nobody else."""

from dataclasses import replace

from bot.rules.message import Button, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.split_messages import Place, place
from bot.rules.wishes import MOST, Kind, Mine


def about(other_id: int, mine: Mine) -> Message:
    """Return what is wished about someone, with what else could be; from that person's menu."""
    wished = mine.about(other_id)
    name = {"user": other_id}
    lines = [Line("wishes.about", name)]
    if wished is not None:
        lines.append(Line(f"wishes.now_{wished}", name))
    buttons = [
        Button(f"wishes.{kind}", f"wish-keep:{other_id}:{kind}", "primary")
        for kind in ("together", "apart")
        if kind != wished
    ]
    if wished is not None:
        buttons.append(Button("wishes.take_back", f"wish-keep:{other_id}:none"))
    buttons.append(Button("wishes.mine", "wishes-open"))
    return Message(tuple(lines), tuple(buttons))


def kept(other_id: int, kind: Kind | None) -> Message:
    """Return that a wish was kept, or taken back."""
    lines = [Line(f"wishes.kept_{kind or 'none'}", {"user": other_id})]
    buttons = [Button("wishes.mine", "wishes-open")]
    if kind is not None:
        buttons.insert(0, Button("wishes.take_back", f"wish-keep:{other_id}:none"))
    if kind == "apart":
        lines.append(Line("wishes.more_than_a_wish"))
        buttons.append(Button("wishes.tell_moderators", "concern-begin:moderators:wish"))
    return Message(tuple(lines), tuple(buttons))


def all_mine(mine: Mine) -> Message:
    """Return all of one's own wishes, to add to and take from."""
    lines = [Line("wishes.head")]
    for kind, people in (("together", mine.together), ("apart", mine.apart)):
        if people:
            lines.append(Line(f"wishes.list_{kind}", {"people": mentions(people)}))
    if not mine.together and not mine.apart:
        lines.append(Line("wishes.none"))
    lines.append(Line("wishes.how", {"n": MOST}))
    return Message(
        tuple(lines),
        (Button("wishes.answers", "find-mine"), Button("wishes.home", "home-open")),
        (
            people_menu("wishes.choose_together", "wishes-set:together", mine.together),
            people_menu("wishes.choose_apart", "wishes-set:apart", mine.apart),
        ),
    )


def changed(mine: Mine) -> Message:
    """Return all of one's own wishes after they were changed."""
    shown = all_mine(mine)
    return replace(shown, lines=(Line("wishes.changed"), *shown.lines))


def with_whom(where: Place, mine: Mine) -> Message:
    """Return the place of a member who would like to be with certain people, to name them."""
    shown = place(where)
    if where.child is None or where.state != "told" or where.runs_at is None:
        return shown
    named = mine.together
    lines = [
        *shown.lines,
        Line("splits.with_head", {"n": MOST}),
        Line("splits.with_named", {"people": mentions(named)})
        if named
        else Line("splits.with_nobody"),
    ]
    buttons = list(shown.buttons)
    if named and where.chosen:
        here = safe(where.children[where.child].name)
        lines.append(Line("splits.with_but_chosen", {"name": here}))
        buttons.append(Button("splits.with_decides", f"split-with-decides:{where.split_id}"))
    menu = people_menu("splits.with_menu", f"split-with-name:{where.split_id}", named)
    return Message(tuple(lines), tuple(buttons), (menu,))


def people_menu(placeholder: str, press: str, chosen: tuple[int, ...]) -> Menu:
    """Return a menu of people in which those `chosen` stand, to be taken out or added to."""
    return Menu(placeholder, press, most=MOST, least=0, kind="people", chosen=chosen)


def mentions(people: tuple[int, ...]) -> str:
    """Return people as they are named in an answer that pings nobody."""
    return ", ".join(f"<@{user_id}>" for user_id in people)

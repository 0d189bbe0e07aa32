"""What people read about bridges: the preview, the post in the commons, what is asked of authors.

A preview is made of the same lines as the post, so that nobody shares what they have not seen.
Buttons name the message that was shared, for the number of a row may be another one's later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.rules.bridges import (
    ASKED_AGAIN,
    FILES_MOST,
    KINDS,
    WAITS,
    Kind,
    Preview,
    names,
    quoted,
    short_name,
)
from bot.rules.message import Attached, Button, Choice, Line, Menu, Message
from bot.rules.naming import safe

FILES = "bridge"  # the kind of `Attached`: which table holds the bytes
CHOICES_MOST = 25
PAGE = 6  # of one's own at once: two links each have to stay whole in 2,000 characters
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class From:
    """The group that a bridge comes from; one that is not `listed` is never named outside."""

    group_id: int
    emoji: str
    group: str
    listed: bool
    visits: bool  # somebody may come by, or ask to


@dataclass(frozen=True, slots=True)
class Shown:
    """What a bridge shows: `user_id` None where its author stays unnamed."""

    place: From
    kind: Kind
    said: str
    cut: bool
    left_there: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Mine:
    """One bridge as its author finds it again; `link` to the message, `post` to what stands."""

    message_id: int
    state: str
    shared_at: datetime
    link: str
    post: str
    thanks: int


def lines(shown: Shown) -> tuple[Line, ...]:
    """Return what stands in the commons."""
    place = shown.place
    to = {"emoji": place.emoji, "group": safe(place.group)}
    if not place.listed:
        head = Line(f"bridges.head_{shown.kind}_bare")
    elif shown.user_id is None:
        head = Line(f"bridges.head_{shown.kind}_from", to)
    else:
        head = Line(f"bridges.head_{shown.kind}_by", {**to, "user": shown.user_id})
    found = [head]
    if shown.said:
        found.append(Line("bridges.said", {"text": quoted(shown.said)}))
    if shown.left_there:
        found.append(Line("bridges.left_there", {"names": shown.left_there}))
    return tuple(found)


def post(message_id: int, shown: Shown, file_ids: Sequence[int]) -> Message:
    """Return the message in the commons; it mentions nobody so that it rings."""
    place = shown.place
    buttons = [Button("bridges.thanks", f"bridge-thanks:{message_id}")]
    if place.listed:
        more = shown.cut or bool(shown.left_there)
        label = "bridges.read_on" if more else "bridges.read_there"
        buttons.append(Button(label, f"bridge-read:{message_id}"))
    if place.listed and place.visits:
        to = {"group": place.group}
        buttons.append(Button("bridges.visit", f"visit:{place.group_id}", "primary", to))
    return Message(
        lines(shown),
        tuple(buttons),
        attached=tuple(Attached(FILES, file_id) for file_id in file_ids),
    )


def preview(one: Preview, place: From, kinds: Mapping[Kind, str]) -> Message:
    """Return what an author is about to share, and what they may still choose."""
    at = one.message_id
    named = one.named and place.listed
    shown = Shown(
        place, one.kind, one.said, one.cut, one.left_there, one.user_id if named else None
    )
    told = [Line("bridges.preview"), *lines(shown)]
    if one.ticked:
        copied = names([file.name for file in one.copied])
        told.append(Line("bridges.copied", {"names": copied}))
    if one.cut:
        told.append(Line("bridges.too_long"))
    told.append(Line("bridges.choose" if place.listed else "bridges.choose_unlisted"))
    menus = [
        Menu(
            "bridges.kind",
            f"bridge-kind:{at}",
            tuple(Choice(kinds[kind], kind, chosen=kind == one.kind) for kind in KINDS),
        )
    ]
    offered = [
        Choice(
            short_name(file.name),
            str(place),
            f"{max(file.size / MEGABYTE, 0.1):.1f} MB",
            chosen=place in one.ticked,
        )
        for place, file in enumerate(one.files[:CHOICES_MOST])
        if file.copyable
    ]
    if offered:
        most = min(FILES_MOST, len(offered))
        menus.append(
            Menu("bridges.files", f"bridge-files:{at}", tuple(offered), most=most, least=0)
        )
    buttons = [Button("bridges.share", f"bridge-share:{at}:{one.mark}", "primary")]
    if place.listed:
        label = "bridges.unnamed" if named else "bridges.named"
        buttons.append(Button(label, f"bridge-name:{at}:{int(not named)}"))
    buttons.append(Button("bridges.never_mind", f"bridge-drop:{at}"))
    return Message(tuple(told), tuple(buttons), tuple(menus))


def shared(message_id: int, until: datetime, *, hosted: bool) -> Message:
    """Return the answer to ‹Share›."""
    key = "bridges.shared" if hosted else "bridges.shared_unhosted"
    return Message(
        (Line(key, {"until": int(until.timestamp())}),),
        (Button("bridges.take_back", f"bridge-back:{message_id}"),),
    )


def shared_already(message_id: int) -> Message:
    """Return what somebody reads who opens the menu again."""
    return Message(
        (Line("bridges.already"),), (Button("bridges.take_back", f"bridge-back:{message_id}"),)
    )


def may_ask(channel_id: int, message_id: int, author_id: int) -> Message:
    """Return what somebody reads who would like to see another's message in the commons."""
    to = f"{channel_id}:{message_id}:{author_id}"
    return Message(
        (Line("bridges.ask", {"user": author_id}),),
        (
            Button("bridges.ask_quietly", f"bridge-ask:{to}:0", "primary"),
            Button("bridges.ask_named", f"bridge-ask:{to}:1"),
        ),
    )


def something_waits(ask_id: int, author_id: int) -> Message:
    """Return the neutral line in the room."""
    return Message(
        (Line("bridges.waits", {"user": author_id}),),
        (Button("bridges.open", f"bridge-asked:{ask_id}", "primary"),),
        users=(author_id,),
    )


def asked(ask_id: int, link: str, by_user_id: int | None) -> Message:
    """Return the question, for the author's eyes; the menu they open themselves."""
    key = "bridges.asked" if by_user_id is None else "bridges.asked_by"
    return Message(
        (
            Line(key, {"link": link, "user": by_user_id or 0}),
            Line("bridges.asked_how", {"days": ASKED_AGAIN.days}),
        ),
        (Button("bridges.rather_not", f"bridge-not:{ask_id}"),),
    )


def mine(found: Sequence[Mine], page: int, count: int) -> Message:
    """Return one page of somebody's own bridges, with a menu to take one back.

    `count` is how many there are on all pages, the newest on the first.
    """
    if not found:
        return Message((Line("bridges.mine_none"),), (Button("bridges.how", "bridge-how:mine"),))
    told = [Line("bridges.mine")]
    numbered = list(enumerate(found, page * PAGE + 1))
    for number, one in numbered:
        to = {
            "number": number,
            "at": int(one.shared_at.timestamp()),
            "until": int((one.shared_at + WAITS).timestamp()),
            "link": one.link,
            "post": one.post,
            "n": one.thanks,
        }
        told.append(Line(f"bridges.mine_{one.state}", to))
        if one.thanks and one.state == "published":
            told.append(Line("bridges.mine_thanks", {"n": one.thanks}))
    choices = tuple(
        Choice(f"{number}. {one.shared_at:%Y-%m-%d}", str(one.message_id))
        for number, one in numbered
        if one.state != "changed"
    )
    menus = (Menu("bridges.take_one_back", "bridge-back-one", choices),) if choices else ()
    buttons = [Button("bridges.how", "bridge-how:mine")]
    if page:
        buttons.append(Button("bridges.newer", f"bridge-mine:{page - 1}"))
    if count > (page + 1) * PAGE:
        buttons.append(Button("bridges.older", f"bridge-mine:{page + 1}"))
    return Message(tuple(told), tuple(buttons), menus)


def how() -> Message:
    """Return how sharing works, for anybody."""
    return Message((Line("bridges.how_1"), Line("bridges.how_2"), Line("bridges.how_3")))

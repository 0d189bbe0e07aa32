"""What is read about a private word: by who writes it, and by whom it is for.

The line in a room names nobody who wrote. Whoever opens it sees the author's name only where the
author said so; nothing here carries it otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.errors import UserError
from bot.rules.home_cards import Note
from bot.rules.message import Button, Choice, Line, Menu, Message
from bot.rules.naming import safe
from bot.rules.safety_cards import quoted

Whom = Literal["facilitators", "moderators"]

SAID_MOST = 1200
REPLY_MOST = 600
LAST_REPLIES = 3  # shown on a card; a message holds 2,000 characters
SHOWN = 300  # characters of an older word
CHOICES_MOST = 25  # of Discord's menus
LINK = re.compile(
    r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(\d{1,20})/(\d{1,20})/(\d{1,20})"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One reply; `mine`: by whoever wrote the concern."""

    said: str
    at: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A concern; `user_id` only where its author's name may be told, or they read it themselves."""

    id: int
    said: str
    link: str | None
    at: datetime
    state: str
    for_whom: Whom
    group: str | None  # None: about no group, or one that is not named
    user_id: int | None = None
    by_user_id: int | None = None  # who took it on
    of_facilitator: bool = False
    passed_on: bool = False
    replies: Sequence[Word] = ()


def link_to(typed: str, server_id: int) -> str | None:
    """Return the message link in `typed` in its plain form; None if nothing was typed.

    UserError for anything but a link to a message of this server: it would lead others elsewhere.
    """
    if not typed.strip():
        return None
    found = LINK.fullmatch(typed.strip().strip("<>"))
    if found is None or int(found[1]) != server_id:
        raise UserError("concerns.bad_link")
    return f"https://discord.com/channels/{found[1]}/{found[2]}/{found[3]}"


def preview(
    draft: str, said: str, *, whom: Whom, group: str | None, readers: Sequence[int], why: str
) -> Message:
    """Return what will be sent, who can read it, and the choice whether it bears a name.

    `draft` is the draft's own mark, `why` the reason that moderators get it ("" for none).
    """
    lines = [Line("concerns.preview", {"said": quoted(said)})]
    if why:
        lines.append(Line(f"concerns.why_{why}"))
    if whom == "moderators":
        lines.append(Line("concerns.goes_to_moderators"))
        if group is not None:
            lines.append(Line("concerns.says_group", {"group": safe(group)}))
    else:
        people = " ".join(f"<@{user}>" for user in readers)
        key = "concerns.goes_to_unnamed" if group is None else "concerns.goes_to"
        lines.append(Line(key, {"people": people, "group": safe(group or "")}))
    lines.append(Line("concerns.name_or_not"))
    buttons = [
        Button("concerns.send_unnamed", f"concern-send:{draft}:0", "primary"),
        Button("concerns.send_named", f"concern-send:{draft}:1"),
        Button("concerns.change", f"concern-fix:{draft}"),
        Button("concerns.throw_away", f"concern-drop:{draft}"),
    ]
    if whom == "facilitators":
        buttons.insert(2, Button("concerns.to_moderators", f"concern-instead:{draft}"))
    return Message(tuple(lines), tuple(buttons))


def refused(draft: str, error: UserError) -> Message:
    """Return why a word was not taken, with the way back to what was typed."""
    return Message(
        (Line(error.key, error.params),),
        (Button("concerns.fix_it", f"concern-fix:{draft}", "primary"),),
    )


def waits(concern_id: int, mark: str, people: Sequence[int]) -> Message:
    """Return the line in the room of those it is for; it names nobody who wrote.

    `mark` tells it from the lines about the same concern before.
    """
    named = " ".join(f"<@{user}>" for user in people)
    line = Line("concerns.waits", {"people": named}) if named else Line("concerns.waits_moderators")
    return Message(
        (line,),
        (Button("concerns.open", f"concern-open:{concern_id}:{mark}", "primary"),),
        users=tuple(people),
    )


def for_handlers(card: Card) -> Message:
    """Return a concern for the eyes of those it is for."""
    at = int(card.at.timestamp())
    lines = [
        Line("concerns.head_unnamed", {"at": at})
        if card.user_id is None
        else Line("concerns.head_named", {"at": at, "user": card.user_id})
    ]
    if card.group is not None:
        lines.append(Line("concerns.about_group", {"group": safe(card.group)}))
    if card.of_facilitator:
        lines.append(Line("concerns.hint_facilitator"))
    if card.passed_on:
        lines.append(Line("concerns.hint_passed_on"))
    lines += _words(card)
    if card.by_user_id is not None and card.state == "taken":
        lines.append(Line("concerns.taken_by", {"user": card.by_user_id}))
    if card.state == "closed":
        lines.append(Line("concerns.is_closed"))
    number = card.id
    buttons = [Button("concerns.answer", f"concern-answer:{number}", "primary")]
    if card.state == "open":
        buttons.insert(0, Button("concerns.take", f"concern-take:{number}", "success"))
    if card.state != "closed":
        if card.for_whom == "facilitators":
            buttons.append(Button("concerns.pass_on", f"concern-pass:{number}"))
        buttons.append(Button("concerns.close", f"concern-close:{number}"))
    return Message(tuple(lines), tuple(buttons))


def for_author(card: Card) -> Message:
    """Return a concern for the eyes of who wrote it."""
    at = int(card.at.timestamp())
    to = "moderators" if card.for_whom == "moderators" else "facilitators"
    lines = [Line(f"concerns.own_head_{to}", {"at": at})]
    if card.passed_on:
        lines.append(Line("concerns.own_passed_on"))
    lines += _words(card)
    lines.append(Line(f"concerns.own_{card.state}"))
    number = card.id
    buttons = [Button("concerns.write_back", f"concern-back:{number}", "primary")]
    if card.state != "closed":
        if card.for_whom == "facilitators":
            buttons.append(Button("concerns.own_pass_on", f"concern-own-pass:{number}"))
        buttons.append(Button("concerns.settled", f"concern-settled:{number}"))
    return Message(tuple(lines), tuple(buttons))


def _words(card: Card) -> list[Line]:
    whole = len(card.replies) <= 1
    said = card.said if whole else _short(card.said)
    lines = [Line("concerns.said", {"said": quoted(said)})]
    if card.link is not None:
        lines.append(Line("concerns.link", {"link": card.link}))
    shown = card.replies[-LAST_REPLIES:]
    if len(card.replies) > len(shown):
        lines.append(Line("concerns.earlier", {"n": len(card.replies) - len(shown)}))
    for number, word in enumerate(shown, start=1):
        text = word.said if number == len(shown) else _short(word.said)
        key = "concerns.word_author" if word.mine else "concerns.word_answer"
        at = int(word.at.timestamp())
        lines.append(Line(key, {"said": quoted(text), "at": at}))
    return lines


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def listed(found: Sequence[tuple[int, str, str]], appeals: int, locked: Sequence[str]) -> Message:
    """Return what waits for the moderators: concerns as (id, label, description), and appeals."""
    lines: list[Line] = []
    if found:
        lines.append(Line("concerns.list", {"n": len(found)}))
    if appeals:
        lines.append(Line("concerns.list_appeals", {"n": appeals}))
    if not found and not appeals:
        lines.append(Line("concerns.list_nothing"))
    if locked:
        lines.append(Line("concerns.list_locked", {"rooms": " ".join(locked)}))
    buttons = (Button("concerns.next_appeal", "appeal-next", "primary"),) if appeals else ()
    choices = tuple(Choice(label, str(id_), more) for id_, label, more in found[:CHOICES_MOST])
    menus = (Menu("concerns.list_menu", "concern-choose", choices),) if choices else ()
    return Message(tuple(lines), buttons, menus)


def own_words(found: Sequence[tuple[int, str, str]]) -> Message:
    """Return one's own words as (id, label, description), to choose which to open."""
    choices = tuple(Choice(label, str(id_), more) for id_, label, more in found[:CHOICES_MOST])
    return Message(
        (Line("concerns.own_words", {"n": len(found)}),),
        menus=(Menu("concerns.list_menu", "concern-own-choose", choices),),
    )


def on_home_card(
    drafts: Sequence[str], own: Sequence[tuple[int, bool]], for_me: Sequence[int]
) -> Note | None:
    """Return what stands in /home: half-written words, one's own as (id, news), and those for one.

    `for_me` are concerns for a facilitator, where no room of theirs can say so.
    """
    lines: list[Line] = []
    buttons: list[Button] = []
    news = [number for number, new in own if new]
    if for_me:
        lines.append(Line("concerns.home_for_you", {"n": len(for_me)}))
        buttons.append(Button("concerns.home_open", f"concern-open:{for_me[0]}:0", "primary"))
    if news:
        lines.append(Line("concerns.home_news", {"n": len(news)}))
        buttons.append(Button("concerns.home_read", f"concern-own:{news[0]}", "primary"))
    elif own:
        lines.append(Line("concerns.home_own", {"n": len(own)}))
    if len(own) > 1:
        buttons.append(Button("concerns.home_own_all", "concern-mine"))
    elif own and not news:
        buttons.append(Button("concerns.home_own_read", f"concern-own:{own[0][0]}"))
    if drafts:
        lines.append(Line("concerns.home_draft"))
        buttons.append(Button("concerns.home_go_on", f"concern-fix:{drafts[0]}"))
    return Note(tuple(lines), tuple(buttons), urgent=bool(news or for_me)) if lines else None

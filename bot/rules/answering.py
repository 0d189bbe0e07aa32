"""Which messages wait for an answer, and what answers them. Never what they say.

A message waits when it opens a talk: nobody else wrote there within the last hour (among the last
six messages), and it is no reply. What its author goes on to write within the hour belongs to it.
The first message that somebody writes in their home waits even when others are talking there.

An answer is a reply to it, a reaction, a thread begun from it, a reply to or a mention of its
author, or somebody else writing there within 60 minutes while it is among the last six: the same
"soon after" that ties count. Whether who answers is counted makes no difference. A first message
among others' talk is an exception: who goes on talking may have overlooked it, so only turning to
its author answers it.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import NamedTuple

from bot.rules.signals import Heard
from bot.rules.ties import NEAR_MS

UNANSWERED_AFTER = timedelta(hours=24)  # of which Hearth heard every hour
KEPT = timedelta(days=7)
FEW_DAYS = 4  # who was around on fewer is hardly known yet


class Awaiting(NamedTuple):
    """A message that nobody answered so far."""

    message_id: int
    user_id: int
    channel_id: int
    at_ms: int
    first: bool = False  # the first its author wrote in their home
    in_talk: bool = False  # others were talking there


def follow(
    awaiting: list[Awaiting],
    heard: Heard,
    near: Collection[int],
    *,
    counted: bool,
    first: bool,
    bot_id: int,
) -> Collection[Awaiting]:
    """Take one message of a group's room into the list of those that wait there.

    Returns those that it answered, which wait no more. `near` are the people whom it was written
    soon after, `counted` says that its author is counted, `first` that it is their first. An answer
    to Hearth itself is no answer to a person: it may wait like any other message.
    """
    answered: Collection[Awaiting] = ()
    if awaiting:
        answered = [one for one in awaiting if _answers(heard, near, one)]
        if answered:
            awaiting[:] = [one for one in awaiting if one not in answered]
    if not counted or (near and not first):
        return answered
    replies = heard.to_message_id and not (bot_id and heard.to_user_id == bot_id)
    if replies or _goes_on(awaiting, heard):
        return answered
    awaiting.append(
        Awaiting(
            heard.message_id,
            heard.user_id,
            heard.place.channel_id,
            heard.at_ms,
            first=first,
            in_talk=bool(near),
        )
    )
    return answered


def settle(awaiting: list[Awaiting], message_id: int, by_user_id: int = 0) -> Collection[Awaiting]:
    """Take a message out that somebody reacted to, or that is gone; one's own reaction is none.

    Returns what was taken out.
    """
    found = [one for one in awaiting if one.message_id == message_id and one.user_id != by_user_id]
    if found:
        awaiting[:] = [one for one in awaiting if one not in found]
    return found


def _answers(heard: Heard, near: Collection[int], one: Awaiting) -> bool:
    author, channel_id = one.user_id, heard.place.channel_id
    if heard.user_id == author or heard.at_ms < one.at_ms:
        return False
    if one.message_id in (heard.to_message_id, channel_id):  # a thread has its first message's id
        return True
    if heard.to_user_id == author or author in heard.mentions:
        return True
    soon = channel_id == one.channel_id and heard.at_ms - one.at_ms <= NEAR_MS
    return soon and author in near and not one.in_talk


def _goes_on(awaiting: list[Awaiting], heard: Heard) -> bool:
    """Return whether a message goes on with what its author wrote there within the hour."""
    return any(
        one.user_id == heard.user_id
        and one.channel_id == heard.place.channel_id
        and heard.at_ms - one.at_ms <= NEAR_MS
        for one in awaiting
    )

"""Who talks with whom in a group, as numbers: turns, conversations, answers. Never what is said.

A talk is what is written in one room, or one thread, without an hour of silence in between. A turn
is what one person writes in it until another does. A talk becomes a conversation once two people
who are counted took turns in it; then its first turns count as well. What somebody writes who is
not counted keeps a talk from falling silent, and is nobody's turn.

A message answers whom it replies to and whom it mentions; one that does neither answers whoever
wrote last before it in that talk. Reactions answer nobody here: they are not words. An answer is
among peers when neither who gives it nor who gets it looks after the group, or is Hearth.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.rules.signals import Heard


@dataclass(slots=True)
class Talk:
    """What was said in one group on one day; answers among peers are counted among the answers."""

    messages: int = 0
    turns: int = 0
    conversations: int = 0
    answers: int = 0
    peer_answers: int = 0


def addressed(heard: Heard, before: int) -> Collection[int]:
    """Return whom a message answers: ids of people, or of Hearth.

    `before` wrote last before it in that talk; 0 if nobody is known to have.
    """
    user_id = heard.user_id
    if heard.to_message_id:
        to = {heard.to_user_id, *heard.mentions}
    elif heard.mentions:
        to = set(heard.mentions)
    elif before and before != user_id:
        return (before,)
    else:
        return ()
    to.discard(user_id)
    to.discard(0)
    return to

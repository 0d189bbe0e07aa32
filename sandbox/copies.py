"""A sandbox as it stands, once more: what took long to found is founded once and copied.

Servers, people, rooms, messages, files, the bot's commands and the clock are the same, down to the
last id; from then on the two know nothing of each other. Connections, sessions, answers that only
one person sees, limits and faults belong to one sandbox and are not copied.
"""

from __future__ import annotations

import copy
from typing import Any

from sandbox.app import Sandbox


def copied(original: Sandbox) -> tuple[Sandbox, dict[int, Any]]:
    """Return a copy that is to be opened like any other, and what stands for what in it.

    That is a memo for `copy.deepcopy`: who keeps people or rooms of the original finds them again
    by copying what they keep with this memo.
    """
    start = original.clock.now() if original.clock.virtual else None
    new = Sandbox(start=start, time_scale=original.time_scale, seed=original.seed)
    memo: dict[int, Any] = {
        id(old): ours
        for old, ours in (
            (original, new),
            (original.clock, new.clock),
            (original.state, new.state),
            (original.world, new.world),
            (original.gateway, new.gateway),
            (original.interactions, new.interactions),
            (original.state.entrance, new.state.entrance),
        )
    }
    vars(new.state).update(copy.deepcopy(vars(original.state), memo))
    new.commands.take_over(original.commands)
    new.draws.setstate(original.draws.getstate())
    return new, memo

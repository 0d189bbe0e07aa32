"""Where a wish to be with certain people leads, once everybody had time to choose their place."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from bot.rules.split_wishes import come_true
from bot.rules.wishes import Wished


def wanted(
    sides: Mapping[int, int], wishes: Iterable[Wished], asking: Collection[int]
) -> dict[int, int]:
    """Return the child where each of those `asking` would be with most of whom they named.

    Only who has to leave their child for it; where two children hold as many, they stay. Somebody
    who would rather not meet them counts for nothing, and nobody learns of that.
    """
    stated = list(wishes)
    avoided = {(one.user_id, one.other_id) for one in stated if one.kind == "apart"}
    friends: dict[int, Counter[int]] = {}
    for one in stated:
        if (
            one.kind == "together"
            and one.user_id in asking
            and one.user_id in sides
            and one.other_id in sides
            and (one.other_id, one.user_id) not in avoided
        ):
            friends.setdefault(one.user_id, Counter())[sides[one.other_id]] += 1
    found: dict[int, int] = {}
    for who, where in sorted(friends.items()):
        most = max(where.values())
        best = [child for child, count in where.items() if count == most]
        if sides[who] not in best and len(best) == 1:
            found[who] = best[0]
    return found


def brought_together(
    sides: Mapping[int, int],
    wishes: Iterable[Wished],
    asking: Collection[int],
    *,
    others: Mapping[int, int],
    count: int,
    minimum: int,
    cap: int,
    apart: Iterable[tuple[int, int]] = (),
) -> dict[int, int]:
    """Return who moves where so that wishes come true, within the bounds of a split.

    Nobody moves for another's wish: only those `asking`, and those who wish for a place themselves
    (`others`, child by person), with whom they may change places. Once is enough for each: friends
    who ask for each other do not pass each other by.
    """
    now = dict(sides)
    stated = list(wishes)
    pairs = tuple(apart)
    moved: dict[int, int] = {}
    for who in sorted(asking):
        open_wishes = {
            one: child
            for one, child in {**others, **wanted(now, stated, asking)}.items()
            if one not in moved
        }
        while who in open_wishes:
            moves = come_true(
                now, open_wishes, who, count=count, minimum=minimum, cap=cap, apart=pairs
            )
            past = _passed_by(now, moves, stated, asking)
            if not past:
                now.update(moves)
                moved.update(moves)
                break
            del open_wishes[max(past, key=lambda one: (one != who, one))]
    return moved


def _passed_by(
    sides: Mapping[int, int],
    moves: Mapping[int, int],
    stated: Iterable[Wished],
    asking: Collection[int],
) -> set[int]:
    """Return who would move for people and find no more of them there than where they are now."""
    after = {**sides, **moves}
    gain: Counter[int] = Counter()
    for one in stated:
        if one.kind == "together" and one.user_id in moves and one.other_id in sides:
            gain[one.user_id] += after[one.other_id] == after[one.user_id]
            gain[one.user_id] -= sides[one.other_id] == sides[one.user_id]
    return {who for who in moves if who in asking and gain[who] <= 0}

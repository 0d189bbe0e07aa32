"""When Hearth stands back."""

from datetime import datetime, timedelta

from bot.rules.flips import Flips


def test_the_third_turn_in_ten_minutes_is_one_too_many(now: datetime) -> None:
    """Two turns are a misunderstanding, three a fight."""
    flips = Flips()
    assert [flips.turned(1, 2, now + timedelta(minutes=n)) for n in range(3)] == [
        False,
        False,
        True,
    ]


def test_slow_turns_and_other_roles_do_not_add_up(now: datetime) -> None:
    """Turns of another member or role, or from earlier in the day, are another matter."""
    flips = Flips()
    assert not any(flips.turned(1, 2, now + timedelta(minutes=6 * n)) for n in range(6))
    assert not any(flips.turned(1, role, now) for role in (3, 4, 5))
    assert not any(flips.turned(user, 9, now) for user in (1, 2, 3))


def test_old_turns_are_forgotten(now: datetime) -> None:
    """What is too old to count is not kept."""
    flips = Flips()
    flips.turned(1, 2, now)
    flips.turned(1, 2, now)
    flips.forget(now + timedelta(minutes=11))
    assert not flips.turned(1, 2, now + timedelta(minutes=11))


def test_how_many_turns_are_a_fight_may_be_said(now: datetime) -> None:
    """A role given to three people is three questions, to a fourth one too many."""
    gifts = Flips(3)
    assert [gifts.turned(0, 2, now) for _ in range(5)] == [False, False, False, True, True]

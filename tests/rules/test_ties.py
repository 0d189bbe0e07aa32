"""What answering each other is worth, and how it fades."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.ties import LastMessages, faded, of_message, pair, week_of, weights

ANN, BEN, CLEO, DAN, EVE, FAY, GUS = range(1, 8)
MINUTE = 60_000
people = st.integers(min_value=1, max_value=9)


def test_a_message_soon_after_others_is_near_each_of_them_once() -> None:
    """Two messages of Ben within the hour make him near once, his own do not count."""
    last = LastMessages()
    last.write(BEN, 0)
    last.write(ANN, 1 * MINUTE)
    last.write(BEN, 2 * MINUTE)
    last.write(CLEO, 3 * MINUTE)
    assert last.write(ANN, 4 * MINUTE) == {BEN, CLEO}


@pytest.mark.parametrize(("minutes", "near"), [(0, {BEN}), (60, {BEN}), (61, set[int]())])
def test_near_ends_after_an_hour(minutes: int, near: set[int]) -> None:
    """Sixty minutes are near, sixty-one are not."""
    last = LastMessages()
    last.write(BEN, 0)
    assert last.write(ANN, minutes * MINUTE) == near


def test_only_the_last_six_messages_are_near() -> None:
    """The seventh message back is out of sight, whoever wrote those between."""
    last = LastMessages()
    for who in (BEN, CLEO, DAN, EVE, FAY, GUS, 0):
        last.write(who, 0)
    assert last.write(ANN, 1) == {CLEO, DAN, EVE, FAY, GUS}


def test_a_copy_goes_its_own_way() -> None:
    """A batch that fails must not have moved the room on."""
    last = LastMessages([(BEN, 0)])
    last.copy().write(CLEO, 1)
    assert last.write(ANN, 2) == {BEN}


@pytest.mark.parametrize(
    ("near", "reply_to", "mentions", "found"),
    [
        ((), 0, (), {}),
        ((BEN,), 0, (), {BEN: 1}),
        ((), BEN, (), {BEN: 3}),
        ((), 0, (BEN, CLEO), {BEN: 2, CLEO: 2}),
        ((), 0, (BEN, BEN), {BEN: 2}),
        ((), BEN, (BEN,), {BEN: 3}),
        ((BEN,), BEN, (BEN, CLEO), {BEN: 4, CLEO: 2}),
        ((), ANN, (ANN,), {}),
    ],
)
def test_what_a_message_is_worth(
    near: tuple[int, ...], reply_to: int, mentions: tuple[int, ...], found: dict[int, int]
) -> None:
    """Reply 3, mention 2, near 1, summed; a reply's own ping is no mention; oneself never."""
    total: dict[int, int] = {}
    for who, worth in of_message(ANN, near, reply_to, mentions):
        total[who] = total.get(who, 0) + worth
    assert total == found


@given(st.lists(st.tuples(people, st.integers(0, 10 * MINUTE)), max_size=30))
def test_nobody_is_near_themselves(messages: list[tuple[int, int]]) -> None:
    """Whoever writes, they are never among those they wrote after, and at most five are."""
    last = LastMessages()
    for who, at in sorted(messages, key=lambda m: m[1]):
        near = last.write(who, at)
        assert who not in near
        assert len(near) <= 6
        assert len(last) <= 6


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 8, 23, 59, 59, 999_000, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 9, tzinfo=UTC), "2026-03-09"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2025-12-29"),
    ],
)
def test_a_week_is_its_monday(moment: datetime, monday: str) -> None:
    """Weeks run from Monday to Sunday in UTC, across years too."""
    assert week_of(int(moment.timestamp() * 1000)) == monday


@given(st.datetimes(datetime(2015, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_moment_lies_in_its_week(moment: datetime) -> None:
    """The Monday is a Monday, and less than seven days before."""
    monday = datetime.fromisoformat(week_of(int(moment.timestamp() * 1000))).replace(tzinfo=UTC)
    assert monday.weekday() == 0
    assert timedelta() <= moment - monday < timedelta(days=7)


@pytest.mark.parametrize(("days", "left"), [(-2, 8), (0, 8), (30, 4), (60, 2), (90, 1)])
def test_a_sum_halves_every_thirty_days_from_the_middle_of_its_week(days: int, left: float) -> None:
    """What lies ahead of the middle is worth its whole."""
    middle = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert faded(8, "2026-03-02", middle + timedelta(days=days)) == pytest.approx(left)  # pyright: ignore[reportUnknownMemberType] - approx has no types


def test_weeks_of_one_pair_are_summed_after_fading() -> None:
    """An older week counts, but less."""
    rows = [(1, 2, "2026-02-02", 10), (1, 2, "2026-03-02", 5), (1, 3, "2026-03-02", 1)]
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    faint = 10 * 0.5 ** (27 / 30)
    assert weights(rows, now) == [
        (1, 2, pytest.approx(5 + faint)),  # pyright: ignore[reportUnknownMemberType] - approx has no types
        (1, 3, pytest.approx(1)),  # pyright: ignore[reportUnknownMemberType] - approx has no types
    ]


@given(people, people)
def test_a_pair_is_ordered(one: int, other: int) -> None:
    """Whoever comes first, the pair is the same."""
    assert pair(one, other) == pair(other, one) == (min(one, other), max(one, other))

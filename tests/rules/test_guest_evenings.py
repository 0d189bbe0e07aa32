"""When a guest evening is, who can have one, and what is due by when."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules.guest_evenings import LONGEST, Side, Span, Stands, by_door, due, span, why_not

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday
RIVERSIDE = Side(1, "Riverside", "🌊", "open", False, True, True, "open")
MILLPOND = Side(2, "Millpond", "🦆", "open", False, True, True, "request")


def typed(day: str, start: str, end: str, place: str = "", *, zone: str = "UTC") -> Span:
    """Read what somebody typed on Monday at noon."""
    return span(day, start, end, place, zone=zone, now=NOON)


@pytest.mark.parametrize(
    ("day", "hours_typed", "place", "opens", "hours"),
    [
        ("today", ("19:00", "22:00"), "", "2026-03-02T19:00", 3),
        ("tomorrow", ("7pm", "10pm"), "", "2026-03-03T19:00", 3),
        ("Friday", ("19.30", "21.00"), "", "2026-03-06T19:30", 1.5),
        ("2026-03-14", ("8 pm", "11 pm"), "", "2026-03-14T20:00", 3),
        ("14 March", ("22:00", "01:00"), "", "2026-03-14T22:00", 3),
        ("tomorrow", ("19:00", "22:00"), "Berlin", "2026-03-03T18:00", 3),
        ("tomorrow", ("19:00", "22:00"), "New York", "2026-03-04T00:00", 3),
    ],
)
def test_an_evening_is_read_as_people_write_it(
    day: str, hours_typed: tuple[str, str], place: str, opens: str, hours: float
) -> None:
    """Days and hours in many ways; an end before the beginning is past midnight."""
    found = typed(day, *hours_typed, place)
    assert found.opens_at == datetime.fromisoformat(opens).replace(tzinfo=UTC)
    assert found.ends_at - found.opens_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "start", "end", "place", "key"),
    [
        ("whenever", "19:00", "22:00", "", "guests.day_unknown"),
        ("back", "19:00", "22:00", "", "guests.day_unknown"),
        ("2026-02-01", "19:00", "22:00", "", "guests.day_past"),
        ("2029-02-01", "19:00", "22:00", "", "guests.day_too_long"),
        ("tomorrow", "late", "22:00", "", "guests.time_unknown"),
        ("tomorrow", "19:00", "25:00", "", "guests.time_unknown"),
        ("today", "11:00", "13:00", "", "guests.too_late"),
        ("today", "12:10", "15:00", "", "guests.too_soon"),
        ("2026-06-01", "19:00", "22:00", "", "guests.too_far"),
        ("tomorrow", "19:00", "19:10", "", "guests.too_short"),
        ("tomorrow", "19:00", "04:00", "", "guests.too_long"),
        ("tomorrow", "19:00", "22:00", "Atlantis", "hearth.zone_near"),
    ],
)
def test_what_is_no_evening_says_what_to_write(
    day: str, start: str, end: str, place: str, key: str
) -> None:
    """Each mistake has words of its own."""
    with pytest.raises(UserError) as refused:
        typed(day, start, end, place)
    assert refused.value.key == key


def test_clocks_that_change_meanwhile_are_followed() -> None:
    """In Berlin the night of 28 to 29 March 2026 lacks an hour, that of 25 October has one more."""
    spring = typed("2026-03-28", "22:00", "04:00", "Berlin")
    assert spring.ends_at - spring.opens_at == timedelta(hours=5)
    autumn = span(
        "2026-10-24", "22:00", "04:00", "", zone="Europe/Berlin", now=NOON + timedelta(days=220)
    )
    assert autumn.ends_at - autumn.opens_at == timedelta(hours=7)
    gap = typed("2026-03-29", "02:30", "05:00", "Berlin")
    assert gap.opens_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(
    day=st.dates(date(2026, 3, 3), date(2026, 4, 29)),
    start=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    hours=st.integers(1, 7),
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
)
def test_every_evening_lies_on_its_day(day: date, start: time, hours: int, zone: str) -> None:
    """What was typed is what clocks there show, but in the hour that a change leaves out."""
    wall = datetime(day.year, day.month, day.day, start.hour, start.minute)  # noqa: DTZ001 - a wall time
    end = wall + timedelta(hours=hours)
    try:
        found = span(day.isoformat(), f"{wall:%H:%M}", f"{end:%H:%M}", "", zone=zone, now=NOON)
    except UserError as refused:
        assert refused.key in {"guests.too_soon", "guests.too_far", "guests.too_late"}  # noqa: PT017 - what is allowed to be said
        return
    shown = found.opens_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert timedelta() <= shown - wall <= timedelta(hours=1)
    assert found.ends_at - found.opens_at <= LONGEST


@pytest.mark.parametrize(
    ("host", "guest", "reason"),
    [
        (RIVERSIDE, MILLPOND, None),
        (RIVERSIDE, RIVERSIDE, "same"),
        (Side(1, "a", "", "open", False, False, True, "open"), MILLPOND, "unlisted"),
        (RIVERSIDE, Side(2, "b", "", "open", False, False, True, "open"), "guest_unlisted"),
        (Side(1, "a", "", "resting", False, True, True, "open"), MILLPOND, "not_open"),
        (RIVERSIDE, Side(2, "b", "", "archived", False, True, True, "open"), "guest_not_open"),
        (Side(1, "a", "", "open", True, True, True, "open"), MILLPOND, "locked"),
        (RIVERSIDE, Side(2, "b", "", "open", True, True, True, "open"), "guest_locked"),
        (Side(1, "a", "", "open", False, True, True, "closed"), MILLPOND, "closed"),
    ],
)
def test_who_can_have_an_evening(host: Side, guest: Side, reason: str | None) -> None:
    """Open groups that are named and not locked, and whose owners allow visitors."""
    assert why_not(host, guest) == reason


def test_a_door_needs_a_role_on_both_sides() -> None:
    """Else each guest gets a key of their own."""
    den = Side(3, "Den", "", "open", False, True, False, "request")
    assert by_door(RIVERSIDE, MILLPOND)
    assert not by_door(RIVERSIDE, den)
    assert not by_door(den, RIVERSIDE)


HOURS = timedelta(hours=1)
OPENS, ENDS = NOON, NOON + 3 * HOURS


@pytest.mark.parametrize(
    ("so_far", "at", "possible", "hosted", "wanted"),
    [
        ("asked", -1, True, True, None),
        ("asked", 0, True, True, "lapsed"),
        ("asked", 9, True, True, "lapsed"),
        ("asked", -1, False, True, "off"),
        ("agreed", -1, True, False, None),
        ("agreed", -1, False, True, "off"),
        ("agreed", 0, True, True, "open"),
        ("agreed", 2, True, True, "open"),  # late, but there is an evening left
        ("agreed", 0, True, False, "off"),  # nobody hosts it
        ("agreed", 3, True, True, "missed"),
        ("agreed", 99, True, False, "missed"),
        ("opened", 1, True, True, None),
        ("opened", 1, True, False, None),  # the host left meanwhile: the guests are there
        ("opened", 1, False, True, "off"),
        ("opened", 3, True, True, "over"),
        ("opened", 99, False, False, "over"),
    ],
)
def test_what_is_due(
    so_far: str, at: int, possible: bool, hosted: bool, wanted: str | None
) -> None:
    """However late Hearth comes to it, an evening goes the one way that is right by then."""
    stands = Stands(OPENS, ENDS, agreed=so_far != "asked", opened=so_far == "opened")
    assert due(stands, NOON + at * HOURS, possible=possible, hosted=hosted) == wanted


@given(moments=st.lists(st.integers(-5, 400), max_size=12))
def test_a_door_opens_once_and_closes_once(moments: list[int]) -> None:
    """At whatever minutes Hearth happens to look, in order."""
    opened, steps = False, list[str]()
    for minute in sorted(moments):
        step = due(
            Stands(OPENS, ENDS, agreed=True, opened=opened),
            NOON + timedelta(minutes=minute),
            possible=True,
            hosted=True,
        )
        if step is None:
            continue
        steps.append(step)
        if step != "open":
            break
        opened = True
    assert steps in ([], ["open"], ["open", "over"], ["missed"])

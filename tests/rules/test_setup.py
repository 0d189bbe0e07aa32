"""The guided setup's thinking: what it suggests, what it adds up, what its screens hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.payloads import text_of, view_of
from bot.rules import setup_cards, setup_group_cards, setup_work_cards
from bot.rules.capacity import Use
from bot.rules.charter import Charter
from bot.rules.message import Line
from bot.rules.setup_answers import (
    BRAKES,
    KINDS,
    MAKE,
    MOST_GROUPS,
    PARTS,
    STEPS,
    Answers,
    RoleSeen,
    brake_figures,
    brake_of,
    opens_to,
    step_beside,
    suggested_commons,
    suggested_restricted,
    suggested_safety,
)
from bot.rules.setup_cards import Seen
from bot.rules.setup_group_cards import Plan, split_sign, the_sum, time
from bot.rules.setup_sums import reckon
from bot.rules.setup_work_cards import Carried, Work
from bot.rules.types import STARTING, TypeRules
from bot.texts import catalogue

SAY = catalogue()
KICK, ADMINISTRATOR, MANAGE_SERVER, TIME_OUT = 1 << 1, 1 << 3, 1 << 5, 1 << 40
ROLES = (
    RoleSeen(1, "Admins", ADMINISTRATOR | KICK),
    RoleSeen(2, "Wick", KICK, managed=True),
    RoleSeen(3, "Mods", TIME_OUT),
    RoleSeen(4, "Muted", 0),
    RoleSeen(5, "Runners", 0),
    RoleSeen(6, "Quarantined", 0),
    RoleSeen(7, "Crew", MANAGE_SERVER),
    RoleSeen(8, "Music", MANAGE_SERVER, managed=True),
)
NAMES = {kind: SAY(f"types.kind_{kind}") for kind in KINDS}
FULL = Use(roles=250, channels=500, categories=50, members=100)
EMPTY = Use(roles=2, channels=4, categories=0)


def test_who_keeps_order_is_suggested() -> None:
    """People before bots; administrators see everything anyway, so they need no part."""
    assert suggested_safety(ROLES) == (3, 2)


def test_who_is_held_back_is_known_by_the_roles_name() -> None:
    """As servers and moderation bots call such roles."""
    assert suggested_restricted(ROLES) == (4, 6)


@pytest.mark.parametrize(
    ("part", "roles"),
    [
        ("owners_room_id", (1, 7)),
        ("moderators_room_id", (1, 3, 5, 7)),
        ("facilitators_room_id", ()),
        ("commons_id", ()),
    ],
)
def test_rooms_open_to_whom_they_are_for(part: str, roles: tuple[int, ...]) -> None:
    """By what roles may do and who was named; no bot, and no member as such."""
    assert opens_to(part, ROLES, safety=(5,)) == roles


@pytest.mark.parametrize(
    ("talk", "system", "room"),
    [
        ([(1, "welcome"), (2, "💬-general")], 1, 2),
        ([(1, "welcome"), (2, "off-topic")], 1, 1),
        ([(2, "off-topic"), (3, "art")], 1, 2),
        ([], 1, None),
    ],
)
def test_the_commons_is_guessed(talk: list[tuple[int, str]], system: int, room: int | None) -> None:
    """By its name, else where newcomers are greeted, else the first; never a room to read only."""
    assert suggested_commons(talk, system) == room


def test_no_room_has_two_parts() -> None:
    """A room that is chosen for a second part leaves the first."""
    answers = Answers().with_room(PARTS[0], 7).with_room(PARTS[1], 7)
    assert answers.room(PARTS[0]) is None
    assert answers.room(PARTS[1]) == 7
    rest = answers.making_the_rest()
    assert rest.to_make == (PARTS[0], PARTS[2], PARTS[3])


@given(
    st.builds(
        Answers,
        safety=st.lists(st.integers(1, 2**60)).map(tuple),
        rooms=st.dictionaries(
            st.sampled_from(PARTS), st.one_of(st.none(), st.just(MAKE), st.integers(1, 2**60))
        ),
        kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
        needs_facilitator=st.booleans(),
        brake=st.sampled_from(["off", "gentle", "strict", "own"]),
        own_brake=st.tuples(st.integers(0, 365), st.integers(0, 10_000)),
    )
)
def test_answers_survive_being_kept(answers: Answers) -> None:
    """What is read back is what was chosen."""
    assert Answers.from_plain(answers.to_plain()) == answers


def test_screens_follow_each_other() -> None:
    """On and back between the first and the last."""
    assert [step_beside(step, 1) for step in STEPS[:-1]] == list(STEPS[1:])
    assert step_beside(STEPS[0], -1) == STEPS[0]
    assert step_beside(STEPS[-1], 1) == STEPS[-1]


def test_a_brake_keeps_its_name_and_an_owners_own_its_figures() -> None:
    """Figures that options set are nobody's preset."""
    assert [brake_of(*figures) for figures in BRAKES.values()] == list(BRAKES)
    assert brake_of(7, 12) == "own"
    assert brake_figures(Answers(brake="own", own_brake=(7, 12))) == (7, 12)


def test_the_sum_of_a_large_server() -> None:
    """11,800 keys take 3 h 17 min, 79 groups are needed for all, and the limits take more."""
    use = replace(EMPTY, members=11_800)
    types = [TypeRules("", cap=150, newcomers_per_week=20)] * 3
    found = reckon(use, types, to_make=3, groups=0)
    assert (found.roles, found.rooms, found.categories, found.seats) == (3, 6, 1, 450)
    assert (found.groups_for_all, found.hours, found.minutes) == (79, 3, 17)
    assert found.weeks == 8
    assert found.fits >= found.groups_for_all
    assert found.reviewed
    assert found.enough


def test_the_sum_of_a_huge_server_says_that_not_all_fit() -> None:
    """35,000 people need more groups than Discord has roles for."""
    found = reckon(replace(EMPTY, members=40_000), [TypeRules("")], to_make=0, groups=0)
    assert found.groups_for_all == 267
    assert found.fits < found.groups_for_all
    assert found.fit_seats == found.fits * 150 < 40_000
    assert (found.hours, found.minutes) == (9, 50)
    text = _sum_text(found_for=replace(EMPTY, members=40_000))
    assert "would take 267 groups of 150, and 236 fit" in text
    assert "handing out as many keys takes about 9 h 50 min" in text
    assert "within 90 days of Discord's notice" in text


def test_voice_rooms_and_rooms_without_roles_are_counted() -> None:
    """A cohort takes two rooms, an identity group no role."""
    rules = {one.rules.kind: one.rules for one in STARTING}
    found = reckon(EMPTY, [rules["cohort"], rules["identity"]], to_make=0, groups=5)
    assert (found.roles, found.rooms, found.categories) == (1, 3, 0)


def test_what_does_not_fit_cannot_be_begun() -> None:
    """In a full server the press is not offered, and the line says what would help."""
    message = _sum(found_for=FULL)
    assert "setup-begin" not in [button.press for button in message.buttons]
    assert "don't fit" in text_of(message, SAY)


@pytest.mark.parametrize(
    ("hours", "minutes", "words"),
    [(0, 0, "a minute"), (0, 12, "12 min"), (3, 20, "3 h 20 min"), (50, 1, "2 days and 2 h")],
)
def test_how_long_it_takes_is_said_as_people_say_it(hours: int, minutes: int, words: str) -> None:
    """No seconds, no decimals."""
    assert time(hours, minutes, SAY) == words


@pytest.mark.parametrize(
    ("typed", "sign", "name"),
    [
        ("🌊 Riverside", "🌊", "Riverside"),
        ("⛰️ Hill Side", "⛰️", "Hill Side"),
        ("<:river:123456789012345678> River", "<:river:123456789012345678>", "River"),
        ("Riverside", "", "Riverside"),
        ("Ten Pages", "", "Ten Pages"),
        ("🌊", "", "🌊"),
        ("", "", ""),
    ],
)
def test_a_name_may_begin_with_the_groups_sign(typed: str, sign: str, name: str) -> None:
    """As people write it: the emoji first."""
    assert split_sign(typed) == (sign, name)


def _plans(count: int) -> list[Plan]:
    charter = Charter("Riverside " * 4, "Runs. " * 50)
    return [Plan(n, "interest", charter, whole=True, facilitator_id=n) for n in range(count)]


def _sum(*, found_for: Use, count: int = 1) -> setup_group_cards.Message:
    found = reckon(found_for, [TypeRules("")] * count, to_make=4, groups=0)
    plans = _plans(count)
    return the_sum(plans, found, blocked=0, commons=True, first=True, viewer=1, say=SAY)


def _sum_text(*, found_for: Use) -> str:
    return text_of(_sum(found_for=found_for), SAY)


def _screens() -> list[setup_cards.Message]:
    """Return every screen at its fullest."""
    seen = Seen(EMPTY, ROLES, two_factor=True, rooms=frozenset({7}), public=frozenset({7}))
    full = Answers(
        safety=tuple(role.id for role in ROLES) * 3,
        rooms=dict.fromkeys(PARTS, MAKE),
        kinds=KINDS,
        brake="own",
    )
    missing = [Line("checks.missing_manage_roles")] * 11
    brakes: dict[str, str] = dict.fromkeys((*BRAKES, "own"), "x")
    plan = _plans(MOST_GROUPS)
    work = tuple(
        Work(
            "setup.step_group",
            {"emoji": "🌊", "group": "x" * 80},
            "stuck",
            Line("setup.trouble_room", {"why": f"{n}" * 150}),
        )
        for n in range(40)
    )
    return [
        setup_cards.rights(seen, missing, blocked=True, stopped_at=None),
        setup_cards.safety(full, seen),
        setup_cards.restricted(full, seen),
        setup_cards.rooms(full, seen, trouble=Line("setup.room_wrong", {"room": "<#1>"})),
        setup_cards.rooms(replace(full, rooms={PARTS[0]: 7, PARTS[1]: 8}), seen),
        setup_cards.place(full, clock="12:00", guessed=True, languages={"en": "English"}),
        setup_cards.types(full, NAMES),
        setup_cards.ways(full, NAMES, brakes, {}),
        setup_group_cards.groups(full, plan, NAMES),
        setup_group_cards.groups(full, [], NAMES),
        setup_group_cards.group(plan[0], NAMES, viewer=9),
        _sum(found_for=replace(EMPTY, members=40_000), count=MOST_GROUPS),
        setup_work_cards.carried(Carried(1, "running", work), SAY),
        setup_work_cards.carried(Carried(1, "paused", work), SAY),
        setup_work_cards.carried(Carried(1, "done", (), tuple(range(12)), 3), SAY),
        setup_work_cards.carried(Carried(1, "cancelled", work[:3]), SAY),
    ]


@pytest.mark.parametrize("number", range(16))
def test_a_screen_is_what_discord_takes(number: int) -> None:
    """Whole within 2,000 characters, five rows, five buttons a row, and ids of its own."""
    message = _screens()[number]
    text = text_of(message, SAY)
    assert not text.endswith("…"), len(text)
    view = view_of(message, SAY)
    if view is not None:
        rows = view.to_components()
        assert len(rows) <= 5
        presses = [*(b.press for b in message.buttons), *(m.press for m in message.menus)]
        assert len(set(presses)) == len(presses)
        assert all(len(menu.choices) <= 25 for menu in message.menus)

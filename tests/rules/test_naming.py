"""Names that cannot deceive: what is the same, what is shown, what is near."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import naming

HOSTILE = [
    "@everyone",
    "<@123456789012345678>",
    "<@&123456789012345678>",
    "<#123456789012345678>",
    "<t:0:R>",
    "**bold** _it_ ~~no~~ ||spoiler|| `code`",
    "[click](https://evil.example)",
    "# head\n> quote\n- list\n1. one",
    "{group} {0} {",
    "discord.gg/evil and https://discord.com/invite/evil",
    "discord.gg:443/evil, discord.gg./evil and discordapp.com.:443//invite/evil",
    "  12. twelve",
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Riverside", "RIVERSIDE"),
        ("Riverside", "  River\u200bside "),
        ("River side", "River   side"),
        ("Café", "Cafe\u0301"),
        ("Straße", "STRASSE"),
        ("Riverside", "Ｒｉｖｅｒｓｉｄｅ"),
        ("Riverside", "\u202eRiverside"),
        ("Ri\u200dverside", "Riverside"),
        ("River\ufe0fside", "Riverside"),
        ("River\u034fside", "Riverside"),
        ("River\u3164side", "River side"),
    ],
)
def test_names_that_look_the_same_are_the_same(one: str, other: str) -> None:
    """Two groups cannot share a name by hiding a character in it."""
    assert naming.key(one) == naming.key(other)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    """Keys are stable, short enough for their column, and empty only for nothing to see."""
    key = naming.key(text)
    assert naming.key(key) == key
    assert len(key) <= naming.KEY_LENGTH


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """What is stored is what would be stored again."""
    for lines in (False, True):
        once = naming.clean(text, lines=lines)
        assert naming.clean(once, lines=lines) == once


@given(st.text())
def test_nothing_invisible_is_kept(text: str) -> None:
    """No control characters, no turned direction, no line break in a name."""
    assert not re.search(
        r"[\x00-\x1f\u200b-\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", naming.clean(text)
    )


def test_an_emoji_keeps_its_joiner() -> None:
    """A family is one emoji, not three people."""
    assert naming.clean("👨‍👩‍👧 home") == "👨‍👩‍👧 home"


def test_a_tower_of_accents_is_cut() -> None:
    """Accents piled over other lines go, those of a living script stay."""
    assert len(naming.clean("a" + "\u0301" * 50)) <= 1 + naming.MARKS_IN_A_ROW
    assert naming.clean("ที่นี่") == "ที่นี่"


@given(st.text(), st.text(alphabet="🌊🔥🌱", max_size=1))
def test_a_room_name_is_one_that_discord_takes(name: str, emoji: str) -> None:
    """1 to 100 characters, no blanks, no capitals."""
    room = naming.room_name(emoji, name)
    assert 1 <= len(room) <= 100
    assert not re.search(r"\s", room)
    assert room == room.lower()


@pytest.mark.parametrize(
    ("emoji", "name", "room"),
    [
        ("🌊", "Riverside", "🌊-riverside"),
        ("🌊", "Jo's Café & Bar", "🌊-jos-café-bar"),
        ("<:wave:123456789012345678>", "Long Table", "long-table"),
        ("", "!!!", "room"),
    ],
)
def test_room_names(emoji: str, name: str, room: str) -> None:
    """A room's name reads like the group's."""
    assert naming.room_name(emoji, name) == room


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_shown_as_it_was_typed(text: str) -> None:
    """No mention, no timestamp, no markdown survives; taking the escapes away gives it back."""
    shown = naming.safe(text)
    assert not re.search(r"@(everyone|here)|(?<!\\)<[@#:t]|(?<!\\)[*_~`|\[]", shown)
    assert "://" not in shown
    assert not re.search(r"discord(app)?\.(gg|com)[^ ]*/", shown)
    # Discord takes a backslash away before anything but letters, digits and blanks.
    assert re.sub(r"\\(?=[^a-zA-Z0-9\s])|\u200b", "", shown) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00\x1b[31mb", "a\\[31mb"),
        ("\u3164\u2800", ""),
        ("a" + "\u0301" * 50, "á" + "\u0301" * 4),
        ("a\n\n\n\n\n\nb", "a\n\nb"),
    ],
)
def test_what_cannot_be_seen_is_not_shown(text: str, shown: str) -> None:
    """Names of people and roles were never stored here: they are cleaned when they are shown."""
    assert naming.safe(text) == shown


def test_a_blank_name_is_none() -> None:
    """Letters that are drawn as nothing make no name."""
    assert naming.clean("\u3164\u2800 \uffa0") == ""


@pytest.mark.parametrize("text", ["🏴\u200d☠️", "1️⃣", "❤️", "👨‍👩‍👧"])
def test_signs_keep_what_makes_their_picture(text: str) -> None:
    """A selector stays where it belongs to a sign."""
    assert naming.clean(text) == text


@given(st.text())
def test_no_special_character_goes_unescaped(text: str) -> None:
    """Every character that markdown reads has a backslash before it."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_~`|<>\[\]()](?<!\\.)", naming.safe(text))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("rivrside", "Riverside"),
        ("river", "Riverside"),
        ("RIVERSIDE GROUP", "Riverside"),
        ("pond", "Millpond"),
        ("mill pond", "Millpond"),
    ],
)
def test_near_misses(typed: str, first: str) -> None:
    """Who mistypes is asked about what they meant."""
    assert naming.near(typed, ["Riverside", "Millpond", "Orchard"])[0] == first


def test_numbers_sort_as_numbers() -> None:
    """Circle 2 stands before Circle 10."""
    names = ["Circle 10", "circle 2", "Circle", "7 Bridges", "10 Bridges"]
    assert sorted(names, key=naming.in_order) == [
        "7 Bridges",
        "10 Bridges",
        "Circle",
        "circle 2",
        "Circle 10",
    ]


def test_nothing_is_near_to_nothing() -> None:
    """No guess is better than a wild one."""
    assert naming.near("zzzz", ["Riverside", "Millpond"]) == []
    assert naming.near("  ", ["Riverside"]) == []


def test_spare_names_are_many_and_different() -> None:
    """Splits of a large server do not run out of names, and none looks like another."""
    keys = {naming.key(name) for _, name in naming.spare_names}
    rooms = {naming.room_name(emoji, name) for emoji, name in naming.spare_names}
    assert len(keys) == len(rooms) == len(naming.spare_names) >= 60

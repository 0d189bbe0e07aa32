"""Charters: lengths, signs, colours, and texts that mean harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import charter, charter_cards
from bot.rules.charter import Charter
from bot.texts import catalogue

PURPOSE = "Evening runs around the lake, slow ones welcome."


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        ("name", "", "groups.name_too_short"),
        ("name", "x", "groups.name_too_short"),
        ("name", "🌊🌊🌊", "groups.name_too_short"),
        ("name", "\u200b\u200b\u200b", "groups.name_too_short"),
        ("name", "x" * 41, "groups.name_too_long"),
        ("name", "A" * 5000, "groups.name_too_long"),
        ("name", "Hey @everyone come", "groups.name_calls"),
        ("name", "@Here", "groups.name_calls"),
        ("name", "eve\u200bryone", "groups.name_calls"),
        ("name", "<@&123456789012345678>", "groups.name_calls"),
        ("name", "discord.gg/free", "groups.name_calls"),
        ("name", "[a](http://b)", "groups.name_calls"),
        ("name", "See www.example.org", "groups.name_calls"),
        ("emoji", "🌊🔥", "groups.emoji_wrong"),
        ("emoji", "🇩🇪🇫🇷", "groups.emoji_wrong"),
        ("purpose", "", "groups.purpose_empty"),
        ("purpose", "  \n  ", "groups.purpose_empty"),
        ("purpose", "*** --- ***", "groups.purpose_empty"),
        ("purpose", "x" * 5000, "groups.purpose_too_long"),
        ("for_whom", "x" * 301, "groups.for_whom_too_long"),
        ("norms", "x" * 601, "groups.norms_too_long"),
        ("emoji", "river", "groups.emoji_wrong"),
        ("emoji", "🌊 and 🔥 and more", "groups.emoji_wrong"),
        ("emoji", ":wave:", "groups.emoji_wrong"),
        ("emoji", "🌊||", "groups.emoji_wrong"),
        ("emoji", "🌊`", "groups.emoji_wrong"),
        ("emoji", "~🌊~", "groups.emoji_wrong"),
        ("colour", "blurple", "groups.colour_wrong"),
        ("colour", "#12345", "groups.colour_wrong"),
    ],
)
def test_what_cannot_stand_is_named_in_one_line(field: str, typed: str, key: str) -> None:
    """The first thing to mend, with a text that says how."""
    with pytest.raises(UserError) as refused:
        charter.read({"name": "Riverside", "purpose": PURPOSE, field: typed})
    assert refused.value.key == key
    assert "\n" not in catalogue()(key, **refused.value.params)


@pytest.mark.parametrize(
    "emoji", ["🌊", "❤️", "👨‍👩‍👧", "🇵🇹", "👍🏽", "1️⃣", "☕", "<:wave:123456789012345678>"]
)
def test_emoji_of_all_sorts(emoji: str) -> None:
    """Flags, families, skin tones and a server's own are signs too."""
    assert charter.emoji(emoji) == emoji


@pytest.mark.parametrize(
    ("typed", "colour"),
    [("#E07A3F", 0xE07A3F), ("e07a3f", 0xE07A3F), (" Blue ", 0x3D7EA6), ("#000000", 1)],
)
def test_colours(typed: str, colour: int) -> None:
    """By name or number; black is as dark as Discord can show a role."""
    assert charter.colour(typed) == colour


def test_what_is_not_typed_stays() -> None:
    """An edit changes what was given, and an empty sign is no change."""
    before = Charter("Riverside", PURPOSE, "🌊", 5, "Everyone", "Be kind")
    after = charter.read({"purpose": "Evening runs, also in the rain.", "emoji": ""}, before)
    assert after == Charter(
        "Riverside", "Evening runs, also in the rain.", "🌊", 5, "Everyone", "Be kind"
    )
    assert charter.read({"norms": ""}, before).norms == ""


@pytest.mark.parametrize(
    ("typed", "emoji", "colour"),
    [
        ("🌊 #3D7EA6", "🌊", "#3D7EA6"),
        ("blue 🌊", "🌊", "blue"),
        ("🌊", "🌊", ""),
        ("<:wave:123456789012345678> green", "<:wave:123456789012345678>", "green"),
        ("", "", ""),
    ],
)
def test_a_sign_and_a_colour_in_one_line(typed: str, emoji: str, colour: str) -> None:
    """A form has five fields, so these two share one."""
    assert charter.read_sign(typed) == {"emoji": emoji, "colour": colour}


@given(st.text(max_size=6000), st.text(max_size=6000), st.text(max_size=40))
def test_whatever_is_typed_is_accepted_within_bounds_or_refused(
    name: str, purpose: str, emoji: str
) -> None:
    """Nothing else than the one kind of error, and what passes fits its columns."""
    try:
        read = charter.read({"name": name, "purpose": purpose, "emoji": emoji, "norms": purpose})
    except UserError as refused:
        catalogue()(refused.key, **refused.params)  # its text takes what it is given
        return
    assert charter.NAME_LEAST <= len(read.name) <= charter.NAME_MOST
    assert len(read.purpose) <= charter.PURPOSE_MOST
    assert len(read.norms) <= charter.NORMS_MOST
    assert len(read.emoji) <= 64


@pytest.mark.parametrize(
    ("norms", "found"),
    [
        ("Be kind\nBe slow\nBe there", 3),
        ("Be kind; be slow; be there", 3),
        ("- Be kind\n\n* Be slow\n• Be there\n---", 3),
        ("Be kind, be slow and be there.", 1),
        ("", 0),
    ],
)
def test_norms_are_counted_as_people_list_them(norms: str, found: int) -> None:
    """One per line or set apart by semicolons; a sentence is one norm."""
    assert len(charter.norms_in(norms)) == found


def test_a_whole_charter_fulfils_every_duty_in_their_order() -> None:
    """The first that is missing is asked for; with the last one it is whole."""
    typed = {"name": "Riverside", "purpose": PURPOSE}
    for missing, text in (
        ("for_whom", "Whoever runs for joy"),
        ("unites", "We run after work"),
        ("norms", "One\nTwo\nThree"),
    ):
        with pytest.raises(UserError) as refused:
            charter.whole(charter.read(typed))
        assert refused.value.key == f"groups.{missing}_missing"
        typed[missing] = text
    whole = charter.whole(charter.read(typed))
    assert (
        charter.lacks(
            purpose=whole.purpose, for_whom=whole.for_whom, unites=whole.unites, norms=whole.norms
        )
        == ()
    )


def test_where_a_group_lives_is_read_as_people_say_it() -> None:
    """A language and a clock by any of their names; nothing typed is the server's."""
    typed = {"name": "Riverside", "purpose": PURPOSE, "language": "german", "zone": "berlin"}
    before = charter.read({**typed, "city": " Berlin ", "venue": "The  bridge"})
    assert (before.language, before.zone) == ("de", "Europe/Berlin")
    assert (before.city, before.venue) == ("Berlin", "The bridge")
    after = charter.read({"language": " ", "zone": "", "city": "", "venue": ""}, before)
    assert (after.language, after.zone, after.city, after.venue) == ("", "", "", "")
    assert charter.read({}, before) == before


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        ("language", "Germn", "groups.language_near"),
        ("language", "zzzqqq", "groups.language_unknown"),
        ("zone", "Berlim", "hearth.zone_near"),
        ("zone", "zzzqqq", "hearth.zone_unknown"),
        ("city", "x" * 61, "groups.city_too_long"),
        ("venue", "x" * 121, "groups.venue_too_long"),
        ("venue", "<@123456789012345678>'s flat", "groups.place_calls"),
        ("emoji", "river", "groups.emoji_wrong"),
        ("colour", "blurple", "groups.colour_wrong"),
        ("unites", "x" * 301, "groups.unites_too_long"),
        ("name", "x", "groups.name_too_short"),
    ],
)
def test_what_is_refused_is_mended_in_the_form_that_asks_for_it(
    field: str, typed: str, key: str
) -> None:
    """Names and words in the first, sign and place in the second."""
    with pytest.raises(UserError) as refused:
        charter.read({"name": "Riverside", "purpose": PURPOSE, field: typed})
    assert refused.value.key == key
    words = field in {"name", "unites"}
    step = charter_cards.WORDS if words else charter_cards.PLACE
    assert charter_cards.step_of(key) == step
    assert charter_cards.step_of("groups.name_taken") == charter_cards.WORDS

"""What an adoption reads off a role and a room, and how a room becomes as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.rules import access, adopting
from bot.rules.access import HISTORY, LIVE, SEND, VIEW, Keys, Overwrite
from bot.rules.adopting import Found, called, given_back, purpose, read_entries, written_down

SERVER, BOT, KEY, MODS, OTHERS, KIM = 1, 2, 3, 4, 5, 6
ALL = -1


def found(**values: object) -> Found:
    """Return a role and a room with what matters to a test."""
    plain: dict[str, object] = {
        "role_id": KEY,
        "role_name": "Runners",
        "colour": 0,
        "room_id": 9,
        "room_name": "runners",
        "topic": "",
        "people": frozenset((KIM,)),
        "entries": (),
        "bot_id": BOT,
    }
    return Found(**{**plain, **values})  # type: ignore[arg-type] - fields by name, as a test gives them


@pytest.mark.parametrize(
    ("role", "emoji", "name"),
    [
        ("Runners", "🔥", "Runners"),
        ("🎨 Painters", "🎨", "Painters"),
        ("🎨・painters", "🎨", "painters"),
        ("★ Veterans", "★", "Veterans"),
        ("| Berlin |", "🔥", "Berlin |"),
        ("--- 30+ ---", "🔥", "30+ ---"),
        ("🇩🇪 Deutsch", "🇩🇪", "Deutsch"),
    ],
)
def test_the_groups_name_is_read_off_the_role(role: str, emoji: str, name: str) -> None:
    """With the sign before it, if that is one emoji."""
    assert called(found(role_name=role)) == (emoji, name)


def test_without_a_role_the_room_gives_the_name() -> None:
    """As words, since a room's name has none of its own."""
    assert called(found(role_id=None, room_name="🌊-by-the-river")) == ("🌊", "By the river")


@pytest.mark.parametrize("role", ["★★★", "@everyone", "x" * 41, "friends of <@&1>"])
def test_a_role_whose_name_makes_none(role: str) -> None:
    """The owner renames it first; Hearth makes no name up."""
    with pytest.raises(UserError):
        called(found(role_name=role))


def test_a_topic_that_can_be_read_aloud_is_the_purpose() -> None:
    """Links, calls and scraps are left out; the charter is asked for later."""
    assert purpose("We run around the lake.") == "We run around the lake."
    assert purpose("") == ""
    assert purpose("x" * 400) == ""


def test_nothing_about_a_person_is_written_down() -> None:
    """Of the room's entries only those of roles, and the bot's own."""
    entries = (
        Overwrite(SERVER, "role", 0, VIEW),
        Overwrite(KIM, "member", VIEW, 0),
        Overwrite(BOT, "member", VIEW, 0),
    )
    kept = written_down(found(entries=entries))
    assert str(KIM) not in str(kept["entries"])
    assert read_entries(kept, BOT) == {
        SERVER: entries[0],
        BOT: entries[2],
    }


BITS = st.sampled_from((0, VIEW, VIEW | SEND, LIVE, HISTORY, 1 << 40))
ENTRY = st.tuples(BITS, BITS).map(lambda bits: (bits[0] & ~bits[1], bits[1]))


@given(
    before=st.dictionaries(st.sampled_from((SERVER, KEY, MODS, OTHERS)), ENTRY),
    mine=st.none() | ENTRY,
    guest=st.booleans(),
)
def test_whatever_a_room_was_like_it_becomes_so_again(
    before: dict[int, tuple[int, int]], mine: tuple[int, int] | None, *, guest: bool
) -> None:
    """After Hearth's keys were written, a guest let in, and everything taken back."""
    was = {role: Overwrite(role, "role", *bits) for role, bits in before.items()}
    if mine is not None:
        was[BOT] = Overwrite(BOT, "member", *mine)
    # An entry that looks exactly like a key of Hearth's is taken for one: nobody sets these bits.
    if any(one.deny == 0 and one.allow == LIVE for one in was.values()):
        return
    keys = Keys(
        SERVER,
        BOT,
        access.ADMINISTRATOR,
        safety_roles=frozenset((MODS,)),
        roles=frozenset((KEY,)),
        visitors=frozenset((KIM,)) if guest else frozenset(),
        group_roles=frozenset((KEY,)),
    )
    now = _after(was, access.edit(keys, was))
    for _ in range(3):
        edit = given_back(was, now, bot_id=BOT, ours=frozenset((SERVER, MODS, KEY)), may=ALL)
        now = _after(now, edit)
    assert now == was


def test_hearths_own_entry_goes_last() -> None:
    """Else it could not do the rest."""
    now = {
        BOT: Overwrite(BOT, "member", LIVE, 0),
        KEY: Overwrite(KEY, "role", LIVE, 0),
        KIM: Overwrite(KIM, "member", VIEW | SEND, 0),
    }
    ours = frozenset((SERVER, KEY))
    first = given_back({}, now, bot_id=BOT, ours=ours, may=ALL)
    assert [one.target_id for one in first.erases] == [KEY]
    del now[KEY]
    last = given_back({}, now, bot_id=BOT, ours=ours, may=ALL)
    assert [one.target_id for one in last.erases] == [BOT]
    del now[BOT]
    # What somebody else gave to a person by name stays.
    assert not given_back({}, now, bot_id=BOT, ours=ours, may=ALL)


def test_bits_that_hearth_may_not_write_are_left_out_and_not_tried_again() -> None:
    """Discord refuses an entry that holds a right which its writer lacks."""
    was = {KEY: Overwrite(KEY, "role", VIEW | 1 << 40, 0)}
    now = {KEY: Overwrite(KEY, "role", LIVE, 0)}
    edit = given_back(was, now, bot_id=BOT, ours=frozenset((KEY,)), may=LIVE)
    assert edit.writes == (Overwrite(KEY, "role", VIEW, 0),)
    after = _after(now, edit)
    assert not given_back(was, after, bot_id=BOT, ours=frozenset((KEY,)), may=LIVE)


def test_long_lists_are_cut() -> None:
    """A role that opens half the server still fits a message."""
    shown = adopting.previewed(
        found(opens=tuple(range(10, 60)), givers=tuple(range(20, 40)), rights=True),
        adopting.Preview("Runners", "🔥", "Interest", 150, 200, 3, 2, by_role=True),
        7,
    )
    rooms = next(line for line in shown.lines if line.key == "adopt.opens_more")
    assert rooms.params["rooms"].endswith("+42")
    assert shown.buttons[0].press == f"adopt-go:{KEY}:9:7"


def _after(now: dict[int, Overwrite], edit: access.RoomEdit) -> dict[int, Overwrite]:
    """Return the entries after an edit."""
    after = {**now, **{one.target_id: one for one in edit.writes}}
    for one in edit.erases:
        after.pop(one.target_id, None)
    return after

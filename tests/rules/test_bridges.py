"""What of a message is carried to the commons: its words, unnamed and without power; its files."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.payloads import LONGEST_TEXT, text_of
from bot.rules import bridge_cards
from bot.rules.bridge_cards import PAGE, From, Mine, Shown
from bot.rules.bridges import (
    BYTES_MOST,
    DECIDING,
    FILES_MOST,
    KINDS,
    PREVIEWS_MOST,
    SAID_MOST,
    FileOffer,
    Kind,
    Preview,
    Previews,
    carried,
    label,
    names,
    quoted,
    short_name,
    tick,
)
from bot.texts import catalogue

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
RIVERSIDE = From(1, "🌊", "Riverside", listed=True, visits=True)
WORDS: dict[Kind, str] = {kind: catalogue()(f"bridges.kind_{kind}") for kind in KINDS}
SNOWFLAKE = "147799890984960004"


def file(name: str = "map.png", size: int = 1000, kind: str = "image/png") -> FileOffer:
    """Return a file of a message."""
    return FileOffer(name, size, kind, "A map.", "https://cdn.test/1")


def preview(said: str = "We walk.", *files: FileOffer) -> Preview:
    """Return what an author is about to share."""
    return Preview(9, 1, 7, 5, 50, None, said, cut=False, files=files, since=NOW)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (f"Thank you, <@{SNOWFLAKE}> and <@!{SNOWFLAKE}>", "> Thank you, @… and @…"),
        (f"<@&{SNOWFLAKE}> in <#{SNOWFLAKE}>", "> @… in #…"),
        (f"Try </home:{SNOWFLAKE}> <a:wave:{SNOWFLAKE}>", "> Try /home :wave:"),
        ("See <id:customize> first", "> See #… first"),
        ("We meet <t:1700000000:R> again", "> We meet <t:1700000000:R> again"),
        ("@everyone come", "> @\u200beveryone come"),
        ("one\n\ntwo", "> one\n> \n> two"),
        ("# Big\n> said\n- so", "> \\# Big\n> \\> said\n> \\- so"),
        ("see https://x.test", "> see https:\u200b//x.test"),
        ("||spoiler|| **bold** `code`", "> \\|\\|spoiler\\|\\| \\*\\*bold\\*\\* \\`code\\`"),
    ],
)
def test_nobody_is_named_and_nothing_has_power(typed: str, shown: str) -> None:
    """Whoever was mentioned did not agree to stand in the commons; a time stays a time."""
    said, cut = carried(typed)
    assert quoted(said) == shown
    assert not cut


@given(st.text(max_size=4000))
def test_whatever_is_typed_finds_room_and_rings_nobody(typed: str) -> None:
    """At most as long as a preview can hold; no mention is left that Discord would follow."""
    said, _cut = carried(f"{typed} <@{SNOWFLAKE}> @everyone <#{SNOWFLAKE}>")
    shown = quoted(said)
    assert len(shown) <= SAID_MOST
    assert SNOWFLAKE not in shown
    assert "@everyone" not in shown
    assert all(row.startswith("> ") for row in shown.split("\n"))


def test_a_long_text_ends_at_a_word() -> None:
    """And says that it goes on."""
    said, cut = carried("walking " * 400)
    assert cut
    assert said.endswith("walking …")
    assert len(quoted(said)) > SAID_MOST - 20


@given(
    st.text(alphabet="*_~|<>@#`\\ abc\n🌊", max_size=4000), st.sampled_from(KINDS), st.booleans()
)
def test_the_preview_shows_exactly_what_will_stand_there(
    typed: str,
    kind: Kind,
    named: bool,
) -> None:
    """Line by line, whatever was typed; and it finds room in one message."""
    said, cut = carried(f"So: {typed}")
    files = tuple(file(f"{'n' * 90}{number}.png") for number in range(10))
    one = replace(preview(said, *files), kind=kind, named=named, cut=cut)
    long = replace(RIVERSIDE, group="*" * 40)
    shown = Shown(long, kind, said, cut, one.left_there, 7 if named else None)
    say = catalogue()
    post = text_of(bridge_cards.post(1, shown, ()), say)
    before = text_of(bridge_cards.preview(one, long, WORDS), say)
    assert post in before
    assert len(before) < LONGEST_TEXT


def test_an_unlisted_group_and_its_people_stay_unnamed() -> None:
    """Whatever was chosen; and nothing leads there."""
    hidden = replace(RIVERSIDE, listed=False)
    one = replace(preview(), named=True)
    say = catalogue()
    before = bridge_cards.preview(one, hidden, WORDS)
    assert "Riverside" not in text_of(before, say)
    assert "<@7>" not in text_of(before, say)
    assert not any(button.press.startswith("bridge-name") for button in before.buttons)
    post = bridge_cards.post(
        1, Shown(hidden, "story", "So.", cut=True, left_there="", user_id=7), ()
    )
    assert "Riverside" not in text_of(post, say)
    assert "<@7>" not in text_of(post, say)
    assert [button.press for button in post.buttons] == ["bridge-thanks:1"]


def test_a_closed_group_is_not_visited_from_the_commons() -> None:
    """The way to the message stays for those who live there."""
    shut = Shown(replace(RIVERSIDE, visits=False), "story", "So.", False, "", None)
    presses = [button.press for button in bridge_cards.post(3, shut, ()).buttons]
    assert presses == ["bridge-thanks:3", "bridge-read:3"]


def test_files_come_along_only_when_ticked() -> None:
    """At most three, at most four megabytes, and only kinds that open nothing."""
    third = BYTES_MOST // 3
    files = (
        file("a.png", third),
        file("b.exe", 10, "application/x-msdownload"),
        file("c.pdf", third, "application/pdf"),
        file("d.png", third * 2),
        file("e.txt", 10, "text/plain; charset=utf-8"),
        file("f.png", 10),
    )
    one = preview("Look.", *files)
    assert one.left_there == "a.png, b.exe, c.pdf, d.png, e.txt, f.png"
    ticked = tick(one, [0, 1, 2, 3, 4, 5, 99, -1])
    assert [had.name for had in ticked.copied] == ["a.png", "c.pdf", "e.txt"]
    assert len(ticked.copied) == FILES_MOST
    assert ticked.left_there == "b.exe, d.png, f.png"
    assert tick(ticked, []).copied == ()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("map.png", "map.png"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("", "file"),
        (f"{'long' * 40}.png", f"{('long' * 40)[:55]}….png"),
        ("x" * 80, f"{'x' * 59}…"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_names_of_files_are_short_and_seen(name: str, shown: str) -> None:
    """Nothing turns the direction of writing, and no path is left."""
    assert short_name(name) == shown


def test_many_names_are_cut() -> None:
    """In one line, in which nothing has power."""
    assert names([f"{number}{'n' * 40}.png" for number in range(20)]).endswith(", …")
    assert names(["n" * 300]) == "n" * 300 or len(names(["n" * 300])) <= 300
    assert names(["*a*.png"]) == "\\*a\\*.png"


def test_a_menu_shows_no_raw_times() -> None:
    """Discord renders none there."""
    assert label("We meet <t:1700000000:R> here", 80) == "We meet 🕒 here"


def test_previews_are_held_for_a_while_only() -> None:
    """A quarter of an hour, and so many at most."""
    held = Previews()
    one = preview()
    held.put(one, NOW)
    assert held.get(one.key, NOW + DECIDING - timedelta(seconds=1)) == one
    assert held.get((8, 50), NOW) is None
    assert held.get(one.key, NOW + DECIDING) is None
    for number in range(PREVIEWS_MOST + 1):
        held.put(replace(one, message_id=number), NOW)
    assert held.get((7, 0), NOW) is None
    assert held.get((7, PREVIEWS_MOST), NOW) is not None
    held.drop((7, PREVIEWS_MOST))
    assert held.get((7, PREVIEWS_MOST), NOW) is None


def test_a_person_is_forgotten_here_or_everywhere() -> None:
    """Theirs go, of the servers that are meant; nobody else's."""
    held = Previews()
    here, there = preview(), replace(preview(), server_id=2, message_id=51)
    other = replace(preview(), user_id=8)
    for one in (here, there, other):
        held.put(one, NOW)
    held.forget(7, [here.server_id])
    kept = [held.get(one.key, NOW) is not None for one in (here, there, other)]
    assert kept == [False, True, True]
    held.forget(7, None)
    assert held.get(there.key, NOW) is None
    assert held.get(other.key, NOW) is not None


def test_one_sees_what_one_shared_and_can_take_it_back() -> None:
    """What an edit withdrew is said, and is not there to be taken back."""
    found = [
        Mine(4, "published", NOW, "https://a", "https://b", 2),
        Mine(3, "changed", NOW, "https://c", "", 0),
        Mine(2, "waiting", NOW, "https://d", "", 0),
    ]
    card = bridge_cards.mine(found, 0, len(found))
    text = text_of(card, catalogue())
    assert "2 people said thanks." in text
    assert "https://c was edited" in text
    (menu,) = card.menus
    assert [choice.value for choice in menu.choices] == ["4", "2"]
    assert not bridge_cards.mine([], 0, 0).menus


def test_links_to_what_one_shared_stay_whole() -> None:
    """However many there are: a page of the longest fits into one message, and all are reached."""
    link = "https://discord.com/channels/" + "/".join(["1234567890123456789"] * 3)
    count = 2 * PAGE + 1
    for page, turns in ((0, ["older"]), (1, ["newer", "older"]), (2, ["newer"])):
        shown = [Mine(n, "published", NOW, link, link, 1234) for n in range(count)][page * PAGE :]
        card = bridge_cards.mine(shown[:PAGE], page, count)
        text = text_of(card, catalogue())
        assert "…" not in text
        assert text.count(link) == 2 * len(shown[:PAGE])
        assert text.split("\n")[1].startswith(f"{page * PAGE + 1}. ")
        assert [one.label.rpartition(".")[2] for one in card.buttons[1:]] == turns

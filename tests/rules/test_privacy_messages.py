"""What /privacy says: by matter, with how long it stays, in pages that fit into a message."""

from datetime import UTC, datetime

import pytest

from bot.rules.keeping import KEPT, MATTERS
from bot.rules.message import Message
from bot.rules.privacy_file import laid_out
from bot.rules.privacy_messages import (
    BRIEF,
    Told,
    forgotten,
    matter,
    opted_in,
    opted_out,
    shown,
    sure,
)
from bot.services import personal
from bot.settings import Settings
from bot.texts import catalogue

SAY = catalogue("en")
SINCE = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = {name: kept.days_by(Settings()) for name, kept in KEPT.items()}


def told(*tables: str, opted_out: bool = False) -> Told:
    """Return what is told of someone with three rows in each of these tables."""
    rows = dict.fromkeys(tables, 3)
    return Told(rows, DAYS, SINCE, opted_out=opted_out, everywhere=False)


def read(message: Message) -> str:
    """Return a message as it is read."""
    return "\n".join(SAY(line.key, **line.params) for line in message.lines)


def test_every_table_about_people_has_a_matter_and_an_end() -> None:
    """A new table must say where people find it and how long its rows stay."""
    assert {table.name for table in personal.tables()} == KEPT.keys()
    for name, kept in KEPT.items():
        assert (kept.days is not None) or kept.ends not in ("days", "left"), name
        assert 1 <= (DAYS[name] or 1) <= 730, name


def test_the_tables_say_the_same() -> None:
    """A period that /privacy names stands in its table's erase rule, by the same setting."""
    for table, _, erased in personal.described(Settings()):
        kept = KEPT[table.name]
        days, rule = DAYS[table.name], table.info["erase"]
        if isinstance(kept.days, str):
            assert f"{{{kept.days}}}" in rule or table.name in WITH_ANOTHER, (table.name, rule)
        elif days is not None:
            words = {7: "seven days", 56: "eight weeks", 84: "12 weeks", 365: "a year"}
            assert f"{days} days" in erased or words.get(days, "") in erased, (table.name, erased)


# These go with a row of another table that names the period.
WITH_ANOTHER = {"member_choice", "wish", "commons_tie"}


def test_a_little_is_read_at_once() -> None:
    """By matter, and after what goes together how long it stays."""
    message = shown(told("active_day", "presence", "tie", "membership", "bar"))
    assert read(message) == "\n".join(
        (
            "**What I keep about you in this server**",
            "Signs of life have been counted since <t:1772409600:D>.",
            "**Your places**",
            "• where your home is",
            "-# Until you end it yourself, or leave.",
            "**What was counted**",
            "• 3 days on which you were around: a number per group, not what you wrote",
            "• when I last heard of you",
            "-# Gone after 120 days, each by itself.",
            SAY("privacy.kept_tie", n=3),
            "-# Gone after 90 days, each by itself.",
            "**What others decided**",
            "• 3 decisions of the moderators about entering groups",
            "-# Until the moderators lift it. This stays when you ask me to forget you.",
            SAY("privacy.never"),
        )
    )
    assert [SAY(button.label) for button in message.buttons] == [
        "Give me a copy",
        "Don't count me",
        "Forget me",
    ]


def test_much_is_read_matter_by_matter() -> None:
    """A front page in short, and behind its buttons every table, on pages that fit."""
    whole = told(*KEPT, opted_out=True)
    front = shown(whole)
    assert len(KEPT) > BRIEF
    assert "You are not counted" in read(front)
    opened = {b.press for b in front.buttons if b.press.startswith("privacy-matter")}
    assert opened == {f"privacy-matter:{name}:0" for name in MATTERS}
    found: list[str] = []
    for name in MATTERS:
        page = 0
        while True:
            message = matter(whole, name, page)
            found += [line.key for line in message.lines if line.key.startswith("privacy.kept_")]
            assert message.lines[-1].key.startswith("privacy.ends_")
            page += 1
            if f"privacy-matter:{name}:{page}" not in {b.press for b in message.buttons}:
                break
        assert matter(whole, name, page + 9) == message  # too far is the last
    assert sorted(found) == sorted(f"privacy.kept_{name}" for name in KEPT)


@pytest.mark.parametrize("which", ["places", "nonsense"])
def test_a_matter_of_which_nothing_is_kept_leads_back(which: str) -> None:
    """An old button does not lead to an empty page."""
    few = told("tie")
    assert matter(few, which, 0) == shown(few)


def test_nothing_is_said_to_be_nothing() -> None:
    """Somebody of whom nothing is kept reads just that."""
    assert "Nothing at all." in read(shown(Told({}, DAYS, None, opted_out=False, everywhere=True)))


@pytest.mark.parametrize("n", [1, 2, 1_234])
def test_every_answer_reads_well(n: int) -> None:
    """Plurals and places are there for each table, and a message holds what it says."""
    whole = Told(dict.fromkeys(KEPT, n), DAYS, SINCE, opted_out=True, everywhere=True)
    said = [
        shown(whole),
        *(shown(told(name)) for name in KEPT),
        *(matter(whole, name, page) for name in MATTERS for page in (0, 1)),
        opted_out(n),
        opted_out(0),
        opted_in(),
        sure(everywhere=True),
        sure(everywhere=False),
        forgotten(n, homes_left=1, bars_kept=1, opted_out=True),
        forgotten(0, homes_left=0, bars_kept=0, opted_out=False),
    ]
    for message in said:
        assert 0 < len(read(message)) <= 2000
        assert all(len(SAY(button.label)) <= 80 for button in message.buttons)
        rows = [button.row for button in message.buttons if button.row is not None]
        assert all(rows.count(row) <= 5 for row in rows)


def test_the_file_begins_with_plain_words() -> None:
    """Then everything, by the same matters in the same order; empty ones are left out."""
    tables = {name: {"purpose": "p", "erased": "e"} for name in ("tie", "membership")}
    file = laid_out(7, tables, SAY)
    assert list(file) == ["read_me", "user_id", "kept"]
    assert file["read_me"][0].startswith("This is everything that Hearth keeps about you.")
    assert {title: list(found) for title, found in file["kept"].items()} == {
        "Your places": ["membership"],
        "What was counted": ["tie"],
    }


def test_where_nobody_is_counted_is_said_beside_where_they_are() -> None:
    """And the button that ends the counting is there for what is left."""
    some = Told({"member": 2}, DAYS, SINCE, opted_out=False, everywhere=True, opted_out_in=1)
    text = read(shown(some))
    assert f"counted since <t:{int(SINCE.timestamp())}:D>" in text
    assert "In 1 server you are not counted" in text
    assert "privacy-opt-out" in [button.press for button in shown(some).buttons]

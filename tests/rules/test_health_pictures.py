"""What pictures show, and the same in full sentences; the map of groups; who stays."""

from datetime import date

import pytest

from bot.rules import group_maps, health_cards, staying_cards
from bot.rules import health_pictures as pictures
from bot.rules import health_words as words
from bot.rules.group_maps import Map, Place
from bot.rules.health import Week
from bot.rules.health_cards import Group
from bot.rules.health_statistics import Rate
from bot.rules.message import Button, Message, Picture
from bot.rules.staying_cards import Staying
from bot.rules.survival import Compared, Curve, Spell, compare, curve, part
from bot.texts import catalogue
from tests.measured import WEEK, line, lines, unsaid, usual

SAY = catalogue()
BACK = Button("health.back", "desk-open:1")


def sentences(picture: Picture) -> str:
    """Return a picture's words."""
    return " ".join(SAY(one.key, **one.params) for one in picture.words)


def said(message: Message) -> str:
    """Return what a message says."""
    return "\n".join(SAY(one.key, **one.params) for one in message.lines)


def test_a_group_is_shown_by_what_says_something() -> None:
    """Five rows at most; a silent measure has none; weeks that were silent are gaps."""
    some = {**usual(), "peer": unsaid("peer", "few"), "stay": line("stay", 0.7, weeks=3)}
    message = health_cards.of_group(1, "River*side", "🌊", some, BACK)
    (picture,) = message.pictures
    rows = picture.values["rows"]
    keys = [row["label"]["key"] for row in rows]
    assert keys == [
        f"health.name_{key}" for key in ("active", "conversations", "repeat", "answered", "stay")
    ]
    assert rows[-1]["points"][:17] == [None] * 17
    assert rows[-1]["points"][17] == [0.65, 0.7, 0.75]
    assert picture.values["title"] == pictures.named("River*side")
    assert "How River\\*side went in the 20 weeks until 2026-02-22." in sentences(picture)
    assert "45 % of the members take part." in sentences(picture)
    assert len(message.lines) == 5


def test_what_surely_rises_or_falls_is_marked_and_said() -> None:
    """In the row and in the words; what is not sure is neither."""
    some = lines(line("active", 0.4, rise=-0.02), line("repeat", 0.5))
    picture = pictures.of_one({}, pictures.alt_group("Riverside", WEEK), words.seen(some))
    assert picture is not None
    assert [row["trend"] for row in picture.values["rows"]] == ["down", ""]
    assert sentences(picture).count("It falls.") == 1


def test_nothing_said_is_no_picture() -> None:
    """A group of few people has its three sentences, and no picture of nothing."""
    few = lines(line("homes", 4), unsaid("active", "few"))
    assert health_cards.of_group(1, "Riverside", "🌊", few, BACK).pictures == ()


def test_groups_stand_beside_each_other_from_three_on() -> None:
    """With two, the server's own weeks are shown instead."""
    groups = [Group(n, f"Circle {n}", usual(active=0.2 * n)) for n in (1, 2, 3)]
    three = health_cards.of_server(usual(), groups)
    two = health_cards.of_server(usual(), groups[:2])
    assert [picture.kind for picture in (*three.pictures, *two.pictures)] == ["groups", "group"]
    row = three.pictures[0].values["rows"][0]
    assert [value for value, _ in row["groups"]] == [0.2, 0.4, pytest.approx(0.6)]
    assert "3 groups beside each other" in sentences(three.pictures[0])
    assert "Single groups lie between 20 and 60 %." in sentences(three.pictures[0])


def test_a_group_that_says_nothing_has_no_mark() -> None:
    """Of fewer than five people not even where they stand."""
    groups = [Group(n, f"Circle {n}", usual()) for n in (1, 2, 3)]
    groups.append(Group(4, "Circle 4", lines(unsaid("active", "few"))))
    row = health_cards.of_server(usual(), groups).pictures[0].values["rows"][0]
    assert len(row["groups"]) == 3


def test_owners_choose_among_listed_groups_those_first_that_fall() -> None:
    """Twenty-five at most, by name; a group that is not listed is not among them."""
    falling = lines(line("active", 0.4, rise=-0.02))
    groups = [Group(n, f"Circle {n}", usual()) for n in range(1, 31)]
    groups[29] = Group(30, "Circle 30", falling)
    groups[3] = Group(4, None, usual())
    (menu,) = health_cards.of_server(usual(), groups).menus
    names = [choice.label for choice in menu.choices]
    assert len(names) == 25
    assert names[-1] == "Circle 30"
    assert "Circle 4" not in names


def test_the_map_names_whom_it_may() -> None:
    """A pair with a group that is not listed is drawn and counted, and not told."""
    places = (
        Place(1, "Riverside", 30, usual()),
        Place(2, "Millpond", 20, usual()),
        Place(3, None, 15, lines(line("lends", 0, half=0), line("borrows", 0, half=0))),
        Place(4, "Cairn", 12, lines(line("lends", 0, half=0), unsaid("borrows", "few"))),
    )
    found = Map(WEEK, places, {(1, 2): 9, (2, 3): 30}, ((1, 2),))
    message = group_maps.card(found, BACK)
    assert "• **Riverside** → **Millpond**: 9 people look in" in said(message)
    assert "30 people" not in said(message)
    assert "1 group that is not listed knows only itself." in said(message)
    (picture,) = message.pictures
    assert picture.values["lent"] == [[0, 1, 9], [1, 2, 30]]
    assert picture.values["family"] == [[0, 1]]
    assert [group["island"] for group in picture.values["groups"]] == [False, False, True, False]
    told = sentences(picture)
    assert "In 2 pairs" in told
    assert "Most are the 9 people of Riverside" in told
    assert "1 line joins" in told


def test_a_map_needs_two_groups() -> None:
    """One alone is no map, and that nobody looks in is said."""
    alone = Map(WEEK, (Place(1, "Riverside", 30, usual()),), {}, ())
    message = group_maps.card(alone, BACK)
    assert message.pictures == ()
    assert "No five people" in said(message)


def there(people: int, until: int, followed: int = 20, *, ended: bool = True) -> Spell:
    """Return people who stayed as long."""
    return Spell(until, ended, followed, people)


def staying(homed: Curve, unhomed: Curve, p: float | None) -> Staying:
    """Return curves of those with a home and those without."""
    nobody = curve([])
    return Staying(
        WEEK, nobody, Compared(homed, unhomed, p), nobody, part(Rate(0, 0), Rate(0, 0), 0)
    )


def test_who_stays_is_told_after_twelve_weeks() -> None:
    """Both shares with the verdict, and that it need not be because of the home."""
    homed = [there(10, 8), there(30, 20, ended=False)]
    unhomed = [there(30, 6), there(10, 20, ended=False)]
    compared = compare(homed, unhomed)
    card = staying_cards.card(staying(compared.homed, compared.unhomed, compared.p), BACK)
    assert "after 12 weeks 75 % of them are still in the server, of those without 25 %" in said(
        card
    )
    assert "need not be because of the home" in said(card)
    (picture,) = card.pictures
    assert [one["label"]["key"] for one in picture.values["panels"][0]["lines"]] == [
        "health.line_homed",
        "health.line_unhomed",
    ]


def test_what_chance_may_have_made_is_called_so() -> None:
    """Nobody is told that homes hold people when the test cannot tell."""
    compared = compare(
        [there(2, 8), there(30, 20, ended=False)], [there(3, 8), there(30, 20, ended=False)]
    )
    assert "as far as one can tell" in SAY(
        "health.stay_no_telling", **staying_cards.with_a_home(compared).params
    )
    assert staying_cards.with_a_home(compared).key == "health.stay_no_telling"


def test_of_few_nothing_is_shown() -> None:
    """Four with a home are no curve."""
    compared = compare([there(4, 20, ended=False)], [there(40, 20, ended=False)])
    card = staying_cards.card(staying(compared.homed, compared.unhomed, compared.p), BACK)
    assert card.pictures == ()
    assert "once five of each" in said(card)
    assert "once five people" in said(card)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [(20, 20, "same"), (10, 60, "more"), (60, 10, "fewer")],
)
def test_what_splits_do_is_told_with_its_doubt(before: int, after: int, key: str) -> None:
    """Only a ratio whose interval leaves one out is a difference."""
    parted = part(Rate(before, 1000), Rate(after, 1000), 2)
    (one,) = staying_cards.beside_splits(parted)
    assert one.key == f"health.splits_{key}"
    assert one.params["before"] == f"{before / 10:.1f}"


def test_without_splits_nothing_is_said_of_them() -> None:
    """And soon after one, that it is early."""
    assert staying_cards.beside_splits(part(Rate(0, 0), Rate(0, 0), 0)) == []
    young = staying_cards.beside_splits(part(Rate(0, 0), Rate(0, 0), 1))
    assert [one.key for one in young] == ["health.splits_early"]


def test_a_day_is_written_without_its_year() -> None:
    """As in "16 Nov", with the month in the reader's language."""
    shown = pictures.shown_day(pictures.sunday(Week(date(2026, 11, 9))))
    assert shown["params"]["day"] == 15
    assert shown["params"]["month"]["key"] == "health.month_11"


def test_a_map_of_a_week_that_was_not_heard_does_not_say_that_nobody_came() -> None:
    """Neither in the text nor in the words of the picture."""
    deaf = lines(unsaid("lends", "blind"), unsaid("borrows", "blind"))
    found = Map(WEEK, (Place(1, "Reed", 20, deaf), Place(2, "Cairn", 20, deaf)), {}, ())
    card = group_maps.card(found, Button("health.back_all", "health-all"))
    said = [one.key for one in (*card.lines, *card.pictures[0].words)]
    assert said.count("health.map_deaf") == 2
    assert "health.map_nobody" not in said

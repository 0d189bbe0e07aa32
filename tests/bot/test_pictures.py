"""Pictures become PNGs of their own ground, whatever stands in them, and each only once."""

import io
import logging
import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from PIL import Image

from bot.pictures import KINDS, Theme, canvas, drawn, png, words_of
from bot.pictures.canvas import PALETTES, SMALL, legible
from bot.rules import goal_pictures, goals, group_maps, health_cards, ritual_effects, staying_cards
from bot.rules.goal_cards import Shown
from bot.rules.goals import DAY, Course, Mine
from bot.rules.group_maps import Map, Place
from bot.rules.health_cards import Group
from bot.rules.health_statistics import Rate
from bot.rules.message import Button, Line, Picture
from bot.rules.ritual_effects import Effects, Held
from bot.rules.staying_cards import Staying
from bot.rules.survival import Spell, compare, curve, part
from bot.texts import catalogue
from tests.measured import WEEK, line, lines, usual

SAY = catalogue()
BACK = Button("health.back", "desk-open:1")
NAMES = (
    "Riverside",
    "",
    "$x^2$ \\frac{1}",
    "日本語の部屋",
    "غرفة الأصدقاء",
    "🦊🦊🦊",
    "a\nb\tc\x00d",
    "W" * 4000,
    "<b>&amp;</b>",
    "Ж́́́́ Ω",
)


def one_group(name: str = "Riverside") -> Picture:
    """Return a group's picture."""
    rows = {**usual(), "active": line("active", 0.5, rise=-0.02)}
    return health_cards.of_group(1, name, "🌊", rows, BACK).pictures[0]


def all_groups() -> Picture:
    """Return the picture of forty groups, some of which rise."""
    groups = [
        Group(
            n,
            f"Circle {n}",
            usual(active=n / 40) if n % 5 else lines(line("active", 0.5, rise=0.02)),
        )
        for n in range(1, 41)
    ]
    return health_cards.of_server(usual(), groups).pictures[0]


def mapped(*names: str | None) -> Picture:
    """Return a map of groups of these names, in a ring with a family, the last one alone."""
    alone = lines(line("lends", 0, half=0), line("borrows", 0, half=0))
    places = tuple(
        Place(n, name, 5 + 7 * n, alone if n == len(names) - 1 else usual())
        for n, name in enumerate(names)
    )
    ring = {(n, (n + 1) % (len(names) - 1)): 5 + n for n in range(len(names) - 1)}
    found = group_maps.picture(Map(WEEK, places, ring, ((0, 2),)))
    assert found is not None
    return found


def stays() -> Picture:
    """Return the curves of who stays."""
    compared = compare(
        [Spell(8, True, 20, 10), Spell(20, False, 20, 30)],
        [Spell(6, True, 20, 30), Spell(20, False, 20, 10)],
    )
    homes = curve([Spell(5, True, 20, 10), Spell(20, False, 20, 10)])
    one = Staying(WEEK, homes, compared, homes, part(Rate(0, 0), Rate(0, 0), 0))
    found = staying_cards.picture(one)
    assert found is not None
    return found


def challenge(title: str = "Walk every day") -> Picture:
    """Return the picture of a challenge of four weeks, half over."""
    first = date(2026, 3, 2)
    course = Course(first, first + 27 * DAY, "UTC", 7, 4)
    days = [first + n * DAY for n in range(14)]
    people = [Mine(first, frozenset(days[n % 3 :: 1 + n % 3])) for n in range(12)]
    found = goals.progress(course, people, datetime(2026, 3, 16, 12, tzinfo=UTC))
    made = goal_pictures.of(Shown(1, 1, title, "x", course, None, "running"), found)
    assert made is not None
    return made


def held(title: str = "Wins of the week") -> Picture:
    """Return the picture of a ritual, once nobody came, twice too few to say how many."""
    people = (7, 9, 3, 0, 12, 4, 15, 18)
    start = datetime(2026, 3, 6, 17, tzinfo=UTC)
    times = tuple(Held(start + 7 * n * DAY, count) for n, count in enumerate(people))
    found = Effects(1, 1, title, "UTC", times, newcomers=20, first_words=9)
    return ritual_effects.card(found).pictures[0]


EACH = {
    "goal": challenge,
    "group": one_group,
    "groups": all_groups,
    "map": lambda: mapped("Riverside", "Millpond", "Cairn", None, "Reedbed"),
    "ritual": held,
    "stay": stays,
}


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_kind_is_drawn_on_its_own_ground(kind: str, theme: Theme) -> None:
    """1,600 pixels wide, opaque to its edges, small enough to send, and with its words."""
    picture = EACH[kind]()
    assert picture.kind == kind
    (made,) = await drawn([picture], SAY, theme)
    assert made.name == f"{kind}.png"
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.format == "PNG"
        assert image.width == canvas.WIDTH * canvas.SCALE
        shown = image.convert("RGBA")
    corners = {shown.getpixel(at) for at in ((0, 0), (shown.width - 1, shown.height - 1))}
    ground = tuple(int(PALETTES[theme].ground[n : n + 2], 16) for n in (1, 3, 5))
    assert corners == {(*ground, 255)}
    colours: Any = shown.getcolors(maxcolors=1000)
    assert len(colours) > 20, "nothing is drawn"
    assert len(made.content) <= 150_000
    assert 40 < len(made.words) <= 1024
    assert made.words.endswith(".")


@pytest.mark.parametrize("name", NAMES)
async def test_any_name_can_stand_in_a_picture(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """No formula is read, no letter is asked of a font that lacks it, nothing is too long."""
    with caplog.at_level(logging.WARNING):
        pictures = [
            one_group(name),
            mapped("Riverside", name, "Cairn", None, name),
            challenge(name),
        ]
        made = await drawn(pictures, SAY)
    assert len(made) == len(pictures)
    assert caplog.records == []


def test_names_that_no_font_has_are_left_out() -> None:
    """What is written from right to left, or mostly in letters that are not there, has none."""
    assert legible("Riverside 🌊") == "Riverside"
    assert legible("غرفة") is None
    assert legible("🦊") is None
    assert legible("Ωmega & Жar") == "Ωmega & Жar"


async def test_what_cannot_be_drawn_is_left_out_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Words do not wait for a picture."""
    broken = Picture("group", {"title": None}, (Line("health.alt_up"),))
    assert await drawn([broken], SAY) == []
    assert "could not be drawn" in caplog.text


async def test_the_same_picture_is_drawn_once() -> None:
    """Until others push it out."""
    picture = one_group("Once upon a time")
    before = png.cache_info()
    first = await drawn([picture], SAY)
    again = await drawn([one_group("Once upon a time")], SAY)
    after = png.cache_info()
    assert first == again
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 1)


def test_nothing_is_written_too_small_for_a_phone() -> None:
    """24 pixels of a sheet of 1,000 are the least; the sheet's sizes are all there are."""
    assert canvas.WIDTH == 1000
    assert min(SMALL, canvas.PLAIN, canvas.LARGE, canvas.TITLE) >= 24


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_stand_out_from_their_ground(theme: Theme) -> None:
    """Words by 4.5 to 1 and more, marks by 3 to 1, as the accessibility guidelines ask."""
    palette = PALETTES[theme]
    for colour in (palette.ink, palette.faint):
        assert contrast(colour, palette.ground) >= 4.5
    for colour in (palette.main, palette.other, palette.up, palette.down, palette.family):
        assert contrast(colour, palette.ground) >= 3


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_colours_are_told_apart_without_red_or_green(theme: Theme) -> None:
    """What rises, falls and stays differs to the eye of protan and deutan people, too."""
    palette = PALETTES[theme]
    for seen_by in (PROTAN, DEUTAN):
        shown = [seen(colour, seen_by) for colour in (palette.up, palette.down, palette.main)]
        for one in range(3):
            for other in range(one):
                assert math.dist(shown[one], shown[other]) > 0.12


# How the cones' colours mix without one kind (Machado, Oliveira and Fernandes 2009, severity 1)
PROTAN = ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052))
DEUTAN = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))


def linear(colour: str) -> tuple[float, ...]:
    """Return a colour's light, from 0 to 1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return tuple(p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)


def seen(colour: str, by: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """Return a colour as somebody sees it who lacks one kind of cones."""
    light = linear(colour)
    return tuple(sum(a * b for a, b in zip(row, light, strict=True)) for row in by)


def contrast(one: str, other: str) -> float:
    """Return how much lighter one colour is than another, as WCAG reckons it."""
    lights = [
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear(one), linear(other))
    ]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_words_are_full_sentences_of_the_reader() -> None:
    """They come from the texts, figures and all."""
    assert words_of(one_group(), SAY).startswith("How Riverside went in the 20 weeks until ")


def test_what_is_read_aloud_has_no_marks() -> None:
    """Alternative text is no markdown: a name's signs are not led by strokes."""
    assert "Cats & <b>_dogs_</b>" in words_of(one_group("Cats & <b>_dogs_</b>"), SAY)


def test_a_map_says_its_most_right_after_its_pairs() -> None:
    """Else it would seem to be about islands."""
    words = words_of(mapped("Riverside", "Millpond", "Cairn", "Reedbed"), SAY)
    assert "look in at the other. Most are the " in words

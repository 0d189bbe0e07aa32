"""The directory in a large server: pages, what each group is like, narrowing down, searching."""

import pytest
from sqlalchemy import select

from models import Group, GroupType, Membership, Server
from sandbox.people import Person
from tests.cogs.founding import at_home, group, set_up
from tests.conftest import Running

TOWN = 120


@pytest.fixture
async def zoe(hearth: Running) -> Person:
    """Zoe, who is new in a server of 120 groups: every tenth is full, every twentieth rests."""
    await set_up(hearth, time_zone="Europe/Berlin")
    now = hearth.app.clock.now()
    async with hearth.app.database.writing() as session:
        types = {
            type_.kind: type_
            for type_ in await session.scalars(
                select(GroupType).where(GroupType.server_id == hearth.server.id)
            )
        }
        (await session.get_one(Server, hearth.server.id)).shows_cities = True
        for number in range(TOWN):
            of = types["geographic" if number % 3 else "interest"]
            session.add(
                Group(
                    server_id=hearth.server.id,
                    type_id=of.id,
                    name=f"Group {number}",
                    name_key=f"group {number}",
                    emoji="🌊",
                    purpose=f"Evening runs, route {number}.",
                    for_whom="Everyone who likes [slow](https://x.example) runs",
                    language="de" if number == 7 else "",
                    zone="America/New_York" if number == 8 else "",
                    city="Köln" if number == 9 else "",
                    cap=of.cap,
                    homes=of.cap if number % 10 == 0 else 3,
                    offered=2 if number == 11 else 0,
                    state="resting" if number % 20 == 19 else "open",
                    created_at=now,
                )
            )
    return await hearth.person("Zoe")


async def test_a_hundred_and_twenty_groups_fit_pages(zoe: Person) -> None:
    """Those with seats first; the last page is where pages end; every page fits a message."""
    shelf = await zoe.command("groups")
    assert "**120 groups**" in shelf.text
    assert "Page 1 of 15" in shelf.text
    assert "Back" not in shelf.buttons
    assert "**Group 1** · 147 free seats" in shelf.text
    seen = set(shelf.choices[:8])
    for number in range(2, 16):
        shelf = await zoe.press(shelf, "More")
        assert f"Page {number} of 15" in shelf.text
        assert len(shelf.content) <= 2000
        assert not shelf.content.endswith("…")
        seen.update(choice for choice in shelf.choices if "Group" in choice)
    assert len(seen) == TOWN
    assert "More" not in shelf.buttons
    assert "resting" in shelf.text
    assert "](https" not in shelf.content
    back = await zoe.press(shelf, "Back")
    assert "Page 14 of 15" in back.text


async def test_what_a_row_says(zoe: Person) -> None:
    """Kind, language, time zone, city, for whom; seats that are kept for others are not free."""
    shelf = await zoe.command("groups", find="Evening runs")
    assert "**120 groups** speak of “Evening runs”" in shelf.text
    rows = shelf.content.splitlines()
    (german,) = [rows[i + 1] for i, row in enumerate(rows) if "**Group 7**" in row]
    assert german.startswith("-# ")
    assert "Deutsch" in german
    (abroad,) = [rows[i + 1] for i, row in enumerate(rows) if "**Group 8**" in row]
    assert "🕒 New York" in abroad
    card = await zoe.command("groups", find="Group 11")
    assert "145 seats are free." in card.text
    assert {"Join: live here", "All groups"} <= set(card.buttons)


async def test_narrowing_down(zoe: Person) -> None:
    """By kind, by free seats, by city; the pages keep to it, and one press shows all again."""
    shelf = await zoe.command("groups")
    narrow = await zoe.choose(shelf, "kind-interest", custom_id="groups-only:")
    assert "**40 groups**" in narrow.text
    further = await zoe.press(narrow, "More")
    assert "**40 groups**" in further.text
    assert "Page 2 of 5" in further.text
    there = await zoe.choose(shelf, "📍 Köln", custom_id="groups-only:")
    assert "**1 group**" in there.text
    assert "📍 Köln" in there.text
    everything = await zoe.press(there, "All groups")
    assert "**120 groups**" in everything.text
    seats = await zoe.choose(everything, "seats", custom_id="groups-only:")
    assert "full" not in seats.text
    only = await zoe.command("groups", kind="interest")
    assert "**40 groups**" in only.text


async def test_searching(zoe: Person) -> None:
    """Any word: of the purpose, a city, a language; where nothing speaks of it, that is said."""
    shelf = await zoe.command("groups")
    form = await zoe.press(shelf, "Search")
    assert form.kind == "modal"
    found = await zoe.fill(form, words="köln")
    assert "**1 group** speaks of “köln”" in found.text
    german = await zoe.fill(await zoe.press(found, "Search"), words="German")
    assert "Group 7" in german.text
    odd = await zoe.fill(await zoe.press(found, "Search"), words="a:b:" + "x" * 50)
    assert "No group speaks of" in odd.text
    assert "**120 groups**" in (await zoe.press(odd, "All groups")).text
    nothing = await zoe.command("groups", find="Grup 3")
    assert "Did you mean" in nothing.text


async def test_what_is_over_stands_in_the_directory_no_more(hearth: Running, zoe: Person) -> None:
    """An archived group is found by name only; cities are shown only where owners want it."""
    async with hearth.app.database.writing() as session:
        for row in await session.scalars(
            select(Group).where(Group.name.in_(["Group 1", "Group 2"]))
        ):
            row.state = "archived" if row.name == "Group 1" else "forming"
        (await session.get_one(Server, hearth.server.id)).shows_cities = False
    shelf = await zoe.command("groups")
    assert "**119 groups**" in shelf.text
    assert "📍 Köln" not in shelf.choices
    over = await zoe.command("groups", find="Group 1")
    assert "has come to its end" in over.text
    assert "Join: live here" not in over.buttons
    soon = await zoe.command("groups", find="Group 2")
    assert "opens soon" in soon.text
    assert "Join: live here" not in soon.buttons


async def test_an_empty_directory(hearth: Running) -> None:
    """Before the first group, and for a kind that nobody has made."""
    await set_up(hearth)
    kim = await hearth.person("Kim")
    assert "no groups here yet" in (await kim.command("groups")).text
    await group(hearth)
    none = await kim.command("groups", kind="cohort")
    assert "no such group here yet" in none.text
    assert "Riverside" in (await kim.press(none, "All groups")).text


async def test_a_group_at_its_pace_offers_the_line(hearth: Running) -> None:
    """Seats are there, but this week's newcomers are in: the card says so and offers to wait."""
    await set_up(hearth)
    await group(hearth)
    async with hearth.app.database.writing() as session:
        for type_ in await session.scalars(select(GroupType)):
            type_.newcomers_per_week = 1
    await at_home(hearth, "Kim")
    zoe = await hearth.person("Zoe")
    assert "takes newcomers in again soon" in (await zoe.command("groups")).text
    card = await zoe.command("groups", find="Riverside")
    assert "a few at a time" in card.text
    assert "come in" not in card.text
    assert "Wait for a seat" in card.buttons
    async with hearth.app.database.reading() as session:
        assert len((await session.scalars(select(Membership))).all()) == 1

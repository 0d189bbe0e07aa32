"""/hearth setup while others change things: rooms go by hand, and two owners share one setup."""

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from tests.conftest import Running


async def last_screen(hearth: Running, card: Answer) -> Answer:
    """Go on to the sum."""
    while "9 of 9" not in card.text:
        card = await hearth.owner.press(card, "Next")
    return card


async def other_owner(hearth: Running) -> Person:
    """Let somebody join who may manage the server, too."""
    role = await hearth.owner.create_role("Boss", permissions=Permission.MANAGE_GUILD)
    other = await hearth.person("Bo")
    await hearth.owner.give_role(other, role)
    return other


async def test_a_commons_deleted_before_the_press_is_asked_for_again(hearth: Running) -> None:
    """Nothing is set up with a room that is gone; the screen of the rooms is one press away."""
    square = await hearth.owner.create_channel("square")
    card = await hearth.owner.command("hearth setup")
    while "4 of 9" not in card.text:
        card = await hearth.owner.press(card, "Next")
    card = await hearth.owner.choose(card, square, custom_id="setup-room:commons_id")
    total = await last_screen(hearth, card)
    assert "Begin" in total.buttons
    await hearth.owner.delete_channel(square)
    await hearth.settle()
    refused = await hearth.owner.press(total, "Begin")
    assert "there is no commons yet, or its room was deleted" in refused.text
    assert "Begin" not in refused.buttons
    rooms = await hearth.owner.press(refused, "Four rooms")
    assert "which everyone sees: —" in rooms.text
    rooms = await hearth.owner.press(rooms, "Make the rest for me")
    begun = await hearth.owner.press(await last_screen(hearth, rooms), "Begin")
    assert "All is set up" in begun.text
    assert "gone" not in (await hearth.owner.command("hearth check")).text


async def test_an_old_screen_begins_no_second_setup(hearth: Running) -> None:
    """Once one owner has pressed Begin, what the other still has open changes nothing."""
    other = await other_owner(hearth)
    card = await hearth.owner.command("hearth setup")
    while "6 of 9" not in card.text:
        card = await hearth.owner.press(card, "Next")
    old = await other.command("hearth setup")
    begun = await hearth.owner.press(await last_screen(hearth, card), "Begin")
    assert "All is set up" in begun.text
    late = await other.choose(old, ["Interest", "Place"], custom_id="setup-types")
    assert "nothing was changed. /hearth setup shows how it stands" in late.text
    assert "Setup waits" not in (await other.command("home")).text
    assert "Place" not in (await other.command("hearth type list")).text


async def test_the_sum_speaks_of_one_group_and_of_rooms_as_they_are(hearth: Running) -> None:
    """A small server without a planned group reads no contradiction."""
    card = await last_screen(hearth, await hearth.owner.command("hearth setup"))
    assert "takes 1 group of 150" in card.text
    assert "No group is planned yet" in card.text

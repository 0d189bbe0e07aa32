"""Seats that go to others after a long silence, from the owner's rule to coming back."""

from datetime import timedelta

import pytest

from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, set_up
from tests.conftest import Running

DAY = timedelta(days=1)


async def found(hearth: Running) -> Person:
    """Kim lives in Riverside, whose type frees a seat after sixty silent days."""
    await set_up(hearth)
    await hearth.advance(timedelta(minutes=1))  # from here on Hearth hears the server
    await group(hearth)
    edited = await hearth.owner.command("hearth type edit", type="Interest", frees_after_days=60)
    assert "changed" in edited.text, edited.text
    return await at_home(hearth, "Kim")


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def kim(hearth: Running) -> Person:
    """Kim lives in Riverside, whose type frees a seat after sixty silent days."""
    return hearth.founded


@pytest.mark.founded(by=None)
async def test_an_owner_sets_and_ends_the_rule(hearth: Running) -> None:
    """Shown in the list, refused where it makes no sense, logged, undone."""
    owner = hearth.owner
    await set_up(hearth)
    for days, line in (
        (59, "after 60 to 365 days without a sign of life; 0 days means never"),
        (200, "Signs of life are kept for 120 days here"),
    ):
        refused = await owner.command("hearth type edit", type="Interest", frees_after_days=days)
        assert line in refused.text
        refused = await owner.command("hearth type add", name="Course", frees_after_days=days)
        assert line in refused.text
    await owner.command("hearth type edit", type="Interest", frees_after_days=90)
    shown = await owner.command("hearth type list")
    while "a seat goes to others after 90 days" not in shown.text:
        shown = await owner.press(shown, "More")
    log = await owner.command("hearth log")
    assert "days of silence after which a seat goes to others" in log.text
    undone = await owner.press(await owner.press(log, log.buttons[0]), "Undo it")
    assert "Undone" in undone.text
    shown = await owner.command("hearth type list")
    text = shown.text
    while "More" in shown.buttons:
        shown = await owner.press(shown, "More")
        text += shown.text
    assert "a seat goes to others" not in text


async def test_kim_keeps_the_seat_with_one_press(hearth: Running, kim: Person) -> None:
    """The commons say only that something waits; the card says what and until when."""
    await hearth.advance(47 * DAY)
    lines = [m.content for m in channel(hearth, "general").history]
    assert f"{kim.mention}, something waits for you: /home" in lines
    assert not any("Riverside" in line for line in lines)
    card = await kim.command("home")
    assert "your seat in **Riverside** goes to somebody else" in card.text
    kept = await kim.press(card, "Keep my seat")
    assert kept.text == "Your seat in **Riverside** stays yours. Good to hear of you."
    await hearth.advance(20 * DAY)
    card = await kim.command("home")
    assert "Keep my seat" not in card.buttons
    assert "Riverside" in card.text


async def test_kim_comes_back(hearth: Running, kim: Person) -> None:
    """The key is gone with the seat; one press brings both back, and an old button says so."""
    room = channel(hearth, "🌊-riverside")
    await hearth.advance(47 * DAY)
    before = await kim.command("home")  # a sign of life: the seat stays
    await hearth.advance(15 * DAY)
    assert kim.sees(room)
    await hearth.advance(32 * DAY)
    await hearth.advance(15 * DAY)
    assert not kim.sees(room)
    late = await kim.press(before, "Keep my seat")
    assert "That seat is not yours to keep any more." in late.text
    card = await kim.command("home")
    assert "went to somebody else while you were silent" in card.text
    other = await kim.command("home")
    back = await kim.press(card, "Come back")
    assert room.mention in back.text
    assert kim.sees(room)
    again = await kim.press(other, "Come back")
    assert "That was settled already." in again.text
    log = await hearth.owner.command("hearth log")
    assert "a seat of **Riverside** came free after a long silence" in log.text
    assert kim.mention not in log.text.splitlines()[1]


async def test_kim_stands_first_in_a_full_group(hearth: Running, kim: Person) -> None:
    """Or says that it is past; then nothing is kept of it."""
    await hearth.advance(47 * DAY)
    await hearth.advance(15 * DAY)
    edited = await hearth.owner.command("hearth type edit", type="Interest", cap=10, minimum=5)
    assert "changed" in edited.text, edited.text
    for number in range(10):  # as many as the group holds
        await at_home(hearth, f"Friend {number}")
    vera = await hearth.person("Vera")
    full = await vera.command("join", group="Riverside")
    await vera.press(full, full.buttons[0])
    waits = await kim.press(await kim.command("home"), "Come back")
    assert "You wait for a seat in **Riverside**: 1st in line." in waits.text
    card = await kim.command("home")
    assert "Come back" not in card.buttons
    await kim.press(card, "Stop waiting")
    past = await kim.press(await kim.command("home"), "Not any more")
    assert past.text.startswith("All right.")
    assert "Come back" not in (await kim.command("home")).buttons

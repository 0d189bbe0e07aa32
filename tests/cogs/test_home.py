"""One's own place: the card, leaving, being away."""

from datetime import timedelta

import pytest

from sandbox.people import Person
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def found(hearth: Running) -> Person:
    """Kim, at home in Riverside."""
    await set_up(hearth, time_zone="Europe/Berlin")
    await group(hearth)
    return await at_home(hearth, "Kim")


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def kim(hearth: Running) -> Person:
    """Kim, at home in Riverside."""
    return hearth.founded


@pytest.mark.founded(by=None)
async def test_home_before_anything_is_set_up(hearth: Running) -> None:
    """Every command says how to begin."""
    kim = await hearth.person("Kim")
    for command in ("home", "groups", "leave", "away"):
        assert "isn't set up" in (await kim.command(command)).text
    for command in ("join", "visit"):
        assert "isn't set up" in (await kim.command(command, group="Riverside")).text
    made = await hearth.owner.command(
        "hearth group create", name="Riverside", type="Interest", purpose="Runs around the lake."
    )
    assert "isn't set up" in made.text
    changed = await hearth.owner.command("hearth group edit", group="Riverside", name="Lakeside")
    assert "isn't set up" in changed.text


async def test_the_card(hearth: Running, kim: Person) -> None:
    """Home with its link, the next move, and a button for whatever can be done."""
    card = await kim.command("home")
    assert card.ephemeral
    assert f"<#{channel(hearth, '🌊-riverside').id}>" in card.text
    assert "You can move whenever you like" in card.text
    assert card.buttons == [
        "See other groups",
        "Together",
        "Suggest me",
        "Away",
        "Wishes",
        "Charter",
        "Who lives here",
        "Don't count me",
        "Privacy",
        "Help",
    ]
    assert "/join" in (await kim.press(card, "Help")).text
    new = await hearth.person("Zoe")
    card = await new.command("home")
    assert "no home here yet" in card.text
    found = await new.press(card, "Find a home")
    assert "Riverside" in found.text


async def test_the_card_shows_visits_and_moves(hearth: Running, kim: Person) -> None:
    """Visits and when they end, and from when on a move is possible."""
    await group(hearth, "Millpond")
    await hearth.advance(timedelta(days=20))
    asked = await kim.command("join", group="Millpond")
    assert "the next move has to wait a while" in asked.text
    await kim.press(asked, "Move to Millpond")
    card = await kim.command("home")
    assert f"You visit <#{channel(hearth, '🌊-riverside').id}>" in card.text
    sure = await kim.press(card, "End visit: Riverside")
    assert "Your visit to **Riverside** would end today" in sure.text
    card = await kim.command("home")
    assert "You can move again from" in card.text
    again = await kim.command("join", group="Riverside")
    assert "You moved not long ago" in again.text


async def test_leaving_confirms_and_keeps_the_seat(hearth: Running, kim: Person) -> None:
    """Asked once; the key goes at once; coming back is one press while the seat is kept."""
    room = channel(hearth, "🌊-riverside")
    sure = await kim.command("leave")
    assert "kept for 48 hours" in sure.text
    assert "look after" not in sure.text
    assert kim.sees(room)
    left = await kim.press(sure, "Leave Riverside")
    await hearth.settle()
    assert not kim.sees(room)
    assert "Your seat is kept until" in (await kim.command("home")).text
    back = await kim.press(left, "Go back")
    assert "Welcome back" in back.text
    assert kim.sees(room)


async def test_a_seat_that_lapsed(hearth: Running, kim: Person) -> None:
    """After two days the card knows of no home any more."""
    await kim.press(await kim.command("leave"), "Leave Riverside")
    await hearth.advance(timedelta(hours=49))
    assert "no home here yet" in (await kim.command("home")).text
    assert "none to leave" in (await kim.command("leave")).text


async def test_leaving_chooses_among_home_and_visits(hearth: Running, kim: Person) -> None:
    """With a visit open, /leave asks which one; a visit ends without touching the home."""
    await group(hearth, "Millpond")
    await kim.command("visit", group="Millpond")
    await hearth.settle()
    assert kim.sees(channel(hearth, "🌊-millpond"))
    which = await kim.command("leave")
    offered = await kim.autocomplete("leave", "group", "")
    assert len(which.choices) == len(offered) == 2
    (millpond,) = [value for name, value in offered if "Millpond" in name]
    sure = await kim.choose(which, millpond)
    assert "Your visit to **Millpond** would end" in sure.text
    await kim.press(sure, "End the visit")
    await hearth.settle()
    assert not kim.sees(channel(hearth, "🌊-millpond"))
    assert kim.sees(channel(hearth, "🌊-riverside"))
    other = await kim.command("leave", group="Millpond")
    assert "nothing to leave" in other.text


async def test_being_away(kim: Person) -> None:
    """By button or by a day; back is back; the card shows it."""
    ask = await kim.command("away")
    assert ask.buttons == ["A week", "Two weeks", "A date…", "I'm back"]
    away = await kim.press(ask, "A week")
    assert "You're away until" in away.text
    assert "You're away until" in (await kim.command("home")).text
    assert "Good to have you back" in (await kim.command("away", until="back")).text
    assert "weren't away" in (await kim.command("away", until="I'm back")).text
    away = await kim.command("away", until="24 December")
    assert "You're away until" in away.text
    day = next(word for word in away.text.split() if word.startswith("<t:"))
    assert f"You're away until {day}" in (await kim.command("home")).text


async def test_what_away_offers(kim: Person) -> None:
    """A week, two, being back, and the day that was typed, each with its date."""
    offered = dict(await kim.autocomplete("away", "until", "24.12."))
    assert list(offered.values()) == ["24.12.", "7 days", "14 days", "back"]
    assert next(iter(offered)) == "24.12. (until 2026-12-24)"
    offered = dict(await kim.autocomplete("away", "until", "1.3."))  # yesterday's
    assert list(offered.values()) == ["7 days", "14 days", "back"]


async def test_a_refused_day_can_be_mended(kim: Person) -> None:
    """Nothing typed is lost: the form opens with it."""
    refused = await kim.command("away", until="31 June")
    assert "don't understand that day" in refused.text
    form = await kim.press(refused, "Fix it")
    assert form.kind == "modal"
    assert "31 June" in str(form.components)
    refused = await kim.fill(form, until="1 March")
    assert "2026-03-01 is over. If you mean next year's" in refused.text
    assert "1 March" in str((await kim.press(refused, "Fix it")).components)
    mended = await kim.fill(form, until="30 June")
    assert "You're away until" in mended.text


async def test_a_question_waits_in_home(hearth: Running, kim: Person) -> None:
    """Asked to look after the group: in /home, answered there, and the card says so after."""
    await looked_after(hearth, kim)
    card = await kim.command("home")
    assert "You look after **Riverside**" in card.text
    assert "A question for you" not in card.buttons
    assert "What you look after there ends today" in (await kim.command("leave")).text


@pytest.mark.founded(by=None)
async def test_suggestions_where_nothing_is_set_up(
    hearth: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Typing into a command is answered quietly, whatever the state of the server."""
    zoe = await hearth.person("Zoe")
    assert await zoe.autocomplete("away", "until", "a week")
    assert await zoe.autocomplete("join", "group", "river") == []
    assert await zoe.autocomplete("leave", "group", "") == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.founded(by=None)
async def test_the_last_day_of_the_calendar_breaks_no_suggestion(hearth: Running) -> None:
    """A day that no date follows is left out of what /away offers, set up or not."""
    zoe = await hearth.person("Zoe")
    offered = await zoe.autocomplete("away", "until", "9999-12-31")
    assert [value for _, value in offered] == ["7 days", "14 days", "back"]


async def test_a_card_names_the_visit_that_a_button_ends(hearth: Running, kim: Person) -> None:
    """Ended from the card, after one question; the home stays."""
    await group(hearth, "Millpond")
    await kim.command("visit", group="Millpond")
    sure = await kim.press(await kim.command("home"), "End visit: Millpond")
    ended = await kim.press(sure, "End the visit")
    assert "has ended" in ended.text
    card = await kim.command("home")
    assert "You visit" not in card.text
    assert "You live in" in card.text


@pytest.mark.founded(by=None)
async def test_a_key_that_cannot_be_cut_is_said(hearth: Running) -> None:
    """No link to a locked door, and who can help; the link is there once it opens."""
    await set_up(hearth)
    await group(hearth)
    zoe = await hearth.person("Zoe")
    high, low = hearth.server.role("Hearth"), hearth.server.role("🌊 Riverside")
    before = high.position, low.position
    high.position, low.position = 1, 5
    await zoe.command("join", group="Riverside")
    await hearth.settle()
    card = await zoe.command("home")
    assert "/hearth check" in card.text
    assert "<#" not in card.text
    high.position, low.position = before
    await hearth.advance(timedelta(hours=2))
    card = await zoe.command("home")
    assert f"<#{channel(hearth, '🌊-riverside').id}>" in card.text


async def test_counting_can_be_refused_later_too(kim: Person) -> None:
    """Whoever missed the first reply finds the line and the button in /join and /home."""
    already = await kim.command("join", group="Riverside")
    for card in (already, await kim.command("home")):
        assert "never what you write" in card.text
        assert "Don't count me" in card.buttons
    await kim.press(already, "Don't count me")
    assert "Don't count me" not in (await kim.command("home")).buttons
    assert "Don't count me" not in (await kim.command("join", group="Riverside")).buttons


async def test_requests_are_taken_back_by_name(hearth: Running, kim: Person) -> None:
    """Two requests, two buttons that say what they take back."""
    await group(hearth, "Millpond", type="Goal")
    await hearth.owner.command("hearth type edit", type="Goal", entry="request", visits="request")
    asked = await kim.command("join", group="Millpond")
    await kim.press(asked, "Ask to move to Millpond")
    await kim.command("visit", group="Millpond")
    card = await kim.command("home")
    assert {"Take back: living in Millpond", "Take back: visiting Millpond"} <= set(card.buttons)
    await kim.press(card, "Take back: visiting Millpond")
    assert "Take back: visiting Millpond" not in (await kim.command("home")).buttons


@pytest.mark.founded(by=None)
async def test_an_invitation_stands_in_home(hearth: Running) -> None:
    """The line in the commons can be missed; the card has it, and the way in."""
    await set_up(hearth)
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    await hearth.owner.command("hearth type edit", type="Interest", entry="invitation")
    zoe = await hearth.person("Zoe")
    assert "invitation" in (await zoe.command("join", group="Riverside")).text
    asked = await lena.press(await desk_page(lena, "People"), "Invite")
    await lena.fill(asked, who=zoe.mention)
    card = await zoe.command("home")
    assert "You are invited to **Riverside**" in card.text
    assert {"Move into Riverside", "Visit Riverside"} <= set(card.buttons)
    moved = await zoe.press(card, "Move into Riverside")
    assert "Welcome home" in moved.text
    assert "You are invited" not in (await zoe.command("home")).text


async def test_who_has_no_home_is_promised_none(hearth: Running, kim: Person) -> None:
    """Being away keeps a home only for those who have one."""
    assert "Your home stays yours" in (await kim.command("away", until="tomorrow")).text
    zoe = await hearth.person("Zoe")
    away = await zoe.command("away", until="tomorrow")
    assert "You're away until" in away.text
    assert "Your home" not in away.text


@pytest.mark.founded(by=None)
async def test_a_refusal_leaves_the_card_as_it_is(hearth: Running) -> None:
    """What cannot be done is said beside the card, whose buttons can still be pressed."""
    await set_up(hearth)
    await group(hearth)
    zoe = await hearth.person("Zoe")
    card = await zoe.command("groups", find="Riverside")
    assert card.message is not None
    before = card.message.content
    await hearth.owner.command("hearth group rest", group="Riverside")
    refused = await zoe.press(card, "Join: live here")
    assert "resting" in refused.text
    assert refused.ephemeral
    assert card.message.content == before
    assert "Join: live here" in card.buttons

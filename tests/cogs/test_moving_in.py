"""Finding a group and moving in, as people do it."""

from datetime import timedelta

import pytest

from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


async def found(hearth: Running) -> None:
    """A server with one group, Riverside."""
    await set_up(hearth)
    await group(hearth)


pytestmark = pytest.mark.founded(by=found)


async def test_joining_links_a_room_that_opens(hearth: Running) -> None:
    """The reply comes when the key fits: the linked room is seen and can be written in."""
    kim = await hearth.person("Kim")
    room = channel(hearth, "🌊-riverside")
    assert not kim.sees(room)
    answer = await kim.command("join", group="Riverside")
    assert answer.ephemeral
    assert f"<#{room.id}>" in answer.text
    assert kim.sees(room)
    assert kim.can_send(room)


async def test_the_first_reply_tells_of_counting_with_a_way_out(hearth: Running) -> None:
    """Consent before counting: said once, with the button beside it that works."""
    kim = await hearth.person("Kim")
    first = await kim.command("join", group="Riverside")
    assert "From now on I count" in first.text
    done = await kim.press(first, "Don't count me")
    assert "no longer counted" in done.text
    await group(hearth, "Millpond")
    asked = await kim.command("join", group="Millpond")
    moved = await kim.press(asked, "Move to Millpond")
    assert "From now on I count" not in moved.text


async def test_the_welcome_and_the_wave(hearth: Running) -> None:
    """The room hears who has moved in; only they are mentioned; a wave is answered."""
    jo, lena = await at_home(hearth, "Jo"), await at_home(hearth, "Lena")
    kim = await at_home(hearth, "Kim")
    await hearth.settle()
    room = channel(hearth, "🌊-riverside")
    welcome = next(m for m in room.history if f"<@{kim.id}> has moved in" in m.content)
    assert [user.id for user in welcome.mentions] == [kim.id]
    waved = await jo.press(welcome, "Wave 👋")
    assert waved.ephemeral
    assert f"<@{kim.id}>" in waved.text
    assert list(welcome.reactions) == ["👋"]
    assert "stands under the welcome" in (await lena.press(welcome, "Wave 👋")).text
    assert [len(reaction.users) for reaction in welcome.reactions.values()] == [1]
    charter = await jo.press(welcome, "How this room works")
    assert "Evening runs around the lake." in charter.text
    assert "Nobody looks after this group yet." in charter.text


async def test_moving_shows_what_ends_and_asks_once(hearth: Running) -> None:
    """What ends, what stays, one question; then the old room stays open for a visit."""
    await group(hearth, "Millpond")
    kim = await at_home(hearth, "Kim")
    river, pond = channel(hearth, "🌊-riverside"), channel(hearth, "🌊-millpond")
    asked = await kim.command("join", group="Millpond")
    assert "What ends" in asked.text
    assert "What stays" in asked.text
    assert kim.sees(river)
    assert not kim.sees(pond)
    moved = await kim.press(asked, "Move to Millpond")
    assert f"<#{pond.id}>" in moved.text
    assert "stays open for you" in moved.text
    await hearth.settle()
    assert kim.sees(pond)
    assert kim.sees(river)
    await hearth.advance(timedelta(days=31))
    assert not kim.sees(river)


async def test_a_move_that_was_thought_over(hearth: Running) -> None:
    """[Stay here] changes nothing, and an old button works only as long as it makes sense."""
    await group(hearth, "Millpond")
    kim = await at_home(hearth, "Kim")
    asked = await kim.command("join", group="Millpond")
    stays = await kim.press(asked, "Stay here")
    assert "Nothing has changed" in stays.text
    again = await kim.command("join", group="Riverside")
    assert "You live in **Riverside** already" in again.text


async def test_a_full_group_is_a_clear_answer(hearth: Running) -> None:
    """Full, what can be done instead, and the honest place in line."""
    await hearth.owner.command("hearth type edit", type="Interest", cap=10, minimum=5)
    await group(hearth, "Millpond")
    for number in range(10):
        await at_home(hearth, f"P{number}")
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    full = await kim.command("join", group="Riverside")
    assert "Riverside** is full, all 10 seats" in full.text
    assert full.buttons == [
        "Wait for a seat: you'd be 1st",
        "Visit for 14 days",
        "Millpond is like it: 10 seats",
    ]
    waits = await kim.press(full, "Wait for a seat: you'd be 1st")
    assert "1st in line" in waits.text
    other = await zoe.command("join", group="Riverside")
    assert "Wait for a seat: you'd be 2nd" in other.buttons
    await zoe.press(other, "Millpond is like it: 10 seats")
    assert zoe.sees(channel(hearth, "🌊-millpond"))


async def test_waiting_can_end(hearth: Running) -> None:
    """From the reply or from /home."""
    await hearth.owner.command("hearth type edit", type="Interest", cap=10, minimum=5)
    for number in range(10):
        await at_home(hearth, f"P{number}")
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Riverside")
    await kim.press(full, full.buttons[0])
    again = await kim.command("join", group="Riverside")
    assert "1st in line" in again.text
    assert again.buttons == ["Stop waiting", "Visit for 14 days"]
    card = await kim.command("home")
    assert "1st in line" in card.text
    assert "no longer wait" in (await kim.press(card, "Stop waiting")).text
    assert "Stop waiting" not in (await kim.command("home")).buttons


async def test_a_request_is_decided_behind_a_button(hearth: Running) -> None:
    """The room sees a neutral line, the facilitator the name; a yes opens the door."""
    desk = await hearth.owner.create_channel("desk")
    await set_up(hearth, facilitators_room=desk)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    await hearth.owner.command("hearth type edit", type="Interest", entry="request")
    kim, jo = await hearth.person("Kim"), await hearth.person("Jo")
    asked = await kim.command("join", group="Riverside")
    assert "Asked" in asked.text
    assert "You asked to live in **Riverside**" in (await kim.command("home")).text
    await hearth.settle()
    knock = list(desk.history)[-1]
    assert f"<@{kim.id}>" not in knock.content
    refused = await jo.press(knock, "Open")
    assert "for the facilitators of Riverside" in refused.text
    card = await lena.press(knock, "Open")
    assert f"<@{kim.id}> would like to live in **Riverside**" in card.text
    done = await lena.press(card, "Let in")
    assert done.buttons == ["Back"]
    assert f"<@{kim.id}> is in" in done.text
    await hearth.settle()
    assert kim.sees(channel(hearth, "🌊-riverside"))


async def test_a_no_waits_in_home(hearth: Running) -> None:
    """A line in the commons names no group; /home says it kindly and can put it away."""
    await set_up(hearth, owners_room=await hearth.owner.create_channel("owners"))
    await hearth.owner.command("hearth type edit", type="Interest", entry="request")
    kim = await hearth.person("Kim")
    await kim.command("join", group="Riverside")
    await hearth.settle()
    knock = list(channel(hearth, "owners").history)[-1]
    card = await hearth.owner.press(knock, "Open")
    await hearth.owner.press(card, "Not now")
    await hearth.settle()
    line = list(channel(hearth, "general").history)[-1]
    assert f"<@{kim.id}>, something waits for you" in line.content
    home = await kim.press(line, "Open")
    assert "**Riverside** can't take you in just now" in home.text
    await kim.press(home, "All right")
    assert "Riverside" not in (await kim.command("home")).text


async def test_the_directory(hearth: Running) -> None:
    """All groups with their seats; one opens with what can be done about it."""
    await group(hearth, "Millpond", type="Goal", emoji="🪷")
    kim = await hearth.person("Kim")
    shelf = await kim.command("groups")
    assert "🌊 **Riverside** · 150 free seats" in shelf.text
    assert "🪷 **Millpond** · 150 free seats" in shelf.text
    goals = await kim.command("groups", kind="goal")
    assert "Riverside" not in goals.text
    one = await kim.choose(shelf, "🌊 Riverside", custom_id="groups-choose")
    assert "Join: live here" in one.buttons
    joined = await kim.press(one, "Join: live here")
    assert "Welcome home" in joined.text
    found = await kim.command("groups", find="millpnd")
    assert "Did you mean: Millpond" in found.text


async def test_autocomplete_offers_seats(hearth: Running) -> None:
    """The picker shows what can be joined; an unlisted group is not among it."""
    await hearth.owner.command("hearth type edit", type="Goal", listed=False)
    await group(hearth, "Millpond", type="Goal")
    kim = await hearth.person("Kim")
    offered = await kim.autocomplete("join", "group", "")
    assert [name for name, _ in offered] == ["🌊 Riverside · 150 seats"]
    answer = await kim.command("join", group="Millpond")
    assert "I know no such group here" in answer.text


async def test_a_paused_server_answers_so(hearth: Running) -> None:
    """Members hear that it is paused; /home still shows how things are; then it goes on."""
    kim = await at_home(hearth, "Kim")
    assert "paused" in (await hearth.owner.command("hearth pause")).text
    for command in ("groups", "leave", "away"):
        assert "Hearth is paused in this server" in (await kim.command(command)).text
    assert "You live in" in (await kim.command("home")).text
    assert "goes on" in (await hearth.owner.command("hearth pause")).text
    assert "How long are you away" in (await kim.command("away")).text


async def test_buttons_promise_what_they_do(hearth: Running) -> None:
    """Where it is asked first the button says so; where one is invited there is none to press."""
    await hearth.owner.command("hearth type edit", type="Goal", entry="request", visits="request")
    await group(hearth, "Millpond", type="Goal")
    kim = await at_home(hearth, "Kim")
    asked = await kim.command("join", group="Millpond")
    assert "Ask to move to Millpond" in asked.buttons
    card = await kim.command("groups", find="Millpond")
    assert {"Ask to live here", "Ask to visit"} <= set(card.buttons)
    await hearth.owner.command("hearth type edit", type="Goal", entry="invitation")
    card = await kim.command("groups", find="Millpond")
    assert "Entered by invitation" in card.text
    assert card.buttons == ["Ask to visit", "How this room works", "All groups"]

"""Nobody is placed before Discord's own welcome is over, or while the raid brake holds."""

from datetime import timedelta

import pytest

from sandbox.people import Person
from sandbox.state import Channel
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


class Hurried(Person):
    """Somebody whose client lets them press before they have accepted the rules."""

    def _may_take_part(self) -> None:
        """Nothing keeps them back."""


async def found(hearth: Running) -> Channel:
    """The moderators' room, in a server with Riverside and Millpond."""
    room = await hearth.owner.create_channel("desk")
    await set_up(hearth, moderators_room=room)
    await group(hearth)
    await group(hearth, "Millpond")
    return room


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def desk(hearth: Running) -> Channel:
    """The moderators' room, in a server with Riverside and Millpond."""
    return hearth.founded


@pytest.mark.usefixtures("desk")
async def test_the_rules_come_first(hearth: Running) -> None:
    """Joining, visiting and waiting say what to do; once accepted, the same press works."""
    new = await hearth.sandbox.person(hearth.server, "Kim", pending=True)
    kim = Hurried(hearth.sandbox, hearth.server, new.user)
    for command in ("join", "visit"):
        refused = await kim.command(command, group="Riverside")
        assert "accept this server's rules first" in refused.text
    card = await kim.command("groups", find="Riverside")
    assert "accept this server's rules first" in (await kim.press(card, "Join: live here")).text
    await kim.accept_rules()
    await hearth.settle()
    assert "Welcome home" in (await kim.press(card, "Join: live here")).text


@pytest.mark.usefixtures("desk")
async def test_onboarding_comes_first_where_it_is_on(hearth: Running) -> None:
    """Begun and not finished; where the server has switched it off nobody is sent there."""
    hearth.server.onboards = True
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    await kim.onboard(finished=False)
    for command in ("join", "visit"):
        refused = await kim.command(command, group="Riverside")
        assert "welcome questions for this server first" in refused.text
    await kim.onboard(finished=True)
    assert "Welcome home" in (await kim.command("join", group="Riverside")).text
    await zoe.onboard(finished=False)
    hearth.server.onboards = False
    assert "Welcome home" in (await zoe.command("join", group="Riverside")).text
    assert (
        "Welcome home"
        in (await (await hearth.person("Jo")).command("join", group="Riverside")).text
    )


@pytest.mark.usefixtures("desk")
async def test_what_discord_does_not_tell_is_believed(hearth: Running) -> None:
    """Whether onboarding is on cannot be asked just now: who has begun it finishes it."""
    kim = await hearth.person("Kim")
    await kim.onboard(finished=False)
    hearth.sandbox.faults.add("503", "GET", "/guilds/{guild_id}/onboarding", times=None)
    assert "welcome questions" in (await kim.command("join", group="Riverside")).text
    assert hearth.sandbox.faults.struck
    hearth.sandbox.faults.clear()
    assert "Welcome home" in (await kim.command("join", group="Riverside")).text


@pytest.mark.usefixtures("desk")
async def test_waiting_is_for_who_has_arrived(hearth: Running) -> None:
    """A [Wait] button pressed in the middle of the onboarding."""
    hearth.server.onboards = True
    await hearth.owner.command("hearth type edit", type="Interest", newcomers_per_week=1)
    await at_home(hearth, "Jo")
    kim = await hearth.person("Kim")
    full = await kim.command("join", group="Riverside")
    await kim.onboard(finished=False)
    wait = next(label for label in full.buttons if label.startswith("Wait"))
    assert "welcome questions" in (await kim.press(full, wait)).text
    await kim.onboard(finished=True)
    assert "1st in line" in (await kim.press(full, wait)).text


async def test_young_accounts_read_when(hearth: Running, desk: Channel) -> None:
    """Set by moderators with /safety brake; an account made today waits."""
    card = await hearth.owner.command("safety brake")
    assert "Accounts of any age may move in." in card.text
    form = await hearth.owner.press(card, "Change")
    wrong = await hearth.owner.fill(form, days="soon", hourly="20")
    assert "whole number from 0 to 365" in wrong.text
    form = await hearth.owner.press(wrong, "Fix it")
    assert "soon" in str(form.components)
    changed = await hearth.owner.fill(form, days="3", hourly="0")
    assert "Accounts move in once they are 3 days old." in changed.text
    kim = await hearth.person("Kim")
    for command in ("join", "visit"):
        refused = await kim.command(command, group="Riverside")
        assert "Yours can from <t:" in refused.text
    await hearth.advance(timedelta(days=3, minutes=1))
    assert "Welcome home" in (await kim.command("join", group="Riverside")).text
    assert list(desk.history) == []


async def test_a_rush_is_braked_and_moderators_decide(hearth: Running, desk: Channel) -> None:
    """Told once; who comes stands in line, in any group; let in, the line is offered seats."""
    card = await hearth.owner.command("safety brake")
    await hearth.owner.fill(await hearth.owner.press(card, "Change"), days="0", hourly="2")
    await at_home(hearth, "Jo")
    await at_home(hearth, "Mara", "Millpond")
    kim, zoe = await hearth.person("Kim"), await hearth.person("Zoe")
    braked = await kim.command("join", group="Riverside")
    assert "moving in takes a break until about <t:" in braked.text
    assert braked.buttons == ["Wait for a seat: you'd be 1st"]
    assert "1st in line" in (await kim.press(braked, braked.buttons[0])).text
    assert "take a break" in (await zoe.command("visit", group="Riverside")).text
    await hearth.settle()
    (line,) = list(desk.history)
    assert "2 people moved in within the last hour, the most that you wanted" in line.content
    refused = await kim.press(await kim.command("home"), "Stop waiting")
    assert "no longer wait" in refused.text
    again = await kim.command("join", group="Riverside")
    await kim.press(again, again.buttons[0])
    kept = await hearth.owner.press(line, "Keep it closed")
    assert "Moving in and visiting wait until" in kept.text
    assert "1 person stands in line for a seat." in kept.text
    await hearth.advance(timedelta(hours=3))
    assert "1st in line" in (await kim.command("home")).text
    opened = await hearth.owner.press(line, "Let them in")
    assert "Everybody is let in until" in opened.text
    assert "Welcome home" in (await zoe.command("join", group="Riverside")).text
    await hearth.advance(timedelta(minutes=1))
    assert "Take the seat" in (await kim.command("home")).buttons
    assert len(list(desk.history)) == 1


async def test_only_moderators_move_the_brake(hearth: Running, desk: Channel) -> None:
    """A facilitator who can read along is told whose it is."""
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    card = await hearth.owner.command("safety brake")
    await hearth.owner.fill(await hearth.owner.press(card, "Change"), days="0", hourly="2")
    await at_home(hearth, "Jo", "Millpond")
    await hearth.settle()
    (line,) = list(desk.history)
    for button in ("Let them in", "Keep it closed"):
        assert "moderat" in (await lena.press(line, button)).text


@pytest.mark.usefixtures("desk")
async def test_a_request_waits_until_who_asks_has_arrived(hearth: Running) -> None:
    """Neither rules nor questions are passed by a facilitator's yes; the request stays."""
    await hearth.owner.command("hearth type edit", type="Interest", entry="request")
    kim = await hearth.person("Kim")
    await kim.command("join", group="Riverside")
    await hearth.settle()
    knock = list(channel(hearth, "🌊-riverside").history)[-1]
    kim.member.pending = True  # left and came back while Hearth was away
    await kim.onboard(finished=False)
    await hearth.settle()
    card = await hearth.owner.press(knock, "Open")
    refused = await hearth.owner.press(card, "Let in")
    assert "has yet to accept this server's rules" in refused.text
    await kim.accept_rules()
    hearth.server.onboards = True
    await hearth.settle()
    refused = await hearth.owner.press(card, "Let in")
    assert "still answering Discord's welcome questions" in refused.text
    await kim.onboard(finished=True)
    await hearth.settle()
    assert f"<@{kim.id}> is in" in (await hearth.owner.press(card, "Let in")).text

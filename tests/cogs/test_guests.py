"""Guest evenings as people meet them: asked, agreed to, opened and closed by the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.answers import Answer
from sandbox.permissions import Permission
from tests.cogs.founding import looked_after
from tests.cogs.streets import Street, built
from tests.conftest import Running

HOUR = timedelta(hours=1)
OPENS = datetime(2026, 3, 3, 19, tzinfo=UTC)
ENTRY = "/channels/{channel_id}/permissions/{overwrite_id}"
EVENING = {"day": "tomorrow", "from": "19:00", "to": "10pm", "zone": ""}


class Evenings:
    """A street, and how Lena has Millpond over."""

    def __init__(self, hearth: Running, street: Street) -> None:
        self.hearth = hearth
        self.street = street

    async def asks(self, **fields: str) -> Answer:
        """Let Lena have Millpond asked over."""
        lena = self.street["Lena"]
        neighbours = await self.street.neighbours("Lena", "Riverside")
        whom = await lena.press(neighbours, "Open our door for an evening")
        form = await lena.choose(whom, "🦆 Millpond")
        answer = await lena.fill(form, **{**EVENING, **fields})
        await self.hearth.settle()
        return answer

    async def question(self) -> Answer:
        """Open the question at Omar's desk."""
        desk = await self.street.desk("Omar", "Millpond")
        return await self.street["Omar"].press(desk, "An evening at 🌊 Riverside")

    async def agreed(self, **fields: str) -> Answer:
        """Let Omar say yes to it."""
        asked = await self.asks(**fields)
        assert "I've asked those who look after" in asked.text, asked.text
        answer = await self.street["Omar"].press(await self.question(), "Yes, we'd love to")
        await self.hearth.settle()
        return answer

    async def opens(self, after: timedelta = timedelta(minutes=1)) -> None:
        """Let it become tomorrow, 19:00, and a little more."""
        await self.hearth.advance(OPENS + after)


async def found(hearth: Running) -> Evenings:
    """Riverside and Millpond."""
    return Evenings(hearth, await built(hearth))


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def evenings(hearth: Running) -> Evenings:
    """Riverside and Millpond."""
    return hearth.founded


async def test_an_evening_from_the_question_to_the_last_guest(
    evenings: Evenings, hearth: Running
) -> None:
    """Asked at one desk, agreed to at the other, told in both rooms, open for three hours."""
    street = evenings.street
    said = await evenings.agreed()
    assert "It's on" in said.text, said.text
    (here,), (there,) = street.said("riverside", "comes over"), street.said("millpond", "has us")
    assert "🦆 **Millpond** comes over to us" in here.content
    assert f"<@{street['Lena'].id}> welcomes us there" in there.content
    room, pia = street.room("riverside"), street["Pia"]
    await evenings.opens(timedelta(minutes=-2))
    assert not pia.sees(room)
    await evenings.opens()
    assert pia.sees(room)
    assert pia.can_send(room)
    (role,) = [one for one in pia.roles if "Millpond" in one.name]
    assert room.overwrites[role.id].deny == Permission.READ_MESSAGE_HISTORY
    assert f"<#{room.id}>" in street.said("millpond", "The door is open")[0].content
    assert not street["Kim"].sees(street.room("millpond"))
    await hearth.advance(3 * HOUR)
    assert not pia.sees(room)
    assert street["Kim"].sees(room)


async def test_one_request_in_and_one_out(evenings: Evenings, hearth: Running) -> None:
    """However often Hearth looks, and started anew in between."""
    await evenings.agreed()
    before = hearth.sandbox.requests.snapshot()
    await evenings.opens()
    for _ in range(3):
        await hearth.advance(HOUR / 2)
    hearth.app.client.reconciler.after_gap(hearth.server.id)
    await hearth.settle()
    await hearth.advance(3 * HOUR)
    await hearth.advance(timedelta(days=1))
    done = hearth.sandbox.requests.since(before).by_route
    assert done[f"PUT {ENTRY}"] == 1
    assert done[f"DELETE {ENTRY}"] == 1


async def test_a_hand_that_shuts_the_door(evenings: Evenings, hearth: Running) -> None:
    """Somebody takes the guests' entry out of the room: it stays out, and the evening is over."""
    await evenings.agreed()
    await evenings.opens()
    street = evenings.street
    room, pia = street.room("riverside"), street["Pia"]
    (role,) = [one for one in pia.roles if "Millpond" in one.name]
    await hearth.owner.delete_overwrite(room, role)
    await hearth.settle()
    await hearth.advance(HOUR)
    assert not pia.sees(room)
    assert street.said("millpond", "is over for today")
    card = await street.neighbours("Lena", "Riverside")
    assert "The evening with 🦆 Millpond" not in card.buttons


async def test_a_role_that_is_deleted_ends_no_evening(evenings: Evenings, hearth: Running) -> None:
    """The guests' role is made anew, and its door with it."""
    await evenings.agreed()
    await evenings.opens()
    room, pia = evenings.street.room("Riverside"), evenings.street["Pia"]
    role = next(role for role in hearth.server.roles.values() if "Millpond" in role.name)
    await hearth.owner.delete_role(role)
    await hearth.settle()
    await hearth.advance(timedelta(minutes=2))
    await pia.write(room, "Still here.")
    again = next(role for role in hearth.server.roles.values() if "Millpond" in role.name)
    assert again is not role
    assert again.id in room.overwrites
    await hearth.advance(timedelta(hours=4))
    assert again.id not in room.overwrites


async def test_a_room_that_is_cleared_is_put_right(evenings: Evenings, hearth: Running) -> None:
    """Whoever takes out the group's own role as well has decided nothing about the guests."""
    await evenings.agreed()
    await evenings.opens()
    room, pia = evenings.street.room("riverside"), evenings.street["Pia"]
    bot = hearth.sandbox.bot_id
    await hearth.owner.edit_channel(
        room, overwrites=[one for one in room.overwrites.values() if one.id == bot]
    )
    await hearth.settle()
    assert pia.sees(room)


async def test_ended_before_its_time(evenings: Evenings, hearth: Running) -> None:
    """Either side's desk can; both rooms hear of it, and a second press that it is settled."""
    await evenings.agreed()
    await evenings.opens()
    street = evenings.street
    cards = [await street.neighbours("Omar", "Millpond") for _ in range(2)]
    shown = [await street["Omar"].press(one, "The evening with 🌊 Riverside") for one in cards]
    assert "The door is closing" in (await street["Omar"].press(shown[0], "End it now")).text
    await hearth.settle()
    assert not street["Pia"].sees(street.room("riverside"))
    assert street.said("riverside", "is over for today")
    assert "settled already" in (await street["Omar"].press(shown[1], "End it now")).text


async def test_it_does_not_suit(evenings: Evenings) -> None:
    """A no is told as nothing more than that, and no room hears of it."""
    await evenings.asks()
    street = evenings.street
    mine = await street["Lena"].press(
        await street.neighbours("Lena", "Riverside"), "The evening with 🦆 Millpond"
    )
    assert "haven't answered yet" in mine.text
    assert (
        "doesn't suit"
        in (await street["Omar"].press(await evenings.question(), "Not this time")).text
    )
    assert "An evening at 🌊 Riverside" not in (await street.desk("Omar", "Millpond")).buttons
    assert street.said("millpond", "🕯️") == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "someday"}, "can't read that day"),
        ({"from": "late"}, "can't read “late” as a time"),
        ({"day": "today", "from": "11:00"}, "has passed already"),
        ({"to": "19:05"}, "at least 30 minutes"),
        ({"zone": "Lissbon"}, "Did you mean: Lisbon"),
    ],
)
async def test_what_was_typed_is_kept(evenings: Evenings, typed: dict[str, str], said: str) -> None:
    """A refused form says what to write, and opens again as it was."""
    refused = await evenings.asks(**typed)
    assert said in refused.text
    lena = evenings.street["Lena"]
    form = await lena.press(refused, "Fix it")
    filled = [str(one["component"].get("value") or "") for one in form.components]
    assert filled == list({**EVENING, **typed}.values())
    asked = await lena.fill(form, **EVENING)
    assert "I've asked those who look after" in asked.text


@pytest.mark.founded(by=None)
async def test_without_roles_guests_press_that_they_would_come(hearth: Running) -> None:
    """Each gets a key for the evening, and only who pressed; nobody else reads of it."""
    await hearth.owner.command("hearth setup", commons=hearth.server.channel("general"))
    await hearth.owner.command(
        "hearth type add", name="Den", cap=24, access="overwrites", visits="request"
    )
    evenings = Evenings(hearth, await built(hearth, type="Den"))
    await evenings.agreed()
    street = evenings.street
    room = street.room("riverside")
    (post,) = street.said("millpond", "has us over")
    comes = await street["Pia"].press(post, "I'd come")
    assert "Only you know that you pressed" in comes.text
    await evenings.opens()
    assert street["Pia"].sees(room)
    assert not street["Omar"].sees(room)
    (now,) = street.said("millpond", "The door is open")
    assert f"<#{room.id}>" in (await street["Omar"].press(now, "I'd come")).text
    await hearth.settle()
    assert street["Omar"].sees(room)
    assert "no key for you" in (await street["Pia"].press(comes, "I can't after all")).text
    await hearth.settle()
    assert not street["Pia"].sees(room)
    await hearth.advance(3 * HOUR)
    assert not street["Omar"].sees(room)
    assert "settled already" in (await street["Omar"].press(now, "I'd come")).text


async def test_whoever_reads_of_it_can_ask_what_it_is(evenings: Evenings, hearth: Running) -> None:
    """In both rooms, for who is inside; on the card of what the group does together, too."""
    await evenings.agreed()
    street = evenings.street
    for name, room, text in (
        ("Kim", "riverside", "comes over to us"),
        ("Pia", "millpond", "has us over"),
    ):
        (post,) = street.said(room, text)
        told = await street[name].press(post, "How does this work?")
        assert "gone from their list of channels afterwards" in told.text
    card = await street["Kim"].press(await street["Kim"].command("home"), "Together")
    assert "**Millpond** comes over" in card.text
    await evenings.opens(4 * HOUR)
    assert (
        "This one is over"
        in (
            await street["Pia"].press(
                street.said("millpond", "has us over")[0], "How does this work?"
            )
        ).text
    )
    del hearth


async def test_the_host_goes_and_another_takes_it_over(evenings: Evenings, hearth: Running) -> None:
    """The others who look after the group are asked; whoever presses hosts it."""
    street = evenings.street
    await looked_after(hearth, street["Kim"], "Riverside")
    await evenings.agreed()
    await hearth.owner.command("hearth facilitator remove", group="Riverside", user=street["Lena"])
    await hearth.advance(timedelta(minutes=2))
    desk = await street.desk("Kim", "Riverside")
    assert "has no host any more" in desk.text
    card = await street["Kim"].press(desk, "Who hosts the evening?")
    assert "you host the evening" in (await street["Kim"].press(card, "I'll host it")).text
    await evenings.opens()
    assert f"<@{street['Kim'].id}>" in street.said("riverside", "The door is open")[0].content


async def test_what_stands_in_the_way_is_said_before_anything_is_typed(
    evenings: Evenings, hearth: Running
) -> None:
    """One that is planned already, guests who rest, a room that is locked; owners host nothing."""
    street, lena = evenings.street, evenings.street["Lena"]
    cards: list[Answer] = []
    for _ in range(3):
        neighbours = await street.neighbours("Lena", "Riverside")
        cards.append(await lena.press(neighbours, "Open our door for an evening"))

    async def chooses() -> str:
        """Choose Millpond on a card that was opened before."""
        return (await lena.choose(cards.pop(), "🦆 Millpond")).text

    await evenings.asks()
    assert "planned already" in await chooses()
    question = await evenings.question()
    assert "suit this time" in (await street["Omar"].press(question, "Not this time")).text
    await hearth.owner.command("hearth group rest", group="Millpond")
    assert "**Millpond** isn't open right now" in await chooses()
    await hearth.owner.command("hearth group reopen", group="Millpond")
    await hearth.owner.command("safety lock", group="Riverside", reason="Let's breathe.")
    assert "**Riverside** is locked right now" in await chooses()
    theirs = await hearth.owner.press(
        await hearth.owner.command("desk", group="Riverside"), "Together"
    )
    theirs = await hearth.owner.press(theirs, "Neighbours")
    assert "Open our door for an evening" not in theirs.buttons

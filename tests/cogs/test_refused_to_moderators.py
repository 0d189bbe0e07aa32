"""What moderators, and owners at their log, are refused: every reason, reached as they would."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from models import LogEntry
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

INVISIBLE = "\u200b"


@dataclass(frozen=True, slots=True)
class Scene:
    """Riverside, where Kim and Lena live, who looks after it; Gus moderates."""

    hearth: Running
    kim: Person
    lena: Person
    gus: Person
    lodge: Channel
    watch: Channel

    async def last(self, where: Channel) -> Message:
        """Return the newest message of a room, once everything owed was sent."""
        await self.hearth.settle()
        return list(where.history)[-1]

    async def barred(self) -> Answer:
        """Let Gus bar Kim from Riverside; return Kim's home, which says so."""
        form = await self.gus.command("safety bar", user=self.kim, group="Riverside")
        await self.gus.fill(form, reason="Threats.")
        home = await self.kim.command("home")
        assert "closed the door of **Riverside** for you" in home.text
        return home


async def found(hearth: Running) -> Scene:
    """The town, set up by commands."""
    owner = hearth.owner
    lodge, watch = [await owner.create_channel(name) for name in ("lodge", "watch")]
    await set_up(hearth, facilitators_room=lodge, moderators_room=watch)
    await group(hearth)
    guards = await owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    gus = await hearth.person("Gus")
    await owner.give_role(gus, guards)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return Scene(hearth, await at_home(hearth, "Kim"), lena, gus, lodge, watch)


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def scene(hearth: Running) -> Scene:
    """The town, set up by commands."""
    return hearth.founded


async def test_nobody_ends_their_own_visit_as_a_moderator(scene: Scene) -> None:
    """It would be written down as a removal; /home ends it, and the visit goes on till then."""
    assert "is open for you" in (await scene.gus.command("visit", group="Riverside")).text
    form = await scene.gus.command("safety end-visit", user=scene.gus)
    refused = await scene.gus.fill(form, reason="")
    assert "That's your own visit. You can end it in /home." in refused.text
    await scene.hearth.settle()
    assert scene.gus.sees(channel(scene.hearth, "🌊-riverside"))


async def test_who_shares_an_unlisted_home_is_told_apart_without_its_name(scene: Scene) -> None:
    """Gus reads that they share one, not which, and chooses who moves out."""
    await scene.hearth.owner.command("hearth type edit", type="Interest", listed=False)
    asked = await scene.gus.command("safety apart", one=scene.kim, other=scene.lena)
    assert "live in the same group. One of them has to move out first" in asked.text
    assert "Riverside" not in asked.text + str(asked.components)


async def test_what_was_lifted_is_not_asked_about(scene: Scene) -> None:
    """An old button in /home, and the form that it opened, say that there is nothing left."""
    home = await scene.barred()
    form = await scene.kim.press(home, "Ask them to look again")
    bars = await scene.gus.command("safety unbar", user=scene.kim)
    assert "✅ Lifted" in (await scene.gus.press(bars, bars.buttons[0])).text
    pressed = await scene.kim.press(home, "Ask them to look again")
    sent = await scene.kim.fill(form, said="It was a joke.")
    for refused in (pressed, sent):
        assert "There is nothing left to ask about" in refused.text
    await scene.hearth.settle()
    assert "Nothing waits" in (await scene.gus.command("safety concerns")).text


async def test_what_was_erased_is_not_put_away(scene: Scene) -> None:
    """A year later the old card in /home has nothing to put away."""
    home = await scene.barred()
    await scene.hearth.advance(timedelta(days=366))
    assert "There is nothing left to ask about" in (await scene.kim.press(home, "All right")).text


async def test_an_empty_word_is_not_sent(scene: Scene) -> None:
    """Neither at once nor by the preview of what was there before; nobody is called for it."""
    form = await scene.kim.command("concern", to="facilitators")
    assert "nothing written yet" in (await scene.kim.fill(form, said=INVISIBLE)).text
    preview = await scene.kim.fill(form, said="Loud.")
    assert "nothing written yet" in (await scene.kim.fill(form, said=INVISIBLE)).text
    before = len(list(scene.lodge.history))
    refused = await scene.kim.press(preview, "Send without my name")
    assert "There is nothing written yet" in refused.text
    await scene.hearth.settle()
    assert len(list(scene.lodge.history)) == before


@pytest.mark.parametrize("whom", ["facilitators", "moderators"])
async def test_a_word_is_taken_on_once(scene: Scene, whom: str) -> None:
    """Who comes second reads so, and the first keeps it."""
    form = await scene.kim.command("concern", to=whom)
    await scene.kim.press(await scene.kim.fill(form, said="Loud."), "Send without my name")
    line = await scene.last(scene.lodge if whom == "facilitators" else scene.watch)
    first = scene.lena if whom == "facilitators" else scene.gus
    second = scene.hearth.owner
    mine, theirs = await first.press(line, "Open"), await second.press(line, "Open")
    assert f"<@{first.id}> looks after this" in (await first.press(mine, "I look after this")).text
    late = await second.press(theirs, "I look after this")
    assert "Somebody has taken that on already" in late.text
    assert f"<@{first.id}> looks after this" in (await second.press(line, "Open")).text


async def test_a_line_of_the_log_that_is_gone(scene: Scene) -> None:
    """After a year it is erased, and its button says to open the log again."""
    owner = scene.hearth.owner
    await owner.command("hearth setup", time_zone="Europe/Lisbon")
    log = await owner.command("hearth log")
    sure = await owner.press(log, "Undo 1")
    shown = await owner.command("hearth log")
    await scene.hearth.advance(timedelta(days=366))
    for refused in (await owner.press(sure, "Undo it"), await owner.press(shown, "Undo 1")):
        assert "That line of the log is no longer there" in refused.text
    assert "Lisbon" in (await owner.command("hearth setup")).text


async def test_what_cannot_be_undone_from_the_log(scene: Scene) -> None:
    """A button that an earlier Hearth put beside such a line names what does the opposite."""
    owner = scene.hearth.owner
    log = await owner.command("hearth log")
    async with scene.hearth.app.database.reading() as session:
        made = select(LogEntry.id).where(LogEntry.action == "group-create")
        entry = await session.scalar(made)
    for verb in ("log-undo", "log-undo-sure"):
        part = {"type": 2, "style": 2, "id": 2, "custom_id": f"{verb}:{entry}", "label": "Undo"}
        assert log.message is not None
        old = log.message
        old.components = [{"type": 1, "id": 1, "components": [part]}]
        refused = await owner.press(old, "Undo")
        assert "can't be undone from here" in refused.text
        log = await owner.command("hearth log")
    assert channel(scene.hearth, "🌊-riverside")

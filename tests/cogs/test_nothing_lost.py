"""Nothing typed is lost: forms that cannot be taken are not opened, or opened again as typed."""

from dataclasses import dataclass

import pytest

from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running


@dataclass(frozen=True, slots=True)
class Scene:
    """Riverside, where Jo and Lena live; Lena looks after it, Gus moderates."""

    hearth: Running
    jo: Person
    lena: Person
    gus: Person
    moderators: Channel

    async def removed(self, reason: str = "", days: str = "30") -> Answer:
        """Let Gus end Jo's home."""
        form = await self.gus.command("safety remove", user=self.jo)
        return await self.gus.fill(form, reason=reason, days=days)

    async def appeal(self) -> Answer:
        """Let Jo ask, and Gus open what was asked."""
        form = await self.jo.press(await self.jo.command("home"), "Ask them to look again")
        await self.jo.fill(form, said="Please.")
        await self.hearth.settle()
        return await self.gus.press(list(self.moderators.history)[-1], "Open")

    async def word(self, said: str, to: str = "moderators") -> Answer:
        """Let Jo write a private word, up to its preview."""
        return await self.jo.fill(await self.jo.command("concern", to=to), said=said, link="")


async def found(hearth: Running) -> Scene:
    """The town, set up by commands."""
    moderators = await hearth.owner.create_channel("watch")
    await set_up(hearth, moderators_room=moderators)
    await group(hearth)
    guards = await hearth.owner.create_role("Guards", permissions=Permission.MODERATE_MEMBERS)
    gus = await hearth.person("Gus")
    await hearth.owner.give_role(gus, guards)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return Scene(hearth, await at_home(hearth, "Jo"), lena, gus, channel(hearth, "watch"))


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def scene(hearth: Running) -> Scene:
    """The town, set up by commands."""
    return hearth.founded


def filled(form: Answer) -> list[str]:
    """Return what stands in a form's fields."""
    inner = [one["component"] for one in form.components]
    return [str(one.get("value") or "") for one in inner]


@pytest.mark.parametrize("days", ["30d", "400"])
async def test_a_time_that_cannot_be_leaves_the_reason(scene: Scene, days: str) -> None:
    """Fix it opens the form as it was typed; taken, it is let go."""
    refused = await scene.removed("Shouting again.", days)
    assert "0 to 365" in refused.text
    form = await scene.gus.press(refused, "Fix it")
    assert filled(form) == ["Shouting again.", days]
    done = await scene.gus.fill(form, reason="Shouting again.", days="3")
    assert "has ended" in done.text
    assert "Shouting again." in (await scene.jo.command("home")).text
    late = await scene.gus.press(refused, "Fix it")
    assert filled(late) == ["", "30"]


async def test_nobody_types_an_appeal_twice(scene: Scene) -> None:
    """An old card's button says that it was asked, before anything is typed."""
    await scene.removed()
    card = await scene.jo.command("home")
    await scene.jo.fill(await scene.jo.press(card, "Ask them to look again"), said="Please.")
    again = await scene.jo.press(card, "Ask them to look again")
    assert again.kind == "message"
    assert "You have asked about that already" in again.text


async def test_nobody_types_an_answer_that_was_given(scene: Scene) -> None:
    """The second moderator reads so before typing; who is no moderator types nothing at all."""
    await scene.removed()
    card = await scene.appeal()
    await scene.gus.fill(await scene.gus.press(card, "It stays"), answer="Not yet.")
    for button in ("It stays", "Let them back"):
        late = await scene.gus.press(card, button)
        assert late.kind == "message"
        assert "answered or settled meanwhile" in late.text


async def test_an_answer_that_cannot_be_given_yet_is_kept(scene: Scene) -> None:
    """While two are kept apart nobody is let back; the words stand in the form the next time."""
    await scene.removed()
    card = await scene.appeal()
    await scene.gus.command("safety apart", one=scene.jo, other=scene.lena)
    form = await scene.gus.press(card, "Let them back")
    refused = await scene.gus.fill(form, answer="Welcome back, truly.")
    assert "can't be let back while" in refused.text
    stays = await scene.gus.press(refused, "It stays")
    assert filled(stays) == ["Welcome back, truly."]
    await scene.gus.fill(stays, answer="Another time.")
    assert "Another time." in (await scene.jo.command("home")).text


async def test_removals_beside_each_other_are_told_apart(scene: Scene) -> None:
    """By numbers; and who is barred everywhere is not sent to other groups."""
    await scene.removed("R" * 300)
    home = await scene.jo.command("home")
    assert "Every other group is as open to you as before" in home.text
    form = await scene.gus.command("safety bar", user=scene.jo, group="all")
    await scene.gus.fill(form, reason="T" * 300)
    home = await scene.jo.command("home")
    assert "Every other group" not in home.text
    for button in ("Ask them to look again (1)", "All right (2)"):
        assert button in home.buttons
    assert "You have no home here yet" in home.text


async def test_each_private_word_can_be_opened(scene: Scene) -> None:
    """Where there are several, /home leads to all of them."""
    for said in ("The first.", "The second."):
        await scene.jo.press(await scene.word(said), "Send without my name")
    words = await scene.jo.press(await scene.jo.command("home"), "My private words")
    assert "2 private words of yours" in words.text
    assert "To the moderators: nobody has taken it on yet" in words.text
    first = next(
        option["value"]
        for row in words.components
        for menu in row["components"]
        for option in menu["options"]
        if option["description"] == "The first."
    )
    shown = await scene.jo.choose(words, first)
    assert "> The first." in shown.text
    stranger = await scene.hearth.person("Kim")
    assert "My private words" not in (await stranger.command("home")).buttons


async def test_who_writes_unnamed_reads_what_is_told(scene: Scene) -> None:
    """Moderators see of which group a word is, so its author is told before it is sent."""
    preview = await scene.word("Something.")
    assert "They also read that it comes from **Riverside**" in preview.text
    await scene.jo.press(preview, "Send without my name")
    await scene.hearth.settle()
    card = await scene.gus.press(list(scene.moderators.history)[-1], "Open")
    assert "From the group **Riverside**" in card.text


@pytest.mark.founded(by=None)
async def test_no_private_word_is_typed_where_hearth_is_not_set_up(hearth: Running) -> None:
    """It is said before, not after."""
    kim = await hearth.person("Kim")
    answer = await kim.command("concern", to="moderators")
    assert answer.kind == "message"
    assert "isn't set up in this server yet" in answer.text


@pytest.mark.parametrize("day", ["32.13.", "tomorrow"])
async def test_a_last_day_that_cannot_be_is_mended(scene: Scene, day: str) -> None:
    """Fix it opens the form with what was typed; once a day is taken, the form shows that."""
    desk = await scene.lena.press(await desk_page(scene.lena, "Room"), "Charter")
    refused = await scene.lena.fill(await scene.lena.press(desk, "Last day"), day=day)
    form = await scene.lena.press(refused, "Fix it")
    assert filled(form) == [day]
    done = await scene.lena.fill(form, day="2026-03-20")
    assert "The last day of **Riverside**" in done.text
    assert filled(await scene.lena.press(desk, "Last day")) == ["2026-03-20"]

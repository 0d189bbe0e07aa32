"""The stories of rooms: one to talk in, one that is locked and opened, one that is left."""

from datetime import UTC, datetime

from trials.chaos.plot import Plot
from trials.chaos.story import DAY, DOWN, LIVE, MINUTE, Story


class Locks(Plot):
    """A group with a voice room is made; its rooms are locked and opened again."""

    name = "lock"

    async def prelude(self, story: Story) -> None:
        """Add a type whose groups have voice rooms; somebody wants to live in one."""
        await super().prelude(story)
        await story.calls(story.owner, "hearth type add", name="Choir", cap=24, voice=True)
        await story.comes("Kim")

    async def act(self, story: Story) -> None:
        """Made, moved into, locked, opened."""
        end, kim = story.now + 12 * DOWN, story.cast["Kim"]
        await story.founds("Riverside", "Choir")
        await story.passes(3 * DOWN)
        await story.calls(kim, "join", group="Riverside")
        await story.passes(MINUTE)
        locked = await story.calls(
            story.owner, "safety lock", group="Riverside", reason="Let's breathe."
        )
        await story.passes(3 * DOWN)
        room = story.room("Riverside")
        assert kim.sees(room)
        assert not kim.can_send(room)
        await story.presses(story.owner, locked, "safety-unlock")
        await story.passes(MINUTE)
        await story.passes(end)
        assert kim.can_send(room)
        assert story.ask("SELECT voice_id IS NOT NULL FROM groups") == [(1,)]


class Merges(Plot):
    """A group of three moves in with one of six; the room that is left is only read."""

    name = "merge"
    groups = (
        ("Millpond", ("Omar", "Pia", "Quin")),
        ("Riverside", ("Lena", "Mel", "Nick", "Olga", "Pete", "Ruth")),
    )

    async def prelude(self, story: Story) -> None:
        """Two groups with facilitators; the owner has asked both, and Omar has said yes."""
        await super().prelude(story)
        await story.calls(story.owner, "hearth type add", name="Small", cap=20, split_delay_days=1)
        for name, people in self.groups:
            await story.founds(name, "Small")
            (first, *_) = await story.lives_in(name, *people)
            await story.looks_after(first, name)
            await story.owner.set_overwrite(
                story.server.channel("facilitators"), first, allow=int(LIVE)
            )
        await story.bot.settle()
        card = await story.calls(
            story.owner, "hearth group merge", group="Riverside", other="Millpond"
        )
        await story.presses(story.owner, card, "merge-bring")
        await self._agrees(story, "Omar")

    async def _agrees(self, story: Story, name: str) -> None:
        person = story.cast[name]
        office = story.server.channel("facilitators")
        lines = [one for one in office.history if person.mention in one.content]
        card = await story.presses(person, lines[-1], "merge-open")
        await story.presses(person, card, "merge-yes")

    async def act(self, story: Story) -> None:
        """Lena says yes, too; everybody is told, and at the time the two are one."""
        end = story.now + 3 * DAY
        await self._agrees(story, "Lena")
        await story.passes(MINUTE)
        (runs,) = story.ask("SELECT runs_at FROM merge")[0]
        await story.passes(datetime.fromisoformat(runs).replace(tzinfo=UTC))
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)
        assert story.ask("SELECT state FROM merge") == [("done",)]
        assert not story.cast["Omar"].can_send(story.room("Millpond"))

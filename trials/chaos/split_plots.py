"""The stories of a group that becomes two, and of two that become one again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sandbox.people import Person
from trials.chaos.plot import CIRCLE, Plot
from trials.chaos.story import DAY, DOWN, MINUTE, Story


class Splits(Plot):
    """Two circles of six live in one group; they are told, one chooses, and they part."""

    name = "split"

    async def prelude(self, story: Story) -> None:
        """Fill a group of twelve with two circles that talk among themselves."""
        await super().prelude(story)
        await story.calls(story.owner, "hearth type add", name="Full", cap=12, split_delay_days=1)
        await story.founds("Riverside", "Full")
        people = await story.lives_in("Riverside", *CIRCLE)
        await story.bot.settle()
        await self._talk(story, people[::2])
        await self._talk(story, people[1::2])
        await story.bot.settle()
        await story.passes(MINUTE)

    async def _talk(self, story: Story, circle: Sequence[Person]) -> None:
        """Let everyone in a circle answer everyone."""
        for one in circle:
            message = await one.write(story.room("Riverside"), "Who comes along?")
            for other in circle:
                if other is not one:
                    await other.write(story.room("Riverside"), "I do.", reply_to=message)

    async def act(self, story: Story) -> None:
        """From the plan to the parting, and on until both halves stand."""
        end = story.now + 3 * DAY
        await story.passes(timedelta(hours=1))
        await story.presses(story.owner, story.posted("split-tell"), "split-tell")
        ada = story.cast["Ada"]
        await story.presses(ada, story.posted("split-where"), "split-where")
        (parting,) = story.ask("SELECT runs_at FROM split")[0]
        await story.passes(datetime.fromisoformat(parting).replace(tzinfo=UTC))
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)
        assert story.ask("SELECT state FROM split") == [("done",)]


class Reunites(Splits):
    """The two that came out of a split become one again, by an owner's word at the desk."""

    name = "reunite"

    async def prelude(self, story: Story) -> None:
        """Let the split be over, and somebody have moved into the new group since."""
        await super().prelude(story)
        await Splits.act(self, story)
        (name,) = story.ask("SELECT name FROM groups WHERE name <> 'Riverside'")[0]
        await story.lives_in(name, "Nora")
        await story.bot.settle()

    async def act(self, story: Story) -> None:
        """From the desk to the old room, where everybody has their key again."""
        end = story.now + 12 * DOWN
        desk = await story.calls(story.owner, "desk", group="Riverside")
        (group_id,) = story.ask("SELECT id FROM groups WHERE name = 'Riverside'")[0]
        page = await story.presses(story.owner, desk, f"desk-page:{group_id}:growth")
        card = await story.presses(story.owner, page, "reunite-look")
        await story.presses(story.owner, card, "reunite-do")
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)
        assert story.ask("SELECT state, undone_at IS NULL FROM split") == [("done", 0)]
        homes = story.ask("SELECT homes FROM groups ORDER BY homes")
        assert homes == [(1,), (12,)], homes

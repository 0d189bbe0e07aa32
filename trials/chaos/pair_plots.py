"""The story of pairs: threads that only their people see, each opened exactly once."""

from datetime import datetime

from demo.noticeboard import verbs
from trials.chaos.plot import Plot
from trials.chaos.story import DOWN, MINUTE, Story

GROUPS = {"Riverside": ("Ada", "Ben"), "Millpond": ("Cleo", "Dan")}


class Pairs(Plot):
    """In two groups a pair is due at the same minute; one of each says that they met."""

    name = "pairs"

    async def prelude(self, story: Story) -> None:
        """Each group is looked after by one of its two, who begins pairs; both would like to."""
        await super().prelude(story)
        for name, people in GROUPS.items():
            await story.founds(name)
            (first, second) = await story.lives_in(name, *people)
            await story.looks_after(first, name)
            ((group_id,),) = story.ask(f"SELECT id FROM groups WHERE name = '{name}'")  # noqa: S608 - our own names
            desk = await story.calls(first, "desk", group=name)
            page = await story.presses(first, desk, f"desk-page:{group_id}:together")
            card = await story.presses(first, page, "pair-desk")
            shown = await first.choose(card, "weekly", custom_id=f"pair-often:{group_id}")
            form = await story.presses(first, shown, "pair-when")
            await first.fill(form, when="weekly monday 15:00")
            await story.bot.settle()
            (post,) = [m for m in story.room(name).history if "pair-join" in verbs(m)]
            for person in (first, second):
                await story.presses(person, post, "pair-join")
        await story.bot.settle()
        await story.passes(self._due(story) - MINUTE)

    def _due(self, story: Story) -> datetime:
        return story.began.replace(hour=15)

    async def act(self, story: Story) -> None:
        """Three o'clock comes; each pair finds its thread, and nobody else does."""
        due = self._due(story)
        await story.passes(due)
        await story.passes(MINUTE)
        await story.passes(due + 3 * DOWN)
        assert story.ask("SELECT count(*), count(DISTINCT thread_id) FROM pair") == [(2, 2)]
        for one, other in GROUPS.values():
            here, there = story.cast[one], story.cast[other]
            (thread,) = here.threads
            assert there.threads == [thread]
            (said,) = [m for m in thread.history if "pair-met" in verbs(m)]
            await story.presses(here, said, "pair-met")
        await story.passes(due + 6 * DOWN)

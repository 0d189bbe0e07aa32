"""The stories of people, groups and messages; all stories there are."""

from collections.abc import Mapping
from datetime import datetime

from demo.noticeboard import verbs
from trials.chaos.guest_plots import Guests
from trials.chaos.house_plots import Adopts, Panel, Setup
from trials.chaos.pair_plots import Pairs
from trials.chaos.plot import CIRCLE, Plot
from trials.chaos.room_plots import Locks, Merges
from trials.chaos.split_plots import Reunites, Splits
from trials.chaos.story import DAY, DOWN, LIVE, MINUTE, Story


class Join(Plot):
    """Somebody moves into a group with a role, somebody else into one without."""

    name = "join"

    async def prelude(self, story: Story) -> None:
        """Two groups, one with twelve people."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.founds("Owls", "Den")
        await story.lives_in("Riverside", *CIRCLE)
        await story.comes("Kim", "Leo")

    async def act(self, story: Story) -> None:
        """Both call /join."""
        end = story.now + 3 * DOWN
        await story.calls(story.cast["Kim"], "join", group="Riverside")
        await story.calls(story.cast["Leo"], "join", group="Owls")
        await story.passes(MINUTE)
        await story.passes(end)


class Crowd(Plot):
    """Twelve people move in at the same moment, seven into a group with a role."""

    name = "crowd"

    async def prelude(self, story: Story) -> None:
        """Two empty groups."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.founds("Owls", "Den")
        await story.comes(*CIRCLE)

    async def act(self, story: Story) -> None:
        """All call /join at once."""
        end = story.now + 3 * DOWN
        await story.all_at_once(
            (story.cast[name], "join", {"group": "Riverside" if n < 7 else "Owls"})
            for n, name in enumerate(CIRCLE)
        )
        await story.passes(MINUTE)
        await story.passes(end)


class Move(Plot):
    """Somebody moves from one home to another, and visits the old one for a while."""

    name = "move"

    async def prelude(self, story: Story) -> None:
        """Two groups; twelve people live in one."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.founds("Millpond")
        await story.lives_in("Riverside", *CIRCLE)

    async def act(self, story: Story) -> None:
        """Kay is shown what ends and what stays, and goes; a month later the old door closes."""
        kay, end = story.cast["Kay"], story.now + 32 * DAY
        shown = await story.calls(kay, "join", group="Millpond")
        await story.presses(kay, shown, "move-go")
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)


class Visit(Plot):
    """Somebody visits a group; after two weeks the door closes."""

    name = "visit"

    async def prelude(self, story: Story) -> None:
        """Found a group of twelve; somebody else is outside."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.lives_in("Riverside", *CIRCLE)
        await story.comes("Kim")

    async def act(self, story: Story) -> None:
        """Kim calls /visit."""
        end = story.now + 15 * DAY
        await story.calls(story.cast["Kim"], "visit", group="Riverside")
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)


class Leave(Plot):
    """Two people leave their homes, one with a role and one without; their seats end later."""

    name = "leave"

    async def prelude(self, story: Story) -> None:
        """Two groups with people."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.founds("Owls", "Den")
        await story.lives_in("Riverside", *CIRCLE[:9])
        await story.lives_in("Owls", *CIRCLE[9:])

    async def act(self, story: Story) -> None:
        """They call /leave and confirm; two days later their seats are free."""
        end = story.now + 3 * DAY
        for name in ("Ada", "Lena"):
            person = story.cast[name]
            shown = await story.calls(person, "leave")
            await story.presses(person, shown, "leave-go")
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        await story.passes(end)


class Create(Plot):
    """The owner makes the server's first two groups: a category, two rooms, a role."""

    name = "create"

    async def act(self, story: Story) -> None:
        """Twice /hearth group create."""
        end = story.now + 3 * DOWN
        await story.founds("Riverside")
        await story.founds("Owls", "Den")
        await story.passes(MINUTE)
        await story.passes(end)


class Rest(Plot):
    """The owner lets a group rest, and opens it again."""

    name = "rest"

    async def prelude(self, story: Story) -> None:
        """Found a group of twelve; somebody else wants to join."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.lives_in("Riverside", *CIRCLE)
        await story.comes("Kim")

    async def act(self, story: Story) -> None:
        """Let the group rest: Kim is not let in. Open it again: Kim is."""
        end = story.now + 6 * DOWN
        kim = story.cast["Kim"]
        await story.calls(story.owner, "hearth group rest", group="Riverside")
        await story.calls(kim, "join", group="Riverside")
        assert story.ask("SELECT state FROM groups") == [("resting",)]
        assert not kim.sees(story.room("Riverside"))
        await story.passes(MINUTE)
        await story.calls(story.owner, "hearth group reopen", group="Riverside")
        await story.calls(kim, "join", group="Riverside")
        await story.passes(MINUTE)
        await story.passes(end)


class Ritual(Plot):
    """Rituals are due in four groups at the same minute, each with a thread of its own."""

    name = "ritual"
    groups = ("Riverside", "Millpond", "Orchard", "Lighthouse")

    async def prelude(self, story: Story) -> None:
        """In each group the owner sets up a ritual on its desk and presses Start."""
        await super().prelude(story)
        for name in self.groups:
            await story.founds(name)
            await story.bot.settle()
            desk = await story.calls(story.owner, "desk", group=name)
            shelf = await story.presses(story.owner, desk, "rituals-list")
            kinds = await story.presses(story.owner, shelf, "ritual-add")
            form = await story.owner.choose(kinds, "check_in")
            one = await story.owner.fill(
                form, title="Three o'clock", when="weekly monday 15:00", prompts="How are you?"
            )
            await story.presses(story.owner, one, "ritual-start")
        await story.lives_in("Riverside", *CIRCLE)
        await story.bot.settle()
        await story.passes(self._due(story) - MINUTE)

    def _due(self, story: Story) -> datetime:
        return story.began.replace(hour=15)

    async def act(self, story: Story) -> None:
        """Three o'clock comes; somebody answers, a press away."""
        due = self._due(story)
        await story.passes(due)
        await story.passes(MINUTE)
        await story.passes(due + 3 * DOWN)
        posted = "SELECT state, thread_id = message_id FROM occurrence"
        assert story.ask(posted) == [("posted", 1)] * len(self.groups)
        ben = story.cast["Ben"]
        await story.through(lambda: ben.write(story.room("Riverside"), "Fine, thank you."))
        (message,) = [m for m in story.room("Riverside").history if "ritual-in" in verbs(m)]
        await story.presses(story.cast["Ada"], message, "ritual-in")
        await story.passes(due + 6 * DOWN)


class Letter(Plot):
    """Two facilitators get their letters, one in their room and one by DM."""

    name = "letter"

    async def prelude(self, story: Story) -> None:
        """Eleven people write for two weeks, one of them stops after the first."""
        await super().prelude(story)
        await story.founds("Riverside")
        people = await story.lives_in("Riverside", *CIRCLE)
        for name in ("Ada", "Ben"):
            await story.looks_after(story.cast[name], "Riverside")
            await story.owner.set_overwrite(
                story.server.channel("facilitators"), story.cast[name], allow=int(LIVE)
            )
        desk = await story.calls(story.cast["Ben"], "desk", group="Riverside")
        page = await story.cast["Ben"].press(desk, "People")
        menu = next(one for one in page.selects if one.startswith("desk-letters"))
        await story.cast["Ben"].choose(page, "dm", custom_id=menu)
        room = story.room("Riverside")
        for day in range(14):
            for person in people:
                if day < 6 or person is not story.cast["Kay"]:
                    await person.write(room, "Here.")
            await story.passes(DAY)
        assert not story.ask("SELECT * FROM letter"), "a letter was written before the act"

    async def act(self, story: Story) -> None:
        """Let the day come on which Kay has been quiet for too long."""
        await story.passes(DAY)
        await story.passes(3 * DOWN)
        ada = story.cast["Ada"]
        opened = await story.presses(ada, story.posted("letter-open"), "letter-open")
        await story.presses(ada, opened, "quiet-reached")
        (dm,) = story.cast["Ben"].dms
        await story.presses(story.cast["Ben"], dm, "quiet-later")
        await story.passes(2 * DAY)


PLOTS: Mapping[str, Plot] = {
    plot.name: plot
    for plot in (
        Join(),
        Crowd(),
        Move(),
        Visit(),
        Leave(),
        Create(),
        Rest(),
        Splits(),
        Reunites(),
        Ritual(),
        Letter(),
        Setup(),
        Panel(),
        Adopts(),
        Locks(),
        Merges(),
        Guests(),
        Pairs(),
    )
}

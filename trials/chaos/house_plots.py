"""The stories of a whole server: the guided setup, the panel, adoption and giving back."""

from sandbox.permissions import Permission
from sandbox.state import Overwrite, OverwriteType
from trials.chaos.plot import Plot
from trials.chaos.story import DAY, DOWN, LIVE, MINUTE, Story

WORDS = {
    "purpose": "Evening runs around the lake, slow ones too.",
    "for_whom": "Whoever runs for joy, at any pace",
    "unites": "We would rather talk than race",
    "norms": "Nobody is left behind\nSay hello first\nNo talk of times",
}
"""A charter that can stand."""
BACK = "Back to the groups"


class Setup(Plot):
    """A new owner goes through the guided setup and presses once: three rooms, two groups."""

    name = "setup"
    # What takes long is told to the owners when it is done: they look no more.
    told_late = ("🔥 Setup is done.", "🔥 **Riverside** has", "🔥 **Nook** has")

    async def prelude(self, story: Story) -> None:
        """Go through the screens up to the sum; nothing is made yet."""
        owner = story.owner
        mods = await owner.create_role("Mods", permissions=Permission.KICK_MEMBERS)
        (mo,) = await story.comes("Mo")
        await owner.give_role(mo, mods)
        card = await owner.command("hearth setup")
        while "Make the rest for me" not in card.buttons:
            card = await owner.press(card, "Next")
        card = await owner.press(card, "Make the rest for me")
        while not any(one.startswith("setup-plan") for one in card.selects):
            card = await owner.press(card, "Next")
        for name in ("🌊 Riverside", "📚 Nook"):
            form = await owner.choose(card, "interest", custom_id="setup-plan")
            plan = await owner.fill(form, name=name, **WORDS)
            card = await owner.press(await owner.press(plan, "I'll look after it"), BACK)
        self.sum = await owner.press(card, "Next")

    async def act(self, story: Story) -> None:
        """One press, and all is made; somebody moves in."""
        end = story.now + 6 * DOWN
        await story.presses(story.owner, self.sum, "setup-begin")
        await story.passes(MINUTE)
        await story.passes(3 * DOWN)
        assert story.ask("SELECT DISTINCT state FROM undertaking") == [("done",)]
        await story.passes(end)


class Panel(Plot):
    """The panel is posted, posted again by its owner, and posted anew when it is stale."""

    name = "panel"

    async def prelude(self, story: Story) -> None:
        """Found a group; somebody else talks in the commons."""
        await super().prelude(story)
        await story.founds("Riverside")
        await story.comes("Kim")

    async def act(self, story: Story) -> None:
        """Twice /hearth panel; then a second group, much talk, and two days."""
        end = story.now + 2 * DAY + 6 * DOWN
        await story.calls(story.owner, "hearth panel")
        await story.passes(3 * DOWN)
        await story.calls(story.owner, "hearth panel")
        await story.passes(MINUTE)
        await story.founds("Millpond")
        await story.passes(3 * DOWN)
        commons, kim = story.server.channel("general"), story.cast["Kim"]
        for number in range(16):
            await story.through(lambda said=f"Line {number}": kim.write(commons, said))
        await story.passes(end)
        await story.passes(end + MINUTE)
        found = story.ask("SELECT state, groups FROM panel")
        assert found == [("stands", 2)]


class Adopts(Plot):
    """A role and a room from before become a group; somebody visits; they are given back."""

    name = "adopt"

    async def prelude(self, story: Story) -> None:
        """Make an old room for an old role that three people have."""
        await super().prelude(story)
        people = await story.comes("Kim", "Lou", "Mia", "Vera")
        role = await story.owner.create_role("Runners", color=0x123456)
        doors = [
            Overwrite(story.server.id, OverwriteType.ROLE, 0, int(Permission.VIEW_CHANNEL)),
            Overwrite(role.id, OverwriteType.ROLE, int(LIVE)),
            Overwrite(story.sandbox.bot_id, OverwriteType.MEMBER, int(LIVE)),
        ]
        self.room = await story.owner.create_channel("old-runners", overwrites=doors)
        self.role = role
        for person in people[:3]:
            await story.owner.give_role(person, role)

    async def act(self, story: Story) -> None:
        """Look at the dry run, adopt, rename, let somebody visit; then undo it from the log."""
        end, owner = story.now + 12 * DOWN, story.owner
        shown = await story.calls(
            owner, "hearth group adopt", type="Table", room=self.room, role=self.role
        )
        await story.presses(owner, shown, "adopt-go")
        await story.passes(MINUTE)
        await story.calls(story.cast["Vera"], "visit", group="Runners")
        await story.calls(owner, "hearth group edit", group="Runners", name="Joggers")
        await story.passes(3 * DOWN)
        assert story.ask("SELECT name FROM groups") == [("Joggers",)]
        log = await story.calls(owner, "hearth log")
        ((act,),) = story.ask("SELECT id FROM log_entry WHERE action = 'group-adopt'")
        asked = await story.presses(owner, log, f"log-undo:{act}")
        await story.presses(owner, asked, "log-undo-sure")
        await story.passes(MINUTE)
        await story.passes(end)
        assert story.ask("SELECT given_back_at IS NOT NULL FROM adoption") == [(1,)]

"""The story of a guest evening: a door that opens and closes, each exactly once."""

from collections import Counter
from datetime import UTC, datetime

from sandbox.people import Person
from sandbox.state import AuditAction
from trials.chaos.plot import Plot
from trials.chaos.story import DOWN, LIVE, MINUTE, Story


class Guests(Plot):
    """Riverside has Millpond over; the bot may die while the door opens and while it closes."""

    name = "guests"

    async def prelude(self, story: Story) -> None:
        """Two groups, each looked after: Lena has asked, Omar agreed, and both rooms know."""
        await super().prelude(story)
        for name, people in (("Riverside", ("Lena", "Mel")), ("Millpond", ("Omar", "Pia"))):
            await story.founds(name)
            (first, *_) = await story.lives_in(name, *people)
            await story.looks_after(first, name)
            await story.owner.set_overwrite(
                story.server.channel("facilitators"), first, allow=int(LIVE)
            )
        lena, omar = story.cast["Lena"], story.cast["Omar"]
        desk = await story.calls(lena, "desk", group="Riverside")
        (here,), (there,) = (
            story.ask(f"SELECT id FROM groups WHERE name = '{name}'")[0]  # noqa: S608 - our own names
            for name in ("Riverside", "Millpond")
        )
        page = await story.presses(lena, desk, f"desk-page:{here}:together")
        whom = await story.presses(lena, await story.presses(lena, page, "guest-desk"), "guest-ask")
        form = await lena.choose(whom, str(there))
        await lena.fill(form, **{"day": "today", "from": "15:00", "to": "18:00", "zone": ""})
        await story.bot.settle()
        front = await story.calls(omar, "desk", group="Millpond")
        await story.presses(omar, await story.presses(omar, front, "guest-open"), "guest-yes")

    async def act(self, story: Story) -> None:
        """From before the door opens until after it has closed, three hours later."""
        room, pia = story.room("Riverside"), story.cast["Pia"]
        await story.passes(datetime(2026, 3, 2, 15, 0, tzinfo=UTC) + MINUTE)
        assert pia.sees(room)
        await story.passes(2 * DOWN)
        await story.passes(datetime(2026, 3, 2, 18, 0, tzinfo=UTC) + MINUTE)
        await story.passes(3 * DOWN)
        assert not pia.sees(room)
        assert story.ask("SELECT ending FROM guest_evening") == [("over",)]
        assert story.ask("SELECT count(*) FROM door") == [(0,)]
        _once(story, pia)


def _once(story: Story, guest: Person) -> None:
    """One entry in and one out: nobody let the guests in twice, or showed them out twice."""
    roles = {role.id for role in guest.roles}
    acts = Counter(
        entry.action
        for entry in story.server.audit_log
        if entry.target_id == story.room("Riverside").id
        and int(entry.options.get("id", 0)) in roles
    )
    assert acts == {AuditAction.OVERWRITE_CREATE: 1, AuditAction.OVERWRITE_DELETE: 1}, acts

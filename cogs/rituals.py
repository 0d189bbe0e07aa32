"""Rituals: what their hosts do on the desk, and what everyone presses in the room."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    pressed,
)
from bot.rules import ritual_cards, ritual_messages
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.services import hosting, ritual_choices, ritual_making, rituals
from bot.services.groups import of_server


class Rituals(commands.Cog):
    """The rituals' buttons and menus."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- in the room ----------------------------------------------------------------------------

    @pressed("ritual-in")
    async def im_in(self, interaction: Interaction, occurrence_id: str) -> None:
        """Count someone in."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            done = await ritual_choices.join(
                session,
                server_id=actor(interaction).server_id,
                occurrence_id=int(occurrence_id),
                user_id=interaction.user.id,
            )
        if not done.news:
            key = "rituals.in_already"
        elif done.part == "presence":
            key = "rituals.youre_in_quietly"
        else:
            key = "rituals.youre_in"
            if _is_there(interaction, done.thread_id):
                key = "rituals.youre_in_thread"
        await answer(interaction, say(key))

    @pressed("ritual-skip")
    async def skip(self, interaction: Interaction, occurrence_id: str) -> None:
        """Let someone take this one off."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            done = await ritual_choices.skip(
                session,
                server_id=actor(interaction).server_id,
                occurrence_id=int(occurrence_id),
                user_id=interaction.user.id,
            )
        key = "rituals.skipped" if done.news else "rituals.skipped_already"
        await answer(interaction, say(key, title=safe(done.title)))

    @pressed("ritual-remind")
    async def remind(self, interaction: Interaction, ritual_id: str, *_which: str) -> None:
        """Turn the mention on or off for who presses."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            title, on = await rituals.remind(
                session,
                server_id=actor(interaction).server_id,
                ritual_id=int(ritual_id),
                user_id=interaction.user.id,
            )
        key = "rituals.reminding" if on else "rituals.not_reminding"
        await answer(interaction, say(key, title=safe(title)))

    @pressed("ritual-unanswered")
    async def unanswered(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Show which ritual nobody answered, with the question what shall become of it."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            one = await hosting.one(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        shown = (
            ritual_cards.one(one)
            if one.state == "running"
            else ritual_messages.unanswered(one.id, one.title)
        )
        await answer(interaction, shown)

    @pressed("ritual-keep")
    async def keep(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Let a ritual go on that rested because nobody answered."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            one = await hosting.start(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        at = int(one.coming[0].timestamp())
        await answer(interaction, say("rituals.kept", title=safe(one.title), at=at))

    @pressed("ritual-rest")
    async def let_rest(self, interaction: Interaction, ritual_id: str, _at: str = "") -> None:
        """Let it rest."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            one = await hosting.pause(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, say("rituals.rests", title=safe(one.title)))

    # --- on the desk ----------------------------------------------------------------------------

    @pressed("rituals-list")
    async def listed(self, interaction: Interaction, group_id: str) -> None:
        """Show a group's rituals."""
        await answer(interaction, await self._list(interaction, int(group_id)), replace=True)

    @pressed("ritual-pick")
    async def pick(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the ritual that was picked."""
        await self._show(interaction, int(values[0]))

    @pressed("ritual-show")
    async def show(self, interaction: Interaction, ritual_id: str) -> None:
        """Show one ritual."""
        await self._show(interaction, int(ritual_id))

    @pressed("ritual-usual")
    async def usual(self, interaction: Interaction, group_id: str) -> None:
        """Set up what groups of this type usually do."""
        async with self.bot.database.writing() as session:
            added = await hosting.set_up_usual(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        line = Line("rituals.usual_added", {"n": added}) if added else Line("rituals.usual_nothing")
        shown = await self._list(interaction, int(group_id))
        told = Message((line, *shown.lines), shown.buttons, shown.menus)
        await answer(interaction, told, replace=True)

    @pressed("ritual-start")
    async def start(self, interaction: Interaction, ritual_id: str) -> None:
        """Start a ritual; who presses is its host."""
        async with self.bot.database.writing() as session:
            one = await hosting.start(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.one(one), replace=True)

    @pressed("ritual-pause")
    async def pause(self, interaction: Interaction, ritual_id: str) -> None:
        """Pause a ritual."""
        async with self.bot.database.writing() as session:
            one = await hosting.pause(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.one(one), replace=True)

    @pressed("ritual-remove")
    async def remove(self, interaction: Interaction, ritual_id: str) -> None:
        """Ask once whether a ritual shall go."""
        async with self.bot.database.reading() as session:
            one = await hosting.one(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_cards.sure(one), replace=True)

    @pressed("ritual-remove-yes")
    async def removed(self, interaction: Interaction, ritual_id: str) -> None:
        """Remove a ritual."""
        async with self.bot.database.writing() as session:
            group_id, title = await ritual_making.remove(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        shown = await self._list(interaction, group_id)
        line = Line("rituals.removed", {"title": safe(title)})
        told = Message((line, *shown.lines), shown.buttons, shown.menus)
        await answer(interaction, told, replace=True)

    async def _list(self, interaction: Interaction, group_id: int) -> Message:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            found = await hosting.of_group(session, who, group_id, self.bot.clock.now())
            group = await of_server(session, who.server_id, group_id)
            usual_left = await hosting.usual_left(session, group_id)
        return ritual_cards.of_group(group_id, group.name, found, usual_left=usual_left)

    async def _show(self, interaction: Interaction, ritual_id: int) -> None:
        async with self.bot.database.reading() as session:
            one = await hosting.one(session, actor(interaction), ritual_id, self.bot.clock.now())
        await answer(interaction, ritual_cards.one(one), replace=True)


def _is_there(interaction: Interaction, thread_id: int | None) -> bool:
    """Return whether a thread is open: somebody may have deleted it, or it went to sleep."""
    if interaction.guild is None or thread_id is None:
        return False
    return interaction.guild.get_thread(thread_id) is not None


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Rituals(bot))

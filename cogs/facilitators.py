"""Questions for one person: look after a group? come and visit? Asked behind a button."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import Interaction, actor, answer, defer, defer_in_place, pressed
from bot.errors import UserError
from bot.rules import facilitation
from bot.rules.message import Line, Message, say
from bot.rules.naming import safe
from bot.services import facilitators, inviting, long_absent, rights, succession, volunteers
from bot.services.groups import of_server


class Facilitators(commands.Cog):
    """Answers the buttons of neutral lines, for the person whom each is for."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("question-open")
    async def question(self, interaction: Interaction, user_id: str, _asked_at: str = "") -> None:
        """Show the questions that wait for the person who presses."""
        await defer(interaction)
        await answer(interaction, await self._waiting(interaction, int(user_id)))

    @pressed("office-accept")
    async def accept(self, interaction: Interaction, group_id: str) -> None:
        """Take the office; the question with its two buttons goes, for it is answered."""
        await defer_in_place(interaction)
        who, settings = actor(interaction), self.bot.settings
        async with self.bot.database.writing() as session:
            began = await facilitators.accept(
                session,
                server_id=who.server_id,
                group_id=int(group_id),
                user_id=who.user_id,
                now=self.bot.clock.now(),
            )
            load = await facilitators.load(session, who.server_id, who.user_id)
        much = facilitation.too_much(
            load, most_groups=settings.most_cared_groups, most_homes=settings.most_cared_homes
        )
        await answer(
            interaction,
            facilitation.accepted(
                began.group_id,
                began.group,
                lives_there=began.lives_there,
                opened=began.opened,
                counted=began.counted,
                much=load if much else None,
            ),
        )

    @pressed("office-decline")
    async def decline(self, interaction: Interaction, group_id: str) -> None:
        """Say no, without a trace."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await facilitators.decline(
                session, server_id=who.server_id, group_id=int(group_id), user_id=who.user_id
            )
        await answer(interaction, say("facilitators.declined"))

    @pressed("office-look")
    async def look(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show the owners who looks after a group now."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await rights.require_owner(session, who)
            group = await of_server(session, who.server_id, int(group_id))
            people = await facilitators.active(session, group.id)
            could = await volunteers.desk_part(
                session, who, group, self.bot.clock.now(), self.bot.settings
            )
        shown = " ".join(f"<@{user}>" for user in people)
        key = "facilitators.looked" if people else "facilitators.looked_nobody"
        lines = [Line(key, {"group": safe(group.name), "people": shown})]
        lines += [line for part in could for line in part.lines]
        buttons = tuple(button for part in could for button in part.buttons)
        await answer(interaction, Message(tuple(lines), buttons))

    @pressed("invitation-open")
    async def invitation(
        self, interaction: Interaction, group_id: str, user_id: str, _at: str = ""
    ) -> None:
        """Show an invitation to the one it is for."""
        await defer(interaction)
        who = actor(interaction)
        if who.user_id != int(user_id):
            raise UserError("facilitators.not_yours", user=int(user_id))
        async with self.bot.database.reading() as session:
            shown = await inviting.shown(session, who, int(group_id))
        await answer(interaction, shown)

    # --- a group that looks for somebody --------------------------------------------------------

    @pressed("care-would")
    async def would(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show what it means, to the one who pressed."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await succession.would(session, actor(interaction), group_id=int(group_id))
        await answer(interaction, shown)

    @pressed("care-offer")
    async def offer(self, interaction: Interaction, group_id: str) -> None:
        """Take in that somebody would look after their group."""
        await defer_in_place(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            begun = await succession.offer(
                session, who, group_id=int(group_id), now=self.bot.clock.now()
            )
            group = await of_server(session, who.server_id, int(group_id))
        key = "facilitators.offered_and_taken" if begun else "facilitators.offered_now"
        await answer(interaction, say(key, group=safe(group.name)))

    @pressed("care-withdraw")
    async def withdraw(self, interaction: Interaction, group_id: str) -> None:
        """Take it back, or never have said it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await succession.withdraw(session, actor(interaction), group_id=int(group_id))
        await answer(interaction, say("facilitators.withdrawn"))

    @pressed("care-offers")
    async def offers(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show who would, to those who say yes to it."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await succession.offers(session, actor(interaction), int(group_id))
        await answer(interaction, shown)

    @pressed("care-confirm")
    async def confirm(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Say yes to somebody; the group reads who it is."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            taken = await succession.confirm(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        line = say("facilitators.confirmed", user=taken.user_id, group=safe(taken.group))
        await answer(interaction, line)

    @pressed("care-pass")
    async def pass_over(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Leave an offer be, without a trace."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await succession.pass_over(
                session, actor(interaction), group_id=int(group_id), user_id=int(user_id)
            )
        await answer(interaction, say("facilitators.passed"))

    @pressed("care-ask")
    async def ask_group(self, interaction: Interaction, group_id: str) -> None:
        """Ask the group who would look after it, or help to."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            group = await succession.ask_group(
                session, actor(interaction), group_id=int(group_id), now=self.bot.clock.now()
            )
        await answer(interaction, say("facilitators.asked_group", group=safe(group)))

    # --- somebody who has been gone for long ----------------------------------------------------

    @pressed("absent-open")
    async def absent(
        self, interaction: Interaction, group_id: str, user_id: str, _at: str = ""
    ) -> None:
        """Show the question about one facilitator, to who helps them or owns the server."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            shown = await long_absent.card(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, shown)

    @pressed("absent-fine")
    async def absent_fine(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Leave it as it is."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await long_absent.settle(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("facilitators.absent_settled"))

    @pressed("absent-owners")
    async def absent_owners(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """Hand the question to the owners."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await long_absent.hand_to_owners(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("facilitators.absent_handed"))

    @pressed("absent-end")
    async def absent_end(self, interaction: Interaction, group_id: str, user_id: str) -> None:
        """End the office of somebody who has been gone for long."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            alone = await long_absent.end(
                session,
                actor(interaction),
                group_id=int(group_id),
                user_id=int(user_id),
                now=self.bot.clock.now(),
            )
        key = "facilitators.absent_ended_alone" if alone else "facilitators.absent_ended"
        await answer(interaction, say(key, user=int(user_id)))

    async def _waiting(self, interaction: Interaction, user_id: int) -> Message:
        who = actor(interaction)
        if who.user_id != user_id:
            raise UserError("facilitators.not_yours", user=user_id)
        async with self.bot.database.reading() as session:
            waiting = await facilitators.pending(session, who.server_id, who.user_id)
            if not waiting:
                return say("facilitators.nothing_waits")
            # The oldest; the next shows when this one is answered and the button pressed again.
            oldest = min(waiting, key=lambda one: one.since)
            group = await of_server(session, who.server_id, oldest.group_id)
            here = await facilitators.lives_in(session, group, who.user_id)
        return facilitation.question(oldest.group_id, oldest.group, lives_there=here)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Facilitators(bot))

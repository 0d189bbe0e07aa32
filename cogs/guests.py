"""Guest evenings: one group opens its door to another, and the desk's card of neighbours."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import NotAllowed, UserError
from bot.gateway.payloads import Field, form
from bot.rules import guest_evenings as rules
from bot.rules.message import Button, Line, Message
from bot.services import drafts, guest_desk, guest_evenings, islands

LONG_DAY, LONG_TIME, LONG_CITY = 40, 20, 60  # more than may be: answered, not cut off
FIELDS = (("day", LONG_DAY), ("from", LONG_TIME), ("to", LONG_TIME), ("zone", LONG_CITY))


class Guests(commands.Cog):
    """Answers everything that is pressed about guest evenings."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("guest-desk")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show what a group has to do with its neighbours."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await guest_desk.desk(
                session,
                actor(interaction),
                int(group_id),
                self.bot.clock.now(),
                self.bot.settings,
            )
        await answer(interaction, card)

    @pressed("guest-ask")
    async def ask(self, interaction: Interaction, group_id: str) -> None:
        """Show whom one could have over."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await guest_evenings.choose(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, card)

    @pressed("guest-with")
    async def chosen(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Open the form for the day and the hours."""
        await self._form(interaction, group_id, values[0])

    @pressed("guest-with-one")
    async def with_one(self, interaction: Interaction, group_id: str, other_id: str) -> None:
        """Open the form for an evening with the group that was offered."""
        await self._form(interaction, group_id, other_id)

    @pressed("guest-island-no")
    async def not_for_us(self, interaction: Interaction, group_id: str) -> None:
        """Keep that a group wants to be by itself."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await islands.not_for_us(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("guest-fix")
    async def fix(self, interaction: Interaction, group_id: str, other_id: str) -> None:
        """Open the form again, as it was refused."""
        await self._form(interaction, group_id, other_id)

    async def _form(self, interaction: Interaction, group_id: str, other_id: str) -> None:
        who, name = actor(interaction), f"guest-when:{group_id}:{other_id}"
        async with self.bot.database.reading() as session:
            await guest_evenings.may_ask(session, who, int(group_id), int(other_id))
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        fields = [
            Field(
                one,
                f"guests.form_{one}",
                hint=f"guests.form_{one}_hint",
                filled=typed.get(one, ""),
                required=one != "zone",
                most=most,
            )
            for one, most in FIELDS
        ]
        await give_form(interaction, form(language(interaction), "guests.form", name, fields))

    @submitted("guest-when")
    async def when(
        self, interaction: Interaction, group_id: str, other_id: str, *, fields: dict[str, str]
    ) -> None:
        """Ask the other group over, or keep what was typed and say why not."""
        await defer_in_place(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        name = f"guest-when:{group_id}:{other_id}"
        own = {"server_id": who.server_id, "user_id": who.user_id}
        try:
            async with self.bot.database.writing() as session:
                zone = await guest_evenings.may_ask(session, who, int(group_id), int(other_id))
                span = rules.span(
                    fields["day"],
                    fields["from"],
                    fields["to"],
                    fields.get("zone") or "",
                    zone=zone,
                    now=now,
                )
                asked = await guest_evenings.ask(
                    session, who, int(group_id), int(other_id), span, now
                )
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as refused:
            async with self.bot.database.writing() as session:
                kept = {key: fields.get(key) or "" for key, _ in FIELDS}
                await drafts.keep(session, form=name, fields=kept, now=now, **own)
            fix = Button("guests.form_fix", f"guest-fix:{group_id}:{other_id}", "primary")
            back = Button("guests.back", f"guest-desk:{group_id}")
            await answer(interaction, Message((Line(refused.key, refused.params),), (fix, back)))
            return
        await answer(interaction, asked)

    @pressed("guest-open")
    async def look(
        self, interaction: Interaction, evening_id: str, group_id: str, *_mark: str
    ) -> None:
        """Show how it stands with an evening, to who looks after one of the groups."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await guest_evenings.look(
                session, actor(interaction), int(evening_id), int(group_id)
            )
        await answer(interaction, card)

    @pressed("guest-yes")
    async def agree(self, interaction: Interaction, evening_id: str) -> None:
        """Say yes for the guests."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.agree(
                session, actor(interaction), int(evening_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("guest-no")
    async def decline(self, interaction: Interaction, evening_id: str) -> None:
        """Say that it does not suit the guests."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.decline(
                session, actor(interaction), int(evening_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("guest-off")
    async def call_off(self, interaction: Interaction, evening_id: str, group_id: str) -> None:
        """Call an evening off, or end it."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.call_off(
                session,
                actor(interaction),
                int(evening_id),
                int(group_id),
                self.bot.clock.now(),
            )
        await answer(interaction, said)

    @pressed("guest-host")
    async def host(self, interaction: Interaction, evening_id: str) -> None:
        """Take over an evening without a host."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.host_it(session, actor(interaction), int(evening_id))
        await answer(interaction, said)

    @pressed("guest-come")
    async def come(self, interaction: Interaction, evening_id: str, *_when: str) -> None:
        """Say that one would come."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.come(
                session, actor(interaction), int(evening_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("guest-stay")
    async def stay(self, interaction: Interaction, evening_id: str) -> None:
        """Take that back."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await guest_evenings.stay(
                session, actor(interaction), int(evening_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("guest-how")
    async def how(self, interaction: Interaction, evening_id: str, *_where: str) -> None:
        """Show what a guest evening is."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            said = await guest_evenings.how(session, actor(interaction), int(evening_id))
        await answer(interaction, said)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Guests(bot))

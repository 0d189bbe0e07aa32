"""Pairs on the desk: what those press who look after the group."""

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer_in_place,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.gateway.payloads import Field, form
from bot.rules import pair_cards
from bot.rules.message import Choice, Line
from bot.rules.naming import safe
from bot.rules.pair_messages import OFTEN
from bot.services import pair_hosting, pair_siblings, pairs, rights

WHEN_MOST = 100


class PairHosts(commands.Cog):
    """Answers the desk's buttons of pairs, and the question that pairs ask when they rest."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("pair-desk")
    async def desk(self, interaction: Interaction, group_id: str, _at: str = "") -> None:
        """Show how a group's pairs stand."""
        await self._desk(interaction, int(group_id))

    @pressed("pair-waits")
    async def waits(self, interaction: Interaction, pairing_id: str, _at: str = "") -> None:
        """Show who is asked what shall become of pairs that rest."""
        async with self.bot.database.reading() as session:
            row = await pair_hosting.own(session, actor(interaction), int(pairing_id))
        await self._desk(interaction, row.group_id, replace=False)

    @pressed("pair-often")
    async def often(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Show when the first rounds would be."""
        async with self.bot.database.reading() as session:
            first, second = await pair_hosting.previewed(
                session, actor(interaction), int(group_id), values[0], self.bot.clock.now()
            )
        shown = pair_cards.preview(int(group_id), values[0], first, second)
        await answer(interaction, shown, replace=True)

    @pressed("pair-start")
    async def start(self, interaction: Interaction, group_id: str, often: str) -> None:
        """Begin pairs; who presses hosts them."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            first = await pair_hosting.start(
                session,
                actor(interaction),
                int(group_id),
                pair_hosting.usual(often),
                self.bot.clock.now(),
            )
        said = Line("pairs.started_done", {"at": int(first.timestamp())})
        await self._desk(interaction, int(group_id), said)

    @pressed("pair-when")
    async def when(self, interaction: Interaction, group_id: str, often: str) -> None:
        """Open the form for another time, filled with the one of now."""
        async with self.bot.database.reading() as session:
            filled = await pair_hosting.written_when(
                session, actor(interaction), int(group_id), often
            )
        field = Field("when", "pairs.when_field", filled, "pairs.when_hint", most=WHEN_MOST)
        submit = f"pair-time:{group_id}"
        await give_form(
            interaction, form(language(interaction), "pairs.when_form", submit, [field])
        )

    @submitted("pair-time")
    async def time(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Begin pairs at that time, or change when they are made."""
        await defer_in_place(interaction)
        who, group, now = actor(interaction), int(group_id), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            when = pair_hosting.read_when(fields["when"])
            if await pairs.of_group(session, group) is None:
                first = await pair_hosting.start(session, who, group, when, now)
                said = Line("pairs.started_done", {"at": int(first.timestamp())})
            else:
                next_at = await pair_hosting.change(session, who, group, when, now)
                said = Line("pairs.changed_resting")
                if next_at is not None:
                    said = Line("pairs.changed_done", {"at": int(next_at.timestamp())})
        await self._desk(interaction, group, said)

    @pressed("pair-host")
    async def host(self, interaction: Interaction, pairing_id: str) -> None:
        """Let who presses host them; what rested goes on."""
        await self._go_on(interaction, int(pairing_id))

    @pressed("pair-go-on")
    async def go_on(self, interaction: Interaction, pairing_id: str) -> None:
        """Let pairs go on."""
        await self._go_on(interaction, int(pairing_id))

    @pressed("pair-pause")
    async def pause(self, interaction: Interaction, pairing_id: str) -> None:
        """Let pairs rest."""
        async with self.bot.database.writing() as session:
            row = await pair_hosting.pause(session, actor(interaction), int(pairing_id))
        await self._desk(interaction, row.group_id)

    @pressed("pair-place")
    async def place(self, interaction: Interaction, pairing_id: str, where: str) -> None:
        """Give each pair a thread, or name them in the room."""
        async with self.bot.database.writing() as session:
            row = await pair_hosting.set_place(
                session, actor(interaction), int(pairing_id), threads=where == "thread"
            )
        await self._desk(interaction, row.group_id)

    @pressed("pair-end")
    async def end(self, interaction: Interaction, pairing_id: str) -> None:
        """Ask once before pairs end."""
        async with self.bot.database.reading() as session:
            row = await pair_hosting.own(session, actor(interaction), int(pairing_id))
        await answer(interaction, pair_cards.end_sure(row.group_id, row.id), replace=True)

    @pressed("pair-end-yes")
    async def ended(self, interaction: Interaction, pairing_id: str) -> None:
        """End them."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            group_id = await pair_hosting.end(
                session, actor(interaction), int(pairing_id), self.bot.clock.now()
            )
        await self._desk(interaction, group_id, Line("pairs.ended"))

    # --- with a sibling -------------------------------------------------------------------------

    @pressed("pair-sibling")
    async def sibling(self, interaction: Interaction, pairing_id: str, sibling_id: str) -> None:
        """Ask a sibling whether its people take part."""
        async with self.bot.database.writing() as session:
            other = await pair_siblings.ask(
                session,
                actor(interaction),
                int(pairing_id),
                int(sibling_id),
                self.bot.clock.now(),
            )
            row = await pairs.row(session, other.server_id, int(pairing_id))
        said = Line("pairs.sibling_asked_done", {"group": safe(other.name)})
        await self._desk(interaction, row.group_id, said)

    @pressed("pair-sibling-yes")
    async def agreed(self, interaction: Interaction, pairing_id: str) -> None:
        """Let people of both groups meet; both rooms hear how."""
        await self._decided(interaction, int(pairing_id), yes=True)

    @pressed("pair-sibling-no")
    async def declined(self, interaction: Interaction, pairing_id: str) -> None:
        """Let nothing change."""
        await self._decided(interaction, int(pairing_id), yes=False)

    @pressed("pair-sibling-off")
    async def alone(self, interaction: Interaction, pairing_id: str, _side: str = "") -> None:
        """End it from either side, or take the question back."""
        async with self.bot.database.writing() as session:
            group_id = await pair_siblings.stop(session, actor(interaction), int(pairing_id))
        await self._desk(interaction, group_id, Line("pairs.sibling_off_done"))

    # --- shared ---------------------------------------------------------------------------------

    async def _go_on(self, interaction: Interaction, pairing_id: int) -> None:
        async with self.bot.database.writing() as session:
            row = await pair_hosting.go_on(
                session, actor(interaction), pairing_id, self.bot.clock.now()
            )
        await self._desk(interaction, row.group_id)

    async def _decided(self, interaction: Interaction, pairing_id: int, *, yes: bool) -> None:
        async with self.bot.database.writing() as session:
            here = await pair_siblings.decide(
                session, actor(interaction), pairing_id, self.bot.clock.now(), yes=yes
            )
        said = Line("pairs.sibling_yes_done" if yes else "pairs.sibling_no_done")
        await self._desk(interaction, here, said)

    async def _desk(
        self,
        interaction: Interaction,
        group_id: int,
        said: Line | None = None,
        *,
        replace: bool = True,
    ) -> None:
        async with self.bot.database.reading() as session:
            await rights.server_row(session, actor(interaction).server_id)
            card = await pair_hosting.card(session, actor(interaction), group_id)
        words = language(interaction)
        choices = [Choice(words(f"pairs.often_{often}"), often) for often in OFTEN]
        await answer(interaction, pair_cards.desk(card, choices, said), replace=replace)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(PairHosts(bot))

"""Days on which a group rests, and the next moment of a ritual apart from its series."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

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
from bot.rules import resting as days
from bot.rules import ritual_cards, ritual_next_cards
from bot.rules.actor import Actor
from bot.rules.message import Line, Message
from bot.rules.resting import Rest
from bot.rules.ritual_cards import Hosted
from bot.rules.ritual_next_cards import Next
from bot.services import drafts, hosting, resting, ritual_moves

TYPED_MOST = 60

T = TypeVar("T")


class RitualDays(commands.Cog):
    """What those do about days and times who host a ritual or look after its group."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- days of rest ---------------------------------------------------------------------------

    @pressed("ritual-rests")
    async def rests(self, interaction: Interaction, group_id: str) -> None:
        """Show when a group rests."""
        await answer(interaction, await self._rests(interaction, int(group_id)), replace=True)

    @pressed("ritual-rest-why")
    async def rest(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Open the form for days of rest, for the reason that was picked."""
        await self._rest_form(interaction, int(group_id), values[0])

    @pressed("ritual-rest-again")
    async def rest_again(self, interaction: Interaction, group_id: str, why: str) -> None:
        """Open the form again, filled with what was refused."""
        await self._rest_form(interaction, int(group_id), why)

    @submitted("ritual-rest")
    async def rested(
        self, interaction: Interaction, group_id: str, why: str, *, fields: dict[str, str]
    ) -> None:
        """Let a group rest."""
        await defer(interaction)
        who, now, group = actor(interaction), self.bot.clock.now(), int(group_id)
        first, last = fields.get("first") or "", fields.get("last") or ""
        async with self.bot.database.reading() as session:
            await resting.shown(session, who, group, now)

        async def add(session: Any) -> Rest:
            return await resting.add(session, who, group, why, first=first, last=last, now=now)

        again = f"ritual-rest-again:{group}:{why}"
        rest = await self._take(interaction, f"ritual-rest:{group}", fields, again, add)
        if rest is not None:
            shown = await self._rests(interaction, group)
            told = Line("resting.added")
            await answer(interaction, Message((told, *shown.lines), shown.buttons, shown.menus))

    @pressed("ritual-rest-end")
    async def rest_no_more(
        self, interaction: Interaction, group_id: str, *, values: list[str]
    ) -> None:
        """Let a group rest no more on some days."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await resting.end(
                session, actor(interaction), int(group_id), int(values[0]), self.bot.clock.now()
            )
        shown = await self._rests(interaction, int(group_id))
        told = Line("resting.ended")
        await answer(interaction, Message((told, *shown.lines), shown.buttons, shown.menus))

    # --- the next one ---------------------------------------------------------------------------

    @pressed("ritual-next")
    async def next(self, interaction: Interaction, ritual_id: str) -> None:
        """Show a ritual's next moment."""
        async with self.bot.database.reading() as session:
            found = await ritual_moves.card(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_next_cards.card(found), replace=True)

    @pressed("ritual-move")
    async def move(self, interaction: Interaction, ritual_id: str) -> None:
        """Open the form for another time of the next one alone."""
        who, name = actor(interaction), f"ritual-move:{ritual_id}"
        async with self.bot.database.reading() as session:
            found = await ritual_moves.card(session, who, int(ritual_id), self.bot.clock.now())
        typed = (await self._kept(who, name)).get("when") or found.typed
        field = Field(
            "when", "moving.form_when", typed, hint="moving.form_when_hint", most=TYPED_MOST
        )
        await give_form(interaction, form(language(interaction), "moving.form", name, [field]))

    @submitted("ritual-move")
    async def moved(
        self, interaction: Interaction, ritual_id: str, *, fields: dict[str, str]
    ) -> None:
        """Move the next one."""
        await defer(interaction)
        who, now, typed = actor(interaction), self.bot.clock.now(), fields.get("when") or ""
        async with self.bot.database.reading() as session:
            await ritual_moves.card(session, who, int(ritual_id), now)

        async def move(session: Any) -> Next:
            return await ritual_moves.move(session, who, int(ritual_id), typed, now)

        name = f"ritual-move:{ritual_id}"
        found = await self._take(interaction, name, fields, name, move)
        if found is not None:
            await answer(interaction, ritual_next_cards.card(found))

    @pressed("ritual-move-back")
    async def put_back(self, interaction: Interaction, ritual_id: str) -> None:
        """Hold the next one where it stands in the series."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await ritual_moves.put_back(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_next_cards.card(found))

    @pressed("ritual-leave-out")
    async def leave_out(self, interaction: Interaction, ritual_id: str, place_at: str) -> None:
        """Leave the next one out."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await ritual_moves.leave_out(
                session,
                actor(interaction),
                int(ritual_id),
                int(place_at),
                self.bot.clock.now(),
            )
        await answer(interaction, ritual_next_cards.card(found))

    @pressed("ritual-hold")
    async def hold(self, interaction: Interaction, ritual_id: str) -> None:
        """Hold what was left out after all."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            found = await ritual_moves.hold_after_all(
                session, actor(interaction), int(ritual_id), self.bot.clock.now()
            )
        await answer(interaction, ritual_next_cards.card(found))

    # --- a pause that ends ----------------------------------------------------------------------

    @pressed("ritual-pause-until")
    async def pause(self, interaction: Interaction, ritual_id: str) -> None:
        """Open the form for a pause that ends by itself."""
        who, name = actor(interaction), f"ritual-pause-until:{ritual_id}"
        async with self.bot.database.reading() as session:
            await hosting.one(session, who, int(ritual_id), self.bot.clock.now())
        typed = (await self._kept(who, name)).get("day", "")
        field = Field("day", "moving.pause_day", typed, "moving.pause_day_hint", most=TYPED_MOST)
        await give_form(
            interaction, form(language(interaction), "moving.pause_form", name, [field])
        )

    @submitted("ritual-pause-until")
    async def paused(
        self, interaction: Interaction, ritual_id: str, *, fields: dict[str, str]
    ) -> None:
        """Let a ritual rest until a day."""
        await defer(interaction)
        who, now, typed = actor(interaction), self.bot.clock.now(), fields.get("day") or ""
        async with self.bot.database.reading() as session:
            await hosting.one(session, who, int(ritual_id), now)

        async def pause(session: Any) -> Hosted:
            await ritual_moves.pause_until(session, who, int(ritual_id), typed, now)
            return await hosting.one(session, who, int(ritual_id), now)

        name = f"ritual-pause-until:{ritual_id}"
        found = await self._take(interaction, name, fields, name, pause)
        if found is not None:
            await answer(interaction, ritual_cards.one(found))

    # --------------------------------------------------------------------------------------------

    async def _take(
        self,
        interaction: Interaction,
        name: str,
        fields: dict[str, str],
        again: str,
        take: Callable[[Any], Awaitable[T]],
    ) -> T | None:
        """Take a form; or keep what was typed, say why not with [Fix it], and return None."""
        who, now = actor(interaction), self.bot.clock.now()
        own = {"server_id": who.server_id, "user_id": who.user_id}
        try:
            async with self.bot.database.writing() as session:
                taken = await take(session)
                await drafts.done(session, form=name, **own)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, form=name, fields=fields, now=now, **own)
            await answer(interaction, ritual_cards.refused(error.key, error.params, again))
            return None
        return taken

    async def _kept(self, who: Actor, name: str) -> dict[str, str]:
        async with self.bot.database.reading() as session:
            return await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )

    async def _rest_form(self, interaction: Interaction, group_id: int, why: str) -> None:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await resting.shown(session, who, group_id, self.bot.clock.now())
        typed = await self._kept(who, f"ritual-rest:{group_id}")
        fields = [
            Field(part, f"resting.form_{part}", typed.get(part, ""), f"resting.form_{part}_hint")
            for part in ("first", "last")
        ]
        fields = [
            replace(field, most=TYPED_MOST, required=field.name == "first") for field in fields
        ]
        submit = f"ritual-rest:{group_id}:{why}"
        await give_form(interaction, form(language(interaction), "resting.form", submit, fields))

    async def _rests(self, interaction: Interaction, group_id: int) -> Message:
        async with self.bot.database.reading() as session:
            found = await resting.shown(session, actor(interaction), group_id, self.bot.clock.now())
        say = language(interaction)
        return days.card(found.group_id, found.group, found.rests, found.zone, say)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(RitualDays(bot))

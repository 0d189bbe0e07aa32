"""One date of a gathering for its host: moved, left out, held after all; all of them retimed."""

from zoneinfo import ZoneInfo

from discord.ext import commands

from bot.client import Hearth
from bot.conversation import (
    Interaction,
    actor,
    answer,
    defer,
    give_form,
    language,
    pressed,
    submitted,
)
from bot.errors import NotAllowed, UserError
from bot.gateway.payloads import Field, form
from bot.rules import gathering_plans as cards
from bot.rules.gathering_forms import WHEN_MOST
from bot.rules.message import Choice, Message
from bot.rules.moments import written
from bot.services import drafts, gathering_dates, gathering_retiming, gatherings
from bot.texts import Say
from models import Gathering


class GatheringDates(commands.Cog):
    """What hosts do with single dates of a gathering."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("gathering-dates")
    async def dates(self, interaction: Interaction, gathering_id: str) -> None:
        """Show the next dates; of a gathering that is held once, its only one."""
        who, now, speak = actor(interaction), self.bot.clock.now(), language(interaction)
        async with self.bot.database.reading() as session:
            gathering, _ = await gatherings.own(session, who, int(gathering_id))
            found = await gathering_dates.coming(session, gathering, now)
        if not gathering.rule and found:
            await answer(interaction, _date(gathering, found[0]), replace=True)
            return
        choices = [Choice(_wall(gathering, one), one.moment, _state(speak, one)) for one in found]
        await answer(interaction, cards.dates(gathering.id, gathering.title, choices), replace=True)

    @pressed("gathering-date")
    async def date(self, interaction: Interaction, gathering_id: str, *, values: list[str]) -> None:
        """Show the date that was picked."""
        await self._date(interaction, int(gathering_id), values[0])

    @pressed("gathering-leave-out")
    async def leave_out(self, interaction: Interaction, gathering_id: str, moment: str) -> None:
        """Leave one date out."""
        async with self.bot.database.writing() as session:
            await gathering_dates.leave_out(
                session,
                actor(interaction),
                int(gathering_id),
                _moment(moment),
                self.bot.clock.now(),
            )
        await self._date(interaction, int(gathering_id), _moment(moment))

    @pressed("gathering-put-back")
    async def put_back(self, interaction: Interaction, gathering_id: str, moment: str) -> None:
        """Hold a date that was left out."""
        async with self.bot.database.writing() as session:
            await gathering_dates.put_back(
                session,
                actor(interaction),
                int(gathering_id),
                _moment(moment),
                self.bot.clock.now(),
            )
        await self._date(interaction, int(gathering_id), _moment(moment))

    @pressed("gathering-move")
    async def move(self, interaction: Interaction, gathering_id: str, moment: str) -> None:
        """Ask to when one date shall move."""
        who, name = actor(interaction), f"gathering-moved:{gathering_id}:{moment}"
        async with self.bot.database.reading() as session:
            gathering, one = await gathering_dates.one(
                session, who, int(gathering_id), _moment(moment), self.bot.clock.now()
            )
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        typed = kept or {"when": _wall(gathering, one)}
        field = Field(
            "when",
            "gathering.form_when",
            typed["when"],
            "gathering.form_when_hint",
            most=WHEN_MOST,
        )
        await give_form(
            interaction, form(language(interaction), "gathering.form_move", name, [field])
        )

    @submitted("gathering-moved")
    async def moved(
        self, interaction: Interaction, gathering_id: str, moment: str, *, fields: dict[str, str]
    ) -> None:
        """Move one date."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        whose = {"server_id": who.server_id, "user_id": who.user_id}
        name = f"gathering-moved:{gathering_id}:{moment}"
        try:
            async with self.bot.database.writing() as session:
                found = await gathering_dates.move(
                    session, who, int(gathering_id), _moment(moment), fields["when"], now
                )
                gathering, _ = await gatherings.own(session, who, int(gathering_id))
                await drafts.done(session, **whose, form=name)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, **whose, form=name, fields=fields, now=now)
            again = f"gathering-move:{gathering_id}:{moment}"
            await answer(interaction, cards.refused(error.key, error.params, again))
            return
        await answer(interaction, _date(gathering, found))

    # --- another regular time -------------------------------------------------------------------

    @pressed("gathering-regular")
    async def regular(self, interaction: Interaction, gathering_id: str) -> None:
        """Ask at which other time a series shall come round."""
        who, now = actor(interaction), self.bot.clock.now()
        name = f"gathering-retimed:{gathering_id}"
        async with self.bot.database.reading() as session:
            gathering, _ = await gatherings.own(session, who, int(gathering_id))
            kept = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
            held = await gathering_dates.coming(session, gathering, now)
        field = Field(
            "when",
            "gathering.form_first",
            kept["when"] if kept else _wall(gathering, held[0]) if held else "",
            "gathering.form_when_hint",
            most=WHEN_MOST,
        )
        await give_form(
            interaction, form(language(interaction), "gathering.form_regular", name, [field])
        )

    @submitted("gathering-retimed")
    async def retimed(
        self, interaction: Interaction, gathering_id: str, *, fields: dict[str, str]
    ) -> None:
        """Say what that would mean for the date in the room; without one, do it."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        whose = {"server_id": who.server_id, "user_id": who.user_id}
        name = f"gathering-retimed:{gathering_id}"
        try:
            async with self.bot.database.writing() as session:
                found = await gathering_retiming.previewed(
                    session, who, int(gathering_id), fields["when"], now
                )
                if found.stands is None:
                    await gathering_retiming.retime(
                        session, who, found.gathering_id, found.typed, found.zone, now, move=False
                    )
                await drafts.done(session, **whose, form=name)
        except NotAllowed:
            raise
        except UserError as error:
            async with self.bot.database.writing() as session:
                await drafts.keep(session, **whose, form=name, fields=fields, now=now)
            again = f"gathering-regular:{gathering_id}"
            await answer(interaction, cards.refused(error.key, error.params, again))
            return
        if found.stands is None:
            await answer(interaction, cards.regular_done(found.gathering_id, found.if_kept))
        else:
            await answer(interaction, cards.regular(found))

    @pressed("gathering-retime")
    async def retime(
        self, interaction: Interaction, gathering_id: str, how: str, typed: str, zone: str
    ) -> None:
        """Let a series come round at another time; the date in the room is kept or goes along."""
        async with self.bot.database.writing() as session:
            first = await gathering_retiming.retime(
                session,
                actor(interaction),
                int(gathering_id),
                _moment(typed),
                zone,
                self.bot.clock.now(),
                move=how == "move",
            )
        await answer(interaction, cards.regular_done(int(gathering_id), first), replace=True)

    async def _date(self, interaction: Interaction, gathering_id: int, moment: str) -> None:
        async with self.bot.database.reading() as session:
            gathering, found = await gathering_dates.one(
                session, actor(interaction), gathering_id, moment, self.bot.clock.now()
            )
        await answer(interaction, _date(gathering, found), replace=True)


def _moment(packed: str) -> str:
    """Return a date's wall time as it is stored; in a button's id it has no colon."""
    return packed.replace(".", ":")


def _wall(gathering: Gathering, one: gathering_dates.Coming) -> str:
    """Return when a date is, as it would be typed, on the gathering's own clock."""
    there = one.starts.astimezone(ZoneInfo(gathering.zone)).replace(tzinfo=None)
    return written(there, gathering.zone, own_zone=False)


def _state(speak: Say, one: gathering_dates.Coming) -> str:
    if one.state in {"left_out", "open"}:
        return speak(f"gathering.choice_{one.state}")
    return speak("gathering.choice_moved") if one.moved else ""


def _date(gathering: Gathering, one: gathering_dates.Coming) -> Message:
    return cards.date(
        gathering.id,
        one.moment,
        gathering.title,
        one.starts,
        state=one.state,
        moved=one.moved,
        series=bool(gathering.rule),
    )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(GatheringDates(bot))

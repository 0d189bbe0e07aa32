"""Gatherings at the desk and for their hosts: planned, announced, changed, called off."""

import discord
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
from bot.gateway import scheduled
from bot.gateway.payloads import Field, form
from bot.rules import gathering_forms as forms
from bot.rules import gathering_plans as cards
from bot.rules import gathering_series as rules
from bot.rules.actor import Actor
from bot.rules.gathering_series import REPEATS
from bot.rules.gatherings import span
from bot.rules.message import Choice, Line, Message, say
from bot.rules.moments import written
from bot.rules.naming import safe
from bot.services import drafts, gathering_cards, gathering_planning, gatherings
from bot.services.groups import of_server
from bot.texts import Say
from models import Gathering

PARTS = ("what", "when", "where", "long", "most")
MOST = {
    "what": forms.WHAT_MOST,
    "when": forms.WHEN_MOST,
    "where": forms.WHERE_MOST,
    "long": forms.LONG_MOST,
    "most": forms.SEATS_MOST,
}
NEEDED = frozenset({"what", "when"})


class GatheringPlans(commands.Cog):
    """What hosts and those who look after a group do with gatherings."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("gathering-desk")
    async def listed(self, interaction: Interaction, group_id: str) -> None:
        """Show a group's gatherings."""
        await answer(interaction, await self._list(interaction, int(group_id)), replace=True)

    @pressed("gathering-open")
    async def opened(self, interaction: Interaction, *, values: list[str]) -> None:
        """Show the gathering that was picked."""
        await self._show(interaction, int(values[0]))

    @pressed("gathering-plan")
    async def show(self, interaction: Interaction, gathering_id: str) -> None:
        """Show one gathering to who may change it."""
        await self._show(interaction, int(gathering_id))

    @pressed("gathering-repeat")
    async def repeat(
        self, interaction: Interaction, gathering_id: str, *, values: list[str]
    ) -> None:
        """Let it come round, or not."""
        if values[0] not in REPEATS:
            raise UserError("errors.expired")
        how = values[0]
        async with self.bot.database.writing() as session:
            await gathering_planning.repeat(
                session, actor(interaction), int(gathering_id), how, self.bot.clock.now()
            )
        await self._show(interaction, int(gathering_id))

    @pressed("gathering-announce")
    async def announce(self, interaction: Interaction, gathering_id: str) -> None:
        """Let it come into the room."""
        async with self.bot.database.writing() as session:
            gathering = await gathering_planning.announce(
                session, actor(interaction), int(gathering_id), self.bot.clock.now()
            )
            group = await of_server(session, gathering.server_id, gathering.group_id)
        said = Line("gathering.announced", {"room": group.room_id or 0})
        await self._show(interaction, int(gathering_id), said)

    @pressed("gathering-decline")
    async def decline(self, interaction: Interaction, gathering_id: str) -> None:
        """Leave a proposal for now."""
        async with self.bot.database.writing() as session:
            group_id = await gathering_planning.decline(
                session, actor(interaction), int(gathering_id), self.bot.clock.now()
            )
        card = await self._list(interaction, group_id)
        await answer(interaction, _told(Line("gathering.declined"), card), replace=True)

    @pressed("gathering-go-on")
    async def go_on(self, interaction: Interaction, gathering_id: str) -> None:
        """Let a series that rested go on."""
        async with self.bot.database.writing() as session:
            gathering = await gathering_planning.go_on(
                session, actor(interaction), int(gathering_id), self.bot.clock.now()
            )
        said = Line("gathering.goes_on", {"title": safe(gathering.title)})
        await self._show(interaction, int(gathering_id), said)

    @pressed("gathering-event")
    async def event(self, interaction: Interaction, gathering_id: str, wanted: str) -> None:
        """Let it stand among Discord's own events, or not."""
        async with self.bot.database.writing() as session:
            await gathering_planning.show_on_discord(
                session,
                actor(interaction),
                int(gathering_id),
                wanted=wanted == "on",
                events=_events(interaction),
                shut_stages=_shut_stages(interaction),
            )
        await self._show(interaction, int(gathering_id))

    @pressed("gathering-off")
    async def off(self, interaction: Interaction, gathering_id: str) -> None:
        """Ask once before a gathering is called off; a draft only goes."""
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.reading() as session:
            planned = await gathering_cards.planned(
                session, who, int(gathering_id), now, self.bot.settings
            )
        seen = planned.seen
        coming = sum(user != seen.host_id for user in seen.coming)
        card = cards.sure(int(gathering_id), planned.seen.title, coming, state=planned.state)
        await answer(interaction, card, replace=True)

    @pressed("gathering-off-yes")
    async def called_off(self, interaction: Interaction, gathering_id: str) -> None:
        """Call it off."""
        async with self.bot.database.writing() as session:
            held = await gathering_planning.call_off(
                session, actor(interaction), int(gathering_id), self.bot.clock.now()
            )
        await answer(
            interaction, say("gathering.called_off" if held else "gathering.removed"), replace=True
        )

    # --- forms ----------------------------------------------------------------------------------

    @pressed("gathering-new")
    async def new(self, interaction: Interaction, group_id: str) -> None:
        """Open the form for a gathering, filled with what was refused last."""
        who, name = actor(interaction), f"gathering-add:{group_id}"
        async with self.bot.database.reading() as session:
            await gathering_planning.may_plan(session, who, int(group_id))
        typed = await self._kept(who, name)
        await give_form(
            interaction, gathering_form(language(interaction), "gathering.form_new", name, typed)
        )

    @submitted("gathering-add")
    async def added(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Write a gathering down: a draft, or a proposal."""
        await defer(interaction)
        who, now, name = actor(interaction), self.bot.clock.now(), f"gathering-add:{group_id}"
        async with self.bot.database.reading() as session:
            planner = await gathering_planning.may_plan(session, who, int(group_id))
            group = await of_server(session, who.server_id, int(group_id))
            zone = await gatherings.zone_of(session, group)
        try:
            filled = forms.checked(_typed(fields), now=now, zone=zone, rooms=_rooms(interaction))
            async with self.bot.database.writing() as session:
                gathering = await gathering_planning.add(session, who, int(group_id), filled, now)
                await drafts.done(session, **_whose(who), form=name)
        except NotAllowed:
            raise
        except UserError as error:
            await self._refuse(interaction, name, fields, error, f"gathering-new:{group_id}")
            return
        if planner:
            await answer(interaction, await self._plan(interaction, gathering.id))
        else:
            await answer(interaction, cards.proposed(int(group_id), gathering.title))

    @pressed("gathering-edit")
    async def edit(self, interaction: Interaction, gathering_id: str) -> None:
        """Open the form for a gathering as it is, or as it was refused last."""
        who, name = actor(interaction), f"gathering-change:{gathering_id}"
        async with self.bot.database.reading() as session:
            gathering, group = await gatherings.own(session, who, int(gathering_id))
            zone = await gatherings.zone_of(session, group)
        announced = gathering.state not in gathering_planning.PLANNED
        typed = await self._kept(who, name) or _as_typed(interaction, gathering, zone)
        speak = language(interaction)
        await give_form(
            interaction,
            gathering_form(speak, "gathering.form_edit", name, typed, when=not announced),
        )

    @submitted("gathering-change")
    async def changed(
        self, interaction: Interaction, gathering_id: str, *, fields: dict[str, str]
    ) -> None:
        """Change a gathering."""
        await defer(interaction)
        who, now = actor(interaction), self.bot.clock.now()
        name = f"gathering-change:{gathering_id}"
        async with self.bot.database.reading() as session:
            gathering, group = await gatherings.own(session, who, int(gathering_id))
            zone = await gatherings.zone_of(session, group)
        announced = gathering.state not in gathering_planning.PLANNED
        try:
            # A date that is announced is moved by itself: its form has no field for it.
            filled = forms.checked(
                _typed(fields), now=now, zone=zone, rooms=_rooms(interaction), dated=not announced
            )
            async with self.bot.database.writing() as session:
                await gathering_planning.edit(session, who, int(gathering_id), filled, now)
                await drafts.done(session, **_whose(who), form=name)
        except NotAllowed:
            raise
        except UserError as error:
            await self._refuse(interaction, name, fields, error, f"gathering-edit:{gathering_id}")
            return
        await answer(interaction, await self._plan(interaction, int(gathering_id)))

    @pressed("gathering-until")
    async def until(self, interaction: Interaction, gathering_id: str) -> None:
        """Ask when a series shall end."""
        who, name = actor(interaction), f"gathering-ends:{gathering_id}"
        async with self.bot.database.reading() as session:
            gathering, _ = await gatherings.own(session, who, int(gathering_id))
        ends = rules.ends_of(gathering.rule)
        now_is = f"{ends.count} times" if ends.count else str(ends.until or "")
        typed = await self._kept(who, name) or {"until": now_is}
        field = Field(
            "until",
            "gathering.form_until",
            typed["until"],
            "gathering.form_until_hint",
            required=False,
            most=forms.WHEN_MOST,
        )
        await give_form(
            interaction, form(language(interaction), "gathering.form_until", name, [field])
        )

    @submitted("gathering-ends")
    async def ends(
        self, interaction: Interaction, gathering_id: str, *, fields: dict[str, str]
    ) -> None:
        """Set when a series ends."""
        await defer(interaction)
        who, name = actor(interaction), f"gathering-ends:{gathering_id}"
        try:
            async with self.bot.database.writing() as session:
                await gathering_planning.end_series(
                    session,
                    who,
                    int(gathering_id),
                    fields.get("until") or "",
                    self.bot.clock.now(),
                )
                await drafts.done(session, **_whose(who), form=name)
        except NotAllowed:
            raise
        except UserError as error:
            await self._refuse(interaction, name, fields, error, f"gathering-until:{gathering_id}")
            return
        await answer(interaction, await self._plan(interaction, int(gathering_id)))

    # --- what they share ------------------------------------------------------------------------

    async def _list(self, interaction: Interaction, group_id: int) -> Message:
        async with self.bot.database.reading() as session:
            group, found = await gathering_cards.of_group(
                session, actor(interaction), group_id, self.bot.clock.now()
            )
        return cards.of_group(group_id, group.emoji, group.name, found)

    async def _plan(self, interaction: Interaction, gathering_id: int) -> Message:
        speak = language(interaction)
        async with self.bot.database.reading() as session:
            planned = await gathering_cards.planned(
                session,
                actor(interaction),
                gathering_id,
                self.bot.clock.now(),
                self.bot.settings,
            )
        repeats = [
            Choice(speak(f"gathering.choice_{one}"), one, chosen=one == planned.seen.repeat)
            for one in planned.repeats
        ]
        return cards.plan(planned, repeats, events=_events(interaction))

    async def _show(
        self, interaction: Interaction, gathering_id: int, said: Line | None = None
    ) -> None:
        card = await self._plan(interaction, gathering_id)
        await answer(interaction, card if said is None else _told(said, card), replace=True)

    async def _kept(self, who: Actor, name: str) -> dict[str, str]:
        async with self.bot.database.reading() as session:
            return await drafts.kept(session, **_whose(who), form=name)

    async def _refuse(
        self,
        interaction: Interaction,
        name: str,
        fields: dict[str, str],
        error: UserError,
        again: str,
    ) -> None:
        """Keep what was typed and say why it does not fit, with ‹Fix it›."""
        who, now = actor(interaction), self.bot.clock.now()
        async with self.bot.database.writing() as session:
            await drafts.keep(session, **_whose(who), form=name, fields=_typed(fields), now=now)
        await answer(interaction, cards.refused(error.key, error.params, again))


def gathering_form(
    speak: Say, title: str, submit: str, typed: dict[str, str], *, when: bool = True
) -> discord.ui.Modal:
    """Return the form of a gathering, filled; without `when` its date stays as it is."""
    return form(
        speak,
        title,
        submit,
        [
            Field(
                part,
                f"gathering.form_{part}",
                filled=typed.get(part, ""),
                hint=f"gathering.form_{part}_hint",
                long=part == "what",
                required=part in NEEDED,
                most=MOST[part],
            )
            for part in PARTS
            if when or part != "when"
        ],
    )


def _whose(who: Actor) -> dict[str, int]:
    return {"server_id": who.server_id, "user_id": who.user_id}


def _typed(fields: dict[str, str]) -> dict[str, str]:
    """Return what was typed; a field that was left out or is not asked for is empty."""
    return {**dict.fromkeys(PARTS, ""), **{name: said or "" for name, said in fields.items()}}


def _as_typed(interaction: Interaction, gathering: Gathering, zone: str) -> dict[str, str]:
    """Return a gathering as it would be typed."""
    first = rules.wall_of(gathering.first_local)
    room = _rooms(interaction).get(gathering.voice_id or 0)
    voice = "voice" if room is None else f"#{room}"
    return {
        "what": "\n".join(filter(None, (gathering.title, gathering.words))),
        "when": written(first, gathering.zone, own_zone=gathering.zone != zone),
        "where": voice if gathering.place == "voice" else gathering.spot,
        "long": span(gathering.minutes),
        "most": str(gathering.most or ""),
    }


def _rooms(interaction: Interaction) -> dict[int, str]:
    """Return the server's voice rooms that who asks can see, by id."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return {}
    rooms = [*guild.voice_channels, *guild.stage_channels]
    return {room.id: room.name for room in rooms if room.permissions_for(member).view_channel}


def _events(interaction: Interaction) -> int:
    """Return how many of Discord's events the server has."""
    return 0 if interaction.guild is None else scheduled.count(interaction.guild)


def _shut_stages(interaction: Interaction) -> set[int]:
    """Return the stages on which Hearth can announce nothing."""
    return set() if interaction.guild is None else scheduled.shut_stages(interaction.guild)


def _told(said: Line, card: Message) -> Message:
    return Message((said, *card.lines), card.buttons, card.menus)


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(GatheringPlans(bot))

"""`/safety`: what moderators decide so that everybody else is safe."""

from collections.abc import Mapping

import discord
from discord import app_commands
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
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.permissions import for_moderators
from bot.rules import concern_cards, kept_out_cards, safety_cards
from bot.rules.actor import Actor
from bot.rules.message import Button, Line, Message, say
from bot.rules.naming import clean, safe
from bot.services import (
    appeals,
    braking,
    concern_desk,
    drafts,
    kept_out,
    known_groups,
    locking,
    removals,
    rights,
    safety,
    showing_out,
)
from bot.services.removals import DAYS_SHUT
from bot.services.safety import EVERYWHERE
from bot.texts import Say, catalogue

TEXTS = catalogue()
ALL, HERE = "all", "here"  # values of the group option besides a group's id
REASON_MOST = 300
NO_DAYS = -1  # what was typed is no number


@for_moderators
@app_commands.guild_install()
@app_commands.guild_only()
class Safety(commands.GroupCog, group_name="safety", group_description=TEXTS("safety.command")):
    """The moderators' commands, and what follows from them."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- ending a home or a visit ---------------------------------------------------------------

    @app_commands.command(name="remove", description=TEXTS("safety.command_remove"))
    @app_commands.describe(user=TEXTS("safety.option_user"))
    async def remove(self, interaction: Interaction, user: discord.User) -> None:
        """Ask what the person shall be told; sending the form ends their home."""
        async with self.bot.database.reading() as session:
            places = await showing_out.places(session, actor(interaction), user.id)
        if not any(place.visit_id is None for place in places):
            raise UserError("safety.no_home", user=user.id)
        await give_form(interaction, _remove_form(language(interaction), user.id, {}))

    @pressed("safety-remove-fix")
    async def fix_removal(self, interaction: Interaction, user_id: str) -> None:
        """Open the form again with what was typed."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await showing_out.places(session, who, int(user_id))
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=_draft(user_id)
            )
        await give_form(interaction, _remove_form(language(interaction), int(user_id), typed))

    @submitted("safety-remove")
    async def removed(
        self, interaction: Interaction, user_id: str, *, fields: dict[str, str]
    ) -> None:
        """End somebody's home; days that cannot be are told, and what was typed is kept."""
        await defer(interaction)
        who, now, typed = actor(interaction), self.bot.clock.now(), fields["days"].strip()
        server, name = who.server_id, _draft(user_id)
        try:
            async with self.bot.database.writing() as session:
                place = await showing_out.remove(
                    session,
                    who,
                    int(user_id),
                    now=now,
                    reason=_said(fields["reason"], REASON_MOST),
                    days=int(typed) if typed.isdecimal() else NO_DAYS,
                )
                await drafts.done(session, server_id=server, user_id=who.user_id, form=name)
                paused = await safety.is_paused(session, server)
        except UserError as refused:
            if refused.key != "safety.days":
                raise
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session,
                    server_id=server,
                    user_id=who.user_id,
                    form=name,
                    fields=fields,
                    now=now,
                )
            fix = Button("home.fix_it", f"safety-remove-fix:{user_id}", "primary")
            await answer(interaction, Message((Line(refused.key, refused.params),), (fix,)))
            return
        await answer(interaction, _done("removed", int(user_id), place.group, paused=paused))

    @app_commands.command(name="bar", description=TEXTS("safety.command_bar"))
    @app_commands.describe(user=TEXTS("safety.option_user"), group=TEXTS("safety.option_bar"))
    async def bar(self, interaction: Interaction, user: discord.User, group: str) -> None:
        """Ask what the person shall be told; sending the form keeps them out."""
        group_id = await self._which(interaction, group)
        await give_form(
            interaction,
            form(
                language(interaction),
                "safety.form_bar",
                f"safety-bar:{user.id}:{group_id}",
                [_reason()],
            ),
        )

    @bar.autocomplete("group")
    async def suggest_bar(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer all groups at once, the room that one is in, and the groups that may be named."""
        speak = language(interaction)
        first = [app_commands.Choice(name=speak("safety.all_groups"), value=ALL)]
        async with self.bot.database.reading() as session:
            if await locking.in_room(session, interaction.guild_id or 0, interaction.channel_id):
                first.append(app_commands.Choice(name=speak("safety.this_room"), value=HERE))
        return [*first, *await self._suggested(interaction, typed)][:25]

    @submitted("safety-bar")
    async def barred(
        self, interaction: Interaction, user_id: str, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Keep somebody out."""
        await defer(interaction)
        where = int(group_id)
        async with self.bot.database.writing() as session:
            new = await safety.bar(
                session,
                actor(interaction),
                int(user_id),
                where,
                now=self.bot.clock.now(),
                reason=_said(fields["reason"], REASON_MOST),
            )
            name = await removals.named(session, where or None)
            paused = await safety.is_paused(session, interaction.guild_id or 0)
        what = "barred" if new else "barred_already"
        await answer(
            interaction,
            _done(what, int(user_id), name, everywhere=where == EVERYWHERE, paused=paused),
        )

    @app_commands.command(name="unbar", description=TEXTS("safety.command_unbar"))
    @app_commands.describe(user=TEXTS("safety.option_user"))
    async def unbar(self, interaction: Interaction, user: discord.User) -> None:
        """Show where somebody is barred, each with the button that lifts it."""
        await defer(interaction)
        await answer(interaction, await self._bars(actor(interaction), user.id))

    @pressed("safety-lift")
    async def lift(self, interaction: Interaction, user_id: str, group_id: str) -> None:
        """Lift one bar, and show what is left."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await safety.unbar(
                session,
                actor(interaction),
                int(user_id),
                int(group_id),
                now=self.bot.clock.now(),
            )
        left = await self._bars(actor(interaction), int(user_id))
        lifted = Line("safety.lifted", {"user": int(user_id)})
        await answer(interaction, Message((lifted, *left.lines), left.buttons))

    @app_commands.command(name="end-visit", description=TEXTS("safety.command_end_visit"))
    @app_commands.describe(user=TEXTS("safety.option_user"))
    async def end_visit(self, interaction: Interaction, user: discord.User) -> None:
        """Ask which visit ends, where there are several, and what the person shall be told."""
        speak = language(interaction)
        async with self.bot.database.reading() as session:
            places = await showing_out.places(session, actor(interaction), user.id)
        found = [
            (place.visit_id, place.group or speak("safety.unnamed"))
            for place in places
            if place.visit_id is not None
        ]
        if not found:
            raise UserError("safety.no_visit", user=user.id)
        if len(found) == 1:
            await give_form(interaction, _visit_form(speak, found[0][0]))
        else:
            await answer(interaction, safety_cards.which_visit(user.id, found))

    @pressed("safety-visit")
    async def which_visit(self, interaction: Interaction, *, values: list[str]) -> None:
        """Ask what the visitor shall be told."""
        async with self.bot.database.reading() as session:
            await rights.require_moderator(session, actor(interaction))
        await give_form(interaction, _visit_form(language(interaction), int(values[0])))

    @submitted("safety-visit-end")
    async def visit_over(
        self, interaction: Interaction, visit_id: str, *, fields: dict[str, str]
    ) -> None:
        """End a visit."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            user_id, place = await showing_out.end_visit(
                session,
                actor(interaction),
                int(visit_id),
                now=self.bot.clock.now(),
                reason=_said(fields["reason"], REASON_MOST),
            )
            paused = await safety.is_paused(session, interaction.guild_id or 0)
        await answer(interaction, _done("visit_over", user_id, place.group, paused=paused))

    # --- people kept apart ----------------------------------------------------------------------

    @app_commands.command(name="apart", description=TEXTS("safety.command_apart"))
    @app_commands.describe(one=TEXTS("safety.option_one"), other=TEXTS("safety.option_other"))
    async def apart(self, interaction: Interaction, one: discord.User, other: discord.User) -> None:
        """Keep two people apart, or show that they are and the way back."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            since = await safety.apart_since(session, who, one.id, other.id)
        if since is not None:
            await answer(interaction, safety_cards.apart_already(one.id, other.id, since))
            return
        await self._keep_apart(interaction, one.id, other.id, None)

    @pressed("safety-apart")
    async def moves_out(
        self, interaction: Interaction, first: str, second: str, leaver: str
    ) -> None:
        """Keep two people apart who share a home: one of them moves out."""
        await defer_in_place(interaction)
        await self._keep_apart(interaction, int(first), int(second), int(leaver))

    @pressed("safety-together")
    async def together(self, interaction: Interaction, first: str, second: str) -> None:
        """Let two people meet again."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            await safety.together(
                session,
                actor(interaction),
                int(first),
                int(second),
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("safety.together_now", first=int(first), second=int(second)))

    async def _keep_apart(
        self, interaction: Interaction, first: int, second: int, leaver: int | None
    ) -> None:
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            shared = await safety.shared_home(session, who, first, second)
            group = await removals.named(session, shared)
        if shared is not None and leaver is None:
            names = (_name(interaction.guild, first), _name(interaction.guild, second))
            await answer(interaction, safety_cards.who_moves_out(first, second, group, names))
            return
        async with self.bot.database.writing() as session:
            done = await safety.apart(
                session, who, first, second, now=self.bot.clock.now(), moves_out=leaver
            )
        await answer(
            interaction,
            safety_cards.kept_apart(
                first, second, moved_out=done.moved_out, visits_ended=done.visits_ended
            ),
        )

    # --- rooms ----------------------------------------------------------------------------------

    @app_commands.command(name="lock", description=TEXTS("safety.command_lock"))
    @app_commands.describe(group=TEXTS("safety.option_lock"), reason=TEXTS("safety.option_reason"))
    async def lock(
        self, interaction: Interaction, group: str | None = None, reason: str = ""
    ) -> None:
        """Lock a group's room, or show that it is locked and the way back."""
        await defer(interaction)
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            found = await locking.place_of(session, who, group, interaction.channel_id)
            new = await locking.lock(
                session, who, found.id, reason[:REASON_MOST], now=self.bot.clock.now()
            )
            name = await removals.named(session, found.id)
            at = found.locked_at
            paused = await safety.is_paused(session, interaction.guild_id or 0)
        assert at is not None
        await answer(interaction, safety_cards.locked(found.id, name, at, new=new, paused=paused))

    @lock.autocomplete("group")
    async def suggest_lock(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """Offer the groups that may be named."""
        return await self._suggested(interaction, typed)

    @pressed("safety-unlock")
    async def unlock(self, interaction: Interaction, group_id: str) -> None:
        """Open a locked room again."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            opened = await locking.unlock(
                session, actor(interaction), int(group_id), now=self.bot.clock.now()
            )
        await answer(interaction, say("safety.unlocked" if opened else "safety.not_locked"))

    # --- what waits -----------------------------------------------------------------------------

    @app_commands.command(name="concerns", description=TEXTS("safety.command_concerns"))
    async def concerns(self, interaction: Interaction) -> None:
        """Show what waits for the moderators."""
        await defer(interaction)
        who, speak = actor(interaction), language(interaction)
        async with self.bot.database.reading() as session:
            found = await concern_desk.for_moderators(session, who)
            waiting = await appeals.count(session, who.server_id)
            rooms = await locking.locked_rooms(session, who.server_id)
            bars, pairs = await kept_out.counted(session, who.server_id)
        entries = [
            (
                card.id,
                speak("concerns.entry_taken" if card.state == "taken" else "concerns.entry_open"),
                " ".join(card.said.split()),
            )
            for card in found
        ]
        shown = [f"<#{room}>" for room in rooms]
        waits = concern_cards.listed(entries, waiting, shown)
        await answer(interaction, kept_out_cards.beside(waits, bars, pairs))

    @app_commands.command(name="brake", description=TEXTS("brake.command"))
    async def brake(self, interaction: Interaction) -> None:
        """Show how the raid brake is set and stands."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            card = await braking.card(session, actor(interaction), self.bot.clock.now())
        await answer(interaction, card)

    # --- what these share -----------------------------------------------------------------------

    async def _which(self, interaction: Interaction, typed: str) -> int:
        """Return the group that an option means, 0 for all."""
        if typed == ALL:
            return EVERYWHERE
        named = None if typed == HERE else typed
        async with self.bot.database.reading() as session:
            found = await locking.place_of(
                session, actor(interaction), named, interaction.channel_id
            )
        return found.id

    async def _suggested(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if interaction.guild_id is None:
            return []
        async with self.bot.database.reading() as session:
            found = await known_groups.suggest(
                session, interaction.guild_id, typed, for_user=interaction.user.id
            )
        return [app_commands.Choice(name=label, value=value) for label, value in found]

    async def _bars(self, who: Actor, user_id: int) -> Message:
        async with self.bot.database.reading() as session:
            found = [
                (group, await removals.named(session, group or None))
                for user, group in await safety.bars(session, who)
                if user == user_id
            ]
        return safety_cards.bars(user_id, found)


def _remove_form(speak: Say, user_id: int, typed: Mapping[str, str]) -> discord.ui.Modal:
    days = Field(
        "days", "safety.field_days", typed.get("days", str(DAYS_SHUT)), "safety.hint_days", most=3
    )
    fields = [_reason(typed.get("reason") or ""), days]
    return form(speak, "safety.form_remove", f"safety-remove:{user_id}", fields)


def _draft(user_id: str) -> str:
    return f"safety-remove:{user_id}"


def _reason(filled: str = "") -> Field:
    return Field(
        "reason",
        "safety.field_reason",
        filled,
        hint="safety.hint_reason",
        long=True,
        required=False,
        most=REASON_MOST,
    )


def _visit_form(speak: Say, visit_id: int) -> discord.ui.Modal:
    return form(speak, "safety.form_visit", f"safety-visit-end:{visit_id}", [_reason()])


def _said(typed: str, most: int) -> str:
    return clean(typed or "", lines=True)[:most]


def _done(
    what: str, user_id: int, group: str | None, *, everywhere: bool = False, paused: bool
) -> Message:
    """Return what a moderator reads once somebody's place has ended."""
    where = "everywhere" if everywhere else "unnamed" if group is None else "named"
    lines = [
        Line(f"safety.did_{what}_{where}", {"user": user_id, "group": safe(group or "")}),
    ]
    if what != "barred_already":
        lines.append(Line("safety.did_told"))
    if paused:
        lines.append(Line("safety.paused"))
    return Message(tuple(lines))


def _name(guild: discord.Guild | None, user_id: int) -> str:
    member = None if guild is None else guild.get_member(user_id)
    return str(user_id) if member is None else member.display_name


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Safety(bot))

"""Somebody's own part in a challenge: in, checked in, on a break, with a partner, named, out."""

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
from bot.gateway.payloads import Field, form
from bot.rules import goal_forms
from bot.rules import goal_mine_cards as cards
from bot.rules.naming import safe
from bot.services import goal_partners, goal_parts, goal_words, goals
from bot.services.goal_rights import taking_part

LONG = 2  # a little too long is answered, not cut off


class GoalParts(commands.Cog):
    """Answers those who live in a group about its challenge."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("goal-in")
    async def come_in(self, interaction: Interaction, goal_id: str) -> None:
        """Take part."""
        async with self.bot.database.writing() as session:
            shown = await goal_parts.come_in(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, shown)

    @pressed("goal-mine")
    async def mine(self, interaction: Interaction, goal_id: str, *mark: str) -> None:
        """Show somebody's own part; in place of a card of their own, beside what is in a room."""
        async with self.bot.database.reading() as session:
            shown = await goal_parts.card(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, shown, replace=not mark and _is_own(interaction))

    @pressed("goal-done")
    async def check_in(self, interaction: Interaction, goal_id: str, *_mark: str) -> None:
        """Note today."""
        await self._check(interaction, int(goal_id), yesterday=False)

    @pressed("goal-yesterday")
    async def yesterday(self, interaction: Interaction, goal_id: str) -> None:
        """Note yesterday."""
        await self._check(interaction, int(goal_id), yesterday=True)

    @pressed("goal-undo")
    async def undo(self, interaction: Interaction, goal_id: str) -> None:
        """Take today's check-in back."""
        async with self.bot.database.writing() as session:
            await goal_parts.take_back(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.taken_back", int(goal_id)), replace=True)

    @pressed("goal-own")
    async def own(self, interaction: Interaction, goal_id: str) -> None:
        """Open the form for somebody's own goal, as it stands."""
        async with self.bot.database.reading() as session:
            aim = await goal_parts.aim(session, actor(interaction), int(goal_id))
        field = Field(
            "aim",
            "goals.own_field",
            filled=aim,
            hint="goals.own_hint",
            long=True,
            required=False,
            most=goal_forms.AIM_MOST,
        )
        submit = f"goal-aim:{int(goal_id)}"
        await give_form(interaction, form(language(interaction), "goals.own_form", submit, [field]))

    @submitted("goal-aim")
    async def aimed(
        self, interaction: Interaction, goal_id: str, *, fields: dict[str, str]
    ) -> None:
        """Write it down, or erase it."""
        async with self.bot.database.writing() as session:
            aim = await goal_parts.set_aim(
                session, actor(interaction), int(goal_id), fields.get("aim") or ""
            )
        key = "goals.own_saved" if aim else "goals.own_erased"
        await answer(interaction, cards.after(key, int(goal_id), aim=safe(aim)))

    @pressed("goal-aims")
    async def aims(self, interaction: Interaction, goal_id: str, page: str) -> None:
        """Show the goals that people wrote down."""
        async with self.bot.database.reading() as session:
            shown = await goal_parts.aims(session, actor(interaction), int(goal_id), int(page))
        await answer(interaction, shown, replace=True)

    @pressed("goal-progress")
    async def progress(self, interaction: Interaction, goal_id: str) -> None:
        """Show how the group is doing."""
        async with self.bot.database.reading() as session:
            shown = await goal_parts.how_we_do(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, shown, replace=True)

    @pressed("goal-break")
    async def rest(self, interaction: Interaction, goal_id: str) -> None:
        """Begin a break."""
        async with self.bot.database.writing() as session:
            await goal_parts.rest(session, actor(interaction), int(goal_id), self.bot.clock.now())
        await answer(interaction, cards.after("goals.resting", int(goal_id)), replace=True)

    @pressed("goal-back")
    async def back(self, interaction: Interaction, goal_id: str) -> None:
        """End it."""
        async with self.bot.database.writing() as session:
            await goal_parts.come_back(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.back", int(goal_id)), replace=True)

    @pressed("goal-name")
    async def name_me(self, interaction: Interaction, goal_id: str, *_mark: str) -> None:
        """Turn on or off whether the room may read one's name."""
        async with self.bot.database.writing() as session:
            shown = await goal_parts.name_me(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, shown, replace=_is_own(interaction))

    @pressed("goal-out")
    async def out(self, interaction: Interaction, goal_id: str) -> None:
        """Ask once before a part is erased."""
        async with self.bot.database.reading() as session:
            goal = await taking_part(session, actor(interaction), int(goal_id))
        await answer(interaction, cards.out_sure(goals.shown(goal)), replace=True)

    @pressed("goal-out-yes")
    async def stepped_out(self, interaction: Interaction, goal_id: str) -> None:
        """Erase it."""
        async with self.bot.database.writing() as session:
            await goal_parts.step_out(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.out_done", int(goal_id)), replace=True)

    # --- a word to a check-in --------------------------------------------------------------------

    @pressed("goal-word")
    async def word(self, interaction: Interaction, goal_id: str) -> None:
        """Open the form for a word, filled with what waits."""
        async with self.bot.database.reading() as session:
            said = await goal_words.word(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        field = Field(
            "said",
            "goals.word_field",
            filled=said,
            hint="goals.word_hint",
            long=True,
            required=False,
            most=LONG * goal_forms.WORD_MOST,
        )
        submit = f"goal-said:{int(goal_id)}"
        await give_form(
            interaction, form(language(interaction), "goals.word_form", submit, [field])
        )

    @submitted("goal-said")
    async def said(self, interaction: Interaction, goal_id: str, *, fields: dict[str, str]) -> None:
        """Show how it would read."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            shown = await goal_words.keep_word(
                session,
                actor(interaction),
                int(goal_id),
                fields.get("said") or "",
                self.bot.clock.now(),
            )
        await answer(interaction, shown or cards.after("goals.word_empty", int(goal_id)))

    @pressed("goal-share")
    async def share(self, interaction: Interaction, goal_id: str) -> None:
        """Put it into the thread."""
        async with self.bot.database.writing() as session:
            await goal_words.share_word(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.shared", int(goal_id)), replace=True)

    @pressed("goal-unword")
    async def leave_word(self, interaction: Interaction, goal_id: str) -> None:
        """Let it go."""
        async with self.bot.database.writing() as session:
            await taking_part(session, actor(interaction), int(goal_id))
            await goal_words.drop_word(session, actor(interaction), int(goal_id))
        await answer(interaction, cards.after("goals.word_left", int(goal_id)), replace=True)

    @pressed("goal-unsay")
    async def unsay(self, interaction: Interaction, goal_id: str) -> None:
        """Take shared words down."""
        async with self.bot.database.writing() as session:
            await goal_words.unsay(session, actor(interaction), int(goal_id), self.bot.clock.now())
        await answer(interaction, cards.after("goals.unsaid", int(goal_id)), replace=True)

    # --- partners --------------------------------------------------------------------------------

    @pressed("goal-partner")
    async def partner(self, interaction: Interaction, goal_id: str) -> None:
        """Show partners, and who would like to be one."""
        async with self.bot.database.reading() as session:
            shown = await goal_partners.card(
                session, actor(interaction), int(goal_id), self.bot.clock.now()
            )
        await answer(interaction, shown, replace=True)

    @pressed("goal-ask")
    async def ask(self, interaction: Interaction, goal_id: str, *, values: list[str]) -> None:
        """Ask somebody."""
        async with self.bot.database.writing() as session:
            await goal_partners.ask(
                session, actor(interaction), int(goal_id), int(values[0]), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.partner_ask_done", int(goal_id)), replace=True)

    @pressed("goal-partner-yes")
    async def partner_yes(self, interaction: Interaction, goal_id: str, user_id: str) -> None:
        """Be partners."""
        async with self.bot.database.writing() as session:
            await goal_partners.say_yes(
                session, actor(interaction), int(goal_id), int(user_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.partner_yes_done", int(goal_id)), replace=True)

    @pressed("goal-partner-no")
    async def partner_no(self, interaction: Interaction, goal_id: str, user_id: str) -> None:
        """Rather not."""
        async with self.bot.database.writing() as session:
            await goal_partners.say_no(
                session, actor(interaction), int(goal_id), int(user_id), self.bot.clock.now()
            )
        await answer(interaction, cards.after("goals.partner_no_done", int(goal_id)), replace=True)

    @pressed("goal-partner-end")
    async def partner_end(self, interaction: Interaction, goal_id: str, user_id: str) -> None:
        """Be partners no more."""
        async with self.bot.database.writing() as session:
            await goal_partners.end(session, actor(interaction), int(goal_id), int(user_id))
        await answer(interaction, cards.after("goals.partner_ended", int(goal_id)), replace=True)

    async def _check(self, interaction: Interaction, goal_id: int, *, yesterday: bool) -> None:
        async with self.bot.database.writing() as session:
            found = await goal_parts.check_in(
                session, actor(interaction), goal_id, self.bot.clock.now(), yesterday=yesterday
            )
        shown = cards.not_in(goal_id) if found is None else found
        await answer(interaction, shown, replace=_is_own(interaction))


def _is_own(interaction: Interaction) -> bool:
    """Return whether what was pressed on is somebody's own card, not a message in a room."""
    return interaction.message is not None and interaction.message.flags.ephemeral


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(GoalParts(bot))

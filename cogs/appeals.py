"""Appeals: whoever was removed asks once, and moderators look again."""

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
from bot.errors import UserError
from bot.gateway.payloads import Field, form
from bot.rules import safety_cards
from bot.rules.message import Line, Message, say
from bot.rules.naming import clean
from bot.services import appeals, drafts, safety_notes
from bot.texts import Say

APPEAL_MOST = 1200
ANSWER_MOST = 600


class Appeals(commands.Cog):
    """What stands in /home after a removal, and what moderators answer to it."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("safety-seen")
    async def seen(self, interaction: Interaction, removal_id: str) -> None:
        """Put away what was read in /home."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            await appeals.seen(session, actor(interaction), int(removal_id), self.bot.clock.now())
        await answer(interaction, say("safety.put_away"))

    @pressed("appeal-form")
    async def ask_form(self, interaction: Interaction, removal_id: str) -> None:
        """Ask what the moderators should know, if it can still be asked."""
        async with self.bot.database.reading() as session:
            await appeals.may_ask(session, actor(interaction), int(removal_id))
        await give_form(
            interaction,
            form(
                language(interaction),
                "safety.form_appeal",
                f"appeal:{removal_id}",
                [
                    Field(
                        "said",
                        "safety.field_appeal",
                        hint="safety.hint_appeal",
                        long=True,
                        most=APPEAL_MOST,
                    )
                ],
            ),
        )

    @submitted("appeal")
    async def ask(
        self, interaction: Interaction, removal_id: str, *, fields: dict[str, str]
    ) -> None:
        """Ask the moderators to look again."""
        await defer(interaction)
        async with self.bot.database.writing() as session:
            await appeals.ask(
                session,
                actor(interaction),
                int(removal_id),
                _said(fields["said"], APPEAL_MOST),
                now=self.bot.clock.now(),
            )
        await answer(interaction, say("safety.appealed"))

    @pressed("appeal-next")
    async def next_appeal(self, interaction: Interaction) -> None:
        """Show the appeal that waits the longest."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            waiting = await appeals.waiting(session, actor(interaction))
        if not waiting:
            raise UserError("safety.appeal_gone")
        await answer(interaction, _appeal(waiting[0]))

    @pressed("appeal-open")
    async def open_appeal(self, interaction: Interaction, appeal_id: str) -> None:
        """Show an appeal to a moderator."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            found = await appeals.look(session, actor(interaction), int(appeal_id))
        await answer(interaction, _appeal(found))

    @pressed("appeal-back")
    async def let_back(self, interaction: Interaction, appeal_id: str) -> None:
        """Ask for a word to the person who is let back."""
        await self._give_form(interaction, "appeal-yes", appeal_id)

    @pressed("appeal-stays")
    async def stays(self, interaction: Interaction, appeal_id: str) -> None:
        """Ask for a word to the person for whom it stays."""
        await self._give_form(interaction, "appeal-no", appeal_id)

    @submitted("appeal-yes")
    async def say_yes(
        self, interaction: Interaction, appeal_id: str, *, fields: dict[str, str]
    ) -> None:
        """Let somebody back."""
        await self._answer(interaction, appeal_id, fields, let_back=True)

    @submitted("appeal-no")
    async def say_no(
        self, interaction: Interaction, appeal_id: str, *, fields: dict[str, str]
    ) -> None:
        """Leave it as it is."""
        await self._answer(interaction, appeal_id, fields, let_back=False)

    async def _give_form(self, interaction: Interaction, submit: str, appeal_id: str) -> None:
        """Ask for the answer, with what was typed last where it could not be given."""
        who = actor(interaction)
        async with self.bot.database.reading() as session:
            await appeals.look(session, who, int(appeal_id))
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=_draft(appeal_id)
            )
        filled = typed.get("answer", "")
        await give_form(
            interaction, _answer_form(language(interaction), f"{submit}:{appeal_id}", filled)
        )

    async def _answer(
        self, interaction: Interaction, appeal_id: str, fields: dict[str, str], *, let_back: bool
    ) -> None:
        await defer(interaction)
        who, now, said = (
            actor(interaction),
            self.bot.clock.now(),
            _said(fields["answer"], ANSWER_MOST),
        )
        server, user, name = who.server_id, who.user_id, _draft(appeal_id)
        try:
            async with self.bot.database.writing() as session:
                user_id = await appeals.answer(
                    session, who, int(appeal_id), let_back=let_back, said=said, now=now
                )
                await drafts.done(session, server_id=server, user_id=user, form=name)
        except UserError as refused:
            if refused.key != "safety.still_apart":
                raise
            async with self.bot.database.writing() as session:
                await drafts.keep(
                    session,
                    server_id=server,
                    user_id=user,
                    form=name,
                    fields={"answer": said},
                    now=now,
                )
                found = await appeals.look(session, who, int(appeal_id))
            card = _appeal(found)
            await answer(interaction, Message((Line(refused.key),), card.buttons))
            return
        key = "safety.answered_back" if let_back else "safety.answered_stays"
        await answer(interaction, say(key, user=user_id))


def _answer_form(speak: Say, submit: str, filled: str) -> discord.ui.Modal:
    return form(
        speak,
        "safety.form_answer",
        submit,
        [
            Field(
                "answer",
                "safety.field_answer",
                filled,
                hint="safety.hint_answer",
                long=True,
                required=False,
                most=ANSWER_MOST,
            )
        ],
    )


def _draft(appeal_id: str) -> str:
    return f"appeal-answer:{appeal_id}"


def _said(typed: str, most: int) -> str:
    return clean(typed or "", lines=True)[:most]


def _appeal(found: appeals.Asked) -> Message:
    return safety_cards.appeal(
        appeal_id=found.id,
        user_id=found.user_id,
        said=found.said,
        at=found.at,
        about=safety_notes.told(found.about, None),
        by_user_id=found.by_user_id,
        own=found.own,
    )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Appeals(bot))

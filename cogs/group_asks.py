"""Asking another group: the question, who decides on it, and answers that authors send."""

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
from bot.rules import group_asks as rules
from bot.rules.message import Button, Line, Message
from bot.services import drafts, group_answers, group_asks

ROOM_FOR_MORE = 200  # characters more than may be: answered, not cut off


class GroupAsks(commands.Cog):
    """Answers everything that is pressed about questions from one group to another."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    # --- asking ---------------------------------------------------------------------------------

    @pressed("ask-group-open")
    async def open(self, interaction: Interaction, group_id: str) -> None:
        """Show the group's question, or open the form for one."""
        async with self.bot.database.reading() as session:
            card = await group_asks.look(session, actor(interaction), int(group_id))
        if card is None:
            await self._question_form(interaction, group_id)
        else:
            await answer(interaction, card)

    @pressed("ask-group-new")
    async def again(self, interaction: Interaction, group_id: str) -> None:
        """Open the form with what was typed before."""
        await self._question_form(interaction, group_id)

    async def _question_form(self, interaction: Interaction, group_id: str) -> None:
        who, name = actor(interaction), group_asks.draft_of(int(group_id))
        async with self.bot.database.reading() as session:
            await group_asks.may_ask(session, who, int(group_id))
            typed = await drafts.kept(
                session, server_id=who.server_id, user_id=who.user_id, form=name
            )
        field = Field(
            "question",
            "asks.form_question",
            hint="asks.form_question_hint",
            filled=typed.get("question", ""),
            long=True,
            most=rules.QUESTION_MOST + ROOM_FOR_MORE,
        )
        await give_form(interaction, form(language(interaction), "asks.form", name, [field]))

    @submitted("ask-group-words")
    async def words(
        self, interaction: Interaction, group_id: str, *, fields: dict[str, str]
    ) -> None:
        """Show which groups the question fits; its words are kept until it is sent."""
        await defer_in_place(interaction)
        who, now, group = actor(interaction), self.bot.clock.now(), int(group_id)
        async with self.bot.database.reading() as session:
            await group_asks.may_ask(session, who, group)
        await self._keep(interaction, group_asks.draft_of(group), fields, "question")
        try:
            text = rules.question(fields["question"])
        except UserError as refused:
            fix = Button("asks.fix", f"ask-group-new:{group}", "primary")
            await answer(interaction, Message((Line(refused.key, refused.params),), (fix,)))
            return
        async with self.bot.database.reading() as session:
            card = await group_asks.choose(session, who, group, text, now)
        await answer(interaction, card)

    @pressed("ask-group-to")
    async def to(self, interaction: Interaction, group_id: str, *, values: list[str]) -> None:
        """Show the question once more before it is sent."""
        await defer_in_place(interaction)
        who, group = actor(interaction), int(group_id)
        async with self.bot.database.reading() as session:
            typed = await drafts.kept(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=group_asks.draft_of(group),
            )
            if not typed.get("question"):
                raise UserError("asks.words_gone")
            card = await group_asks.sure(
                session,
                who,
                group,
                int(values[0]),
                rules.question(typed["question"]),
                self.bot.clock.now(),
            )
        await answer(interaction, card)

    @pressed("ask-group-send")
    async def send(
        self, interaction: Interaction, group_id: str, other_id: str, named: str
    ) -> None:
        """Offer the question to those who look after the other group."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_asks.send(
                session,
                actor(interaction),
                int(group_id),
                int(other_id),
                named=named == "1",
                now=self.bot.clock.now(),
            )
        await answer(interaction, said)

    @pressed("ask-group-back")
    async def back(self, interaction: Interaction, ask_id: str) -> None:
        """Take the question back."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_asks.take_back(
                session, actor(interaction), int(ask_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    # --- deciding -------------------------------------------------------------------------------

    @pressed("ask-group-look")
    async def look(self, interaction: Interaction, ask_id: str) -> None:
        """Show the question to who looks after the group that is asked."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            card = await group_asks.read(session, actor(interaction), int(ask_id))
        await answer(interaction, card)

    @pressed("ask-group-put")
    async def put(self, interaction: Interaction, ask_id: str) -> None:
        """Put the question to the group."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_asks.put(
                session, actor(interaction), int(ask_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("ask-group-pass")
    async def let_pass(self, interaction: Interaction, ask_id: str) -> None:
        """Let the question pass."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_asks.let_pass(
                session, actor(interaction), int(ask_id), self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("ask-group-take")
    async def take(self, interaction: Interaction, group_id: str, wanted: str) -> None:
        """Say whether the group wants to be asked by others."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_asks.take_questions(
                session, actor(interaction), int(group_id), wanted=wanted == "1"
            )
        await answer(interaction, said)

    # --- answering ------------------------------------------------------------------------------

    @pressed("ask-group-answer")
    async def answer_form(self, interaction: Interaction, ask_id: str, *_again: str) -> None:
        """Open the form for an answer; who has sent one can take it back."""
        who, ask = actor(interaction), int(ask_id)
        async with self.bot.database.reading() as session:
            card = await group_answers.mine(session, who, ask)
            typed = await drafts.kept(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=group_answers.draft_of(ask),
            )
        if card is not None:
            await answer(interaction, card)
            return
        field = Field(
            "answer",
            "asks.form_answer",
            hint="asks.form_answer_hint",
            filled=typed.get("answer", ""),
            long=True,
            most=rules.ANSWER_MOST + ROOM_FOR_MORE,
        )
        name = group_answers.draft_of(ask)
        await give_form(interaction, form(language(interaction), "asks.answer_form", name, [field]))

    @submitted("ask-group-said")
    async def said(self, interaction: Interaction, ask_id: str, *, fields: dict[str, str]) -> None:
        """Show the answer as it would be read; nothing is sent yet."""
        await defer(interaction)
        who, ask = actor(interaction), int(ask_id)
        async with self.bot.database.reading() as session:
            sent = await group_answers.mine(session, who, ask)
        if sent is not None:
            await answer(interaction, sent)
            return
        await self._keep(interaction, group_answers.draft_of(ask), fields, "answer")
        try:
            async with self.bot.database.reading() as session:
                card = await group_answers.preview(session, who, ask, fields["answer"])
        except NotAllowed:
            raise
        except UserError as refused:
            fix = Button("asks.fix", f"ask-group-answer:{ask}:again", "primary")
            await answer(interaction, Message((Line(refused.key, refused.params),), (fix,)))
            return
        await answer(interaction, card)

    @pressed("ask-group-reply")
    async def reply(self, interaction: Interaction, ask_id: str, named: str, seen: str) -> None:
        """Send the answer that the card shows: that press is its author's consent."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_answers.send(
                session,
                actor(interaction),
                int(ask_id),
                named=named == "1",
                seen=seen,
                now=self.bot.clock.now(),
            )
        await answer(interaction, said)

    @pressed("ask-group-mine")
    async def mine(self, interaction: Interaction, answer_id: str, stamp: str) -> None:
        """Take one's own answer back."""
        await defer_in_place(interaction)
        async with self.bot.database.writing() as session:
            said = await group_answers.take_back(
                session, actor(interaction), int(answer_id), stamp, self.bot.clock.now()
            )
        await answer(interaction, said)

    @pressed("ask-group-how")
    async def how(self, interaction: Interaction, ask_id: str, *_where: str) -> None:
        """Show what asking another group is."""
        await defer(interaction)
        async with self.bot.database.reading() as session:
            said = await group_asks.how(session, actor(interaction), int(ask_id))
        await answer(interaction, said)

    async def _keep(
        self, interaction: Interaction, name: str, fields: dict[str, str], field: str
    ) -> None:
        who = actor(interaction)
        async with self.bot.database.writing() as session:
            await drafts.keep(
                session,
                server_id=who.server_id,
                user_id=who.user_id,
                form=name,
                fields={field: fields.get(field) or ""},
                now=self.bot.clock.now(),
            )


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(GroupAsks(bot))

"""Pulses: a group is asked how it is to live there, answers, and reads first what came of it."""

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
from bot.gateway.payloads import Field
from bot.gateway.scales import Scale, scale_form
from bot.rules import pulse as rules
from bot.rules import pulse_cards as cards
from bot.rules.message import Button, Line, Message, say
from bot.services import pulse_answers, pulse_asking, pulse_lines

STEPS = tuple((str(step), f"pulse.step_{step}") for step in reversed(rules.STEPS))
SCALES = tuple(
    Scale(
        question,
        f"pulse.question_{question}",
        STEPS,
        hint="" if number else "pulse.question_hint",
    )
    for number, question in enumerate(rules.QUESTIONS)
)
LINE = Field(
    "line",
    "pulse.line",
    hint="pulse.line_hint",
    long=True,
    required=False,
    most=rules.LINE_MOST,
)


class Pulse(commands.Cog):
    """Answers the buttons in rooms, at the desk and in the facilitators' room."""

    def __init__(self, bot: Hearth) -> None:
        self.bot = bot

    @pressed("pulse-desk")
    async def desk(self, interaction: Interaction, group_id: str) -> None:
        """Show those who look after a group how it stands with its pulses."""
        await self._desk(interaction, int(group_id))

    @pressed("pulse-ask")
    async def ask(self, interaction: Interaction, group_id: str) -> None:
        """Put the question into the room."""
        async with self.bot.database.writing() as session:
            pulse = await pulse_asking.ask(
                session, actor(interaction), int(group_id), self.bot.clock.now()
            )
        said = Line("pulse.asked_done", {"at": int(pulse.closes_at.timestamp())})
        await answer(interaction, _back(said, group_id), replace=True)

    @pressed("pulse-part")
    async def part(self, interaction: Interaction, pulse_id: str, *_mark: str) -> None:
        """Open the form for those who may answer and have not."""
        who = actor(interaction)
        first = not self.bot.pulses.has(int(pulse_id), who.user_id)
        async with self.bot.database.reading() as session:
            await pulse_answers.admitted(
                session, who, int(pulse_id), self.bot.clock.now(), first=first
            )
        modal = scale_form(
            language(interaction), "pulse.form", f"pulse-answer:{pulse_id}", SCALES, LINE
        )
        await give_form(interaction, modal)

    @submitted("pulse-answer")
    async def answered(
        self, interaction: Interaction, pulse_id: str, *, fields: dict[str, object]
    ) -> None:
        """Take the answer in."""
        await defer(interaction)
        given = rules.given(fields)
        closes_at = await self.bot.pulses.take(
            actor(interaction), int(pulse_id), given, self.bot.clock.now()
        )
        await answer(interaction, cards.thanks(closes_at, lines=bool(given.line)))

    @pressed("pulse-how")
    async def how(self, interaction: Interaction, *_mark: str) -> None:
        """Say how answers stay anonymous, and where that ends."""
        await answer(interaction, cards.how())

    @pressed("pulse-no")
    async def not_for_us(self, interaction: Interaction, pulse_id: str) -> None:
        """Ask once, or show the way back."""
        async with self.bot.database.reading() as session:
            said = await pulse_asking.says_no(session, actor(interaction), int(pulse_id))
        await answer(interaction, cards.not_for_us(int(pulse_id), said=said))

    @pressed("pulse-no-yes")
    async def no(self, interaction: Interaction, pulse_id: str) -> None:
        """Note it; enough of them end the pulse unread."""
        async with self.bot.database.writing() as session:
            ended = await pulse_asking.say_no(
                session, actor(interaction), int(pulse_id), self.bot.clock.now()
            )
        if ended:
            self.bot.pulses.drop(int(pulse_id))
        await answer(
            interaction, say("pulse.no_enough" if ended else "pulse.no_done"), replace=True
        )

    @pressed("pulse-no-back")
    async def no_back(self, interaction: Interaction, pulse_id: str) -> None:
        """Take it back."""
        async with self.bot.database.writing() as session:
            await pulse_asking.take_no_back(session, actor(interaction), int(pulse_id))
        await answer(interaction, say("pulse.no_taken_back"), replace=True)

    @pressed("pulse-off")
    async def off(self, interaction: Interaction, pulse_id: str) -> None:
        """Ask once before a pulse is ended unread."""
        async with self.bot.database.reading() as session:
            pulse = await pulse_asking.own_pulse(session, actor(interaction), int(pulse_id))
        await answer(interaction, cards.off_sure(pulse.group_id, pulse.id), replace=True)

    @pressed("pulse-off-yes")
    async def ended(self, interaction: Interaction, pulse_id: str) -> None:
        """End it unread."""
        async with self.bot.database.writing() as session:
            pulse = await pulse_asking.call_off(
                session, actor(interaction), int(pulse_id), self.bot.clock.now()
            )
        self.bot.pulses.drop(pulse.id)
        card = _back(Line("pulse.off_done"), str(pulse.group_id))
        await answer(interaction, card, replace=True)

    @pressed("pulse-lines")
    async def lines(self, interaction: Interaction, pulse_id: str, page: str) -> None:
        """Show the lines to those who read them first."""
        await defer_in_place(interaction)
        async with self.bot.database.reading() as session:
            shown = await pulse_lines.read(session, actor(interaction), int(pulse_id), int(page))
        await answer(interaction, shown)

    @pressed("pulse-tick")
    async def tick(
        self, interaction: Interaction, pulse_id: str, page: str, *, values: list[str]
    ) -> None:
        """Note what of a page the group shall read."""
        async with self.bot.database.writing() as session:
            shown = await pulse_lines.tick(
                session, actor(interaction), int(pulse_id), int(page), values
            )
        await answer(interaction, shown, replace=True)

    @pressed("pulse-post")
    async def post(self, interaction: Interaction, pulse_id: str) -> None:
        """Let the group read what is ticked."""
        await self._post(interaction, int(pulse_id), none=False)

    @pressed("pulse-post-none")
    async def post_none(self, interaction: Interaction, pulse_id: str) -> None:
        """Let the group know that nothing is shown."""
        await self._post(interaction, int(pulse_id), none=True)

    async def _post(self, interaction: Interaction, pulse_id: int, *, none: bool) -> None:
        async with self.bot.database.writing() as session:
            posted = await pulse_lines.post(
                session, actor(interaction), pulse_id, self.bot.clock.now(), none=none
            )
        said = (
            Line("pulse.lines_posted", {"n": posted.shown})
            if posted.shown
            else Line("pulse.lines_none")
        )
        await answer(interaction, Message((said,)), replace=True)

    async def _desk(self, interaction: Interaction, group_id: int) -> None:
        async with self.bot.database.reading() as session:
            found = await pulse_asking.at_desk(session, actor(interaction), group_id)
        waiting = 0 if found.last is None else self.bot.pulses.count(found.last.id)
        card = found.card(waiting=waiting, now=self.bot.clock.now())
        await answer(interaction, card, replace=True)


def _back(said: Line, group_id: str) -> Message:
    """Return an answer with the way back to the desk's card of pulses."""
    return Message((said,), (Button("desk.back", f"pulse-desk:{group_id}"),))


async def setup(bot: Hearth) -> None:
    """Load the cog."""
    await bot.add_cog(Pulse(bot))

"""Pulses: a group is asked how it is to live there, answers, and reads first what came of it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models import Group, GroupType, PulseAnswer, PulseLine, PulseNo, PulsePart, Server
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.desks import desk_page
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

ROOM = "🌊-riverside"
QUESTIONS = ("belonging", "trust", "connection")
WEEK = timedelta(days=7, minutes=1)
SILENT = 1 << 12


async def alone(hearth: Running) -> list[Person]:
    """Riverside, looked after by Lena who lives there; facilitators have #welcome."""
    await set_up(hearth, facilitators_room=channel(hearth, "welcome"))
    await group(hearth)
    lena = await at_home(hearth, "Lena")
    await looked_after(hearth, lena)
    return [lena]


async def found(hearth: Running) -> list[Person]:
    """Lena, and five others who live there."""
    lena = await alone(hearth)
    names = ("Mara", "Jo", "Kim", "Ben", "Ida")
    return [*lena, *await asyncio.gather(*(at_home(hearth, name) for name in names))]


pytestmark = pytest.mark.founded(by=found)


@pytest.fixture
def lena(hearth: Running) -> Person:
    """Riverside, looked after by Lena who lives there; facilitators have #welcome."""
    return hearth.founded[0]


@pytest.fixture
def others(hearth: Running) -> list[Person]:
    """Five others who live there."""
    return hearth.founded[1:]


def last(hearth: Running, name: str = ROOM) -> Message:
    """Return the newest message of a room."""
    return list(channel(hearth, name).history)[-1]


async def desk(lena: Person) -> Answer:
    """Return the desk's card of pulses."""
    return await lena.press(await desk_page(lena, "Room"), "Pulse")


async def asked(hearth: Running, lena: Person) -> Message:
    """Let Lena ask the group; return the question in the room."""
    done = await lena.press(await desk(lena), "Ask the group")
    assert "The question stands in the room until" in done.text, done.text
    await hearth.settle()
    return last(hearth)


async def answer(person: Person, question: Message, step: int = 4, line: str = "") -> Answer:
    """Open the form and fill it in."""
    form = await person.press(question, "Take part")
    assert form.kind == "modal", form.text
    return await person.fill(form, **dict.fromkeys(QUESTIONS, str(step)), line=line)


async def all_answer(people: Sequence[Person], question: Message, line: str = "") -> None:
    """Let these people answer."""
    for person in people:
        done = await answer(person, question, line=line)
        assert "Thank you, that's in." in done.text, done.text


async def over(hearth: Running, lena: Person, people: Sequence[Person], line: str = "") -> Message:
    """Let a pulse run from the question to the close; return what came of it."""
    question = await asked(hearth, lena)
    await all_answer(people, question, line)
    await hearth.advance(WEEK)
    return last(hearth)


async def count(hearth: Running, table: type[Any]) -> int:
    """Return how many rows a table holds."""
    async with hearth.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_pulse_from_the_question_to_what_came_of_it(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Asked at the desk, answered in the room, shown there after a week; once a month."""
    card = await desk(lena)
    assert "A pulse asks those who live here three things" in card.text
    assert card.buttons == ["Ask the group", "How it stays anonymous", "Back"]
    question = await asked(hearth, lena)
    assert question.content.startswith(f"🌡️ {lena.mention} would like to know how it is")
    assert not question.mentions
    assert question.flags & SILENT
    form = await others[0].press(question, "Take part")
    assert "I can say here what I really think" in form.text
    assert "5 · fully\n4 · mostly" in form.text
    done = await others[0].fill(form, belonging="5", trust="2", line="More *walks*, please")
    assert done.ephemeral
    assert "Your line is read first by those who look after the group" in done.text
    for person in others[1:]:
        assert "Your line" not in (await answer(person, question, 3)).text
    await answer(lena, question, 3)
    card = await desk(lena)
    assert "6 have taken part so far" in card.text
    assert not any(person.mention in card.text or person.name in card.text for person in others)
    assert await count(hearth, PulsePart) == 0, "six wait in memory for company"
    await hearth.advance(WEEK)
    told = last(hearth)
    assert "6 of you answered" in told.content
    assert "●●●○○ **3.3** of 5 · I belong here" in told.content  # 20 / 6
    assert "●●●○○ **2.8** of 5 · I can say here what I really think" in told.content  # 17 / 6
    assert "●●●○○ **3.0** of 5 · There are people" in told.content  # five answered it
    assert f"1 of you also wrote a line. {lena.mention} read" in told.content
    assert not told.mentions
    assert await count(hearth, PulseAnswer) == await count(hearth, PulsePart) == 0
    card = await desk(lena)
    assert "The last one: 6 answered" in card.text
    assert "**2.8** of 5" in card.text
    assert "Ask the group" not in card.buttons
    assert "Read the lines" in card.buttons


async def test_a_question_that_is_deleted_is_found_at_home(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """It is not posted again; who lives there may answer from /home, who does not finds nothing."""
    question = await asked(hearth, lena)
    await hearth.owner.delete(question)
    await hearth.settle()
    await hearth.advance(timedelta(hours=2))
    assert question.id not in {message.id for message in channel(hearth, ROOM).history}
    assert not any("how it is to live here" in m.content for m in channel(hearth, ROOM).history)
    home = await others[0].command("home")
    assert "Your group is asked how it is to live there" in home.text
    form = await others[0].press(home, "Take part")
    done = await others[0].fill(form, **dict.fromkeys(QUESTIONS, "4"), line="")
    assert "Thank you, that's in." in done.text
    stranger = await hearth.person("Zed")
    assert "Take part" not in (await stranger.command("home")).buttons
    await hearth.advance(WEEK)
    assert "Take part" not in (await others[0].command("home")).buttons


async def test_lines_are_read_first(hearth: Running, lena: Person, others: list[Person]) -> None:
    """Lena is called without the group's name; she ticks what the room reads; then all are gone."""
    await over(hearth, lena, others, "A line @everyone *of* mine")
    words = f"{lena.mention}, lines from your group wait"
    (called,) = [m for m in channel(hearth, "welcome").history if m.content.startswith(words)]
    assert [user.name for user in called.mentions] == ["lena"]
    assert "Riverside" not in called.content
    front = await lena.command("desk")
    assert "5 lines from the pulse wait to be read first" in front.text
    second = await lena.press(front, "Read the lines")
    card = await lena.press(called, "Read the lines")
    assert card.ephemeral
    assert "5 lines, in no order" in card.text
    assert "@everyone" not in card.text.splitlines()[1]
    assert "Post the ticked ones" not in card.buttons
    card = await lena.choose(card, card.choices[:2])
    assert "2 of 5 are ticked" in card.text
    card = await lena.choose(card, [card.choices[4], card.choices[1]])
    assert "2 of 5 are ticked" in card.text
    done = await lena.press(card, "Post the ticked ones")
    assert "2 lines stand in the room; all lines are erased here" in done.text
    await hearth.settle()
    said = last(hearth)
    assert said.content.count("\n> A line") == 2
    assert "\\*of\\* mine" in said.content
    assert "3 more lines stay with who read them first" in said.content
    assert not said.mention_everyone
    assert await count(hearth, PulseLine) == 0
    for old in (second, called):
        gone = (
            await lena.press(old, "Show none of them")
            if isinstance(old, Answer)
            else await lena.press(old, "Read the lines")
        )
        assert "have been read and are erased here" in gone.text
    assert "wait to be read first" not in (await lena.command("desk")).text


async def test_no_line_is_shown(hearth: Running, lena: Person, others: list[Person]) -> None:
    """With nothing ticked nothing is posted by mistake; that none is shown the room reads."""
    await over(hearth, lena, others, "Lena should go")
    card = await lena.press(await desk(lena), "Read the lines")
    card = await lena.choose(card, card.choices[:1])
    other = await lena.press(await desk(lena), "Read the lines")
    other = await lena.choose(other, [])
    nothing = await lena.press(card, "Post the ticked ones")
    assert "Nothing is ticked yet" in nothing.text
    done = await lena.press(other, "Show none of them")
    assert "None is shown" in done.text
    await hearth.settle()
    assert (
        f"{lena.mention} has read 5 lines first, and none of them is shown" in last(hearth).content
    )


async def test_of_three_nothing_is_shown(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Only how many they were; no line of theirs is kept for anybody to read."""
    told = await over(hearth, lena, others[:3], "Only we know")
    assert "3 of you answered; from five on I show something" in told.content
    assert "Only we know" not in told.content
    card = await desk(lena)
    assert "The last one: 3 answered, too few" in card.text
    assert "Read the lines" not in card.buttons
    assert await count(hearth, PulseLine) == 0


async def test_nobody_answers(hearth: Running, lena: Person, others: list[Person]) -> None:
    """That is said without blame."""
    assert others
    assert "nothing came in this time" in (await over(hearth, lena, [])).content


async def test_once_each(hearth: Running, lena: Person, others: list[Person]) -> None:
    """A second form left open is refused, with its line; so is a second press."""
    question = await asked(hearth, lena)
    mara = others[0]
    second, third = [await mara.press(question, "Take part") for _ in range(2)]
    await all_answer(others, question)
    refused = await mara.fill(second, trust="1", line="Once *more*")
    assert "one each is enough" in refused.text
    assert "You wrote: “Once \\*more\\*”" in refused.text
    assert "one each is enough" in (await mara.fill(third, trust="1")).text
    assert "one each is enough" in (await mara.press(question, "Take part")).text


async def test_an_empty_form_is_no_answer(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Nothing chosen, nothing written that can be seen: they can answer all the same later."""
    question = await asked(hearth, lena)
    form = await others[0].press(question, "Take part")
    assert "nothing is counted" in (await others[0].fill(form, line="\u200b\u200b")).text
    assert "that's in" in (await answer(others[0], question)).text


async def test_too_late(hearth: Running, lena: Person, others: list[Person]) -> None:
    """A form that was left open over the close gives its line back."""
    question = await asked(hearth, lena)
    await hearth.advance(timedelta(days=7) - timedelta(minutes=5))
    written, empty = [await others[0].press(question, "Take part") for _ in range(2)]
    await hearth.advance(timedelta(minutes=6))
    late = await others[0].fill(written, trust="5", line="At last")
    assert "This pulse is over" in late.text
    assert "You wrote: “At last”" in late.text
    assert "This pulse is over" in (await others[0].fill(empty, trust="5")).text
    assert "This pulse is over" in (await others[0].press(question, "Take part")).text


async def test_only_those_who_live_there(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """A visitor sees the question and has no say; who moved out since has none either."""
    vera = await hearth.person("Vera")
    assert "No access" not in (await vera.command("visit", group="Riverside")).text
    question = await asked(hearth, lena)
    for label in ("Take part", "Not for us"):
        assert "This is for those who live in the group" in (await vera.press(question, label)).text
    assert (
        "Your answers go into a pot" in (await vera.press(question, "How it stays anonymous")).text
    )
    mara = others[0]
    written, empty = [await mara.press(question, "Take part") for _ in range(2)]
    sure = await mara.command("leave")
    await mara.press(sure, sure.buttons[0])
    refused = await mara.fill(written, trust="5", line="Bye")
    assert "This is for those who live in the group" in refused.text
    assert "You wrote: “Bye”" in refused.text
    assert "This is for those who live in the group" in (await mara.fill(empty, trust="5")).text


async def test_a_third_says_no(hearth: Running, lena: Person, others: list[Person]) -> None:
    """Two of six end it unread; nobody is shown who; for half a year nobody asks again."""
    question = await asked(hearth, lena)
    await all_answer(others[2:], question)
    mara, jo = others[:2]
    sure = await mara.press(question, "Not for us")
    assert "a third of those who live here" in sure.text
    assert "Noted, and nobody is shown" in (await mara.press(sure, "Not for us, please")).text
    back = await mara.press(question, "Not for us")
    assert "You have said that this isn't for you" in back.text
    assert "Taken back" in (await mara.press(back, "Take it back")).text
    for person, word in ((jo, "Noted, and nobody"), (mara, "with you it is enough")):
        sure = await person.press(question, "Not for us")
        assert word in (await person.press(sure, "Not for us, please")).text
    await hearth.settle()
    said = last(hearth).content
    assert "Enough of you said that a pulse isn't for you" in said
    assert "Mara" not in said
    assert "This pulse is over" in (await lena.press(question, "Take part")).text
    assert await count(hearth, PulseNo) == 0
    card = await desk(lena)
    assert "It is nobody's fault" in card.text
    assert "Ask the group" not in card.buttons
    await hearth.advance(timedelta(days=183))
    assert "Ask the group" in (await desk(lena)).buttons


async def test_it_is_ended_before_its_time(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """By Lena, after a word of caution; the room hears whose act it was, and all is erased."""
    question = await asked(hearth, lena)
    await all_answer(others, question, "Nobody reads this")
    first, second = [await lena.press(await desk(lena), "End it") for _ in range(2)]
    assert "Nobody reads an answer" in first.text
    assert "It has ended" in (await lena.press(first, "Yes, end it")).text
    assert "This pulse is over" in (await lena.press(second, "Yes, end it")).text
    await hearth.advance(WEEK)
    assert f"{lena.mention} has ended the pulse" in last(hearth).content
    assert "The last one was ended before its time" in (await desk(lena)).text


async def test_when_it_cannot_be_asked(hearth: Running, lena: Person, others: list[Person]) -> None:
    """While one runs, within the month, where nobody writes, and after enough said no."""
    old = [await desk(lena) for _ in range(7)]
    room = channel(hearth, ROOM)
    now = hearth.app.clock.now()
    for change, refusal in (
        ({"locked_at": now}, "moderators have locked the room"),
        ({"locked_at": None, "room_id": None}, "is still being made"),
        ({"room_id": room.id, "state": "archived"}, "has come to its end"),
        ({"state": "open"}, ""),
    ):
        async with hearth.app.database.writing() as session:
            await session.execute(update(Group).values(**change))
        if refusal:
            assert refusal in (await lena.press(old.pop(), "Ask the group")).text
    await asked(hearth, lena)
    assert "A pulse runs already" in (await lena.press(old.pop(), "Ask the group")).text
    await hearth.advance(WEEK)
    assert "Once a month is enough" in (await lena.press(old.pop(), "Ask the group")).text
    question = next(m for m in room.history if "would like to know how" in m.content)
    for person in others[:2]:
        sure = await person.press(question, "Not for us")
        await person.press(sure, "Not for us, please")
    await hearth.advance(timedelta(days=28))
    assert "would rather have no pulses" in (await lena.press(old.pop(), "Ask the group")).text


async def test_half_a_year_of_peace(hearth: Running, lena: Person, others: list[Person]) -> None:
    """A desk left open from before the no asks nobody either."""
    question = await asked(hearth, lena)
    for person in others[:2]:
        sure = await person.press(question, "Not for us")
        await person.press(sure, "Not for us, please")
    card = await desk(lena)
    assert card.message is not None
    ask = {"type": 2, "style": 1, "id": 2, "custom_id": "pulse-ask:1", "label": "Ask the group"}
    card.message.components = [{"type": 1, "id": 1, "components": [ask]}]
    assert "until then, just talk" in (await lena.press(card, "Ask the group")).text


@pytest.mark.founded(by=alone)
async def test_four_are_too_few_to_be_asked(hearth: Running, lena: Person) -> None:
    """Whatever they answered could not be shown."""
    for name in ("Mara", "Jo", "Kim"):
        await at_home(hearth, name)
    refused = await lena.press(await desk(lena), "Ask the group")
    assert "fewer live in **Riverside** just now" in refused.text


async def test_owners_stay_out_of_it(hearth: Running, lena: Person, others: list[Person]) -> None:
    """Their desk has no such button, and one that was made up opens nothing; nor anybody's."""
    owner = hearth.owner
    await over(hearth, lena, others, "For us")
    assert "Pulse" not in (await desk_page(owner, "Room", "Riverside")).buttons
    assert "lines" not in (await owner.command("desk", group="Riverside")).text
    for person, refusal in (
        (owner, "A pulse is the group's own"),
        (others[0], "That's for the facilitators of Riverside"),
    ):
        shown = await person.command("home")
        for press in (
            "pulse-desk:1",
            "pulse-ask:1",
            "pulse-off:1",
            "pulse-off-yes:1",
            "pulse-lines:1:0",
            "pulse-post:1",
            "pulse-post-none:1",
        ):
            assert refusal in (await made_up(person, shown, press)).text, press


async def made_up(person: Person, shown: Answer, press: str) -> Answer:
    """Press a button that Hearth never gave to this person."""
    assert shown.message is not None
    part = {"type": 2, "style": 2, "id": 2, "custom_id": press, "label": "x"}
    shown.message.components = [{"type": 1, "id": 1, "components": [part]}]
    return await person.press(shown, custom_id=press)


@pytest.mark.founded(by=alone)
async def test_a_pulse_there_never_was(hearth: Running, lena: Person) -> None:
    """A number from elsewhere opens nothing and names nothing."""
    shown = await lena.command("desk")
    assert "That is over by now" in (await made_up(lena, shown, "pulse-lines:99:0")).text
    assert "That is over by now" in (await made_up(lena, shown, "pulse-off-yes:99")).text
    assert "for those who live in the group" in (await made_up(lena, shown, "pulse-part:99")).text
    assert not await count(hearth, PulseNo)


async def test_an_unlisted_group_is_named_nowhere(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Not in the facilitators' room, nor to a stranger who makes up a button."""
    async with hearth.app.database.writing() as session:
        await session.execute(update(GroupType).values(listed=False))
    before = {room.id: len(list(room.history)) for room in hearth.server.channels.values()}
    await over(hearth, lena, others, "A line")
    stranger = await hearth.person("Mo")
    shown = await stranger.command("home")
    for press in ("pulse-part:1", "pulse-no:1", "pulse-desk:1", "pulse-lines:1:0"):
        assert "Riverside" not in (await made_up(stranger, shown, press)).text
    for room in hearth.server.channels.values():
        if room.name != ROOM:
            for message in list(room.history)[before[room.id] :]:
                assert "Riverside" not in message.content, room.name


async def test_while_hearth_is_paused(hearth: Running, lena: Person, others: list[Person]) -> None:
    """Nobody is asked and nobody answers; afterwards it closes."""
    question = await asked(hearth, lena)
    await all_answer(others, question)
    async with hearth.app.database.writing() as session:
        await session.execute(update(Server).values(paused_at=hearth.app.clock.now()))
    assert "paused" in (await lena.press(question, "Take part")).text
    await hearth.advance(WEEK)
    assert last(hearth).content == question.content
    async with hearth.app.database.writing() as session:
        await session.execute(update(Server).values(paused_at=None))
    await hearth.advance(timedelta(minutes=2))
    assert "5 of you answered" in last(hearth).content


async def test_what_waits_is_shown_and_handed_over(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """To its author only, and only while it waits: afterwards nobody can tell whose it is."""
    question = await asked(hearth, lena)
    mara, jo = others[:2]
    await answer(mara, question, 2, "Only mine")
    assert "an answer of yours to a pulse" in await everything_shown(mara)
    assert "an answer of yours to a pulse" not in await everything_shown(jo)
    assert await copy(mara) == [
        {"pulse_id": 1, "belonging": 2, "trust": 2, "connection": 2, "line": "Only mine"}
    ]
    assert await copy(jo) is None
    await all_answer([*others[1:], lena], question)
    await hearth.advance(WEEK)
    assert await copy(mara) is None
    assert "an answer of yours to a pulse" not in await everything_shown(mara)


async def everything_shown(person: Person) -> str:
    """Return what /privacy show says, with the page of what is under way where there are pages."""
    shown = await person.command("privacy show")
    pages = [label for label in shown.buttons if "way" in label]
    return shown.text + "".join([(await person.press(shown, label)).text for label in pages])


async def copy(person: Person) -> Any:
    """Return what waits of somebody, as their copy of what is kept about them has it."""
    answer = await person.command("privacy export")
    (file,) = answer.attachments
    matters = json.loads(answer.opened(file))["kept"].values()
    found = [matter["pulse_waiting"] for matter in matters if "pulse_waiting" in matter]
    return found[0]["rows"] if found else None


async def test_who_is_forgotten_before_the_close(
    hearth: Running, lena: Person, others: list[Person]
) -> None:
    """Their answer leaves the pot with them: of the four that are left nothing is shown."""
    question = await asked(hearth, lena)
    await all_answer(others, question, "Mine")
    sure = await others[0].command("privacy forget")
    await others[0].press(sure, "Yes, forget me")
    await hearth.advance(WEEK)
    assert "4 of you answered; from five on" in last(hearth).content


HOSTILE = (
    "@everyone <@1477998909849600000> <@&1>",
    "[click](https://x.test) # big\n> quote ||spoiler||",
    "\u202egnirts\u2066 z\u0334\u0335\u0336\u0337\u0338\u0339algo",
    "'; DROP TABLE pulse; --",
    "🔥" * 180,
    "``` <t:0:F> </leave:1> <:a:123456789012345678>",
)


async def test_whatever_is_typed(hearth: Running, lena: Person, others: list[Person]) -> None:
    """It is read and passed on as it was typed, pings nobody and breaks nothing."""
    question = await asked(hearth, lena)
    for person, line in zip([lena, *others], HOSTILE, strict=True):
        assert "that's in" in (await answer(person, question, line=line)).text
    await hearth.advance(WEEK)
    card = await lena.press(await desk(lena), "Read the lines")
    card = await lena.choose(card, card.choices)
    assert "5 of 6 are ticked" in card.text
    card = await lena.press(card, "Next page")
    assert card.choices[0].startswith("6: ")
    card = await lena.choose(card, card.choices)
    assert "6 of 6 are ticked" in (await lena.press(card, "Page before")).text
    assert "6 lines stand in the room" in (await lena.press(card, "Post the ticked ones")).text
    await hearth.settle()
    said = list(channel(hearth, ROOM).history)[-2:]
    assert sum(message.content.count("> ") for message in said) >= 6
    for message in said:
        assert "@everyone" not in message.content
        assert "\u202e" not in message.content
        assert not message.mentions
        assert not message.mention_everyone
        assert not message.mention_roles

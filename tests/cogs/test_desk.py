"""The desk, from /desk to the last button: rituals, help, invitations, stepping down."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from bot.app import COGS
from bot.services import rituals
from bot.settings import Settings
from bot.texts.prompts import of_kind
from models import (
    Draft,
    Facilitator,
    Invitation,
    Member,
    Membership,
    Occurrence,
    Reminder,
    Ritual,
    Server,
    TypeRitual,
)
from sandbox.app import Sandbox
from sandbox.state import Channel, Message
from tests.cogs.desks import desk_page
from tests.cogs.listening import Listening, Town, listening

MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
FORM = {
    "title": "Friday paths",
    "when": "weekly friday 18:00",
    "prompts": "Which path surprised you?\nWhere next?",
    "pings": "asked",
}


@pytest.fixture
async def bot(sandbox: Sandbox, settings: Settings, town: Town) -> AsyncGenerator[Listening]:
    """A Hearth with the desk, in the town; its commons and owners' room are set up."""
    async with listening(sandbox, settings, COGS) as opened:
        async with opened.database.writing() as session:
            server = await session.get_one(Server, town.server.id)
            server.commons_id = town.commons.id
            server.owners_room_id = town.server.channel("welcome").id
            session.add(TypeRitual(type_id=1, kind="question", cadence="weekly", weekday=0))
        yield opened


def last(room: Channel) -> Message:
    """Return the newest message of a room."""
    return list(room.history)[-1]


async def tick(bot: Listening, sandbox: Sandbox, to: datetime) -> None:
    """Go to a moment and let what is due be claimed and sent."""
    await sandbox.advance(to)
    async with bot.database.writing() as session:
        await rituals.claim_due(session, bot.client.clock.now(), bot.client.settings)
    await sandbox.settle()


async def test_the_usual_rituals_are_three_presses_away(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Desk, Rituals, Set up, pick, Start; on Monday the question stands in the room, once."""
    lena, jo = town.people["Lena"], town.people["Jo"]
    desk = await lena.command("desk")
    assert desk.ephemeral
    assert "Riverside" in desk.text
    listed = await lena.press(desk, "Rituals")
    listed = await lena.press(listed, "Set up the usual rituals")
    assert "Question of the week" in listed.text
    assert listed.buttons == ["Add", "We rest", "Back"]
    card = await lena.choose(listed, "Question of the week")
    assert f"<t:{int(MONDAY.timestamp())}:F>" in card.text
    card = await lena.press(card, "Start")
    assert "Pause" in card.buttons
    assert await bot.rows(Ritual, "state", "host_id") == [("running", lena.id)]
    await tick(bot, sandbox, MONDAY)
    await tick(bot, sandbox, MONDAY + timedelta(minutes=1))
    (posted,) = [m for m in town.room.history if m.author.id == sandbox.bot_id]
    title, prompt, host = posted.content.split("\n")
    assert title == "**Question of the week**"
    assert prompt in of_kind("question").prompts
    assert lena.mention in host
    assert await bot.rows(Occurrence, "state", "message_id") == [("posted", posted.id)]
    assert "You're in" in (await jo.press(posted, "I'm in")).text
    assert "mention you" in (await jo.press(posted, "Remind me")).text
    await jo.write(town.room, "the one by the mill", reply_to=posted)
    await sandbox.settle()
    assert await bot.rows(Occurrence, "answers") == [(2,)]
    assert await bot.rows(Reminder, "user_id") == [(jo.id,)]
    await tick(bot, sandbox, MONDAY + timedelta(days=7))
    assert [user.id for user in last(town.room).mentions] == [jo.id]
    assert not last(town.room).flags & 1 << 12


async def test_a_ritual_that_nobody_answers_asks(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Three times without an answer: it rests, Lena is asked in the facilitators' room."""
    lena, mara = town.people["Lena"], town.people["Mara"]
    listed = await lena.press(await lena.command("desk"), "Rituals")
    listed = await lena.press(listed, "Set up the usual rituals")
    await lena.press(await lena.choose(listed, "Question of the week"), "Start")
    for week in range(4):
        await tick(bot, sandbox, MONDAY + timedelta(days=7 * week))
    question = last(town.facilitators_room)
    assert [user.id for user in question.mentions] == [lena.id]
    assert "Monday" not in question.content
    assert await bot.rows(Ritual, "state") == [("paused",)]
    assert "for the facilitators" in (await mara.press(question, "Open")).text
    opened = await lena.press(question, "Open")
    assert "**Question of the week** has come three times" in opened.text
    kept = await lena.press(opened, "Keep it")
    assert "goes on" in kept.text
    assert kept.buttons == []
    assert await bot.rows(Ritual, "state") == [("running",)]


async def test_a_refused_form_is_kept_and_fixed(bot: Listening, town: Town) -> None:
    """What was typed comes back with [Fix it]; then it is there, previewed, edited, removed."""
    lena = town.people["Lena"]
    listed = await lena.press(await lena.command("desk"), "Rituals")
    modal = await lena.choose(await lena.press(listed, "Add"), "One of our own")
    refused = await lena.fill(modal, **{**FORM, "when": "cron 0 0 30 2 *"})
    assert "never comes" in refused.text
    assert await bot.rows(Ritual, "id") == []
    modal = await lena.press(refused, "Fix it")
    assert "Which path surprised you?" in str(modal.modal)
    card = await lena.fill(modal, **FORM)
    assert "Friday paths" in card.text
    assert card.text.count("<t:") == 3
    assert await bot.rows(Draft, "form") == []
    other = await lena.press(await lena.command("desk"), "Rituals")
    blank = await lena.choose(await lena.press(other, "Add"), "One of our own")
    twin = await lena.fill(blank, **{**FORM, "title": "friday PATHS"})
    assert "called **friday PATHS** already" in twin.text
    modal = await lena.press(card, "Edit")
    card = await lena.fill(modal, **{**FORM, "title": "Saturday @everyone", "pings": "group"})
    assert "Saturday @\u200beveryone" in card.text
    listed = await lena.press(await lena.press(card, "Remove"), "Remove it")
    assert "is gone" in listed.text
    assert await bot.rows(Ritual, "id") == []


async def test_someone_is_asked_to_help(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """A neutral line in the room, the question behind it for one person, an office after a yes."""
    lena, mara, jo = (town.people[name] for name in ("Lena", "Mara", "Jo"))
    desk = await desk_page(lena, "People")
    near = await lena.fill(await lena.press(desk, "Ask someone to help"), who="Marra")
    assert "Did you mean Mara" in near.text
    told = await lena.fill(await lena.press(desk, "Ask someone to help"), who="@mara")
    assert f"<@{mara.id}> finds a question" in told.text
    await sandbox.settle()
    line = last(town.room)
    assert "Riverside" not in line.content
    assert [user.id for user in line.mentions] == [mara.id]
    assert "This one is for" in (await jo.press(line, "Open")).text
    question = await mara.press(line, "Open")
    assert question.ephemeral
    assert "Riverside" in question.text
    accepted = await mara.press(question, "Yes, gladly")
    assert "you look after" in accepted.text
    assert accepted.buttons == []
    assert (mara.id, "active") in await bot.rows(Facilitator, "user_id", "state")
    assert "Riverside" in (await mara.command("desk")).text
    assert "Nothing waits" in (await mara.press(line, "Open")).text


async def test_a_no_leaves_no_trace(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """Nobody is told, and nothing is kept."""
    lena, mara = town.people["Lena"], town.people["Mara"]
    desk = await desk_page(lena, "People")
    await lena.fill(await lena.press(desk, "Ask someone to help"), who=str(mara.id))
    await sandbox.settle()
    said = len(list(town.room.history)) + len(list(town.facilitators_room.history))
    question = await mara.press(last(town.room), "Open")
    assert "Nobody is told" in (await mara.press(question, "No, thanks")).text
    await sandbox.settle()
    assert await bot.rows(Facilitator, "user_id") == [(lena.id,)]
    assert len(list(town.room.history)) + len(list(town.facilitators_room.history)) == said


async def test_someone_is_invited(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """A line in the commons that names no group; the invited alone open it."""
    lena, vera, jo = (town.people[name] for name in ("Lena", "Vera", "Jo"))
    told = await lena.fill(
        await lena.press(await desk_page(lena, "People"), "Invite"), who=vera.mention
    )
    assert "finds the invitation" in told.text
    await sandbox.settle()
    line = last(town.commons)
    assert "Riverside" not in line.content
    assert "This one is for" in (await jo.press(line, "Open")).text
    opened = await vera.press(line, "Open")
    assert "invited to **Riverside**" in opened.text
    assert opened.buttons == ["Move in", "Visit"]
    assert await bot.rows(Invitation, "user_id") == [(vera.id,)]


async def test_letters_are_set_from_the_desk(bot: Listening, town: Town) -> None:
    """How often, and whether by DM; the card says how it stands."""
    lena = town.people["Lena"]
    async with bot.database.writing() as session:
        member = await session.get_one(Member, (town.server.id, lena.id))
        member.dms_closed_at = bot.client.clock.now()
    desk = await desk_page(lena, "People")
    desk = await lena.choose(desk, "Every day there is something to say")
    desk = await lena.choose(desk, "By DM")
    assert "by DM every day" in desk.text
    assert await bot.rows(Facilitator, "letters", "letters_by_dm") == [("daily", True)]
    # Asking for it is a reason to try again where a DM was refused before.
    assert (lena.id, None) in await bot.rows(Member, "user_id", "dms_closed_at")


async def test_stepping_down(bot: Listening, town: Town, sandbox: Sandbox) -> None:
    """One question, then it is done; the owners are told and see who is left."""
    lena, owner = town.people["Lena"], town.server.owner
    sure = await lena.press(await desk_page(lena, "People"), "Step down")
    assert "It works today" in sure.text
    assert "a card in its room will ask who would" in sure.text
    await lena.press(sure, "Step down today")
    await sandbox.settle()
    assert await bot.rows(Facilitator, "user_id") == []
    line = last(town.server.channel("welcome"))
    assert "Nobody looks after it now" in line.content
    assert "Nobody looks after" in (await owner.press(line, "Who looks after it?")).text
    assert "owners" in (await lena.press(line, "Who looks after it?")).text
    assert "A desk belongs to" in (await lena.command("desk")).text


async def test_a_desk_by_name(bot: Listening, town: Town) -> None:
    """Owners open any desk, without letters; others are told whose it is; typos are met kindly."""
    owner, mara, lena = town.server.owner, town.people["Mara"], town.people["Lena"]
    assert bot
    assert "Riverside" in (await owner.command("desk", group="riverside")).text
    assert "Step down" not in (await desk_page(owner, "People", group="1")).buttons
    assert "facilitators of Riverside" in (await mara.command("desk", group="Riverside")).text
    assert "Did you mean" in (await lena.command("desk", group="Riverdise")).text
    assert [value for _, value in await lena.autocomplete("desk", "group", "riv")] == ["1"]
    assert await mara.autocomplete("desk", "group", "riv") == []


async def test_a_desk_that_was_left_open_opens_nothing_any_more(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Every button and form of an old desk is refused once the office is over."""
    lena, mara = town.people["Lena"], town.people["Mara"]
    desk = await lena.command("desk")
    rooms = await lena.press(await lena.command("desk"), "Rituals")
    pages = [await desk_page(lena, page) for page in ("People", "Room", "Growth")]
    async with bot.database.writing() as session:
        await session.execute(delete(Facilitator))
    kept = await bot.rows(Membership, "user_id", "group_id", "state")
    tried = 0
    for card in (desk, rooms, *pages):
        for label in card.buttons:
            answer = await lena.press(card, label)
            if answer.kind == "modal":
                ritual = "prompts" in str(answer.components)
                asked = FORM if ritual else {"who": mara.mention}
                answer = await lena.fill(answer, **asked)
            assert "facilitators of" in answer.text or "look after" in answer.text, label
            tried += 1
    await sandbox.settle()
    assert tried >= 16
    assert await bot.rows(Membership, "user_id", "group_id", "state") == kept
    assert await bot.rows(Facilitator, "user_id") == []
    assert await bot.rows(Invitation, "user_id") == []
    assert await bot.rows(Ritual, "title") == []

"""Rituals by kind through the real commands: adding one, its prompts as a file, its thread."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import COGS
from bot.rules.ritual_kinds import KINDS
from bot.services import ritual_closing, rituals
from bot.settings import Settings
from bot.texts.prompts import of_kind
from models import (
    Group,
    Member,
    Occurrence,
    OutboxMessage,
    Ritual,
    RitualChoice,
    RitualPrompt,
    Server,
    Takedown,
)
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message, Overwrite, OverwriteType
from tests.cogs.listening import Listening, Town, listening

TUESDAY = datetime(2026, 3, 3, 18, tzinfo=UTC)


@pytest.fixture
async def bot(sandbox: Sandbox, settings: Settings, town: Town) -> AsyncGenerator[Listening]:
    """A Hearth with the desk, in the town; its commons and owners' room are set up."""
    async with listening(sandbox, settings, COGS) as opened:
        async with opened.database.writing() as session:
            server = await session.get_one(Server, town.server.id)
            server.commons_id = town.commons.id
            server.owners_room_id = town.server.channel("welcome").id
        yield opened


async def tick(bot: Listening, sandbox: Sandbox, to: datetime) -> None:
    """Go to a moment and do what is due by the minute."""
    await sandbox.advance(to)
    async with bot.database.writing() as session:
        await rituals.claim_due(session, bot.client.clock.now(), bot.client.settings)
    async with bot.database.writing() as session:
        await ritual_closing.step_due(session, bot.client.clock.now())
    await sandbox.settle()


async def listed(person: Person) -> Answer:
    """Return a group's rituals, as its facilitator opens them from the desk."""
    return await person.press(await person.command("desk"), "Rituals")


async def added(person: Person, kind: str, **fields: str) -> Answer:
    """Add a ritual of the kind that is called so; its card."""
    kinds = await person.press(await listed(person), "Add")
    return await person.fill(await person.choose(kinds, kind), **fields)


def posts(room: Channel, bot_id: int) -> list[Message]:
    """Return what Hearth said in a room, oldest first."""
    return [message for message in room.history if message.author.id == bot_id]


async def test_a_ritual_begins_as_its_kind_usually_goes(bot: Listening, town: Town) -> None:
    """Each kind is offered with what it is; the form opens filled, and is taken as it stands."""
    lena = town.people["Lena"]
    kinds = await lena.press(await listed(lena), "Add")
    assert len(kinds.choices) == len(KINDS)
    assert "Nothing to write" not in kinds.text
    for kind in KINDS:
        if kind != "own":
            assert of_kind(kind).title in kinds.choices
            assert of_kind(kind).what in kinds.text
    card = await added(lena, "Wins of the week")
    assert "weekly friday 17:00" in card.text
    assert "Start" in card.buttons
    assert await bot.rows(Ritual, "kind", "title", "thread", "state") == [
        ("wins", "Wins of the week", True, "paused")
    ]
    assert len(await bot.rows(RitualPrompt, "id")) == len(of_kind("wins").prompts)


async def test_a_ritual_of_ones_own_begins_empty(bot: Listening, town: Town) -> None:
    """What was refused is kept by kind, and opens as it was typed."""
    lena = town.people["Lena"]
    form = {"title": "Friday paths", "when": "weekly friday 18:00", "prompts": "Which path?"}
    refused = await added(lena, "One of our own", **{**form, "when": "whenever"})
    assert "whenever" in refused.text
    modal = await lena.press(refused, "Fix it")
    assert "Which path?" in str(modal.modal)
    other = await lena.press(await listed(lena), "Add")
    assert "Which path?" not in str((await lena.choose(other, "Thank-yous")).modal)
    card = await lena.fill(modal, **form)
    assert "Friday paths" in card.text
    page = await lena.press(card, "Prompts and thread")
    assert "A ritual of your own kind." in page.text
    assert not any("Hearth's" in label for label in page.buttons)
    assert await bot.rows(Ritual, "kind", "thread") == [("own", False)]


async def test_prompts_go_out_as_a_file_and_come_back_as_one(bot: Listening, town: Town) -> None:
    """The file holds a prompt per line; what was changed in it is what the group has then."""
    lena = town.people["Lena"]
    page = await lena.press(await added(lena, "Wins of the week"), "Prompts and thread")
    ours = of_kind("wins").prompts
    given = await lena.press(page, "Prompts as a file")
    assert f"Here are the {len(ours)} prompts of **Wins of the week**" in given.text
    (attachment,) = given.attachments
    assert attachment["filename"].endswith(".txt")
    head, *lines = given.opened(attachment).decode().splitlines()
    assert head.startswith("# Wins of the week")
    assert tuple(lines) == ours
    sent = "\r\n".join((head, *lines[:2], "", "Which path did you find?")).encode("utf-16")
    modal = await lena.press(page, "Send prompts")
    page = await lena.fill(modal, file={"Prompts.TXT": sent})
    assert "The file is in: 3 prompts from now on" in page.text
    assert "- Which path did you find?" in page.text
    kept = {prompt for (prompt,) in await bot.rows(RitualPrompt, "prompt")}
    assert kept == {*ours[:2], "Which path did you find?"}
    page = await lena.press(page, f"Add {len(ours) - 2} of Hearth's prompts")
    assert f"{len(ours) - 2} prompts were added" in page.text
    assert len(await bot.rows(RitualPrompt, "id")) == len(ours) + 1


async def test_prompts_too_long_for_a_form_stay_when_it_is_sent(bot: Listening, town: Town) -> None:
    """A file may hold more than Discord lets a form hold: the form is about the rest then."""
    lena = town.people["Lena"]
    card = await added(lena, "Wins of the week")
    page = await lena.press(card, "Prompts and thread")
    long = [f"{number} {'long ' * 90}?" for number in range(20)]
    page = await lena.fill(
        await lena.press(page, "Send prompts"), file={"p.txt": "\n".join(long).encode()}
    )
    card = await lena.press(page, "Back")
    modal = await lena.press(card, "Edit")
    assert "Prompts, one per line" not in modal.text
    refused = await lena.fill(modal, when="whenever")
    card = await lena.fill(await lena.press(refused, "Fix it"), when="weekly sunday 12:00")
    assert "weekly sunday 12:00" in card.text
    assert len(await bot.rows(RitualPrompt, "id")) == len(long)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# only words about it\n\n", "I found no prompt"),
        (b"A?\n" + b"x" * 501, "Line 2 of the file, “xxxx"),
        (b"\n".join(b"%d?" % n for n in range(61)), "From line 61 on"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "plain text"),
        (b"A?\n\x00B?", "plain text"),
        (b"x" * 200_000, "too large"),
    ],
)
async def test_a_file_that_does_not_fit_changes_nothing(
    bot: Listening, town: Town, content: bytes, why: str
) -> None:
    """It says which line is to blame; the prompts stay as they were."""
    lena = town.people["Lena"]
    page = await lena.press(await added(lena, "Wins of the week"), "Prompts and thread")
    before = await bot.rows(RitualPrompt, "id", "prompt", "position")
    refused = await lena.fill(await lena.press(page, "Send prompts"), file={"p.txt": content})
    assert why in refused.text
    assert await bot.rows(RitualPrompt, "id", "prompt", "position") == before


async def test_a_file_that_is_gone_changes_nothing(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Discord hands it out no more by the time it is asked for."""
    lena = town.people["Lena"]
    page = await lena.press(await added(lena, "Wins of the week"), "Prompts and thread")
    modal = await lena.press(page, "Send prompts")
    sandbox.state.files = LosesAll()
    refused = await lena.fill(modal, file={"p.txt": b"A?"})
    assert "didn't reach me" in refused.text
    assert len(await bot.rows(RitualPrompt, "id")) == len(of_kind("wins").prompts)


class LosesAll(dict[int, bytes]):
    """A store of files from which nothing can be fetched."""

    def get(self, *_: object) -> None:  # type: ignore[override] - whatever is asked for, there is none
        """Find nothing."""
        return


async def test_a_group_that_has_ended_gets_no_rituals(bot: Listening, town: Town) -> None:
    """Neither the choice of a kind nor a form that was open before adds one."""
    lena = town.people["Lena"]
    resting = await added(lena, "Thank-yous")
    shelf = await listed(lena)
    kinds = await lena.press(await listed(lena), "Add")
    modal = await lena.choose(kinds, "Check-in")
    async with bot.database.writing() as session:
        group = await session.get_one(Group, town.group_id)
        group.archived_at, group.state = bot.client.clock.now(), "archived"
    assert "has ended" in (await lena.fill(modal)).text
    assert "has ended" in (await lena.press(shelf, "Add")).text
    assert "has ended" in (await lena.press(resting, "Start")).text
    assert await bot.rows(Ritual, "title", "state") == [("Thank-yous", "paused")]


async def test_each_time_has_a_thread_that_closes_with_thanks(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Answers in it are taking part; five or more are a number, then the thread is closed."""
    lena, mara, jo = (town.people[name] for name in ("Lena", "Mara", "Jo"))
    card = await lena.press(await added(lena, "Question of the week"), "Start")
    assert "Pause" in card.buttons
    await tick(bot, sandbox, TUESDAY)
    (post,) = posts(town.room, sandbox.bot_id)
    thread = town.server.threads[post.id]
    assert thread.name.startswith("Question of the week: ")
    assert "Answer in the thread" in (await mara.press(post, "I'm in")).text
    assert "counts once" in (await mara.press(post, "I'm in")).text
    await jo.write(thread, "the one by the mill")
    await sandbox.settle()
    assert await bot.rows(Occurrence, "answers", "skips") == [(2, 0)]
    assert "goes without you" in (await jo.press(post, "Skip this week")).text
    assert "off for this one already" in (await jo.press(post, "Skip this week")).text
    assert await bot.rows(Occurrence, "answers", "skips") == [(2, 1)]
    assert "goes without you" in (await mara.press(post, "Skip this week")).text
    assert await bot.rows(Occurrence, "answers", "skips") == [(1, 2)]
    await mara.press(post, "I'm in")
    assert await bot.rows(Occurrence, "answers", "skips") == [(2, 1)]
    ana = await sandbox.person(town.server, "Ana")
    async with bot.database.writing() as session:
        since = TUESDAY - timedelta(days=3)
        session.add(Member(server_id=town.server.id, user_id=ana.id, counted_since=since))
    for person in (lena, ana, town.people["Vera"]):
        await person.write(thread, "mine is the hill")
    await tick(bot, sandbox, TUESDAY + KINDS["question"].open_for - timedelta(minutes=5))
    assert not thread.archived
    await tick(bot, sandbox, TUESDAY + KINDS["question"].open_for + timedelta(minutes=5))
    last = list(thread.history)[-1]
    assert last.author.id == sandbox.bot_id
    following = int((TUESDAY + timedelta(days=7)).timestamp())
    assert last.content == (
        "🌿 That was **Question of the week**: 5 of you took part. Thank you for it.\n"
        f"The next one comes <t:{following}:F>."
    )
    assert thread.archived
    assert thread.locked
    assert await bot.rows(RitualChoice, "user_id") == []
    assert "is over" in (await mara.press(post, "I'm in")).text
    assert "is over" in (await mara.press(post, "Skip this week")).text


async def test_where_no_thread_may_be_opened_the_room_serves(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """The post stands, people are told to answer in the room, and its end stands there, too."""
    lena, mara = town.people["Lena"], town.people["Mara"]
    await lena.press(await added(lena, "Question of the week"), "Start")
    denied = int(Permission.CREATE_PUBLIC_THREADS)
    barred = Overwrite(sandbox.bot_id, OverwriteType.MEMBER, deny=denied)
    await town.server.owner.edit_channel(town.room, overwrites=[barred])
    await tick(bot, sandbox, TUESDAY)
    (post,) = posts(town.room, sandbox.bot_id)
    assert post.id not in town.server.threads
    assert "right here in the room" in (await mara.press(post, "I'm in")).text
    await tick(bot, sandbox, TUESDAY + KINDS["question"].open_for + timedelta(minutes=5))
    last = posts(town.room, sandbox.bot_id)[-1]
    assert last.content.startswith("🌿 That was **Question of the week**. Thank you")


async def test_a_thread_that_somebody_deleted_is_left_at_that(
    bot: Listening, town: Town, sandbox: Sandbox
) -> None:
    """Nobody is sent there, its last word is said nowhere else; the next one has a thread again."""
    lena, mara, jo = (town.people[name] for name in ("Lena", "Mara", "Jo"))
    await lena.press(await added(lena, "Question of the week"), "Start")
    await tick(bot, sandbox, TUESDAY)
    (post,) = posts(town.room, sandbox.bot_id)
    await mara.press(post, "I'm in")
    await town.server.owner.delete_thread(town.server.threads[post.id])
    await sandbox.settle()
    assert "right here in the room" in (await jo.press(post, "I'm in")).text
    await tick(bot, sandbox, TUESDAY + KINDS["question"].open_for + timedelta(minutes=5))
    await tick(bot, sandbox, TUESDAY + timedelta(days=7))
    (_, following) = posts(town.room, sandbox.bot_id)
    assert list(town.server.threads) == [following.id]
    assert await bot.rows(OutboxMessage, "id") == []
    assert await bot.rows(Takedown, "id") == []

"""Nobody reads whom others talk with, nor when they are around, beyond the letter's one sentence.

Two servers are alike to the last row but for what was counted about some of their people. In both
the same readers open every command that needs no option, and every button and menu that this leads
to. What depends on what was counted would read differently, however it is worded.

Plans of splits and circles do depend on ties, each as a whole. Which modules may read them, and
what for, is written down in tests/test_ties_stay.py.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from discord import app_commands
from sqlalchemy import delete

from bot.services import letters, privacy
from bot.settings import Settings
from models import (
    ActiveDay,
    Base,
    CommonsTie,
    Connected,
    Introduction,
    Presence,
    QuietEpisode,
    Tie,
)
from sandbox.answers import Answer
from sandbox.people import Person
from sandbox.state import Message
from tests.cogs.founding import at_home, group, looked_after, panel, set_up
from tests.whole import Running, running

DAY = timedelta(days=1)
WEEK = "2026-02-23"
# What ends something for good would take the cards away that are still to be read.
ENDS = ("danger", "leave", "forget", "opt-out", "step-down", "archive", "pause", "log-undo")
MOST = 150  # presses of one reader
TOKEN = re.compile(r"(?<=reference: )[0-9a-f]{8}")


def counted(town: "Town", now: datetime, *, otherwise: bool) -> Iterator[Base]:
    """Yield what was counted: ties of Kim's, and on which days people were around."""
    server_id, people = town.hearth.server.id, town.people
    kim, mara, omar = (people[name].id for name in ("Kim", "Mara", "Omar"))
    close, far = (omar, mara) if otherwise else (mara, omar)
    for friend, weight in ((close, 900), (far, 1)):
        low, high = sorted((kim, friend))
        yield Tie(
            group_id=1, low_id=low, high_id=high, week=WEEK, server_id=server_id, weight=weight
        )
        yield CommonsTie(server_id=server_id, low_id=low, high_id=high, week=WEEK, weight=weight)
    for name, person in people.items():
        # One's own days are one's own to read: only Mara's differ, and she reads nothing here.
        other = otherwise and name == "Mara"
        last = now - (12 * DAY + (timedelta(hours=9) if other else timedelta()))
        yield Presence(server_id=server_id, user_id=person.id, last_at=last)
        for back in range(25 if other else 6):
            day = (last - back * DAY).date().isoformat()
            yield ActiveDay(
                server_id=server_id,
                user_id=person.id,
                group_id=1,
                day=day,
                signals=1 + back + (30 if other else 0),
                unwritten=int(other),
            )


class Town:
    """A server with Riverside: Lena looks after it, Kim, Mara and Omar live there, Vera nowhere."""

    def __init__(self, hearth: Running) -> None:
        self.hearth = hearth
        self.people: dict[str, Person] = {}
        self.vera: Person = hearth.owner

    async def build(self, now: datetime, *, otherwise: bool) -> None:
        """Found it through commands, count, and write Lena's letter about Mara."""
        hearth = self.hearth
        rooms = {name: await hearth.owner.create_channel(name) for name in ("watch", "care")}
        await set_up(hearth, moderators_room=rooms["watch"], facilitators_room=rooms["care"])
        await group(hearth)
        for name in ("Lena", "Kim", "Mara", "Omar"):
            self.people[name] = await at_home(hearth, name)
        await looked_after(hearth, self.people["Lena"])
        self.vera = await hearth.person("Vera")
        mara = {"server_id": hearth.server.id, "user_id": self.people["Mara"].id, "group_id": 1}
        await hearth.settle()
        await hearth.app.client.signals.flush()
        async with hearth.app.client.database.writing() as session:
            for table in (Connected, Presence, ActiveDay):
                await session.execute(delete(table))
            session.add(Connected(server_id=hearth.server.id, since=now - 90 * DAY, until=now))
            session.add_all(counted(self, now, otherwise=otherwise))
            session.add(Introduction(**mara, said="I collect maps.", at=now))
            session.add(QuietEpisode(**mara, silent_since=now - 12 * DAY, began_at=now - DAY))
            await session.flush()
            assert await letters.due(session, hearth.server.id, now) == 1
        await hearth.settle()


def parts(components: list[Any]) -> Iterator[dict[str, Any]]:
    """Yield all that can be pressed among a message's components."""
    for row in components:
        for part in row.get("components", ()):
            if part.get("custom_id") and not part.get("disabled"):
                yield part


async def press(person: Person, old: Message, part: dict[str, Any], value: str) -> Answer:
    """Press a button, or choose in a menu, wherever it stood."""
    old.components = [{"type": 1, "id": 1, "components": [part]}]
    if value:
        return await person.choose(old, value, custom_id=part["custom_id"])
    return await person.press(old, custom_id=part["custom_id"])


async def crawl(hearth: Running, person: Person, old: Message) -> dict[str, str]:
    """Open every command that needs no option, then all that can be pressed from there."""
    said: dict[str, str] = {}
    found: list[tuple[dict[str, Any], str]] = []
    seen: set[str] = set()

    def read(what: str, answer: Answer) -> None:
        said[what] = TOKEN.sub("…", answer.text)
        for part in parts(answer.components):
            if part["custom_id"] in seen or any(word in part["custom_id"] for word in ENDS):
                continue
            seen.add(part["custom_id"])
            if part["type"] == 3:
                found.extend((part, option["value"]) for option in part["options"][:3])
            elif part["type"] == 2 and part["style"] != 4:
                found.append((part, ""))

    for command in hearth.app.client.tree.walk_commands():
        if isinstance(command, app_commands.Command) and not any(
            option.required for option in command.parameters
        ):
            name = command.qualified_name
            if any(word in name for word in ENDS):
                continue
            try:
                read(f"/{name}", await person.command(name))
            except PermissionError:
                continue  # Discord does not offer it to them
    for count, (part, value) in enumerate(found):
        if count >= MOST:
            break
        answer = await press(person, old, part, value)
        if answer.kind == "message":
            read(f"{part['custom_id']} {value}".strip(), answer)
    return said


async def transcript(
    settings: Settings, now: datetime, folder: Path, *, otherwise: bool
) -> dict[str, Mapping[str, str]]:
    """Return all that each reader reads in one such server, and what their rooms say."""
    database = f"sqlite+aiosqlite:///{folder}/{otherwise}.db"
    here = settings.model_copy(update={"database": database})
    async with running(here, now) as hearth:
        town = Town(hearth)
        await town.build(now, otherwise=otherwise)
        old = await panel(hearth, hearth.owner)
        readers = {"the owner": hearth.owner, "Vera": town.vera}
        readers |= {name: town.people[name] for name in ("Lena", "Kim")}
        read: dict[str, Mapping[str, str]] = {}
        for name, person in readers.items():
            read[name] = await crawl(hearth, person, old)
        await hearth.settle()
        read["rooms"] = {
            channel.name: "\n".join(message.content for message in channel.history)
            for channel in hearth.server.channels.values()
        }
        return read


async def test_what_was_counted_changes_nothing_that_anybody_reads(
    settings: Settings, now: datetime, tmp_path: Path
) -> None:
    """With whom Kim talks, on how many days, at what hours and how much Mara writes: nowhere.

    Of Mara's twelve days of silence the letter says just that, and to Lena alone.
    """
    here = await transcript(settings, now, tmp_path, otherwise=False)
    there = await transcript(settings, now, tmp_path, otherwise=True)
    for reader, texts in here.items():
        assert there[reader].keys() == texts.keys()
        assert {
            what: (text, there[reader][what])
            for what, text in texts.items()
            if there[reader][what] != text
        } == {}
        assert reader == "rooms" or len(texts) > 15, (reader, len(texts))
        assert not any("Something went wrong" in text for text in texts.values())
        found = [what for what, text in texts.items() if "quiet for 12 days, longer" in text]
        assert bool(found) is (reader == "Lena"), (reader, found)
    # It was worth reading: home, desk, log, what is kept, what is wrong.
    assert {"/home", "/desk", "/privacy show"} <= here["Lena"].keys()
    assert {"/hearth log", "/hearth check", "/desk"} <= here["the owner"].keys()


async def test_a_copy_of_ones_own_data_names_nobody_else(settings: Settings, now: datetime) -> None:
    """Kim's ties are Kim's to read, as numbers: with whom is left out."""
    async with running(settings, now) as hearth:
        town = Town(hearth)
        await town.build(now, otherwise=False)
        kim = town.people["Kim"]
        await hearth.settle()
        async with hearth.app.client.database.reading() as session:
            whole = await privacy.export(session, kim.id, [hearth.server.id], settings=settings)
        told = json.dumps(whole, indent=2, ensure_ascii=False)
        assert len(whole["tie"]["rows"]) == 2
        for name in ("Mara", "Omar", "Lena"):
            assert str(town.people[name].id) not in told

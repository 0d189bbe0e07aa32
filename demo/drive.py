"""Carries out what a source's people do, hour by hour, as they would do it in their clients.

An hour goes like this: errands first (who comes, goes, joins, visits: commands and presses, many at
once as in life), then talk in the order of time, every message at its own moment; then the clock
moves on, the bot does what is due, and whoever the bot asked something answers. Where somebody may
not write, they write in the commons.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from demo import doorstep
from demo.acts import (
    Act,
    Arrive,
    ComeBack,
    GoAway,
    Join,
    LeaveGroup,
    LeaveServer,
    Look,
    Place,
    React,
    Source,
    Visit,
    Write,
)
from demo.noticeboard import meanings
from demo.society import Group, Society, button
from sandbox.answers import Answer
from sandbox.app import Sandbox
from sandbox.components import walk
from sandbox.people import Person
from sandbox.permissions import Permission
from sandbox.state import Channel, Message

AT_ONCE = 24
"""How many people deal with the bot at the same moment, at most."""
BREATH = 25
"""Messages after which the bot gets a turn."""
ASK_AGAIN = timedelta(days=1)
"""How long somebody whose visit was refused writes in the commons before they ask again."""
AWAKE = timedelta(days=4)
"""How long after their last message people still answer, wave and look."""
COMMONS = "commons"
FINDS = 0.5
"""The part of a made-up town's people who let Hearth suggest a home instead of naming one."""

WORDS = (
    "Anyone up for it on Thursday?",
    "That worked better than I thought.",
    "Same here, honestly.",
    "I'll bring some along.",
    "Has anybody tried it the other way round?",
    "Good point.",
    "It took me three attempts.",
    "Count me in.",
    "Who was it that asked about this last week?",
    "Photos or it didn't happen!",
    "I'd start small.",
    "Thank you, that helped.",
)


@dataclass(slots=True)
class Tally:
    """What people did, as far as the summary tells of it."""

    messages: int = 0
    in_commons: int = 0
    """Messages that were meant for a room whose door was closed."""
    refused: Counter[str] = field(default_factory=Counter[str])
    """Answers that did not lead where the person wanted, by command."""
    failed: list[str] = field(default_factory=list[str])
    """Answers that never came."""


class Driver:
    """Everybody's hands."""

    def __init__(self, sandbox: Sandbox, source: Source, society: Society, *, seed: int) -> None:
        self.sandbox = sandbox
        self.source = source
        self.society = society
        self.tally = Tally()
        self.written: Counter[int] = Counter()
        """Messages in their own home's room, by person; who looks after a group is found so."""
        self.rooms: dict[str, Channel] = {}
        """The commons' rooms by name."""
        self.messages: dict[int, Message] = {}
        self._spoke: dict[int, datetime] = {}
        self._random = random.Random(f"driver {seed}")
        self._refused: dict[tuple[int, str], datetime] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    @property
    def commons(self) -> Channel:
        """The room that everyone may write in."""
        return self.rooms[COMMONS]

    def awake(self, who: int) -> bool:
        """Return whether somebody has written in the last days, so that they may do more."""
        spoke = self._spoke.get(who)
        return spoke is not None and self.sandbox.clock.now() - spoke <= AWAKE

    def able(self, person: Person) -> bool:
        """Return whether somebody is there and has not been silenced."""
        if not person.present:
            return False
        until = person.member.timed_out_until
        return until is None or until <= self.sandbox.clock.now()

    async def hour(self, until: datetime) -> None:
        """Let everyone do what they do until a moment; the bot's clock stays where it is."""
        acts = self.source.next_acts(until)
        await self._errands(acts)
        talk = [act for act in acts if isinstance(act, Write | React)]
        await self._visits_first(talk)
        for number, act in enumerate(talk):
            if act.at > self.sandbox.clock.now():
                self.sandbox.clock.set(act.at)
            if isinstance(act, Write):
                await self.write(act)
            else:
                await self._react(act)
            if number % BREATH == 0:
                await asyncio.sleep(0)

    async def all_at_once(self, work: Iterable[Coroutine[Any, Any, None]]) -> None:
        """Let many people act at the same time, as many as one bot meets at once."""

        async def one(act: Coroutine[Any, Any, None]) -> None:
            async with self._gate:
                await act

        await asyncio.gather(*(one(act) for act in work))

    # --- errands --------------------------------------------------------------------------------

    async def _errands(self, acts: Iterable[Act]) -> None:
        """Let everyone go their errands; what one person does stays in order."""
        by_person: dict[int, list[Act]] = {}
        for act in acts:
            if isinstance(act, Arrive):
                await self._arrive(act.who)
            elif not isinstance(act, Write | React):
                by_person.setdefault(act.who, []).append(act)
        await self.all_at_once(self._one_after_another(own) for own in by_person.values())

    async def _one_after_another(self, acts: list[Act]) -> None:
        for act in acts:
            person = self.society.people.get(act.who)
            if person is not None and self.able(person):
                await self._errand(act, person)

    async def _errand(self, act: Act, person: Person) -> None:
        match act:
            case Join(group=name):
                await self._join(person, name)
            case Visit(group=name):
                await self._visit(person, name)
            case LeaveGroup():
                await self._leave(person)
            case GoAway():
                await self._away(person)
            case ComeBack():
                await self._back(person)
            case LeaveServer():
                await person.leave()
            case Look():
                await self.call(person, "home")
            case _:
                raise TypeError(f"nobody knows how to {act}")

    async def _arrive(self, who: int) -> None:
        known = self.society.people.get(who)
        if known is None:
            self.society.add(who, await self.sandbox.person(self.society.server))
        elif not known.present:
            await known.rejoin()

    async def _join(self, person: Person, name: str) -> None:
        group = self.society.group(name)
        if group is None:
            return
        answer = None
        if self.source.invents and self._random.random() < FINDS:
            answer = await doorstep.find(self, person, group.id, self._random)
        if answer is None:
            answer = await self.call(person, "join", group=group.name)
        for verb in ("move-go", "wait"):
            if verb in meanings(answer):
                answer = await self.press(person, answer, verb)

    async def _visit(self, person: Person, name: str) -> bool:
        """Ask for a visit; return whether the room is open to the person now."""
        group = self.society.group(name)
        room = None if group is None else self.society.room(group)
        if group is None or room is None:
            return False
        await self.call(person, "visit", group=group.name)
        if not person.can_send(room):
            self.tally.refused["visit"] += 1
            return False
        return True

    async def _leave(self, person: Person) -> None:
        answer = await self.call(person, "leave")
        if "leave-go" in meanings(answer):
            await self.press(person, answer, "leave-go")

    async def _away(self, person: Person) -> None:
        await self.call(person, "away", until="30 days")

    async def _back(self, person: Person) -> None:
        await self.call(person, "away", until="back")

    # --- talk -----------------------------------------------------------------------------------

    async def _visits_first(self, talk: Iterable[Act]) -> None:
        """Let who wants to write in another group's room visit it first."""
        wanted: dict[tuple[int, str], Person] = {}
        for act in talk:
            if not isinstance(act, Write) or isinstance(act.where, Place):
                continue
            person = self.society.people.get(act.who)
            if person is None or not self.able(person) or act.where.startswith("#"):
                continue
            if self._room(act.who, person, act.where) is not None:
                continue
            refused = self._refused.get((act.who, act.where))
            if refused is None or act.at - refused >= ASK_AGAIN:
                wanted[act.who, act.where] = person

        async def ask(who: int, name: str, person: Person) -> None:
            if not await self._visit(person, name):
                self._refused[who, name] = self.sandbox.clock.now()

        await self.all_at_once(ask(who, name, person) for (who, name), person in wanted.items())

    async def write(self, act: Write) -> None:
        """Write a message where it was meant, or in the commons where that is not open."""
        person = self.society.people.get(act.who)
        if person is None or not self.able(person):
            return
        channel = self._room(act.who, person, act.where)
        if channel is None:
            channel = self.commons
            self.tally.in_commons += 1
        named = [self.society.people[who] for who in act.mentions if who in self.society.people]
        answered = self.messages.get(act.answers) if act.answers is not None else None
        if answered is not None and not self.may_reply(person, channel, answered):
            author = self.society.number.get(answered.author.id)
            named += [self.society.people[author]] if author is not None else []
            answered = None
        words = self._random.choice(WORDS)
        message = await person.write(channel, words, reply_to=answered, mentions=named)
        self.messages[act.key] = message
        self.tally.messages += 1
        self._spoke[act.who] = act.at
        home = self.society.home(act.who)
        if home is not None and channel.id == home.room_id:
            self.written[act.who] += 1

    def may_reply(self, person: Person, channel: Channel, answered: Message) -> bool:
        """Return whether Discord lets somebody reply; else they name whom they answer.

        Replies stay in one room, and visitors may not read what was there before them.
        """
        granted = self.sandbox.world.permissions(person.member, channel)
        return answered.channel_id == channel.id and bool(granted & Permission.READ_MESSAGE_HISTORY)

    def _room(self, who: int, person: Person, where: Place | str) -> Channel | None:
        """Return the room that is meant, None where the person may not write in it."""
        if isinstance(where, str) and where.startswith("#"):
            return self.rooms.get(where[1:], self.commons)
        home = self.society.home(who)
        group: Group | None = home
        if isinstance(where, str) and (home is None or where not in {home.name, home.origin}):
            group = self.society.group(where)
        room = None if group is None else self.society.room(group)
        return room if room is not None and person.can_send(room) else None

    async def _react(self, act: React) -> None:
        person = self.society.people.get(act.who)
        message = self.messages.get(act.to)
        if person is None or message is None or not self.able(person):
            return
        channel = self.sandbox.state.find_channel(message.channel_id)
        if channel is not None and person.can_react(channel) and person.can_send(channel):
            await person.react(message, act.emoji)

    # --- dealing with the bot -------------------------------------------------------------------

    async def call(self, person: Person, path: str, /, **options: object) -> Answer:
        """Call a command and remember when no answer came."""
        answer = await person.command(path, **options)
        if answer.failed:
            self.tally.failed.append(f"/{path} by {person.name}")
        return answer

    async def desk(self, person: Person, group: str, page: str) -> Answer:
        """Open a page of a group's desk: people, room or growth; the front, where it has none."""
        front = await self.call(person, "desk", group=group)
        parts = () if front.message is None else walk(front.message.components)
        for custom_id in (str(part.get("custom_id") or "") for part in parts):
            if custom_id.startswith("desk-page:") and custom_id.endswith(f":{page}"):
                return await person.press(front, custom_id=custom_id)
        return front

    async def fill(self, person: Person, form: Answer, **fields: object) -> Answer:
        """Fill in a form and send it; what was refused instead of a form is left as it is."""
        return form if form.modal is None else await person.fill(form, **fields)

    async def press(self, person: Person, where: Answer | Message, verb: str) -> Answer:
        """Press the button that means `verb`, which must be there."""
        message = where.message if isinstance(where, Answer) else where
        custom_id = None if message is None else button(message, verb)
        if custom_id is None:
            raise LookupError(f"no button {verb!r} on {where!r}")
        answer = await person.press(where, custom_id=custom_id)
        if answer.failed:
            self.tally.failed.append(f"[{verb}] by {person.name}")
        return answer

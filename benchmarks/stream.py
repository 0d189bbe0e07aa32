"""A sandbox in a process of its own that sends one stream of messages again and again.

`python -m benchmarks.stream MESSAGES` prints one line of JSON that says where it is and who lives
where, then sends the whole stream to whoever is connected for each line that it reads, and after
the stream one new role, by which a client knows that this was all.
"""

import asyncio
import json
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import payloads
from sandbox.app import Sandbox
from sandbox.people import Person
from sandbox.state import Channel, Message, Server

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MEMBERS = 1_000
GROUPS = 20
COMMONS = 10
IN_ROOMS = 0.8  # of all messages; the others are written in the commons
# As in a real server's log: how often the writer is one of the room's last six, a message is a
# reply, and somebody is mentioned. The rooms here are far busier than there, so each message ties
# its writer to more people than in reality.
GOES_ON = 0.5
REPLIES = 0.25
MENTIONS = 0.04
LOOKS_BACK = 6


@dataclass(frozen=True, slots=True)
class Stage:
    """The server that the stream is written in."""

    server: Server
    homes: list[tuple[Channel, list[Person]]]
    commons: list[Channel]


async def build(sandbox: Sandbox) -> Stage:
    """Make a server with rooms, and people who live in them."""
    server = sandbox.add_server(members=MEMBERS)
    people = sandbox.people(server)
    owner = server.owner
    homes = [
        (await owner.create_channel(f"room-{number}"), people[number::GROUPS])
        for number in range(GROUPS)
    ]
    commons = [await owner.create_channel(f"commons-{number}") for number in range(COMMONS)]
    return Stage(server, homes, commons)


async def write(sandbox: Sandbox, stage: Stage, count: int) -> list[str]:
    """Let people write, and return each message as the gateway would send it, encoded."""
    draw = random.Random(11)
    everyone = sandbox.people(stage.server)
    recent: dict[int, list[Message]] = {}
    encoded: list[str] = []
    for number in range(count):
        sandbox.clock.set(START + timedelta(seconds=7 * number))
        if draw.random() < IN_ROOMS:
            room, people = draw.choice(stage.homes)
        else:
            room, people = draw.choice(stage.commons), everyone
        last = recent.setdefault(room.id, [])
        author = draw.choice(people)
        if last and draw.random() < GOES_ON:
            before = draw.choice(last).author.id
            author = next(person for person in people if person.id == before)
        message = await author.write(
            room,
            "Hello there, how are you?",
            reply_to=draw.choice(last) if last and draw.random() < REPLIES else None,
            mentions=[draw.choice(people)] if draw.random() < MENTIONS else (),
        )
        last.append(message)
        del last[:-LOOKS_BACK]
        event = payloads.message_event(sandbox.state, message)
        encoded.append(encode(payloads.without_content(event, sandbox.bot_id)))
    return encoded


def encode(data: dict[str, Any]) -> str:
    """Return the data as JSON without blanks, as the gateway sends it."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


async def serve(count: int) -> None:
    """Serve the stream until the other end hangs up."""
    # Each turn is a new client that asks for all members at once: their limit is not the matter.
    async with Sandbox(start=START, time_scale=1000, seed=11) as sandbox:
        stage = await build(sandbox)
        stream = await write(sandbox, stage, count)
        role = payloads.role_payload(stage.server.roles[stage.server.id])
        end = encode(
            {
                "guild_id": str(stage.server.id),
                "role": {**role, "id": str(sandbox.state.snowflake())},
            }
        )
        where = {
            "url": sandbox.base_url,
            "token": sandbox.token,
            "server": stage.server.id,
            "homes": [[room.id, [who.id for who in people]] for room, people in stage.homes],
            "in_rooms": sum(
                message.author.id != sandbox.bot_id
                for room, _ in stage.homes
                for message in room.history
            ),
        }
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        while await asyncio.to_thread(sys.stdin.readline):
            for session in list(sandbox.gateway.sessions.values()):
                if session.connection is not None:
                    for message in stream:
                        session.send("MESSAGE_CREATE", message)
                    session.send("GUILD_ROLE_CREATE", end)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))

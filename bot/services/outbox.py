"""Messages that are owed: every message that is not an answer to an interaction starts here.

`owe` writes a row in the caller's own transaction; `bot.outbox` sends it after commit, exactly
once, and `bot.services.sending` keeps the books in between. A row names a text's key and its
fillings, never rendered text, and the room is resolved when sending.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import note_after_commit
from bot.rules.message import (
    Attached,
    Button,
    Choice,
    Line,
    Menu,
    Message,
    Picture,
    Thread,
)
from bot.services.dm_wishes import Direct, wished
from models import OutboxMessage, SentMessage

# room: the group's own · dm: to `user_id` · thread: an open one, by `thread_id` · the others: the
# rooms that the server's setup names
Place = Literal["room", "commons", "facilitators", "moderators", "owners", "dm", "thread"]

WITH_THREADS = frozenset({"room", "commons"})  # where a message may open a thread

OWED = "owed"  # noted after commit, so that the outbox is woken
LONGEST_WAIT = timedelta(days=7)
NONCE_BYTES = 12  # 24 hexadecimal characters; Discord takes 25 at most


async def owe(
    session: AsyncSession,
    *,
    server_id: int,
    kind: str,
    key: str,
    place: Place,
    message: Message,
    now: datetime,
    group_id: int | None = None,
    user_id: int | None = None,
    thread_id: int | None = None,
    expires_in: timedelta = LONGEST_WAIT,
    due_at: datetime | None = None,
    fallback: Message | None = None,
) -> bool:
    """Owe `message`; False if it is owed or was sent under this key before (until it expires).

    `kind` says what sort of message it is ("ritual"), `key` which one ("ritual:17"): at most 24 and
    80 characters; a message that may come again later carries what makes it another one in its key.
    `place` "room" needs `group_id`, "dm" needs `user_id`, "thread" needs `thread_id`: that of a
    thread which was opened by an earlier message. The message needs a button, and the first
    button's `press` must be this message's own among those owed at the same time: by it the
    message is recognised in its room when nobody knows whether it was sent. It goes out at `due_at`
    (None: at once) and is dropped when it could not be sent within `expires_in`. `fallback` is what
    stands in a room instead of a direct message that the person's settings refuse (by default a
    neutral line that points to /home), or instead of a private thread that cannot be opened (by
    default nothing: it is refused). ValueError for a direct message that nobody pressed for.

    Its keeper (bot/services/keepers.py) reads from the row where the message was sent
    (`channel_id`) and the thread that was opened for it (`thread_id`; None: it stands without).
    """
    if not message.buttons or (fallback is not None and not fallback.buttons):
        raise ValueError(f"the owed message {key} has no button to recognise it by")
    needed = {"room": group_id, "dm": user_id, "thread": thread_id}
    if place in needed and needed[place] is None:
        raise ValueError(f"the owed message {key} does not say where it goes")
    if message.thread is not None and place not in WITH_THREADS:
        raise ValueError(f"the owed message {key} cannot come with a thread there")
    if place == "dm" and not await wished(session, Direct(kind, server_id, user_id or 0, group_id)):
        raise ValueError(f"nobody asked for the direct message {key}")
    owed = select(OutboxMessage.id).where(
        OutboxMessage.server_id == server_id, OutboxMessage.key == key
    )
    if await session.scalar(owed) or await session.get(SentMessage, nonce(server_id, key)):
        return False
    row = OutboxMessage(
        server_id=server_id,
        kind=kind,
        key=key,
        place=place,
        group_id=group_id,
        user_id=user_id,
        thread_id=thread_id,
        content=packed(message, fallback),
        created_at=now,
        due_at=due_at or now,
        expires_at=(due_at or now) + expires_in,
        state="owed",
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another writer was quicker; only on a database with several.
        if await session.scalar(owed) is None:
            raise
        return False
    note_after_commit(session, OWED)
    return True


async def withdraw(session: AsyncSession, *, server_id: int, key: str) -> bool:
    """Take back a message that nobody began to send; False if there is none."""
    row = await session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.server_id == server_id,
            OutboxMessage.key == key,
            OutboxMessage.state == "owed",
        )
    )
    if row is None:
        return False
    await session.delete(row)
    await session.flush()
    return True


async def call_back(session: AsyncSession, *, server_id: int, key: str, instead: Line) -> None:
    """Take back a message; from one that is being sent its words and whom it names.

    That one's keeper lets it go as soon as it stands, and its first button finds it until then.
    """
    if await withdraw(session, server_id=server_id, key=key):
        return
    row = await session.scalar(
        select(OutboxMessage).where(OutboxMessage.server_id == server_id, OutboxMessage.key == key)
    )
    if row is not None:
        row.content = packed(Message((instead,), unpacked(row.content)[0].buttons[:1]))
        row.user_id = None
        await session.flush()


def nonce(server_id: int, key: str) -> str:
    """Return what Discord tells repeated sends of one message by: always the same for it."""
    return hashlib.blake2b(f"{server_id}:{key}".encode(), digest_size=NONCE_BYTES).hexdigest()


def packed(message: Message, fallback: Message | None = None) -> str:
    """Return both messages as JSON; TypeError for a filling that JSON cannot hold."""
    both = [asdict(part) for part in (message, fallback) if part is not None]
    return json.dumps(both, ensure_ascii=False, separators=(",", ":"))


def unpacked(content: str) -> tuple[Message, Message | None]:
    """Return the message and its fallback, as `packed` was given them."""
    parts = [_message(part) for part in json.loads(content)]
    return parts[0], parts[1] if len(parts) > 1 else None


def _message(data: dict[str, Any]) -> Message:
    return Message(
        lines=_lines(data["lines"]),
        buttons=tuple(Button(**button) for button in data["buttons"]),
        menus=tuple(
            Menu(
                menu["placeholder"],
                menu["press"],
                tuple(Choice(**choice) for choice in menu["choices"]),
                menu["most"],
                menu.get("least", 1),
                menu.get("kind", "choices"),
                tuple(menu.get("chosen", ())),
            )
            for menu in data["menus"]
        ),
        users=tuple(data["users"]),
        roles=tuple(data["roles"]),
        loud=data["loud"],
        pictures=tuple(
            Picture(one["kind"], one["values"], _lines(one["words"]))
            for one in data.get("pictures", ())
        ),
        attached=tuple(Attached(**one) for one in data.get("attached", ())),
        thread=_thread(data.get("thread")),
    )


def _thread(data: dict[str, Any] | None) -> Thread | None:
    if data is None:
        return None
    name = Line(data["name"]["key"], data["name"]["params"])
    return Thread(name, data["private"], data["minutes"])


def _lines(data: list[dict[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(line["key"], line["params"]) for line in data)

"""What was shared, in the tables: whose it is, when it goes, and what it goes along with."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import NotAllowed, UserError
from bot.rules.actor import Actor
from bot.rules.bridges import CHANGED_SAID, WAITS, FileOffer, Preview
from bot.services import (
    bridge_posts,
    bridge_sources,
    bridges,
    editions,
    neighbourhoods,
    privacy,
    rehousing,
    sending,
    together,
)
from bot.services.bridge_sources import Seen
from bot.services.bridges import Copied
from bot.services.sending import Delivered
from bot.settings import Settings
from models import (
    Bridge,
    BridgeAsk,
    BridgeFile,
    BridgeThanks,
    Edition,
    Facilitator,
    Group,
    GroupType,
    Membership,
    NeighbourhoodHost,
    OutboxMessage,
    Server,
    Takedown,
    Visit,
)
from tests.services.conftest import (
    JO,
    LENA,
    MARA,
    MILLPOND,
    OMAR,
    RIVERSIDE,
    RIVERSIDE_ROOM,
    SERVER,
    SQUARE,
    VERA,
    Town,
)


@pytest.fixture
async def session(database: Database, town: Town) -> AsyncGenerator[AsyncSession]:
    """The town, in an open transaction; Lena hosts."""
    async with database.writing() as opened:
        await town(opened)
        await opened.flush()
        yield opened


def who(user_id: int) -> Actor:
    """Return somebody of the server."""
    return Actor(SERVER, user_id)


def preview(user_id: int = MARA, message_id: int = 50, **more: Any) -> Preview:
    """Return what somebody is about to share from Riverside."""
    told: dict[str, Any] = {"named": True, **more}
    return Preview(
        SERVER,
        RIVERSIDE,
        user_id,
        RIVERSIDE_ROOM,
        message_id,
        told.pop("edited_at", None),
        "We walk.",
        cut=False,
        files=(FileOffer("map.png", 9, "image/png", "A map.", "https://cdn.test/1"),),
        since=told.pop("now"),
        **told,
    )


async def share(
    session: AsyncSession, now: datetime, user_id: int = MARA, message_id: int = 50, **more: Any
) -> Bridge:
    """Let somebody share something; return it."""
    await bridges.share(
        session,
        who(user_id),
        RIVERSIDE_ROOM,
        preview(user_id, message_id, now=now, **more),
        now,
        files=[Copied("map.png", "A map.", b"a map")],
    )
    found = await session.scalar(select(Bridge).where(Bridge.message_id == message_id))
    assert found is not None
    return found


async def edition(session: AsyncSession, now: datetime) -> Edition:
    """Let Lena host, and have an edition ready for her, read through."""
    await neighbourhoods.host(session, who(LENA), RIVERSIDE, now, wants=True)
    await neighbourhoods.step_due(session, now + timedelta(days=2))
    found = (await session.scalars(select(Edition).where(Edition.state == "ready"))).one()
    await editions.draft(session, who(LENA), found.id)
    return found


async def published(session: AsyncSession, now: datetime) -> Bridge:
    """Share something, publish it, and let Discord take it."""
    bridge = await share(session, now)
    ready = await edition(session, now)
    seen = {bridge.id: Seen("stands")}
    assert await editions.publish(session, who(LENA), ready.id, seen, now) == 1
    await delivered(session, now)
    await session.refresh(bridge)
    return bridge


async def delivered(session: AsyncSession, now: datetime) -> None:
    """Let everything that the commons are owed stand there."""
    rows = await session.scalars(
        select(OutboxMessage).where(OutboxMessage.place == "commons").order_by(OutboxMessage.id)
    )
    for number, row in enumerate(rows.all()):
        await sending.sent(
            session, row.id, Delivered(message_id=700 + number, channel_id=SQUARE), now
        )


async def count(session: AsyncSession, table: Any) -> int:
    """Return how many rows there are."""
    return await session.scalar(select(func.count()).select_from(table)) or 0


async def unwanted(session: AsyncSession) -> set[int]:
    """Return which messages are to be taken down."""
    return set(await session.scalars(select(Takedown.target_id)))


async def test_words_and_files_go_once_they_stand_there(
    session: AsyncSession, now: datetime
) -> None:
    """The link between source and post stays, so that one goes with the other."""
    bridge = await published(session, now)
    assert (bridge.state, bridge.said) == ("published", "")
    assert (bridge.post_channel_id, bridge.post_message_id) == (SQUARE, 702)
    assert await count(session, BridgeFile) == 0
    assert await bridges.thank(session, who(JO), bridge.message_id) == "bridges.thanked"
    await bridges.take_back(session, who(MARA), bridge.message_id, now)
    assert await unwanted(session) == {701, 702}
    for table in (Bridge, BridgeThanks):
        assert await count(session, table) == 0


async def test_nobody_but_its_author_takes_it_back(session: AsyncSession, now: datetime) -> None:
    """And nobody in another server, with the same number."""
    bridge = await share(session, now)
    with pytest.raises(NotAllowed, match=r"bridges\.not_yours"):
        await bridges.take_back(session, who(LENA), bridge.message_id, now)
    session.add(Server(id=SERVER + 1, added_at=now))
    await session.flush()
    with pytest.raises(UserError, match=r"bridges\.not_there"):
        await bridges.take_back(session, Actor(SERVER + 1, MARA), bridge.message_id, now)


async def test_a_bridge_that_is_being_sent_is_called_back(
    session: AsyncSession, now: datetime
) -> None:
    """Nobody began: it never goes out. It is on its way: it goes as soon as it stands."""
    for claimed in (False, True):
        bridge = await share(session, now, message_id=50 + claimed)
        ready = await edition(session, now)
        await editions.publish(session, who(LENA), ready.id, {bridge.id: Seen("stands")}, now)
        row = (
            await session.scalars(
                select(OutboxMessage).where(OutboxMessage.kind == bridge_posts.KIND)
            )
        ).one()
        if claimed:
            row.state, row.claimed_at = "claimed", now
        await bridges.take_back(session, who(MARA), bridge.message_id, now)
        left = await session.scalar(
            select(OutboxMessage).where(OutboxMessage.kind == bridge_posts.KIND)
        )
        if not claimed:
            assert left is None
            now += timedelta(days=8)
            continue
        assert left is not None
        assert "We walk." not in left.content
        assert str(MARA) not in left.content
        await sending.sent(session, left.id, Delivered(message_id=900, channel_id=SQUARE), now)
        assert 900 in await unwanted(session)


async def test_no_head_stands_over_nothing(session: AsyncSession, now: datetime) -> None:
    """What is taken back before the head is posted takes it along; also one that is on its way."""
    heads = select(OutboxMessage).where(OutboxMessage.kind == bridge_posts.HEADER)
    for claimed in (False, True):
        bridge = await share(session, now, message_id=50 + claimed)
        ready = await edition(session, now)
        await editions.publish(session, who(LENA), ready.id, {bridge.id: Seen("stands")}, now)
        if claimed:
            head = (await session.scalars(heads)).one()
            head.state, head.claimed_at = "claimed", now
        await bridges.take_back(session, who(MARA), bridge.message_id, now)
        left = await session.scalar(heads)
        assert (left is not None) is claimed
        now += timedelta(days=8)
    assert left is not None
    await sending.sent(session, left.id, Delivered(message_id=910, channel_id=SQUARE), now)
    assert 910 in await unwanted(session)


async def test_no_head_stands_over_what_was_refused(session: AsyncSession, now: datetime) -> None:
    """Its bridges wait for the next one, so this one has nothing to say."""
    await share(session, now)
    ready = await edition(session, now)
    seen = {one.id: Seen("stands") for one in await session.scalars(select(Bridge))}
    await editions.publish(session, who(LENA), ready.id, seen, now)
    rows = {row.kind: row for row in await session.scalars(select(OutboxMessage))}
    head = rows[bridge_posts.HEADER]
    await sending.sent(session, head.id, Delivered(message_id=910, channel_id=SQUARE), now)
    assert 910 not in await unwanted(session)
    await sending.refused(session, rows[bridge_posts.KIND].id, now, why="too large", code=40005)
    assert 910 in await unwanted(session)


async def test_forgotten_in_the_middle_of_sending(session: AsyncSession, now: datetime) -> None:
    """Named or not, nothing of theirs stays: not even what is on its way at that moment."""
    bridge = await share(session, now)
    ready = await edition(session, now)
    await editions.publish(session, who(LENA), ready.id, {bridge.id: Seen("stands")}, now)
    row = (
        await session.scalars(select(OutboxMessage).where(OutboxMessage.kind == bridge_posts.KIND))
    ).one()
    row.state, row.claimed_at = "claimed", now
    await privacy.forget(session, MARA, [SERVER], now)
    assert await count(session, Bridge) == 0
    await sending.sent(session, row.id, Delivered(message_id=900, channel_id=SQUARE), now)
    assert 900 in await unwanted(session)


@pytest.mark.parametrize("way", ["kept", "gone", "moved", "none"])
async def test_who_does_not_live_there_any_more(
    session: AsyncSession, now: datetime, way: str
) -> None:
    """By leaving, leaving the server, moving, being released: what they shared goes."""
    await share(session, now)
    home = await session.get_one(Membership, (SERVER, MARA))
    if way == "moved":
        home.group_id = MILLPOND
    elif way == "none":
        await session.delete(home)
    else:
        home.state = way
    await session.flush()
    assert await bridge_sources.step_due(session, now) == 1
    assert await count(session, Bridge) == 0
    assert await count(session, BridgeFile) == 0


async def test_who_is_held_keeps_it_and_it_is_not_shown(
    session: AsyncSession, now: datetime
) -> None:
    """Until moderators have decided."""
    bridge = await share(session, now)
    (await session.get_one(Membership, (SERVER, MARA))).state = "held"
    await session.flush()
    assert await bridge_sources.step_due(session, now) == 0
    assert await editions.waiting(session, SERVER) == []
    (await session.get_one(Membership, (SERVER, MARA))).state = "here"
    await session.flush()
    assert await editions.waiting(session, SERVER) == [bridge]


async def test_who_looks_after_a_group_shares_from_it(session: AsyncSession, now: datetime) -> None:
    """Wherever they live; until they step down."""
    session.add(
        Facilitator(group_id=RIVERSIDE, user_id=OMAR, server_id=SERVER, state="active", since=now)
    )
    await session.flush()
    await share(session, now, OMAR)
    assert await bridge_sources.step_due(session, now) == 0
    await session.delete(await session.get_one(Facilitator, (RIVERSIDE, OMAR)))
    await session.flush()
    assert await bridge_sources.step_due(session, now) == 1


async def test_guests_and_strangers_do_not(session: AsyncSession, now: datetime) -> None:
    """A visit lets somebody read, not share."""
    with pytest.raises(NotAllowed, match=r"bridges\.inside_only"):
        await share(session, now, VERA)
    session.add(
        Visit(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=VERA,
            started_at=now,
            ends_at=now + timedelta(days=9),
        )
    )
    await session.flush()
    with pytest.raises(NotAllowed, match=r"bridges\.living_only"):
        await share(session, now, VERA)


async def test_it_goes_along_when_people_move_together(
    session: AsyncSession, now: datetime
) -> None:
    """By a split, a merge, a reunion, a bud; a question goes along, too."""
    bridge = await share(session, now)
    session.add(
        BridgeAsk(
            server_id=SERVER,
            group_id=RIVERSIDE,
            user_id=MARA,
            channel_id=RIVERSIDE_ROOM,
            message_id=51,
            at=now,
        )
    )
    goes, stays = [await session.get_one(Group, group) for group in (RIVERSIDE, MILLPOND)]
    assert await rehousing.take_seats(session, stays, 1)
    await rehousing.move(session, goes, stays, [MARA], now)
    await session.refresh(bridge)
    assert bridge.group_id == MILLPOND
    assert await session.scalar(select(BridgeAsk.group_id)) == MILLPOND
    assert await bridge_sources.step_due(session, now) == 0


async def test_a_group_that_ends_leaves_what_it_said(session: AsyncSession, now: datetime) -> None:
    """What stands in the commons stays, its author may take it back; what waits goes."""
    bridge = await published(session, now)
    await share(session, now, message_id=51)
    group = await session.get_one(Group, RIVERSIDE)
    group.state, group.archived_at = "archived", now
    await session.delete(await session.get_one(Membership, (SERVER, MARA)))
    await session.flush()
    assert await bridge_sources.step_due(session, now) == 1
    assert (await session.scalars(select(Bridge))).all() == [bridge]
    await bridges.take_back(session, who(MARA), bridge.message_id, now)
    with pytest.raises(UserError, match=r"bridges\.group_ended"):
        await bridges.of_room(session, who(LENA), RIVERSIDE_ROOM)


async def test_nothing_waits_for_ever(session: AsyncSession, now: datetime) -> None:
    """Sixty days; what an edit withdrew is said for two weeks."""
    await share(session, now)
    bridge = await share(session, now, message_id=51)
    await bridge_sources.checked(session, bridge.id, Seen("stands", now), now)
    assert bridge.state == "changed"
    assert await bridge_sources.step_due(session, now + CHANGED_SAID) == 0
    assert await count(session, Bridge) == 1
    assert await bridge_sources.step_due(session, now + WAITS) == 1
    assert await count(session, Bridge) == 0


async def test_a_look_at_the_source(session: AsyncSession, now: datetime) -> None:
    """Gone: it goes. Another edit: withdrawn. Out of reach: nothing, and it is not published."""
    stands, gone, hidden = [await share(session, now, message_id=50 + n) for n in range(3)]
    await bridge_sources.look_again(session, [SERVER])
    wanted = await bridge_sources.unchecked(session, most=2)
    assert [one.bridge_id for one in wanted] == [hidden.id, gone.id]
    assert await bridge_sources.checked(session, stands.id, Seen("stands"), now)
    assert not await bridge_sources.checked(session, gone.id, Seen("gone"), now)
    assert not await bridge_sources.checked(session, hidden.id, Seen("unknown"), now)
    assert await bridge_sources.unchecked(session, most=9) == []
    assert set(await session.scalars(select(Bridge.id))) == {stands.id, hidden.id}


async def test_many_messages_deleted_at_once(session: AsyncSession, now: datetime) -> None:
    """Sources take what stands along; a post that is among them is not taken down again."""
    bridge = await published(session, now)
    await share(session, now, message_id=51)
    await share(session, now, message_id=52)
    ours = {51, bridge.post_message_id or 0, 999}
    assert await bridge_sources.concerns(session, SERVER, ours)
    assert not await bridge_sources.concerns(session, SERVER, {999})
    assert not await bridge_sources.concerns(session, SERVER + 1, ours)
    assert await bridge_sources.deleted(session, SERVER, ours, now) == 2
    assert [row.message_id for row in await session.scalars(select(Bridge))] == [52]
    assert await unwanted(session) == {701}  # the head of an edition that shows nothing more


async def test_the_commons_are_deleted(session: AsyncSession, now: datetime) -> None:
    """What stood there is gone, and nothing is to be taken down; what waits goes on waiting."""
    bridge = await published(session, now)
    await share(session, now, message_id=51)
    assert bridge.post_channel_id == SQUARE
    assert await bridge_sources.channel_gone(session, SERVER, SQUARE, now) == 1
    assert [row.message_id for row in await session.scalars(select(Bridge))] == [51]
    assert bridge.post_message_id not in await unwanted(session)


async def test_an_edit_is_told_by_its_time(session: AsyncSession, now: datetime) -> None:
    """The same as when it was shared: something else changed. None: it never was edited."""
    bridge = await share(session, now, edited_at=now)
    for at in (None, now):
        assert not await bridge_sources.edited(session, SERVER, 50, at, now)
    assert bridge.state == "waiting"
    assert await bridge_sources.edited(session, SERVER, 50, now + timedelta(seconds=1), now)
    assert (bridge.state, bridge.said) == ("changed", "")
    assert not await bridge_sources.edited(session, SERVER, 50, now + timedelta(seconds=2), now)


async def test_only_what_was_read_is_published(session: AsyncSession, now: datetime) -> None:
    """What came since waits; what does not stand any more goes; the claim is one's own."""
    first = await share(session, now)
    ready = await edition(session, now)
    session.add(Membership(server_id=SERVER, user_id=VERA, group_id=MILLPOND, since=now))
    await session.flush()
    later = Bridge(
        server_id=SERVER,
        group_id=MILLPOND,
        user_id=VERA,
        channel_id=5,
        message_id=60,
        kind="story",
        named=False,
        said="Later.",
        cut=False,
        left_there="",
        shared_at=now,
    )
    session.add(later)
    await session.flush()
    seen = {first.id: Seen("stands"), later.id: Seen("stands")}
    assert await editions.publish(session, who(LENA), ready.id, seen, now) == 1
    assert (first.state, later.state) == ("sent", "waiting")
    with pytest.raises(UserError, match=r"neighbourhoods\.over"):
        await editions.publish(session, who(LENA), ready.id, seen, now)
    assert await count(session, OutboxMessage) == 3  # the host was told, the head, the bridge


async def test_a_paused_server_makes_no_editions(session: AsyncSession, now: datetime) -> None:
    """Nor one that removed Hearth, nor one without commons."""
    await share(session, now)
    await neighbourhoods.host(session, who(LENA), RIVERSIDE, now, wants=True)
    for column in ("paused_at", "removed_at", "commons_id"):
        had = getattr(await session.get_one(Server, SERVER), column)
        value = None if column == "commons_id" else now
        await session.execute(update(Server).values({column: value}))
        await neighbourhoods.step_due(session, now + timedelta(days=2))
        assert await count(session, Edition) == 0, column
        await session.execute(update(Server).values({column: had}))
    await neighbourhoods.step_due(session, now + timedelta(days=2))
    assert await count(session, Edition) == 1


async def test_the_host_of_an_edition_who_is_forgotten(
    session: AsyncSession, now: datetime
) -> None:
    """Their name goes; the next host has the turn, or it rests."""
    await share(session, now)
    ready = await edition(session, now)
    await privacy.forget(session, LENA, [SERVER], now)
    await session.refresh(ready)
    assert ready.host_id is None
    await neighbourhoods.step_due(session, now + timedelta(days=2))
    assert ready.state == "rests"
    assert await count(session, NeighbourhoodHost) == 0


async def test_from_an_unlisted_group_nobody_is_named(session: AsyncSession, now: datetime) -> None:
    """Whatever the preview carried; also if the type was unlisted later."""
    bridge = await share(session, now)
    assert (await bridge_posts.shown_of(session, bridge)).user_id == MARA
    (await session.get_one(GroupType, 1)).listed = False
    await session.flush()
    assert (await bridge_posts.shown_of(session, bridge)).user_id is None
    assert not (await share(session, now, JO, 51)).named


async def test_together_shows_it_to_who_lives_there(
    session: AsyncSession, now: datetime, settings: Settings
) -> None:
    """With one's own to take back."""
    card = await together.card(session, who(MARA), RIVERSIDE, now, settings)
    assert "bridge-mine" not in {button.press for button in card.buttons}
    await share(session, now)
    card = await together.card(session, who(MARA), RIVERSIDE, now, settings)
    assert "bridge-mine" in {button.press for button in card.buttons}
    assert "bridges.together" in {line.key for line in card.lines}

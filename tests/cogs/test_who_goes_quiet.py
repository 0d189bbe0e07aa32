"""From the first message to the letter: somebody who used to come, and somebody who came once."""

from datetime import timedelta

from sqlalchemy import select

from models import QuietEpisode
from sandbox.answers import Answer
from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

DAY = timedelta(days=1)


async def days(hearth: Running, count: int, *talking: Person) -> None:
    """Let days pass; on each of them these people write in their room, answering each other."""
    room = channel(hearth, "🌊-riverside")
    for _ in range(count):
        for person in talking:
            await person.write(room, "Who runs tonight?")
        await hearth.advance(DAY)


async def letter(lena: Person) -> Answer:
    """Open the letter at the desk."""
    return await lena.press(await lena.command("desk"), "Letter")


async def noticed(hearth: Running) -> dict[int, tuple[str, str | None]]:
    """Return what kind of silence each person's newest one is, and how it ended."""
    async with hearth.app.database.reading() as session:
        rows = await session.scalars(select(QuietEpisode).order_by(QuietEpisode.id))
        return {row.user_id: (row.kind, row.closed_by) for row in rows}


async def test_a_regular_and_a_newcomer_fall_silent(hearth: Running) -> None:
    """The newcomer is noticed first and has a place of their own; who comes back is forgotten."""
    await set_up(hearth)
    await group(hearth)
    lena, mara = await at_home(hearth, "Lena"), await at_home(hearth, "Mara")
    await looked_after(hearth, lena)
    await days(hearth, 5, mara, lena)
    jo = await at_home(hearth, "Jo")
    await days(hearth, 1, jo, lena)
    await days(hearth, 4, lena)
    assert await noticed(hearth) == {}
    await days(hearth, 1, lena)
    assert await noticed(hearth) == {jo.id: ("faded", None)}
    told = await letter(lena)
    assert "**New here, and not heard of since**" in told.text
    assert f"<@{jo.id}>, here since" in told.text
    assert f"<@{mara.id}>" not in told.text
    await days(hearth, 3, lena)
    assert await noticed(hearth) == {jo.id: ("faded", None), mara.id: ("quiet", None)}
    await days(hearth, 1, jo, lena)
    assert await noticed(hearth) == {jo.id: ("faded", "returned"), mara.id: ("quiet", None)}
    await days(hearth, 6, lena)
    told = await letter(lena)
    assert f"<@{mara.id}>, quiet for" in told.text
    assert "longer than usual for them" in told.text


async def test_patience_is_chosen_in_words(hearth: Running) -> None:
    """What a type says is how soon; other words are not offered."""
    await set_up(hearth)
    await group(hearth)
    await hearth.owner.command("hearth type edit", type="Interest", patience="late")
    listed = await hearth.owner.command("hearth type list")
    while "**Interest**" not in listed.text:
        listed = await hearth.owner.press(listed, "More")
    interest = listed.text.partition("**Interest**")[2].partition("**Our own**")[0]
    assert "noticed late, after ten days" in interest
    lena, mara = await at_home(hearth, "Lena"), await at_home(hearth, "Mara")
    await days(hearth, 4, mara, lena)
    await days(hearth, 8, lena)
    assert await noticed(hearth) == {}
    await hearth.owner.command("hearth type edit", type="Interest", patience="soon")
    await days(hearth, 1, lena)
    assert await noticed(hearth) == {mara.id: ("quiet", None)}

"""What somebody writes in a room and shares with the commons pings nobody and breaks nothing."""

import logging

from bot.rules.bridges import FILES_MOST
from sandbox.people import Person
from tests.cogs.bridge_town import MENU, READY, Town, bridge_town
from tests.cogs.founding import at_home
from tests.conftest import Running
from tests.hostile.stored import unclean
from tests.hostile.texts import STRANGE_TIME, chunks
from tests.hostile.town import bystanders
from tests.hostile.watching import Lines, Watch

TYPED = ("Qa", "Qbold", "Qlink", "Qsub", "DROP TABLE")
LONGEST = 2000  # characters, as most people's clients have it
WORDS = ("whole", "out")
AT_ONCE = 5  # things of one author that may wait


async def test_no_message_takes_harm(hearth: Running) -> None:
    """Every text, in the preview, for the host, and in the commons; the log holds none of it.

    A time stays a time: its author sees it in the preview, its host before it is published.
    """
    town = await bridge_town(hearth)
    who = await bystanders(hearth)
    watch = Watch(hearth, who)
    lines = Lines()
    logging.getLogger().addHandler(lines)
    try:
        typed = [text.replace(f"<t:{STRANGE_TIME}:R>", "") for text in chunks(who).values()]
        wanted = [text[:LONGEST] for text in typed if text.strip()]
        mara = await at_home(hearth, "Mara")
        for number, text in enumerate(wanted):
            await _share(town, watch, (town.kim, town.lena, mara)[number // AT_ONCE], text)
        await _read(town, watch, len(wanted))
    finally:
        logging.getLogger().removeHandler(lines)
    print(  # noqa: T201 - the counts are a part of the promise
        f"messages that are shared: {len(wanted)} texts; {watch.answers} answers and"
        f" {watch.messages} messages read"
    )
    assert watch.wrong == {}
    assert await unclean(hearth) == []
    assert lines.failures() == []
    assert lines.holding(*TYPED, str(who.person)) == []


async def _read(town: Town, watch: Watch, count: int) -> None:
    """Let Lena read all of them through, one after the other, and publish the last."""
    await town.hearth.advance(READY)
    draft = watch.saw("a draft", await town.draft())
    for _ in range(count - 1):
        whole, out = (next(one for one in draft.selects if word in one) for word in WORDS)
        read = await town.lena.choose(draft, draft.choices[0], custom_id=whole)
        draft = await town.lena.press(watch.saw("whole", read), "Back")
        draft = watch.saw(
            "left out", await town.lena.choose(draft, draft.choices[0], custom_id=out)
        )
    watch.saw("published", await town.lena.press(draft, "Publish"))
    await town.hearth.settle()
    watch.rooms("rooms")


async def _share(town: Town, watch: Watch, author: Person, text: str) -> None:
    """Share one, with a file that is called the same."""
    name = "".join(char for char in text if char.isprintable() and char not in "/\\")[:80]
    files = {f"{number}{name}.png": b"x" for number in range(FILES_MOST)}
    message = await author.write(town.room, text, files=files)
    preview = watch.saw("a preview", await author.menu(MENU, message))
    preview = watch.saw(
        "files", await author.choose(preview, ["0"], custom_id=f"bridge-files:{message.id}")
    )
    answer = watch.saw("shared", await author.press(preview, "Share"))
    assert "Thank you" in answer.text, (text, answer.text)

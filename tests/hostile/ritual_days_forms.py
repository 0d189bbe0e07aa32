"""The forms about a ritual's days: rests, one moment moved, a pause, and what is suggested."""

from models import RitualChange
from sandbox.answers import Answer
from tests.hostile.filling import Form, often
from tests.hostile.town import Town

RITUAL = 1  # the town's first


async def begun(town: Town) -> None:
    """Let a ritual run, once."""
    if "days" not in town.kept:
        form = await town.press("Lena", "ritual-kind:1:wins")
        town.kept["days"] = await town["Lena"].fill(form)
        await town.press("Lena", f"ritual-start:{RITUAL}")


async def rest(town: Town) -> Answer:
    """Open the form for days of rest."""
    return await town.press("Lena", "ritual-rest-again:1:holidays")


async def moves(town: Town) -> Answer:
    """Open the form that moves the next one."""
    await begun(town)
    return await town.press("Lena", f"ritual-move:{RITUAL}")


async def pauses(town: Town) -> Answer:
    """Open the form for a pause that ends by itself."""
    await begun(town)
    return await town.press("Lena", f"ritual-pause-until:{RITUAL}")


async def suggested(town: Town) -> Answer:
    """Open the form of a change that was just suggested."""
    await begun(town)
    async with town.hearth.app.database.writing() as session:
        row = RitualChange(
            server_id=town.hearth.server.id,
            group_id=1,
            ritual_id=RITUAL,
            what="thread",
            at=town.hearth.app.client.clock.now(),
        )
        session.add(row)
        await session.flush()
        change_id = row.id
    return await town.press("Lena", f"ritual-suggest:{change_id}")


async def read(town: Town, _answer: Answer) -> None:
    """Read the ritual with its days, where its host and its facilitator do."""
    if not often(town):
        return
    for what in ("show", "rota", "next", "does"):
        await town.look(f"a ritual's {what}", town.press("Lena", f"ritual-{what}:{RITUAL}"))
    await town.look("days of rest", town.press("Lena", "ritual-rests:1"))
    await town.look("what goes on", town.press("Jo", "together:1"))


RITUAL_DAYS = (
    Form("ritual-rest", "Lena", rest, after=read),
    Form("ritual-move", "Lena", moves, after=read),
    Form("ritual-pause-until", "Lena", pauses, after=read),
    Form("ritual-suggest", "Lena", suggested, after=read, anew=True),
)

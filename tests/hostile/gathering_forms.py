"""The forms of gatherings: a new one, one that is announced, one of its dates, and its end."""

from sandbox.answers import Answer
from tests.hostile.filling import Form, Good, often
from tests.hostile.town import Town

NEW: Good = {
    "what": lambda number: f"Walk {number}",
    "when": "2026-05-08 18:00",
    "where": "",
    "long": "",
    "most": "",
}
ANNOUNCED = 12  # of those that fit; the others are removed, so that the next can be planned


async def new(town: Town) -> Answer:
    """Open the form at the desk."""
    return await town.press("Lena", "gathering-new:1")


async def planned(town: Town, answer: Answer) -> None:
    """Announce a few, and let the room and ‹Together› be read; let the others go."""
    if "Announce it" not in answer.buttons:
        return
    number = next(
        part["custom_id"].split(":")[1]
        for row in answer.components
        for part in row["components"]
        if part.get("custom_id", "").startswith("gathering-announce")
    )
    announced = town.kept.setdefault("gatherings", [])
    if len(announced) >= ANNOUNCED:
        await town.look("removed", town.press("Lena", f"gathering-off-yes:{number}"))
        return
    announced.append(number)
    await town.look("announced", town["Lena"].press(answer, "Announce it"))
    await town.hearth.settle()
    if often(town, 3):
        await town.look("gatherings", town.press("Lena", "gathering-desk:1"))
        await town.look("together", town.press("Jo", "together:1"))
        await town.look("details", town.press("Jo", f"gathering-look:{len(announced)}"))


async def series(town: Town) -> str:
    """Return the number of a walk that comes round."""
    if "series" not in town.kept:
        good = {key: value if isinstance(value, str) else value(0) for key, value in NEW.items()}
        plan = await town["Lena"].fill(await new(town), **good)
        plan = await town["Lena"].choose(plan, "weekly")
        done = await town["Lena"].press(plan, "Announce it")
        town.kept["series"] = next(
            part["custom_id"].split(":")[1]
            for row in done.components
            for part in row["components"]
            if part.get("custom_id", "").startswith("gathering-edit")
        )
    return str(town.kept["series"])


async def change(town: Town) -> Answer:
    """Open the form of what stands in the room."""
    return await town.press("Lena", f"gathering-edit:{await series(town)}")


async def move(town: Town) -> Answer:
    """Open the form that moves its first date."""
    number = await series(town)
    return await town.press("Lena", f"gathering-move:{number}:2026-05-08T18.00")


async def regular(town: Town) -> Answer:
    """Open the form of another regular time."""
    return await town.press("Lena", f"gathering-regular:{await series(town)}")


async def until(town: Town) -> Answer:
    """Open the form of its end."""
    return await town.press("Lena", f"gathering-until:{await series(town)}")


async def read(town: Town, _answer: Answer) -> None:
    """Read it where its host and those who come see it."""
    await town.hearth.settle()
    if often(town):
        number = await series(town)
        await town.look("a plan", town.press("Lena", f"gathering-plan:{number}"))
        await town.look("its dates", town.press("Lena", f"gathering-dates:{number}"))
        await town.look("together", town.press("Jo", "together:1"))


GATHERINGS = (
    Form("gathering-add", "Lena", new, NEW, planned),
    Form("gathering-change", "Lena", change, {**NEW, "what": "Walk"}, read),
    Form("gathering-moved", "Lena", move, after=read),
    Form("gathering-retimed", "Lena", regular, after=read),
    Form("gathering-ends", "Lena", until, after=read),
)

"""The forms of challenges, of somebody's part in one, and of a group that begins together."""

from datetime import timedelta

from sqlalchemy import select

from models import Cohort, Goal
from sandbox.answers import Answer
from tests.hostile.filling import Form, Good, often
from tests.hostile.town import Town

WALK: Good = {
    "title": lambda number: f"Walk {number}",
    "counts": "Twenty minutes outside",
    "when": "today for 20 weeks",
    "often": "daily",
    "grace": "",
}
DAYS: Good = {"starts": "in 4 weeks", "stages": "Getting to know", "last": "in 20 weeks"}
DAY = timedelta(days=1)
SHARED = 3  # words that are put into the thread


def _press(answer: Answer, verb: str) -> str:
    return next(
        part["custom_id"]
        for row in answer.components
        for part in row["components"]
        if part.get("custom_id", "").startswith(verb)
    )


async def plan(town: Town) -> Answer:
    """Open the form of a new challenge."""
    return await town.press("Lena", "goal-plan:1")


async def planned(town: Town, answer: Answer) -> None:
    """Read the draft where it is shown, and let it go, so that the next one can come."""
    if "Drop it" not in answer.buttons:
        return
    if often(town):
        await town.look("a draft", town.press("Lena", "goal-desk:1"))
        await town.look("the desk", town.press("Lena", "desk-page:1:together"))
    await town.look("dropped", town["Lena"].press(answer, "Drop it"))


async def draft(town: Town) -> Answer:
    """Open the form of a challenge that is drafted."""
    form = await town.press("Lena", "goal-plan:1")
    good = {key: value if isinstance(value, str) else value(0) for key, value in WALK.items()}
    card = await town["Lena"].fill(form, **good)
    town.kept["begin"] = _press(card, "goal-begin")
    return await town["Lena"].press(card, "Change")


async def changed(town: Town, _answer: Answer) -> None:
    """Read the draft at the desk."""
    if often(town):
        await town.look("a draft", town.press("Lena", "goal-desk:1"))


async def begins(town: Town) -> None:
    """Let it begin as it was typed last; Jo and Kim take part."""
    await town.look("begun", town.press("Lena", town.kept["begin"]))
    await town.hearth.settle()
    async with town.hearth.app.database.reading() as session:
        goal = (await session.scalars(select(Goal))).one()
    assert goal.state == "running"
    town.kept["goal"] = goal.id
    for name in ("Jo", "Kim"):
        await town.look("in", town.press(name, f"goal-in:{goal.id}"))


async def own(town: Town) -> Answer:
    """Open the form of Jo's own goal."""
    return await town.press("Jo", f"goal-own:{town.kept['goal']}")


async def aimed(town: Town, _answer: Answer) -> None:
    """Read it where all who live there do."""
    if often(town):
        await town.look("goals", town.press("Kim", f"goal-aims:{town.kept['goal']}:0"))
        await town.look("my part", town.press("Jo", f"goal-mine:{town.kept['goal']}"))


async def word(town: Town) -> Answer:
    """Open the form of a word to Jo's check-in of today."""
    goal = town.kept["goal"]
    await town.press("Jo", f"goal-done:{goal}")
    return await town.press("Jo", f"goal-word:{goal}")


async def said(town: Town, answer: Answer) -> None:
    """Share a few of them, each on a day of its own."""
    if "Share it" not in answer.buttons or town.kept.get("shared", 0) >= SHARED:
        return
    town.kept["shared"] = town.kept.get("shared", 0) + 1
    await town.look("shared", town["Jo"].press(answer, "Share it"))
    await town.hearth.settle()
    await town.hearth.advance(DAY)
    await town.press("Jo", f"goal-done:{town.kept['goal']}")


async def half(town: Town) -> None:
    """Let half-time come, and the end be told early."""
    await town.hearth.advance(71 * DAY)
    goal = town.kept["goal"]
    await town.look("asks", town.press("Lena", f"goal-asks:{goal}"))
    await town.look("ended", town.press("Lena", f"goal-end-yes:{goal}"))
    await town.look("the last one", town.press("Lena", "goal-desk:1"))


async def days(town: Town) -> Answer:
    """Open the form of the days of a group that begins together."""
    if "cohort" not in town.kept:
        town.kept["cohort"] = True
        now = town.hearth.app.clock.now()
        async with town.hearth.app.database.writing() as session:
            session.add(
                Cohort(
                    group_id=1,
                    server_id=town.hearth.server.id,
                    starts_on=(now + DAY).date().isoformat(),
                    starts_at=now + DAY,
                )
            )
    return await town.press("Lena", "cohort-days:1")


async def days_read(town: Town, _answer: Answer) -> None:
    """Read the days at the desk and where everybody does."""
    if often(town):
        await town.look("days", town.press("Lena", "cohort-desk:1"))
        await town.look("days", town.press("Jo", "cohort-shown:1"))


async def stage_comes(town: Town) -> None:
    """Let the first morning come."""
    await town.hearth.advance(30 * DAY)
    await town.look("together", town.press("Jo", "together:1"))


GOALS = (
    Form("goal-new", "Lena", plan, WALK, planned),
    Form("goal-edit", "Lena", draft, WALK, changed, ends=begins),
    Form("goal-aim", "Jo", own, after=aimed),
    Form("goal-said", "Jo", word, after=said, ends=half),
    Form("cohort-set", "Lena", days, DAYS, days_read, ends=stage_comes),
)

"""Towns for the forms that open only at certain moments: splits, buds, circles, the first setup."""

from datetime import timedelta

from sandbox.answers import Answer
from tests.cogs.desks import desk_page
from tests.cogs.founding import set_up
from tests.cogs.full_group import CAP, Village, full_group
from tests.cogs.test_circles import form_of, look, seated
from tests.conftest import Running
from tests.hostile.filling import Form, often
from tests.hostile.forms import NAMED, pressed
from tests.hostile.town import Town, bystanders, town

# It is offered once: what is typed first has to hold much.
AT_ONCE = "# Qhead **Qbold** [Qlink](https://evil.example) ||Qspoil||\n> Qquote\n- Qlist\n1. Qnum"
LAKE = {
    "purpose": "Evening runs around the lake.",
    "for_whom": "Whoever runs",
    "unites": "We would rather talk than race",
    "norms": "Say hello first",
}


async def _village(hearth: Running, *, cap: int = CAP) -> tuple[Village, Town]:
    who = await bystanders(hearth)
    village = await full_group(hearth, cap=cap)
    people = {"Lena": village.lena, "Kim": village.people[1]}
    made = await town(hearth, people, who)
    made.kept["village"] = village
    return village, made


async def about_to_split(hearth: Running) -> Town:
    """Riverside is full, and its plan stands at the desk."""
    village, made = await _village(hearth)
    await village.preview()
    return made


async def nearly_full(hearth: Running) -> Town:
    """Riverside has one seat left, and its split can be got ready."""
    _, made = await _village(hearth, cap=CAP + 1)
    await hearth.advance(timedelta(days=7, hours=2))
    return made


async def budding(hearth: Running) -> Town:
    """Kim of Riverside is asked whether they would begin a group."""
    village, made = await _village(hearth, cap=20)
    card = await village.lena.press(await desk_page(village.lena, "Growth"), "Grow a bud")
    answer = await village.lena.choose(card, made["Kim"])
    assert "finds a question" in answer.text, answer.text
    await hearth.settle()
    room = village.room("riverside")
    line = next(m for m in reversed(list(room.history)) if made["Kim"].mention in m.content)
    question = await made["Kim"].press(line, "Look")
    form = await made["Kim"].press(question, "Yes, I'd like to")
    assert form.modal is not None
    made.kept["bud"] = form.modal["custom_id"].split(":")[1]
    return made


async def in_circles(hearth: Running) -> Town:
    """Nine talk with each other in the commons, and would be suggested groups."""
    who = await bystanders(hearth)
    await set_up(hearth, owners_room=await hearth.owner.create_channel("owners"))
    people = await seated(hearth)
    made = await town(hearth, {"Kim": people[0]}, who)
    form = await form_of(hearth, await look(hearth), 9, "Interest")
    assert form.modal is not None
    made.kept["circle"] = ":".join(form.modal["custom_id"].split(":")[1:3])
    return made


async def new_server(hearth: Running) -> Town:
    """Nothing is set up; the owner begins with the screens."""
    who = await bystanders(hearth)
    await set_up(hearth)  # the panel needs it; the screens are open all the same
    return await town(hearth, {}, who)


async def names_of_split(town: Town) -> Answer:
    """Open the form for a name in a split's plan."""
    return await town.press("Lena", "split-name:1:1")


async def plan_read(town: Town, _answer: Answer) -> None:
    """Read the plan with its names."""
    if not often(town, 3):
        return
    await town.look("the plan", town.press("Lena", "split-look:1"))
    await town.look("its names", town.press("Lena", "split-names:1"))


async def ready_read(town: Town, _answer: Answer) -> None:
    """Read what is got ready."""
    if often(town, 3):
        await town.look("what is ready", town.press("Lena", "prepare-look:1"))


async def names_bud(town: Town) -> Answer:
    """Open the form of a new group that Kim begins."""
    return await town.press("Kim", f"bud-name:{town.kept['bud']}")


async def bud_read(town: Town, _answer: Answer) -> None:
    """Read the bud, at home and at the desk."""
    if often(town, 3):
        await town.look("a bud", town.press("Kim", f"bud-look:{town.kept['bud']}"))
    if not often(town):
        return
    await town.look("a home", town["Kim"].command("home"))
    await town.look("the desk", town.press("Lena", "desk-page:1:growth"))


async def offers(town: Town) -> Answer:
    """Open the form of the group that a circle is offered."""
    return await town.press("owner", f"circle-form:{town.kept['circle']}")


async def circles_read(town: Town, answer: Answer) -> None:
    """Read what is found, and what whoever is asked finds at home."""
    if "is offered to" in answer.text:
        await town.hearth.advance(timedelta(days=1))
        home = town.watch.saw("a home", await town["Kim"].command("home"))
        await town.look("what is suggested", town["Kim"].press(home, "See the suggestion"))
        await town.look("circles", town["owner"].command("hearth discover"))


async def setup_read(town: Town, answer: Answer) -> None:
    """Read the screens of groups and of what it comes to; take the group off again."""
    for screen in ("groups", "sum"):
        await town.look("a screen", town.press("owner", f"setup-go:{screen}"))
    drop = next(
        (
            part["custom_id"]
            for row in answer.components
            for part in row["components"]
            if part.get("custom_id", "").startswith("setup-drop")
        ),
        None,
    )
    if drop is not None:
        await town.look("it is dropped", town.press("owner", drop))


async def let_it_split(town: Town) -> None:
    """Have the plan told, wait, and read what rooms and people were given."""
    village: Village = town.kept["village"]
    notice = await village.told()
    town.watch.rooms("the notice")
    await town.look("one's place", town["Kim"].press(notice, "Where am I?"))
    await town.hearth.advance(timedelta(days=5))
    town.watch.rooms("two rooms")


SPLIT = (Form("split-named", "Lena", names_of_split, NAMED, plan_read),)
PREPARED = (Form("prepare-named", "Lena", pressed("Lena", "prepare-name:1:1"), NAMED, ready_read),)
BUD = (Form("bud-named", "Kim", names_bud, {**NAMED, "purpose": LAKE["purpose"]}, bud_read),)
CIRCLE = (
    Form(
        "circle-offer",
        "owner",
        offers,
        dict.fromkeys(("purpose", "for_whom", "unites", "norms"), AT_ONCE),
        circles_read,
    ),
)
SETUP = (
    Form("setup-city", "owner", pressed("owner", "setup-city")),
    Form(
        "setup-charter",
        "owner",
        pressed("owner", "setup-charter:words:interest"),
        {"name": lambda number: f"Lakeside {number}", "sign": "🦆 blue", **LAKE},
        setup_read,
    ),
    Form("setup-charter", "owner", pressed("owner", "setup-charter:place:interest")),
)

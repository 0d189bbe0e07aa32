"""A life that leaves many traces, lived through the commands."""

from sandbox.people import Person
from tests.cogs.founding import at_home, channel, group, looked_after, set_up
from tests.conftest import Running

WORDS = "Rhubarb-and-custard 271828"  # what people say in rooms: must never be found anywhere


async def lived(hearth: Running) -> dict[str, Person]:
    """Let Mara do much of what leaves traces; return the people."""
    owner = hearth.owner
    rooms = {name: await owner.create_channel(name) for name in ("watch", "care", "owners")}
    await set_up(
        hearth,
        moderators_room=rooms["watch"],
        facilitators_room=rooms["care"],
        owners_room=rooms["owners"],
    )
    await group(hearth)
    await group(hearth, "Millpond")
    people = {name: await at_home(hearth, name) for name in ("Mara", "Jo", "Lena", "Omar")}
    mara = people["Mara"]
    await looked_after(hearth, people["Lena"])
    await looked_after(hearth, mara)
    await hearth.settle()
    await mara.command("visit", group="Millpond")
    await mara.command("home")
    await hearth.owner.command("hearth facilitator ask", group="Millpond", user=mara)
    form = await mara.command("concern", to="moderators")
    await mara.fill(form, said="It is loud at night.")
    for one, other in ((mara, people["Jo"]), (people["Jo"], mara)):
        asked = await one.menu("Together or apart", other)
        await one.press(asked, asked.buttons[0])
    await mara.command("away")
    barring = await owner.command("safety bar", user=mara, group="Millpond")
    await owner.fill(barring, reason="A quarrel there.")
    await hearth.settle()
    return people


async def talk(hearth: Running, people: dict[str, Person]) -> None:
    """Let Mara and Jo talk; the first half of it is written down, the rest waits in memory."""
    mara, jo = people["Mara"], people["Jo"]
    room = channel(hearth, "🌊-riverside")
    first = await mara.write(room, f"Who runs tonight? {WORDS}")
    await jo.write(room, f"Me! {WORDS}", reply_to=first)
    await mara.react(first, "👋")
    await hearth.settle()
    second = await jo.write(room, f"And you, {mara.mention}? {WORDS}")
    await mara.write(room, f"Sure. {WORDS}", reply_to=second)

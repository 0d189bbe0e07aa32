"""Forms of what neighbours do: an evening with guests, a question, an answer to one."""

from sandbox.answers import Answer
from tests.hostile.filling import Form, often
from tests.hostile.forms import pressed
from tests.hostile.town import Town

EVENING = {"day": "tomorrow", "from": "19:00", "to": "22:00", "zone": ""}


async def asked(town: Town, answer: Answer) -> None:
    """Send one question, let it be put to Riverside, read it in both rooms, and take it back.

    One of the two that a group is asked in a month; the other one is answered.
    """
    if not answer.selects or "asked" in town.kept or not often(town):
        return
    sure = town.watch.saw("a last look", await town["Omar"].choose(answer, "1"))
    if "Send with my name" not in sure.buttons:
        return
    sent = town.watch.saw("sent", await town["Omar"].press(sure, "Send with my name"))
    assert "on its way" in sent.text, sent.text
    town.kept["asked"] = sure
    await _put(town)
    own = town.watch.saw("our question", await town.press("Omar", "ask-group-open:2"))
    await town["Omar"].press(own, "Take it back")


async def _put(town: Town) -> None:
    desk = town.watch.saw("the desk", await town["Lena"].command("desk", group="1"))
    read = town.watch.saw("a question", await town["Lena"].press(desk, "Read the question"))
    await town.look("put", town["Lena"].press(read, "Put it to the group"))
    await town.hearth.settle()


async def answers(town: Town) -> Answer:
    """Open the form for an answer to the question that stands in Riverside."""
    if "put" not in town.kept:
        form = await town.press("Omar", "ask-group-new:2")
        fits = await town["Omar"].fill(form, question="Which path is dry in March?")
        sure = await town["Omar"].choose(fits, "1")
        await town["Omar"].press(sure, "Send without my name")
        await _put(town)
        room = town.hearth.server.channel("🌊-riverside")
        town.kept["put"] = next(
            m for m in reversed(list(room.history)) if "Who'd like to answer" in m.content
        )
    return await town["Jo"].press(town.kept["put"], "Answer")


async def answered(town: Town, answer: Answer) -> None:
    """Send an answer now and then, read it where it was asked for, and take it back."""
    if "Send with my name" not in answer.buttons or not often(town, 3):
        return
    sent = town.watch.saw("sent", await town["Jo"].press(answer, "Send with my name"))
    await town.hearth.settle()
    await town.look("taken back", town["Jo"].press(sent, "Take my answer back"))
    await town.hearth.settle()


NEIGHBOURS = (
    Form(
        "guest-when",
        "Lena",
        pressed("Lena", "guest-fix:1:2"),
        EVENING,
        refused=frozenset(EVENING),
    ),
    Form("ask-group-words", "Omar", pressed("Omar", "ask-group-new:2"), after=asked),
    Form("ask-group-said", "Jo", answers, after=answered),
)

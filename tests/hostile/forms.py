"""Every form there is: who can fill it, how it opens, and where what was typed is read."""

from contextlib import suppress
from datetime import timedelta

from sandbox.answers import Answer
from tests.cogs.founding import at_home
from tests.hostile.filling import Form, Good, Open, often
from tests.hostile.town import Town

PERSON = frozenset({"person"})  # where somebody's mention is asked for
DAYS = frozenset({"days"})


def pressed(by: str, custom_id: str, value: object = None) -> Open:
    """Return what opens a form by a press."""

    async def opens(town: Town) -> Answer:
        return await town.press(by, custom_id, value)

    return opens


def called(by: str, command: str, **options: object) -> Open:
    """Return what opens a form by a command."""

    async def opens(town: Town) -> Answer:
        return await town[by].command(command, **options)

    return opens


async def card(town: Town, _answer: Answer) -> None:
    """Read what a group is, where everybody reads it, and where its facilitator does."""
    if often(town, 3):
        await town.look("a card", town["Kim"].command("groups", find="1"))
    if often(town):
        await town.look("a home", town["Kim"].command("home"))
        await town.look("a desk", town["Lena"].command("desk", group="1"))


async def desk(town: Town, _answer: Answer) -> None:
    """Read the desk and its pages."""
    if not often(town, 3):
        return
    await town.look("a desk", town["Lena"].command("desk", group="1"))
    for page in ("people", "together", "room", "growth"):
        await town.look("a desk's page", town.press("Lena", f"desk-page:1:{page}"))


async def homes(town: Town, _answer: Answer) -> None:
    """Read what everybody has at home."""
    for name in ("Jo", "Kim", "Lena", "Gus"):
        await town.look("a home", town[name].command("home"))


async def introduced(town: Town, _answer: Answer) -> None:
    """Read who lives there."""
    await town.look("who lives here", town.press("Jo", "living-who:1:0"))
    await town.look("a desk", town.press("Lena", "living-desk:1"))


async def rituals(town: Town, answer: Answer) -> None:
    """Read the ritual, the list, the desk, and let a few of them begin."""
    if often(town):
        await town.look("rituals", town.press("Lena", "rituals-list:1"))
    with suppress(StopIteration):
        town.kept.setdefault("ritual", _starting(answer, "ritual-edit").split(":")[1])
    started = town.kept.setdefault("started", [])
    if "Start" in answer.buttons and len(started) < STARTED:
        started.append(town.watch.saw("a start", await town["Lena"].press(answer, "Start")))


async def new_visitor(town: Town) -> str:
    """Let somebody visit Riverside; return the number of their visit."""
    guest = await town.hearth.person(f"Guest {next(town.count)}")
    town.people["guest"] = guest
    answer = await guest.command("visit", group="1")
    assert not answer.failed, answer.text
    shown = await town.press("Lena", "visitors:1")
    menu = next(p for row in shown.components for p in row["components"] if p["type"] == 3)
    return str(menu["options"][-1]["value"])


async def visitor_leaves(town: Town) -> Answer:
    """Open the form by which a facilitator ends a visit."""
    return await town.press("Lena", "visitor-end:1", await new_visitor(town))


async def visit_ends(town: Town) -> Answer:
    """Open the form by which a moderator ends a visit."""
    await new_visitor(town)
    return await town["Gus"].command("safety end-visit", user=town["guest"])


async def bars(town: Town) -> Answer:
    """Open the form by which a moderator keeps somebody out."""
    town.people["guest"] = await town.hearth.person(f"Barred {next(town.count)}")
    return await town["Gus"].command("safety bar", user=town["guest"], group="1")


async def told_guest(town: Town, _answer: Answer) -> None:
    """Read what somebody whose visit or home ended is told."""
    await town.look("who must leave", town["guest"].command("home"))


async def leaver(town: Town) -> Answer:
    """Open the form by which a moderator ends a home, of somebody new."""
    town.people["guest"] = await at_home(town.hearth, f"Leaver {next(town.count)}")
    return await town["Gus"].command("safety remove", user=town["guest"])


async def removed(town: Town) -> None:
    """Let somebody new be removed."""
    form = await leaver(town)
    await town["Gus"].fill(form, reason="It was too much.", days="30")


async def asks_again(town: Town) -> Answer:
    """Open the form by which somebody who was removed asks to be let back."""
    await removed(town)
    guest = town["guest"]
    return await guest.press(await guest.command("home"), "Ask them to look again")


async def appeals_read(town: Town, _answer: Answer) -> None:
    """Let the moderators read what was asked."""
    await town.hearth.settle()
    await town.look("appeals", town["Gus"].command("safety concerns"))
    await town.look("an appeal", town.press("Gus", "appeal-next"))


def appeal_answered(verb: str) -> Open:
    """Return what opens the answer to a new appeal."""

    async def opens(town: Town) -> Answer:
        form = await asks_again(town)
        asked = await town["guest"].fill(form, said="Please look again.")
        assert "Asked" in asked.text, asked.text
        await town.hearth.settle()
        line = list(town.hearth.server.channel("moderators").history)[-1]
        opened = await town["Gus"].press(line, "Open")
        press = next(
            p["custom_id"]
            for row in opened.components
            for p in row["components"]
            if p["custom_id"].startswith(verb)
        )
        return await town["Gus"].press(opened, custom_id=press)

    return opens


async def sent(town: Town, answer: Answer) -> None:
    """Send a private word on, let it be read, answered and closed."""
    if "Send without my name" not in answer.buttons:
        return
    jo, lena = town["Jo"], town["Lena"]
    said = town.watch.saw("a word", await jo.press(answer, "Send without my name"))
    if "without your name" not in said.text:
        return
    await town.hearth.settle()
    line = list(town.hearth.server.channel("facilitators").history)[-1]
    opened = town.watch.saw("a word read", await lena.press(line, "Open"))
    await town.look("the list", lena.command("desk", group="1"))
    await town.look("a home", jo.command("home"))
    await town.look("it is closed", lena.press(opened, "Close it"))


async def a_word(town: Town) -> str:
    """Return the number of a private word of Jo's that Lena may answer."""
    if "word" not in town.kept:
        form = await town["Jo"].command("concern", to="facilitators")
        preview = await town["Jo"].fill(form, said="Somebody shouts.", link="")
        await town["Jo"].press(preview, "Send without my name")
        await town.hearth.settle()
        line = list(town.hearth.server.channel("facilitators").history)[-1]
        opened = await town["Lena"].press(line, "Open")
        presses = [p["custom_id"] for row in opened.components for p in row["components"]]
        town.kept["word"] = next(p for p in presses if p.startswith("concern-")).split(":")[1]
    return str(town.kept["word"])


async def answers_word(town: Town) -> Answer:
    """Open the form by which Lena answers a word."""
    return await town.press("Lena", f"concern-answer:{await a_word(town)}")


async def writes_back(town: Town) -> Answer:
    """Open the form by which Jo says one more thing."""
    return await town.press("Jo", f"concern-back:{await a_word(town)}")


async def word_read(town: Town, _answer: Answer) -> None:
    """Let both read it."""
    number = await a_word(town)
    await town.look("a word", town.press("Jo", f"concern-own:{number}"))
    await town.look("a word", town.press("Lena", f"concern-open:{number}"))


async def tells(town: Town) -> Answer:
    """Open the form about a message."""
    room = town.hearth.server.channel("🌊-riverside")
    town["Jo"].room = room
    message = await town["Kim"].write(room, "I shout.")
    try:
        return await town["Jo"].menu("Tell the facilitators", message)
    finally:
        town["Jo"].room = None


async def mends(town: Town) -> Answer:
    """Open the form of a half-written word again."""
    form = await town["Jo"].command("concern", to="moderators")
    preview = await town["Jo"].fill(form, said="Somebody shouts.", link="")
    return await town["Jo"].press(preview, custom_id=_starting(preview, "concern-fix"))


def _starting(answer: Answer, verb: str) -> str:
    return next(
        p["custom_id"]
        for row in answer.components
        for p in row["components"]
        if p.get("custom_id", "").startswith(verb)
    )


async def a_ritual(town: Town) -> Answer:
    """Open the form of a ritual that is there."""
    return await town.press("Lena", f"ritual-edit:{town.kept['ritual']}")


async def prompts_from_a_file(town: Town) -> Answer:
    """Open the form in which a ritual's prompts are sent as a file."""
    return await town.press("Lena", f"ritual-send:{town.kept['ritual']}")


async def prompts_read(town: Town, _answer: Answer) -> None:
    """Read the prompts, and have them as a file."""
    if often(town):
        await town.look("a ritual's prompts", town.press("Lena", _of_ritual(town, "prompts")))
        await town.look("prompts as a file", town.press("Lena", _of_ritual(town, "file")))


def _of_ritual(town: Town, what: str) -> str:
    return f"ritual-{what}:{town.kept['ritual']}"


async def questions(town: Town, _answer: Answer) -> None:
    """Read the questions as owners do, and as somebody who is asked them."""
    if often(town):
        await town.look("questions", town["owner"].command("hearth questions"))
        await town.look("a question", town.press("Gus", "find-open"))


async def called_all(town: Town, _answer: Answer) -> None:
    """Let a call be forgotten, so that the next may come."""
    await town.hearth.advance(town.hearth.app.clock.now() + WEEK)


PULSE_HOMES = 3  # so many more that a pulse can be asked
STARTED = 20  # rituals that are let begin


async def pulse(town: Town) -> Answer:
    """Open the form of a pulse for somebody new: each has one answer."""
    if "pulse" not in town.kept:
        for number in range(PULSE_HOMES):
            await at_home(town.hearth, f"Neighbour {number}")
        asked = await town.press("Lena", "pulse-ask:1")
        assert "stands in the room" in asked.text, asked.text
        await town.hearth.settle()
        town.kept["pulse"] = list(town.hearth.server.channel("🌊-riverside").history)[-1]
    town.people["guest"] = await at_home(town.hearth, f"Lodger {next(town.count)}")
    return await town["guest"].press(town.kept["pulse"], "Take part")


async def lines_read(town: Town) -> None:
    """Let it close; the lines are read, ticked, and stand in the room."""
    await town.hearth.advance(town.hearth.app.clock.now() + WEEK)
    card = town.watch.saw("the desk", await town["Lena"].command("desk", group="1"))
    while "Read the lines" in card.buttons:
        card = town.watch.saw("the lines", await town["Lena"].press(card, "Read the lines"))
    ticked = town.watch.saw("ticked", await town["Lena"].choose(card, card.choices[:3]))
    await town.look("posted", town["Lena"].press(ticked, "Post the ticked ones"))


WEEK = timedelta(days=8)
NAMED: Good = {"name": lambda number: f"Millpond {number}", "emoji": "🦆"}
WORDS: Good = {
    "name": lambda number: f"Lakeside {number}",
    "sign": "🦆 blue",
    "purpose": "Evening runs around the lake.",
    "for_whom": "Whoever runs",
    "unites": "We would rather talk than race",
    "norms": "Say hello first",
}

DESK = (
    Form("away-day", "Jo", pressed("Jo", "away-form")),
    Form("brake-form", "owner", pressed("owner", "brake-change"), {"days": "3", "hourly": "9"}),
    Form("groups-search", "Jo", pressed("Jo", "groups-search")),
    Form("desk-ask", "Lena", pressed("Lena", "desk-hand-over:1"), leaves_out=PERSON),
    Form("desk-invite-who", "Lena", pressed("Lena", "desk-invite:1"), leaves_out=PERSON),
    Form("last-day", "Lena", pressed("Lena", "last-day:1"), after=desk),
    Form("living-first", "Lena", pressed("Lena", "living-first:1"), after=introduced),
    Form("living-write", "Jo", pressed("Jo", "living-write:1"), after=introduced),
    Form("note-written", "Lena", pressed("Lena", "note-write:1"), after=desk),
    Form(
        "questions-keep",
        "owner",
        pressed("owner", "questions-form:0"),
        {"text": lambda number: f"Tea or coffee, {number}?", "choices": "Tea\nCoffee", "most": "1"},
        questions,
    ),
)
RITUALS = (
    Form(
        "ritual-new",
        "Lena",
        pressed("Lena", "ritual-kind:1:own"),
        {
            "title": lambda number: f"Tea {number}",
            "when": "weekly friday 18:00",
            "prompts": "What was good?",
            "pings": "nobody",
        },
        rituals,
    ),
    Form("ritual-change", "Lena", a_ritual, after=rituals),
    Form("ritual-sent", "Lena", prompts_from_a_file, after=prompts_read),
)
WORDS_TO_SOMEBODY = (
    Form("concern", "Jo", called("Jo", "concern", to="facilitators"), {"said": "Loud."}, sent),
    Form("concern-told", "Jo", tells, after=sent),
    Form("concern-mend", "Jo", mends, anew=True),
    Form("concern-answered", "Lena", answers_word, after=word_read),
    Form("concern-more", "Jo", writes_back, after=word_read),
    Form("pulse-answer", "guest", pulse, anew=True, ends=lines_read),
)
SAFETY = (
    Form("safety-bar", "Gus", bars, after=told_guest, anew=True),
    Form("visitor-leave", "Lena", visitor_leaves, after=told_guest, anew=True),
    Form("safety-visit-end", "Gus", visit_ends, after=told_guest, anew=True),
    Form("safety-remove", "Gus", leaver, {"days": "30"}, told_guest, True, DAYS),
    Form("appeal", "guest", asks_again, after=appeals_read, anew=True),
    Form("appeal-yes", "Gus", appeal_answered("appeal-back"), after=told_guest, anew=True),
    Form("appeal-no", "Gus", appeal_answered("appeal-stays"), after=told_guest, anew=True),
)
CHARTERS = (
    Form("charter-form", "owner", pressed("owner", "charter-form:words:1"), WORDS, card),
    Form("charter-form", "owner", pressed("owner", "charter-form:place:1"), after=card),
    Form("room-call-all", "Lena", pressed("Lena", "room-call:1"), after=called_all, anew=True),
)

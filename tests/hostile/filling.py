"""Fills forms with every hostile text, field by field, and reads what becomes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from sandbox.answers import Answer
from tests.hostile.texts import chunks, few, short
from tests.hostile.town import Town
from tests.hostile.watching import parts

LONG = 200  # a field that takes so much gets several texts at once
MOST = 4000  # of a field that names no limit (Discord's own)
TEXT_INPUT, FILE_UPLOAD = 4, 19
SIGNS = frozenset({"emoji", "sign"})  # take one of a server's own emoji as what it is

Good = Mapping[str, str | Callable[[int], str]]
Open = Callable[[Town], Awaitable[Answer]]
After = Callable[[Town, Answer], Awaitable[None]]


def often(town: Town, every: int = 5) -> bool:
    """Return whether it is time to look further: once in so many texts."""
    town.kept["looks"] = town.kept.get("looks", 0) + 1
    return town.kept["looks"] % every == 0


async def nothing(_town: Town, _answer: Answer) -> None:
    """Look at nothing more."""


async def no_end(_town: Town) -> None:
    """Look at nothing more."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form: who fills it, how it opens, what makes the rest of it right, what is read then.

    With `anew` it is opened for every text, because each that is taken changes what is there.
    """

    verb: str
    by: str
    opens: Open
    good: Good = field(default_factory=dict[str, str | Callable[[int], str]])
    after: After = nothing
    anew: bool = False
    refused: frozenset[str] = frozenset()  # fields in which none of the texts can be right
    ends: Callable[[Town], Awaitable[None]] = no_end
    leaves_out: frozenset[str] = frozenset()  # texts by name that are right in one of its fields


def inputs(form: Answer, *types: int) -> dict[str, tuple[int, int]]:
    """Return the fields of an opened form that take text, or a file of it, with their bounds."""
    assert form.modal is not None, form.text
    return {
        part["custom_id"]: (part.get("min_length") or 0, part.get("max_length") or MOST)
        for part in parts(form.modal["components"])
        if part.get("type") in (types or (TEXT_INPUT, FILE_UPLOAD))
    }


def verb_of(form: Answer) -> str:
    """Return the verb that a form reaches when it is sent."""
    assert form.modal is not None
    return str(form.modal["custom_id"]).partition(":")[0]


async def fill(town: Town, form: Form) -> list[str]:
    """Fill a form with every text; return its fields, as "verb.field"."""
    opened = await form.opens(town)
    assert verb_of(opened) == form.verb
    fields, files = inputs(opened), inputs(opened, FILE_UPLOAD)
    found = [f"{form.verb}.{name}" for name in fields]
    for name, (_, most) in fields.items():
        brief = most < LONG or name == "name"
        texts = short(town.who) if brief else (few if form.anew else chunks)(town.who)
        for tried, text in texts.items():
            if tried in form.leaves_out or (tried == "emoji" and name in SIGNS):
                continue
            what = f"{form.verb}.{name} with {tried}"
            if form.anew and name not in form.refused:
                opened = town.watch.saw(what, await form.opens(town))
            number = next(town.count)
            rest = {
                other: value if isinstance(value, str) else value(number)
                for other, value in form.good.items()
                if other != name and other in fields
            }
            value = {"typed.txt": text.encode("utf-8", "replace")} if name in files else text[:most]
            try:
                answer = await town[form.by].fill(opened, **{**rest, name: value})
            except ValueError:
                continue  # a client would not send it
            town.watch.typed += 1
            town.watch.saw(what, answer)
            await form.after(town, answer)
    await form.ends(town)
    await town.hearth.settle()
    town.watch.rooms(form.verb)
    return found

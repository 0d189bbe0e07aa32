"""The forms of pairs: when they are made, and on whose clock somebody's hours are."""

from sandbox.answers import Answer
from tests.hostile.filling import Form, often
from tests.hostile.town import Town


async def when(town: Town) -> Answer:
    """Open the form that says when pairs are made."""
    return await town.press("Lena", "pair-when:1:weekly")


async def clock(town: Town) -> Answer:
    """Let Jo take part in pairs that Lena began, and open the form for another city."""
    if "pairs" not in town.kept:
        await town.press("Lena", "pair-start:1:weekly")
        town.kept["pairs"] = await town.press("Jo", "pair-join:1:card")
    return await town.press("Jo", "pair-city:1")


async def read(town: Town, _answer: Answer) -> None:
    """Read how pairs stand, at the desk and at home."""
    if often(town):
        await town.look("pairs at the desk", town.press("Lena", "pair-desk:1"))
        await town.look("pairs at home", town.press("Jo", "pair-mine:1"))


PAIRS = (
    Form("pair-clock", "Jo", clock, after=read),
    Form("pair-time", "Lena", when, after=read),
)

"""How people of a made-up town come to a home: by answering questions, and by a seat kept for them.

A log does not hold what somebody would answer, so its people name the group they want.
"""

import random
from typing import TYPE_CHECKING

from demo.noticeboard import Notice, meanings, stands
from sandbox.answers import Answer
from sandbox.people import Person

if TYPE_CHECKING:
    from demo.drive import Driver

MOST_QUESTIONS = 8
"""A flow of questions that is longer than this does not end."""
SKIPPED = 0.2
"""The part of the questions that somebody goes past without an answer."""
SHOWN = 0.3
"""The part of the answers that may be shown in the room."""
MISSED = 0.1
"""The part of the lines in the commons that somebody does not see in time."""


async def find(
    driver: "Driver", person: Person, group_id: int, draw: random.Random
) -> Answer | None:
    """Let somebody press *Find a home* on their card and answer, and move in where they meant to.

    None when the group that they meant was not suggested; then they name it.
    """
    answer = await driver.call(person, "home")
    if "find-open" not in meanings(answer):
        return None
    answer = await driver.press(person, answer, "find-open")
    for _ in range(MOST_QUESTIONS):
        if "find-answer" not in meanings(answer):
            break
        if draw.random() < SKIPPED:
            answer = await driver.press(person, answer, "find-skip")
            continue
        if draw.random() < SHOWN:
            answer = await driver.press(person, answer, "find-shown")
        menu = _menu(answer, "find-answer")
        answer = await person.choose(answer, draw.choice(answer.choices), custom_id=menu)
    if not stands(answer, f"join:{group_id}"):
        return None
    return await person.press(answer, custom_id=f"join:{group_id}")


async def something_waits(driver: "Driver", notice: Notice, person: Person) -> None:
    """Let somebody open their card from a line that names them, and take the seat kept for them."""
    answer = await driver.press(person, notice.message, "home-open")
    kept = meanings(answer)
    if "seat-no" in kept:
        await person.press(answer, custom_id=f"join:{kept['seat-no'][0]}")


async def say_what_fits(driver: "Driver", person: Person, group: str, draw: random.Random) -> None:
    """Let who looks after a group tick the answers that fit it, one or two of each question."""
    card = await driver.desk(person, group, "people")
    card = await driver.press(person, card, "fits-open")
    for question in card.choices:
        asked = await person.choose(card, question, custom_id=_menu(card, "fits-which"))
        ticks = draw.sample(asked.choices, min(len(asked.choices), draw.randint(1, 2)))
        card = await person.choose(asked, ticks, custom_id=_menu(asked, "fits-tick"))


def _menu(card: Answer, verb: str) -> str:
    """Return the id of a card's menu."""
    return ":".join((verb, *meanings(card)[verb]))

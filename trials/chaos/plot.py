"""A story: how the stage is set, and what is done on it while the bot may die.

Each plot has a prelude, after which the bot rests, and an act. Everything that the bot asks of
Discord from the act's first moment to its last is a moment to die at.
"""

from abc import ABC, abstractmethod
from datetime import UTC, datetime

from trials.chaos.story import Story

CIRCLE = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gul", "Hal", "Ivo", "Jun", "Kay", "Lena")
WRITING = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""When every story begins: a Monday noon, far from any change of clocks."""


class Plot(ABC):
    """One story."""

    name: str
    told_late: tuple[str, ...] = ()
    """Beginnings of messages that are right, and not there undisturbed, if the bot was away."""

    async def prelude(self, story: Story) -> None:
        """Set the stage."""
        await story.set_up()

    @abstractmethod
    async def act(self, story: Story) -> None:
        """Do what the story is about."""

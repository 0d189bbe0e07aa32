"""The tables, and nothing but the tables.

They are made when the first is asked for, all at once. A migration asks for the types of columns
alone (models/base.py), and so does a command that only looks whether one is due.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.tables import *  # noqa: F403 - the names and their types, as they are at run time
else:

    def __getattr__(name: str) -> object:
        """Make all tables, and return the one that is asked for."""
        if name.startswith("__"):
            raise AttributeError(name)
        tables = importlib.import_module("models.tables")

        globals().update({known: getattr(tables, known) for known in tables.__all__})
        try:
            return globals()[name]
        except KeyError:
            raise AttributeError(f"there is no {name} among the tables") from None

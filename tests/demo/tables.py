"""Tables in a file of their own, filled by hand while no bot runs."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from models import Base


@dataclass(frozen=True, slots=True)
class Tables:
    """One SQLite file."""

    file: Path

    def add(self, *rows: Base) -> None:
        """Add rows, each after those before it."""
        engine = create_engine(f"sqlite:///{self.file}")
        try:
            with Session(engine) as session, session.begin():
                for row in rows:
                    session.add(row)
                    session.flush()
        finally:
            engine.dispose()

    def sql(self, statement: str, *values: Any) -> None:
        """Change rows."""
        with closing(sqlite3.connect(self.file)) as connection, connection:
            connection.execute(statement, values)

"""Alembic's entry: runs on the connection that bot.database hands over."""

from collections.abc import Iterable
from typing import Any

from alembic import context
from alembic.operations.ops import CreateTableOp, MigrationScript
from sqlalchemy import Connection

from models import Base


def without_purposes(_context: Any, _revision: Any, scripts: Iterable[MigrationScript]) -> None:
    """Leave the tables' purposes where they are stated: in the models, once."""
    for script in scripts:
        for operations in script.upgrade_ops_list:
            for operation in operations.ops:
                if isinstance(operation, CreateTableOp):
                    operation.info.clear()


def run(connection: Connection) -> None:
    """Run the migrations that are due, on SQLite by rebuilding tables where it must."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        user_module_prefix="models.base.",
        process_revision_directives=without_purposes,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes["connection"]
run(connection)

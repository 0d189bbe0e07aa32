"""The small town of the services' tests, in the tables, and where these are."""

from pathlib import Path

import pytest

from bot.settings import Settings
from bot.storage.migrating import file_of
from tests.services.conftest import town as town  # noqa: PLC0414 - a fixture, handed on


@pytest.fixture
def file(settings: Settings) -> Path:
    """The file with the tables."""
    found = file_of(settings.database)
    assert found is not None
    return found

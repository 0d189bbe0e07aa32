"""The harbour in which everything is asked for, founded once for all who ask there."""

from collections.abc import Iterator

import pytest

from tests.conftest import Running
from tests.rights.harbour import Harbour


@pytest.fixture
def harbour(hearth: Running) -> Iterator[Harbour]:
    """One of everybody, as they were founded; the test is marked with `founded`."""
    found = hearth.founded
    assert isinstance(found, Harbour)
    found.begin()
    yield found
    found.tables.close()

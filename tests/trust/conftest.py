"""The small town of the services' tests, in the tables."""

from tests.services.conftest import town as town  # noqa: PLC0414 - a fixture, handed on

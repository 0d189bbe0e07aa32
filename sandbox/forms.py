"""Reading a request's body: every wrong field is told, in the shape of Discord's form errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sandbox.errors import ApiError, add_field_error

if TYPE_CHECKING:
    from collections.abc import Callable

_Item = TypeVar("_Item")


def read_snowflake(value: object) -> int | None:
    """Return an id sent as a string or a number; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        return int(value)
    return None


class Form:
    """One JSON object; each reader returns None for a field that is absent, null or wrong.

    `check` raises what was wrong with all of them; call it before using what was read.
    """

    def __init__(self, body: object, *, path: str = "", refusal: ApiError | None = None) -> None:
        self.refusal = refusal or ApiError(400, 50035, "Invalid Form Body", {})
        self._path = path
        self._body: dict[str, Any] = {}
        if isinstance(body, dict):
            self._body = cast("dict[str, Any]", body)
        else:
            self.fault("", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a DictType")

    def __contains__(self, key: str) -> bool:
        return key in self._body

    def check(self) -> None:
        """Refuse the form (50035) if any field that was read is wrong."""
        if self.refusal.errors:
            raise self.refusal

    def fault(self, key: str, code: str, message: str) -> None:
        """Note that a field is wrong."""
        path = ".".join(part for part in (self._path, key) if part)
        add_field_error(self.refusal, path, code, message)

    def raw(self, key: str) -> Any:
        """Return a field as it was sent; None where it is absent."""
        return self._body.get(key)

    def _value(self, key: str, *, required: bool) -> Any:
        value = self._body.get(key)
        if value is None and required:
            self.fault(key, "BASE_TYPE_REQUIRED", "This field is required")
        return value

    def text(
        self, key: str, *, least: int = 0, most: int = 4000, required: bool = False
    ) -> str | None:
        """Read a text of `least` to `most` characters."""
        value = self._value(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(key, "STRING_TYPE_CONVERT", "Could not convert to string.")
            return None
        if not least <= len(value) <= most:
            if least:
                message = f"Must be between {least} and {most} in length."
                self.fault(key, "BASE_TYPE_BAD_LENGTH", message)
            else:
                self.fault(key, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
            return None
        return value

    def integer(self, key: str, *, least: int = 0, most: int = 2**63 - 1) -> int | None:
        """Read a whole number between two bounds, sent as a number or in digits."""
        value = self._value(key, required=False)
        if value is None:
            return None
        try:
            number = int(cast("str", value))
        except (TypeError, ValueError):
            message = f'Value "{value}" is not int.'
            self.fault(key, "NUMBER_TYPE_COERCE", message)
            return None
        if number < least:
            message = f"int value should be greater than or equal to {least}."
            self.fault(key, "NUMBER_TYPE_MIN", message)
            return None
        if number > most:
            self.fault(key, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
            return None
        return number

    def flag(self, key: str) -> bool | None:
        """Read a boolean."""
        value = self._value(key, required=False)
        if value is None or isinstance(value, bool):
            return value
        self.fault(key, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return None

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """Read an id."""
        value = self._value(key, required=required)
        found = read_snowflake(value)
        if value is not None and found is None:
            self.fault(key, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
        return found

    def moment(self, key: str) -> datetime | None:
        """Read a moment in ISO 8601; one without a zone is taken as UTC."""
        value = self._value(key, required=False)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fault(key, "DATE_TIME_TYPE_PARSE", f'Could not parse "{value}".')
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    def items(self, key: str, *, most: int) -> list[Any] | None:
        """Read a list of at most `most` things."""
        value = self._value(key, required=False)
        if value is None:
            return None
        if not isinstance(value, list):
            self.fault(key, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            return None
        found = cast("list[Any]", value)
        if len(found) > most:
            self.fault(key, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
            return None
        return found

    def snowflakes(self, key: str, *, most: int) -> list[int] | None:
        """Read a list of ids."""
        values = self.items(key, most=most)
        if values is None:
            return None
        found: list[int] = []
        for index, value in enumerate(values):
            snowflake = read_snowflake(value)
            if snowflake is None:
                message = f'Value "{value}" is not snowflake.'
                self.fault(f"{key}.{index}", "NUMBER_TYPE_COERCE", message)
            else:
                found.append(snowflake)
        return found

    def inner(self, key: str) -> Form | None:
        """Read an object; its faults count as this form's."""
        value = self._value(key, required=False)
        if value is None:
            return None
        return Form(value, path=self._join(key), refusal=self.refusal)

    def each(self, key: str, read: Callable[[Form], _Item], *, most: int) -> list[_Item] | None:
        """Read a list of objects with `read`; their faults count as this form's."""
        values = self.items(key, most=most)
        if values is None:
            return None
        return [
            read(Form(value, path=self._join(f"{key}.{index}"), refusal=self.refusal))
            for index, value in enumerate(values)
        ]

    def _join(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key

"""What can go wrong, sorted by who must hear of it.

A `UserError` is for a person: it names a text of the catalogue that says what to do next.
`Temporary` and `Permanent` are for effects on Discord: try again later, or write it down for the
owner and stop trying. `TablesDown` and `CannotStart` are for the operator, one line each.
"""

from typing import Any


class UserError(Exception):
    """A request that cannot be met, with the text that the person is shown.

    `key` names a text of the catalogue, `params` fill it in. It climbs untouched through services
    and entry points to one handler; whatever was changed in the transaction is rolled back.
    """

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(key)
        self.key = key
        self.params = params


class NotAllowed(UserError):  # noqa: N818 - it names what was met
    """A request that is not for who asks, or about what is not there for them (any more).

    Whatever they typed can't be mended into one that is met, so none of it is kept.
    """


class EffectError(Exception):
    """An effect on Discord that did not happen."""


class Temporary(EffectError):  # noqa: N818 - the word of the house, see the module docstring
    """Worth trying again after `delay` seconds (None: the caller's own growing delay)."""

    def __init__(self, why: str, *, delay: float | None = None) -> None:
        super().__init__(why)
        self.delay = delay


class Permanent(EffectError):  # noqa: N818 - the word of the house, see the module docstring
    """Will fail again until a person changes something; shown in `/hearth check`.

    `code` is Discord's JSON error code where it sent one.
    """

    def __init__(self, why: str, *, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


class TablesDown(Exception):  # noqa: N818 - it names what was met
    """The tables cannot be read or written now, and nothing was changed.

    The message is one line for the operator: what is wrong and what to do. `Database` has logged it
    already; who catches it tries again later, and says nothing more. Where it keeps Hearth from
    starting, `status` is the exit's.
    """

    status = 3


class CannotStart(Exception):  # noqa: N818 - it names what follows
    """Hearth cannot start here; the message is one line for the operator, `status` the exit's."""

    def __init__(self, line: str, *, status: int) -> None:
        super().__init__(line)
        self.status = status

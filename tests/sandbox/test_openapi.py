"""The measure that answers are held against measures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.openapi import Spec

ROLE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"$ref": "#/components/schemas/Id"},
        "name": {"type": "string", "maxLength": 5},
        "color": {"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 0}]},
    },
}
SPEC = Spec(
    {
        "components": {"schemas": {"Id": {"type": "string", "pattern": "^[0-9]+$"}, "Role": ROLE}},
        "paths": {
            "/guilds/{guild_id}/roles": {
                "get": {
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "array",
                                        "maxItems": 2,
                                        "items": {"$ref": "#/components/schemas/Role"},
                                    }
                                }
                            }
                        },
                        "204": {},
                    }
                }
            }
        },
    }
)

MISFITS: list[tuple[int, object]] = [
    (201, []),
    (200, {}),
    (200, [{"id": "1"}]),
    (200, [{"id": "x", "name": "a"}]),
    (200, [{"id": "1", "name": "longer"}]),
    (200, [{"id": "1", "name": "a", "color": -1}]),
    (200, [{"id": "1", "name": "a", "color": True}]),
    (200, [{"id": "1", "name": "a"}] * 3),
    (204, []),
]


@pytest.mark.parametrize(("status", "body"), MISFITS)
def test_a_misfit_is_found(status: int, body: object) -> None:
    """Status, type, required fields, pattern, length, bounds and number are all measured."""
    assert SPEC.answer_faults("GET", "/guilds/{id}/roles", status, body)


def test_what_fits_has_no_fault() -> None:
    """A right answer passes, null where null is allowed; an unknown route does not."""
    body = [{"id": "1", "name": "a", "color": None}, {"id": "2", "name": "b", "color": 3}]
    assert SPEC.answer_faults("GET", "/guilds/{id}/roles", 200, body) == []
    assert SPEC.answer_faults("GET", "/guilds/{id}/roles", 204, None) == []
    assert SPEC.answer_faults("PUT", "/guilds/{id}/roles", 200, body)

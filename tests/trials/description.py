"""A small OpenAPI description of our own, composed the way Discord's is."""

from __future__ import annotations

from typing import Any

ROLES = "/guilds/{guild_id}/roles"
GUILD_ROLE = "/guilds/{guild_id}/roles/{role_id}"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **properties: object) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "format": "int32"}
_TRUTH: dict[str, Any] = {"type": "boolean"}
_REFUSALS: dict[str, Any] = {
    "429": {"$ref": "#/components/responses/Wait"},
    "4XX": {"$ref": "#/components/responses/Refusal"},
}
_ERROR = _object("code message", code={"type": "integer"}, message=_TEXT)

DESCRIPTION: dict[str, Any] = {
    "openapi": "3.1.0",
    "components": {
        "responses": {
            "Refusal": _content(_ref("ErrorResponse")),
            "Wait": _content(_ref("RatelimitedResponse")),
        },
        "schemas": {
            "Snowflake": {
                "type": "string",
                "format": "snowflake",
                "pattern": "^(0|[1-9][0-9]*)$",
            },
            "Colors": _object(
                "primary_color secondary_color tertiary_color",
                primary_color=_NUMBER,
                secondary_color={"type": ["integer", "null"]},
                tertiary_color={"oneOf": [{"type": "null"}, _NUMBER]},
            ),
            "GuildRoleResponse": _object(
                "id name permissions position color colors hoist managed mentionable icon"
                " unicode_emoji flags",
                id=_ref("Snowflake"),
                name=_TEXT,
                permissions=_TEXT,
                position=_NUMBER,
                color=_NUMBER,
                colors=_ref("Colors"),
                hoist=_TRUTH,
                managed=_TRUTH,
                mentionable=_TRUTH,
                icon={"type": ["string", "null"]},
                unicode_emoji={"type": ["string", "null"]},
                flags=_NUMBER,
            ),
            "RoleRequest": _object(
                "",
                name={"type": ["string", "null"], "maxLength": 100},
                permissions={"type": ["integer", "null"]},
                color={"type": ["integer", "null"], "minimum": 0, "maximum": 0xFFFFFF},
                hoist={"type": ["boolean", "null"]},
                mentionable={"type": ["boolean", "null"]},
            ),
            "Error": _ERROR,
            "InnerErrors": {
                **_object("_errors", _errors={"type": "array", "items": _ref("Error")}),
                "additionalProperties": False,
            },
            "ErrorDetails": {
                "oneOf": [
                    {"type": "object", "additionalProperties": _ref("ErrorDetails")},
                    _ref("InnerErrors"),
                ]
            },
            "ErrorResponse": {
                "type": "object",
                "allOf": [_ref("Error"), _object("", errors=_ref("ErrorDetails"))],
            },
            "RatelimitedResponse": {
                "type": "object",
                "allOf": [
                    _ref("Error"),
                    _object(
                        "retry_after global", retry_after={"type": "number"}, **{"global": _TRUTH}
                    ),
                ],
            },
        },
    },
    "paths": {
        "/guilds/{server}/roles": {
            "parameters": [{"name": "server", "in": "path", "schema": _ref("Snowflake")}],
            "get": {
                "responses": {
                    "200": _content({"type": "array", "items": _ref("GuildRoleResponse")}),
                    **_REFUSALS,
                }
            },
            "post": {
                "requestBody": {**_content(_ref("RoleRequest")), "required": True},
                "responses": {"200": _content(_ref("GuildRoleResponse")), **_REFUSALS},
            },
        },
        "/guilds/{server}/roles/{role}": {"delete": {"responses": {"204": {}, **_REFUSALS}}},
    },
}
"""Roles are listed, made and deleted; refusals and waits have the form that Discord's have."""

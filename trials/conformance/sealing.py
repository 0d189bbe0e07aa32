"""Closes the schemas of a description, so that fields it does not name are found.

The description's objects allow fields that it does not list, as most do. To find what it does not
know, every object is closed with `unevaluatedProperties: false`. Where objects are composed with
`allOf`, the whole is closed and its parts stay open, because a closed part refuses the fields of
the others; so every named schema stands here twice, closed under `schemas`, open under `parts`.
"""

from __future__ import annotations

from typing import Any, cast

Schema = dict[str, Any]

_NAMED = "#/components/schemas/"
_PART = "#/components/parts/"
_UNIONS = ("oneOf", "anyOf")


def sealed_components(schemas: Schema) -> Schema:
    """Return a description's named schemas as a document, closed and as open parts."""
    sealer = _Sealer(schemas)
    return {
        "components": {
            "schemas": {name: sealer.seal(schema) for name, schema in schemas.items()},
            "parts": {name: sealer.seal(schema, part=True) for name, schema in schemas.items()},
        }
    }


def sealed(schema: Schema, schemas: Schema, document: str) -> Schema:
    """Return one closed schema whose references lead to a document under a name."""
    return cast("Schema", _redirected(_Sealer(schemas).seal(schema), document))


def field_names(schema: Schema, document: Schema) -> set[str]:
    """Return the fields that a closed object schema names, its parts' included."""
    names = set(schema.get("properties", ()))
    for part in schema.get("allOf", ()):
        names |= field_names(_followed(part, document), document)
    return names


def _followed(schema: Schema, document: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].partition("#/")[2].split("/"):
            found = found[step]
        schema = cast("Schema", found)
    return schema


def _redirected(value: object, document: str) -> object:
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        moved = {name: _redirected(inner, document) for name, inner in fields.items()}
        if isinstance(moved.get("$ref"), str):
            moved["$ref"] = f"{document}{moved['$ref']}"
        return moved
    if isinstance(value, list):
        return [_redirected(inner, document) for inner in cast("list[object]", value)]
    return value


class _Sealer:
    def __init__(self, schemas: Schema) -> None:
        self._document: Schema = {"components": {"schemas": schemas}}

    def seal(self, schema: Schema, *, part: bool = False) -> Schema:
        """Return a schema closed, or as a part that its whole closes."""
        if "$ref" in schema:
            reference: str = schema["$ref"]
            return {**schema, "$ref": reference.replace(_NAMED, _PART)} if part else schema
        found = dict(schema)
        if "properties" in schema:
            found["properties"] = {
                name: self.seal(inner) for name, inner in schema["properties"].items()
            }
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                found[key] = self.seal(schema[key])
        if "allOf" in schema:
            composed = self._is_object(schema)
            found["allOf"] = [self.seal(inner, part=composed) for inner in schema["allOf"]]
        for key in _UNIONS:
            if key in schema:
                whole_closes = part or "properties" in schema
                found[key] = [self.seal(inner, part=whole_closes) for inner in schema[key]]
        if not part and "additionalProperties" not in schema and self._is_object(schema):
            found["unevaluatedProperties"] = False
        return found

    def _is_object(self, schema: Schema) -> bool:
        schema = _followed(schema, self._document)
        kinds = schema.get("type", ())
        return (
            "properties" in schema
            or kinds == "object"
            or "object" in kinds
            or any(self._is_object(inner) for inner in schema.get("allOf", ()))
        )

"""Holds answers and requests against Discord's published OpenAPI description.

The description is no part of this repository: `make test SPEC=path/to/openapi.json` names a copy,
which Discord publishes as discord/discord-api-spec on GitHub. Without it nothing is held.
"""

from __future__ import annotations

import functools
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from sandbox.routing import Call

Schema = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


class Spec:
    """One OpenAPI description; `answer_faults` and `request_faults` say what does not fit."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = {_anonymous(path): entry for path, entry in document["paths"].items()}

    def answer_faults(self, method: str, template: str, status: int, body: object) -> list[str]:
        """Return why an answer does not fit; a status that the route does not list is a fault."""
        operation = self._operation(method, template)
        if operation is None:
            return [f"{method} {template} is not in the description"]
        responses: dict[str, Any] = operation["responses"]
        answer = responses.get(str(status), responses.get(f"{status // 100}XX"))
        if answer is None:
            return [f"{method} {template} never answers {status}"]
        answer = self._resolved(answer)
        if "content" not in answer:
            return [] if body in (None, "") else [f"{method} {template} answers no content"]
        schema: Schema = answer["content"]["application/json"]["schema"]
        return self._faults(schema, body, f"{method} {template}")

    def request_faults(self, method: str, template: str, body: object) -> list[str]:
        """Return why a request's body does not fit."""
        operation = self._operation(method, template)
        if operation is None:
            return [f"{method} {template} is not in the description"]
        content: dict[str, Any] = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return [] if body is None else [f"{method} {template} takes no body"]
        schema: Schema = content["application/json"]["schema"]
        return self._faults(schema, body, f"{method} {template}", coerce=True)

    def _operation(self, method: str, template: str) -> dict[str, Any] | None:
        return self._paths.get(_anonymous(template), {}).get(method.lower())

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = cast("Schema", found)
        return schema

    def _faults(
        self, schema: Schema, value: object, where: str, *, coerce: bool = False
    ) -> list[str]:
        schema = self._resolved(schema)
        faults: list[str] = []
        for part in schema.get("allOf", ()):
            faults += self._faults(part, value, where, coerce=coerce)
        for key in ("oneOf", "anyOf"):
            if key in schema:
                tried = [
                    self._faults(option, value, where, coerce=coerce) for option in schema[key]
                ]
                if all(tried):
                    faults += min(tried, key=len)
        kinds = schema.get("type")
        if kinds is not None:
            kinds = cast("list[str]", [kinds] if isinstance(kinds, str) else kinds)
            if not any(_is(value, kind, coerce=coerce) for kind in kinds):
                return [*faults, f"{where}: {value!r} is not {' or '.join(kinds)}"]
        if value is None:
            return faults
        return faults + self._inner_faults(schema, value, where, coerce=coerce)

    def _inner_faults(
        self, schema: Schema, value: object, where: str, *, coerce: bool
    ) -> list[str]:
        faults: list[str] = []
        if "enum" in schema and value not in schema["enum"]:
            faults.append(f"{where}: {value!r} is none of {schema['enum']}")
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            faults += [
                f"{where}: no {key}" for key in schema.get("required", ()) if key not in fields
            ]
            for key, inner in schema.get("properties", {}).items():
                if key in fields:
                    faults += self._faults(inner, fields[key], f"{where}.{key}", coerce=coerce)
        elif isinstance(value, list):
            items = cast("list[Any]", value)
            if len(items) > schema.get("maxItems", len(items)):
                faults.append(f"{where}: more than {schema['maxItems']} items")
            for number, item in enumerate(items):
                faults += self._faults(
                    schema.get("items", {}), item, f"{where}[{number}]", coerce=coerce
                )
        elif isinstance(value, str):
            longest = schema.get("maxLength", len(value))
            if not schema.get("minLength", 0) <= len(value) <= longest:
                faults.append(f"{where}: length {len(value)}")
            if "pattern" in schema and not re.search(schema["pattern"], value):
                faults.append(f"{where}: {value!r} is not {schema['pattern']}")
        elif isinstance(value, int | float) and not (
            schema.get("minimum", value) <= value <= schema.get("maximum", value)
        ):
            faults.append(f"{where}: {value} is out of bounds")
        return faults


def _is(value: object, kind: str, *, coerce: bool) -> bool:
    """Return whether a value is of a kind.

    With `coerce`, digits pass for a number and a number for text: Discord takes both, for ids and
    permission bits.
    """
    if isinstance(value, bool):
        return kind == "boolean"
    if coerce and kind == "integer" and isinstance(value, str):
        return value.isdigit()
    if coerce and kind == "string" and isinstance(value, int):
        return True
    return isinstance(value, _TYPES[kind])


def _anonymous(template: str) -> str:
    """Return a path with its variable parts unnamed, since names differ."""
    return re.sub(r"\{[^}]*\}", "{}", template)


@functools.cache
def published() -> Spec | None:
    """Return Discord's description, where one is at hand."""
    path = os.environ.get("SPEC")
    return Spec(json.loads(Path(path).read_text(encoding="utf-8"))) if path else None


class Held:
    """An observer of the API that notes what does not fit; with no description at hand, nothing.

    `answers_only` leaves requests alone, for tests that send wrong ones on purpose.
    """

    def __init__(self, *, answers_only: bool = False) -> None:
        self.faults: list[str] = []
        self._answers_only = answers_only
        self._spec = published()

    def __call__(self, call: Call, status: int, body: object) -> None:
        """Look at one request and its answer."""
        if self._spec is None:
            return
        method, template = call.route.method, call.route.template
        self.faults += self._spec.answer_faults(method, template, status, body)
        if not self._answers_only:
            self.faults += self._spec.request_faults(method, template, call.body)

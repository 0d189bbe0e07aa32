"""Discord's OpenAPI description, and what of a request or an answer does not fit it."""

from __future__ import annotations

import copy
import functools
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from trials.conformance.deviations import amended
from trials.conformance.sealing import field_names, sealed, sealed_components

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jsonschema.exceptions import ValidationError

    from trials.conformance.sealing import Schema

Kind = Literal["route", "status", "unknown", "missing", "type", "value", "form"]
"""What is wrong: no such route, never that status, an unknown field, a missing one, another type,
another value; "form" is an id or a set of bits written as a number where text is described, or as
text where a number is, which Discord takes as equal."""

_DOCUMENT = "urn:description"
_BIT_SETS = frozenset({"allow", "deny", "permissions", "default_member_permissions"})
_INT32 = 2**31
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not fit, and where: "embeds[].title", or "?limit" in a query."""

    kind: Kind
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} {self.field}: {self.message}" if self.field else self.message


class Description:
    """An OpenAPI 3.1 description whose schemas are JSON Schema, draft 2020-12.

    Its own errors are mended; `amended` tells which it had.
    """

    def __init__(self, document: Schema) -> None:
        self._document, self.amended = amended(copy.deepcopy(document))
        self._schemas: Schema = self._document.get("components", {}).get("schemas", {})
        self._closed = sealed_components(self._schemas)
        resource = Resource[Any](self._closed, DRAFT202012)
        self._registry = Registry[Any]().with_resource(_DOCUMENT, resource)
        self._paths = {_nameless(path): entry for path, entry in self._document["paths"].items()}
        self._measures: dict[tuple[str, ...], Draft202012Validator] = {}

    @classmethod
    def read(cls, file: Path) -> Description:
        """Read a description; OSError or ValueError when it is none."""
        document: Any = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or "paths" not in document:
            raise ValueError(f"{file} is no OpenAPI description")
        return cls(cast("Schema", document))

    def knows(self, method: str, route: str) -> bool:
        """Return whether a route is described; how its variable parts are called is no matter."""
        return self._operation(method, route) is not None

    def request_faults(
        self, method: str, route: str, query: Mapping[str, list[str]], body: object
    ) -> list[Fault]:
        """Return what of a request does not fit."""
        operation = self._operation(method, route)
        if operation is None:
            return [Fault("route", "", f"{method} {route} is not described")]
        faults = self._query_faults(method, route, operation, query)
        wanted: Schema = operation.get("requestBody", {})
        content: Schema | None = wanted.get("content", {}).get("application/json")
        if content is None:
            if body is not None and "multipart/form-data" not in wanted.get("content", {}):
                faults.append(Fault("unknown", "body", "the route takes none"))
        elif body is not None:
            faults += self._faults((method, route, "body"), content["schema"], body)
        elif wanted.get("required"):
            faults.append(Fault("missing", "body", "the route needs one"))
        return faults

    def answer_faults(self, method: str, route: str, status: int, body: object) -> list[Fault]:
        """Return what of an answer does not fit."""
        operation = self._operation(method, route)
        if operation is None:
            return [Fault("route", "", f"{method} {route} is not described")]
        answers: Schema = operation["responses"]
        key = str(status) if str(status) in answers else f"{status // 100}XX"
        if key not in answers:
            return [Fault("status", "", f"{method} {route} never answers {status}")]
        answer = self._followed(answers[key])
        if "content" not in answer:
            if body is None:
                return []
            return [Fault("unknown", "body", f"an answer with {status} has no content")]
        schema: Schema = answer["content"]["application/json"]["schema"]
        return self._faults((method, route, key), schema, body)

    def object_faults(self, schema: str, value: object) -> list[Fault]:
        """Return what of a value does not fit one of the named schemas."""
        return self._faults((schema,), {"$ref": f"#/components/schemas/{schema}"}, value)

    def _operation(self, method: str, route: str) -> Schema | None:
        return self._paths.get(_nameless(route), {}).get(method.lower())

    def _followed(self, entry: Schema) -> Schema:
        while "$ref" in entry:
            found: Any = self._document
            for step in entry["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            entry = cast("Schema", found)
        return entry

    def _query_faults(
        self, method: str, route: str, operation: Schema, query: Mapping[str, list[str]]
    ) -> list[Fault]:
        shared: list[Schema] = self._paths[_nameless(route)].get("parameters", [])
        own: list[Schema] = operation.get("parameters", [])
        known = {one["name"]: one for one in [*shared, *own] if one["in"] == "query"}
        faults: list[Fault] = []
        for name, texts in query.items():
            if name not in known:
                faults.append(Fault("unknown", f"?{name}", "the route has no such parameter"))
                continue
            schema: Schema = known[name]["schema"]
            value = _from_query(self._leading(schema), texts)
            found = self._faults((method, route, "?", name), schema, value)
            faults += [Fault(one.kind, f"?{name}", one.message) for one in found]
        for name, one in known.items():
            if one.get("required") and name not in query:
                faults.append(Fault("missing", f"?{name}", "the parameter is needed"))
        return faults

    def _leading(self, schema: Schema) -> Schema:
        """Return the first of a union that is more than null: what text in a query stands for."""
        schema = self._followed(schema)
        for branch in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
            if "const" not in branch and branch.get("type") != "null":
                return self._leading(branch)
        return schema

    def _faults(self, key: tuple[str, ...], schema: Schema, value: object) -> list[Fault]:
        measure = self._measures.get(key)
        if measure is None:
            closed = sealed(schema, self._schemas, _DOCUMENT)
            measure = Draft202012Validator(
                closed, registry=self._registry, format_checker=_formats()
            )
            self._measures[key] = measure
        found = cast("Iterable[ValidationError]", cast("Any", measure).iter_errors(value))
        faults = [fault for error in found for fault in self._leaves(error)]
        return list(dict.fromkeys(faults))

    def _leaves(self, error: ValidationError) -> list[Fault]:
        """Return what is wrong at the bottom of an error; of a union, in the branch nearest."""
        if error.validator in {"oneOf", "anyOf"} and error.context:
            if all(inner.validator == "const" for inner in error.context):
                return [Fault("value", _field(error), f"{error.instance!r} is none of those known")]
            branches: dict[Any, list[Fault]] = {}
            strays: dict[Any, bool] = {}
            for inner in error.context:
                branch = inner.relative_schema_path[0]
                branches.setdefault(branch, []).extend(self._leaves(inner))
                strays[branch] = strays.get(branch, False) or _says_wrong_branch(inner)
            nearest = min(
                (branch for branch in branches if branches[branch]),
                key=lambda branch: (
                    any(fault.kind != "form" for fault in branches[branch]),
                    strays[branch],
                    len(branches[branch]),
                ),
            )
            return branches[nearest]
        field = _field(error)
        value = cast("Any", error.instance)
        if error.validator == "unevaluatedProperties":
            known = field_names(cast("Schema", error.schema), self._closed)
            extra: list[str] = sorted(set(value) - known)
            prefix = f"{field}." if field else ""
            return [Fault("unknown", prefix + name, "not described") for name in extra]
        if error.validator == "required":
            prefix = f"{field}." if field else ""
            wanted = cast("list[str]", error.validator_value)
            absent = [name for name in wanted if name not in value]
            return [Fault("missing", prefix + name, "must be there") for name in absent]
        kind: Kind = "value"
        if error.validator == "type":
            kind = "form" if _other_form(error) else "type"
        return [Fault(kind, field, error.message[:_LONGEST_MESSAGE])]


def _says_wrong_branch(error: ValidationError) -> bool:
    """Return whether a branch of a union was not the one that was meant."""
    path = list(error.relative_path)
    if error.validator in {"type", "const"} and not path and error.parent is not None:
        return True
    if path and path[-1] == "type" and len(path) == 1:
        return True
    return any(_says_wrong_branch(inner) for inner in error.context or ()) and not path


def _other_form(error: ValidationError) -> bool:
    """Return whether an id or a set of bits was met in its other form."""
    schema = cast("Schema", error.schema)
    kinds = cast("list[str] | str", schema["type"])
    name = error.absolute_path[-1] if error.absolute_path else ""
    if isinstance(error.instance, int) and not isinstance(error.instance, bool):
        return "string" in kinds and (schema.get("format") == "snowflake" or name in _BIT_SETS)
    digits = isinstance(error.instance, str) and error.instance.isdigit()
    return digits and "integer" in kinds and name in _BIT_SETS


def _field(error: ValidationError) -> str:
    steps = ["[]" if isinstance(step, int) else f".{step}" for step in error.absolute_path]
    return re.sub(r"\.\d+(?=$|[.\[])", ".#", "".join(steps)).removeprefix(".")


def _from_query(schema: Schema, texts: list[str]) -> object:
    """Return what a query's text stands for under a parameter's schema."""
    kinds = schema.get("type", ())
    text = texts[-1]
    if "array" in kinds:
        return texts
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(text, text)
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    return text


def _nameless(route: str) -> str:
    """Return a route with its variable parts unnamed, since names differ."""
    return re.sub(r"\{[^}]*\}", "{}", route)


@functools.cache
def _formats() -> FormatChecker:
    """Return the formats that are held to: moments, addresses and the size of numbers."""
    checker = FormatChecker(formats=())

    @checker.checks("date-time", raises=ValueError)
    def is_moment(value: object) -> bool:
        return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None

    @checker.checks("int32")
    def is_int32(value: object) -> bool:
        return not isinstance(value, int) or -_INT32 <= value < _INT32

    @checker.checks("snowflake")
    def is_snowflake(value: object) -> bool:
        return not isinstance(value, str) or not value.isdigit() or int(value) < 2**64

    @checker.checks("uri")
    def is_address(value: object) -> bool:
        return not isinstance(value, str) or re.match(r"[a-z][a-z0-9+.-]*:", value) is not None

    del is_moment, is_int32, is_snowflake, is_address
    return checker

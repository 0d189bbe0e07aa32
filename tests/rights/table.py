"""The table of rights as it is kept: who may do what, and what it takes to try it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sandbox.people import Person
from sandbox.state import Message
from tests.rights.asking import Ask, Call, Form, Menu, Press
from tests.rights.harbour import PARTS, Harbour

FOLDER = Path(__file__).parent / "table"
KINDS = ("command", "menu", "press", "form")

Does = Literal["form", "shows", "writes", "no"]


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that can be asked for, and what each part of people gets.

    `given` and `values`, `fields` and `options` may name ids of the harbour in braces, `options`
    people, roles and rooms with an @. `by` are the texts that say no. `cannot`: who has no way to
    ask for it at all. `nobody`: why nobody gets it in this harbour. `again`: why it may be done
    twice with effect; `outlives`: why it may be done when what it is about is over; `loose`: why it
    does something with a made-up argument; `anywhere`: it works in a DM, too.
    """

    kind: str
    name: str
    area: str
    scene: str = "every_day"
    given: tuple[str, ...] = ()
    values: tuple[str, ...] | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    target: str = ""
    gets: Mapping[str, Does] = field(default_factory=dict[str, Does])
    by: tuple[str, ...] = ()
    cannot: tuple[str, ...] = ()
    nobody: str = ""
    again: str = ""
    outlives: str = ""
    loose: str = ""
    anywhere: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What it is: its kind and its name."""
        return self.kind, self.name

    def ask(self, harbour: Harbour, ids: Mapping[str, int | str] | None = None) -> Ask:
        """Return it as it is sent; `ids` other than those that stand in the harbour's tables."""
        known = harbour.ids if ids is None else {**harbour.ids, **ids}
        arguments = [one.format_map(known) for one in self.given]
        match self.kind:
            case "press":
                values = self.values and tuple(one.format_map(known) for one in self.values)
                return Press(":".join((self.name, *arguments)), values)
            case "form":
                filled = {name: text.format_map(known) for name, text in self.fields.items()}
                return Form(":".join((self.name, *arguments)), filled)
            case "menu":
                target = harbour.things[self.target]
                assert isinstance(target, Person | Message)
                return Menu(self.name, target)
            case _:
                options = {
                    name: harbour.things[value[1:]]
                    if isinstance(value, str) and value.startswith("@")
                    else value.format_map(known)
                    if isinstance(value, str)
                    else value
                    for name, value in self.options.items()
                }
                return Call(self.name, options)


def rows() -> list[Row]:
    """Return the whole table, area by area."""
    found: list[Row] = []
    for file in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(file.read_text("utf-8"))
        for kind, named in content.items():
            found += [_row(kind, name, file.stem, entry) for name, entry in named.items()]
    return found


def _row(kind: str, name: str, area: str, entry: dict[str, Any]) -> Row:
    assert kind in KINDS, kind
    gets: dict[str, Does] = dict.fromkeys(PARTS, "no")
    for does in ("form", "shows", "writes"):
        for part in entry.pop(does, "").split():
            assert gets.get(part) == "no", (name, part)
            gets[part] = does
    values = entry.pop("values", None)
    return Row(
        kind,
        name,
        area,
        scene=entry.pop("scene", "every_day"),
        given=tuple(entry.pop("with").split(":")) if "with" in entry else (),
        values=None if values is None else tuple(values),
        fields=entry.pop("fields", {}),
        options=entry.pop("options", {}),
        target=entry.pop("target", ""),
        gets=gets,
        by=tuple(entry.pop("refused", "").split()),
        cannot=tuple(entry.pop("cannot", "").split()),
        nobody=entry.pop("nobody", ""),
        again=entry.pop("again", ""),
        outlives=entry.pop("outlives", ""),
        loose=entry.pop("loose", ""),
        anywhere=entry.pop("anywhere", False),
    )

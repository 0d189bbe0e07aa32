"""What a client sends when its person calls a command, uses a component or fills a form.

A client checks before it sends: required options, choices, lengths, numbers of values. So does
this; what a person could not have sent is a ValueError, TypeError or LookupError here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from sandbox import payloads
from sandbox.command_rules import CommandType, OptionType, choices_of
from sandbox.commands import leaf
from sandbox.components import INPUTS, SELECTS, Kind, inner, walk
from sandbox.routes.files import kept
from sandbox.routing import Upload
from sandbox.state import Channel, Member, Message, Role, User
from sandbox.told import channel_payload, member_payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.state import State

    Raw = dict[str, Any]


@runtime_checkable
class Somebody(Protocol):
    """Whoever has an account: a person, a member."""

    @property
    def user(self) -> User:
        """Their account."""
        ...


_TAKES: dict[int, tuple[type, ...]] = {
    OptionType.USER: (User,),
    OptionType.CHANNEL: (Channel,),
    OptionType.ROLE: (Role,),
    OptionType.MENTIONABLE: (User, Role),
}
_SELECT_TAKES: dict[int, tuple[type, ...]] = {
    Kind.USER_SELECT: (User,),
    Kind.ROLE_SELECT: (Role,),
    Kind.MENTIONABLE_SELECT: (User, Role),
    Kind.CHANNEL_SELECT: (Channel,),
}


class Resolved:
    """The people, roles and rooms that an interaction names, with what the bot is told of them."""

    def __init__(self, state: State, caller: User, room: Channel, host: str = "") -> None:
        self._state = state
        self._caller = caller
        self._room = room
        self._host = host
        self.payload: dict[str, Raw] = {}

    def name(self, thing: object, kinds: tuple[type, ...]) -> str:
        """Add a thing and return its id; TypeError for a thing of another kind."""
        if not isinstance(thing, User) and isinstance(thing, Somebody):
            thing = thing.user
        if not isinstance(thing, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(f"{thing!r} is no {wanted}")
        match thing:
            case User():
                self._add_user(thing)
            case Role():
                self._put("roles", thing.id, payloads.role_payload(thing))
            case Channel():
                payload = channel_payload(self._state, thing, self._caller)
                self._put("channels", thing.id, payload)
            case Message():
                payload = payloads.message_payload(self._state, thing)
                self._put("messages", thing.id, payload)
            case _:
                raise AssertionError
        return str(thing.id)

    def upload(self, name: str, content: bytes) -> str:
        """Keep a file that goes with a form, tell of it, and return its id."""
        told = kept(self._state, self._host, Upload(name, "application/octet-stream", content))
        self._put("attachments", int(told["id"]), {**told, "ephemeral": True})
        return told["id"]

    def _add_user(self, user: User) -> None:
        self._put("users", user.id, payloads.user_payload(user))
        server = self._state.server_of(self._room)
        member: Member | None = server.members.get(user.id) if server else None
        if member is not None:
            payload = cast("Raw", member_payload(self._state, member, self._room))
            del payload["user"]
            self._put("members", user.id, payload)

    def _put(self, kind: str, thing_id: int, payload: object) -> None:
        self.payload.setdefault(kind, {})[str(thing_id)] = payload

    def attach(self, data: Raw) -> Raw:
        """Return interaction data with what was named in it."""
        return {**data, "resolved": self.payload} if self.payload else data


def command_data(
    command: Raw,
    path: list[str],
    values: dict[str, object],
    resolved: Resolved,
    *,
    focused: str | None = None,
) -> Raw:
    """Return the data of a slash command's call; `focused` is the option being completed.

    While a person is still typing, options may be missing and texts may be anything.
    """
    passed, declared = leaf(command, path)
    known = {option["name"]: option for option in declared}
    for name in values:
        if name not in known:
            raise LookupError(f"no option {name!r}; there are: {', '.join(known)}")
    options: list[Raw] = []
    for name, option in known.items():
        value = values.get(name)
        if value is None:
            if option.get("required") and focused is None:
                raise ValueError(f"option {name!r} is required")
            continue
        sent: Raw = {"name": name, "type": option["type"]}
        if name == focused:
            sent |= {"value": str(value), "focused": True}
        else:
            sent["value"] = _option_value(option, value, resolved)
        options.append(sent)
    for step in reversed(passed):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    data: Raw = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if options:
        data["options"] = options
    return resolved.attach(data)


def menu_data(command: Raw, target: object, resolved: Resolved) -> Raw:
    """Return the data of a context menu command called on a member or a message."""
    data: Raw = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if command["type"] == CommandType.USER:
        return resolved.attach({**data, "target_id": resolved.name(target, (User,))})
    return resolved.attach({**data, "target_id": resolved.name(target, (Message,))})


def _option_value(option: Raw, value: object, resolved: Resolved) -> object:
    name, kind = option["name"], option["type"]
    if kind in _TAKES:
        return resolved.name(value, _TAKES[kind])
    if kind == OptionType.ATTACHMENT:
        raise NotImplementedError("the sandbox's people send no files")
    wanted: dict[int, tuple[type, ...]] = {
        OptionType.STRING: (str,),
        OptionType.INTEGER: (int,),
        OptionType.BOOLEAN: (bool,),
        OptionType.NUMBER: (int, float),
    }
    if not isinstance(value, wanted[kind]) or (
        isinstance(value, bool) and kind != OptionType.BOOLEAN
    ):
        raise TypeError(f"option {name!r} does not take {value!r}")
    for choice in choices_of(option):
        if value in {choice["value"], choice["name"]}:
            return choice["value"]
    if choices_of(option):
        names = ", ".join(choice["name"] for choice in choices_of(option))
        raise ValueError(f"option {name!r} offers: {names}")
    if isinstance(value, str):
        _check_range(name, len(value), option.get("min_length"), option.get("max_length"))
    else:
        _check_range(name, cast("float", value), option.get("min_value"), option.get("max_value"))
    return value


def _check_range(name: str, size: float, least: float | None, most: float | None) -> None:
    if least is not None and size < least:
        raise ValueError(f"{name!r} takes {least} at least")
    if most is not None and size > most:
        raise ValueError(f"{name!r} takes {most} at most")


def button_names(button: Raw) -> set[str]:
    """Return what a person may call a button: its label, its emoji, both."""
    emoji: Raw = button.get("emoji") or {}
    names = {button.get("label") or "", emoji.get("name") or ""}
    names.add(f"{emoji.get('name')} {button.get('label')}")
    return {name for name in names if name}


def find_button(components: list[Raw], label: str | None, custom_id: str | None) -> Raw:
    """Return the enabled button with a label or an id; LookupError names those there are."""
    buttons = [
        button
        for button in walk(components)
        if button["type"] == Kind.BUTTON and button.get("custom_id") and not button.get("disabled")
    ]
    for button in buttons:
        if custom_id is not None:
            if button["custom_id"] == custom_id:
                return button
        elif label in button_names(button):
            return button
    there = ", ".join(repr(button.get("label") or button["custom_id"]) for button in buttons)
    raise LookupError(f"no button {custom_id or label!r} to press; there are: {there or 'none'}")


def find_select(components: list[Raw], custom_id: str | None) -> Raw:
    """Return the enabled menu with an id, or the only one there is."""
    selects = [
        item for item in walk(components) if item["type"] in SELECTS and not item.get("disabled")
    ]
    found = [item for item in selects if custom_id in {None, item["custom_id"]}]
    if len(found) != 1:
        there = ", ".join(repr(item["custom_id"]) for item in selects)
        raise LookupError(f"which menu? there are: {there or 'none'}")
    return found[0]


def select_values(select: Raw, chosen: object, resolved: Resolved) -> list[str]:
    """Return what is sent when things are chosen in a menu; options by value or by label."""
    things: Sequence[object] = (
        cast("Sequence[object]", chosen) if isinstance(chosen, (list, tuple)) else [chosen]
    )
    least, most = select.get("min_values", 1), select.get("max_values", 1)
    if not least <= len(things) <= most:
        raise ValueError(f"menu {select['custom_id']!r} takes {least} to {most}, not {len(things)}")
    if select["type"] != Kind.STRING_SELECT:
        return [resolved.name(thing, _SELECT_TAKES[select["type"]]) for thing in things]
    return [_option_of(select, thing) for thing in things]


def _option_of(raw: Raw, thing: object) -> str:
    options: list[Raw] = raw.get("options") or []
    for option in options:
        if thing in {option["value"], option["label"]}:
            return option["value"]
    there = ", ".join(repr(option["label"]) for option in options)
    raise LookupError(f"no choice {thing!r}; there are: {there}")


def modal_data(modal: Raw, fields: dict[str, object], resolved: Resolved) -> Raw:
    """Return what is sent when a form is filled; fields by custom_id or by label.

    A field that is not named keeps what the form was opened with.
    """
    components: list[Raw] = modal["components"]
    left = dict(fields)
    sent = [_submitted(component, left, resolved) for component in components]
    if left:
        names = [item["custom_id"] for item in walk(components) if item["type"] in INPUTS]
        raise LookupError(f"no field {', '.join(left)}; there are: {', '.join(names)}")
    return resolved.attach({"custom_id": modal["custom_id"], "components": sent})


def _submitted(component: Raw, fields: dict[str, object], resolved: Resolved) -> Raw:
    base: Raw = {"type": component["type"], "id": component.get("id", 0)}
    match component["type"]:
        case Kind.ROW:
            row = [_filled(item, item.get("label"), fields, resolved) for item in inner(component)]
            return {**base, "components": row}
        case Kind.LABEL:
            item = _filled(component["component"], component["label"], fields, resolved)
            return {**base, "component": item}
        case _:
            return base


def _filled(item: Raw, label: str | None, fields: dict[str, object], resolved: Resolved) -> Raw:
    custom_id, kind = item["custom_id"], item["type"]
    name = custom_id if custom_id in fields else label
    value = fields.pop(name) if name in fields else None
    required = item.get("required", kind != Kind.CHECKBOX)
    base: Raw = {"type": kind, "id": item.get("id", 0), "custom_id": custom_id}
    if kind == Kind.CHECKBOX:
        return {**base, "value": bool(item.get("default")) if value is None else bool(value)}
    if kind == Kind.TEXT_INPUT:
        text = str(item.get("value") or "") if value is None else str(value)
        if text or required:
            _check_range(name or custom_id, len(text), max(1, item.get("min_length") or 0), None)
        _check_range(name or custom_id, len(text), None, item.get("max_length") or 4000)
        return {**base, "value": text}
    if value is None:
        options = cast("list[Raw]", item.get("options") or [])
        value = [option["value"] for option in options if option.get("default")] or None
    if value is None:
        if required:
            raise ValueError(f"field {label or custom_id!r} is required")
        return {**base, "value": None} if kind == Kind.RADIO_GROUP else {**base, "values": []}
    if kind == Kind.FILE_UPLOAD:
        files = cast("dict[str, bytes]", value)
        least, most = item.get("min_values", 1), item.get("max_values", 1)
        if not least <= len(files) <= most:
            raise ValueError(f"field {custom_id!r} takes {least} to {most} files")
        return {**base, "values": [resolved.upload(*file) for file in files.items()]}
    if kind == Kind.RADIO_GROUP:
        only = cast("list[object]", value)[0] if isinstance(value, list) else value
        return {**base, "value": _option_of(item, only)}
    if kind == Kind.CHECKBOX_GROUP:
        many = cast("list[object]", value) if isinstance(value, (list, tuple)) else [value]
        return {**base, "values": [_option_of(item, one) for one in many]}
    return {**base, "values": select_values(item, value, resolved)}

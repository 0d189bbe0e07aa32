"""Buttons, menus, layouts and forms: walking them, and Discord's rules for them.

The figures are those of Discord's component reference and of its OpenAPI description.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from sandbox.errors import ApiError, add_field_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    Raw = dict[str, Any]


class Kind(IntEnum):
    """Component types, with Discord's numbers."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS: Final = frozenset({3, 5, 6, 7, 8})
INPUTS: Final = SELECTS | {4, 19, 21, 22, 23}
"""What a form can be filled with."""
_CHOSEN_BEFORE: Final = {
    int(Kind.USER_SELECT): {"user"},
    int(Kind.ROLE_SELECT): {"role"},
    int(Kind.MENTIONABLE_SELECT): {"user", "role"},
    int(Kind.CHANNEL_SELECT): {"channel"},
}
"""Menus to what may be chosen in them beforehand."""

_PLAIN_TOP: Final = frozenset({1})
_V2_TOP: Final = frozenset({1, 9, 10, 12, 13, 14, 17})
_IN_CONTAINER: Final = frozenset({1, 9, 10, 12, 13, 14})
_MODAL_TOP: Final = frozenset({1, 10, 18})

LINK_STYLE, PREMIUM_STYLE = 5, 6
V2_FLAG = 1 << 15
"""The message flag that turns content and embeds off and layouts on."""

MAX_ROWS = 5
MAX_V2_COMPONENTS = 40
MAX_V2_TEXT = 4000


def inner(component: Raw) -> list[Raw]:
    """Return what stands in a row, a section or a container; nothing for other components."""
    return component.get("components") or []


def walk(components: list[Raw]) -> Iterator[Raw]:
    """Yield every component, nested ones after the one they stand in, as a person reads them."""
    for component in components:
        yield component
        yield from walk(inner(component))
        for key in ("accessory", "component"):
            if isinstance(component.get(key), dict):
                yield from walk([component[key]])


def texts(components: list[Raw]) -> Iterator[str]:
    """Yield what a person reads in components: texts, labels, placeholders and choices."""
    for component in walk(components):
        kind = component.get("type")
        if kind == Kind.TEXT:
            yield component["content"]
        for key in ("label", "description", "placeholder", "value"):
            if kind != Kind.STRING_SELECT or key == "placeholder":
                text = component.get(key)
                if isinstance(text, str) and text:
                    yield text
        options: list[Raw] = component.get("options") or []
        for option in options:
            yield option["label"]
            if option.get("description"):
                yield option["description"]


def check_message(components: list[Raw], flags: int) -> None:
    """Refuse (400, 50035) components that Discord would not take in a message."""
    form = _Form()
    v2 = bool(flags & V2_FLAG)
    if not v2 and len(components) > MAX_ROWS:
        form.fail("components", "BASE_TYPE_MAX_LENGTH", f"Must be {MAX_ROWS} or fewer in length.")
    form.children("components", components, _V2_TOP if v2 else _PLAIN_TOP)
    everything = list(walk(components))
    if v2:
        if len(everything) > MAX_V2_COMPONENTS:
            message = f"The maximum number of components is {MAX_V2_COMPONENTS}"
            form.fail("components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", message)
        if sum(len(item.get("content") or "") for item in everything) > MAX_V2_TEXT:
            message = f"Text is longer than {MAX_V2_TEXT} characters in all"
            form.fail("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", message)
    for item in everything:
        if item.get("type") in INPUTS - SELECTS:
            form.fail("components", "UNION_TYPE_CHOICES", "Inputs belong into modals")
    form.done()


def check_modal(modal: Raw) -> None:
    """Refuse (400, 50035) a form that Discord would not open."""
    form = _Form()
    form.text("title", modal.get("title"), 1, 45)
    form.text("custom_id", modal.get("custom_id"), 1, 100)
    components: list[Raw] = modal.get("components") or []
    if not 1 <= len(components) <= MAX_ROWS:
        message = f"Must be between 1 and {MAX_ROWS} in length."
        form.fail("components", "BASE_TYPE_BAD_LENGTH", message)
    form.children("components", components, _MODAL_TOP)
    for index, component in enumerate(components):
        if component.get("type") == Kind.ROW and any(
            child.get("type") != Kind.TEXT_INPUT for child in inner(component)
        ):
            message = "Only text inputs stand in a modal's rows"
            form.fail(f"components.{index}.components", "UNION_TYPE_CHOICES", message)
    form.done()


class _Form:
    """One pass over components that collects every fault."""

    def __init__(self) -> None:
        self._refusal = ApiError(400, 50035, "Invalid Form Body", {})
        self._custom_ids: set[str] = set()

    def done(self) -> None:
        """Raise what was collected, if anything was."""
        if self._refusal.errors:
            raise self._refusal

    def fail(self, path: str, code: str, message: str) -> None:
        """Collect a fault."""
        add_field_error(self._refusal, path, code, message)

    def text(self, path: str, value: Any, least: int, most: int) -> None:
        """Check a text's length."""
        if not isinstance(value, str):
            self.fail(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not least <= len(value) <= most:
            message = f"Must be between {least} and {most} in length."
            self.fail(path, "BASE_TYPE_BAD_LENGTH", message)

    def optional(self, path: str, raw: Raw, key: str, most: int) -> None:
        """Check a text that may be left out."""
        if raw.get(key) is not None:
            self.text(f"{path}.{key}", raw[key], 0, most)

    def count(self, path: str, raw: Raw, key: str, least: int, most: int) -> None:
        """Check a number that may be left out."""
        value = raw.get(key)
        if value is not None and not (isinstance(value, int) and least <= value <= most):
            message = f"int value should be between {least} and {most}."
            self.fail(f"{path}.{key}", "NUMBER_TYPE_RANGE", message)

    def custom_id(self, path: str, value: Any) -> None:
        """Check an id's length and that no other component has it."""
        self.text(path, value, 1, 100)
        if value in self._custom_ids:
            message = "Component custom id cannot be duplicated"
            self.fail(path, "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        self._custom_ids.add(value)

    def children(self, path: str, components: list[Raw], allowed: frozenset[int]) -> None:
        """Check components that stand side by side."""
        for index, component in enumerate(components):
            here = f"{path}.{index}"
            if component.get("type") not in allowed:
                kinds = ", ".join(str(kind) for kind in sorted(allowed))
                message = f'Value of field "type" must be one of ({kinds}).'
                self.fail(f"{here}.type", "UNION_TYPE_CHOICES", message)
                continue
            self.one(here, component)

    def one(self, path: str, raw: Raw) -> None:
        """Check a component and what stands in it."""
        match raw["type"]:
            case Kind.ROW:
                self._row(path, raw)
            case Kind.BUTTON:
                self._button(path, raw)
            case kind if kind in SELECTS:
                self._select(path, raw)
            case Kind.TEXT_INPUT:
                self._text_input(path, raw)
            case Kind.TEXT:
                self.text(f"{path}.content", raw.get("content"), 1, MAX_V2_TEXT)
            case Kind.SECTION:
                self._section(path, raw)
            case Kind.GALLERY:
                self._length(f"{path}.items", raw.get("items") or [], 1, 10)
            case Kind.CONTAINER:
                self.children(f"{path}.components", inner(raw), _IN_CONTAINER)
            case Kind.LABEL:
                self._label(path, raw)
            case Kind.RADIO_GROUP:
                self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
                self._options(path, raw, 2, 10)
            case Kind.CHECKBOX_GROUP:
                self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
                self._options(path, raw, 1, 10)
            case Kind.CHECKBOX | Kind.FILE_UPLOAD:
                self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
            case _:
                pass  # separators, thumbnails and files carry nothing that the sandbox checks

    def _length(self, path: str, items: list[Any], least: int, most: int) -> None:
        if not least <= len(items) <= most:
            message = f"Must be between {least} and {most} in length."
            self.fail(path, "BASE_TYPE_BAD_LENGTH", message)

    def _row(self, path: str, raw: Raw) -> None:
        children = inner(raw)
        self._length(f"{path}.components", children, 1, 5)
        kinds = {child.get("type") for child in children}
        if len(children) > 1 and kinds != {Kind.BUTTON}:
            message = "The specified component exceeds the maximum width"
            self.fail(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        self.children(f"{path}.components", children, SELECTS | {Kind.BUTTON, Kind.TEXT_INPUT})

    def _button(self, path: str, raw: Raw) -> None:
        style = raw.get("style")
        if style not in range(1, 7):
            self.fail(f"{path}.style", "BASE_TYPE_CHOICES", "Value must be one of (1 to 6).")
        self.optional(path, raw, "label", 80)
        if style == LINK_STYLE:
            self.text(f"{path}.url", raw.get("url"), 1, 512)
        elif style != PREMIUM_STYLE:
            self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
        if style == LINK_STYLE and raw.get("custom_id"):
            message = "A custom id and url cannot both be specified"
            self.fail(path, "COMPONENT_CUSTOM_ID_URL_BOTH", message)
        if style != PREMIUM_STYLE and not raw.get("label") and not raw.get("emoji"):
            message = "A label or an emoji is required"
            self.fail(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", message)

    def _select(self, path: str, raw: Raw) -> None:
        self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
        self.optional(path, raw, "placeholder", 150)
        self.count(path, raw, "min_values", 0, 25)
        self.count(path, raw, "max_values", 1, 25)
        if raw["type"] == Kind.STRING_SELECT:
            self._options(path, raw, 1, 25)
            most = raw.get("max_values")
            if isinstance(most, int) and most > len(raw.get("options") or []):
                message = f"Maximum of {most} is more than there are options"
                self.fail(f"{path}.max_values", "COMPONENT_SELECT_MAX_VALUES", message)
        self._chosen_before(f"{path}.default_values", raw)

    def _chosen_before(self, path: str, raw: Raw) -> None:
        """Check what is chosen beforehand: as many, and of the kind, as a person may choose."""
        chosen: list[Raw] = raw.get("default_values") or []
        if not chosen:
            return
        least, most = raw.get("min_values"), raw.get("max_values")
        self._length(path, chosen, 1 if least is None else least, 1 if most is None else most)
        allowed = _CHOSEN_BEFORE.get(raw["type"], set())
        for index, one in enumerate(chosen):
            if one.get("type") not in allowed:
                message = f"Value must be one of {sorted(allowed)}."
                self.fail(f"{path}.{index}.type", "BASE_TYPE_CHOICES", message)
            if not str(one.get("id", "")).isdecimal():
                message = f"Value {one.get('id')!r} is not snowflake."
                self.fail(f"{path}.{index}.id", "NUMBER_TYPE_COERCE", message)

    def _options(self, path: str, raw: Raw, least: int, most: int) -> None:
        options: list[Raw] = raw.get("options") or []
        self._length(f"{path}.options", options, least, most)
        seen: set[Any] = set()
        for index, option in enumerate(options):
            here = f"{path}.options.{index}"
            self.text(f"{here}.label", option.get("label"), 1, 100)
            self.text(f"{here}.value", option.get("value"), 1, 100)
            self.optional(here, option, "description", 100)
            if option.get("value") in seen:
                message = "The specified option value is already used"
                self.fail(f"{here}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message)
            seen.add(option.get("value"))

    def _text_input(self, path: str, raw: Raw) -> None:
        self.custom_id(f"{path}.custom_id", raw.get("custom_id"))
        self.optional(path, raw, "label", 45)
        self.optional(path, raw, "placeholder", 100)
        self.optional(path, raw, "value", 4000)
        self.count(path, raw, "min_length", 0, 4000)
        self.count(path, raw, "max_length", 1, 4000)

    def _section(self, path: str, raw: Raw) -> None:
        children = inner(raw)
        self._length(f"{path}.components", children, 1, 3)
        self.children(f"{path}.components", children, frozenset({int(Kind.TEXT)}))
        accessory: Raw = raw.get("accessory") or {}
        allowed = frozenset({int(Kind.BUTTON), int(Kind.THUMBNAIL)})
        self.children(f"{path}.accessory", [accessory], allowed)

    def _label(self, path: str, raw: Raw) -> None:
        self.text(f"{path}.label", raw.get("label"), 1, 45)
        self.optional(path, raw, "description", 100)
        self.children(f"{path}.component", [raw.get("component") or {}], INPUTS)

"""Words for what is wrong with a JSON value of another form than it should have."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_NO_CHOICE = re.compile(r"Invalid enum value (.+)")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
_PLACE = re.compile(r" - at (?:`(?:key|keys)` in )?`\$(.*)`$")
"""End of a message of msgspec: the path of the wrong value, or of the object with a wrong key."""


def explain(error: msgspec.ValidationError, form: Any) -> tuple[str, str | None]:
    """Return a message about ``error``, and the path of the field, such as ``options.key``.

    The path is None where the value as a whole is wrong; ``form`` is the type it should have.
    """
    text = str(error)
    place = _PLACE.search(text)
    path = place[1].removeprefix(".") if place else ""
    fault = text[: place.start()] if place else text
    if missing := _MISSING.fullmatch(fault):
        path, fault = _below(path, missing[1]), "is missing"
    elif unknown := _UNKNOWN.fullmatch(fault):
        known = ", ".join(_fields(_inner(msgspec.inspect.type_info(form), path)))
        path, fault = _below(path, unknown[1]), f"there is no such field; there are {known}"
    elif no_choice := _NO_CHOICE.fullmatch(fault):
        choices = ", ".join(_choices(_inner(msgspec.inspect.type_info(form), path)))
        fault = f"{no_choice[1]} is not one of {choices}"
    else:
        fault = re.sub("`([^`]+)`", _worded, fault[:1].lower() + fault[1:])
    return (f"{path}: {fault}", path) if path else (fault, None)


def _worded(types: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(name, name) for name in types[1].split(" | "))


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _inner(form: msgspec.inspect.Type, path: str) -> list[msgspec.inspect.Type]:
    """Return the types that the value at ``path`` may have."""
    forms = _alternatives(form)
    for step in re.findall(r"\[|[^.\[\]\d]\w*", path):
        inner: list[msgspec.inspect.Type] = []
        for outer in forms:
            for field in getattr(outer, "fields", ()):
                if field.encode_name == step:
                    inner += _alternatives(field.type)
            if step == "[" and hasattr(outer, "item_type"):
                inner += _alternatives(outer.item_type)
        forms = inner
    return forms


def _alternatives(form: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    if isinstance(form, msgspec.inspect.Metadata):
        return _alternatives(form.type)
    if isinstance(form, msgspec.inspect.UnionType):
        return [inner for one in form.types for inner in _alternatives(one)]
    return [form]


def _fields(forms: list[msgspec.inspect.Type]) -> list[str]:
    return [field.encode_name for form in forms for field in getattr(form, "fields", ())]


def _choices(forms: list[msgspec.inspect.Type]) -> list[str]:
    """Return the values that literals among ``forms`` name, also as keys of objects."""
    keys = [form.key_type for form in forms if isinstance(form, msgspec.inspect.DictType)]
    literals = [form for form in [*forms, *keys] if isinstance(form, msgspec.inspect.LiteralType)]
    return [repr(value) for literal in literals for value in literal.values]

"""A check of the pickle in a PyTorch archive, before anything is built from it.

PyTorch's reader with ``weights_only`` runs no code, yet calls more than state dicts need, on what
the file says: it fills memory or computes for ever on some hundred bytes. Here the pickle is walked
with :mod:`pickletools`, which builds nothing.
"""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_PICKLE_BYTES = 1 << 22
"""Largest pickle of an archive, which names its arrays; those lie in entries of their own."""
PROTOCOL = 2
"""Version of pickle that ``torch.save`` writes."""
MAX_STEPS = 250_000
"""Most opcodes of a pickle; an array takes about 40, and all of them a second."""
MAX_DEPTH = 100
"""Most marks that are open at once: one in each container that is being filled."""
MAX_TUPLE = 256
"""Most values of a tuple, with those of the tuples in it. Tuples are hashed and shown as text."""
MAX_NAME = 200
"""Most characters of the name of a class or function."""

_STORAGES = frozenset(
    f"torch.{kind}Storage"
    for kind in (
        *("BFloat16", "Bool", "Byte", "Char", "ComplexDouble", "ComplexFloat", "Double", "Float"),
        *("Half", "Int", "Long", "Short"),
    )
)
_STORAGE = "a storage"
_TENSOR, _PARAMETER = "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"
_DICT = "collections.OrderedDict"
_MADE_FROM = {_TENSOR: _STORAGE, _PARAMETER: f"{_TENSOR}()", _DICT: None}
"""Names that may be called, and the kind of the first argument; none for a dict, filled later."""
_ALLOWED = _STORAGES | set(_MADE_FROM)

_TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_PUSHED = frozenset(
    (
        *("BINFLOAT", "BININT", "BININT1", "BININT2", "BINUNICODE", "EMPTY_DICT", "EMPTY_LIST"),
        *("LONG1", "NEWFALSE", "NEWTRUE", "NONE"),
    )
)
_TAKEN = {"APPEND": 1, "SETITEM": 2}
"""Numbers of values that these put into the container below them."""


class _Value(NamedTuple):
    """What is known of a value: its kind, how many values it is, and the kind of its first."""

    kind: str = ""
    size: int = 1
    first: str | None = None


class _Walk:
    """The stack of a pickle that is not loaded, of what is known of its values."""

    def __init__(self) -> None:
        self._stack: list[_Value] = []
        self._below: list[list[_Value]] = []
        self._memo: dict[int, _Value] = {}

    def step(self, name: str, argument: Any) -> None:
        """Follow one opcode.

        Raises
        ------
        pickle.UnpicklingError
            State dicts have no such thing.
        ValueError
            They are smaller.
        IndexError, KeyError
            Values are missing.
        """
        stack = self._stack
        if name in _PUSHED:
            stack.append(_Value())
        elif name in _TUPLES:
            self._tuple(self._pop(_TUPLES[name]))
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self._memo[argument] = stack[-1]
        elif name in {"BINGET", "LONG_BINGET"}:
            stack.append(self._memo[argument])
        elif name == "MARK":
            self._mark()
        elif name in {"TUPLE", "APPENDS", "SETITEMS"}:
            values, self._stack = stack, self._below.pop()
            if name == "TUPLE":
                self._tuple(values)
        elif name in _TAKEN:
            self._pop(_TAKEN[name])
        elif name == "GLOBAL":
            stack.append(_Value(_allowed(argument)))
        elif name == "BINPERSID":
            self._pop(1)
            stack.append(_Value(_STORAGE))
        elif name == "REDUCE":
            self._call()
        elif name == "BUILD":
            self._pop(1)
            _require(stack[-1].kind == f"{_DICT}()", "Unsupported state of what is no dict")
        elif name == "PROTO":
            # Of others, PyTorch warns that it may not understand them.
            _require(argument == PROTOCOL, f"Unsupported protocol: {argument}")
        else:
            _require(name == "STOP", f"Unsupported opcode: {name}")

    def _pop(self, count: int) -> list[_Value]:
        if count > len(self._stack):
            raise IndexError("its pickle takes values that it does not have")
        return [self._stack.pop() for _ in range(count)][::-1]

    def _mark(self) -> None:
        _require_few(len(self._below), MAX_DEPTH - 1, f"is more than {MAX_DEPTH} deep")
        self._below.append(self._stack)
        self._stack = []

    def _tuple(self, values: list[_Value]) -> None:
        size = 1 + sum(value.size for value in values)
        _require_few(size, MAX_TUPLE, f"has a tuple of more than {MAX_TUPLE} values")
        self._stack.append(_Value("a tuple", size, values[0].kind if values else None))

    def _call(self) -> None:
        called, arguments = self._pop(2)
        _require(
            called.kind in _MADE_FROM
            and arguments.kind == "a tuple"
            and arguments.first == _MADE_FROM[called.kind],
            "Unsupported call" + (f": {called.kind}" if called.kind in _ALLOWED else ""),
        )
        self._stack.append(_Value(f"{called.kind}()"))


def check_pickle(content: bytes) -> None:
    """Refuse a pickle that holds more than the state dicts of networks do.

    Raises
    ------
    pickle.UnpicklingError
        It does.
    ValueError, IndexError, KeyError
        It is no pickle, or one that is too long, too deep or too wide.
    """
    walk = _Walk()
    for name, argument in _steps(content):
        walk.step(name, argument)


def _steps(content: bytes) -> Iterator[tuple[str, Any]]:
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        _require_few(count, MAX_STEPS, f"has more than {MAX_STEPS:,} opcodes")
        yield opcode.name, argument


def _allowed(found: str) -> str:
    """Return the name of a class or function, which pickletools gives as module, space and name."""
    name = found.replace(" ", ".", 1)
    _require_few(len(name), MAX_NAME, f"names a class in {len(name):,} characters")
    _require(name in _ALLOWED, f"Unsupported global: GLOBAL {name}")
    return name


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise pickle.UnpicklingError(otherwise)


def _require_few(count: int, most: int, otherwise: str) -> None:
    if count > most:
        raise ValueError(f"its pickle {otherwise}")

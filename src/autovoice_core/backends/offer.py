"""The records that offers and needs are stated in. Imports nothing heavy: plugins import this."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Any, Literal, get_args

from attrs import field, frozen

from autovoice_core._errors import BadOffer, InputError
from autovoice_core.backends.weights import Weights

Operation = Literal["separation", "pitch", "conversion"]
"""The three operations that backends implement."""

OPERATIONS: tuple[Operation, ...] = get_args(Operation)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What plugins and offers may be called."""

_DEVICE = re.compile(r"[a-z][a-z0-9]*")
_MODULE = re.compile(r"[^\W\d]\w*")
_ANY = re.compile(r".+")
_DTYPES = ("float32", "float16")
_TARGET = re.compile(r"\w+(\.\w+)*:\w+(\.\w+)*")


class Quality(IntEnum):
    """How good an implementation says it is; docs/backends.md has the numbers of each tier."""

    DRAFT = 1
    GOOD = 2
    BEST = 3


@frozen
class Licence:
    """SPDX identifiers of an implementation's code and of its weights, which often differ.

    ``weights`` is None for an implementation without weights. ``"unstated"`` satisfies no
    allow-list.

    Raises
    ------
    BadOffer
        One of them is empty or no text.
    """

    code: str
    weights: str | None = None

    def __attrs_post_init__(self) -> None:
        parts = {"code": self.code} | ({} if self.weights is None else {"weights": self.weights})
        for part, value in parts.items():
            if not isinstance(value, str) or not value.strip():
                raise BadOffer(
                    f"licence: {part} {value!r} is not an SPDX identifier such as 'MIT'; "
                    "write 'unstated' where nobody says"
                )


def _names(value: Any) -> Any:
    """Return a list or other iterable of names as a tuple; leave what is none to the checks."""
    return tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def _all_match(value: Any, pattern: re.Pattern[str]) -> bool:
    return (
        isinstance(value, tuple)
        and value != ()
        and all(isinstance(item, str) and pattern.fullmatch(item) for item in value)
    )


@frozen(kw_only=True)
class Offer:
    """What a plugin can do, as facts that are known without importing the implementation.

    Attributes
    ----------
    name
        Short name; the full name is ``"<entry point>/<name>"``.
    load
        ``"module:factory"``, called as ``factory(*, device, dtype, **options)`` when chosen.
    devices, dtypes
        Kinds of device (``"cpu"``, ``"cuda"``, ...) and precisions it runs in.
    latency
        Seconds until a stream's output is complete; None: works on whole windows only.
    quality, licence
        What it says of itself.
    imports
        Top-level modules it needs beyond autovoice-core.
    extra
        The extra of its package that brings them, to be told where they are missing.
    weights
        Files of weights it needs; without them it is unavailable, and says how to get them.
    probe
        ``"module:function"``, called as ``function(device)``: runs a tiny real operation there
        and raises a sentence if it can't.
    opt_in
        Chosen only by name: other numerics, a network to fetch, an extra cost.

    Raises
    ------
    BadOffer
        A field is not what it should be.
    """

    name: str
    load: str
    devices: tuple[str, ...] = field(converter=_names)
    dtypes: tuple[str, ...] = field(default=("float32",), converter=_names)
    latency: float | None = None
    quality: Quality = Quality.GOOD
    licence: Licence
    imports: tuple[str, ...] = field(default=(), converter=_names)
    extra: str | None = None
    weights: tuple[Weights, ...] = field(default=(), converter=_names)
    probe: str | None = None
    opt_in: bool = False

    def __attrs_post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadOffer(f"offer {self.name!r}: {fault}")


@frozen(kw_only=True)
class Need:
    """What a caller needs of a backend.

    Attributes
    ----------
    devices
        Kinds of device in order of preference; nothing else is ever used. ``("auto",)`` means
        every device found, fastest first.
    dtype
        Precision the work is done in.
    max_latency
        Seconds of delay a stream may have; None: no stream is wanted.
    min_quality
        The lowest tier that will do.
    licences
        The SPDX identifiers that code and weights may have; None: any.

    Raises
    ------
    InputError
        A field is not what it should be.
    """

    devices: tuple[str, ...] = field(default=("cpu",), converter=_names)
    dtype: str = "float32"
    max_latency: float | None = None
    min_quality: Quality | None = None
    licences: tuple[str, ...] | None = field(default=None, converter=_names)

    def __attrs_post_init__(self) -> None:
        if not _all_match(self.devices, _DEVICE):
            raise InputError(
                f"devices: {self.devices!r} is not a tuple of kinds of device; "
                "give for example ('cuda', 'cpu') or ('auto',)"
            )
        if "auto" in self.devices and len(self.devices) > 1:
            raise InputError(
                f"devices: 'auto' stands for every device found, so {self.devices!r} is at odds "
                "with itself; give ('auto',) or the devices"
            )
        if self.dtype not in _DTYPES:
            raise InputError(f"dtype: {self.dtype!r} is none of {', '.join(_DTYPES)}; choose one")
        if self.max_latency is not None and not _is_span(self.max_latency):
            raise InputError(
                f"max_latency: {self.max_latency!r} is not a number of seconds; "
                "give for example 0.05, or None where no stream is wanted"
            )
        if self.min_quality is not None and not isinstance(self.min_quality, Quality):
            raise InputError(
                f"min_quality: {self.min_quality!r} is not a Quality; "
                "give Quality.DRAFT, Quality.GOOD or Quality.BEST"
            )
        if self.licences is not None and not _all_match(self.licences, _ANY):
            raise InputError(
                f"licences: {self.licences!r} is not a tuple of SPDX identifiers; "
                "give for example ('MIT', 'Apache-2.0')"
            )

    def __str__(self) -> str:
        parts = [f"on {' or '.join(self.devices)}", self.dtype]
        if self.max_latency is not None:
            parts.append(f"latency at most {self.max_latency:g} s")
        if self.min_quality is not None:
            parts.append(f"quality at least {self.min_quality.name}")
        if self.licences is not None:
            parts.append(f"licences {' or '.join(self.licences)}")
        return ", ".join(parts)


def _fault(offer: Any) -> str | None:
    """Return what is wrong with an offer, whose fields a plugin may have filled with anything."""
    if not isinstance(offer.name, str) or not NAME.fullmatch(offer.name):
        return "the name may hold letters, digits, '.', '_' and '-' only"
    targets = {"load": offer.load} | ({} if offer.probe is None else {"probe": offer.probe})
    for part, target in targets.items():
        if not isinstance(target, str) or not _TARGET.fullmatch(target):
            return f"{part} {target!r} is not 'module:name'"
    if not _all_match(offer.devices, _DEVICE) or "auto" in offer.devices:
        return f"devices {offer.devices!r} is not a tuple of kinds such as ('cpu', 'cuda')"
    if not offer.dtypes or not isinstance(offer.dtypes, tuple) or set(offer.dtypes) - {*_DTYPES}:
        return f"dtypes {offer.dtypes!r} is not a tuple of {' and '.join(map(repr, _DTYPES))}"
    if offer.latency is not None and not _is_span(offer.latency):
        return f"latency {offer.latency!r} is not a number of seconds, nor None"
    if not isinstance(offer.quality, Quality):
        return f"quality {offer.quality!r} is not Quality.DRAFT, Quality.GOOD or Quality.BEST"
    if not isinstance(offer.licence, Licence):
        return f"licence {offer.licence!r} is not a Licence(code=..., weights=...)"
    if offer.imports != () and not _all_match(offer.imports, _MODULE):
        return f"imports {offer.imports!r} is not a tuple of top-level module names"
    if offer.extra is not None and not (
        isinstance(offer.extra, str) and NAME.fullmatch(offer.extra)
    ):
        return f"extra {offer.extra!r} is neither the name of an extra nor None"
    if not isinstance(offer.opt_in, bool):
        return f"opt_in {offer.opt_in!r} is neither True nor False"
    return _fault_of_weights(offer)


def _fault_of_weights(offer: Any) -> str | None:
    weights = offer.weights
    if not isinstance(weights, tuple) or not all(isinstance(item, Weights) for item in weights):
        return f"weights {weights!r} is not a tuple of Weights"
    for item in weights:
        if item.licence not in (offer.licence.weights or "").split(" AND "):
            return (
                f"licence {offer.licence.weights!r} leaves out {item.licence!r}, "
                f"the licence of the weights {item.name}"
            )
    return None


def _is_span(value: Any) -> bool:
    """Whether ``value`` is a finite number of seconds that is not negative."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e6


@frozen
class Reason:
    """Why an offer was not chosen.

    Attributes
    ----------
    stage
        ``"facts"``, ``"host"``, ``"probe"`` or ``"rank"``: the step that left it out.
    code
        One word for programs, e.g. ``"licence"``.
    text
        The reason as the end of a sentence that begins with the offer's name.
    """

    stage: Literal["facts", "host", "probe", "rank"]
    code: str
    text: str

    def __str__(self) -> str:
        return self.text

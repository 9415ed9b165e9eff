"""Offers: the records in which plugins state what they can do.

Nothing heavy is imported here, as plugins import it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, Literal, get_args

from attrs import asdict, field, frozen

from autovoice_core._errors import BadOffer
from autovoice_core._printable import quoted
from autovoice_core.backends.fields import (
    DEVICE,
    DTYPES,
    TARGET,
    all_match,
    as_names,
    fault_of_length,
    is_seconds,
    plain_fields,
)
from autovoice_core.backends.newer_fields import tolerant
from autovoice_core.backends.settings import fault_of
from autovoice_core.backends.weights import Weights

SongOperation = Literal["separation", "pitch", "conversion"]
"""The operations that converting a song takes, in order."""

Operation = Literal[SongOperation, "speech"]
"""The operations that backends implement."""

SONG_OPERATIONS: tuple[SongOperation, ...] = get_args(SongOperation)
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
SUNG_OPERATIONS: tuple[Operation, ...] = ("speech", "pitch", "conversion")
"""The operations that saying or singing a text takes, in order."""

PLUGINS: dict[Operation, str] = dict.fromkeys(SONG_OPERATIONS, "autovoice-cpu") | {
    "speech": "autovoice-speech"
}
"""A plugin of ours that offers each operation without a download."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Names that plugins and offers may have."""

FEATURES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
"""Kinds of reference features that an offer may name."""

_MODULE = re.compile(r"[^\W\d]\w*")


class Quality(IntEnum):
    """The quality that an implementation claims; docs/tiers.md defines the tiers.

    ``UNRATED`` is that of an implementation which reaches no tier, and is listed all the same.
    """

    UNRATED = 0
    DRAFT = 1
    GOOD = 2
    BEST = 3


@tolerant
@frozen(field_transformer=plain_fields)
class Licence:
    """SPDX identifiers of an implementation's code and of its weights, which often differ.

    ``weights`` is None for an implementation without weights. ``"unstated"`` satisfies no
    allow-list.

    Raises
    ------
    BadOffer
        One of them is empty or not text.
    """

    code: str
    weights: str | None = None

    def __attrs_post_init__(self) -> None:
        if fault := fault_of_length({"code": self.code, "weights": self.weights}):
            raise BadOffer(f"licence: {fault}")
        parts = {"code": self.code} | ({} if self.weights is None else {"weights": self.weights})
        for part, value in parts.items():
            if type(value) is not str or not value.strip():
                raise BadOffer(
                    f"licence: {part} {quoted(value)} is not an SPDX identifier such as 'MIT'; "
                    "write 'unstated' if none is stated"
                )


@tolerant
@frozen(kw_only=True, field_transformer=plain_fields)
class Offer:
    """What a plugin can do, as facts that are known without importing the implementation.

    Attributes
    ----------
    name
        Short name; the full name is ``"<entry point>/<name>"``.
    load
        ``"module:factory"``, called as ``factory(*, device, dtype, **options)`` when chosen, and
        with ``settings=`` if the offer declares any.
    devices, dtypes
        Kinds of device (``"cpu"``, ``"cuda"``, ...) and precisions it runs in.
    latency
        Seconds until a stream's output is complete; None: works on whole windows only.
    quality, licence
        As claimed; the contract suite measures the quality.
    imports
        Top-level modules it needs beyond autovoice-core.
    extra
        The extra of its package that installs them, or what replaces the libraries; named where
        they are missing.
    libraries
        Shared libraries it needs of the system, by the names that ``ctypes.util.find_library``
        takes, e.g. ``"espeak-ng"``.
    weights
        Files of weights it needs; without them it is unavailable, and says how to get them.
    probe
        ``"module:function"``, called as ``function(device)``: runs a tiny real operation there
        and raises a sentence if it can't.
    settings
        The attrs class of its settings, each written with
        :func:`~autovoice_core.backends.setting`; None: it has none.
    opt_in
        Chosen only by name: other numerics, a network to download, an extra cost.
    reads
        Kinds of reference features that a converter reads, in full, e.g. ``("rvc/2",)``. A voice
        that holds such features alone is converted to by this converter without naming it.
    voice_reader
        ``"module:function"``, called as ``function(model, index)`` with the paths of a voice that
        was trained elsewhere; returns a :class:`~autovoice_core.protocols.TrainedVoice`.

    Raises
    ------
    BadOffer
        A field is of the wrong type or out of range.
    """

    name: str
    load: str
    devices: tuple[str, ...] = field(converter=as_names)
    dtypes: tuple[str, ...] = field(default=("float32",), converter=as_names)
    latency: float | None = None
    quality: Quality = Quality.GOOD
    licence: Licence
    imports: tuple[str, ...] = field(default=(), converter=as_names)
    extra: str | None = None
    libraries: tuple[str, ...] = field(default=(), converter=as_names)
    weights: tuple[Weights, ...] = field(default=(), converter=as_names)
    probe: str | None = None
    opt_in: bool = False
    settings: type[Any] | None = None
    reads: tuple[str, ...] = field(default=(), converter=as_names)
    voice_reader: str | None = None

    def __attrs_post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadOffer(f"offer {quoted(self.name)}: {fault}")


def _fault(offer: Any) -> str | None:
    """Return what is wrong with an offer, whose fields may hold anything, or None."""
    if type(offer.name) is not str or not NAME.fullmatch(offer.name):
        return "the name may hold letters, digits, '.', '_' and '-' only"
    if fault := fault_of_length(asdict(offer, recurse=False)):
        return fault
    targets = {"load": offer.load, "probe": offer.probe, "voice_reader": offer.voice_reader}
    for part, target in targets.items():
        if part != "load" and target is None:
            continue
        if type(target) is not str or not TARGET.fullmatch(target):
            return f"{part} {quoted(target)} is not 'module:name'"
    if not all_match(offer.devices, DEVICE) or "auto" in offer.devices:
        return f"devices {quoted(offer.devices)} is not a tuple of kinds such as ('cpu', 'cuda')"
    if not offer.dtypes or type(offer.dtypes) is not tuple or set(offer.dtypes) - {*DTYPES}:
        return f"dtypes {quoted(offer.dtypes)} is not a tuple of {' and '.join(map(repr, DTYPES))}"
    if offer.latency is not None and not is_seconds(offer.latency):
        return f"latency {quoted(offer.latency)} is not a number of seconds, nor None"
    if type(offer.quality) is not Quality:
        return (
            f"quality {quoted(offer.quality)} is not Quality.DRAFT, Quality.GOOD or Quality.BEST, "
            "nor Quality.UNRATED"
        )
    if type(offer.licence) is not Licence:
        return f"licence {quoted(offer.licence)} is not a Licence(code=..., weights=...)"
    if offer.imports != () and not all_match(offer.imports, _MODULE):
        return f"imports {quoted(offer.imports)} is not a tuple of top-level module names"
    if offer.extra is not None and not (type(offer.extra) is str and NAME.fullmatch(offer.extra)):
        return f"extra {quoted(offer.extra)} is neither the name of an extra nor None"
    if offer.libraries != () and not all_match(offer.libraries, NAME):
        return f"libraries {quoted(offer.libraries)} is not a tuple of names such as ('espeak-ng',)"
    if offer.reads != () and not all_match(offer.reads, FEATURES):
        return f"reads {quoted(offer.reads)} is not a tuple of kinds of features such as ('rvc/2',)"
    if type(offer.opt_in) is not bool:
        return f"opt_in {quoted(offer.opt_in)} is neither True nor False"
    return _fault_of_weights(offer) or (
        None if offer.settings is None else fault_of(offer.settings)
    )


def _fault_of_weights(offer: Any) -> str | None:
    weights = offer.weights
    if type(weights) is not tuple or not all(type(item) is Weights for item in weights):
        return f"weights {quoted(weights)} is not a tuple of Weights"
    for item in weights:
        if item.licence not in (offer.licence.weights or "").split(" AND "):
            return (
                f"licence {quoted(offer.licence.weights)} leaves out {quoted(item.licence)}, "
                f"the licence of the weights {item.name}"
            )
    return None


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
    traceback
        Where a probe failed, empty for other reasons.
    """

    stage: Literal["facts", "host", "probe", "rank"]
    code: str
    text: str
    traceback: str = ""

    def __str__(self) -> str:
        return self.text

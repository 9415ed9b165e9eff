"""Needs: the record in which a caller states what it needs of a backend."""

from __future__ import annotations

import re

from attrs import field, frozen

from autovoice_core._arguments import as_instance, describe, plain_number
from autovoice_core._errors import InputError
from autovoice_core.backends.fields import DEVICE, DTYPES, all_match, as_names, is_seconds
from autovoice_core.backends.offer import NAME, Quality

_TEXT = re.compile(r".+")


@frozen(kw_only=True)
class Need:
    """What a caller needs of a backend.

    Attributes
    ----------
    devices
        Kinds of device in order of preference; nothing else is ever used. ``("auto",)`` means
        every device found, fastest first.
    dtype
        Precision to work in.
    max_latency
        Most seconds of delay of a stream; None: no stream is needed.
    min_quality
        The lowest tier that is accepted; None: any.
    licences
        The SPDX identifiers that code and weights may have; None: any.
    plugins
        Plugins that take part though the user has not enabled them, e.g. ``("acf",)``.

    Raises
    ------
    InputError
        A field is of the wrong type or out of range.
    """

    devices: tuple[str, ...] = field(default=("cpu",), converter=as_names)
    dtype: str = "float32"
    max_latency: float | None = field(default=None, converter=plain_number)
    min_quality: Quality | None = None
    licences: tuple[str, ...] | None = field(default=None, converter=as_names)
    plugins: tuple[str, ...] = field(default=(), converter=as_names)

    def __attrs_post_init__(self) -> None:
        if not all_match(self.devices, DEVICE):
            raise InputError(
                f"devices: {describe(self.devices)} is not a tuple of kinds of device; "
                "give for example ('cuda', 'cpu') or ('auto',)"
            )
        if "auto" in self.devices and len(self.devices) > 1:
            raise InputError(
                f"devices: {self.devices!r} combines 'auto', which means every device found, with "
                "others; give ('auto',) or the devices"
            )
        if not isinstance(self.dtype, str) or self.dtype not in DTYPES:
            dtype = describe(self.dtype)
            raise InputError(f"dtype: {dtype} is not one of {', '.join(DTYPES)}; choose one")
        if self.max_latency is not None and not is_seconds(self.max_latency):
            raise InputError(
                f"max_latency: {describe(self.max_latency)} is not a number of seconds; "
                "give for example 0.05, or None if no stream is needed"
            )
        if self.min_quality is not None and not isinstance(self.min_quality, Quality):
            raise InputError(
                f"min_quality: {describe(self.min_quality)} is not a Quality; "
                "give Quality.DRAFT, Quality.GOOD or Quality.BEST"
            )
        if self.licences is not None and not all_match(self.licences, _TEXT):
            raise InputError(
                f"licences: {describe(self.licences)} is not a tuple of SPDX identifiers; "
                "give for example ('MIT', 'Apache-2.0')"
            )
        is_empty = isinstance(self.plugins, tuple) and not self.plugins
        if not is_empty and not all_match(self.plugins, NAME):
            raise InputError(
                f"plugins: {describe(self.plugins)} is not a tuple of names of plugins; "
                "give for example ('acf',)"
            )

    def __str__(self) -> str:
        parts = [f"on {' or '.join(self.devices)}", self.dtype]
        if self.max_latency is not None:
            parts.append(f"latency at most {self.max_latency:g} s")
        if self.min_quality is not None:
            parts.append(f"quality at least {self.min_quality.name}")
        if self.licences is not None:
            parts.append(f"licences {' or '.join(self.licences)}")
        if self.plugins:
            parts.append(f"plugins {' and '.join(self.plugins)} enabled")
        return ", ".join(parts)


_DEFAULT = Need()


def as_need(value: Need | None) -> Need:
    """Return the need that a caller gave; the default one for None.

    Raises
    ------
    InputError
        It is something else.
    """
    if value is None:
        return _DEFAULT
    return as_instance("need", value, Need, "give for example Need(devices=('cuda', 'cpu'))")

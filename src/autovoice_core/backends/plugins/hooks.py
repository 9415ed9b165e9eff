"""The hooks of the plugin API ``autovoice.v1``, which collect records and never see audio.

A plugin is a module, named by an entry point of the group ``autovoice.v1``, that holds any of
these functions, marked with :data:`hookimpl`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from autovoice_core.backends.device import Device
from autovoice_core.backends.offer import Offer, Operation

PROJECT = "autovoice"

API = (1, 1)
"""Version of the plugin API: the major number, that of the group of entry points, and the minor."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Decorator of a plugin's hooks."""

HOOKS: dict[str, Operation] = {
    "autovoice_separators": "separation",
    "autovoice_pitch_estimators": "pitch",
    "autovoice_converters": "conversion",
    "autovoice_speech_engines": "speech",
}
"""Each hook of offers, with the operation whose offers it collects."""

DEVICES_HOOK = "autovoice_devices"
"""The hook of devices."""


@hookspec
def autovoice_separators() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield offers of :class:`~autovoice_core.protocols.Separator` implementations."""


@hookspec
def autovoice_pitch_estimators() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield offers of :class:`~autovoice_core.protocols.PitchEstimator` implementations."""


@hookspec
def autovoice_converters() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield offers of :class:`~autovoice_core.protocols.Converter` implementations."""


@hookspec
def autovoice_speech_engines() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield offers of :class:`~autovoice_core._speech.SpeechEngine` implementations."""


@hookspec
def autovoice_devices() -> Iterable[Device]:  # type: ignore[empty-body]
    """Yield kinds of device that core does not know, and how to find each."""

"""The host: the devices, modules, weights and shared libraries that a machine has.

They are found by looking only: nothing heavy is imported, no device is opened.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from ctypes.util import find_library
from functools import cache
from importlib.util import find_spec

from attrs import frozen

from autovoice_core.backends.containment import is_from_signal_handler, known_interrupts
from autovoice_core.backends.device import Device
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.weights import Weights
from autovoice_core.backends.wording import describe_error


@frozen
class Host:
    """What offers are compared with.

    Attributes
    ----------
    devices
        Kinds of device that are present, fastest first.
    missing_modules
        Modules that were looked for and not found.
    missing_weights
        Weights that were looked for and not found.
    missing_libraries
        Shared libraries of the system that were looked for and not found.
    known_devices
        Kinds of device that were looked for, fastest first; of others only the probe of an offer
        can tell whether they are present.
    failed_probes
        Kinds whose probe raised, each with what it raised; they count as absent.
    """

    devices: tuple[str, ...] = ("cpu",)
    missing_modules: frozenset[str] = frozenset()
    missing_weights: frozenset[Weights] = frozenset()
    known_devices: tuple[str, ...] = tuple(device.kind for device in OWN_DEVICES)
    failed_probes: tuple[tuple[str, str], ...] = ()
    missing_libraries: frozenset[str] = frozenset()


def inspect_host(
    devices: Iterable[Device] = OWN_DEVICES,
    modules: Iterable[str] = (),
    weights: Iterable[Weights] = (),
    libraries: Iterable[str] = (),
) -> Host:
    """Return which ``devices`` this machine has, and what it lacks of the others.

    ``devices`` are in order of preference; ``modules`` are top-level ones; ``libraries`` are
    shared libraries of the system.
    """
    present: list[str] = []
    known: list[str] = []
    failed: list[tuple[str, str]] = []
    for device in devices:
        known.append(device.kind)
        try:
            with known_interrupts():
                if resolve(device.probe)():
                    present.append(device.kind)
        except BaseException as error:
            # Whatever a plugin's probe raises, SystemExit and KeyboardInterrupt too.
            if is_from_signal_handler(error):
                raise
            failed.append((device.kind, describe_error(error)))
    return Host(
        devices=tuple(present),
        missing_modules=frozenset(name for name in modules if not _is_installed(name)),
        missing_weights=frozenset(item for item in weights if not item.is_here()),
        known_devices=tuple(known),
        failed_probes=tuple(failed),
        missing_libraries=frozenset(name for name in libraries if not _has_library(name)),
    )


@cache
def _has_library(name: str) -> bool:
    """Whether there is a shared library; looking for one that is missing takes 0.1 s."""
    return find_library(name) is not None


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # it is imported already and has no __spec__, as some stand-ins have
        return module in sys.modules

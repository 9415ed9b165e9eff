"""The offers of this package, which name implementations: reading them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from autovoice_core.backends import Licence, Offer, Quality, hookimpl

ESPEAK_WHEEL = "espeakng_loader"
"""Module of the wheel that holds the library of espeak-ng."""


@hookimpl
def autovoice_speech_engines() -> Iterator[Offer]:
    """Offer hibari, an English voice, and where they are installed espeak-ng and flite."""
    yield Offer(
        name="hibari",
        load="autovoice_speech.hibari:open_hibari",
        devices=("cpu",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT AND Apache-2.0", weights="Apache-2.0"),
        imports=("hibari",),
        probe="autovoice_speech.hibari:probe",
    )
    yield Offer(
        name="espeak-ng",
        load="autovoice_speech.espeak:open_espeak",
        devices=("cpu",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT AND GPL-3.0-or-later"),
        # The wheel, which the extra installs, stands in for the library of the system.
        libraries=() if find_spec(ESPEAK_WHEEL) else ("espeak-ng",),
        extra="espeak",
        probe="autovoice_speech.espeak:probe",
        opt_in=True,
    )
    yield Offer(
        name="flite",
        load="autovoice_speech.flite:open_flite",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT AND MIT-Festival"),
        libraries=("flite", "flite_cmu_us_slt"),
        probe="autovoice_speech.flite:probe",
        opt_in=True,
    )

"""Between the source's timbre and the target's, and beyond both: strength and formant."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.frames import interpolated
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, positions
from autovoice_core.conversion.retrieval.synthesis import on_axis


@frozen
class Timbre:
    """What is made of the source's frames and the target's.

    Attributes
    ----------
    formant
        Semitones by which resonances move.
    strength
        0 is the source's timbre, 1 the target's.
    """

    formant: float = 0.0
    strength: float = 1.0

    def of(self, source: Frames, target: Frames) -> Frames:
        """Return what is sung; aperiodicity is on the axis, as the target's is."""
        if self.strength < 1.0:
            envelope = self._mixed(source.envelope, target.envelope)
            share = self._mixed(on_axis(source.aperiodicity), target.aperiodicity)
            target = Frames(envelope, share)
        if self.formant:
            # What was at f goes to f times the ratio.
            ratio = 2.0 ** (self.formant / 12.0)
            warped = interpolated(target.envelope, positions(FREQUENCIES / ratio))
            target = Frames(warped, target.aperiodicity)
        return target

    def _mixed(self, source: Any, target: Any) -> Any:
        return (1.0 - self.strength) * source + self.strength * target

"""Controls of timbre: strength, between the source's and the target's, and formant shift."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.aperiodicity import aperiodicity_on_axis
from autovoice_core.conversion.retrieval.frames import interpolated
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, mel_positions


@frozen
class Timbre:
    """The settings of timbre.

    Attributes
    ----------
    formant
        Semitones by which formants are shifted.
    strength
        0 is the source's timbre, 1 the target's.
    """

    formant: float = 0.0
    strength: float = 1.0

    def applied(self, source: VoiceFrames, target: VoiceFrames) -> VoiceFrames:
        """Return the frames to be sung; aperiodicity is on the axis, as the target's is."""
        if self.strength < 1.0:
            envelope = self._blended(source.envelope, target.envelope)
            bands = aperiodicity_on_axis(source.aperiodicity)
            target = VoiceFrames(envelope, self._blended(bands, target.aperiodicity))
        if self.formant:
            # What was at f moves to f times the ratio.
            ratio = 2.0 ** (self.formant / 12.0)
            warped = interpolated(target.envelope, mel_positions(FREQUENCIES / ratio))
            target = VoiceFrames(warped, target.aperiodicity)
        return target

    def _blended(self, source: Any, target: Any) -> Any:
        return (1.0 - self.strength) * source + self.strength * target

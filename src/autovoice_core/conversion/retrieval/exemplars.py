"""The target's voice as a store of frames: made from recordings, kept compactly, read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import Frames, analyse
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.cepstra import COEFFICIENTS, successors
from autovoice_core.conversion.retrieval.f0 import FRAME_RATE, Melody, frame_centres
from autovoice_core.conversion.retrieval.frames import beside
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS, positions
from autovoice_core.conversion.retrieval.pieces import Pieces

KEPT = 300.0
"""Seconds of voiced sound that are kept: 8 MB."""

COMPARED = 8_000.0
"""Hz up to which sounds are compared."""

_ARRAYS: dict[str, tuple[Any, ...]] = {
    "envelope": (np.float16, POINTS),
    "aperiodicity": (np.uint8, BANDS),
    "follows": (np.bool_,),
    "bandwidth": (np.float32,),
}
_QUIET = np.log(10.0) * 4.0  # 40 dB under the loudest frame there is nothing to learn
_SILENT = np.log(10.0) * 7.5


@frozen(eq=False)
class Exemplars:
    """Frames of the target, on the device.

    Attributes
    ----------
    envelope, aperiodicity
        ``(exemplars, POINTS)`` log power a Hz, ``(exemplars, BANDS)``.
    follows
        ``(exemplars,)`` on the host: whether it is the successor of the one before.
    bandwidth
        ``(exemplars, 1)`` points of the axis up to which the recording has sound.
    """

    envelope: Any
    aperiodicity: Any
    follows: NDArray[np.bool_]
    bandwidth: Any

    def comparable_points(self, sample_rate: int) -> int:
        """Return how many points of the axis a source of this rate has in common with it."""
        target = float(np.median(as_numpy(self.bandwidth)))
        source = float(positions(min(COMPARED, 0.47 * sample_rate)))
        return max(COEFFICIENTS, min(POINTS, int(min(target, source)) + 1))

    @classmethod
    def load(cls, features: Mapping[str, NDArray[Any]], like: Any) -> Exemplars:
        """Bring the features of a profile beside ``like``.

        Raises
        ------
        InputError
            They are not what :func:`learn` returns.
        """
        _check(features)
        bandwidth = positions(features["bandwidth"].astype(np.float64))
        return cls(
            beside(like, features["envelope"]),
            beside(like, features["aperiodicity"]) / 255.0,
            features["follows"].astype(bool),
            beside(like, bandwidth[:, None]),
        )


def learn(
    recordings: Iterable[tuple[Audio, PitchTrack]], xp: Any, on: Any, keep: float = KEPT
) -> dict[str, NDArray[Any]]:
    """Return what is kept of a voice, from mono recordings with their pitch.

    Of more than ``keep`` seconds of voiced sound, pieces from all of it. Memory does not grow with
    the recordings.

    Raises
    ------
    InputError
        No frame of any recording is voiced.
    """
    pieces = Pieces(round(keep * FRAME_RATE))
    for audio, pitch in recordings:
        features = _of_recording(audio, pitch, xp, on)
        if features is not None:
            pieces.add(features)
    if not pieces.seen:
        raise InputError("recordings: nothing in them is voiced; give recordings of a voice")
    return pieces.chosen()


def _check(features: Mapping[str, NDArray[Any]]) -> None:
    again = "make the voice again from its recordings"
    if features.keys() != _ARRAYS.keys():
        raise InputError(
            f"voice: its features are {', '.join(sorted(features)) or 'missing'}, not "
            f"{', '.join(sorted(_ARRAYS))}; {again}"
        )
    count = features["follows"].size
    for name, (dtype, *shape) in _ARRAYS.items():
        values = features[name]
        if values.dtype != dtype or values.shape != (count, *shape) or not count:
            raise InputError(
                f"voice: features[{name!r}] is {values.dtype} of shape {values.shape}, not "
                f"{np.dtype(dtype)} of shape {(max(count, 1), *shape)}; {again}"
            )
    if features["follows"][0] or not np.all(features["bandwidth"] > 0):
        raise InputError(f"voice: its features contradict one another; {again}")


def frames_of(
    audio: Audio, pitch: PitchTrack, xp: Any, on: Any
) -> tuple[Frames, NDArray[np.bool_]]:
    """Return the frames of a mono recording, and on the host which of them have something to teach.

    These are voiced, and not 40 dB under the loudest that is.
    """
    rate = audio.sample_rate
    centres = frame_centres(np.arange(audio.frames * FRAME_RATE // rate + 1), rate)
    f0, voiced = Melody(pitch).at(centres / rate)
    samples = xp.asarray(audio.mono().numpy(), device=on)
    frames = analyse(samples, centres, f0, voiced, rate)
    level = as_numpy(xp.max(frames.envelope[:, : int(positions(4000.0))], axis=1))
    return frames, voiced & (level > np.max(level[voiced], initial=-np.inf) - _QUIET)


def _of_recording(
    audio: Audio, pitch: PitchTrack, xp: Any, on: Any
) -> dict[str, NDArray[Any]] | None:
    frames, chosen = frames_of(audio, pitch, xp, on)
    if not chosen.any():
        return None
    envelope = as_numpy(frames.envelope)
    average = envelope[chosen].mean(axis=0)
    heard = FREQUENCIES[average > average.max() - _SILENT].max()
    follows = successors(chosen)
    return {
        "envelope": envelope[chosen].astype(np.float16),
        "aperiodicity": np.rint(255.0 * as_numpy(frames.aperiodicity)[chosen]).astype(np.uint8),
        "follows": follows[chosen],
        "bandwidth": np.full(int(chosen.sum()), min(heard, 0.47 * audio.sample_rate), np.float32),
    }

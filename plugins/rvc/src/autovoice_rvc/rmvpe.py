"""``rvc/rmvpe``: RMVPE, the pitch tracker that RVC uses by default, with the weights it shares.

The author's program runs the network on a whole song at once, which takes memory by its length.
Here it runs on blocks with some of their surroundings; a song of one block is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import gcd

import numpy as np
import torch
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from autovoice_core.backends.torch_devices import check_torch_device
from autovoice_core.models import Weights, read_torch
from autovoice_core.pitch.interpolation import interpolate
from autovoice_rvc.factories import NAME, TONE, probe_converter
from autovoice_rvc.networks.rmvpe import CLASSES, FRAMES, Rmvpe
from autovoice_rvc.networks.rmvpe_mel import FFT, HOP, RATE, log_mel
from autovoice_rvc.networks.rmvpe_pitch import CENTS, FIRST_CENTS, pitch_of_salience
from autovoice_rvc.networks.running import running
from autovoice_rvc.rmvpe_octaves import SMOOTHED, raise_octaves
from autovoice_rvc.settings import RmvpeSettings
from autovoice_rvc.weights import RMVPE

BLOCK_FRAMES, MARGIN_FRAMES = 12 * FRAMES, 4 * FRAMES
"""Frames of a block, and those to either side that are its context.

Multiples of the 32 frames that the network halves down to one, so that blocks are halved as the
whole would be.
"""
BLOCKS_PER_RUN = {"cuda": 8}
"""Blocks that go through the network together; elsewhere one."""
FIXED_BYTES, BLOCK_BYTES, BYTES_PER_SECOND = 70e6, 90e6, 2.2e6
"""Memory of a window: an upper bound; 11 runs on a CPU took 9 to 24 % less, by its instructions."""
BAND_OF_TONE = 11
"""Band of the mel spectrogram whose centre is nearest to the probe's tone."""
DEFAULTS = RmvpeSettings()


@frozen(eq=False)
class _Clip:
    """A sound at 16 kHz, and its mel spectrogram ``(1, 128, frames)``."""

    samples: NDArray[np.float32]
    mel: torch.Tensor

    @property
    def frames(self) -> int:
        return int(self.mel.shape[2])


class RmvpeTracker:
    """A :class:`~autovoice_core.protocols.BatchPitchEstimator`; frames of 10 ms, interpolated.

    Parameters
    ----------
    network
        Mel spectrogram to salience; see :class:`~autovoice_rvc.networks.rmvpe.Rmvpe`.
    device
        The network's.
    fmin, fmax
        Range to look in, Hz.
    settings
        The voicing.
    """

    # A block, its margin, what corrects octaves, and the reach of the spectrum and the resampler.
    context = (BLOCK_FRAMES + MARGIN_FRAMES + SMOOTHED) * HOP / RATE + 0.1

    def __init__(
        self,
        network: Callable[[torch.Tensor], torch.Tensor],
        device: str = "cpu",
        fmin: float = 40.0,
        fmax: float = 2000.0,
        settings: RmvpeSettings = DEFAULTS,
    ) -> None:
        self._network, self._device = network, device
        self._fmax, self._threshold = fmax, settings.threshold
        frequencies = 10 * 2 ** ((FIRST_CENTS + CENTS * torch.arange(CLASSES)) / 1200)
        self._allowed = ((frequencies >= fmin) & (frequencies <= fmax)).to(device)
        self._blocks_per_run = BLOCKS_PER_RUN.get(device, 1)

    def grid(self, sample_rate: int) -> int:
        """Return the samples of as many blocks as are a whole number of samples."""
        block: int = BLOCK_FRAMES * HOP * sample_rate
        return block // gcd(block, RATE)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes."""
        del channels
        seconds = frames / sample_rate
        return FIXED_BYTES + self._blocks_per_run * BLOCK_BYTES + BYTES_PER_SECOND * seconds

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` returns for each, blocks of all going through together."""
        # TF32 on a GPU would change the result.
        with running():
            clips = [self._clip(audio) for audio in audios]
            tracks = self._tracks(clips)
        return [
            self._at(clip, track, positions.astype(np.float64) * (RATE / (audio.sample_rate * HOP)))
            for audio, clip, track, positions in zip(audios, clips, tracks, centres, strict=True)
        ]

    def _clip(self, audio: Audio) -> _Clip:
        samples = audio.resample(RATE).numpy()[0]
        # At least two frames are needed, and half a spectrum, which is mirrored.
        samples = np.pad(samples, (0, max(FFT - len(samples), 0)))
        return _Clip(samples, log_mel(torch.from_numpy(samples[None]).to(self._device)))

    def _at(
        self, clip: _Clip, track: NDArray[np.float64], positions: NDArray[np.float64]
    ) -> PitchFrames:
        f0, certainty = track
        voiced = certainty >= self._threshold
        raised = raise_octaves(clip.samples, np.where(voiced, f0, 0.0))
        f0 = np.where(voiced & (raised <= self._fmax), raised, f0)
        return interpolate(f0, certainty, positions, self._threshold)

    def _tracks(self, clips: Sequence[_Clip]) -> list[NDArray[np.float64]]:
        """Return f0 and salience of the frames of each clip, ``(2, frames)``."""
        tracks = [np.zeros((2, clip.frames)) for clip in clips]
        alike: dict[int, list[tuple[int, int]]] = {}
        for number, clip in enumerate(clips):
            for start in range(0, clip.frames, BLOCK_FRAMES):
                alike.setdefault(_cut(clip.mel, start).shape[2], []).append((number, start))
        size = self._blocks_per_run
        for places in alike.values():
            for run in (places[begin : begin + size] for begin in range(0, len(places), size)):
                mels = torch.cat([_cut(clips[number].mel, start) for number, start in run])
                for (number, start), found in zip(run, self._run(mels), strict=True):
                    first = min(start, MARGIN_FRAMES)
                    inner = found[:, first : first + BLOCK_FRAMES]
                    tracks[number][:, start : start + BLOCK_FRAMES] = inner
        return tracks

    def _run(self, mel: torch.Tensor) -> NDArray[np.float64]:
        """Return f0 and salience of the frames of blocks, ``(blocks, 2, frames)``."""
        salience = torch.where(self._allowed, self._network(mel), 0.0)
        # The most certain pitch of every frame, voiced or not.
        found = torch.stack(pitch_of_salience(salience, threshold=-1.0), dim=1)
        return np.asarray(found.cpu().numpy(), np.float64)


def _cut(mel: torch.Tensor, start: int) -> torch.Tensor:
    """Return the spectrogram of a block and its margins, as far as there is sound."""
    return mel[:, :, max(start - MARGIN_FRAMES, 0) : start + BLOCK_FRAMES + MARGIN_FRAMES]


def open_rmvpe(
    *,
    device: str,
    dtype: str,
    fmin: float = 40.0,
    fmax: float = 2000.0,
    settings: RmvpeSettings = DEFAULTS,
) -> RmvpeTracker:
    """Return the tracker with the published weights.

    Parameters
    ----------
    device, dtype
        ``"cpu"`` or ``"cuda"``, in ``"float32"``.
    fmin, fmax
        Range to look in, Hz; the network covers 32 to 2006 Hz.
    settings
        Its voicing.

    Raises
    ------
    InputError
        The device or dtype is not among those offered, or torch can't use the device.
    ModelError
        The weights are missing, damaged, or of something else.
    """
    return open_weights(RMVPE, device, dtype, fmin, fmax, settings)


def open_weights(
    weights: Weights,
    device: str,
    dtype: str,
    fmin: float = 40.0,
    fmax: float = 2000.0,
    settings: RmvpeSettings = DEFAULTS,
) -> RmvpeTracker:
    """Return the tracker with other ``weights``; see :func:`open_rmvpe`."""
    check_torch_device(NAME, device, dtype)
    network = Rmvpe.from_arrays(read_torch(weights), device=device)
    return RmvpeTracker(network, device, fmin, fmax, settings)


def probe_rmvpe(device: str) -> None:
    """Convolve, and find a tone in the band of the mel spectrogram where it belongs."""
    probe_converter(device)
    tone = torch.sin(2 * np.pi * TONE / RATE * torch.arange(RATE // 4, dtype=torch.float32))
    bands = log_mel(tone[None].to(device)).mean(dim=2)
    if int(bands.argmax()) != BAND_OF_TONE:
        raise RuntimeError(f"torch {torch.__version__} errs in spectra on {device}; reinstall it")

"""Spleeter, the separator: two networks whose estimates make the vocal mask.

Each network estimates the magnitudes of one stem; the mask is the vocals' share of the energy, the
same for both channels, so that the stereo image stays as it was. The networks end at 11 kHz; above,
the mask goes on with the mean of the last 2 kHz.
"""

from __future__ import annotations

import numpy as np
import torch

from autovoice_core.separation.segmented import SegmentedSeparator
from autovoice_core.separation.segments import Samples
from autovoice_spleeter.unet import UNet

SAMPLE_RATE = 44_100
FRAME_LENGTH, HOP_LENGTH = 4096, 1024
BINS = 1024
"""Bins that the networks see; they end at 11 kHz."""
SEGMENT_FRAMES = 512
"""Frames that the networks were trained on, 11.9 s."""
TOP_BINS = 200
"""Bins whose mean goes on above the last."""
LEVEL = 0.3
"""RMS that a segment is brought to, as the networks depend on the level. Of 0.08 to 0.6, best or
nearly so on all of the songs and mixtures tried."""
SILENCE = 1e-8
"""RMS of a segment, over full scale, below which it is not run."""
ENERGY_FLOOR = 1e-7
"""Share of a bin's energy that is added to each stem's, so that their ratio is bounded."""
CONSTANT, NETWORK = 0.50, 0.60
"""Weights that turn the networks' log odds into the mask's, after `training/spleeter_fusion.py`: by
themselves the networks are too sure, and against the voice too often."""
BATCH_SEGMENTS = {"cuda": 8}
"""Segments that are run at a time; elsewhere one."""
FIXED_BYTES = 300e6
"""Bytes that are taken whatever the length: both networks, and what torch keeps."""
SEGMENT_BYTES = 450e6
"""Bytes that one segment takes within the networks."""


class Spleeter(SegmentedSeparator):
    """Runs both networks on overlapping segments of the length that they were trained on.

    Parameters
    ----------
    vocals, accompaniment
        As :func:`~autovoice_spleeter.checkpoints.load_network` returns them.
    device
        ``"cpu"`` or ``"cuda"``.
    """

    network_rate = SAMPLE_RATE
    segment_frames = (SEGMENT_FRAMES - 1) * HOP_LENGTH
    stride_seconds = 9

    def __init__(self, vocals: UNet, accompaniment: UNet, device: str = "cpu") -> None:
        super().__init__()
        self.batch_segments = BATCH_SEGMENTS.get(device, 1)
        self._networks = vocals.to(device), accompaniment.to(device)
        self._device = device
        self._hann = torch.hann_window(FRAME_LENGTH, device=device)
        # The window of transform and inverse: its squares add up to two at every sample.
        self.sine = torch.sqrt(self._hann)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window of ``frames`` takes."""
        resampled = frames * SAMPLE_RATE / sample_rate
        return FIXED_BYTES + self.batch_segments * SEGMENT_BYTES + 40 * resampled * channels

    def on_device(self, samples: Samples) -> object:
        """Return samples as a tensor of the device, on the CPU as an array."""
        return samples if self._device == "cpu" else torch.from_numpy(samples).to(self._device)

    def run(self, pieces: Samples) -> Samples:
        """Return the vocals of segments; see :class:`SegmentedSeparator`.

        A segment of which one channel sounds is run as if both did.
        """
        result = np.zeros((len(pieces), 1, *pieces.shape[1:]), np.float32)
        power = np.asarray(np.mean(pieces**2, axis=2, dtype=np.float64))
        alone = (power == 0) & (power[:, ::-1] > 0)
        power[alone] = power[alone[:, ::-1]]
        level = np.sqrt(power.mean(axis=1)).astype(np.float32)
        sounding = np.flatnonzero(level > SILENCE)
        if len(sounding):
            inputs = pieces[sounding] * (LEVEL / level[sounding, None, None])
            alone = alone[sounding]
            inputs[alone] = inputs[alone[:, ::-1]]
            with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
                vocals = self._masked(torch.from_numpy(inputs).to(self._device)).cpu().numpy()
            vocals[alone] = 0
            result[sounding, 0] = vocals * (level[sounding, None, None] / LEVEL)
        return result

    def log_odds(self, segments: torch.Tensor) -> torch.Tensor:
        """Return the logarithm of the ratio of the stems' energies.

        Shape: ``(segments, 2, frames)`` -> ``(segments, 512, 1024)``.
        """
        magnitudes = self.stft(segments, self._hann).abs()[..., :BINS, :].transpose(2, 3)
        power = magnitudes**2
        voice, rest = ((network(magnitudes) ** 2 * power).sum(1) for network in self._networks)
        floor = ENERGY_FLOOR * power.sum(1) + 1e-12
        return torch.log((voice + floor) / (rest + floor))

    def mask(self, segments: torch.Tensor, spectra: torch.Tensor) -> torch.Tensor:
        """Return the mask of segments and their ``spectra``, ``(segments, 2, bins, frames)``.

        Shape: ``(segments, frames, 1024)``, 0 to 1.
        """
        return torch.sigmoid(CONSTANT + NETWORK * self.log_odds(segments))

    def _masked(self, segments: torch.Tensor) -> torch.Tensor:
        """Return the vocals of ``(segments, 2, frames)`` in that shape."""
        spectra = self.stft(segments, self.sine)
        mask = self.mask(segments, spectra).transpose(1, 2)
        above = mask[:, -TOP_BINS:].mean(dim=1, keepdim=True)
        above = above.expand(-1, spectra.shape[2] - BINS, -1)
        spectra = spectra * torch.cat([mask, above], dim=1)[:, None]
        vocals = torch.istft(
            spectra.flatten(0, 1),
            FRAME_LENGTH,
            HOP_LENGTH,
            window=self.sine,
            length=segments.shape[-1],
        )
        return vocals.unflatten(0, segments.shape[:2])

    def stft(self, segments: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
        """Return spectra ``(segments, 2, bins, frames)``, frame ``i`` centred at hop ``i``."""
        spectra = torch.stft(
            segments.flatten(0, 1),
            FRAME_LENGTH,
            HOP_LENGTH,
            window=window,
            pad_mode="constant",
            return_complex=True,
        )
        return spectra.unflatten(0, segments.shape[:2])

"""Examples for `training/separation.py`: what the network sees, and what it should say.

All is by frame and band. The error of a mask ``M`` is, in units of the mixture's mean energy,
``sum(energy * (M - target)**2) + constant``: that of the waveform, as the real mask nearest to the
vocals is the target.
"""

from __future__ import annotations

from pathlib import Path

import array_api_compat.numpy as xp
import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from separation_mixtures import Mixer, Mixture

from autovoice_core.separation.wrpca.bands import BINS, BINS_PER_BAND, band_sums
from autovoice_core.separation.wrpca.mid_side import mid_side_energies
from autovoice_core.separation.wrpca.stft import STFT
from autovoice_core.separation.wrpca.vocal_features import SECOND_PASS, log_odds, vocal_features
from autovoice_core.separation.wrpca.vocal_mask import OFFSETS, SCALES, witnesses
from autovoice_core.separation.wrpca.wrpca import hop_length
from autovoice_spleeter.factories import open_2stems
from autovoice_spleeter.separator import CONSTANT, LEVEL, NETWORK, SAMPLE_RATE, Spleeter

HOP = hop_length(SAMPLE_RATE)


@attrs.frozen(eq=False)
class Example:
    """A mixture, ``frames`` by ``bands``.

    Attributes
    ----------
    witnesses
        ``(WITNESSES, frames, bands)`` float16.
    teacher, target
        ``(frames, bands)`` float16, the teacher's mask and the best.
    constant
        ``(frames,)`` float32, the error of the best mask.
    known
        Whether the vocals are known; if not, the target is the teacher's.
    sources
        Names of the recordings in the mixture.
    """

    witnesses: NDArray[np.float16]
    teacher: NDArray[np.float16]
    target: NDArray[np.float16]
    constant: NDArray[np.float32]
    known: bool
    sources: tuple[str, ...] = ()

    def save(self, path: Path) -> None:
        """Write a file, at once."""
        half = path.with_suffix(".part.npz")
        np.savez(half, **attrs.asdict(self, recurse=False))
        half.replace(path)

    @classmethod
    def load(cls, path: Path) -> Example:
        """Read a file."""
        with np.load(path) as parts:
            return cls(
                **{name: parts[name] for name in parts.files}
                | {"sources": tuple(parts["sources"].tolist())}
            )


def energies(witnesses: torch.Tensor) -> torch.Tensor:
    """Return the energy of each band, in units of the mean of a bin, as the witnesses tell it.

    Shape: ``(..., WITNESSES, frames, bands)`` -> ``(..., frames, bands)``.
    """
    level = witnesses[..., 0, :, :] * float(SCALES[0]) + float(OFFSETS[0])
    return torch.exp(level) * torch.from_numpy(BINS_PER_BAND)


class Examiner:
    """Makes examples of mixtures."""

    def __init__(self) -> None:
        self._teacher: Spleeter = open_2stems(device="cpu", dtype="float32")
        self._stft = STFT(xp, HOP)

    def example(self, mixture: Mixture) -> Example:
        """Return the example of a mixture that is not silent."""
        samples = mixture.samples
        frames = samples.shape[1] // HOP
        mid, side = mid_side_energies(xp, self._stft, samples, BINS)
        # The transform begins a frame before the mixture and ends two after it.
        inside = slice(1, 1 + frames)
        features = vocal_features(xp, mid, side, SAMPLE_RATE / self._stft.size)
        weighted = log_odds(SECOND_PASS, features)
        seen = witnesses(xp, mid, side, features, weighted)[:, inside]
        spectra = self._stft.forward(samples, 1, 1 + frames)[:, :, :BINS]
        energy = (np.abs(spectra) ** 2).sum(axis=0)
        power = band_sums(xp, energy) + 1e-20
        teacher = band_sums(xp, self._teacher_mask(samples) * energy) / power
        if mixture.vocals is None:
            target, constant = teacher, np.zeros(frames)
        else:
            vocals = self._stft.forward(mixture.vocals, 1, 1 + frames)[:, :, :BINS]
            agreement = band_sums(xp, (spectra.conj() * vocals).real.sum(axis=0))
            best = agreement / power
            vocal_power = band_sums(xp, (np.abs(vocals) ** 2).sum(axis=0))
            unit = len(samples) * float((mid + side).mean())
            constant = (vocal_power - best * agreement).sum(axis=1) / unit
            target = np.clip(best, -0.2, 1.2)
        return Example(
            seen.astype(np.float16),
            teacher.astype(np.float16),
            target.astype(np.float16),
            constant.astype(np.float32),
            mixture.vocals is not None,
            mixture.sources,
        )

    def _teacher_mask(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the teacher's mask ``(frames, BINS)`` of two of its segments, joined halfway."""
        length = self._teacher.segment_frames
        starts = (0, samples.shape[1] - length - HOP)
        masks = []
        for start in starts:
            segment = torch.from_numpy(np.ascontiguousarray(samples[:, start : start + length]))
            level = segment.square().mean().sqrt().clamp(min=1e-8)
            with torch.inference_mode():
                odds = self._teacher.log_odds(segment[None] * (LEVEL / level))[0]
            masks.append(torch.sigmoid(CONSTANT + NETWORK * odds).numpy())
        shift = starts[1] // HOP
        middle = (shift + len(masks[0])) // 2
        return np.concatenate([masks[0][:middle], masks[1][middle - shift :]])


def make_examples(mixer: Mixer, folder: Path, seeds: range) -> None:
    """Write the example of each seed into ``folder``, but for those that are there or silent."""
    folder.mkdir(parents=True, exist_ok=True)
    examiner = Examiner()
    for seed in seeds:
        path = folder / f"{seed:05}.npz"
        if not path.exists():
            mixture = mixer.mixture(seed)
            if mixture.samples.any():
                examiner.example(mixture).save(path)

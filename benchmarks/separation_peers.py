"""Other separators and references for benchmarks/separation.py: baselines, peers and the oracle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.signal
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import Audio

Signal = NDArray[np.float64]


@frozen(eq=False)
class Case:
    """A song whose stems are known."""

    name: str
    mixture: Audio
    vocals: Signal
    accompaniment: Signal


Separator = Callable[[Case], Signal]
"""Returns the vocals; the accompaniment is the rest."""


def mixture(case: Case) -> Signal:
    """Return the mixture as the vocals."""
    return case.mixture.numpy().astype(np.float64)


def high_pass(case: Case) -> Signal:
    """Return the mixture above 150 Hz."""
    sos = scipy.signal.butter(4, 150, "highpass", fs=case.mixture.sample_rate, output="sos")
    return scipy.signal.sosfiltfilt(sos, mixture(case), axis=-1)


def oracle(case: Case) -> Signal:
    """Return the mixture masked by the ratio of the true stems' energies, nearly the best mask."""
    stems = [np.abs(_stft(stem)) ** 2 for stem in (case.vocals, case.accompaniment)]
    return _istft(_stft(mixture(case)) * stems[0] / np.maximum(sum(stems), 1e-20), case)


def librosa_repet_sim(case: Case) -> Signal:
    """Return the vocals by the method of librosa's gallery ("Vocal separation")."""
    import librosa

    rate = case.mixture.sample_rate
    mono = librosa.stft(mixture(case).mean(axis=0))
    full = np.abs(mono)
    width = int(librosa.time_to_frames(2, sr=rate))
    similar = librosa.decompose.nn_filter(full, aggregate=np.median, metric="cosine", width=width)
    background = np.minimum(full, similar)
    mask = librosa.util.softmask(full - background, 10 * background, power=2)
    spectra = librosa.stft(mixture(case))
    return librosa.istft(spectra * mask, length=case.mixture.frames)


def librosa_hpss(case: Case) -> Signal:
    """Return the harmonic part of librosa's harmonic-percussive separation."""
    import librosa

    harmonic, _ = librosa.decompose.hpss(librosa.stft(mixture(case)))
    return librosa.istft(harmonic, length=case.mixture.frames)


def spleeter(case: Case) -> Signal:
    """Return the vocals of Spleeter's two networks as published, by the weights in its wheel."""
    import torch

    from autovoice_spleeter.factories import open_2stems
    from autovoice_spleeter.separator import BINS

    separator = open_2stems(device="cpu", dtype="float32")
    length = separator.segment_frames
    samples = torch.from_numpy(mixture(case).astype(np.float32))
    missing = -samples.shape[1] % length
    parts = []
    for segment in torch.nn.functional.pad(samples, (0, missing)).split(length, dim=1):
        with torch.inference_mode():
            mask = torch.sigmoid(separator.log_odds(segment[None]))[0].T
            spectra = separator.stft(segment[None], separator.sine)[0]
            spectra[:, :BINS] *= mask
            spectra[:, BINS:] *= mask.mean(dim=0)
            parts.append(torch.istft(spectra, 4096, 1024, window=separator.sine, length=length))
    return torch.cat(parts, dim=1)[:, : case.mixture.frames].numpy().astype(np.float64)


SEPARATORS: dict[str, tuple[str, Separator]] = {
    "the mixture": ("numpy", mixture),
    "high pass": ("scipy", high_pass),
    "librosa HPSS": ("librosa", librosa_hpss),
    "librosa REPET-SIM": ("librosa", librosa_repet_sim),
    "Spleeter as published": ("autovoice_spleeter", spleeter),
    "ratio mask (oracle)": ("scipy", oracle),
}


def _stft(samples: Signal) -> NDArray[np.complex128]:
    return scipy.signal.stft(samples, nperseg=4096, noverlap=3072)[2]


def _istft(spectra: NDArray[np.complex128], case: Case) -> Signal:
    return scipy.signal.istft(spectra, nperseg=4096, noverlap=3072)[1][:, : case.mixture.frames]

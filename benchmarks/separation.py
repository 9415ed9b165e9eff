"""Separators side by side: ours, the peers that are installed, and what frames them.

``python benchmarks/separation.py [--data FOLDER] [--seconds 20] [--rounds 3]``

SDR and SI-SDR of both stems over whole signals, in dB, on every song of ``FOLDER/*/`` (files
``mixture``, ``vocals`` and ``accompaniment``) and on synthesised songs. What a separator adds
must be seen beside the mixture left as it is, beside a plain high pass, which on songs with much
bass already gains several dB, and below the best mask there could be (oracle). Times are medians
over rounds in which the separators take turns, in reversed order every other time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import mean, median

import numpy as np
import scipy.signal
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import Audio, VocalSeparator
from autovoice_core.testing.truth import SINGERS, song

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "songs"
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


def ours(backend: str) -> Separator:
    """Return one of our backends, through the public class."""
    separator = VocalSeparator(backend=backend)
    return lambda case: separator.separate(case.mixture).vocals.numpy().astype(np.float64)


def nothing(case: Case) -> Signal:
    """Call the mixture the vocals."""
    return case.mixture.numpy().astype(np.float64)


def high_pass(case: Case) -> Signal:
    """Leave out what lies below 150 Hz."""
    sos = scipy.signal.butter(4, 150, "highpass", fs=case.mixture.sample_rate, output="sos")
    return scipy.signal.sosfiltfilt(sos, nothing(case), axis=-1)


def oracle(case: Case) -> Signal:
    """Mask by the ratio of the true stems' energies, about the best a mask can do."""
    stems = [np.abs(_stft(stem)) ** 2 for stem in (case.vocals, case.accompaniment)]
    return _istft(_stft(nothing(case)) * stems[0] / np.maximum(sum(stems), 1e-20), case)


def librosa_repet_sim(case: Case) -> Signal:
    """Do as librosa's gallery does ("Vocal separation")."""
    import librosa

    rate = case.mixture.sample_rate
    mono = librosa.stft(nothing(case).mean(axis=0))
    full = np.abs(mono)
    width = int(librosa.time_to_frames(2, sr=rate))
    similar = librosa.decompose.nn_filter(full, aggregate=np.median, metric="cosine", width=width)
    background = np.minimum(full, similar)
    mask = librosa.util.softmask(full - background, 10 * background, power=2)
    spectra = librosa.stft(nothing(case))
    return librosa.istft(spectra * mask, length=case.mixture.frames)


def librosa_hpss(case: Case) -> Signal:
    """Take the harmonic part of librosa's harmonic-percussive separation."""
    import librosa

    harmonic, _ = librosa.decompose.hpss(librosa.stft(nothing(case)))
    return librosa.istft(harmonic, length=case.mixture.frames)


SEPARATORS: dict[str, tuple[str, Separator]] = {
    "the mixture": ("numpy", nothing),
    "high pass": ("scipy", high_pass),
    "librosa HPSS": ("librosa", librosa_hpss),
    "librosa REPET-SIM": ("librosa", librosa_repet_sim),
    "cpu/wrpca": ("autovoice_cpu", ours("cpu/repet")),
    "ratio mask (oracle)": ("scipy", oracle),
}


def recorded(folder: Path) -> Iterator[Case]:
    """Yield the songs of a folder."""
    for path in sorted(folder.glob("*/mixture.*")):
        stems = [
            Audio.load(next(path.parent.glob(f"{stem}.*"))).numpy().astype(np.float64)
            for stem in ("vocals", "accompaniment")
        ]
        yield Case(path.parent.name, Audio.load(path), *stems)


def synthetic(seconds: float) -> Iterator[Case]:
    """Yield a song of every synthetic singer."""
    for seed, (name, singer) in enumerate(SINGERS.items()):
        made = song(seconds, seed=seed, singer=singer, balance=-1.0)
        stems = (made.stems.vocals.numpy(), made.stems.accompaniment.numpy())
        yield Case(f"synthetic {name}", made.mixture, *(s.astype(np.float64) for s in stems))


def figures(case: Case, vocals: Signal) -> list[float]:
    """Return SDR and SI-SDR of the vocals, and of the accompaniment, dB."""
    rest = nothing(case) - vocals
    pairs = ((case.vocals, vocals), (case.accompaniment, rest))
    return [value for true, found in pairs for value in (sdr(true, found), si_sdr(true, found))]


def sdr(true: Signal, found: Signal) -> float:
    """Return the signal-to-distortion ratio, dB."""
    return float(10 * np.log10(np.sum(true**2) / np.sum((true - found) ** 2)))


def si_sdr(true: Signal, found: Signal) -> float:
    """Return the same after the reference is scaled to fit; nothing found counts as 0 dB."""
    if not found.any():
        return 0.0
    return sdr(np.sum(true * found) / np.sum(true**2) * true, found)


def _stft(samples: Signal) -> NDArray[np.complex128]:
    return scipy.signal.stft(samples, nperseg=4096, noverlap=3072)[2]


def _istft(spectra: NDArray[np.complex128], case: Case) -> Signal:
    return scipy.signal.istft(spectra, nperseg=4096, noverlap=3072)[1][:, : case.mixture.frames]


def measure(cases: list[Case], present: dict[str, Separator], rounds: int) -> Iterator[str]:
    """Yield the rows of a table: means over the songs, speed, and SDR of each song's vocals."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in present}
    seconds: dict[str, list[float]] = {name: [] for name in present}
    for separate in present.values():
        separate(cases[0])  # compilation and caches
    for turn in range(rounds):
        for case in cases:
            for name, separate in list(present.items())[:: -1 if turn % 2 else 1]:
                began = time.perf_counter()
                vocals = separate(case)
                seconds[name].append((time.perf_counter() - began) / case.mixture.duration)
                found[name].setdefault(case.name, figures(case, vocals))
    heads = ["vocals SDR", "SI-SDR", "accompaniment SDR", "SI-SDR", "x real time"]
    yield f"|  | {' | '.join(heads + [case.name for case in cases])} |"
    yield "|---" * (1 + len(heads) + len(cases)) + "|"
    for name, by_case in found.items():
        cells = [f"{mean(column):.1f}" for column in zip(*by_case.values(), strict=True)]
        cells += [f"{median(seconds[name]):.3f}"]
        cells += [f"{by_case[case.name][0]:.1f}" for case in cases]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print a table of recorded and one of synthesised songs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="a folder of songs with stems")
    parser.add_argument("--seconds", type=float, default=20.0, help="length of synthesised songs")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed")
    options = parser.parse_args()
    present = {name: call for name, (package, call) in SEPARATORS.items() if find_spec(package)}
    for cases in (list(recorded(options.data)), list(synthetic(options.seconds))):
        for line in measure(cases, present, options.rounds) if cases else ():
            print(line)
        print()


if __name__ == "__main__":
    main()

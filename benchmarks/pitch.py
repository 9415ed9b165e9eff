"""Pitch trackers side by side: ours and the peers that are installed.

``python benchmarks/pitch.py [--seconds 15] [--seeds 201 202] [--rounds 5] [--data FOLDER]``

Accuracy is counted on synthesised singing (light and heavy pink noise) and, where the folder of
recordings is there, on real voices with a known f0. Raw pitch accuracy (RPA) is the share of voiced
frames that are reported voiced and within 50 cents; raw chroma accuracy (RCA) forgives octaves.
Times are medians over rounds in which the trackers take turns, in reversed order every other time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import Audio, SingingPitchExtractor
from autovoice_core._grid import frame_centres
from autovoice_core.testing.truth import SINGERS, TENOR, add_noise, sing

HOP = 0.01
FMIN, FMAX = 50.0, 1100.0
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
Floats = NDArray[np.float64]
Tracker = Callable[[Audio], Floats]
"""Returns f0 every 10 ms, 0 where unvoiced."""


def ours(backend: str) -> Tracker:
    """Return one of our backends, through the public class."""
    extractor = SingingPitchExtractor(FMIN, FMAX, HOP, backend=backend)
    return lambda audio: extractor.extract(audio).f0


def swift_f0() -> Tracker:
    """Return the swift-f0 package as its README uses it."""
    import swift_f0

    detector = swift_f0.SwiftF0()

    def track(audio: Audio) -> Floats:
        found = detector.detect(audio.numpy()[0], audio.sample_rate, FMIN, FMAX)
        times = frame_centres(audio.frames, audio.sample_rate, HOP) / audio.sample_rate
        f0 = np.interp(times, found.timestamps, found.pitch_hz)
        nearest = np.rint(times / swift_f0.FRAME_PERIOD).astype(int)
        sure = found.confidence[np.minimum(nearest, len(found.confidence) - 1)]
        return np.where(sure >= 0.5, f0, 0.0)

    return track


def pyin() -> Tracker:
    """Return librosa's pYIN (Mauch and Dixon 2014)."""
    import librosa

    def track(audio: Audio) -> Floats:
        hop = round(HOP * audio.sample_rate)
        samples = audio.numpy()[0]
        f0, voiced, _ = librosa.pyin(
            samples, fmin=FMIN, fmax=FMAX, sr=audio.sample_rate, hop_length=hop
        )
        return np.where(voiced, np.nan_to_num(f0), 0.0)

    return track


PEERS = {"swift_f0": ("swift_f0", swift_f0), "librosa.pyin": ("librosa", pyin)}


@frozen
class Case:
    """A sound and its true f0 on the 10 ms grid."""

    name: str
    audio: Audio
    f0: Floats


def synthetic(seconds: float, seeds: list[int]) -> Iterator[Case]:
    """Yield every synthetic singer in light and heavy noise."""
    for seed in seeds:
        for singer in SINGERS.values():
            sung = sing(singer, seconds, seed=seed)
            for snr in (30, 10):
                noisy = add_noise(sung.audio, snr, seed=seed)
                yield Case(f"synthetic, {snr} dB", noisy, sung.pitch.f0)


def recorded(folder: Path) -> Iterator[Case]:
    """Yield the recordings beside which a table of f0 lies."""
    for path in sorted([*folder.glob("pitch/*.f0.csv"), *folder.glob("singing/*.f0.csv")]):
        rows = [line.split(",") for line in path.read_text().splitlines()]
        if not rows[0][0][0].isdigit():
            rows = rows[1:]
        table = np.array(rows, dtype=float)
        audio = Audio.load(path.with_name(path.name.replace(".f0.csv", ".flac"))).mono()
        times = frame_centres(audio.frames, audio.sample_rate, HOP) / audio.sample_rate
        nearest = np.searchsorted(table[:, 0], times - np.diff(table[:2, 0]) / 2)
        f0 = table[np.minimum(nearest, len(table) - 1), 1]
        yield Case(f"{path.parent.name}/{path.name.removesuffix('.f0.csv')}", audio, f0)


def figures(truth: Floats, found: Floats) -> list[float]:
    """Return RPA, RCA, median cents, octave errors, voicing recall and false alarms."""
    count = min(len(truth), len(found))
    truth, found = truth[:count], found[:count]
    sung, heard = truth > 0, found > 0
    both = sung & heard
    cents = 1200 * np.log2(found[both] / truth[both])
    octaves = np.round(cents / 1200)
    chroma = np.abs(cents - 1200 * octaves) < 50
    # Within two frames of a boundary, voicing is a matter of definition.
    edges = np.convolve(np.abs(np.diff(sung.astype(int), prepend=sung[0])), np.ones(4), "same") > 0
    return [
        100 * np.sum(np.abs(cents) < 50) / sung.sum(),
        100 * np.sum(chroma) / sung.sum(),
        float(np.median(np.abs(cents))),
        100 * float(np.mean((octaves != 0) & chroma)),
        100 * float(np.mean(heard[sung & ~edges])),
        100 * float(np.mean(heard[~sung & ~edges])) if (~sung & ~edges).any() else 0.0,
    ]


def accuracy(trackers: dict[str, Tracker], cases: Iterator[Case]) -> None:
    """Print the figures of every tracker on every kind of case."""
    results: dict[str, dict[str, list[list[float]]]] = {}
    for case in cases:
        for name, tracker in trackers.items():
            row = figures(case.f0, tracker(case.audio))
            results.setdefault(case.name, {}).setdefault(name, []).append(row)
    print(f"{'':24}{'tracker':14}   RPA    RCA  cents  octave  recall  false")
    for case_name, rows in results.items():
        for name, values in rows.items():
            rpa, rca, cents, octave, recall, false = np.mean(values, axis=0)
            print(
                f"{case_name:24}{name:14}{rpa:6.2f} {rca:6.2f} {cents:6.2f} {octave:7.2f} "
                f"{recall:7.2f} {false:6.2f}"
            )


def speed(trackers: dict[str, Tracker], rounds: int, seconds: float = 60.0) -> None:
    """Print how long each tracker takes, the trackers taking turns."""
    audio = add_noise(sing(TENOR, seconds, seed=1).audio, 30)
    times: dict[str, list[float]] = {name: [] for name in trackers}
    for number in range(rounds + 1):
        order = list(trackers)[:: -1 if number % 2 else 1]
        for name in order:
            if name == "librosa.pyin" and number > 2:
                continue  # one warm-up and two rounds tell enough of something this slow
            begin = time.perf_counter()
            trackers[name](audio)
            if number:  # the first round compiles and fills caches
                times[name].append(time.perf_counter() - begin)
    base = median(times["cpu/nccf"])
    print(f"\n{'tracker':14}  s per {seconds:.0f} s   x real time   x cpu/nccf")
    for name, taken in times.items():
        middle = median(taken)
        print(f"{name:14}{middle:12.3f} {seconds / middle:13.0f} {middle / base:12.2f}")


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="of each synthesised song")
    parser.add_argument("--seeds", type=int, nargs="+", default=[201])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of recordings")
    parser.add_argument("--skip", nargs="*", default=[], metavar="NAME")
    options = parser.parse_args()
    trackers = {name: ours(name) for name in ("cpu/nccf", "cpu/swiftf0")}
    for name, (package, opened) in PEERS.items():
        if name in options.skip or find_spec(package) is None:
            print(f"{name}: skipped ({package} is not installed or was left out)")
            continue
        trackers[name] = opened()

    def cases() -> Iterator[Case]:
        yield from synthetic(options.seconds, options.seeds)
        if options.data.is_dir():
            yield from recorded(options.data)

    accuracy(trackers, cases())
    speed(trackers, options.rounds)


if __name__ == "__main__":
    main()

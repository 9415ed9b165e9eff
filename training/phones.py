"""Train the network that tells phones, `src/autovoice_core/conversion/retrieval/phones.safetensors`.

Its teacher is the acoustic model that PocketSphinx's wheel carries, which hears the recordings as
they are; the network hears their cepstra after everything was changed that does not change what
is said: length of the vocal tract, register, tempo, balance of frequencies, depth of modulation
(as H.-S. Choi et al., "Neural analysis and synthesis", NeurIPS 2021, perturb speech). So it learns
to tell phones in singing too. Seeded; a minute or two on 2 cores.

    pip install . ./plugins/cpu torch pocketsphinx
    python training/phones.py ../shared/data/voices/libri_* ../shared/data/voices/vctk_*
"""

from __future__ import annotations

import argparse
import itertools
import struct
import tempfile
from pathlib import Path

import numpy as np
import pocketsphinx
import safetensors.numpy
import torch
from attrs import frozen

from autovoice_core import SingingPitchExtractor
from autovoice_core.audio.atomic import moved_into_place
from autovoice_core.audio.reading import AudioFile
from autovoice_core.conversion.retrieval.cepstra import (
    COEFFICIENTS,
    cepstra,
    in_context,
    statistics,
    successors,
)
from autovoice_core.conversion.retrieval.exemplars import frames_of
from autovoice_core.conversion.retrieval.frames import hann, interpolated, smoothed
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, positions
from autovoice_core.conversion.retrieval.phones import LAYERS, OFFSETS, WEIGHTS
from autovoice_core.voices.takes import Material, take

STATES = 126
"""States of the teacher's phones, whatever their neighbours: 42 of 3 each."""

HIDDEN, DROPPED = 64, 0.3
EPOCHS, BATCH, RATE = 40, 256, 2e-3
SOFTENED = 0.5
"""Power of the teacher's likelihoods, for neighbouring frames are not independent."""

_NATS = 1024 * np.log(1.0001)  # of one step of a senone's score


@frozen
class Utterance:
    """Frames, whether each is learnt from, and the teacher's probabilities of its states."""

    envelope: np.ndarray
    chosen: np.ndarray
    states: np.ndarray


class Teacher:
    """PocketSphinx, asked for the scores of its states, which it writes into an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        model = pocketsphinx.get_model_path
        self._decoder = pocketsphinx.Decoder(
            hmm=model("en-us/en-us"),
            allphone=model("en-us/en-us-phone.lm.bin"),
            lm=None,
            dict=None,
            loglevel="FATAL",
            senlogdir=str(folder),
            compallsen=True,
            topn=16,
        )

    def states(self, samples: np.ndarray, count: int) -> np.ndarray:
        """Return ``(count, STATES)`` probabilities, a frame every 10 ms, of 16 kHz."""
        for old in self._folder.iterdir():
            old.unlink()
        loud = samples * (0.9 / max(1e-9, np.abs(samples).max()))
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw((32767 * loud).astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()
        (log,) = self._folder.iterdir()
        scores = _scores(log.read_bytes())
        # Its frames begin where ours are centred, and are 26 ms long.
        scores = scores[np.clip(np.arange(count) - 1, 0, len(scores) - 1)]
        likelihood = np.exp(-SOFTENED * _NATS * (scores - scores.min(axis=1, keepdims=True)))
        shares = likelihood / likelihood.sum(axis=1, keepdims=True)
        return smoothed(shares.astype(np.float32), hann(1))


def _scores(log: bytes) -> np.ndarray:
    """Return the scores of the states that regard no neighbours, which come first."""
    body = log[log.index(b"endhdr\n") + 11 :]
    rows, at = [], 0
    while at < len(body):
        (count,) = struct.unpack_from("<h", body, at)
        rows.append(np.frombuffer(body, "<i2", STATES, at + 2))
        at += 2 + 2 * count
    return np.stack(rows).astype(np.float32)


def heard(folder: Path, teacher: Teacher, extractor: SingingPitchExtractor) -> list[Utterance]:
    """Return what the recordings of one speaker, at 16 kHz, have to teach."""
    takes = []
    for path in sorted(folder.iterdir()):
        file = AudioFile(path)
        if file.sample_rate != 16_000:
            raise SystemExit(f"{path}: it has {file.sample_rate} Hz; give recordings of 16000 Hz")
        takes.append(take(file, extractor.extract(file)))
    utterances = []
    for audio, pitch in Material(takes, lambda _: None):
        frames, chosen = frames_of(audio, pitch, np, None)
        states = teacher.states(audio.numpy()[0], chosen.size)
        utterances.append(Utterance(frames.envelope, chosen, states))
    return utterances


def perturbed(
    speaker: list[Utterance], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return frames in context and their states, as somebody else may say or sing them."""
    tract, slower = random.uniform(0.82, 1.2), np.exp(random.uniform(0.0, np.log(3.0)))
    warp = positions(FREQUENCIES * tract)
    blur = hann(random.integers(0, 4))
    points = int(positions(random.choice([7520.0, random.uniform(3600.0, 8000.0)], p=[0.8, 0.2])))
    sounds, states, follows = [], [], []
    for utterance in speaker:
        place = np.arange(0.0, len(utterance.chosen) - 1.0, 1.0 / slower)
        envelope = interpolated(interpolated(utterance.envelope, warp).T, place)
        chosen = utterance.chosen[place.astype(int)] & utterance.chosen[place.astype(int) + 1]
        # A higher voice's envelope is known at fewer points.
        sounds.append(cepstra(smoothed(envelope, blur).T, points + 1)[chosen])
        states.append(interpolated(utterance.states.T, place).T[chosen])
        follows.append(successors(chosen)[chosen])
    mean, deviation = statistics(np.concatenate(sounds))
    rows = (np.concatenate(sounds) - mean) / deviation
    rows = rows * random.uniform(0.8, 1.1) + 0.15 * random.standard_normal(COEFFICIENTS)
    # Nothing may be known of what comes: runs of voiced frames end.
    ahead = 1 if random.random() < 0.2 else OFFSETS[-1]
    offsets = tuple(min(offset, ahead) for offset in OFFSETS)
    found = in_context(rows, np.concatenate(follows), offsets, (1.0,) * len(offsets))
    return found.astype(np.float32), np.concatenate(states).astype(np.float32)


def trained(speakers: list[list[Utterance]], epochs: int, seed: int) -> dict[str, np.ndarray]:
    """Return the weights of the network."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    sizes = (COEFFICIENTS * len(OFFSETS), HIDDEN, HIDDEN, STATES)
    layers = torch.nn.ModuleDict(
        {
            name: torch.nn.Linear(*size)
            for name, size in zip(LAYERS, itertools.pairwise(sizes), strict=True)
        }
    )
    dropped = torch.nn.Dropout(DROPPED)
    optimiser = torch.optim.AdamW(layers.parameters(), RATE, weight_decay=0.01)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs)
    for epoch in range(epochs):
        views = [perturbed(speaker, random) for speaker in speakers]
        inputs, wanted = (torch.tensor(np.concatenate(part)) for part in zip(*views, strict=True))
        total = 0.0
        batches = torch.randperm(len(inputs)).split(BATCH)
        for batch in batches:
            rows = inputs[batch]
            for name in LAYERS[:-1]:
                rows = dropped(torch.relu(layers[name](rows)))
            told = torch.log_softmax(layers[LAYERS[-1]](rows), dim=1)
            loss = -(wanted[batch] * told).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
        pace.step()
        print(f"{epoch + 1} of {epochs}: {total / len(batches):.3f} nats", flush=True)  # noqa: T201
    return {
        f"{name}.{part}": values.detach().numpy().T.astype(np.float16).copy()
        for name, layer in layers.items()
        for part, values in layer.named_parameters()
    }


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("speakers", type=Path, nargs="+", help="folders, one for each speaker")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    extractor = SingingPitchExtractor()
    with tempfile.TemporaryDirectory() as logs:
        teacher = Teacher(Path(logs))
        speakers = [heard(folder, teacher, extractor) for folder in options.speakers]
    told_of = {
        "speakers": " ".join(folder.name for folder in options.speakers),
        "seed": str(options.seed),
        "epochs": str(options.epochs),
    }
    weights = trained(speakers, options.epochs, options.seed)
    with moved_into_place(options.out) as temporary:
        temporary.write_bytes(safetensors.numpy.save(weights, told_of))


if __name__ == "__main__":
    main()

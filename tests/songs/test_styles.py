from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import InputError, SingingVoiceConverter, VoiceProfile
from autovoice_core.songs.convert import convert_song
from autovoice_core.synthetic import truth


def test_a_style_nobody_can_sing_is_refused_before_any_work(
    voice: VoiceProfile, song_file: Path, tmp_path: Path
) -> None:
    out, told = tmp_path / "out.flac", []
    with pytest.raises(InputError) as caught:
        convert_song(
            song_file, voice, out, formant=40.0, progress=lambda *stage: told.append(stage)
        )
    assert str(caught.value) == (
        "formant: 40.0 is not a number of semitones from -12 to 12; 0 shifts no formant"
    )
    assert not told
    assert not out.exists()


def test_an_unknown_option_is_a_type_error(voice: VoiceProfile, short_song: truth.Song) -> None:
    with pytest.raises(TypeError, match="loudness"):
        SingingVoiceConverter().convert(short_song.stems.vocals, voice, loudness=3)

"""Sounds for tests of the page: `python sounds.py FOLDER` writes a song, a voice, a singer."""

from __future__ import annotations

import sys
from pathlib import Path

from autovoice_core.synthetic.singers import ALTO, TENOR
from autovoice_core.synthetic.truth import sing, song

SECONDS = {"song": 6.0, "voice": 15.0, "singer": 20.0}


def write(folder: Path) -> None:
    song(SECONDS["song"], seed=1).mixture.save(folder / "song.flac")
    sing(ALTO, SECONDS["voice"], seed=2).audio.save(folder / "voice.flac")
    # What the browser takes for its microphone.
    sing(TENOR, SECONDS["singer"], seed=3).audio.save(folder / "singer.wav")
    (folder / "no-sound.flac").write_bytes(b"This is no sound." * 100)


if __name__ == "__main__":
    write(Path(sys.argv[1]))

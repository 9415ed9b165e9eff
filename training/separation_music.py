"""Music without voices for `training/separation.py`, from Debian's packages.

Recorded and computed music of free games (MIT, CC BY-SA 3.0), drum loops (CC0), and the MIDI music
of Freedoom (BSD), rendered with the soundfont FluidR3 (MIT). Needs `apt-get`, `dpkg-deb` and
`fluidsynth` with `fluid-soundfont-gm`; 0.7 GB, two minutes.

    python training/separation_music.py music
"""

from __future__ import annotations

import argparse
import hashlib
import struct
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import soundfile

PACKAGES = {
    "fretsonfire-songs-sectoid": "*.ogg",
    "fretsonfire-songs-muldjord": "*.ogg",
    "singularity-music": "*.ogg",
    "hyperrogue-music": "*.ogg",
    "sonic-pi-samples": "loop_*.flac",
    "freedoom": "*.wad",
}
"""Debian's packages, and the files that are music."""
SOUNDFONT = "/usr/share/sounds/sf2/FluidR3_GM.sf2"
RATE, MAX_SECONDS = 44_100, 120
MIN_BYTES = 60_000
"""Shorter files are effects, or play out in a moment."""


def unpack(package: str, folder: Path) -> None:
    """Download a package and unpack it into ``folder``, named by itself."""
    into = folder / package
    if into.exists():
        return
    subprocess.run(["apt-get", "download", "-q", package], cwd=folder, check=True)  # noqa: S603, S607
    archive = next(folder.glob(f"{package}_*.deb"))
    subprocess.run(["dpkg-deb", "-x", archive, into], check=True)  # noqa: S603, S607
    archive.unlink()


def midi_files(wad: Path, folder: Path) -> Iterator[Path]:
    """Write the MIDI music of a game's file into ``folder``, each piece once; yield the paths."""
    data = wad.read_bytes()
    count, directory = struct.unpack("<ii", data[4:12])
    for place in range(directory, directory + 16 * count, 16):
        start, size, name = struct.unpack("<ii8s", data[place : place + 16])
        music = data[start : start + size]
        if name.startswith(b"D_") and music.startswith(b"MThd"):
            path = folder / f"{hashlib.sha256(music).hexdigest()[:16]}.mid"
            if not path.exists():
                path.write_bytes(music)
                yield path


def render(midi: Path) -> None:
    """Render a piece to a FLAC file next to it."""
    wav = midi.with_suffix(".wav")
    command = ["fluidsynth", "-ni", "-q", "-g", "0.5", "-r", str(RATE), "-F", wav, SOUNDFONT, midi]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    samples, rate = soundfile.read(wav, dtype="float32", frames=RATE * MAX_SECONDS)
    soundfile.write(midi.with_suffix(".flac"), samples, rate)
    wav.unlink()


def main() -> None:
    """Fill the folder with music: sound files, at any depth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for package, pattern in PACKAGES.items():
        unpack(package, folder)
        for path in sorted((folder / package).rglob("*")):
            keep = path.match(pattern) and path.stat().st_size >= MIN_BYTES
            if path.is_file() and not path.is_symlink() and not keep:
                path.unlink()
    midi = [path for wad in sorted(folder.rglob("*.wad")) for path in midi_files(wad, folder)]
    with ThreadPoolExecutor() as threads:
        list(threads.map(render, midi))


if __name__ == "__main__":
    main()

"""Formats of sound files: those that libsndfile reads here, and ffmpeg for the others."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from autovoice_core._programs import find_program
from autovoice_core.backends.wording import describe_error
from autovoice_core.cli.doctor.finding import Finding, Severity
from autovoice_core.cli.doctor.import_errors import first_cause, known_remedy
from autovoice_core.cli.doctor.system import install_command

_WANTED: dict[Severity, tuple[str, ...]] = {
    "problem": ("WAV", "FLAC", "OGG"),
    "note": ("MP3", "OPUS"),
}
"""Formats, and how bad it is that one is missing."""

_REMEDY = "pip install --force-reinstall soundfile"


@frozen
class SoundLibrary:
    """libsndfile: its release, the formats it reads, or why it can't be loaded."""

    release: str | None
    formats: tuple[str, ...] = ()
    error: str | None = None


def find_sound_library() -> SoundLibrary:
    """Return the libsndfile that is loaded."""
    try:
        import soundfile

        # Opus is no format of libsndfile, but a codec in its OGG.
        codecs = {"OPUS"} & set(soundfile.available_subtypes("OGG"))
        formats = sorted({*soundfile.available_formats(), *codecs})
        return SoundLibrary(soundfile.__libsndfile_version__, tuple(formats))
    except Exception as error:  # noqa: BLE001  # no libsndfile, or another module of that name
        return SoundLibrary(None, error=describe_error(first_cause(error)))


def check_sound_library(library: SoundLibrary) -> Iterator[Finding]:
    """Yield a libsndfile that can't be loaded, and formats that it can't read."""
    if library.release is None:
        text = f"sound files can't be read ({library.error})"
        remedy = known_remedy(library.error or "", "soundfile") or _REMEDY
        yield Finding("sound-library", "problem", text, remedy)
        return
    for severity, names in _WANTED.items():
        missing = [name for name in names if name not in library.formats]
        if missing:
            text = (
                f"libsndfile {library.release} can't read {' or '.join(missing)}; "
                "the one that soundfile brings can"
            )
            yield Finding("sound-format", severity, text, _REMEDY)


def check_ffmpeg() -> Iterator[Finding]:
    """Yield that there is no ffmpeg."""
    if find_program("ffmpeg") is None:
        text = "there is no ffmpeg: M4A, WMA and video can't be read; other formats need none"
        yield Finding("no-ffmpeg", "note", text, install_command("ffmpeg"))

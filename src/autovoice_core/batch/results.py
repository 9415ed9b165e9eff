"""Places of a song's results, and the operations that make them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from autovoice_core._progress import StageProgress
from autovoice_core.audio.output_format import written_suffix
from autovoice_core.backends.need import Need
from autovoice_core.batch.work import Settings
from autovoice_core.memory.limit import MemoryLimit
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.pitch.files import save
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs.convert import convert_song
from autovoice_core.songs.converted_song import CONVERSION_STEMS, VOCALS_ONLY_STEMS
from autovoice_core.songs.separate import STEMS, separate_song
from autovoice_core.voices.profile import VoiceProfile

STEMS_SUFFIX = ".stems"
"""End of the name of a folder for the stems of a converted song."""


def result_names(settings: Settings, song: str) -> tuple[str, ...]:
    """Return the places of all results of ``song`` below the folder of results.

    A conversion's first is the song itself, in its own format unless ``suffix`` names one.
    """
    options, place = settings.options, PurePosixPath(song)
    suffix = options.get("suffix")
    match settings.task:
        case "convert":
            names = [str(place.with_suffix(suffix or written_suffix(song)))]
            if options.get("stems"):
                stems = VOCALS_ONLY_STEMS if options.get("vocals_only") else CONVERSION_STEMS
                folder = place.with_suffix(STEMS_SUFFIX)
                names += [str(folder / f"{stem}.flac") for stem in stems]
            if options.get("report"):
                names.append(str(place.with_suffix(".html")))
        case "separate":
            names = [str(place.with_suffix("") / f"{stem}{suffix or '.flac'}") for stem in STEMS]
        case "pitch":
            names = [str(place.with_suffix(suffix or ".csv"))]
    return tuple(names)


def perform(
    settings: Settings,
    song: Path,
    files: tuple[Path, ...],
    *,
    voice: VoiceProfile | None,
    need: Need,
    memory_limit: MemoryLimit | None,
    threads: int,
    overwrite: bool,
    progress: StageProgress,
) -> tuple[str, ...]:
    """Write the results of ``song`` to ``files``, as :func:`result_names` orders them.

    Returns the backends that made them. Each file appears only when it is complete.

    Raises
    ------
    AutoVoiceError
        The song can't be read, or the operation can't be done.
    """
    options: dict[str, Any] = dict(settings.options)
    options.pop("suffix", None)
    limits: Mapping[str, Any] = {"need": need, "memory_limit": memory_limit, "threads": threads}
    match settings.task:
        case "convert":
            assert voice is not None  # noqa: S101  # for mypy: jobs of this task have one
            stems, report = options.pop("stems", False), options.pop("report", False)
            made_by = convert_song(
                song,
                voice,
                files[0],
                stems=files[1].parent if stems else None,
                report=files[-1] if report else None,
                overwrite=overwrite,
                progress=progress,
                **limits,
                **options,
            ).made_by
        case "separate":
            result = separate_song(
                song,
                files[0].parent,
                suffix=files[0].suffix[1:],
                separator=VocalSeparator(**limits, **options),
                overwrite=overwrite,
                progress=progress,
            )
            made_by = (result.made_by,)
        case "pitch":
            extractor = SingingPitchExtractor(need=need, memory_limit=memory_limit, **options)
            track = extractor.extract(song, progress=lambda done: progress("pitch", done))
            save(track, files[0], overwrite=overwrite)
            made_by = track.made_by
    return tuple(str(made) for made in made_by)

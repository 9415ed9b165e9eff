"""The demo's pipeline: synthesise a song and a voice, convert, measure, draw."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

from autovoice_core._arguments import PathLike, as_flag, as_number, as_path
from autovoice_core._errors import ArgumentError, AutoVoiceWarning, InputError
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._types import PitchTrack
from autovoice_core._wording import no_overwrite_name
from autovoice_core.audio.atomic import folder_failure
from autovoice_core.backends.need import Need
from autovoice_core.demo.measurements import DemoSong, Measurement, measure
from autovoice_core.demo.result import Demo
from autovoice_core.demo.summary import write_summary
from autovoice_core.songs.convert import convert_song
from autovoice_core.songs.converted_song import ConvertedSong
from autovoice_core.synthetic import truth
from autovoice_core.voices.profile import VoiceProfile

SINGER, TARGET_SINGER = truth.TENOR, truth.SOPRANO
SEED = 3
TAKES = 3
TAKE_SECONDS = 17.0
MIN_SECONDS, MAX_SECONDS = 5.0, 600.0

_SHARES = {"song": 0.1, "voice": 0.3, "convert": 0.4, "measure": 0.1, "picture": 0.1}


def run_demo(
    folder: PathLike,
    *,
    seconds: float = 20.0,
    need: Need | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
) -> Demo:
    """Synthesise a song and a second voice, convert the song to it, and measure the result.

    Parameters
    ----------
    folder
        The folder to write to: ``before.wav``, ``after.wav``, the stems, the recordings of the
        second voice, the picture ``demo.png`` (if matplotlib is installed), the figures
        ``measured.json`` and ``measured.md``, and ``report.html`` on the conversion alone.
    seconds
        Length of the song, 5 to 600.
    need
        Requirements on the backends.
    overwrite
        Whether files in the folder are replaced; else a folder that holds any is refused.
    progress
        Called with the stage and the fraction of the whole that is done.

    Raises
    ------
    InputError
        The folder can't be made or written, holds files that are to be kept, or the length is out
        of range.
    SelectionError
        No backend meets ``need``.
    """
    seconds = as_number("seconds", seconds, unit="seconds", example="20")
    overwrite = as_flag("overwrite", overwrite)
    folder = _checked_folder(folder, seconds, overwrite=overwrite)
    before, after, report = (folder / n for n in ("before.wav", "after.wav", "report.html"))
    stages = Stages(_SHARES, progress)

    reference, takes = _synthesise(before, folder / "voice", seconds, stages)
    with stages.stage("voice") as stage_progress:
        voice = VoiceProfile.from_recordings(
            takes,
            name=TARGET_SINGER.name,
            consent="no one's voice: synthesised",
            provenance="autovoice demo",
            need=need,
            progress=stage_progress,
        )
    with stages.stage("convert") as convert_progress:
        result = convert_song(
            before,
            voice,
            after,
            stems=folder / "stems",
            report=report,
            need=need,
            progress=lambda _, fraction: convert_progress(fraction),
        )
    with stages.stage("measure"):
        song = _load(reference, result, seconds)
        measured, converted_pitch = measure(song, need)
    with stages.stage("picture"):
        pictures = _draw(song, converted_pitch, measured, folder)
    tables = folder / "measured.md", folder / "measured.json"
    stems = [file for file in result.files if file not in (report, after)]
    files = (*pictures, report, before, after, *stems, *takes, *tables)
    seconds_taken = {
        "synthesis": stages.seconds["song"],
        "voice profile": stages.seconds["voice"],
        **result.seconds,
        "measuring": stages.seconds["measure"],
        "picture": stages.seconds["picture"],
    }
    demo = Demo(folder, files, measured, seconds_taken, result.made_by)
    write_summary(demo)
    return demo


def _checked_folder(folder: PathLike, seconds: float, *, overwrite: bool) -> Path:
    """Make the folder of the demo, if the song's length is within range."""
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ArgumentError(
            f"seconds: {seconds:g} is outside {MIN_SECONDS:g} to {MAX_SECONDS:g}; 20 is usual"
        )
    path = as_path("folder", folder)
    if not overwrite and path.is_dir() and any(path.iterdir()):
        raise InputError(
            f"{path}: holds files, and {no_overwrite_name()} was given; choose another"
        )
    try:
        (path / "voice").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise folder_failure(path, error) from error
    return path


def _synthesise(
    mixture: Path, voice_folder: Path, seconds: float, stages: Stages
) -> tuple[truth.Song, list[Path]]:
    """Write the song, and recordings of the second voice; return the song and their paths."""
    with stages.stage("song") as progress:
        song = truth.song(seconds, seed=SEED, singer=SINGER)
        song.mixture.save(mixture)
        takes = []
        for take in range(TAKES):
            progress((take + 1) / (TAKES + 1))
            sung = truth.sing(TARGET_SINGER, TAKE_SECONDS, seed=100 + take)
            takes.append(voice_folder / f"take{take + 1}.wav")
            sung.audio.save(takes[-1])
    return song, takes


def _load(reference: truth.Song, result: ConvertedSong, seconds: float) -> DemoSong:
    """Return the song with what the conversion wrote."""
    return DemoSong(
        reference=reference,
        singer=SINGER,
        target_singer=TARGET_SINGER,
        score=truth.compose(seconds, low=SINGER.low, high=SINGER.high, seed=SEED),
        vocals=result.stem("vocals"),
        accompaniment=result.stem("accompaniment"),
        pitch=result.pitch,
        converted=result.stem("converted"),
        mix=result.mix,
        key=result.key,
    )


def _draw(
    song: DemoSong,
    converted_pitch: PitchTrack,
    measured: tuple[Measurement, ...],
    folder: Path,
) -> tuple[Path, ...]:
    """Draw the picture, if matplotlib is installed; return its path, or nothing."""
    if find_spec("matplotlib") is None:
        warnings.warn(
            "the picture was left out: drawing needs matplotlib; install it with "
            "`pip install 'autovoice-core[plot]'`",
            AutoVoiceWarning,
            stacklevel=3,
        )
        return ()
    from autovoice_core.demo.picture import draw

    picture = folder / "demo.png"
    draw(song, converted_pitch, measured, picture)
    return (picture,)

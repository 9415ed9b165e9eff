"""The demo's pipeline: synthesise a song and a voice, convert, measure, draw."""

from __future__ import annotations

from pathlib import Path

from autovoice_core._arguments import PathLike, as_flag, as_number
from autovoice_core._errors import ArgumentError
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._types import PitchTrack
from autovoice_core.backends.need import Need
from autovoice_core.demo.folder import VOICE_FOLDER, filled_folder
from autovoice_core.demo.measurements import DemoSong, Measurement, measure
from autovoice_core.demo.panels import PICTURE, can_draw
from autovoice_core.demo.picture import draw
from autovoice_core.demo.result import Demo
from autovoice_core.demo.second_voice import TARGET_SINGER, record_takes, voice_from
from autovoice_core.demo.summary import write_summary
from autovoice_core.songs.convert import convert_song
from autovoice_core.songs.converted_song import ConvertedSong
from autovoice_core.synthetic import truth

SINGER = truth.TENOR
SEED = 3
MIN_SECONDS, DEFAULT_SECONDS, MAX_SECONDS = 5.0, 20.0, 600.0

_SHARES = {"song": 0.1, "voice": 0.3, "convert": 0.4, "measure": 0.1, "picture": 0.1}


def run_demo(
    folder: PathLike,
    *,
    seconds: float = DEFAULT_SECONDS,
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
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ArgumentError(
            f"seconds: {seconds:g} is outside {MIN_SECONDS:g} to {MAX_SECONDS:g}; 20 is usual"
        )
    with filled_folder(folder, overwrite=overwrite) as (path, work):
        demo = _run(work, seconds, need, progress)
    return demo.in_folder(path)


def _run(folder: Path, seconds: float, need: Need | None, progress: StageProgress | None) -> Demo:
    """Do it in a folder that exists."""
    before, after, report = (folder / n for n in ("before.wav", "after.wav", "report.html"))
    stages = Stages(_SHARES, progress)

    reference, takes = _synthesise(before, folder / VOICE_FOLDER, seconds, stages)
    with stages.stage("voice") as stage_progress:
        voice = voice_from(takes, need, stage_progress)
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
    demo = Demo(folder, files, measured, seconds, seconds_taken, result.made_by)
    write_summary(demo)
    return demo


def _synthesise(
    mixture: Path, voice_folder: Path, seconds: float, stages: Stages
) -> tuple[truth.Song, list[Path]]:
    """Write the song, and recordings of the second voice; return the song and their paths."""
    with stages.stage("song") as progress:
        song = truth.song(seconds, seed=SEED, singer=SINGER)
        song.mixture.save(mixture)
        takes = record_takes(voice_folder, progress)
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
    if not can_draw():
        return ()
    picture = folder / PICTURE
    draw(song, converted_pitch, measured, picture)
    return (picture,)

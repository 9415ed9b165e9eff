"""The sung demo: words sung on notes by a speech engine, then in a second voice."""

from __future__ import annotations

from pathlib import Path

from autovoice_core._arguments import PathLike, as_flag
from autovoice_core._progress import StageProgress, Stages
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import SUNG_OPERATIONS
from autovoice_core.demo.folder import VOICE_FOLDER, filled_folder
from autovoice_core.demo.panels import PICTURE, can_draw
from autovoice_core.demo.result import Demo
from autovoice_core.demo.second_voice import TARGET_SINGER, record_takes, voice_from
from autovoice_core.demo.summary import write_summary
from autovoice_core.demo.sung_line import LINE, lyrics_of, notes_of
from autovoice_core.demo.sung_measurements import SungDemo, measure_sung
from autovoice_core.demo.sung_picture import draw_sung
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report import write_report
from autovoice_core.speech.pipeline import TTSPipeline

_SHARES = {"singing": 0.1, "voice": 0.5, "conversion": 0.2, "measuring": 0.15, "picture": 0.05}


def run_sung_demo(
    folder: PathLike,
    *,
    need: Need | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
) -> Demo:
    """Sing a line of a song from its words and notes, in the engine's voice and in a second one.

    Parameters
    ----------
    folder
        The folder to write to: ``before.wav`` in the voice of the speech engine, ``after.wav`` in
        the second one, the recordings that this was made from, the picture ``demo.png`` (if
        matplotlib is installed), the figures ``measured.json`` and ``measured.md``, and
        ``report.html`` on the conversion.
    need
        Requirements on the backends.
    overwrite
        Whether files in the folder are replaced; else a folder that holds any is refused.
    progress
        Called with the stage and the fraction of the whole that is done.

    Raises
    ------
    InputError
        The folder can't be made or written, or holds files that are to be kept.
    SelectionError
        No backend meets ``need``: there is no speech engine, for example.
    """
    overwrite = as_flag("overwrite", overwrite)
    for operation in SUNG_OPERATIONS:  # without one of them nothing is written
        select(operation, need)
    with filled_folder(folder, overwrite=overwrite) as (path, work):
        demo = _run(work, need, progress)
    return demo.in_folder(path)


def _run(folder: Path, need: Need | None, progress: StageProgress | None) -> Demo:
    """Do it in a folder that exists."""
    engine = TTSPipeline(need=need)
    before, after, report = (folder / n for n in ("before.wav", "after.wav", "report.html"))
    stages, lyrics, notes = Stages(_SHARES, progress), lyrics_of(LINE), notes_of(LINE)
    with stages.stage("singing") as stage_progress:
        own = engine.sing(lyrics, notes, progress=stage_progress)
        own.save(before)
    with stages.stage("voice") as stage_progress:
        takes = record_takes(folder / VOICE_FOLDER, lambda done: stage_progress(0.1 * done))
        voice = voice_from(takes, need, lambda done: stage_progress(0.1 + 0.9 * done))
    with stages.stage("conversion") as stage_progress:
        converted = TTSPipeline(voice, need=need).sing(lyrics, notes, progress=stage_progress)
        converted.save(after)
    with stages.stage("measuring") as stage_progress:
        extractor = SingingPitchExtractor(need=need)
        judged = write_report(
            before, after, voice, report, need=need, progress=lambda _, done: stage_progress(done)
        )
        own_pitch, converted_pitch = (extractor.extract(each) for each in (own, converted))
        song = SungDemo(notes, own, converted, own_pitch, converted_pitch, judged.metrics)
        measured = measure_sung(song)
    pictures: tuple[Path, ...] = ()
    with stages.stage("picture"):
        if can_draw():
            pictures = (folder / PICTURE,)
            draw_sung(song, LINE, measured, TARGET_SINGER.name, *pictures)
    tables = folder / "measured.md", folder / "measured.json"
    files = (*pictures, report, before, after, *takes, *tables)
    seconds = {"voice profile" if k == "voice" else k: v for k, v in stages.seconds.items()}
    demo = Demo(folder, files, measured, converted.duration, seconds, converted.made_by)
    write_summary(demo)
    return demo

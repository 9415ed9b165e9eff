"""Reports on a conversion, written as an HTML page and returned as data."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from attrs import asdict, evolve, frozen

from autovoice_core._arguments import PathLike, as_flag, as_path
from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._printable import html_text
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Progress
from autovoice_core.audio.atomic import atomic_file, check_suffix, existing_files, is_same_file
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import Source
from autovoice_core.audio.temporary import temporary_folder
from autovoice_core.backends.need import Need
from autovoice_core.metrics import Judges, Metrics, compute_metrics
from autovoice_core.metrics.comparison import check_lengths
from autovoice_core.metrics.perceptual import Vocals
from autovoice_core.metrics.sung_share import SungShare, warning_of_instruments
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report.page import Page
from autovoice_core.report.table import html_rows, table_rows
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

PAGE_SUFFIXES = (".html", ".htm")
"""Suffixes that the name of a report may have."""
_SHARES = {"separation": 0.4, "pitch": 0.1, "report": 0.5}


@frozen(eq=False)
class Report:
    """A report that was written.

    Attributes
    ----------
    path
        The page.
    source, result
        Names of the recordings that were compared, without their folders.
    voice
        Name of the voice that the result should be in.
    metrics
        The figures.
    made_by
        The backends that separated the vocals and tracked their pitch.
    style
        The style of the result, where it is known.
    sung
        How much of the vocals was converted, where it is known.
    replaced
        The page, if it existed already.
    """

    path: Path
    source: str
    result: str
    voice: str
    metrics: Metrics
    made_by: tuple[Provenance, ...]
    style: Style | None = None
    sung: SungShare | None = None
    replaced: tuple[Path, ...] = ()

    def _repr_html_(self) -> str:
        """Return the table of figures, for notebooks; the page has charts and sound, too."""
        rows = "".join(html_rows(table_rows(self.metrics, self.sung)))
        title = html_text(f"{self.result}, a conversion of {self.source} to {self.voice}")
        head = "<tr><th></th><th>result</th><th>source</th><th></th></tr>"
        page = html_text(f"Charts and sound: {self.path}")
        return f"<table><caption>{title}</caption>{head}{rows}</table><p>{page}</p>"

    def as_dict(self) -> dict[str, object]:
        """Return the report for JSON."""
        return {
            "page": self.path.name,
            "source": self.source,
            "result": self.result,
            "voice": self.voice,
            "figures": self.metrics.as_dict(),
            "left_out": dict(self.metrics.left_out),
            "sung": None if self.sung is None else self.sung.as_dict(),
            "style": None if self.style is None else asdict(self.style),
            "made_by": [asdict(made) for made in self.made_by],
        }


def write_report(
    source: PathLike,
    result: PathLike,
    voice: VoiceProfile | str,
    out: PathLike = "report.html",
    *,
    songs: bool = False,
    need: Need | None = None,
    judges: Judges | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
) -> Report:
    """Judge ``result`` as a conversion of ``source`` to ``voice``, and write the page.

    Parameters
    ----------
    source, result
        Sound files of a voice alone, as long as each other within 0.1 s; rates and channels may
        differ. Memory does not grow with their length.
    voice
        The voice that the result should be in.
    out
        The page to write: HTML that needs no other file and no network.
    songs
        Both files are songs: their vocals are separated first, and remains of the accompaniment
        are judged with them.
    need
        Requirements on the backends.
    judges
        By default those whose packages are installed.
    overwrite
        Whether a page that exists is replaced; else it is refused.
    progress
        Called with the stage and the fraction done.

    Raises
    ------
    InputError
        A file can't be read or written, the name of the page does not end in ``.html``, or the
        lengths differ.
    SelectionError
        No backend meets ``need``.

    Warns
    -----
    AutoVoiceWarning
        ``source`` sounds like a song, though ``songs`` is not given.
    """
    voice, songs = as_profile("voice", voice), as_flag("songs", songs)
    files = AudioFile(as_path("source", source)), AudioFile(as_path("result", result))
    check_lengths(*files)
    out = as_path("out", out)
    for file in files:
        if is_same_file(out, file.path):
            raise InputError(
                f"{out}: is a file that the report judges; give the report another name"
            )
    check_suffix(out, PAGE_SUFFIXES, "a page")
    replaced = existing_files(out)
    stages = Stages({k: v for k, v in _SHARES.items() if songs or k != "separation"}, progress)
    made_by: tuple[Provenance, ...] = ()
    with ExitStack() as stack:
        # Opened first, so that a place that can't be written is known before the work.
        page = stack.enter_context(atomic_file(out, overwrite=overwrite))
        voices: Sequence[Source] = files
        if songs:
            folder = stack.enter_context(temporary_folder())
            separator = VocalSeparator(need=need)
            with stages.stage("separation") as stage_progress:
                voices = [
                    _separate(separator, file, folder / str(i), _half(stage_progress, i))
                    for i, file in enumerate(files)
                ]
            made_by += (separator.chosen.provenance,)
        extractor = SingingPitchExtractor(need=need)
        with stages.stage("pitch") as stage_progress:
            before, after = (
                Vocals(each, extractor.extract(each, progress=_half(stage_progress, i)))
                for i, each in enumerate(voices)
            )
        made_by += (extractor.chosen.provenance,)
        if not songs and (message := warning_of_instruments(files[0], before.pitch)):
            warnings.warn(message, AutoVoiceWarning, stacklevel=2)
        with stages.stage("report") as stage_progress:
            report = report_on(
                before,
                after,
                voice,
                names=(files[0].name, files[1].name),
                made_by=made_by,
                path=out,
                page=page,
                judges=judges,
                progress=stage_progress,
            )
    return evolve(report, replaced=replaced)


def _separate(separator: VocalSeparator, song: AudioFile, path: Path, progress: Progress) -> Source:
    """Return the vocals of ``song``, in the scratch file ``path``."""
    stems = separator.separate_blocks(song, progress=progress)
    vocals = (block.vocals.numpy() for block in stems)
    scratch = write_scratch(path, song, vocals)
    scratch.name = f"voice of {song.path.name}"
    return scratch


def report_on(
    before: Vocals,
    after: Vocals,
    voice: VoiceProfile,
    *,
    names: tuple[str, str],
    made_by: tuple[Provenance, ...],
    path: Path,
    page: Path,
    style: Style | None = None,
    sung: SungShare | None = None,
    judges: Judges | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge ``after`` as a conversion of ``before`` to ``voice``, and write to the file ``page``.

    The report calls that file ``path``, and the recordings by their ``names`` without folders.
    """
    metrics = compute_metrics(
        before.source,
        after.source,
        voice=voice,
        reference_pitch=before.pitch,
        estimate_pitch=after.pitch,
        judges=judges,
        progress=progress,
    )
    # A page may be shown to others, whom folders are no business of.
    source, result = (Path(name).name for name in names)
    report = Report(path, source, result, voice.name, metrics, made_by, style, sung)
    text = Page(metrics, before, after, sung).render(
        source=report.source,
        result=report.result,
        voice=report.voice,
        made_by=made_by,
        style=style,
        data=report.as_dict(),
    )
    # A name that is not UTF-8 is shown, and escaped in the JSON, as its bytes.
    page.write_text(text, encoding="utf-8", errors="backslashreplace")
    return report


def _half(progress: Progress, half: int) -> Progress:
    """Return ``progress`` for the first or second half of what it reports."""
    return lambda fraction: progress((half + fraction) / 2)

"""What became of a voice: one page to read, look at and listen to, and the figures as data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from attrs import asdict, frozen

from autovoice_core._errors import InputError
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Progress
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import Source
from autovoice_core.backends.need import Need
from autovoice_core.metrics import Judges, Metrics, compute_metrics
from autovoice_core.metrics.comparison import check_lengths
from autovoice_core.metrics.perceptual import Vocals
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.report.page import Page
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.voices.profile import VoiceProfile

_SHARES = {"separation": 0.4, "pitch": 0.1, "report": 0.5}


@frozen(eq=False)
class Report:
    """What a report says.

    Attributes
    ----------
    path
        The page.
    source, result
        Names of what was compared.
    voice
        Name of the voice that the result should be in.
    metrics
        What was found.
    made_by
        What took the voices out of songs and followed their pitch.
    style
        How the result was sung, where that is known.
    """

    path: Path
    source: str
    result: str
    voice: str
    metrics: Metrics
    made_by: tuple[Provenance, ...]
    style: Style | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the report for JSON."""
        return {
            "page": str(self.path),
            "source": self.source,
            "result": self.result,
            "voice": self.voice,
            "figures": self.metrics.as_dict(),
            "left_out": dict(self.metrics.left_out),
            "style": None if self.style is None else asdict(self.style),
            "made_by": [asdict(made) for made in self.made_by],
        }


def write_report(
    source: str | Path,
    result: str | Path,
    voice: VoiceProfile,
    out: str | Path = "report.html",
    *,
    songs: bool = False,
    need: Need | None = None,
    judges: Judges | None = None,
    progress: StageProgress | None = None,
) -> Report:
    """Judge ``result`` as ``source`` sung again in ``voice``, and write the page.

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
        Both files are songs: the voice is taken out of each first, and what separation leaves
        of the band is judged with it.
    need
        What is asked of the backends.
    judges
        Who judges; by default those whose packages are installed.
    progress
        Told the stage and the fraction done.

    Raises
    ------
    InputError
        A file can't be read or written, or the lengths differ.
    SelectionError
        No backend meets ``need``.
    """
    files = AudioFile(source), AudioFile(result)
    check_lengths(*files)
    out = Path(out)
    for file in files:
        if out.exists() and out.samefile(file.path):
            raise InputError(f"{out}: is a file that the report judges; give the report another name")
    timer = Stages({k: v for k, v in _SHARES.items() if songs or k != "separation"}, progress)
    made_by: tuple[Provenance, ...] = ()
    with ExitStack() as stack:
        # Opened first, so that a place that can't be written is known before the work.
        page = stack.enter_context(atomic_file(out))
        voices: list[Source] = list(files)
        if songs:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autovoice-")))
            separator = VocalSeparator(need=need)
            with timer.stage("separation") as told:
                for i, file in enumerate(files):
                    parted = separator.separate_blocks(file, progress=_half(told, i))
                    sung = (block.vocals.numpy() for block in parted)
                    voices[i] = write_scratch(folder / f"voice of {file.path.name}", file, sung)
            made_by += (separator.chosen.provenance,)
        extractor = SingingPitchExtractor(need=need)
        with timer.stage("pitch") as told:
            before, after = (
                Vocals(sung, extractor.extract(sung, progress=_half(told, i)))
                for i, sung in enumerate(voices)
            )
        made_by += (extractor.chosen.provenance,)
        with timer.stage("report") as told:
            report = report_on(
                before,
                after,
                voice,
                names=(str(source), str(result)),
                made_by=made_by,
                path=out,
                page=page,
                judges=judges,
                progress=told,
            )
    return report


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
    judges: Judges | None = None,
    progress: Progress | None = None,
) -> Report:
    """Judge ``after`` as ``before`` sung again in ``voice``, and fill the file ``page``.

    It is called ``path`` in the report, and the two performances are called by ``names``.
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
    report = Report(path, *names, voice.name, metrics, made_by, style)
    text = Page(metrics, before, after).filled(
        source=report.source,
        result=report.result,
        voice=report.voice,
        made_by=made_by,
        style=style,
        data=report.as_dict(),
    )
    page.write_text(text, encoding="utf-8")
    return report


def _half(told: Progress, which: int) -> Callable[[float], None]:
    return lambda fraction: told((which + fraction) / 2)

"""The whole chain on a song whose answer is known: synthesised, converted, measured, drawn."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._progress import StageProgress
from autovoice_core._types import Audio, Progress
from autovoice_core.backends.offer import Need
from autovoice_core.demo.measuring import Performance, measure
from autovoice_core.demo.report import write_report
from autovoice_core.demo.result import Demo
from autovoice_core.songs.convert import convert_song
from autovoice_core.synthetic import truth
from autovoice_core.voices.profile import VoiceProfile

SINGER, SECOND_SINGER = truth.TENOR, truth.SOPRANO
SEED = 3
TAKES = 3
TAKE_SECONDS = 17.0
SHORTEST, LONGEST = 5.0, 600.0

_STAGES = {"song": 0.1, "voice": 0.3, "convert": 0.4, "measure": 0.1, "picture": 0.1}


def run_demo(
    folder: str | Path,
    *,
    seconds: float = 20.0,
    need: Need | None = None,
    progress: StageProgress | None = None,
) -> Demo:
    """Synthesise a song and a second voice, convert the one with the other, and measure.

    Parameters
    ----------
    folder
        Where to leave ``before.wav``, ``after.wav``, the stems, the recordings of the second
        voice, the picture ``demo.png`` (if matplotlib is there), the figures ``measured.json``
        and ``measured.md``, and ``report.html`` on the conversion alone.
    seconds
        How long the song lasts, 5 to 600.
    need
        What is asked of the backends.
    progress
        Told the stage at work and the fraction of the whole that is done.

    Raises
    ------
    InputError
        The folder can't be made or written, or the length is out of range.
    SelectionError
        No backend meets ``need``.
    """
    if not SHORTEST <= seconds <= LONGEST:
        raise InputError(
            f"seconds: {seconds:g} is outside {SHORTEST:g} to {LONGEST:g}; 20 is usual"
        )
    folder = Path(folder)
    try:
        (folder / "voice").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: the folder can't be made ({error.strerror}); choose another"
        ) from error
    clock = _Clock(progress)

    told = clock.begin("song")
    song = truth.song(seconds, seed=SEED, singer=SINGER)
    before, after = folder / "before.wav", folder / "after.wav"
    song.mixture.save(before)
    takes = []
    for take in range(TAKES):
        told((take + 1) / (TAKES + 1))
        sung = truth.sing(SECOND_SINGER, TAKE_SECONDS, seed=100 + take)
        takes.append(folder / "voice" / f"take{take + 1}.wav")
        sung.audio.save(takes[-1])

    told = clock.begin("voice")
    voice = VoiceProfile.from_recordings(
        takes,
        name=SECOND_SINGER.name,
        consent="nobody's voice: synthesised",
        provenance="autovoice demo",
        need=need,
        progress=told,
    )

    told = clock.begin("convert")
    result = convert_song(
        before,
        voice,
        after,
        stems=folder / "stems",
        report=folder / "report.html",
        need=need,
        progress=partial(_ignoring_the_stage, told),
    )

    clock.begin("measure")
    stems = dict(zip(("vocals", "accompaniment", "converted"), result.stems, strict=True))
    performance = Performance(
        song=song,
        singer=SINGER,
        second_singer=SECOND_SINGER,
        score=truth.compose(seconds, low=SINGER.low, high=SINGER.high, seed=SEED),
        vocals=Audio.load(stems["vocals"]),
        accompaniment=Audio.load(stems["accompaniment"]),
        converted=Audio.load(stems["converted"]),
        after=Audio.load(after),
        pitch=result.pitch,
        key=result.key,
    )
    measured, new_pitch = measure(performance, need)

    files = [folder / "report.html", before, after, *result.stems, *takes]
    clock.begin("picture")
    if find_spec("matplotlib") is None:
        warnings.warn(
            "the picture was left out: drawing needs matplotlib; install it with "
            "`pip install 'autovoice-core[plot]'`",
            AutoVoiceWarning,
            stacklevel=2,
        )
    else:
        from autovoice_core.demo.picture import draw

        files.insert(0, folder / "demo.png")
        draw(performance, new_pitch, measured, files[0])
    clock.end()
    taken = {
        "synthesis": clock.seconds["song"],
        "voice profile": clock.seconds["voice"],
        **result.seconds,
        "measuring": clock.seconds["measure"],
        "picture": clock.seconds["picture"],
    }
    files += [folder / "measured.md", folder / "measured.json"]
    demo = Demo(folder, tuple(files), measured, taken, result.made_by)
    write_report(demo)
    return demo


class _Clock:
    """Times the stages and turns their progress into that of the whole."""

    def __init__(self, progress: StageProgress | None) -> None:
        self._progress = progress
        self._done = 0.0
        self._stage = ""
        self._began = 0.0
        self.seconds: dict[str, float] = {}

    def begin(self, stage: str) -> Progress:
        """End the stage before; return what to tell the fraction of this one."""
        self.end()
        self._stage, self._began = stage, time.perf_counter()
        before, share = self._done, _STAGES[stage]
        self._done += share

        def told(fraction: float) -> None:
            if self._progress is not None:
                self._progress(stage, before + share * fraction)

        told(0.0)
        return told

    def end(self) -> None:
        if self._stage:
            self.seconds[self._stage] = time.perf_counter() - self._began
            self._stage = ""


def _ignoring_the_stage(told: Callable[[float], None], stage: str, fraction: float) -> None:
    told(fraction)

"""Figures of separated stems: distortion, interference and artifacts."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._downmix import Downmix, mixed
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, Progress
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.source import AudioInMemory, Source
from autovoice_core.metrics.json_values import json_values
from autovoice_core.metrics.waveform import distortion_ratios

FILTER_TAPS = 512
"""Length of the filters that BSS Eval allows between a source and its estimate."""
MAX_WINDOW_FRAMES = (1 << 20) - FILTER_TAPS
"""23.8 s at 44.1 kHz; filtered, it fits a power of two."""

Sound = Audio | Source | str | Path
_BssEval = Callable[..., tuple[NDArray[np.float64], ...]]


@frozen
class SeparationMetrics:
    """Figures of one stem in dB; ``None`` where one is not defined.

    Attributes
    ----------
    sdr, si_sdr
        Signal-to-distortion ratio of the whole signal, all channels, and the scale-invariant
        one; as in :class:`~autovoice_core.Metrics`.
    sir, sar
        Signal-to-interference and signal-to-artifacts ratio of BSS Eval (Vincent, Gribonval and
        Févotte 2006), by mir_eval: filters of 512 taps, the mean of the channels, the median of
        equal windows of at most 2^20 samples in which no stem is silent.
    """

    sdr: float | None
    si_sdr: float | None
    sir: float | None
    sar: float | None

    def __str__(self) -> str:
        return ", ".join(
            f"{name.upper().replace('_', '-')} {value:.1f} dB"
            for name, value in attrs.asdict(self).items()
            if value is not None
        )

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures for JSON; ``None`` stands for infinity too, which JSON lacks."""
        return json_values(attrs.asdict(self))


def compute_separation_metrics(
    references: Mapping[str, Sound],
    estimates: Mapping[str, Sound],
    *,
    progress: Progress | None = None,
) -> dict[str, SeparationMetrics]:
    """Compare the separated stems of a song with the true ones.

    Memory does not grow with the length.

    Parameters
    ----------
    references, estimates
        The stems by name, the same names in both, two or more; sounds in memory or paths of
        files, all of one rate, length and number of channels.
    progress
        Called with the fraction done.

    Raises
    ------
    InputError
        mir_eval is missing, names, rates or shapes differ, or a file can't be read.
    """
    bss_eval = _bss_eval()
    if set(references) != set(estimates) or len(references) < 2:
        raise InputError(
            f"estimates: {_listed(estimates)} are not two or more of the same stems as the "
            f"references {_listed(references)}; give one estimate for each reference"
        )
    true = {name: _source(sound, f"references[{name!r}]") for name, sound in references.items()}
    estimated = {name: _source(estimates[name], f"estimates[{name!r}]") for name in true}
    first = next(iter(true.values()))
    for source in (*true.values(), *estimated.values()):
        check_same_shape(source, first)
    figures = [
        _interference_and_artifacts(bss_eval, *pair)
        for pair in _windows(list(true.values()), list(estimated.values()), progress)
    ]
    # (windows, sir or sar, stems)
    whole = np.array([figure for figure in figures if figure is not None])
    medians = np.median(whole, axis=0) if whole.size else np.full((2, len(true)), np.nan)
    return {
        name: SeparationMetrics(
            *distortion_ratios(true[name], estimated[name]),
            *(None if math.isnan(value) else float(value) for value in medians[:, i]),
        )
        for i, name in enumerate(true)
    }


def check_same_shape(source: Source, other: Source) -> None:
    """Refuse a source that is of another rate or shape than ``other``.

    Raises
    ------
    InputError
        They differ; the message says in what.
    """
    if source.sample_rate != other.sample_rate:
        raise InputError(
            f"{source.name}: its rate of {source.sample_rate} Hz is not the {other.sample_rate} Hz "
            f"of {other.name}; resample it first"
        )
    shape, wanted = (source.channels, source.frames), (other.channels, other.frames)
    if shape != wanted:
        raise InputError(
            f"{source.name}: its (channels, frames) are {shape}, not the {wanted} of "
            f"{other.name}; cut both to the same stretch and channels"
        )


def check_installed() -> None:
    """Refuse to work without mir_eval.

    Raises
    ------
    InputError
        It is missing; the message says how to install it.
    """
    _bss_eval()


def _bss_eval() -> _BssEval:
    try:
        from mir_eval.separation import bss_eval_sources
    except ImportError as error:
        raise InputError(
            "comparing with true stems needs mir_eval; install it with "
            "`pip install 'autovoice-core[bss]'`"
        ) from error
    measure: _BssEval = bss_eval_sources
    return measure


def _source(sound: Sound, name: str) -> Source:
    return AudioInMemory(sound, name) if isinstance(sound, Audio) else as_source(sound)


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names) or "(none)"


def _windows(
    true: list[Source], estimated: list[Source], progress: Progress | None
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield windows of both, ``(stems, frames)``, each mixed to one channel as the song is."""
    frames = true[0].frames
    count = max(1, math.ceil(frames / MAX_WINDOW_FRAMES))
    size = max(1, math.ceil(frames / count))
    readers = [source.blocks(size) for source in (*true, *estimated)]
    downmix = Downmix(true[0].sample_rate)
    for done, blocks in enumerate(zip(*readers, strict=True), 1):
        weights = downmix.measure(sum(blocks[1 : len(true)], blocks[0]))
        mono = np.concatenate([mixed(block, weights) for block in blocks]).astype(np.float64)
        yield mono[: len(true)], mono[len(true) :]
        if progress is not None:
            progress(done / count)


def _interference_and_artifacts(
    bss_eval: _BssEval, true: NDArray[np.float64], estimated: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    if true.shape[1] <= FILTER_TAPS or not (true.any(axis=1).all() and estimated.any(axis=1).all()):
        return None
    with warnings.catch_warnings():
        # Deprecated in favour of a package that can't be imported without ffmpeg.
        warnings.simplefilter("ignore", FutureWarning)
        _, sir, sar, _ = bss_eval(true, estimated, compute_permutation=False)
    return sir, sar

"""Converters that read trained voices, as those of ``autovoice-rvc``, but only change levels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.backends import Entry, Licence, Offer, Quality, catalogue
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.protocols import TrainedVoice

ABOUT = "model: ana.pth\nsteps: 100"
FEATURES = {"weights": np.arange(3, dtype=np.float32)}


class Gain:
    """Changes nothing but the level."""

    context = 0.0
    learns = False
    gain: ClassVar[float]

    def grid(self, sample_rate: int) -> int:
        return 1

    def learn(self, recordings: Any) -> Mapping[str, NDArray[Any]]:
        raise InputError("recordings: these voices are trained elsewhere; give their files")

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Gain:
        return self

    def observe(self, vocals: Audio, start: int) -> None:
        pass

    def render(self, vocals: Audio, start: int) -> Audio:
        return Audio(np.float32(self.gain) * vocals.numpy(), vocals.sample_rate)


class Half(Gain):
    """Reads ``rvc/1``: features are named after the package, which is said to be that of RVC."""

    __module__ = "autovoice_rvc.made_up"
    feature_id = "1"
    gain = 0.5


class Quarter(Gain):
    """Reads ``rvc/2``."""

    __module__ = "autovoice_rvc.made_up"
    feature_id = "2"
    gain = 0.25


def open_half(*, device: str, dtype: str) -> Gain:
    """Return the converter to voices of ``rvc/1``."""
    return Half()


def open_quarter(*, device: str, dtype: str) -> Gain:
    """Return the converter to voices of ``rvc/2``."""
    return Quarter()


def read_version_1(model: Path, index: Path | None) -> TrainedVoice:
    """Return a voice of the older kind."""
    return TrainedVoice("rvc/1", FEATURES)


def read_version_2(model: Path, index: Path | None) -> TrainedVoice:
    """Return the same voice of every file."""
    about = ABOUT if index is None else f"{ABOUT}\nindex: {index.name}"
    return TrainedVoice("rvc/2", FEATURES, about)


def read_version_3(model: Path, index: Path | None) -> TrainedVoice:
    """Return a voice of a kind that is not offered."""
    return TrainedVoice("rvc/3", FEATURES)


def read_nothing(model: Path, index: Path | None) -> None:
    """Return no voice."""


def refuse(model: Path, index: Path | None) -> TrainedVoice:
    """Refuse every file."""
    raise InputError(f"{model}: is no voice; give another file")


def fail(model: Path, index: Path | None) -> TrainedVoice:
    """Fail at every file."""
    raise ValueError("the file is odd")


@contextmanager
def trained_voices(
    reader: str = "read_version_2", *, best_reads: tuple[str, ...] = ("retrieval/1",)
) -> Iterator[None]:
    """Offer ``rvc/v1`` and ``rvc/v2`` beside what is installed, for no need but by name.

    ``reader`` is the function of this module that reads files, and ``best_reads`` what the offer
    that ranks first says that it reads.
    """
    installed = catalogue()
    offers = [
        evolve(entry, offer=evolve(entry.offer, reads=best_reads))
        if entry.operation == "conversion"
        else entry
        for entry in installed.offers
    ]
    for version, load in ((1, "open_half"), (2, "open_quarter")):
        offer = Offer(
            name=f"v{version}",
            load=f"trained_voices:{load}",
            devices=("cpu",),
            quality=Quality.DRAFT,
            licence=Licence("MIT"),
            opt_in=True,
            reads=(f"rvc/{version}",),
            voice_reader=f"trained_voices:{reader}",
        )
        offers.append(Entry(f"rvc/v{version}", "conversion", "autovoice-rvc 1.0", offer))
    with using_registry(Registry(evolve(installed, offers=tuple(offers)))):
        yield

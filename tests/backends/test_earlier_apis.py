"""The example's plugin as it was under the minor version before still runs, without a word."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import SingingPitchExtractor
from autovoice_core.backends import API, catalogue
from autovoice_core.testing import truth

FOLDER = Path(__file__).resolve().parents[1] / "earlier_apis"


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.startswith("acf_1_0")]:
        del sys.modules[name]


def test_the_minor_version_before_has_its_plugin() -> None:
    major, minor = API
    assert (FOLDER / f"{major}.{minor - 1}").is_dir()


@pytest.mark.usefixtures("forgotten")
def test_a_plugin_of_the_minor_version_before_runs(install: Callable[..., None]) -> None:
    install(FOLDER / "1.0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not [fault for fault in catalogue().faults if fault.plugin == "acf-1-0"]
        sung = truth.sing(truth.ALTO, seconds=2, sample_rate=16_000, seed=0)
        track = SingingPitchExtractor(backend="acf-1-0/tracker").extract(sung.audio)
    voiced = track.voiced & sung.pitch.voiced[: len(track.voiced)]
    cents = 1200 * np.abs(np.log2(track.f0[voiced] / sung.pitch.f0[: len(voiced)][voiced]))
    assert np.median(cents) < 10

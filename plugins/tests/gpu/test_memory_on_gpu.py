"""A limit to a GPU's memory is kept there, as it is on the processor."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    GPUMemoryMonitor,
    InputError,
    SingingPitchExtractor,
    VocalSeparator,
)
from autovoice_core.backends import Need
from autovoice_core.synthetic import truth

THERE = Need(devices=("cuda",))


@pytest.fixture(autouse=True)
def _empty_pools(backend: str) -> None:
    """Leave nothing in the pools from before."""
    if importlib.util.find_spec("cupy") is not None:
        importlib.import_module("cupy").get_default_memory_pool().free_all_blocks()
    importlib.import_module("torch").cuda.empty_cache()


@cache
def _song() -> truth.Song:
    return truth.song(seconds=30, sample_rate=44_100, seed=3)


def _for_minutes(clip: Audio) -> Audio:
    return Audio(np.tile(clip.numpy(), 6), clip.sample_rate)


def separate(limit: str) -> None:
    song = _for_minutes(_song().mixture)
    for _ in VocalSeparator(need=THERE, memory_limit=limit).separate_blocks(song):
        pass


def track(limit: str) -> None:
    vocals = _for_minutes(_song().stems.vocals)
    SingingPitchExtractor(need=THERE, memory_limit=limit).extract(vocals)


@pytest.mark.parametrize("limit", [1.0, 2.0])
@pytest.mark.parametrize("work", [separate, track])
def test_a_limit_is_kept(backend: str, work: Callable[[str], None], limit: float) -> None:
    with GPUMemoryMonitor() as monitor:
        work(f"{limit} GB")
    # Inside a container the driver may not tell what a process has; pools do.
    pools = sum(size for name, size in monitor.peak.items() if name.endswith("held"))
    assert 0 < monitor.peak.get("process", pools) <= 1.05e9 * limit, str(monitor)


def test_too_little_is_refused_with_what_would_do(backend: str) -> None:
    with pytest.raises(InputError, match=r"memory_limit: 1 MB is too little .* give at least"):
        separate("1 MB")

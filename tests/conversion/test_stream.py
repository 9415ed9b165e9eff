from __future__ import annotations

from typing import Any

import pytest
from conversion_truth import phrase

from autovoice_core import SingingVoiceConverter, VoiceProfile
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.stream import warm_up

KERNELS = ("nearest", "cheapest_paths", "overlap_add")
"""Kernels that a stream takes for whatever is sung; ``oscillators`` only where the key changes."""


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> VoiceProfile:
    folder = tmp_path_factory.mktemp("recordings")
    for name, f0 in (("low", 180.0), ("high", 220.0)):
        phrase(16_000, f0, 1.15, 6.0)[0].save(folder / f"{name}.wav")
    return VoiceProfile.from_recordings(sorted(folder.glob("*.wav")), name="mara")


@pytest.mark.parametrize(("key", "more"), [(0.0, ()), (1.0, ("oscillators",))])
def test_warming_up_takes_every_kernel_that_singing_will(
    monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile, key: float, more: tuple[str, ...]
) -> None:
    worked: set[str] = set()
    for name in (*KERNELS, "oscillators"):
        kernel = getattr(ReferenceConversionKernels, name)

        def noted(self: Any, *values: Any, name: str = name, kernel: Any = kernel) -> Any:
            if len(values[0]):
                worked.add(name)
            return kernel(self, *values)

        monkeypatch.setattr(ReferenceConversionKernels, name, noted)
    warm_up(SingingVoiceConverter(), voice, 8_000, key=key)
    assert worked == {*KERNELS, *more}

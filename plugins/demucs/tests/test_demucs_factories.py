from __future__ import annotations

from typing import Any

import pytest
import torch
from demucs_files import SMALL

from autovoice_core import InputError
from autovoice_demucs import htdemucs


def test_other_devices_and_dtypes_are_refused() -> None:
    for device, dtype in (("metal", "float32"), ("cpu", "float16")):
        with pytest.raises(InputError) as caught:
            htdemucs.open_htdemucs(device=device, dtype=dtype)
        assert str(caught.value) == (
            f"device, dtype: demucs/htdemucs runs on cpu or cuda in float32, not on {device} in "
            f"{dtype}; ask for those or choose another backend"
        )


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_torch_without_cuda_says_so() -> None:
    with pytest.raises(InputError) as caught:
        htdemucs.open_htdemucs_ft(device="cuda", dtype="float32")
    assert str(caught.value) == (
        f"device: this torch {torch.__version__} can't use cuda here; install a build of torch "
        "with CUDA, or ask for cpu"
    )
    with pytest.raises(RuntimeError, match="can't use cuda here"):
        htdemucs.probe("cuda")


def test_the_probe_passes_and_notices_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    htdemucs.probe("cpu")

    def broken() -> Any:
        network = htdemucs.HTDemucs(**SMALL).eval()
        next(network.parameters()).data.fill_(float("nan"))
        return network

    monkeypatch.setattr(htdemucs, "small_network", broken)
    with pytest.raises(RuntimeError) as caught:
        htdemucs.probe("cpu")
    assert str(caught.value) == (
        "a small network returns NaN or infinity; reinstall torch and demucs"
    )

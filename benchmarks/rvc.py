"""Our networks for RVC voices against RVC's own: the same sound, and how long each takes.

``python benchmarks/rvc.py --reference FOLDER [--voice "v2 40k"] [--seconds 10] [--seed 1]``

The folder is a checkout of RVC WebUI (RVC-Project/Retrieval-based-Voice-Conversion-WebUI), whose
``infer/module/models.py`` is imported. Both are given the same random weights, inputs and noise,
and take turns. Without ``--voice`` every architecture is compared.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from arguments import folder

sys.path.append(str(Path(__file__).resolve().parents[1] / "plugins/rvc/tests/helpers"))

from random_rvc import random_arrays
from rvc_inputs import SPEAKER, Inputs, excitation_of, inputs_of

from autovoice_rvc.architecture import ARCHITECTURES, FRAMES_PER_SECOND, Architecture
from autovoice_rvc.networks.sine_source import coarse_pitch
from autovoice_rvc.networks.synthesiser import Synthesiser

ROUNDS = 3


def reference(models: Any, architecture: Architecture) -> Any:
    """Return RVC's own network, without what only training needs."""
    kind = f"SynthesizerTrnMs{architecture.content_size}NSFsid"
    kind += "" if architecture.f0 else "_nono"
    spectrum = 513 if architecture.sample_rate == 32_000 else 1025
    blocks = ("1", [3, 7, 11], [[1, 3, 5]] * 3)
    ups = (list(architecture.upsample_rates), 512, list(architecture.upsample_kernels))
    sizes = (spectrum, 32, 192, 192, 768, 2, 6, 3, 0, *blocks, *ups, architecture.speakers, 256)
    network = getattr(models, kind)(*sizes, architecture.sample_rate, is_half=False)
    del network.enc_q
    return network.eval()


def compare(models: Any, architecture: Architecture, seconds: float, seed: int) -> None:
    """Print the largest difference of the two, and the times of each."""
    frames = round(seconds * FRAMES_PER_SECOND)
    arrays = random_arrays(architecture, seed)
    theirs = reference(models, architecture)
    theirs.load_state_dict({name: torch.from_numpy(each) for name, each in arrays.items()})
    ours = Synthesiser.from_arrays(architecture, arrays)
    inputs = inputs_of(architecture, frames, seed)
    source = excitation_of(architecture, inputs) if architecture.f0 else None
    pitch = inputs.f0 if architecture.f0 else None

    def sing() -> torch.Tensor:
        return ours(inputs.content, pitch, SPEAKER, inputs.noise, source)

    results, times = {}, {}
    with torch.inference_mode():
        for _ in range(ROUNDS):
            for name, run in {
                "theirs": lambda: sung_by(theirs, architecture, inputs, frames),
                "ours": sing,
            }.items():
                results[name], taken = timed(run)
                times[name] = min(taken, times.get(name, taken))
    largest = results["theirs"].abs().max()
    error = float((results["ours"] - results["theirs"]).abs().max() / largest)
    print(
        f"{architecture.name:22} largest error {error:.1e} of the largest sample; x real time: "
        f"theirs {times['theirs'] / seconds:.3f}, ours {times['ours'] / seconds:.3f}, "
        f"ratio {times['ours'] / times['theirs']:.2f}"
    )


def sung_by(network: Any, architecture: Architecture, inputs: Inputs, frames: int) -> torch.Tensor:
    """Return what RVC's network sings with the noises given in place of those it draws."""
    noises = iter([inputs.noise, inputs.source_noise[..., None]])
    told = [inputs.content, torch.tensor([frames])]
    told += [coarse_pitch(inputs.f0), inputs.f0] if architecture.f0 else []
    with patch("torch.randn_like", lambda *_, **__: next(noises)):
        sung: torch.Tensor = network.infer(*told, torch.tensor([SPEAKER]))[0][:, 0]
    return sung


def timed(run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, float]:
    """Return a result and the seconds that it took."""
    begin = time.perf_counter()
    return run(), time.perf_counter() - begin


def main() -> None:
    """Compare one architecture, or all."""
    names = [architecture.name for architecture in ARCHITECTURES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", required=True, type=folder)
    parser.add_argument("--voice", choices=names)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.path.insert(0, str(given.reference))
    models = importlib.import_module("infer.module.models")
    print(f"threads: {torch.get_num_threads()}, seconds: {given.seconds:g}, seed: {given.seed}")
    for architecture in ARCHITECTURES:
        if given.voice in (None, architecture.name):
            compare(models, architecture, given.seconds, given.seed)


if __name__ == "__main__":
    main()

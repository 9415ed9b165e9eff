"""Copy of Resemblyzer's weights, `src/autovoice_core/voices/speaker_network.safetensors`.

The weights are as their author trained them (Apache-2.0, ``LICENSE-Resemblyzer``), in half
precision: embeddings keep a cosine of 0.999999 to those of the original.

    pip install . torch && pip install --no-deps resemblyzer==0.1.4
    python training/speaker_network.py
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import safetensors.numpy
import torch

from autovoice_core.audio.atomic import atomic_file
from autovoice_core.voices.speaker_network import LAYERS, WEIGHTS

SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
"""Of ``pretrained.pt`` in the wheel of Resemblyzer 0.1.4."""
METADATA = {
    "source": "resemblyzer 0.1.4, pretrained.pt",
    "sha256": SHA256,
    "licence": "Apache-2.0",
}


def main() -> None:
    """Check the original and write its weights."""
    package = find_spec("resemblyzer")
    if package is None or not package.origin:
        raise SystemExit("resemblyzer is not installed")
    original = Path(package.origin).with_name("pretrained.pt")
    if hashlib.sha256(original.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{original}: not the file of resemblyzer 0.1.4")
    state = torch.load(original, map_location="cpu", weights_only=True)["model_state"]
    arrays = {}
    for layer in range(LAYERS):
        for part in ("ih", "hh"):
            weight = state[f"lstm.weight_{part}_l{layer}"]
            arrays[f"lstm.{layer}.{part}"] = weight.T.contiguous().half().numpy()
        bias = state[f"lstm.bias_ih_l{layer}"] + state[f"lstm.bias_hh_l{layer}"]
        arrays[f"lstm.{layer}.bias"] = bias.half().numpy()
    arrays["linear.weight"] = state["linear.weight"].T.contiguous().half().numpy()
    arrays["linear.bias"] = state["linear.bias"].half().numpy()
    with atomic_file(WEIGHTS) as temporary:
        safetensors.numpy.save_file(arrays, temporary, METADATA)


if __name__ == "__main__":
    main()

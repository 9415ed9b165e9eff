"""The networks whose weights lie in a wheel: where they come from, and under which licence."""

from __future__ import annotations

from attrs import frozen

from tools.release.distributions import Distribution

DATA = {".bin", ".json", ".npy", ".npz", ".onnx", ".pt", ".pth", ".safetensors"}
"""Suffixes of files that hold data and no source; each that is in a wheel has to be named here."""


@frozen
class BundledNetwork:
    """A file of weights in a distribution.

    Attributes
    ----------
    path
        The file, from the root of the wheel.
    name, version, description
        Of the network; a network of ours has the version of all packages, and an empty one here.
    licence
        Of the weights, as SPDX calls it.
    origin
        The package that the weights were copied from, as a package URL, and the SHA-256 of the
        file there; empty for ours.
    """

    path: str
    name: str
    description: str
    licence: str = "MIT"
    version: str = ""
    origin: tuple[str, str] | None = None


BUNDLED = {
    "autovoice-core": (
        BundledNetwork(
            path="autovoice_core/conversion/retrieval/phones.safetensors",
            name="autovoice-phones",
            description="Recognises phones; trained by training/phones.py on readers of "
            "LibriSpeech (V. Panayotov et al. 2015, CC-BY 4.0).",
        ),
        BundledNetwork(
            path="autovoice_core/separation/wrpca/mask_network.safetensors",
            name="autovoice-mask",
            description="Has a say in the vocal mask of wrpca; trained by training/separation.py.",
        ),
        BundledNetwork(
            path="autovoice_core/voices/speaker_network.safetensors",
            name="resemblyzer-speaker-encoder",
            version="0.1.4",
            description="The speaker encoder of Resemblyzer, in half precision.",
            licence="Apache-2.0",
            origin=(
                "pkg:pypi/resemblyzer@0.1.4",
                "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
            ),
        ),
    ),
}


def networks(distribution: Distribution) -> tuple[BundledNetwork, ...]:
    """Return the networks in one distribution."""
    return BUNDLED.get(distribution.name, ())

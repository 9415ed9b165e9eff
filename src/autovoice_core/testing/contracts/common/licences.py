"""Tests of licences: those of the code, and of the weights that a package ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Licence
from autovoice_core.testing.contracts.common.contract import Contract, refusal
from autovoice_core.testing.contracts.common.import_probe import HEAVY

WEIGHTS = {".bin", ".ckpt", ".gguf", ".h5", ".onnx", ".pt", ".pth", ".safetensors", ".tflite"}
"""Suffixes of files of weights."""


class Licences(Contract):
    """Tests of an offer's licences against its package's metadata and files."""

    def test_the_licence_is_the_one_of_the_package(self) -> None:
        stated = _package_licence(self.entry.distribution)
        claimed = self.entry.offer.licence.code
        # An engine that runs other packages' code states their licences as well.
        assert stated is None or stated in {claimed, *claimed.split(" AND ")}, (
            f"the offer of {self.backend} says that its code is under {claimed}, "
            f"but its package says {stated}"
        )

    def test_copyleft_of_what_it_imports_is_stated(self) -> None:
        claimed = self.entry.offer.licence.code
        for module in self.entry.offer.imports:
            stated = _copyleft_of(module)
            assert stated is None or "GPL" in claimed, (
                f"the offer of {self.backend} says that its code is under {claimed}, "
                f"but {module}, which it imports, is under {stated}"
            )

    def test_weights_that_are_shipped_have_a_licence(self) -> None:
        found = sorted(weights_of(self.entry.offer.load, *self.entry.offer.imports))
        assert not found or self.entry.offer.licence.weights, (
            f"the offer of {self.backend} states no licence of weights, but {found[0]} holds some; "
            "give Licence(weights=...)"
        )

    def test_weights_that_are_claimed_are_somewhere(self) -> None:
        self.skip_if_missing()
        offer = self.entry.offer
        found = offer.weights or list(weights_of(offer.load, *offer.imports))
        assert found or not offer.licence.weights, (
            f"the offer of {self.backend} claims weights under {offer.licence.weights}, but "
            "neither its package nor those it imports hold any; name downloads in weights=..."
        )

    @refusal
    def test_licences_not_claimed_are_refused(self) -> None:
        self.expect_rejection(Need(**self.base_need, licences=("LicenseRef-none",)), "licence")

    def test_licences_claimed_are_accepted(self) -> None:
        licence: Licence = self.entry.offer.licence
        stated = {
            identifier
            for expression in (licence.code, licence.weights or licence.code)
            for identifier in expression.split(" AND ")
        }
        if "unstated" in stated:
            self.expect_rejection(Need(**self.base_need, licences=tuple(stated)), "licence")
        else:
            assert "licence" not in self.rejection_codes(
                Need(**self.base_need, licences=tuple(stated))
            )


def _package_licence(distribution: str) -> str | None:
    """Return the SPDX expression in a package's metadata, or None."""
    try:
        stated = metadata.metadata(distribution.rpartition(" ")[0]).json
    except metadata.PackageNotFoundError:
        return None
    return stated.get("license_expression") or None  # type: ignore[return-value]


def _copyleft_of(module: str) -> str | None:
    """Return the licence of the package that a module is of, if it is a GPL, or None."""
    for name in metadata.packages_distributions().get(module, ()):
        stated = metadata.metadata(name).json
        for part in ("license_expression", "license", "classifier"):
            texts = stated.get(part) or []
            for text in [texts] if isinstance(texts, str) else texts:
                # Long texts of licences mention others.
                if len(text) < 100 and re.search(r"\b[AL]?GPL|General Public License", text):
                    return text
    return None


def weights_of(*targets: str) -> Iterator[str]:
    """Yield the files of weights in the packages of ``targets``, array libraries excepted."""
    packages = {re.split(r"[.:]", target, maxsplit=1)[0] for target in targets}
    for package in packages - set(HEAVY):
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations if spec else None) or ():
            for path in Path(folder).rglob("*"):
                if path.suffix in WEIGHTS:
                    yield f"{package}/{path.relative_to(folder).as_posix()}"

"""Tests of licences: those of the code, and of the weights that a package ships."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Licence
from autovoice_core.testing.contracts.common.contract import Contract, refusal
from autovoice_core.testing.contracts.common.import_probe import HEAVY

WEIGHTS = {".bin", ".ckpt", ".gguf", ".h5", ".onnx", ".pt", ".pth", ".safetensors", ".tflite"}
"""Suffixes of files of weights."""

NAMES = {
    r"(The )?MIT( License)?": r"MIT(-0)?",
    r"Apache( Software)?( License)?,?( Version| v)? ?2(\.0)?|Apache-2\.0|Apache Software License": (
        r"Apache-2\.0"
    ),
    r"(New |Modified )?BSD( License)?|BSD-\d-Clause|\d-Clause BSD License": r"0?BSD.*",
    r"ISC( License.*)?": r"ISC",
    r"MPL.*|Mozilla Public License.*": r"MPL-.*",
    r"(GNU )?(AGPL|Affero).*": r"AGPL-.*",
    r"(GNU )?(LGPL|Lesser|Library).*": r"LGPL-.*",
    r"(GNU )?(GPL|General Public License).*": r"GPL-.*",
    r"(The )?Unlicense.*": r"Unlicense",
    r"Zope Public License": r"ZPL-.*",
    r"(Other/)?Proprietary.*": r"LicenseRef-.*|unstated",
}
"""Names of licences in metadata of before SPDX expressions, and the expressions they mean."""


class Licences(Contract):
    """Tests of an offer's licences against its package's metadata and files."""

    def test_the_licence_is_the_one_of_the_package(self) -> None:
        claimed = self.entry.offer.licence.code
        for stated, pattern in package_licences(self.entry.distribution):
            # An engine that runs other packages' code states their licences as well.
            parts = [claimed, *re.split(r" AND | OR ", claimed)]
            assert any(re.fullmatch(pattern, part) for part in parts), (
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


def package_licences(distribution: str) -> Iterator[tuple[str, str]]:
    """Yield each licence in a package's metadata, and a pattern of the SPDX expressions it means.

    They are those of ``License-Expression``, of ``License`` if it is a short name that is known,
    and of classifiers.
    """
    try:
        stated: dict[str, Any] = metadata.metadata(distribution.rpartition(" ")[0]).json
    except metadata.PackageNotFoundError:
        return
    expression = stated.get("license_expression")
    if expression:
        yield expression, re.escape(expression)
    names = [stated.get("license") or ""]
    names += [
        text.rpartition(" :: ")[2]
        for text in stated.get("classifier") or ()
        if text.startswith("License :: ")
    ]
    for name in names:
        for known, pattern in NAMES.items():
            if re.fullmatch(known, name.strip(), re.IGNORECASE):
                yield name.strip(), pattern
                break


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

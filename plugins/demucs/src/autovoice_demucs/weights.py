"""The weights that the author of Demucs publishes, at pinned revisions."""

from __future__ import annotations

from autovoice_core.backends import Weights

_TERMS = (
    "Their author said in 2022 that they are not under the licence of the code and are meant for "
    "research (github.com/facebookresearch/demucs/issues/327); the page they lie on was marked MIT "
    "in July 2026 and has stated no licence since 31 August 2026. Ask before you sell anything."
)
_PLACE = "https://huggingface.co/adefossez"

HTDEMUCS = Weights(
    name="demucs/htdemucs",
    url=f"{_PLACE}/HTDemucs/resolve/cbc8a9b1a87023b7fd74e7b3412e6321c0eab003/955717e8.safetensors",
    size=84_025_440,
    sha256="d9fa14133cfcc034a6758923bb3a8ca9f8dfd0b582134643bbf83f72c17576dd",
    licence="unstated",
    about=_TERMS,
)
"""The network for all stems."""

HTDEMUCS_FT_VOCALS = Weights(
    name="demucs/htdemucs-ft-vocals",
    url=(
        f"{_PLACE}/HTDemucs-ft/resolve/d74ac89c3a1e874fc78f152555cf4d8533f06cd4/"
        "04573f0d.safetensors"
    ),
    size=84_025_440,
    sha256="68854b0d7c2b3274723b5761f6fd9f5aec5f1bcd3f0de7c1669546fdb7871b7c",
    licence="unstated",
    about=_TERMS,
)
"""The one of the four fine-tuned networks that the vocals are taken from."""

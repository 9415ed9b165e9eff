"""Descriptions of voices: what their files say beside the weights, held against the table.

``config`` is what RVC's network is called with, either the list of 18 values that RVC writes, or
those of its training's configuration by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from attrs import evolve

from autovoice_rvc.architecture import (
    BLOCK_KERNELS,
    DECODER_CHANNELS,
    DILATIONS,
    ENCODER_LAYERS,
    FILTER,
    HEADS,
    LATENT,
    SPEAKER,
    Architecture,
    find_architecture,
)
from autovoice_rvc.files.recognised import ENCODERS, VOCODERS
from autovoice_rvc.files.texts import listed, shown

CONFIG = (
    *("spec_channels", "segment_size", "inter_channels", "hidden_channels", "filter_channels"),
    *("n_heads", "n_layers", "kernel_size", "p_dropout", "resblock", "resblock_kernel_sizes"),
    *("resblock_dilation_sizes", "upsample_rates", "upsample_initial_channel"),
    *("upsample_kernel_sizes", "spk_embed_dim", "gin_channels", "sr"),
)
"""Names of the 18 values of ``config``, in their order."""
MAX_SPEAKERS = 10_000
SHORT = 10
"""Characters that a sample rate has less of."""

_VERSIONS = {"v1": 1, "v2": 2}
_YES, _NO = ("1", "true"), ("0", "false")
_OWN_DECODERS = {
    "RefineGAN": ("dec.upsample_blocks.", "dec.downsample_blocks."),
    "MRF HiFi-GAN": ("dec.mrfs.", "dec.upsamples."),
}
"""Beginnings of the names of weights that only these vocoders have."""


class Unsupported(Exception):
    """A fault of a description, as the end of a sentence about the file."""


def architecture_of(
    found: Mapping[Any, Any], weights: Set[str], speakers: tuple[int, ...]
) -> Architecture:
    """Return the architecture that a file describes.

    ``weights`` are the names of its weights, and ``speakers`` the shape of its speakers' table,
    which is believed rather than ``config``, as RVC does.

    Raises
    ------
    Unsupported
        The description is incomplete, contradicts itself, or is of no voice of RVC's own.
    """
    _check_vocoder(found.get("vocoder"), weights)
    _check_encoder(found.get("embedder_model"))
    config = _named_config(found.get("config"))
    version = _version(found.get("version", "v1"))
    rate = _rate(found.get("sr") or config.get("sr"))
    has_f0 = _f0(found.get("f0", 1))
    architecture = find_architecture(version, rate, has_f0)
    if architecture is None:
        raise Unsupported(
            f"says that it is of {rate:,} Hz, but RVC's voices are of 32,000, 40,000 or 48,000; "
            "ask for one of those"
        )
    _check_config(config, architecture)
    return evolve(architecture, speakers=_speakers(speakers))


def _check_vocoder(named: Any, weights: Set[str]) -> None:
    vocoder = None if _is_own(named, VOCODERS) else named
    for own, beginnings in _OWN_DECODERS.items():
        if any(name.startswith(beginnings) for name in weights):
            vocoder = own
    if vocoder is not None:
        raise Unsupported(
            f"sings with the vocoder {shown(vocoder)}, which is not read, but with HiFi-GAN, "
            "RVC's own; ask for a voice trained with that"
        )


def _check_encoder(named: Any) -> None:
    if not _is_own(named, ENCODERS):
        raise Unsupported(
            f"was trained on what the encoder {shown(named)} hears, and would mumble on "
            "ContentVec, which is what is read here; ask for a voice trained with contentvec"
        )


def _is_own(named: Any, known: Set[str]) -> bool:
    """Whether a part is RVC's own: it is named so, or not at all."""
    return named is None or (isinstance(named, str) and named.lower() in {"", *known})


def _named_config(config: Any) -> dict[str, Any]:
    """Return the values of ``config`` by their names."""
    if config is None:
        return {}
    if isinstance(config, list | tuple):
        if len(config) != len(CONFIG):
            raise _contradiction(f"config has {len(config):,} values, not {len(CONFIG)}")
        return dict(zip(CONFIG, config, strict=True))
    model, data = map(config.get, ("model", "data")) if isinstance(config, dict) else (None, None)
    if not isinstance(model, dict) or not isinstance(data, dict):
        raise _contradiction(f"config is {shown(config)}")
    named = {name: model[name] for name in CONFIG if name in model}
    return named | {"sr": data.get("sampling_rate", data.get("sample_rate"))}


def _version(value: Any) -> int:
    if isinstance(value, str) and value in _VERSIONS:
        return _VERSIONS[value]
    raise Unsupported(
        f"says that it is of version {shown(value)}, but RVC's voices are of v1 or v2; "
        "ask for one of those"
    )


def _rate(value: Any) -> int:
    text = "" if type(value) is bool else _short(value)
    digits = text.removesuffix("k")
    if not digits.isascii() or not digits.isdecimal():
        raise _contradiction("sr is missing" if value is None else f"sr is {shown(value)}")
    return int(digits) * (1 if digits == text else 1000)


def _f0(value: Any) -> bool:
    text = _short(value)
    if text not in _YES + _NO:
        raise _contradiction(f"f0 is {shown(value)}")
    return text in _YES


def _short(value: Any) -> str:
    """Return a whole number, a truth or a text as a short text in lower case; else nothing."""
    if isinstance(value, str):
        return value.lower() if len(value) < SHORT else ""
    return str(value).lower() if isinstance(value, int) and abs(value) < 10**SHORT else ""


def _speakers(shape: tuple[int, ...]) -> int:
    if len(shape) != 2 or not 1 <= shape[0] <= MAX_SPEAKERS:
        raise _contradiction(f"its table of speakers, emb_g.weight, has the shape {shape}")
    return shape[0]


def _check_config(config: dict[str, Any], architecture: Architecture) -> None:
    wanted = {
        "spec_channels": 513 if architecture.sample_rate == 32_000 else 1025,
        "inter_channels": LATENT,
        "hidden_channels": LATENT,
        "filter_channels": FILTER,
        "n_heads": HEADS,
        "n_layers": ENCODER_LAYERS,
        "kernel_size": 3,
        "resblock": "1",
        "resblock_kernel_sizes": BLOCK_KERNELS,
        "resblock_dilation_sizes": (DILATIONS,) * len(BLOCK_KERNELS),
        "upsample_rates": architecture.upsample_rates,
        "upsample_initial_channel": DECODER_CHANNELS,
        "upsample_kernel_sizes": architecture.upsample_kernels,
        "gin_channels": SPEAKER,
        "sr": architecture.sample_rate,
    }
    wrong = [name for name in config if name in wanted and not _same(config[name], wanted[name])]
    if wrong:
        name = wrong[0]
        more = f" (and so {listed(wrong[1:])})" if wrong[1:] else ""
        raise _contradiction(
            f"{name} is {shown(config[name])}, not {shown(wanted[name])} as in RVC "
            f"{architecture.name}{more}"
        )


def _same(value: Any, wanted: Any) -> bool:
    """Whether a value of a file is the one wanted; never looks into more than that has."""
    if isinstance(wanted, tuple):
        return (
            isinstance(value, list | tuple)
            and len(value) == len(wanted)
            and all(map(_same, value, wanted))
        )
    return type(value) is type(wanted) and bool(value == wanted)


def _contradiction(fault: str) -> Unsupported:
    return Unsupported(
        f"does not describe a voice of RVC ({fault}); ask for the file that RVC or Applio saved"
    )

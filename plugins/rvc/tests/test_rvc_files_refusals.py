"""Models that are none of RVC's are refused, each with what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from rvc_model_files import (
    V1_32K,
    V2_40K,
    config,
    few,
    few_weights,
    in_new_spelling,
    model,
    safetensors,
    weights,
)

from autovoice_core import ModelError
from autovoice_rvc.files.checkpoint import parse_checkpoint


def refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        parse_checkpoint(content, Path("voice.pth"))
    begin, _, rest = str(caught.value).partition(": ")
    assert begin == "voice.pth"
    return rest


def undescribed(content: bytes) -> str:
    """Return why a description is refused as none of RVC's."""
    begin, _, rest = refusal(content).partition(" (")
    fault, _, end = rest.rpartition("); ")
    assert begin == "does not describe a voice of RVC"
    assert end == "ask for the file that RVC or Applio saved"
    return fault


def changed(place: int, value: Any) -> list[Any]:
    return [*config(V2_40K)[:place], value, *config(V2_40K)[place + 1 :]]


@pytest.mark.parametrize("vocoder", ["MRF HiFi-GAN", "RefineGAN", "BigVGAN"])
def test_another_vocoder_is_refused_by_name(vocoder: str) -> None:
    assert refusal(few(vocoder=vocoder)) == (
        f'sings with the vocoder "{vocoder}", which is not read, but with HiFi-GAN, RVC\'s own; '
        "ask for a voice trained with that"
    )


@pytest.mark.parametrize(
    ("name", "vocoder"),
    [("dec.mrfs.0.0.conv1.weight", "MRF HiFi-GAN"), ("dec.upsample_blocks.0.bias", "RefineGAN")],
)
def test_another_vocoder_is_told_by_its_weights(name: str, vocoder: str) -> None:
    assert refusal(few(weight=few_weights() | {name: torch.zeros(1)})) == (
        f'sings with the vocoder "{vocoder}", which is not read, but with HiFi-GAN, RVC\'s own; '
        "ask for a voice trained with that"
    )


@pytest.mark.parametrize(
    "encoder",
    [
        *("spin", "spin-v2", "chinese-hubert-base", "japanese-hubert-base", "korean-hubert-base"),
        "custom",
    ],
)
def test_another_encoder_is_refused_by_name(encoder: str) -> None:
    assert refusal(few(embedder_model=encoder)) == (
        f'was trained on what the encoder "{encoder}" hears, and would mumble on ContentVec, '
        "which is what is read here; ask for a voice trained with contentvec"
    )


def test_another_version_is_refused() -> None:
    assert refusal(few(version="v3")) == (
        'says that it is of version "v3", but RVC\'s voices are of v1 or v2; ask for one of those'
    )


def test_another_sample_rate_is_refused() -> None:
    assert refusal(few(sr="44100")) == (
        "says that it is of 44,100 Hz, but RVC's voices are of 32,000, 40,000 or 48,000; "
        "ask for one of those"
    )


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"sr": "fast"}, 'sr is "fast"'),
        ({"sr": 40.0}, "sr is 40.0"),
        ({"sr": True}, "sr is True"),
        ({"sr": None, "config": [*config(V2_40K)[:17], None]}, "sr is missing"),
        ({"sr": 10**200}, "sr is a number of many digits"),
        ({"sr": "४०k"}, 'sr is "४०k"'),
        ({"f0": 2}, "f0 is 2"),
        ({"f0": torch.ones(1)}, "f0 is a Tensor"),
        ({"config": config(V2_40K)[:17]}, "config has 17 values, not 18"),
        ({"config": "40k"}, 'config is "40k"'),
        ({"config": changed(0, 513)}, "spec_channels is 513, not 1025 as in RVC v2 40k"),
        ({"config": changed(5, True)}, "n_heads is True, not 2 as in RVC v2 40k"),
        ({"config": changed(5, 2.0)}, "n_heads is 2.0, not 2 as in RVC v2 40k"),
        ({"config": changed(9, 1)}, 'resblock is 1, not "1" as in RVC v2 40k'),
        (
            {"config": changed(11, [[1, 3, 5], [1, 3, 5], [1, 3, 7]])},
            "resblock_dilation_sizes is [[1, 3, 5], [1, 3, 5], [1, 3, 7]], "
            "not [[1, 3, 5], [1, 3, 5], [1, 3, 5]] as in RVC v2 40k",
        ),
        (
            {"config": changed(12, [12, 10, 2, 2])},
            "upsample_rates is [12, 10, 2, 2], not [10, 10, 2, 2] as in RVC v2 40k",
        ),
        (
            {"config": changed(12, torch.ones(4))},
            "upsample_rates is a Tensor, not [10, 10, 2, 2] as in RVC v2 40k",
        ),
        (
            {"config": config(V1_32K)},
            "spec_channels is 513, not 1025 as in RVC v2 40k "
            "(and so sr, upsample_kernel_sizes, upsample_rates)",
        ),
        (
            {"sr": "48k"},
            "upsample_rates is [10, 10, 2, 2], not [12, 10, 2, 2] as in RVC v2 48k "
            "(and so sr, upsample_kernel_sizes)",
        ),
        (
            {"weight": {"enc_p.emb_phone.weight": torch.zeros(2)}},
            "its table of speakers, emb_g.weight, has the shape ()",
        ),
        (
            {"weight": few_weights(0)},
            "its table of speakers, emb_g.weight, has the shape (0, 256)",
        ),
        (
            {"weight": few_weights(10_001)},
            "its table of speakers, emb_g.weight, has the shape (10001, 256)",
        ),
    ],
)
def test_a_description_that_is_none_of_a_voice_is_refused(
    changes: dict[str, Any], fault: str
) -> None:
    assert undescribed(few(**changes)) == fault


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = [1, 3]
    endless.append(endless)
    fault = "resblock_kernel_sizes is [1, 3, [1, 3, a list]], not [3, 7, 11] as in RVC v2 40k"
    assert undescribed(few(config=changed(10, endless))) == fault


def test_a_list_of_very_many_lists_is_refused_at_once() -> None:
    doubled: list[Any] = []
    for _ in range(80):
        doubled = [doubled, doubled]
    fault = (
        "resblock_dilation_sizes is [[a list, a list], [a list, a list]], "
        "not [[1, 3, 5], [1, 3, 5], [1, 3, 5]] as in RVC v2 40k"
    )
    assert undescribed(few(config=changed(11, doubled))) == fault


def unlike(content: bytes) -> str:
    """Return in what a model is unlike RVC v1 32k without f0."""
    text = refusal(content)
    begin, end = (
        "says that it is RVC v1 32k without f0, but ",
        "; ask for the file that RVC or Applio saved",
    )
    assert text.startswith(begin)
    assert text.endswith(end)
    return text.removeprefix(begin).removesuffix(end)


def held(**changes: Any) -> bytes:
    """Return a model with other weights; None takes away."""
    found = weights(V1_32K) | {name.replace("__", "."): value for name, value in changes.items()}
    return model(V1_32K, weight={name: value for name, value in found.items() if value is not None})


def test_missing_weights_are_named() -> None:
    assert unlike(held(dec__cond__bias=None)) == "lacks dec.cond.bias"


def test_of_many_missing_weights_some_are_named() -> None:
    named = "dec.cond.bias, dec.cond.weight, dec.conv_post.weight, dec.conv_pre.bias, "
    named += "dec.conv_pre.weight"
    count = len(V1_32K.shapes()) - 1
    content = model(V1_32K, weight={"emb_g.weight": torch.zeros(109, 256)})
    assert unlike(content) == f"lacks {named} and {count - 5} more"


def test_weights_that_no_voice_has_are_named() -> None:
    assert unlike(held(dec__extra=torch.zeros(1))) == "also holds dec.extra"


def test_a_shape_that_no_voice_has_is_refused() -> None:
    found = torch.zeros(192, 768, dtype=torch.float16)
    assert unlike(held(enc_p__emb_phone__weight=found)) == (
        "has enc_p.emb_phone.weight of the shape (192, 768), not (192, 256)"
    )


def test_an_array_of_nothing_is_refused() -> None:
    assert unlike(held(dec__cond__bias=torch.zeros(0))) == (
        "has dec.cond.bias of the shape (0,), not (512,)"
    )


@pytest.mark.parametrize("kind", [torch.float64, torch.int32, torch.bool])
def test_other_kinds_of_numbers_are_refused(kind: torch.dtype) -> None:
    assert unlike(held(dec__cond__bias=torch.zeros(512, dtype=kind))) == (
        f"has dec.cond.bias in {str(kind).removeprefix('torch.')}, not float16, float32 or bfloat16"
    )


def test_a_text_in_place_of_an_array_is_refused() -> None:
    assert unlike(held(dec__cond__bias="x")) == "has no array at dec.cond.bias"


@pytest.mark.parametrize("value", [torch.nan, torch.inf])
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_numbers_that_are_not_finite_are_refused(value: float, kind: torch.dtype) -> None:
    bias = torch.zeros(512, dtype=kind)
    bias[-1] = value
    assert refusal(held(dec__cond__bias=bias)) == (
        "holds numbers that are not finite, in dec.cond.bias: its training failed, or it is "
        "damaged; download it again, or ask for one of an earlier epoch"
    )


def test_weights_in_both_spellings_are_refused() -> None:
    found = weights(V1_32K)
    assert refusal(model(V1_32K, weight=found | in_new_spelling(found))) == (
        "holds flow.flows.0.enc.cond_layer.weight_g twice; ask for the file that RVC saved"
    )


def test_metadata_that_is_no_json_is_refused() -> None:
    assert refusal(safetensors(few_weights(), config="[1025,")) == (
        "config in its metadata is no JSON; ask for the file that RVC or Applio saved"
    )

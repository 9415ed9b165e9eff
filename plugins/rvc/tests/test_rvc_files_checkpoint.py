"""Models come out as they went in, however they are spelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rvc_model_files import (
    V1_32K,
    V2_40K,
    Weights,
    archive,
    config,
    description,
    in_new_spelling,
    model,
    safetensors,
    weights,
)

from autovoice_rvc.architecture import ARCHITECTURES, Architecture
from autovoice_rvc.files.checkpoint import Checkpoint, parse_checkpoint

FILE = Path("voice.pth")


def require(found: Checkpoint, wanted: Weights, architecture: Architecture = V2_40K) -> None:
    assert found.architecture == architecture
    assert found.arrays.keys() == wanted.keys()
    for name, array in found.arrays.items():
        assert array.flags.c_contiguous
        assert array.flags.owndata
        assert array.dtype == wanted[name].numpy().dtype
        np.testing.assert_array_equal(array, wanted[name].numpy())


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_every_architecture_comes_out_exactly(architecture: Architecture) -> None:
    held = weights(architecture)
    content = archive({"weight": held, **description(architecture)})
    require(parse_checkpoint(content, FILE), held, architecture)


def test_the_new_spelling_of_weight_norm_is_the_old_one() -> None:
    held = weights(V2_40K)
    spelled = in_new_spelling(held)
    assert len(spelled.keys() - held.keys()) == 2 * sum("weight_g" in name for name in held)
    require(parse_checkpoint(model(weight=spelled), FILE), held)


def test_what_only_training_needs_is_dropped() -> None:
    held = weights(V2_40K)
    more = held | {"enc_q.pre.weight": torch.zeros(192, 1025, 1)}
    require(parse_checkpoint(model(weight=more), FILE), held)


def test_float32_stays() -> None:
    held = weights(V1_32K, torch.float32)
    require(parse_checkpoint(model(V1_32K, weight=held), FILE), held, V1_32K)


def test_bfloat16_becomes_float32_exactly() -> None:
    held = weights(V1_32K, torch.bfloat16)
    wanted = {name: value.float() for name, value in held.items()}
    require(parse_checkpoint(model(V1_32K, weight=held), FILE), wanted, V1_32K)


def test_views_and_parameters_come_out_as_arrays_of_their_own() -> None:
    held = weights(V1_32K)
    turned = held["enc_p.emb_phone.weight"].t().contiguous().t()
    table = torch.nn.Parameter(held["emb_g.weight"])
    given = held | {"enc_p.emb_phone.weight": turned, "emb_g.weight": table}
    require(parse_checkpoint(model(V1_32K, weight=given), FILE), held, V1_32K)


def test_the_table_of_speakers_is_believed_rather_than_config() -> None:
    held = weights(V1_32K) | {"emb_g.weight": torch.ones(3, 256)}
    found = parse_checkpoint(model(V1_32K, weight=held), FILE)
    assert found.architecture.speakers == 3
    assert found.arrays["emb_g.weight"].shape == (3, 256)


@pytest.mark.parametrize(
    "changes",
    [
        {"sr": 40_000},
        {"sr": "40000"},
        {"sr": "40K"},
        {"sr": None},
        {"f0": True},
        {"f0": "1"},
        {"f0": None},
        {"config": tuple(config(V2_40K))},
        {"config": [*config(V2_40K)[:15], 1, *config(V2_40K)[16:]]},
        {"vocoder": "HiFi-GAN", "embedder_model": "contentvec"},
        {"vocoder": "Default", "embedder_model": "ContentVec"},
        {"vocoder": "", "embedder_model": ""},
    ],
)
def test_all_spellings_of_a_description_are_understood(changes: dict[str, Any]) -> None:
    assert parse_checkpoint(model(**changes), FILE).architecture == V2_40K


def test_without_a_version_it_is_the_first() -> None:
    found = parse_checkpoint(model(V1_32K, version=None), FILE)
    assert found.architecture == V1_32K


@pytest.mark.parametrize("f0", [0, False, "0", "false"])
def test_all_spellings_of_no_f0_are_understood(f0: Any) -> None:
    assert parse_checkpoint(model(V1_32K, f0=f0), FILE).architecture == V1_32K


CONFIG_BY_NAME = {
    "train": {"segment_size": 12_800},
    "data": {"sampling_rate": 40_000, "hop_length": 400},
    "model": {"inter_channels": 192, "resblock": "1", "upsample_rates": [10, 10, 2, 2]},
}


@pytest.mark.parametrize(
    "metadata",
    [
        {"sr": "40k", "f0": "1", "version": "v2", "config": config(V2_40K)},
        {"sample_rate": "40000", "f0": "true", "version": "v2", "config_json": CONFIG_BY_NAME},
        {"sample_rate": "40000", "version": "v2"},
    ],
)
def test_safetensors_come_out_with_the_description_of_their_metadata(
    metadata: dict[str, Any],
) -> None:
    held = weights(V2_40K)
    require(parse_checkpoint(safetensors(held, **metadata), FILE), held)


def test_safetensors_in_bfloat16_become_float32() -> None:
    held = weights(V1_32K, torch.bfloat16)
    wanted = {name: value.float() for name, value in held.items()}
    content = safetensors(held, sr="32k", f0="0", version="v1")
    require(parse_checkpoint(content, FILE), wanted, V1_32K)


def test_what_applio_says_of_a_voice_becomes_lines() -> None:
    said = {
        "epoch": 200,
        "step": 12_000,
        "creation_date": "2024-11-30T05:00:00",
        "model_hash": "ab" * 32,
        "overtrain_info": None,
        "dataset_length": "00:10:00",
        "model_name": "A\x1b[2Jna\nLu",
        "author": "x" * 1000,
        "embedder_model": "contentvec",
        "speakers_id": 1,
        "vocoder": "HiFi-GAN",
        "colour": "red",
    }
    assert parse_checkpoint(model(V1_32K, info=None, **said), FILE).facts == (
        r"name: A\x1b[2Jna Lu",
        f"author: {'x' * 200}… (600 more characters)",
        "epochs: 200",
        "steps: 12000",
        "made on: 2024-11-30T05:00:00",
        "length of the recordings: 00:10:00",
        "encoder: contentvec",
        "vocoder: HiFi-GAN",
        "speakers: 1",
        "the file also holds, unused: colour",
    )


def test_what_rvc_says_of_a_voice_becomes_lines() -> None:
    said = {"name": "Ana", "timestamp": 1_732_942_800, "hash": "abc", "id": "def"}
    assert parse_checkpoint(model(V1_32K, **said), FILE).facts == (
        "name: Ana",
        "training: 100epoch",
        "made on: 2024-11-30",
    )

"""Models of other families, encoders and other networks are told by the names in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rvc_model_files import archive, few_weights, safetensors

from autovoice_core import ModelError
from autovoice_rvc.files.checkpoint import parse_checkpoint
from autovoice_rvc.networks.contentvec import contentvec_shapes
from autovoice_rvc.networks.rmvpe import rmvpe_shapes

ONE = torch.zeros(1)
ASK = "ask for an RVC voice of the singer"
GIVE = "give the file of the voice itself (.pth or .safetensors)"
TRAINED = {"iteration": 5, "optimizer": {"state": {}}, "learning_rate": 1e-4}


def refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        parse_checkpoint(content, Path("voice.pth"))
    text = str(caught.value)
    assert text.startswith("voice.pth: ")
    return text.removeprefix("voice.pth: ")


def named(*names: str) -> dict[str, torch.Tensor]:
    return dict.fromkeys(names, ONE)


def tensors(arrays: Iterable[str]) -> dict[str, torch.Tensor]:
    """Return one number in place of each array: names tell what it is."""
    return dict.fromkeys(arrays, ONE)


SO_VITS = named(
    "emb_g.weight", "pre.weight", "emb_uv.weight", "enc_p.f0_emb.weight", "dec.cond.bias"
)
HIFI_GAN = ("conv_pre.weight_v", "ups.0.weight_v", "resblocks.0.convs1.0.weight_v")

LOADED: dict[str, tuple[Callable[[], Any], str]] = {
    "training checkpoint": (
        lambda: {"model": few_weights() | named("enc_q.pre.weight"), **TRAINED},
        "is a training checkpoint of RVC (G_….pth), from which a voice must be extracted; use the "
        'small file of the voice, which RVC saves in "assets/weights" and Applio as '
        '"…e_…s.pth", or make it with "Extract a small model" in RVC\'s tab "ckpt Processing"',
    ),
    "training checkpoint of another model": (
        lambda: {"model": named("enc_p.x"), **TRAINED},
        "is a checkpoint of a training, such as G_….pth, but its weights are of no model that is "
        "known here; if it is RVC's, use the small file of the voice, which RVC saves in "
        '"assets/weights" and Applio as "…e_…s.pth"',
    ),
    "discriminator": (
        lambda: {"model": named("discriminators.0.convs.0.bias"), **TRAINED},
        "is the discriminator of a training (D_….pth), which judges a voice and sings nothing; "
        'use the small file of the voice, which RVC saves in "assets/weights" and Applio as '
        '"…e_…s.pth"',
    ),
    "so-vits-svc": (
        lambda: {"model": SO_VITS, **TRAINED},
        f"is a model of so-vits-svc 4, a family of voices that is not read yet; {ASK}",
    ),
    "so-vits-svc by its voicing": (
        lambda: {"model": named("emb_g.weight", "emb_uv.weight")},
        f"is a model of so-vits-svc 4, a family of voices that is not read yet; {ASK}",
    ),
    "so-vits-svc by its pitch": (
        lambda: {"model": named("enc_p.f0_emb.weight")},
        f"is a model of so-vits-svc 4, a family of voices that is not read yet; {ASK}",
    ),
    "so-vits-svc by its tracker": (
        lambda: named("f0_decoder.prenet.weight"),
        f"is a model of so-vits-svc 4, a family of voices that is not read yet; {ASK}",
    ),
    "clusters of tensors": (
        lambda: {"ana": {"n_features_in_": 256, "_n_threads": 2, "cluster_centers_": ONE}},
        f"is a cluster model of so-vits-svc (kmeans_….pt), which is no voice; {ASK}",
    ),
    "clusters of NumPy": (
        lambda: {"ana": {"n_features_in_": 256, "cluster_centers_": np.zeros((2, 2))}},
        f"is a cluster model of so-vits-svc (kmeans_….pt), which is no voice; {ASK}",
    ),
    "kNN-VC": (
        lambda: {"generator": named("lin_pre.weight", *HIFI_GAN)},
        f"is the vocoder of kNN-VC, a family of voices that is not read yet; {ASK}",
    ),
    "HiFi-GAN": (
        lambda: {"generator": named(*HIFI_GAN)},
        f"is a HiFi-GAN vocoder, which holds no voice; {GIVE}",
    ),
    "Diffusion-SVC": (
        lambda: {"global_step": 1, "model": named("unit_embed.weight", "f0_embed.weight")},
        f"is a model of DDSP-SVC or Diffusion-SVC, which is not read; {ASK}",
    ),
    "DDSP-SVC": (
        lambda: {"global_step": 1, "model": named("unit2ctrl.stack.0.weight")},
        f"is a model of DDSP-SVC or Diffusion-SVC, which is not read; {ASK}",
    ),
    "GPT-SoVITS": (
        lambda: {"weight": named("enc_p.ssl_proj.bias"), "config": {"data": {}}, "info": "8e"},
        f"is a model of GPT-SoVITS, which speaks texts and does not sing; {ASK}",
    ),
    "ContentVec": (
        lambda: tensors(contentvec_shapes()),
        "is a speech encoder (HuBERT or ContentVec), which RVC voices need but is none itself; "
        f"{GIVE}, and get the encoder by `autovoice models`",
    ),
    "WavLM": (
        lambda: {
            "cfg": {"encoder_layers": 24},
            "model": named("encoder.layers.0.self_attn.relative_attention_bias.weight"),
        },
        f"is the speech encoder WavLM, which kNN-VC needs and RVC does not; {GIVE}",
    ),
    "RMVPE": (
        lambda: tensors(rmvpe_shapes()),
        f"is RMVPE, a network that finds the pitch; {GIVE}",
    ),
    "FCPE": (
        lambda: {"model": named("input_stack.0.bias", "output_proj.bias"), "config_dict": {}},
        f"is FCPE, a network that finds the pitch; {GIVE}",
    ),
    "weights without description": (
        few_weights,
        "holds the weights of an RVC voice without what belongs to them (config, sr, f0 and "
        "version); ask for the file that RVC or Applio saved",
    ),
    "anything": (
        lambda: named("b\x1b[2J", "a", "c", "d", "e", "f", "g"),
        rf"is no RVC voice that is known (it holds a, b\x1b[2J, c, d, e and 2 more); {GIVE}",
    ),
    "nothing": (dict, f"is no RVC voice that is known (it holds nothing); {GIVE}"),
    "a list": (lambda: [ONE], f"holds no voice but a list; {GIVE}"),
}


@pytest.mark.parametrize("kind", LOADED)
def test_an_archive_of_something_else_is_told_by_name(kind: str) -> None:
    make, text = LOADED[kind]
    assert refusal(archive(make())) == text


def test_safetensors_of_something_else_are_told_by_name() -> None:
    held = tensors(rmvpe_shapes())
    assert refusal(safetensors(held)) == f"is RMVPE, a network that finds the pitch; {GIVE}"


def test_safetensors_without_a_description_are_told() -> None:
    assert refusal(safetensors(few_weights(), format="pt")) == (
        "holds the weights of an RVC voice without what belongs to them (config, sr, f0 and "
        "version); ask for the file that RVC or Applio saved"
    )

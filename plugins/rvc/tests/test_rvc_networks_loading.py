from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from random_rvc import Arrays, random_arrays, random_contentvec, random_rmvpe
from rvc_inputs import SPEAKER, excitation_of, inputs_of, noisy_tones
from torch.nn.utils.parametrizations import weight_norm

from autovoice_core import ModelError
from autovoice_rvc.architecture import ARCHITECTURES, Architecture
from autovoice_rvc.networks.contentvec import ContentVec, contentvec_shapes
from autovoice_rvc.networks.loading import fuse_weight_norm
from autovoice_rvc.networks.rmvpe import Rmvpe, rmvpe_shapes
from autovoice_rvc.networks.synthesiser import Synthesiser

V2_40K = next(each for each in ARCHITECTURES if each.name == "v2 40k")

TABLE = {
    "v1 32k": (516, 27_471_170),
    "v1 32k without f0": (503, 27_402_432),
    "v1 40k": (457, 27_439_042),
    "v1 40k without f0": (446, 27_367_616),
    "v1 48k": (516, 27_479_362),
    "v1 48k without f0": (503, 27_402_432),
    "v2 32k": (457, 28_057_538),
    "v2 32k without f0": (446, 27_990_208),
    "v2 40k": (457, 27_537_346),
    "v2 40k without f0": (446, 27_465_920),
    "v2 48k": (457, 28_716_994),
    "v2 48k without f0": (446, 28_645_568),
}
"""Arrays and their values, counted in the reference's own modules."""


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_an_architecture_has_as_many_arrays_as_the_reference(architecture: Architecture) -> None:
    shapes = architecture.shapes()
    count = sum(int(np.prod(shape)) for shape in shapes.values())
    assert (len(shapes), count) == TABLE[architecture.name]
    assert np.prod(architecture.upsample_rates) == architecture.hop


def test_the_other_networks_have_as_many_values_as_the_reference() -> None:
    # Of which HuBERT's 94,371,712 and the projection; masks, which nothing uses, have 768 more.
    assert sum(int(np.prod(shape)) for shape in contentvec_shapes().values()) == 94_567_808
    assert len(rmvpe_shapes()) == 623


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    return random_arrays(V2_40K, 1)


def sound(network: Synthesiser) -> torch.Tensor:
    inputs = inputs_of(V2_40K)
    source = excitation_of(V2_40K, inputs)
    return network(inputs.content, inputs.f0, SPEAKER, inputs.noise, source)


def test_float16_gives_what_its_values_give_in_float32(arrays: Arrays) -> None:
    half = {name: array.astype(np.float16) for name, array in arrays.items()}
    same = {name: array.astype(np.float32) for name, array in half.items()}
    network = Synthesiser.from_arrays(V2_40K, half)
    assert torch.equal(sound(network), sound(Synthesiser.from_arrays(V2_40K, same)))
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_arrays_that_are_given_stay_as_they_were(arrays: Arrays) -> None:
    before = {name: array.copy() for name, array in arrays.items()}
    sound(Synthesiser.from_arrays(V2_40K, arrays))
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, before[name])


def test_a_table_of_one_speaker_is_taken(arrays: Arrays) -> None:
    from attrs import evolve

    one = arrays | {"emb_g.weight": arrays["emb_g.weight"][SPEAKER : SPEAKER + 1]}
    network = Synthesiser.from_arrays(evolve(V2_40K, speakers=1), one)
    inputs = inputs_of(V2_40K)
    source = excitation_of(V2_40K, inputs)
    samples = network(inputs.content, inputs.f0, 0, inputs.noise, source)
    assert torch.equal(samples, sound(Synthesiser.from_arrays(V2_40K, arrays)))


@pytest.mark.parametrize("transposed", [False, True])
def test_weight_norm_is_fused_as_torch_computes_it(transposed: bool) -> None:
    kind = torch.nn.ConvTranspose1d if transposed else torch.nn.Conv1d
    layer = weight_norm(kind(6, 4, 3))
    lengths = layer.parametrizations.weight.original0
    lengths.data = torch.rand(lengths.shape) + 0.5
    named = {"a.weight_g": lengths, "a.weight_v": layer.parametrizations.weight.original1}
    fused = fuse_weight_norm({**named, "a.bias": layer.bias})
    assert fused.keys() == {"a.weight", "a.bias"}
    torch.testing.assert_close(fused["a.weight"], layer.weight)


def loaders() -> list[Any]:
    voice = lambda arrays: Synthesiser.from_arrays(V2_40K, arrays)  # noqa: E731
    return [
        pytest.param(voice, V2_40K.shapes(), "RVC v2 40k", id="voice"),
        pytest.param(ContentVec.from_arrays, contentvec_shapes(), "ContentVec", id="contentvec"),
        pytest.param(Rmvpe.from_arrays, rmvpe_shapes(), "RMVPE", id="rmvpe"),
    ]


def empty(shapes: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    return {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes.items()}


@pytest.mark.parametrize(("load", "shapes", "name"), loaders())
def test_what_is_missing_is_named(
    load: Callable[[Any], Any], shapes: dict[str, tuple[int, ...]], name: str
) -> None:
    last = list(shapes)[-1]
    given = empty(shapes)
    del given[last]
    said = f"{name}: 1 of its {len(shapes)} arrays are missing: {last}; give a file"
    with pytest.raises(ModelError, match=re.escape(said)):
        load(given)
    with pytest.raises(ModelError, match=f"{len(shapes)} arrays are missing: .* …; give"):
        load({})


@pytest.mark.parametrize(("load", "shapes", "name"), loaders())
def test_what_has_another_shape_is_named(
    load: Callable[[Any], Any], shapes: dict[str, tuple[int, ...]], name: str
) -> None:
    first = next(iter(shapes))
    given = empty(shapes) | {first: np.zeros((3, 0), np.float32)}
    said = f"{name}: 1 of its {len(shapes)} arrays have another shape: {first} is (3, 0), not "
    with pytest.raises(ModelError, match=re.escape(said)):
        load(given)


FAIRSEQ = (
    ("feature_extractor.conv_layers.0.layer_norm.", "feature_extractor.conv_layers.0.2."),
    (".conv.weight", ".0.weight"),
    ("feature_projection.layer_norm.", "layer_norm."),
    ("feature_projection.projection.", "post_extract_proj."),
    ("encoder.pos_conv_embed.conv.", "encoder.pos_conv.0."),
    (".attention.", ".self_attn."),
    (".feed_forward.intermediate_dense.", ".fc1."),
    (".feed_forward.output_dense.", ".fc2."),
)


def fairseq_name(name: str) -> str:
    if re.match(r"encoder\.layers\.\d+\.layer_norm\.", name):
        return name.replace(".layer_norm.", ".self_attn_layer_norm.")
    for hugging_face, fairseq in FAIRSEQ:
        if name.startswith("encoder.pos_conv_embed") and hugging_face == ".conv.weight":
            continue
        name = name.replace(hugging_face, fairseq)
    return name


def test_contentvec_is_found_by_every_spelling_of_its_names() -> None:
    given = random_contentvec(2)
    samples = noisy_tones(4000)
    plain = ContentVec.from_arrays(given)(samples, version=2)
    by_fairseq = {fairseq_name(name): array for name, array in given.items()}
    assert "post_extract_proj.weight" in by_fairseq
    assert "encoder.layers.11.self_attn_layer_norm.weight" in by_fairseq
    new = {
        name.replace("weight_g", "parametrizations.weight.original0").replace(
            "weight_v", "parametrizations.weight.original1"
        ): array
        for name, array in given.items()
    }
    wrapped = {f"hubert.{name}": array for name, array in new.items()}
    for named in (by_fairseq, wrapped):
        assert not contentvec_shapes().keys() <= named.keys()
        assert torch.equal(ContentVec.from_arrays(named)(samples, version=2), plain)


def test_rmvpe_takes_any_number_of_frames() -> None:
    network = Rmvpe.from_arrays(random_rmvpe(1))
    mel = torch.randn(1, 128, 64, generator=torch.Generator().manual_seed(0)) - 3
    whole = network(mel)
    # A multiple of 32 is not padded; zeros in the spectrogram are what padding is.
    padded = network(torch.cat([mel[:, :, :40], torch.zeros(1, 128, 24)], dim=2))
    torch.testing.assert_close(network(mel[:, :, :40]), padded[:, :40])
    assert network(mel[:, :, :1]).shape == (1, 1, 360)
    assert whole.shape == (1, 64, 360)

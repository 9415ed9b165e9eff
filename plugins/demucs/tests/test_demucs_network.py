from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from demucs.htdemucs import HTDemucs
from demucs_files import CLASS, SMALL, TRUE, kept, small, written

from autovoice_core import ModelError
from autovoice_demucs.network import load_network
from autovoice_demucs.weights import HTDEMUCS, HTDEMUCS_FT_VOCALS


def test_a_network_comes_out_of_its_file_as_it_went_in(tmp_path: Path) -> None:
    network = small()
    loaded = load_network(kept(written(network.state_dict()), tmp_path))
    noise = torch.randn(1, 2, 50_000, generator=torch.Generator().manual_seed(1))
    assert loaded.segment == SMALL["segment"]
    assert not loaded.training
    with torch.inference_mode():
        assert torch.equal(loaded(noise), network(noise))


def test_options_that_the_class_no_longer_knows_are_dropped(tmp_path: Path) -> None:
    body = written(small().state_dict(), SMALL | {"t_gone_since": 3})
    assert load_network(kept(body, tmp_path)).sources == SMALL["sources"]


def test_the_true_network_written_as_its_author_does_has_the_pinned_size(tmp_path: Path) -> None:
    with torch.device("meta"):
        layout = HTDemucs(**TRUE).state_dict()
    body = written({name: torch.zeros(array.shape) for name, array in layout.items()}, TRUE)
    assert len(body) == HTDEMUCS.size == HTDEMUCS_FT_VOCALS.size
    network = load_network(kept(body, tmp_path))
    assert sum(parameter.numel() for parameter in network.parameters()) == 41_984_456


def options(**changes: Any) -> dict[str, str]:
    import json

    plain = SMALL | {"segment": 1} | changes
    return {"klass": CLASS, "args": "[]", "kwargs": json.dumps(plain)}


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "it lacks 'klass'"),
        ({"klass": CLASS}, "it lacks 'args'"),
        (options() | {"klass": "os.system"}, "it is a os.system"),
        (options() | {"klass": "demucs.hdemucs.HDemucs"}, "it is a demucs.hdemucs.HDemucs"),
        (options() | {"kwargs": "{"}, "Expecting property name enclosed in double quotes"),
        (options() | {"kwargs": "[]"}, "missing 1 required positional argument"),
        (options() | {"args": "3"}, "must be an iterable, not int"),
        (options(sources=["drums", "rest"]), "it has no stem of vocals"),
        (options(samplerate=48_000), "it is not for stereo at 44100 Hz"),
        (options(audio_channels=1), "it is not for stereo at 44100 Hz"),
        (options(channels=16), "Error\\(s\\) in loading state_dict for HTDemucs: size mismatch"),
        (options(t_layers=3), "Error\\(s\\) in loading state_dict for HTDemucs: Missing key"),
        (options(channels=10**12), "size mismatch|overflow|too large|Storage size"),
        (options(depth="deep"), "'str' object cannot be interpreted as an integer"),
    ],
)
def test_weights_of_something_else_are_refused(
    tmp_path: Path, metadata: dict[str, str], reason: str
) -> None:
    weights = kept(written(small().state_dict(), metadata=metadata), tmp_path)
    with pytest.raises(ModelError, match=reason) as caught:
        load_network(weights)
    text = str(caught.value)
    assert text.startswith(f"{weights.place}: is not an HTDemucs model (")
    assert text.endswith("); report it to the plugin's authors")
    assert len(text) < len(str(weights.place)) + 280
    assert "\n" not in text


def test_the_pickled_packages_of_earlier_days_are_refused(tmp_path: Path) -> None:
    memory = io.BytesIO()
    package = {"klass": HTDemucs, "args": (), "kwargs": SMALL, "state": small().state_dict()}
    torch.save(package, memory)
    for body in (memory.getvalue(), pickle.dumps(package)):
        with pytest.raises(ModelError, match="is not safetensors"):
            load_network(kept(body, tmp_path, f"toy/n{len(body)}"))


def test_weights_that_are_not_here_are_named_with_the_remedy(store: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_network(HTDEMUCS)
    assert str(caught.value) == (
        "the weights demucs/htdemucs (84 MB, licence unstated) are not in "
        f"{store / 'demucs/htdemucs/955717e8.safetensors'}; "
        "run `autovoice models get demucs/htdemucs`"
    )

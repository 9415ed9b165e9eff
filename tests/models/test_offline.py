"""Downloads that are forbidden, by an argument or by the environment."""

from __future__ import annotations

import pytest
from model_server import Server

from autovoice_core import InputError, ModelError, models
from autovoice_core.backends import Weights


@pytest.mark.parametrize(("variable", "argument"), [("1", None), ("", True), ("0", True)])
def test_nothing_is_downloaded_offline(
    server: Server,
    weights: Weights,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    argument: bool | None,
) -> None:
    monkeypatch.setenv("AUTOVOICE_OFFLINE", variable)
    with pytest.raises(ModelError) as caught:
        models.get(weights, offline=argument)
    assert str(caught.value) == (
        "toy/net: downloads are forbidden (--offline or AUTOVOICE_OFFLINE); download "
        f"{weights.url} on another machine and run `autovoice models get toy/net --from FILE`"
    )
    assert server.asked == []


def test_a_variable_that_is_neither_on_nor_off_is_refused_before_anything_is_asked_for(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_OFFLINE", "perhaps")
    with pytest.raises(InputError) as caught:
        models.get(weights)
    assert str(caught.value) == (
        "AUTOVOICE_OFFLINE: 'perhaps' is neither on nor off; give 1, true, yes or on, or 0, "
        "false, no or off"
    )
    assert server.asked == []


@pytest.mark.parametrize("variable", ["", "0", "false"])
def test_the_variable_forbids_nothing_where_it_is_empty_or_off(
    weights: Weights, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("AUTOVOICE_OFFLINE", variable)
    assert models.get(weights).exists()

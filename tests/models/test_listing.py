"""Weights by name, of plugins that offer none."""

from __future__ import annotations

import pytest

from autovoice_core import ModelError, models
from autovoice_core.backends import Catalogue, Fault
from autovoice_core.backends.plugins.plugin import Plugin
from autovoice_core.backends.plugins.registry import Registry, using_registry


def test_weights_of_a_plugin_that_is_blocked_are_not_unknown() -> None:
    fault = Fault("nets", "toynets 1.0", "blocked", "AUTOVOICE_BLOCK names it")
    plugin = Plugin("nets", "toynets 1.0")
    blocked = Registry(Catalogue(faults=(fault,), plugins=(plugin,)))
    with using_registry(blocked), pytest.raises(ModelError) as caught:
        models.find("nets/net")
    assert str(caught.value) == (
        "the weights nets/net are those of the plugin nets, which is blocked (AUTOVOICE_BLOCK "
        "names it); change that variable"
    )


def test_those_of_a_plugin_of_ours_that_is_not_installed_name_it() -> None:
    with using_registry(Registry(Catalogue())), pytest.raises(ModelError) as caught:
        models.find("demucs/htdemucs")
    assert str(caught.value).startswith(
        "the weights demucs/htdemucs are those of the plugin autovoice-demucs, which is not "
        "installed; "
    )

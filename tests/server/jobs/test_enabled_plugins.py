"""Plugins that are installed on a server, but which nobody there enabled."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_plugin import installed_toy

from autovoice_core import InputError
from autovoice_core.server.jobs.enabled_plugins import require_enabled


def test_a_client_has_no_plugin_imported_that_is_not_enabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "")
    trace = tmp_path / "imported"
    offers = f"from pathlib import Path\nPath({str(trace)!r}).touch()\n"
    with installed_toy(tmp_path / "site", monkeypatch, offers):
        with pytest.raises(InputError) as caught:
            require_enabled({"pitch": "toy/x"})
        assert str(caught.value) == (
            "options.backends.pitch: the plugin 'toy' is not enabled on the server; run "
            "`autovoice plugins enable toy` there"
        )
        assert not trace.exists()

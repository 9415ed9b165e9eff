"""The plugins that clients may name: those that are enabled on the server."""

from __future__ import annotations

from collections.abc import Mapping

from autovoice_core._errors import ArgumentError
from autovoice_core.backends.plugins.registry import catalogue


def require_enabled(backends: Mapping[str, str]) -> None:
    """Refuse backends, by operation, of plugins that are not enabled: a name has them imported.

    On the command line it is the user who names them; here it is whoever reaches the server.

    Raises
    ------
    InputError
        One is of such a plugin.
    """
    closed = {plugin.name for plugin in catalogue().plugins if not plugin.enabled}
    for operation, name in backends.items():
        if (plugin := name.partition("/")[0]) in closed:
            raise ArgumentError(
                f"options.backends.{operation}: the plugin {plugin!r} is not enabled on the "
                f"server; run `autovoice plugins enable {plugin}` there"
            )

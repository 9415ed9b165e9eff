"""A server: jobs over HTTP, live singing over WebSocket, and a page; needs the extra ``server``.

Names are bound on first use, so that the command line can tell where the extra is missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovoice_core.server.app import create_app
    from autovoice_core.server.running import serve
    from autovoice_core.server.settings import Limits, Settings

_HOME_OF = {"Limits": "settings", "Settings": "settings", "create_app": "app", "serve": "running"}

__all__ = ["Limits", "Settings", "create_app", "serve"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'autovoice_core.server' has no attribute {name!r}")
    return getattr(import_module(f"autovoice_core.server.{_HOME_OF[name]}"), name)

"""An array library whose new arrays lie on one device, for recipes that know nothing of devices."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

SMALL = 1 << 16
"""Bytes up to which what is sent to the device is remembered: tables of a recipe, its weights."""
KEPT = 64
"""How many of them."""

_MAKING = ("arange", "empty", "eye", "full", "linspace", "ones", "zeros")


class Placed:
    """An array-API namespace that makes its arrays on ``device``.

    Parameters
    ----------
    xp
        The namespace, e.g. ``array_api_compat.torch``.
    device
        What it calls the device, e.g. ``"cuda:0"``.
    wait
        Called after a table was sent, for libraries that send behind the caller's back: another
        stream may be the next to read it.
    """

    def __init__(self, xp: Any, device: Any, *, wait: Callable[[], None] = lambda: None) -> None:
        self.wrapped, self.device, self._wait = xp, device, wait
        self._sent: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.wrapped, name)
        return partial(found, device=self.device) if name in _MAKING else found

    def _is_foreign(self, values: Any) -> bool:
        return is_array_api_obj(values) and array_namespace(values) is not self.wrapped

    def asarray(self, values: Any, *, device: Any = None, **options: Any) -> Any:
        """Return ``values`` on the device; small NumPy arrays travel once: never write to them.

        ``device`` is for recipes that name the place of an array that they have.
        """
        on = self.device if device is None else device
        if not isinstance(values, np.ndarray) and self._is_foreign(values):
            values = self.wrapped.from_dlpack(values)  # which waits until it is made
        if not isinstance(values, np.ndarray) or values.nbytes > SMALL or options:
            return self.wrapped.asarray(values, device=on, **options)
        key = (values.dtype, values.shape, values.tobytes(), str(on))
        with self._lock:
            if key not in self._sent:
                self._sent[key] = self.wrapped.asarray(values.copy(), device=on)
                self._wait()
                if len(self._sent) > KEPT:
                    self._sent.popitem(last=False)
            self._sent.move_to_end(key)
            return self._sent[key]

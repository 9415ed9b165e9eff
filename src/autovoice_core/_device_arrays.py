"""An array-API namespace bound to one device, for algorithms that know nothing of devices."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

MAX_CACHED_BYTES = 1 << 16
"""Largest array that is kept on the device after it was sent: tables, weights."""
MAX_CACHED_ARRAYS = 64
"""Number of arrays that are kept."""

_CREATION_FUNCTIONS = ("arange", "empty", "eye", "full", "linspace", "ones", "zeros")


class DeviceNamespace:
    """An array-API namespace that creates its arrays on ``device``.

    Parameters
    ----------
    xp
        The namespace, e.g. ``array_api_compat.torch``.
    device
        The device as the namespace names it, e.g. ``"cuda:0"``.
    wait
        Called after an array was sent, for libraries that send asynchronously: another stream
        may be the next to read it.
    """

    def __init__(self, xp: Any, device: Any, *, wait: Callable[[], None] = lambda: None) -> None:
        self.wrapped, self.device, self._wait = xp, device, wait
        self._sent: OrderedDict[Any, Any] = OrderedDict()
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.wrapped, name)
        return partial(found, device=self.device) if name in _CREATION_FUNCTIONS else found

    def _is_foreign(self, values: Any) -> bool:
        return is_array_api_obj(values) and array_namespace(values) is not self.wrapped

    def asarray(self, values: Any, *, device: Any = None, **options: Any) -> Any:
        """Return ``values`` on the device.

        Small NumPy arrays are sent once and cached: never write to them. ``device`` is for
        algorithms that pass on the device of another array.
        """
        on = self.device if device is None else device
        if not isinstance(values, np.ndarray) and self._is_foreign(values):
            values = self.wrapped.from_dlpack(values)  # which waits until it is computed
        if not isinstance(values, np.ndarray) or values.nbytes > MAX_CACHED_BYTES or options:
            return self.wrapped.asarray(values, device=on, **options)
        key = (values.dtype, values.shape, values.tobytes(), str(on))
        with self._lock:
            if key not in self._sent:
                self._sent[key] = self.wrapped.asarray(values.copy(), device=on)
                self._wait()
                if len(self._sent) > MAX_CACHED_ARRAYS:
                    self._sent.popitem(last=False)
            self._sent.move_to_end(key)
            return self._sent[key]

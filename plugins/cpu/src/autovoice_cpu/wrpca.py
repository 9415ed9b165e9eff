"""``cpu/wrpca``: separation by weighted robust PCA, on NumPy arrays."""

from __future__ import annotations

from functools import cache
from threading import Lock

import array_api_compat.numpy as xp
from threadpoolctl import ThreadpoolController

from autovoice_core import Audio, Stems
from autovoice_core.backends.smoke_tests import stems_add_up
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_cpu.device import check_device_and_dtype

_limit_lock = Lock()
"""Two limits at once would be lifted in the wrong order."""


class SingleThreadedRobustPCA(WeightedRobustPCA):
    """The algorithm, with its linear algebra on one thread.

    Its matrices are narrow: a second thread gains little on an idle machine, and on a busy one
    waits in a loop for the first, which takes ten times as long.
    """

    def separate(self, mixture: Audio) -> Stems:
        """Return vocals, and the mixture without them."""
        with _limit_lock, _thread_pools().limit(limits=1, user_api="blas"):
            return super().separate(mixture)


@cache
def _thread_pools() -> ThreadpoolController:
    return ThreadpoolController()


def open_wrpca(*, device: str, dtype: str) -> WeightedRobustPCA:
    """Return the separator; it has no options."""
    check_device_and_dtype("wrpca", device, dtype)
    return SingleThreadedRobustPCA(xp)


def probe_wrpca(device: str) -> None:
    """Separate a moment of noise; the stems must add up to it."""
    if not stems_add_up(open_wrpca(device=device, dtype="float32")):
        raise RuntimeError("the stems do not add up to the mixture; reinstall numpy")

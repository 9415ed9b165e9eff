"""Arrays that are sent to a device are sent as rarely as can be."""

from __future__ import annotations

import numpy as np

from autovoice_core._device_arrays import MAX_CACHED_ARRAYS, DeviceNamespace


class Sent:
    """A namespace that counts what is sent."""

    def __init__(self) -> None:
        self.sent = 0

    def asarray(self, values: np.ndarray, *, device: str) -> np.ndarray:
        assert device == "there"
        self.sent += 1
        return np.asarray(values)

    def zeros(self, shape: int, *, device: str) -> np.ndarray:
        assert device == "there"
        return np.zeros(shape)


def test_a_small_table_is_sent_once_and_waited_for() -> None:
    library, waits = Sent(), []
    placed = DeviceNamespace(library, "there", wait=lambda: waits.append(1))
    table = np.arange(5)
    first = placed.asarray(table)
    table[0] = 9
    np.testing.assert_array_equal(first, np.arange(5))
    assert placed.asarray(np.arange(5)) is first
    placed.asarray(np.arange(5.0))
    assert library.sent == len(waits) == 2
    assert len(placed.zeros(3)) == 3


def test_what_is_large_or_no_table_is_sent_each_time() -> None:
    library = Sent()
    placed = DeviceNamespace(library, "there")
    for _ in range(2):
        placed.asarray(np.zeros(1 << 14))
        placed.asarray([1, 2])
    assert library.sent == 4


def test_tables_in_use_are_kept_and_others_forgotten() -> None:
    library = Sent()
    placed = DeviceNamespace(library, "there")
    for number in range(2 * MAX_CACHED_ARRAYS):
        placed.asarray(np.array([-1]))
        placed.asarray(np.array([number]))
    assert library.sent == 2 * MAX_CACHED_ARRAYS + 1
    placed.asarray(np.array([0]))
    assert library.sent == 2 * MAX_CACHED_ARRAYS + 2

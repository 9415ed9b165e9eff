"""The host machine finds the faults that a GPU would run into."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import on_host
import pytest
from on_host import HostMachine

SOURCE = """
extern __shared__ __align__(16) unsigned char arena[];

extern "C" __global__ void turn(int* values) {
    int* near = (int*)arena;
    near[threadIdx.x] = values[threadIdx.x];
    __syncthreads();
    values[threadIdx.x] = near[blockDim.x - 1 - threadIdx.x];
}
extern "C" __global__ void part(int* values) {
    if (threadIdx.x == 0) __syncthreads(); else __syncwarp();
}
extern "C" __global__ void stray(int* values) { ((int*)arena)[blockDim.x] = 1; }
extern "C" __global__ void halve(int* values) { values[1] = *(int*)(arena + 2 * values[0]); }
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HostMachine:
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "toy.cu").write_text(SOURCE)
    monkeypatch.setattr(on_host, "files", lambda package: tmp_path)
    on_host.compiled.cache_clear()
    yield HostMachine()
    on_host.compiled.cache_clear()


def test_threads_of_a_block_share_memory_and_wait(machine: HostMachine) -> None:
    values = np.arange(64, dtype=np.int32)
    machine.launch("toy.cu", "turn", (), (1, 1), 64, 256, values)
    np.testing.assert_array_equal(values, np.arange(64)[::-1])


@pytest.mark.parametrize(
    ("kernel", "fault"),
    [
        ("part", "its threads wait for one another"),
        ("stray", "it writes outside its shared memory"),
        ("halve", "it reads or writes words at odd addresses"),
    ],
)
def test_a_fault_is_named(machine: HostMachine, kernel: str, fault: str) -> None:
    values = np.ones(64, np.int32)
    with pytest.raises(AssertionError, match=f"^{kernel}: {fault}"):
        machine.launch("toy.cu", kernel, (), (1, 1), 64, 256, values)

"""An NVIDIA GPU through CuPy: its checks, its arrays, and the launch of kernels on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from autovoice_core import InputError
from autovoice_core._device_arrays import DeviceNamespace

MIN_COMPUTE_CAPABILITY = (8, 0)
"""Oldest compute capability that has what the kernels use: a maximum over a warp."""
COMPILER_OPTIONS = (
    "--std=c++17",
    "-fmad=false",  # scores are rounded after every operation, as everywhere else
)


class CupyNamespace(DeviceNamespace):
    """CuPy as an array namespace bound to one device."""

    def clip(self, x: Any, low: Any = None, high: Any = None) -> Any:
        """Return ``x`` clipped; the version of array-api-compat waits for the device."""
        import cupy

        return cupy.clip(x, low, high)


class ForeignStream:
    """A stream of another library, as CuPy takes it: by the CUDA stream protocol.

    Parameters
    ----------
    address
        Of the ``cudaStream_t``.
    """

    def __init__(self, address: int) -> None:
        self._address = address

    def __cuda_stream__(self) -> tuple[int, int]:
        """Return the protocol's version and the address."""
        return 0, self._address


class CupyMachine:
    """A :class:`~autovoice_cuda.kernels.machine.Machine` on one GPU.

    Parameters
    ----------
    number
        Of the device, as CUDA counts.
    """

    def __init__(self, number: int) -> None:
        import array_api_compat.cupy as xp
        import cupy

        self._device = cupy.cuda.Device(number)
        self.xp = CupyNamespace(xp, self._device, wait=self._device.synchronize)
        facts = self._device.attributes
        self.shared = int(facts["MaxSharedMemoryPerBlockOptin"])
        self.processors = int(facts["MultiProcessorCount"])

    def launch(
        self,
        source: str,
        kernel: str,
        macros: tuple[str, ...],
        grid: tuple[int, int],
        block: int,
        shared: int,
        *arguments: Any,
    ) -> None:
        """Run a kernel on the current stream; it is compiled on first use, and kept on disk."""
        function = _function(self._device.id, source, kernel, macros, shared)
        with self._device:
            function(grid, (block,), arguments, shared_mem=shared)


@cache
def machine(number: int = 0) -> CupyMachine:
    """Return the machine of a device, always the same."""
    return CupyMachine(number)


@cache
def _function(number: int, source: str, kernel: str, macros: tuple[str, ...], shared: int) -> Any:
    function = _module(number, source, macros).get_function(kernel)
    if shared > 48 << 10:  # a block gets no more by default
        function.max_dynamic_shared_size_bytes = shared
    return function


@cache
def _module(number: int, source: str, macros: tuple[str, ...]) -> Any:
    import cupy

    text = (files("autovoice_cuda") / "kernels" / source).read_text(encoding="utf-8")
    options = (*COMPILER_OPTIONS, *(f"-D{macro}" for macro in macros))
    with cupy.cuda.Device(number):
        return cupy.RawModule(code=text, options=options)


def check_device_and_dtype(backend: str, device: str, dtype: str) -> None:
    """Refuse all but the GPU, in float32.

    Raises
    ------
    InputError
        Another device or dtype is requested.
    """
    if (device, dtype) != ("cuda", "float32"):
        raise InputError(
            f"device, dtype: cuda/{backend} runs on cuda in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )


def check_device() -> None:
    """Refuse a machine on which nothing can run, with the reason.

    Raises
    ------
    RuntimeError
        There is no driver, it is too old, it finds no device, or the device is too old.
    """
    import cupy

    runtime = cupy.cuda.runtime
    driver, needed = int(runtime.driverGetVersion()), int(runtime.runtimeGetVersion())
    if not driver:
        raise RuntimeError("there is no NVIDIA driver on this machine; install one")
    if driver // 1000 < needed // 1000:
        raise RuntimeError(
            f"the driver is for CUDA {_version(driver)} and CuPy for CUDA {_version(needed)}; "
            f"update the driver or install cupy-cuda{driver // 1000}x in place of this CuPy"
        )
    try:
        count = int(runtime.getDeviceCount())
    except runtime.CUDARuntimeError as error:
        raise RuntimeError(f"the driver does not start ({error}); see nvidia-smi") from error
    if not count:
        raise RuntimeError("the driver shows no device; see nvidia-smi and CUDA_VISIBLE_DEVICES")
    facts = cupy.cuda.Device().attributes
    major, minor = facts["ComputeCapabilityMajor"], facts["ComputeCapabilityMinor"]
    if (major, minor) < MIN_COMPUTE_CAPABILITY:
        needed_capability = "{}.{}".format(*MIN_COMPUTE_CAPABILITY)
        raise RuntimeError(
            f"the device has compute capability {major}.{minor} and the kernels need "
            f"{needed_capability} (Ampere); use a newer GPU or the cpu backend"
        )


@contextmanager
def explained_device_errors() -> Iterator[None]:
    """Translate the errors of CuPy into one sentence that says what to do.

    Raises
    ------
    RuntimeError
        There is no memory left, a library of CUDA is missing, or the compiler does not know the
        device.
    """
    import cupy

    try:
        yield
    except (cupy.cuda.memory.OutOfMemoryError, cupy.cuda.runtime.CUDARuntimeError) as error:
        if "memory" not in str(error).lower():
            raise
        raise RuntimeError(
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi"
        ) from error
    except (cupy.cuda.compiler.CompileException, cupy.cuda.nvrtc.NVRTCError) as error:
        major, minor = cupy.cuda.nvrtc.getVersion()
        raise RuntimeError(
            f"NVRTC {major}.{minor} does not compile for this device ({error}); install the "
            f"toolkit that belongs to CuPy, `pip install 'cupy-cuda{major}x[ctk]'`"
        ) from error
    except ImportError as error:  # cuBLAS, cuFFT and cuSOLVER are loaded when they are used
        major = int(cupy.cuda.runtime.runtimeGetVersion()) // 1000
        raise RuntimeError(
            f"CuPy can't find a CUDA library ({error}); install the toolkit that belongs to it, "
            f"`pip install 'cupy-cuda{major}x[ctk]'`"
        ) from error


def _version(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"

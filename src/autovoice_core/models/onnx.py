"""ONNX networks, run on the processor by ONNX Runtime with its telemetry switched off."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakSet

from numpy.typing import NDArray

from autovoice_core._threads import thread_count


class OnnxNetwork:
    """A network in the ONNX format on the processor.

    It can be pickled and copied, and works in a process that was forked after it was opened: there
    it is opened again on its first use.

    Parameters
    ----------
    model
        The content of an ONNX file.
    threads
        Threads that one call of :meth:`run` may take; by default as many as the environment
        variable ``AUTOVOICE_THREADS`` says, or as there are cores.

    Raises
    ------
    ModuleNotFoundError
        ONNX Runtime is not installed.
    Exception
        Of ONNX Runtime's own: ``model`` is damaged, or needs a newer version.
    """

    def __init__(self, model: bytes, *, threads: int = 0) -> None:
        self._model, self._threads = model, threads
        self._session = _open_session(model, threads)
        _networks.add(self)

    def run(
        self, outputs: Sequence[str] | None, inputs: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Return the arrays called ``outputs``, or all outputs of the network, for ``inputs``.

        Any number of threads may call it at once.
        """
        if self._session is None:
            self._session = _open_session(self._model, self._threads)
        arrays: list[NDArray[Any]] = self._session.run(outputs, dict(inputs))
        return arrays

    def __reduce__(self) -> tuple[Any, ...]:
        return _open, (self._model, self._threads)

    def _leave_to_parent(self) -> None:
        """Forget the session of the process that this one was forked from.

        Its threads are not in this process. Nobody may delete it, which would wait for them.
        """
        if self._session is not None:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(self._session))
            self._session = None


def _open(model: bytes, threads: int) -> OnnxNetwork:
    return OnnxNetwork(model, threads=threads)


def _open_session(model: bytes, threads: int) -> Any:
    import onnxruntime

    # Where this process imported ONNX Runtime before AutoVoice, telemetry has begun: this ends it.
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or thread_count(None)
    # Waiting threads must not take the processor from those that work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


_networks: WeakSet[OnnxNetwork] = WeakSet()


def _after_fork() -> None:
    for network in _networks:
        network._leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

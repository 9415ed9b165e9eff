"""``RayRun``: the jobs of one batch on a Ray cluster, whose machines may be lost."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from autovoice_core._errors import AutoVoiceWarning, BackendError
from autovoice_core._worker_process import thread_limits
from autovoice_core.batch.engines.local import ATTEMPTS
from autovoice_core.batch.work import Event, Job, Outcome, Setup
from autovoice_core.batch.worker import BatchWorker

CHECK_SECONDS = 10.0
"""Time without an end of a job after which it is checked that there are machines."""


@frozen(eq=False)
class _Slot:
    """A worker and its place."""

    actor: Any
    options: dict[str, Any] = field(repr=False)


class RayRun:
    """One run of jobs on a cluster that is connected."""

    def __init__(
        self,
        ray: Any,
        setup: Setup,
        jobs: Sequence[Job],
        workers: int | None,
        tell: Callable[[Event], None],
        *,
        ship: bool,
    ) -> None:
        self._ray, self._tell, self._ship = ray, tell, ship
        self._waiting = list(reversed(jobs))
        self._lost: dict[int, int] = {}
        self._failed_starts = 0
        self._idle: list[_Slot] = []
        self._proven: set[_Slot] = set()
        self._are_alike = len({job.settings.digest for job in jobs}) == 1
        self._plain_setup, self._setup = setup, ray.put(setup)
        self._pending: dict[Any, tuple[_Slot, Job | None]] = {}
        places = self._places(setup)[:workers][: len(jobs)]
        if not places:
            raise BackendError(
                f"cluster: no machine has {setup.threads} cores for a worker; give fewer threads"
            )
        self._max_failed_starts = ATTEMPTS * len(places)
        for options in places:
            self._start(options)

    def outcomes(self) -> Generator[Outcome, None, None]:
        """Yield the outcome of each job."""
        left = len(self._waiting)
        while left:
            ended, _ = self._ray.wait(list(self._pending), num_returns=1, timeout=CHECK_SECONDS)
            if not ended:
                self._check_machines()
                continue
            slot, job = self._pending.pop(ended[0])
            try:
                result = self._ray.get(ended[0])
            except self._ray.exceptions.RayError as error:
                outcome = self._without(job, error)
                self._start(slot.options)  # where there is room, on another machine
            else:
                outcome = None if job is None else self._accepted(slot, job, result)
                if job is None or outcome is not None:
                    self._give(slot)
            if outcome is not None:
                left -= 1
                yield outcome

    def _check_machines(self) -> None:
        """Refuse to wait for ever where all machines that have room for a worker are lost.

        Raises
        ------
        BackendError
            They are.
        """
        waits = all(job is None for _, job in self._pending.values())
        if waits and not self._places(self._plain_setup):
            raise BackendError(
                "cluster: all its machines were lost; the same command goes on once they are back"
            )

    def _start(self, options: dict[str, Any]) -> None:
        """Start a worker; it is given a job once it runs."""
        actor = self._ray.remote(BatchWorker).options(**options).remote(self._setup)
        self._pending[actor.ready.remote()] = _Slot(actor, options), None

    def _give(self, slot: _Slot) -> None:
        """Give a worker its next job, if there is one."""
        if not self._waiting:
            self._idle.append(slot)
            return
        job = self._waiting.pop()
        self._tell(Event(job.number, "at work", 0.0))
        sent = job
        if self._ship:
            with suppress(OSError):  # the worker says so of the path
                sent = evolve(job, content=Path(job.path).read_bytes())
        self._pending[slot.actor.do.remote(sent)] = slot, job

    def _accepted(self, slot: _Slot, job: Job, outcome: Outcome) -> Outcome | None:
        """Return an outcome; None, and the job is done by another, if the machine is at fault.

        One that lacks what others have would take song after song, and fail at once. If it is the
        shared disk that is full, the last worker says so.
        """
        lacks = outcome.refusal and self._are_alike and slot not in self._proven
        others = self._idle or self._pending
        if (lacks or outcome.is_full) and others:
            machine = outcome.worker.rpartition(":")[0]
            text = f"cluster: a worker on {machine} is left out: {outcome.error}"
            warnings.warn(text, AutoVoiceWarning, stacklevel=2)
            self._again(job)
            return None
        if outcome.error is None:
            self._proven.add(slot)
        return outcome

    def _again(self, job: Job) -> None:
        self._waiting.append(job)
        if self._idle:
            self._give(self._idle.pop())

    def _without(self, job: Job | None, error: Exception) -> Outcome | None:
        """Have a job done again whose worker was lost; return its outcome at the last loss.

        Raises
        ------
        BackendError
            Workers can't be started.
        """
        if job is None:
            self._failed_starts += 1
            if self._failed_starts > self._max_failed_starts:
                reason = str(error).strip().splitlines()[-1]
                raise BackendError(
                    f"cluster: its workers can't be started ({reason}); install the same "
                    "autovoice-core on each machine"
                ) from error
            return None
        self._lost[job.number] = self._lost.get(job.number, 0) + 1
        if self._lost[job.number] < ATTEMPTS:
            self._again(job)
            return None
        reason = type(error).__name__
        return Outcome(
            job.number,
            error=f"its worker was lost {ATTEMPTS} times ({reason}); see Ray's logs, and try again",
        )

    def _places(self, setup: Setup) -> list[dict[str, Any]]:
        """Return options of actors, the GPUs first, that fill the machines of the cluster."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        devices = setup.need["devices"]
        variables = {"env_vars": thread_limits(setup.threads)}
        on_gpus, on_cores = [], []
        for node in self._ray.nodes():
            if not node["Alive"]:
                continue
            place = NodeAffinitySchedulingStrategy(node["NodeID"], soft=True)
            options = {
                "num_cpus": setup.threads,
                "scheduling_strategy": place,
                "runtime_env": variables,
            }
            gpus = 0 if tuple(devices) == ("cpu",) else int(node["Resources"].get("GPU", 0))
            cores = int(node["Resources"].get("CPU", 0)) // setup.threads
            on_gpus += [{**options, "num_gpus": 1} for _ in range(min(gpus, cores))]
            on_cores += [options for _ in range(max(0, cores - gpus))]
        return on_gpus + on_cores

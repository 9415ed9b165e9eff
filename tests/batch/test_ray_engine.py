"""The engine on a Ray cluster of a head and two machines, all of them processes of this one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from batch_runs import InProcess, contents, hum, hums, toys
from batch_toys import KILLS, WAITS, LacksBackends, LacksSpace, Unstartable
from waiting import wait_until

from autovoice_core import (
    AutoVoiceError,
    AutoVoiceWarning,
    InputError,
    Need,
    SelectionError,
    track_songs,
)
from autovoice_core.batch.engines.ray import RayEngine
from autovoice_core.batch.manifest import Record
from autovoice_core.batch.progress import BatchProgress

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
pytest.importorskip("ray", reason="ray is not installed")
STORE_BYTES = 100_000_000
AUTO = Need(devices=("auto",))


def made_on(device: str) -> str:
    return f"pitch: toy/steady (toynet 1.0) on {device}, float32, hz=200.0"


class Machines:
    """The cluster, and what the toy tracker leaves on all of its machines."""

    def __init__(self, cluster: Any, traces: Path) -> None:
        self.cluster, self.traces = cluster, traces
        self.address: str = cluster.address
        self.add(num_cpus=1, num_gpus=1)

    def add(self, **resources: Any) -> Any:
        return self.cluster.add_node(object_store_memory=STORE_BYTES, **resources)

    def remove(self, machine: Any) -> None:
        self.cluster.remove_node(machine, allow_graceful=False)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A head without cores and a machine with one, and a GPU."""
    from ray.cluster_utils import Cluster

    folder = tmp_path_factory.mktemp("toy")
    with pytest.MonkeyPatch.context() as patch, toys(folder, patch) as traces:
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "object_store_memory": STORE_BYTES},
        )
        try:
            yield Machines(cluster, traces)
        finally:
            cluster.shutdown()


def test_songs_and_results_may_be_sent_and_a_song_that_fails_costs_itself_alone(
    machines: Machines, songs: Path, out: Path, tmp_path: Path
) -> None:
    (songs / "b.wav").write_text("no sound")
    hum(songs / "c.wav", rate=KILLS)
    told: list[BatchProgress] = []
    engine = RayEngine(machines.address, ship=True)
    result = track_songs(songs, out, engine=engine, need=AUTO, progress=told.append)
    assert set(result.failed) == {"b.wav", "c.wav"}
    assert result.failed["b.wav"].startswith(f"{songs / 'b.wav'}: ")
    assert result.failed["c.wav"] == (
        "its worker was lost 2 times (ActorDiedError); see Ray's logs, and try again"
    )
    assert told[-1].fraction == 1.0
    made_by = {record.made_by for record in result.records if record.error is None}
    assert made_by == {(made_on("pretended"),)}
    for name in ("b.wav", "c.wav"):
        (songs / name).unlink()
    track_songs(songs, tmp_path / "alone", engine=InProcess())
    assert contents(out) == contents(tmp_path / "alone")


def test_a_machine_that_is_lost_costs_no_song_and_each_chooses_its_own_device(
    machines: Machines, tmp_path: Path, out: Path
) -> None:
    songs = hums(tmp_path / "songs", "c.wav", "d.wav", "e.wav", "f.wav")
    hum(songs / "a.wav", rate=WAITS)
    hum(songs / "b.wav", hz=300.0, rate=WAITS)
    second = machines.add(num_cpus=1)
    machines.cluster.wait_for_nodes()
    ended: list[Record] = []

    def release() -> None:
        wait_until(lambda: len(list(machines.traces.glob(f"{WAITS}.*"))) == 2)
        (machines.traces / "go").touch()

    def lose(record: Record) -> None:
        ended.append(record)
        if len(ended) == 2:
            machines.remove(second)

    thread = Thread(target=release)
    thread.start()
    engine = RayEngine(machines.address)
    result = track_songs(songs, out, engine=engine, need=AUTO, ended=lose)
    thread.join()
    assert result.failed == {}
    assert len(result.records) == 6
    assert {record.made_by for record in ended[:2]} == {
        (made_on("cpu"),),
        (made_on("pretended"),),
    }
    track_songs(songs, tmp_path / "alone", engine=InProcess())
    assert contents(out) == contents(tmp_path / "alone")


@pytest.mark.parametrize(
    ("worker", "told", "advice"),
    [
        (LacksBackends, "no backend serves pitch", ""),
        (
            LacksSpace,
            "/tmp: No space left on device",
            "; once there is space, the same command does the rest",
        ),
    ],
)
def test_a_machine_that_lacks_what_others_have_is_left_out(
    worker: type[LacksBackends],
    told: str,
    advice: str,
    machines: Machines,
    songs: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    recwarn: pytest.WarningsRecorder,
) -> None:
    monkeypatch.setattr("autovoice_core.batch.engines.ray_run.BatchWorker", worker)
    engine = RayEngine(machines.address)
    with pytest.raises((SelectionError, InputError)) as caught:
        track_songs(songs, out, engine=engine, need=AUTO, workers=1)
    assert str(caught.value) == f"{told}{advice}"
    other = machines.add(num_cpus=1)
    machines.cluster.wait_for_nodes()
    # The other machine must not do all songs before this one is given one.
    go = machines.traces / "go"
    go.unlink(missing_ok=True)
    hum(songs / "a.wav", rate=WAITS)
    recwarn.clear()
    thread = Thread(target=lambda: (wait_until(lambda: len(recwarn) > 0), go.touch()))
    thread.start()
    result = track_songs(songs, out, engine=engine, need=AUTO)
    thread.join()
    machines.remove(other)
    warned = [(each.category, str(each.message)) for each in recwarn]
    assert warned == [(AutoVoiceWarning, f"cluster: a worker on gpu-1 is left out: {told}")]
    assert result.failed == {}
    assert {record.made_by for record in result.records} == {(made_on("cpu"),)}


def test_workers_for_which_no_machine_has_cores_are_refused(
    machines: Machines, songs: Path, out: Path
) -> None:
    with pytest.raises(AutoVoiceError) as caught:
        track_songs(songs, out, engine=RayEngine(machines.address), threads=3)
    assert str(caught.value) == ("cluster: no machine has 3 cores for a worker; give fewer threads")


def test_a_cluster_that_is_not_there_is_refused(songs: Path, out: Path) -> None:
    with pytest.raises(AutoVoiceError) as caught:
        track_songs(songs, out, engine=RayEngine("nowhere"))
    message = str(caught.value)
    assert message.startswith("cluster: nowhere: Ray can't be reached (")
    assert message.endswith("); start it with `ray start --head`, or check the address")


def test_workers_that_can_not_be_started_are_told(
    machines: Machines, songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autovoice_core.batch.engines.ray_run.BatchWorker", Unstartable)
    with pytest.raises(AutoVoiceError) as caught:
        track_songs(songs, out, engine=RayEngine(machines.address), workers=1)
    assert str(caught.value) == (
        "cluster: its workers can't be started (RuntimeError: it is too old); install the same "
        "autovoice-core on each machine"
    )

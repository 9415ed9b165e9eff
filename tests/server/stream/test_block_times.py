from __future__ import annotations

from autovoice_core.server.stream.block_times import BlockTimes, NewBlocks


def test_times_are_those_of_conversion_and_a_block_is_late_by_its_arrival() -> None:
    times = BlockTimes(1_000)
    times.add(10, arrived=0.0, began=0.015, ended=0.019)
    times.add(10, arrived=1.0, began=1.018, ended=1.022)  # it waited
    times.add(25, arrived=2.0, began=2.018, ended=2.022)  # but lasts longer
    assert times.milliseconds() == {"p50": 4.0, "p95": 4.0, "p99": 4.0}
    assert times.late_blocks == 1
    new = times.take_new()
    assert (new.samples, len(new.seconds), new.late) == (45, 3, 1)
    assert times.take_new() == NewBlocks()
    assert times.late_blocks == 1


def test_before_the_first_block_there_is_nothing_to_tell() -> None:
    assert BlockTimes(8_000).milliseconds() == {"p50": 0.0, "p95": 0.0, "p99": 0.0}


def test_memory_is_bounded() -> None:
    times = BlockTimes(1_000)
    for i in range(2_000):
        times.add(10, float(i), float(i), i + (0.5 if i < 1_000 else 0.001))
    assert times.milliseconds()["p99"] == 1.0
